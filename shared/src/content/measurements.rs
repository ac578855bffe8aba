//! The catalog of what a van measures: codes, units, plausible limits and the words for a result.
//! Never a measured value, and never whether a value is normal for one person's history.

mod file;
mod meter;
mod taken;

use serde::Deserialize;

use super::language::Words;
use super::quantity::Quantity;
use super::sex::Sex;

pub use meter::{Beyond, Meter};
pub use taken::{DECIMALS_MAX, TOGETHER, is_loinc, untakable};

/// One thing that can be measured. Numbers are in `unit_ucum`; a measurement without a unit is a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measurement {
    /// The stable key by which forms and records name it, such as `bp_systolic`.
    pub key: String,
    pub name: Words,
    /// What stands on a tile, where the name is too long for one.
    pub short_name: Words,
    /// The LOINC code sent with every value.
    pub loinc: String,
    /// LOINC's own name of that code.
    pub loinc_display: String,
    /// Further LOINC codes that a profile requires beside the first.
    pub loinc_extra: Vec<String>,
    /// The LOINC code of the panel or observation that this value is a part of.
    pub panel_loinc: Option<String>,
    /// The UCUM code of the unit in which the value is stored (`mm[Hg]`, `Cel`), if it is a number.
    pub unit_ucum: Option<String>,
    /// UCUM codes in which people may read or type the value.
    pub unit_ucum_alternatives: Vec<String>,
    /// UCUM codes of the units that the keypad offers, the usual one first; the unit itself where nothing else is said.
    pub typed_in: Vec<String>,
    /// How many decimals are typed, in any of these units.
    pub decimals: u8,
    /// What the measuring device shows instead of a number that it cannot measure.
    pub meter: Option<Meter>,
    pub category: Category,
    /// The canonical address of the FHIR profile that a value conforms to.
    pub profile: Option<String>,
    /// Outside these, ends included, no living person's value lies: it is refused.
    pub hard_limits: Option<Limits>,
    /// Outside these, ends included, a value is asked for once more.
    pub soft_limits: Option<Limits>,
    /// Who vouches for the limits; to be shown wherever they are edited.
    pub limit_basis: String,
    /// Where the code was read.
    pub code_source: String,
    /// How the value is worked out, for values that nobody types.
    pub calculated: Option<String>,
    /// The spacing of possible values, such as 5 dB.
    pub step: Option<Quantity>,
    /// For values that are not numbers: what may be chosen, from best to worst.
    pub choices: Vec<String>,
    /// Named ranges that together cover every value; empty where none are published.
    pub bands: Vec<Band>,
    /// Where the bands come from.
    pub bands_source: Option<String>,
    /// Values that staff must be told about.
    pub flags: Vec<Flag>,
    /// Where the flags come from.
    pub flags_source: Option<String>,
    /// When one reading is not enough.
    pub repeat: Option<Repeat>,
}

/// A first reading from here on is measured once more, and then the last readings count by their mean.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    /// The first reading from which another is asked for, in the measurement's unit.
    pub at_least: i32,
    /// How many readings there are to be then.
    pub readings: u8,
    pub minutes_apart: u8,
    /// How many of the newest readings the mean is of.
    pub mean_of_last: u8,
    /// The guideline, with its year.
    pub source: String,
}

/// The FHIR observation category of a measurement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Category {
    VitalSigns,
    Laboratory,
    Exam,
}

/// A closed range: both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub low: Quantity,
    pub high: Quantity,
}

/// A named range that begins at `from` and ends just before `below`; `None` is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Band {
    pub from: Option<Quantity>,
    pub below: Option<Quantity>,
    pub name: Words,
    /// Whether nobody has to do anything about it.
    pub is_normal: bool,
}

/// Whom a value was measured of, as far as it changes what the value means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whom {
    pub sex: Sex,
    pub age_years: Option<i32>,
}

