//! The last results of a person: of everything that was ever measured or worked out the newest value, what it means and
//! how it went. What one value means stands in `judged`.

use super::format;
use super::person::whom;
use super::state::App;
use super::ui::{ResultLine, Tone};
use super::vital::Vital;
use super::{judged, readings};
use crate::capture::{PersonView, calculated_of};
use shared::content::measurements::{self, Measurement};
use shared::content::units::display_unit;
use shared::content::{Quantity, calculated};
use shared::ids::VisitId;
use shared::time::Timestamp;
use std::collections::BTreeSet;

/// A line for each kind that any release of this device knows, the tiles' own first.
pub(crate) fn lines(view: &PersonView, app: &App) -> Vec<ResultLine> {
    let vitals = Vital::all(&view.packs);
    let mut lines: Vec<ResultLine> = vitals.iter().filter_map(|vital| of_tile(*vital, view, app)).collect();
    let made = made(view);
    let others = worked_out(&vitals, view).into_iter();
    lines.extend(others.filter_map(|measurement| of_value(measurement, &made, view, app)));
    lines
}

/// What follows from the values of one visit.
struct Made {
    key: &'static str,
    visit: VisitId,
    at: Timestamp,
    value: Quantity,
}

/// Everything that follows from what was measured, visit by visit, by the newest release.
fn made(view: &PersonView) -> Vec<Made> {
    let visits: BTreeSet<VisitId> =
        view.results.iter().filter_map(|result| result.observation.visit).collect();
    let catalog = &view.packs.current().catalog;
    let of_visit = |visit: VisitId| {
        calculated_of(&view.results, visit, catalog).into_iter().filter_map(move |made| {
            let parts = view.results.iter().filter(|result| made.from.contains(&result.fact));
            let at = parts.map(|result| result.at).max()?;
            Some(Made { key: made.formula.key, visit, at, value: made.value })
        })
    };
    visits.into_iter().flat_map(of_visit).collect()
}

/// Values of a measurement, the newest first: those that stand as facts, and for every other visit what follows.
fn values_of(measurement: &Measurement, made: &[Made], view: &PersonView) -> Vec<(Timestamp, Quantity)> {
    let stored: Vec<_> = view
        .results
        .iter()
        .filter(|result| result.observation.loinc.as_ref() == Some(&measurement.loinc))
        .filter_map(|result| {
            let value = result.observation.value.and_then(|value| value.quantity())?;
            Some((result.observation.visit, result.at, value))
        })
        .collect();
    let is_stored = |visit: VisitId| stored.iter().any(|(known, ..)| *known == Some(visit));
    let follows = made.iter().filter(|made| made.key == measurement.key && !is_stored(made.visit));
    let mut values: Vec<_> = stored.iter().map(|(_, at, value)| (*at, *value)).collect();
    values.extend(follows.map(|made| (made.at, made.value)));
    values.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    values
}

fn taken(at: Timestamp, app: &App) -> slint::SharedString {
    let day = format::local(at, app.offset()).date();
    format::short_date(day, app.today(), app.language()).into()
}

fn of_tile(vital: Vital, view: &PersonView, app: &App) -> Option<ResultLine> {
    let language = app.language();
    let readings = readings::readings(&view.results, vital);
    let newest = readings.first()?;
    let firsts: Vec<_> = readings.iter().map(|reading| reading.values[0]).collect();
    let (category, tone) = judged::judge(vital, &newest.values, whom(view), language).unwrap_or_default();
    let unit = vital.usual_unit();
    Some(ResultLine {
        title: vital.name(language).into(),
        value: readings::value_words(vital, &newest.values, unit).into(),
        unit: readings::unit_beside(&newest.values, unit, language).into(),
        category: category.into(),
        tone,
        taken: taken(newest.at, app),
        trend: readings::trend(&firsts).into(),
        trend_text: readings::trend_words(&firsts, language).into(),
    })
}

/// What no tile takes by itself, such as the LDL that a lipid panel gives; each as the newest release has it.
fn worked_out(vitals: &[Vital], view: &PersonView) -> Vec<&'static Measurement> {
    let mut found: Vec<&'static Measurement> = Vec::new();
    for measurement in view.packs.iter().flat_map(|content| &content.catalog.measurements) {
        let is_part = vitals.iter().any(|vital| vital.keys().contains(&measurement.key.as_str()));
        if !is_part && !found.iter().any(|known| known.key == measurement.key) {
            found.push(measurement);
        }
    }
    found
}

fn of_value(
    measurement: &'static Measurement,
    made: &[Made],
    view: &PersonView,
    app: &App,
) -> Option<ResultLine> {
    let language = app.language();
    let values = values_of(measurement, made, view);
    let (at, newest) = *values.first()?;
    let firsts: Vec<_> = values.iter().map(|(_, value)| *value).collect();
    let is_judged =
        calculated::formula(&measurement.key).is_none_or(|formula| formula.is_judged_at(view.age_years));
    let band = || measurements::band_of(measurement, newest).map(|band| (&band.name, band.is_normal));
    let flag = || measurements::gravest_flag(measurement, newest, whom(view)).map(|flag| (&flag.name, false));
    let judged = is_judged.then(|| band().or_else(flag)).flatten();
    let (category, tone) = match judged {
        Some((name, is_normal)) => {
            let tone = if is_normal { Tone::Good } else { Tone::Caution };
            (format::capital(name.text(language)), tone)
        }
        None => (String::new(), Tone::Neutral),
    };
    let unit = display_unit(measurement.unit_ucum.as_deref().unwrap_or_default());
    Some(ResultLine {
        title: measurement.short_name.text(language).into(),
        value: newest.to_string().into(),
        unit: unit.into(),
        category: category.into(),
        tone,
        taken: taken(at, app),
        trend: readings::trend(&firsts).into(),
        trend_text: readings::trend_words(&firsts, language).into(),
    })
}
