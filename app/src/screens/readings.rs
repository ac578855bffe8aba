//! Measured values as people read them: pressure as a pair, heights in feet and inches, what a meter could not measure
//! in its own word. Pure; what they mean stands in `judged`.

use super::format::say;
use super::vital::{FEET, LINE, Taken, Vital};
use crate::capture::{ResultLine, calculated_of};
use shared::content::measurements::Beyond;
use shared::content::units::{convert, display_unit, feet_and_inches};
use shared::content::{Language, Quantity, pack};
use shared::ids::{FactId, VisitId};
use shared::time::Timestamp;
use std::ops::Deref;

/// One reading of one vital.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reading {
    pub at: Timestamp,
    pub visit: Option<VisitId>,
    pub facts: Vec<FactId>,
    pub values: Values,
}

/// Numbers in the catalog's units, one for each key; of a line of the chart the lower number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Values {
    numbers: Vec<Quantity>,
    /// The meter showed LO or HI: the number is the end of its range.
    pub beyond: Option<Beyond>,
}

impl From<Vec<Quantity>> for Values {
    fn from(numbers: Vec<Quantity>) -> Values {
        Values { numbers, beyond: None }
    }
}

impl Values {
    /// One number that the meter could not measure.
    pub fn off_meter(beyond: Beyond, limit: Quantity) -> Values {
        Values { numbers: vec![limit], beyond: Some(beyond) }
    }
}

impl Deref for Values {
    type Target = [Quantity];

    fn deref(&self) -> &[Quantity] {
        &self.numbers
    }
}

/// How a unit is written beside a number.
pub(crate) fn unit_words(unit: &str, language: Language) -> &str {
    match unit {
        "/min" => say(language, "per minute", "por minuto"),
        FEET => say(language, "ft in", "ft in"),
        other => display_unit(other),
    }
}

/// Readings of a vital, the newest first. Values belong together when they were saved together.
pub(crate) fn readings(results: &[ResultLine], vital: Vital) -> Vec<Reading> {
    let of_part = |part: usize| {
        let loinc = &vital.measurement(part).loinc;
        results.iter().filter(move |result| result.observation.loinc.as_ref() == Some(loinc))
    };
    let value = |result: &ResultLine| match &result.observation.text {
        Some(text) => Quantity::parse(text.strip_prefix(LINE)?).ok(),
        None => result.observation.value.and_then(|value| value.quantity()),
    };
    let mut readings: Vec<Reading> = Vec::new();
    for first in of_part(0) {
        let Some(number) = value(first) else { continue };
        let (mut facts, mut numbers) = (vec![first.fact], vec![number]);
        for part in 1..vital.keys().len() {
            let together = |other: &&ResultLine| {
                other.at == first.at && other.observation.visit == first.observation.visit
            };
            if let Some((fact, number)) =
                of_part(part).find(together).and_then(|other| Some((other.fact, value(other)?)))
            {
                facts.push(fact);
                numbers.push(number);
            }
        }
        if numbers.len() == vital.keys().len() {
            let values = Values { numbers, beyond: first.observation.beyond };
            readings.push(Reading { at: first.at, visit: first.observation.visit, facts, values });
        }
    }
    readings
}

/// The index of a visit's newest height and weight, by the release in use.
pub(crate) fn body_mass_of(
    results: &[ResultLine],
    visit: VisitId,
    content: &pack::Content,
) -> Option<Quantity> {
    let made = calculated_of(results, visit, &content.catalog);
    made.into_iter().find(|made| made.formula.key == "bmi").map(|made| made.value)
}

/// The number alone, in a unit: `142 / 88`, `98.6`, `5 ft 7 in`; beyond the meter with its unit, `LO (< 20 mg/dL)`.
pub(crate) fn value_words(vital: Vital, values: &Values, unit: &str) -> String {
    if let (Some(beyond), [limit, ..]) = (values.beyond, &values[..]) {
        let limit = format!("{limit} {}", display_unit(vital.stored_unit()));
        return beyond.words(vital.measurement(0).meter.as_ref(), &limit);
    }
    match (vital.taken, &values[..]) {
        (Taken::Pressure, [upper, lower]) => format!("{upper} / {lower}"),
        (Taken::Height, [height, ..]) if unit == FEET => match feet_and_inches(*height) {
            Some((feet, inches)) => format!("{feet} ft {} in", trimmed(inches)),
            None => height.to_string(),
        },
        (Taken::Lipids, [total, hdl, fat]) => format!("{total} · HDL {hdl} · TG {fat}"),
        (Taken::Vision, [right, left]) => format!("R {LINE}{right} · L {LINE}{left}"),
        (Taken::Hearing(_), values) => values.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        (_, [value, ..]) => {
            let decimals = u8::try_from(vital.decimals()).unwrap_or(Quantity::SCALE_MAX).max(1);
            convert(*value, vital.stored_unit(), unit, decimals).map_or_else(|| value.to_string(), trimmed)
        }
        _ => String::new(),
    }
}

/// The number with its unit: `142 / 88 mmHg`.
pub(crate) fn value_with_unit(vital: Vital, values: &Values, unit: &str, language: Language) -> String {
    let value = value_words(vital, values, unit);
    format!("{value} {}", unit_beside(values, unit, language)).trim_end().to_owned()
}

/// Without a decimal that says nothing.
pub(crate) fn trimmed(value: Quantity) -> String {
    let text = value.to_string();
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// The unit beside `value_words`; feet and inches, and what lies beyond a meter, have it in the number already.
pub(crate) fn unit_beside<'u>(values: &Values, unit: &'u str, language: Language) -> &'u str {
    if matches!(unit, FEET | LINE) || values.beyond.is_some() { "" } else { unit_words(unit, language) }
}

/// The last values as a line in a box of 100 by 32, the oldest at the left; empty for fewer than two.
pub(crate) fn trend(newest_first: &[Quantity]) -> String {
    let numbers: Vec<f64> =
        newest_first.iter().take(6).rev().filter_map(|value| value.to_string().parse().ok()).collect();
    if numbers.len() < 2 {
        return String::new();
    }
    let (low, high) =
        numbers.iter().fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(*value), high.max(*value)));
    let step = 96.0 / (numbers.len() - 1) as f64;
    let height = |value: f64| if high > low { 28.0 - (value - low) / (high - low) * 24.0 } else { 16.0 };
    let points = numbers.iter().enumerate().map(|(index, value)| {
        format!(
            "{}{:.1} {:.1}",
            if index == 0 { "M" } else { "L" },
            2.0 + step * index as f64,
            height(*value)
        )
    });
    points.collect::<Vec<_>>().join(" ")
}

/// What the line says to somebody who does not see it.
pub(crate) fn trend_words(newest_first: &[Quantity], language: Language) -> &'static str {
    match newest_first {
        [newest, .., oldest] if newest > oldest => say(language, "Rising", "En aumento"),
        [newest, .., oldest] if newest < oldest => say(language, "Falling", "En descenso"),
        _ => say(language, "Steady", "Estable"),
    }
}
