//! Whether every value that an alert waits for can reach it: no hard limit refuses it at the keypad or hides what the meter
//! shows, and something measures it. Never whether a line is right, which its guideline says.

use super::is_found;
use crate::content::calculated::formula;
use crate::content::measurements::{Limits, Measurement};
use crate::content::pack::content::{Content, What};
use crate::content::pack::protocol::{AlertRule, Line};
use crate::content::pack::read::Pack;
use std::collections::BTreeSet;

/// Hard limits that an overlay narrowed so far that a value is refused which raises an alert, or which the meter shows:
/// the measurement, and the reason.
pub(super) fn refused_values(content: &Content, packs: &[Pack]) -> Vec<(String, String)> {
    let mut faults = Vec::new();
    for measurement in &content.catalog.measurements {
        let Some(now) = measurement.hard_limits else { continue };
        let before = stated(packs, &measurement.key);
        let lines = lines(content).filter_map(|(alert, line)| refused(measurement, before, now, alert, line));
        let meter = measurement.meter.as_ref().map(|meter| meter.range);
        let hidden = meter.filter(|range| !(now.holds(range.low) && now.holds(range.high))).map(|range| {
            format!("its hard limits {} refuse what its meter shows: {}", words(now), words(range))
        });
        let item = format!("measurement {}", measurement.key);
        faults.extend(lines.chain(hidden).map(|reason| (item.clone(), reason)));
    }
    faults
}

/// The hard limits of a measurement as the pack that brings it states them, before any overlay narrows them.
fn stated(packs: &[Pack], key: &str) -> Option<Limits> {
    packs.iter().find_map(|pack| pack.catalog.as_ref()?.find(key))?.hard_limits
}

fn words(limits: Limits) -> String {
    format!("{} to {}", limits.low, limits.high)
}

fn lines(content: &Content) -> impl Iterator<Item = (&AlertRule, &Line)> {
    content.alerts.iter().flat_map(|alert| alert.any.iter().map(move |line| (alert, line)))
}

/// Why a line of an alert misses values that it had before the limits were narrowed.
fn refused(
    measurement: &Measurement,
    before: Option<Limits>,
    now: Limits,
    alert: &AlertRule,
    line: &Line,
) -> Option<String> {
    let (low_cut, high_cut) = (
        before.is_none_or(|before| before.low < now.low),
        before.is_none_or(|before| now.high < before.high),
    );
    let id = &alert.id;
    if line.key != measurement.key {
        let is_part = formula(&line.key).is_some_and(|made| made.from.contains(&measurement.key.as_str()));
        return (is_part && (low_cut || high_cut)).then(|| {
            let was = before.map_or("none".to_owned(), words);
            format!(
                "its hard limits {}, before {was}, refuse values at which alert {id} may be raised: it watches {:?}, \
                 which is worked out from them",
                words(now),
                line.key
            )
        });
    }
    let told = |side: &str, from, line: &dyn std::fmt::Display| {
        format!(
            "its hard limits {} refuse values {side} {from}, at which alert {id} is raised ({side} {line})",
            words(now)
        )
    };
    let above = line.above.filter(|above| high_cut && before.is_none_or(|before| before.high > *above));
    let below = line.below.filter(|below| low_cut && before.is_none_or(|before| before.low < *below));
    let above = above.map(|above| told("above", above.max(now.high), &above));
    above.or(below.map(|below| told("below", below.min(now.low), &below)))
}

/// Lines that no visit could ever cross: the alert, and the reason.
pub(super) fn idle_alerts(
    content: &Content,
    packs: &[Pack],
    measured: &BTreeSet<&str>,
) -> Vec<(String, String)> {
    // What a region does not do any more raises nothing, and the difference is told.
    let is_switched_off = content
        .differences
        .iter()
        .any(|difference| difference.what == What::SwitchedOff && difference.item.starts_with("step "));
    let reason = |line: &Line| {
        let measurement = content.catalog.find(&line.key)?;
        let never = if !measurement.choices.is_empty() {
            Some("which is chosen from a list and has no number".to_owned())
        } else if measurement.calculated.is_some() && formula(&line.key).is_none() {
            Some("which no van can work out".to_owned())
        } else if !is_switched_off && !is_found(&line.key, measured) {
            Some("which no step measures".to_owned())
        } else {
            beyond(measurement, stated(packs, &line.key), line)
        };
        never.map(|never| format!("watches {:?}, {never}", line.key))
    };
    let of_line = |(alert, line): (&AlertRule, &Line)| Some((format!("alert {}", alert.id), reason(line)?));
    lines(content).filter_map(of_line).collect()
}

/// Why no value that is taken lies beyond a line; of what an overlay narrowed the narrowing is told instead.
fn beyond(measurement: &Measurement, hard: Option<Limits>, line: &Line) -> Option<String> {
    let hard = hard.filter(|_| measurement.calculated.is_none());
    let meter = measurement.meter.as_ref().map(|meter| meter.range);
    for (limits, what) in [(hard, "hard limits {} end"), (meter, "meter's range {} ends")] {
        let Some(limits) = limits else { continue };
        if line.above.is_some_and(|above| limits.high <= above)
            || line.below.is_some_and(|below| below <= limits.low)
        {
            return Some(format!("whose {} before the line is crossed", what.replace("{}", &words(limits))));
        }
    }
    None
}
