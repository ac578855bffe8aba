//! The shape of `measurements.json` and its conversion to the catalog, where everything is checked once.
//! Never used after loading.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Number;

use super::{
    Band, Catalog, CatalogError, Category, DECIMALS_MAX, Flag, FlagTest, Limits, Measurement, Meter, Repeat,
    UnreadField,
};
use crate::content::language::Words;
use crate::content::quantity::Quantity;
use crate::content::sex::Sex;
use crate::content::units::convert;

/// Fields that nothing here reads, such as a misspelt one. A device passes over them, as it always did; publishing
/// refuses them.
type Unread = BTreeMap<String, IgnoredAny>;

#[derive(Deserialize)]
struct CatalogFile {
    version: String,
    measurements: Vec<Row>,
    #[serde(flatten)]
    unread: Unread,
}

#[derive(Deserialize)]
struct Row {
    key: String,
    name: String,
    name_es: String,
    short: Option<(String, String)>,
    code: Code,
    unit: Option<Unit>,
    category: Category,
    profile: Option<String>,
    hard_limits: Option<[Number; 2]>,
    soft_warn_outside: Option<[Number; 2]>,
    limit_basis: String,
    code_source: String,
    component_of: Option<String>,
    panel: Option<String>,
    calculated: Option<String>,
    step: Option<Number>,
    bands_source: Option<String>,
    flags_source: Option<String>,
    repeat: Option<Repeat>,
    #[serde(default)]
    extra_codings: Vec<String>,
    #[serde(default)]
    alt_units: Vec<String>,
    #[serde(default)]
    typed_in: Vec<String>,
    #[serde(default)]
    decimals: u8,
    meter: Option<MeterRow>,
    #[serde(default)]
    choices: Vec<String>,
    #[serde(default)]
    bands: Vec<(Option<Number>, Option<Number>, String, String)>,
    normal_bands: Option<Vec<String>>,
    #[serde(default)]
    flags: Vec<FlagRow>,
    #[serde(flatten)]
    unread: Unread,
}

#[derive(Deserialize)]
struct Code {
    #[serde(rename = "system")]
    _system: Option<String>,
    code: String,
    display: String,
    #[serde(flatten)]
    unread: Unread,
}