/// A result that staff must be told about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flag {
    pub when: FlagTest,
    /// The only sex to which the test applies, if it is not for everybody.
    pub sex: Option<Sex>,
    /// The first age in whole years to which it applies; a child's pulse is another than an adult's.
    pub from_age: Option<u8>,
    pub name: Words,
}

/// When a flag is raised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FlagTest {
    AtLeast(Quantity),
    Above(Quantity),
    Below(Quantity),
    /// For choices: any that stands after this one in the list from best to worst.
    WorseThan(String),
}

/// Whether a value can be true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plausibility {
    /// Outside the hard limits, which are carried for the message: "Enter 20 to 300."
    Refused {
        low: Quantity,
        high: Quantity,
    },
    /// Outside the usual range, which is carried: ask once whether it was measured so, then accept.
    AskOnce {
        low: Quantity,
        high: Quantity,
    },
    Fine,
}

/// All measurements of one version of the catalog.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog {
    /// The date of the version, `YYYY-MM-DD`.
    pub version: String,
    pub measurements: Vec<Measurement>,
    /// What the file says and nothing reads.
    pub unread: Vec<UnreadField>,
}

/// A field of a catalog file that nothing reads. Nearly always it is misspelt, and what it was to say is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadField {
    /// The measurement that it stands in; none where it stands beside them.
    pub key: Option<String>,
    pub field: String,
}

/// Why a catalog file was refused; it arises only when a changed file is loaded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CatalogError {
    /// The file is not the JSON of a catalog; the reason names line and field.
    #[error("the catalog cannot be read: {reason}")]
    Unreadable { reason: String },
    /// A measurement contradicts itself or another one.
    #[error("measurement {key:?}: {reason}")]
    Wrong { key: String, reason: String },
}

impl Catalog {
    /// Reads a catalog from JSON in the shape of `measurements.json` and checks that it holds together.
    pub fn parse(json: &str) -> Result<Catalog, CatalogError> {
        file::parse(json)
    }

    /// The measurement of a key.
    pub fn find(&self, key: &str) -> Option<&Measurement> {
        self.measurements.iter().find(|measurement| measurement.key == key)
    }

    /// The measurement of a LOINC code.
    pub fn find_loinc(&self, loinc: &str) -> Option<&Measurement> {
        self.measurements.iter().find(|measurement| measurement.loinc == loinc)
    }
}

/// The catalog embedded in this program.
pub fn catalog() -> &'static Catalog {
    &super::pack::embedded().catalog
}

/// The embedded measurement of a key.
pub fn find(key: &str) -> Option<&'static Measurement> {
    catalog().find(key)
}

/// Whether a value in the measurement's own unit can be true. A value on a limit is within it.
pub fn check(measurement: &Measurement, value: &Quantity) -> Plausibility {
    match (measurement.hard_limits, measurement.soft_limits) {
        (Some(hard), _) if !hard.holds(*value) => Plausibility::Refused { low: hard.low, high: hard.high },
        (_, Some(soft)) if !soft.holds(*value) => Plausibility::AskOnce { low: soft.low, high: soft.high },
        _ => Plausibility::Fine,
    }
}

/// The named range that a value falls in; `None` where the catalog names none.
pub fn band_of(measurement: &Measurement, value: Quantity) -> Option<&Band> {
    measurement.bands.iter().find(|band| {
        band.from.is_none_or(|from| value >= from) && band.below.is_none_or(|below| value < below)
    })
}

/// The flags that a number raises, in the order of the catalog. A flag for one sex is not raised for another
/// or for an unknown one; one from an age on is raised for an unknown age, because nothing is left out by a guess.
pub fn flags_of(measurement: &Measurement, value: Quantity, whom: Whom) -> Vec<&Flag> {
    let raised = |flag: &&Flag| match &flag.when {
        FlagTest::AtLeast(limit) => value >= *limit,
        FlagTest::Above(limit) => value > *limit,
        FlagTest::Below(limit) => value < *limit,
        FlagTest::WorseThan(_) => false,
    };
    let is_for = |flag: &&Flag| {
        flag.sex.is_none_or(|only| only == whom.sex)
            && flag.from_age.zip(whom.age_years).is_none_or(|(from, age)| age >= i32::from(from))
    };
    measurement.flags.iter().filter(is_for).filter(raised).collect()
}

