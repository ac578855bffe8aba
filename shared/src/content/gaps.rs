//! The catalog of preventive care that can be missing: who it is for, what closes it and who says so.
//! Never whether one person's gap is open, which is a record.

pub mod known;
pub mod rule;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::language::{Language, Words};
use rule::Rule;

/// One kind of care that a person may lack. On which day its ages count is in its rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CareGap {
    /// The stable id by which files and records name it, such as `COL`.
    pub id: String,
    pub name: Words,
    /// Whom it is for, in English and as the source says it.
    pub who: String,
    /// What closes it.
    pub met_by: String,
    /// How often it is due, where the source says so apart from `met_by`.
    pub interval: Option<String>,
    /// Whom the source leaves out.
    pub exclude: Option<String>,
    /// What a van can do about it: measure, give, hand out, ask, schedule or pass on.
    pub van: String,
    /// LOINC codes of the values that close it, where there are such.
    pub loinc: Vec<String>,
    /// The measure or guideline, with its version or year.
    pub source: String,
    pub basis: Basis,
    /// The guideline's grade, where it grades.
    pub grade: Option<String>,
    /// The year of the guideline or the measure.
    pub year: u16,
    /// Whether a region may switch it off.
    pub local: bool,
    /// How the van computes it.
    pub rule: Rule,
}

/// The gaps of a pack with the conditions that their rules name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GapCatalog {
    pub gaps: Vec<CareGap>,
    /// SNOMED CT codes by the name of a condition.
    pub conditions: BTreeMap<String, Vec<String>>,
    /// What a condition is called, by its name in the rules.
    pub condition_names: BTreeMap<String, Words>,
    /// What care that is given anywhere is called, by its name in the rules.
    pub services: BTreeMap<String, Words>,
}

/// How far the row was checked against its source; shown on screens and in packs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Read from the text of the electronic clinical quality measure.
    Ecqm,
    /// Read from the page that published it.
    Published,
    /// Stated without the text at hand: a clinical lead must confirm it before it is used.
    #[serde(alias = "memory")]
    Unconfirmed,
}

/// Why a file of gaps was refused; it arises only when a changed file is loaded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GapError {
    /// The file is not JSON of gaps; the reason names line and field.
    #[error("the care gaps cannot be read: {reason}")]
    Unreadable { reason: String },
    /// Two gaps have one id.
    #[error("care gap {id:?} stands twice in the file")]
    Twice { id: String },
}

#[derive(Deserialize)]
struct GapFile {
    #[serde(default)]
    conditions: BTreeMap<String, Vec<String>>,
    /// English and Spanish.
    #[serde(default)]
    condition_names: BTreeMap<String, (String, String)>,
    /// English and Spanish.
    #[serde(default)]
    services: BTreeMap<String, (String, String)>,
    gaps: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    name: String,
    name_es: String,
    who: String,
    met_by: String,
    interval: Option<String>,
    exclude: Option<String>,
    van: String,
    #[serde(default)]
    codes: Codes,
    source: String,
    basis: Basis,
    grade: Option<String>,
    year: u16,
    #[serde(default)]
    local: bool,
    rule: Rule,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Codes {
    loinc: Vec<String>,
}

impl Basis {
    /// Whether a clinical lead must confirm the row before it is used.
    pub fn needs_confirmation(self) -> bool {
        self == Basis::Unconfirmed
    }

    /// What a screen says about the row.
    pub fn label(self) -> Words {
        match self {
            Basis::Ecqm => Words::both("From the quality measure", "De la medida de calidad"),
            Basis::Published => Words::both("From the published guideline", "De la guía publicada"),
            Basis::Unconfirmed => Words::both(
                "Not yet confirmed by a clinical lead",
                "Aún sin confirmar por la dirección clínica",
            ),
        }
    }
}

/// Reads gaps in the shape of `care_gaps.json`.
pub fn parse(json: &str) -> Result<GapCatalog, GapError> {
    let file: GapFile =
        serde_json::from_str(json).map_err(|error| GapError::Unreadable { reason: error.to_string() })?;
    let mut ids = BTreeSet::new();
    if let Some(row) = file.gaps.iter().find(|row| !ids.insert(row.id.as_str())) {
        return Err(GapError::Twice { id: row.id.clone() });
    }
    let gaps = file.gaps.into_iter().map(CareGap::from).collect();
    let words = |(id, (english, spanish))| (id, Words::both(english, spanish));
    let services = file.services.into_iter().map(words).collect();
    let condition_names = file.condition_names.into_iter().map(words).collect();
    Ok(GapCatalog { gaps, conditions: file.conditions, condition_names, services })
}

impl From<Row> for CareGap {
    fn from(row: Row) -> CareGap {
        CareGap {
            id: row.id,
            name: Words::both(row.name, row.name_es),
            who: row.who,
            met_by: row.met_by,
            interval: row.interval,
            exclude: row.exclude,
            van: row.van,
            loinc: row.codes.loinc,
            source: row.source,
            basis: row.basis,
            grade: row.grade,
            year: row.year,
            local: row.local,
            rule: row.rule,
        }
    }
}

/// Every embedded gap, in the order of the file, with its conditions.
pub fn embedded() -> &'static GapCatalog {
    &super::pack::embedded().gaps
}

