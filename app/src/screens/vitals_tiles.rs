//! The tiles of the vitals page: what was measured, what counts of it, what it means, and what is asked once more. What
//! the keypad does stands in `vitals`.

use super::format::{self, say};
use super::judged;
use super::person;
use super::readings::{self, Reading, Values};
use super::state::App;
use super::ui::{TileState, Tone, VitalTile};
use super::vital::{Taken, Vital};
use super::vitals::{of_visit, unit};
use crate::capture::{VisitView, hearing_baseline};
use shared::content::measurements::Catalog;
use shared::content::pack::Ask;
use shared::content::{blood_pressure, hearing};

/// The tile that leads to the other page of tiles.
pub(crate) const OTHER_PAGE: &str = "other-page";

/// Pressures of a visit in the order in which they were taken.
fn pressures(readings: &[Reading]) -> Vec<blood_pressure::Reading> {
    let pair = |reading: &Reading| blood_pressure::Reading {
        systolic: reading.values[0],
        diastolic: reading.values[1],
    };
    readings.iter().rev().map(pair).collect()
}

/// One high pressure is no finding: the tile asks for a second reading, by the catalog's rule.
pub(crate) fn wants_again(vital: Vital, readings: &[Reading], catalog: &Catalog) -> bool {
    vital.taken == Taken::Pressure && blood_pressure::wants_another(catalog, &pressures(readings))
}

/// What counts of the readings of a visit: the newest, and of two pressures the mean.
pub(crate) fn counted(vital: Vital, readings: &[Reading], catalog: &Catalog) -> Option<Values> {
    if vital.taken == Taken::Pressure && readings.len() > 1 {
        let mean = blood_pressure::of_visit(catalog, &pressures(readings))?;
        return Some(vec![mean.systolic, mean.diastolic].into());
    }
    readings.first().map(|newest| newest.values.clone())
}

fn before(view: &VisitView, vital: Vital) -> Option<Reading> {
    readings::readings(&view.person.results, vital).into_iter().find(|reading| reading.visit != Some(view.id))
}

/// `Last: 138 / 84 in March 2025`.
pub(crate) fn last_words(app: &App, view: &VisitView, vital: Vital) -> String {
    let language = app.language();
    let Some(last) = before(view, vital) else { return String::new() };
    let unit = unit(app, vital);
    let value = readings::value_words(vital, &last.values, unit);
    let month = format::month(format::local(last.at, app.offset()).date(), language);
    format!("{} {value} {} {month}", say(language, "Last:", "Anterior:"), say(language, "in", "en"))
}

/// Leads to what the packs offer beside, and back: each page stands on one screen.
pub(crate) fn other_page(app: &App, view: &VisitView, other: &[(Vital, Ask)]) -> VitalTile {
    let language = app.language();
    let names: Vec<&str> = other.iter().map(|(vital, _)| vital.name(language)).collect();
    let label = match app.vitals.offered_shown {
        true => say(language, "Every visit", "Cada visita"),
        false => say(language, "More measurements", "Más mediciones"),
    };
    let taken = other.iter().filter(|(vital, _)| !of_visit(view, *vital).is_empty()).count();
    VitalTile {
        id: OTHER_PAGE.into(),
        label: label.into(),
        value: format!("{taken} {} {}", say(language, "of", "de"), other.len()).into(),
        note: names.join(", ").into(),
        ..VitalTile::default()
    }
}

/// What a reading means for this person.
pub(crate) fn judged(
    view: &VisitView,
    vital: Vital,
    values: &[shared::content::Quantity],
    language: shared::content::Language,
) -> Option<(String, Tone)> {
    match vital.taken {
        Taken::Hearing(ear) => {
            let baseline = hearing_baseline(&view.person.results, view.id, ear, vital.content());
            let now = hearing::TESTED_HZ.into_iter().zip(values.iter().copied()).collect();
            judged::hearing(baseline.as_ref(), &now, language)
        }
        _ => judged::judge(vital, values, person::whom(&view.person), language),
    }
}

pub(crate) fn tile(app: &App, view: &VisitView, vital: Vital) -> VitalTile {
    let language = app.language();
    let readings = of_visit(view, vital);
    let catalog = &view.packs.current().catalog;
    let newest = counted(vital, &readings, catalog);
    let unit = unit(app, vital);
    let judged = newest.as_ref().and_then(|values| judged(view, vital, values, language));
    let (category, tone) = judged.unwrap_or((String::new(), Tone::Neutral));
    let again = wants_again(vital, &readings, catalog);
    let skipped = app.vitals.skipped.contains(&vital) && newest.is_none();
    let state = match &newest {
        _ if skipped => TileState::Skipped,
        None => TileState::Empty,
        Some(_) if again => TileState::Again,
        Some(_) => TileState::Done,
    };
    let note = if skipped {
        say(language, "Could not be taken", "No se pudo tomar").to_owned()
    } else if again {
        say(language, "Take it once more", "Tómela otra vez").to_owned()
    } else if vital.taken == Taken::BodyMass && newest.is_none() {
        say(language, "From height and weight", "De estatura y peso").to_owned()
    } else if readings.len() > 1 {
        let first = readings::value_words(vital, &readings[readings.len() - 1].values, unit);
        match vital.taken {
            Taken::Pressure => format!(
                "{} {first}",
                say(language, "Mean of the last two. First:", "Promedio de las dos últimas. Primera:")
            ),
            _ => format!("{} {first}", say(language, "First:", "Primera:")),
        }
    } else {
        last_words(app, view, vital)
    };
    let values = newest.unwrap_or_default();
    VitalTile {
        id: vital.id().into(),
        label: vital.name(language).into(),
        value: readings::value_words(vital, &values, unit).into(),
        unit: readings::unit_beside(&values, unit, language).into(),
        category: category.into(),
        tone,
        state,
        note: note.into(),
    }
}