/// Of the flags that a number raises the one that the fewest numbers raise: below 54 and not below 70.
pub fn gravest_flag(measurement: &Measurement, value: Quantity, whom: Whom) -> Option<&Flag> {
    let is_graver = |flag: &Flag, than: &Flag| match (&flag.when, &than.when) {
        (FlagTest::Below(limit), FlagTest::Below(other)) => limit < other,
        (
            FlagTest::AtLeast(limit) | FlagTest::Above(limit),
            FlagTest::AtLeast(other) | FlagTest::Above(other),
        ) => limit > other,
        _ => false,
    };
    let raised = flags_of(measurement, value, whom).into_iter();
    raised.reduce(|gravest, flag| if is_graver(flag, gravest) { flag } else { gravest })
}

/// What a catalog calls a number, and how far that is from normal.
#[derive(Clone, Copy, Debug)]
pub struct Named<'m> {
    pub name: &'m Words,
    /// Bands away from the nearest normal one, and one more for a flag: 0 for a normal value.
    pub steps: usize,
}

/// The gravest word for a number: a flag that only a part of its band raises, else its band, else a flag.
pub fn gravest_name(measurement: &Measurement, value: Quantity, whom: Whom) -> Option<Named<'_>> {
    let band = band_of(measurement, value);
    let bands = &measurement.bands;
    let steps = band.map_or(0, |band| {
        let at = bands.iter().position(|known| std::ptr::eq(known, band)).unwrap_or_default();
        let normal = bands.iter().enumerate().filter(|(_, band)| band.is_normal);
        normal.map(|(place, _)| place.abs_diff(at)).min().unwrap_or(1)
    });
    let is_within = |flag: &&Flag| match (&flag.when, band) {
        (_, None) => true,
        (_, Some(band)) if band.is_normal => true,
        (FlagTest::AtLeast(limit) | FlagTest::Above(limit), Some(band)) => {
            band.from.is_none_or(|from| *limit > from)
        }
        (FlagTest::Below(limit), Some(band)) => band.below.is_none_or(|below| *limit < below),
        _ => false,
    };
    let flag = gravest_flag(measurement, value, whom).filter(is_within);
    let flagged = flag.map(|flag| Named { name: &flag.name, steps: steps + 1 });
    flagged.or(band.map(|band| Named { name: &band.name, steps }))
}

/// The flags that a chosen value raises (`20/50` is worse than `20/40`); none for what is not a choice.
pub fn flags_of_choice<'a>(measurement: &'a Measurement, choice: &str) -> Vec<&'a Flag> {
    let rank = |wanted: &str| measurement.choices.iter().position(|choice| choice == wanted);
    let raised = |flag: &&Flag| match &flag.when {
        FlagTest::WorseThan(limit) => rank(choice) > rank(limit),
        _ => false,
    };
    measurement.flags.iter().filter(raised).collect()
}

impl Repeat {
    /// Whether the readings so far, of one visit, leave another one to be taken.
    pub fn wants_another(&self, readings: &[Quantity]) -> bool {
        let first_is_raised = readings.first().is_some_and(|first| *first >= Quantity::whole(self.at_least));
        first_is_raised && readings.len() < usize::from(self.readings)
    }

    /// The mean of the last readings, the newest last, to a whole number with halves up; with fewer readings than
    /// the rule asks for, of those that there are. `None` without any.
    pub fn mean(&self, readings: &[Quantity]) -> Option<Quantity> {
        let last = &readings[readings.len().saturating_sub(usize::from(self.mean_of_last.max(1)))..];
        Quantity::mean(last, 0)
    }
}

impl Limits {
    /// Whether a value lies within, ends included.
    pub fn holds(self, value: Quantity) -> bool {
        self.low <= value && value <= self.high
    }
}

#[cfg(test)]
mod tests;
