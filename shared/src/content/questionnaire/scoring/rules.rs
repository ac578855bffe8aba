//! The scoring rules of the embedded instruments, as `scoring.json` states them.
//! Never applied here, and never read for a questionnaire of somebody else, even under the same name.

use std::sync::OnceLock;

use serde::Deserialize;

use super::ScoreBand;
use crate::content::language::Words;
use crate::content::sex::Sex;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    #[serde(rename = "version")]
    _version: String,
    instruments: Vec<Instrument>,
}

/// The rules of one instrument.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Instrument {
    /// The id of the questionnaire that holds it.
    pub id: String,
    pub name: String,
    pub source: String,
    pub result_link_id: Option<String>,
    pub rule: Rule,
    #[serde(default)]
    pub bands: Vec<ScoreBand>,
    #[serde(default)]
    pub alerts: Vec<AlertRule>,
    #[serde(default)]
    pub needs: Vec<NeedRule>,
    pub positive_need: Option<String>,
    pub then: Option<String>,
}

/// How an instrument comes to its result.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Rule {
    /// The points of the items are added.
    Sum { items: Vec<String>, minimum: u32, maximum: u32, positive_at: CutOff },
    /// One positive answer is enough.
    Any { items: Vec<AnyItem>, positive_code: Option<String>, negative_code: Option<String> },
}

/// From which value a sum is positive.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum CutOff {
    Same(u32),
    BySex { male: u32, female: u32 },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AnyItem {
    pub link_id: String,
    pub positive: Vec<String>,
    pub negative: Vec<String>,
}

#[derive(Deserialize)]
#[serde(from = "AlertRow")]
pub(super) struct AlertRule {
    pub link_id: String,
    pub ordinal_at_least: u32,
    pub action: Words,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NeedRule {
    pub need: String,
    pub link_id: String,
    pub positive: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AlertRow {
    link_id: String,
    ordinal_at_least: u32,
    action: String,
    action_es: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BandRow {
    low: u32,
    high: u32,
    name: String,
    name_es: String,
}

impl From<AlertRow> for AlertRule {
    fn from(row: AlertRow) -> AlertRule {
        let action = Words::both(row.action, row.action_es);
        AlertRule { link_id: row.link_id, ordinal_at_least: row.ordinal_at_least, action }
    }
}

impl<'de> Deserialize<'de> for ScoreBand {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<ScoreBand, D::Error> {
        let row = BandRow::deserialize(deserializer)?;
        Ok(ScoreBand { low: row.low, high: row.high, name: Words::both(row.name, row.name_es) })
    }
}

impl CutOff {
    /// The cut-off of a person; for an unknown sex the lower one.
    pub(super) fn for_sex(&self, sex: Sex) -> u32 {
        match (self, sex) {
            (CutOff::Same(value), _) => *value,
            (CutOff::BySex { male, .. }, Sex::Male) => *male,
            (CutOff::BySex { female, .. }, Sex::Female) => *female,
            (CutOff::BySex { male, female }, Sex::Unknown) => *male.min(female),
        }
    }
}

/// The rules of every embedded instrument.
pub(super) fn all() -> &'static [Instrument] {
    static RULES: OnceLock<Vec<Instrument>> = OnceLock::new();
    RULES.get_or_init(|| {
        let file: RuleFile =
            serde_json::from_str(include_str!("../../../../content/core/questionnaires/scoring.json"))
                .expect("the embedded rules are parsed by a test");
        file.instruments
    })
}

/// The rules of the questionnaire of an id.
pub(super) fn instrument(id: &str) -> Option<&'static Instrument> {
    all().iter().find(|instrument| instrument.id == id)
}
