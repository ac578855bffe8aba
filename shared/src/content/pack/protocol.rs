//! What a visit does, in order and for whom, and which values stop it. Data of a pack.

use crate::content::gaps::Basis;
use crate::content::language::Words;
use crate::content::quantity::Quantity;
use serde::Deserialize;
use serde_json::Number;

/// Why an item is in the pack: the guideline, its grade where it grades, its year, and how far that was checked.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grounds {
    pub guideline: String,
    pub grade: Option<String>,
    pub year: u16,
    pub basis: Basis,
}

/// One thing that a visit does.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "StepRow")]
pub struct Step {
    pub id: String,
    pub does: Does,
    pub ask: Ask,
    pub audience: Audience,
    /// The person answers alone, on the turned screen.
    pub self_administered: bool,
    /// Whether a region may switch it off.
    pub local: bool,
    /// Texts of the handout that belong to it.
    pub handout: Vec<String>,
    pub grounds: Grounds,
    /// For a step of an overlay: the step of the core behind which it stands; at the end when missing.
    pub after: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Does {
    /// A questionnaire, by its id.
    Form(String),
    /// Measurements, by their keys.
    Measure(Vec<String>),
}

/// Whether a step is part of every visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// Staff may choose it.
    Offered,
    Always,
}

/// Whom a step is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audience {
    pub age_from: Option<u8>,
    /// The last age in whole years.
    pub age_to: Option<u8>,
}

/// Values that stop a visit until somebody acts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "AlertRow")]
pub struct AlertRule {
    pub id: String,
    /// Any one of these lines crossed is enough.
    pub any: Vec<Line>,
    /// Raised by a standard threshold shift of one ear, by the rule for noisy work.
    pub hearing_shift: bool,
    /// Days after which somebody comes back to it at the latest.
    pub due_days: u16,
    pub title: Words,
    pub action: Words,
    /// What staff say that they did, one of these.
    pub choices: Vec<Words>,
    pub local: bool,
    pub grounds: Grounds,
}

/// A line that a value crosses, in the measurement's unit; the line itself is not yet beyond.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub key: String,
    pub above: Option<Quantity>,
    pub below: Option<Quantity>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProtocolFile {
    #[serde(default, rename = "note")]
    _note: Option<String>,
    pub steps: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AlertFile {
    #[serde(default, rename = "note")]
    _note: Option<String>,
    pub alerts: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StepRow {
    id: String,
    form: Option<String>,
    measure: Option<Vec<String>>,
    ask: Ask,
    #[serde(default, rename = "for")]
    audience: Audience,
    #[serde(default)]
    self_administered: bool,
    #[serde(default)]
    local: bool,
    #[serde(default)]
    handout: Vec<String>,
    evidence: Grounds,
    after: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AlertRow {
    id: String,
    #[serde(default)]
    any: Vec<LineRow>,
    #[serde(default)]
    hearing_shift: bool,
    due_days: Option<u16>,
    title: String,
    title_es: String,
    action: String,
    action_es: String,
    /// English and Spanish.
    choices: Vec<(String, String)>,
    #[serde(default)]
    local: bool,
    evidence: Grounds,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LineRow {
    key: String,
    above: Option<Number>,
    below: Option<Number>,
}

/// Somebody comes back to a dangerous finding by the next day, where its rule says nothing else.
pub const DUE_DAYS: u16 = 1;
const DUE_DAYS_MAX: u16 = 365;

/// The exact number that a file's text stands for.
pub(super) fn exact(number: &Number) -> Result<Quantity, String> {
    Quantity::parse(&number.to_string()).map_err(|error| format!("{number}: {error}"))
}

impl TryFrom<StepRow> for Step {
    type Error = &'static str;

    fn try_from(row: StepRow) -> Result<Step, &'static str> {
        let does = match (row.form, row.measure) {
            (Some(form), None) => Does::Form(form),
            (None, Some(keys)) if !keys.is_empty() => Does::Measure(keys),
            _ => return Err("a step either asks a form or measures"),
        };
        if matches!((row.audience.age_from, row.audience.age_to), (Some(from), Some(to)) if to < from) {
            return Err("its ages end before they begin");
        }
        Ok(Step {
            id: row.id,
            does,
            ask: row.ask,
            audience: row.audience,
            self_administered: row.self_administered,
            local: row.local,
            handout: row.handout,
            grounds: row.evidence,
            after: row.after,
        })
    }
}

/// What can be done about an alert, in both languages; without any, nobody could answer it.
pub(in crate::content) fn choices(rows: Vec<(String, String)>) -> Result<Vec<Words>, String> {
    if rows.is_empty() {
        return Err("it offers no choice of what was done".to_owned());
    }
    if rows.iter().any(|(english, spanish)| english.trim().is_empty() || spanish.trim().is_empty()) {
        return Err("a choice has no words in one of the languages".to_owned());
    }
    Ok(rows.into_iter().map(|(english, spanish)| Words::both(english, spanish)).collect())
}

impl TryFrom<AlertRow> for AlertRule {
    type Error = String;

    fn try_from(row: AlertRow) -> Result<AlertRule, String> {
        let line = |line: LineRow| -> Result<Line, String> {
            if line.above.is_some() == line.below.is_some() {
                return Err(format!("its line of {:?} needs either above or below", line.key));
            }
            let above = line.above.as_ref().map(exact).transpose()?;
            Ok(Line { key: line.key, above, below: line.below.as_ref().map(exact).transpose()? })
        };
        let any: Vec<Line> = row.any.into_iter().map(line).collect::<Result<_, _>>()?;
        if any.is_empty() && !row.hearing_shift {
            return Err("it has no line to cross".to_owned());
        }
        let due_days = row.due_days.unwrap_or(DUE_DAYS);
        if !(1..=DUE_DAYS_MAX).contains(&due_days) {
            return Err(format!("its follow-up is due after 1 to {DUE_DAYS_MAX} days"));
        }
        let said = [&row.title, &row.title_es, &row.action, &row.action_es];
        if said.iter().any(|words| words.trim().is_empty()) {
            return Err("a translation is missing".to_owned());
        }
        Ok(AlertRule {
            id: row.id,
            any,
            hearing_shift: row.hearing_shift,
            due_days,
            title: Words::both(row.title, row.title_es),
            action: Words::both(row.action, row.action_es),
            choices: choices(row.choices)?,
            local: row.local,
            grounds: row.evidence,
        })
    }
}

impl Audience {
    /// Whether a step is for somebody of this age; an unknown age is asked everything, because nothing is left out by
    /// a guess.
    pub fn holds(self, age_years: Option<i32>) -> bool {
        age_years.is_none_or(|age| {
            self.age_from.is_none_or(|from| age >= i32::from(from))
                && self.age_to.is_none_or(|to| age <= i32::from(to))
        })
    }
}

impl Line {
    pub fn is_crossed(&self, value: Quantity) -> bool {
        self.above.is_some_and(|above| value > above) || self.below.is_some_and(|below| value < below)
    }
}

impl AlertRule {
    /// Whether any of the values, by their keys, crosses a line.
    pub fn is_raised(&self, values: &[(&str, Quantity)]) -> bool {
        self.any
            .iter()
            .any(|line| values.iter().any(|(key, value)| *key == line.key && line.is_crossed(*value)))
    }
}