/// Every embedded gap, in the order of the file.
pub fn catalog() -> &'static [CareGap] {
    &embedded().gaps
}

/// The embedded gap of an id.
pub fn find(id: &str) -> Option<&'static CareGap> {
    embedded().find(id)
}

impl GapCatalog {
    /// The gap of an id.
    pub fn find(&self, id: &str) -> Option<&CareGap> {
        self.gaps.iter().find(|gap| gap.id == id)
    }

    /// The gap that a measure finds, by the measure's canonical address: its last part is the gap's id, or names the eCQM
    /// that the gap's source names, as in `Measure/CMS130FHIRColorectalCancerScreening|0.4.000` or the test measure
    /// `Measure/EXM130-FHIR`. Nothing where no gap or more than one fits.
    pub fn of_measure(&self, canonical: &str) -> Option<&CareGap> {
        let address = canonical.split('|').next()?;
        let name = address.rsplit('/').next()?.to_ascii_uppercase();
        if let Some(gap) = self.find(&name) {
            return Some(gap);
        }
        let digits = name.strip_prefix("CMS").or_else(|| name.strip_prefix("EXM"))?;
        let digits: String = digits.chars().take_while(char::is_ascii_digit).collect();
        let number = digits.trim_start_matches('0');
        let names_it = |gap: &&CareGap| {
            let mut words = gap.source.split(|character: char| !character.is_ascii_alphanumeric());
            words.any(|word| word.strip_prefix("CMS").is_some_and(|known| known == number))
        };
        let mut fitting = self.gaps.iter().filter(names_it);
        fitting.next().filter(|_| !number.is_empty() && fitting.next().is_none())
    }

    /// What a service is called; its name in the rules where the pack has no words for it.
    pub fn service_name<'c>(&'c self, service: &'c str, language: Language) -> &'c str {
        self.services.get(service).map_or(service, |words| words.text(language))
    }

    /// What a condition is called; its name in the rules where the pack has no words for it.
    pub fn condition_name<'c>(&'c self, condition: &'c str, language: Language) -> &'c str {
        self.condition_names.get(condition).map_or(condition, |words| words.text(language))
    }

    /// Every condition by its name in the rules: first those that bring care, in the order of the rules, then those
    /// that end it, by what they are called in a language.
    pub fn conditions_listed(&self, language: Language) -> Vec<&str> {
        let mut listed: Vec<&str> = Vec::new();
        for name in self.gaps.iter().flat_map(|gap| &gap.rule.has) {
            if self.conditions.contains_key(name) && !listed.contains(&name.as_str()) {
                listed.push(name);
            }
        }
        let mut rest: Vec<&str> = self.conditions.keys().map(String::as_str).collect();
        rest.retain(|name| !listed.contains(name));
        rest.sort_by_key(|name| self.condition_name(name, language).to_lowercase());
        listed.extend(rest);
        listed
    }

    /// The SNOMED CT code that a word of a file stands for: the name of a condition as the rules have it, in any case
    /// and with spaces for hyphens, or one of its codes. Nothing for what no rule knows.
    pub fn condition_code(&self, word: &str) -> Option<&str> {
        let name = word.split_whitespace().collect::<Vec<_>>().join("-").to_lowercase();
        if let Some(codes) = self.conditions.get(&name) {
            return codes.first().map(String::as_str);
        }
        let mut codes = self.conditions.values().flatten();
        codes.find(|code| *code == word.trim()).map(String::as_str)
    }

    /// Names of the conditions that a SNOMED CT code stands for.
    pub fn conditions_of<'c>(&'c self, code: &'c str) -> impl Iterator<Item = &'c str> {
        let names = self.conditions.iter().filter(move |(_, codes)| codes.iter().any(|known| known == code));
        names.map(|(name, _)| name.as_str())
    }
}

#[cfg(test)]
mod tests;