#[derive(Deserialize)]
struct Unit {
    #[serde(rename = "system")]
    _system: Option<String>,
    code: String,
    #[serde(flatten)]
    unread: Unread,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MeterRow {
    low: String,
    high: String,
    range: [Number; 2],
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FlagRow {
    gte: Option<Number>,
    gt: Option<Number>,
    lt: Option<Number>,
    worse_than: Option<String>,
    sex: Option<String>,
    from_age: Option<u8>,
    flag: String,
    flag_es: String,
}

/// Reads and checks a whole file.
pub(super) fn parse(json: &str) -> Result<Catalog, CatalogError> {
    let file: CatalogFile =
        serde_json::from_str(json).map_err(|error| CatalogError::Unreadable { reason: error.to_string() })?;
    let mut keys = BTreeSet::new();
    let mut measurements = Vec::with_capacity(file.measurements.len());
    let mut unread: Vec<UnreadField> =
        file.unread.into_keys().map(|field| UnreadField { key: None, field }).collect();
    for row in file.measurements {
        let key = row.key.clone();
        unread.extend(row.unread().map(|field| UnreadField { key: Some(key.clone()), field }));
        if !keys.insert(key.clone()) {
            return Err(CatalogError::Wrong { key, reason: "stands twice in the file".to_owned() });
        }
        measurements.push(row.check().map_err(|reason| CatalogError::Wrong { key, reason })?);
    }
    Ok(Catalog { version: file.version, measurements, unread })
}

impl Row {
    /// What it says that nothing reads, such as `hard_limts` or `code.dsplay`.
    fn unread(&self) -> impl Iterator<Item = String> {
        let within = |part: &str, unread: &Unread| {
            unread.keys().map(|field| format!("{part}{field}")).collect::<Vec<_>>()
        };
        let unit = self.unit.as_ref().map(|unit| within("unit.", &unit.unread)).unwrap_or_default();
        within("", &self.unread).into_iter().chain(within("code.", &self.code.unread)).chain(unit)
    }

    /// The measurement of a row, or the reason why it contradicts itself.
    fn check(self) -> Result<Measurement, String> {
        let hard_limits = self.hard_limits.as_ref().map(limits).transpose()?;
        let soft_limits = self.soft_warn_outside.as_ref().map(limits).transpose()?;
        if let (Some(hard), Some(soft)) = (hard_limits, soft_limits)
            && !(hard.holds(soft.low) && hard.holds(soft.high))
        {
            return Err("the soft limits are not within the hard ones".to_owned());
        }
        if self.unit.is_none() && self.choices.is_empty() {
            return Err("has neither a unit nor choices".to_owned());
        }
        let unit = self.unit.map(|unit| unit.code);
        let typed_in = typed_in(unit.as_deref(), &self.alt_units, self.typed_in)?;
        if self.decimals > DECIMALS_MAX {
            return Err(format!("more than {DECIMALS_MAX} decimals are typed nowhere"));
        }
        let meter = self.meter.map(|row| row.check(hard_limits)).transpose()?;
        sourced("bands", self.bands.is_empty(), self.bands_source.as_deref())?;
        sourced("flags", self.flags.is_empty(), self.flags_source.as_deref())?;
        if let Some(repeat) = &self.repeat {
            sourced("repeat", false, Some(&repeat.source))?;
            if repeat.readings < 2 || repeat.mean_of_last == 0 || repeat.mean_of_last > repeat.readings {
                return Err(
                    "the repeat rule asks for no second reading, or for a mean of too many".to_owned()
                );
            }
        }
        let name = Words::both(self.name, self.name_es);
        Ok(Measurement {
            short_name: self
                .short
                .map_or_else(|| name.clone(), |(english, spanish)| Words::both(english, spanish)),
            name,
            loinc: self.code.code,
            loinc_display: self.code.display,
            loinc_extra: self.extra_codings,
            panel_loinc: self.component_of.or(self.panel),
            unit_ucum: unit,
            unit_ucum_alternatives: self.alt_units,
            typed_in,
            decimals: self.decimals,
            meter,
            category: self.category,
            profile: self.profile,
            hard_limits,
            soft_limits,
            limit_basis: self.limit_basis,
            code_source: self.code_source,
            calculated: self.calculated,
            step: self.step.as_ref().map(exact).transpose()?,
            bands: bands(self.bands, self.normal_bands)?,
            bands_source: self.bands_source,
            flags_source: self.flags_source,
            repeat: self.repeat,
            flags: self.flags.into_iter().map(|flag| flag.check(&self.choices)).collect::<Result<_, _>>()?,
            choices: self.choices,
            key: self.key,
        })
    }
}

impl MeterRow {
    /// The meter's words and range, which lies within what can be true at all.
    fn check(self, hard: Option<Limits>) -> Result<Meter, String> {
        let range = limits(&self.range)?;
        if !hard.is_some_and(|hard| hard.holds(range.low) && hard.holds(range.high)) {
            return Err("the meter's range is not within the hard limits".to_owned());
        }
        let is_word = |word: &str| {
            (1..=4).contains(&word.len()) && word.bytes().all(|letter| letter.is_ascii_uppercase())
        };
        if !is_word(&self.low) || !is_word(&self.high) || self.low == self.high {
            return Err("the meter's words are two of one to four capital letters".to_owned());
        }
        sourced("meter", false, Some(&self.source))?;
        Ok(Meter { range, low_word: self.low, high_word: self.high, source: self.source })
    }
}

impl FlagRow {
    /// The flag of a row, which has exactly one test.
    fn check(self, choices: &[String]) -> Result<Flag, String> {
        let when = match (&self.gte, &self.gt, &self.lt, self.worse_than) {
            (Some(limit), None, None, None) => FlagTest::AtLeast(exact(limit)?),
            (None, Some(limit), None, None) => FlagTest::Above(exact(limit)?),
            (None, None, Some(limit), None) => FlagTest::Below(exact(limit)?),
            (None, None, None, Some(choice)) if choices.contains(&choice) => FlagTest::WorseThan(choice),
            _ => return Err(format!("flag {:?} needs exactly one test that it can pass", self.flag)),
        };
        let sex = match self.sex.as_deref() {
            None => None,
            Some("female") => Some(Sex::Female),
            Some("male") => Some(Sex::Male),
            Some(other) => return Err(format!("flag {:?} is for an unknown sex {other:?}", self.flag)),
        };
        Ok(Flag { when, sex, from_age: self.from_age, name: Words::both(self.flag, self.flag_es) })
    }
}

/// What is named to a person says where from and of which year.
fn sourced(what: &str, is_empty: bool, source: Option<&str>) -> Result<(), String> {
    let year = |text: &str| {
        let digits = text.split(|character: char| !character.is_ascii_digit());
        digits.into_iter().any(|word| word.len() == 4 && (word.starts_with("19") || word.starts_with("20")))
    };
    match source {
        _ if is_empty => Ok(()),
        Some(source) if year(source) => Ok(()),
        Some(_) => Err(format!("the source of its {what} names no year")),
        None => Err(format!("its {what} have no source")),
    }
}

/// The exact number that the file's text stands for. Up to fifteen digits, which no limit needs, the shortest
/// decimal of what was read is what was written.
fn exact(number: &Number) -> Result<Quantity, String> {
    Quantity::parse(&number.to_string()).map_err(|error| format!("{number}: {error}"))
}

fn limits([low, high]: &[Number; 2]) -> Result<Limits, String> {
    let limits = Limits { low: exact(low)?, high: exact(high)? };
    if limits.low > limits.high {
        return Err(format!("the lower limit {low} is above the upper limit {high}"));
    }
    Ok(limits)
}

/// The units that the keypad offers: the measurement's own, and alternatives that convert both ways.
fn typed_in(unit: Option<&str>, others: &[String], typed_in: Vec<String>) -> Result<Vec<String>, String> {
    let converts = |other: &str| {
        let (there, back) =
            unit.map(|unit| (conversion(unit, other), conversion(other, unit))).unwrap_or_default();
        others.iter().any(|known| known == other) && there && back
    };
    if let Some(wrong) = typed_in.iter().find(|given| Some(given.as_str()) != unit && !converts(given)) {
        return Err(format!("is typed in {wrong:?}, which is none of its units or has no conversion"));
    }
    match typed_in.is_empty() {
        true => Ok(unit.into_iter().map(str::to_owned).collect()),
        false => Ok(typed_in),
    }
}

fn conversion(from: &str, to: &str) -> bool {
    convert(Quantity::whole(1), from, to, 1).is_some()
}

/// Bands at which nobody has to do anything, where a file from before December 2026 does not say it.
const NORMAL_UNSAID: [&str; 6] =
    ["normal", "desirable", "acceptable", "high, protective", "optimal", "near optimal"];

/// Bands must follow one another without a gap, so that every value has exactly one name.
fn bands(
    rows: Vec<(Option<Number>, Option<Number>, String, String)>,
    normal: Option<Vec<String>>,
) -> Result<Vec<Band>, String> {
    if let Some(wrong) = normal.iter().flatten().find(|name| !rows.iter().any(|row| row.2 == **name)) {
        return Err(format!("{wrong:?} is called normal and is none of its bands"));
    }
    let is_normal = |name: &str| match &normal {
        Some(names) => names.iter().any(|normal| normal == name),
        None => NORMAL_UNSAID.contains(&name),
    };
    let mut bands: Vec<Band> = Vec::with_capacity(rows.len());
    for (from, below, name, name_es) in rows {
        let from = from.as_ref().map(exact).transpose()?;
        let below = below.as_ref().map(exact).transpose()?;
        let previous = bands.last().and_then(|band| band.below);
        let is_ordered = !matches!((from, below), (Some(from), Some(below)) if from >= below);
        if from != previous || !is_ordered || (!bands.is_empty() && from.is_none()) {
            return Err(format!("band {name:?} does not begin where the one before it ends"));
        }
        let is_normal = is_normal(&name);
        bands.push(Band { from, below, is_normal, name: Words::both(name, name_es) });
    }
    if bands.last().is_some_and(|band| band.below.is_some()) {
        return Err("the last band is not open".to_owned());
    }
    Ok(bands)
}
