//! The scoring rules of instruments, as a `scoring.json` states them, and whether they fit their questionnaire.
//! Never applied here, and never to a questionnaire that they were not loaded with.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::ScoreBand;
use crate::content::language::Words;
use crate::content::pack::choices;
use crate::content::questionnaire::{Item, Kind, Questionnaire};
use crate::content::sex::Sex;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    #[serde(rename = "version")]
    _version: String,
    instruments: Vec<serde_json::Value>,
}

/// The rules of one instrument.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instrument {
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
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Rule {
    /// The points of the items are added.
    Sum { items: Vec<String>, minimum: u32, maximum: u32, positive_at: CutOff },
    /// The points are added, multiplied and divided, such as a share of the best possible in percent; rounded down.
    Scaled { items: Vec<String>, multiply_by: u32, divide_by: u32, maximum: u32 },
    /// One positive answer is enough.
    Any { items: Vec<AnyItem>, positive_code: Option<String>, negative_code: Option<String> },
}

/// From which value a sum is positive.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum CutOff {
    Same(u32),
    BySex { male: u32, female: u32 },
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnyItem {
    pub link_id: String,
    pub positive: Vec<String>,
    pub negative: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "AlertRow")]
pub struct AlertRule {
    pub link_id: String,
    pub ordinal_at_least: u32,
    pub action: Words,
    /// What staff say that they did, one of these.
    pub choices: Vec<Words>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NeedRule {
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
    choices: Vec<(String, String)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BandRow {
    low: u32,
    high: u32,
    name: String,
    name_es: String,
}

impl TryFrom<AlertRow> for AlertRule {
    type Error = String;

    fn try_from(row: AlertRow) -> Result<AlertRule, String> {
        let action = Words::both(row.action, row.action_es);
        let choices = choices(row.choices)?;
        Ok(AlertRule { link_id: row.link_id, ordinal_at_least: row.ordinal_at_least, action, choices })
    }
}

impl<'de> Deserialize<'de> for ScoreBand {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<ScoreBand, D::Error> {
        let row = BandRow::deserialize(deserializer)?;
        Ok(ScoreBand { low: row.low, high: row.high, name: Words::both(row.name, row.name_es) })
    }
}

impl CutOff {
    /// The cut-offs of men and of women.
    pub fn by_sex(&self) -> (u32, u32) {
        match self {
            CutOff::Same(value) => (*value, *value),
            CutOff::BySex { male, female } => (*male, *female),
        }
    }

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

/// Reads a file of instruments. Each one that does not read is told with its id or its place, and so is an id that
/// stands twice; the others are given all the same.
pub fn parse(json: &str) -> (Vec<Instrument>, Vec<ScoringError>) {
    let file: RuleFile = match serde_json::from_str(json) {
        Ok(file) => file,
        Err(error) => {
            let reason = format!("cannot be read: {error}");
            return (Vec::new(), vec![ScoringError { item: "scoring".to_owned(), reason }]);
        }
    };
    let (mut instruments, mut errors, mut seen) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (place, value) in file.instruments.into_iter().enumerate() {
        let id = value.get("id").and_then(serde_json::Value::as_str);
        let item = id.map_or_else(|| format!("instrument {}", place + 1), str::to_owned);
        if !seen.insert(item.clone()) {
            errors.push(ScoringError { item, reason: "stands twice".to_owned() });
            continue;
        }
        match serde_json::from_value(value) {
            Ok(instrument) => instruments.push(instrument),
            Err(error) => errors.push(ScoringError { item, reason: format!("cannot be read: {error}") }),
        }
    }
    (instruments, errors)
}

/// Why the rules of an instrument are refused; arises only when a file is loaded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{item}: {reason}")]
pub struct ScoringError {
    /// The instrument's id, or its place in the file.
    pub item: String,
    pub reason: String,
}

impl Instrument {
    /// Whether every item, code and number of the rules fits the questionnaire. All faults at once.
    pub fn check(&self, questionnaire: &Questionnaire) -> Result<(), Vec<ScoringError>> {
        let mut faults = Vec::new();
        let mut fault = |link_id: &str, reason: &str| {
            let item = format!("{} {link_id}", self.id).trim_end().to_owned();
            faults.push(ScoringError { item, reason: reason.to_owned() });
        };
        for link_id in self.result_link_id.iter().chain(self.alerts.iter().map(|alert| &alert.link_id)) {
            if questionnaire.item(link_id).is_none() {
                fault(link_id, "the questionnaire has no such item");
            }
        }
        for need in &self.needs {
            check_codes(questionnaire, &need.link_id, &need.positive, &mut fault);
        }
        match &self.rule {
            Rule::Sum { items, minimum, maximum, .. } => {
                if let Some(range) = point_range(questionnaire, items, &mut fault)
                    && range != (*minimum, *maximum)
                {
                    fault(
                        "",
                        &format!(
                            "its items make {} to {} points, not {minimum} to {maximum}",
                            range.0, range.1
                        ),
                    );
                }
                check_bands(&self.bands, *minimum, *maximum, &mut fault);
            }
            Rule::Scaled { divide_by: 0, .. } => fault("", "the score divides by zero"),
            Rule::Scaled { items, multiply_by, divide_by, maximum } => {
                let range = point_range(questionnaire, items, &mut fault);
                let highest =
                    range.map(|(_, most)| u64::from(most) * u64::from(*multiply_by) / u64::from(*divide_by));
                if highest.is_some_and(|highest| highest != u64::from(*maximum)) {
                    fault("", &format!("its highest score is not {maximum}"));
                }
                check_bands(&self.bands, 0, *maximum, &mut fault);
            }
            Rule::Any { items, .. } => {
                if items.is_empty() {
                    fault("", "no item counts");
                }
                for item in items {
                    check_codes(questionnaire, &item.link_id, &item.positive, &mut fault);
                    check_codes(questionnaire, &item.link_id, &item.negative, &mut fault);
                }
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(faults) }
    }
}

/// The lowest and the highest sum of points that the items allow.
fn point_range(
    questionnaire: &Questionnaire,
    items: &[String],
    fault: &mut impl FnMut(&str, &str),
) -> Option<(u32, u32)> {
    if items.is_empty() {
        fault("", "no item counts");
    }
    let mut range = Some((0u32, 0u32));
    for link_id in items {
        let points =
            |item: &Item| item.options.iter().map(|option| option.ordinal).collect::<Option<Vec<u32>>>();
        let of_item = match questionnaire.item(link_id) {
            None => {
                fault(link_id, "the questionnaire has no such item");
                None
            }
            Some(item) => points(item).filter(|points| item.kind == Kind::Choice && !points.is_empty()),
        };
        if of_item.is_none() && questionnaire.item(link_id).is_some() {
            fault(link_id, "an option has no points");
        }
        range = range.zip(of_item).and_then(|((low, high), points)| {
            let (least, most) = (points.iter().min()?, points.iter().max()?);
            Some((low.checked_add(*least)?, high.checked_add(*most)?))
        });
    }
    range
}

/// Bands, where there are any, follow one another and end at the highest score.
fn check_bands(bands: &[ScoreBand], minimum: u32, maximum: u32, fault: &mut impl FnMut(&str, &str)) {
    let mut next = Some(minimum);
    for band in bands {
        if Some(band.low) != next || band.high < band.low {
            return fault(
                "",
                &format!("band {:?} does not begin where the one before it ends", band.name.english),
            );
        }
        next = band.high.checked_add(1);
    }
    if bands.last().is_some_and(|last| last.high != maximum) {
        fault("", "the last band does not end at the highest score");
    }
}

fn check_codes(
    questionnaire: &Questionnaire,
    link_id: &str,
    codes: &[String],
    fault: &mut impl FnMut(&str, &str),
) {
    let Some(item) = questionnaire.item(link_id) else {
        return fault(link_id, "the questionnaire has no such item");
    };
    for code in codes.iter().filter(|code| item.option(code).is_none()) {
        fault(link_id, &format!("{code} is not one of its options"));
    }
}
