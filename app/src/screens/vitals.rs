//! Vitals: tiles of measurements, and the one that the keypad types into. What a key does to a number stands in
//! `entry`, what a number means in `readings`, and whether it can be true in `shared::draft`.

use super::entry::{self, Entry, Problem};
use super::format::say;
use super::judged;
use super::readings::{self, Reading};
use super::state::{App, Shared, model, on, on_one};
use super::ui::{MainWindow, Tone, VisitPage, VitalPart, VitalTile, VitalsAdapter};
use super::undo::{self, Undoing};
use super::visit::{self, Progress};
use super::vital::{LINE, Taken, Vital};
use super::{critical, trouble, vitals_tiles};
use crate::capture::{VisitView, VitalsError, VitalsTaken};
use shared::content::pack::{Ask, Does};
use shared::draft::VitalDraft;
use slint::{ComponentHandle, SharedString};
use std::collections::{HashMap, HashSet};

#[derive(Default)]
pub(crate) struct State {
    open: Option<Entry>,
    error: String,
    ask_again: String,
    /// A first reading that was measured once more.
    aside: String,
    /// Vitals whose unusual value was asked about once.
    asked: HashSet<Vital>,
    pub skipped: HashSet<Vital>,
    /// The page of what is offered beside the measurements of every visit is shown.
    pub offered_shown: bool,
    /// The value that is typed was read by a device.
    from_device: bool,
    /// The unit last chosen for a vital.
    units: HashMap<Vital, &'static str>,
}

pub(crate) fn wire(shared: &Shared, window: &MainWindow) {
    let adapter = window.global::<VitalsAdapter>();
    adapter.on_select(on_one(shared, select));
    adapter.on_select_part(on_one(shared, select_part));
    adapter.on_press(on_one(shared, press));
    adapter.on_set_unit(on_one(shared, set_unit));
    adapter.on_save(on(shared, |app| save(app, false)));
    adapter.on_save_anyway(on(shared, |app| save(app, true)));
    adapter.on_measure_again(on(shared, measure_again));
    adapter.on_skip(on(shared, skip));
    adapter.on_toggle_source(on(shared, toggle_source));
    adapter.on_close(on(shared, close));
    adapter.on_next(on(shared, visit::next));
}

pub(super) fn of_visit(view: &VisitView, vital: Vital) -> Vec<Reading> {
    match vital.taken {
        Taken::BodyMass => {
            let index = readings::body_mass_of(&view.results, view.id, vital.content());
            let reading = |index| Reading {
                at: Default::default(),
                visit: Some(view.id),
                facts: vec![],
                values: vec![index].into(),
            };
            index.map(reading).into_iter().collect()
        }
        _ => readings::readings(&view.results, vital),
    }
}

/// What the packs measure of this person, in their order: in every visit, or where staff choose it. The body mass index
/// stands behind what it is worked out from.
fn asked(view: &VisitView) -> Vec<(Vital, Ask)> {
    let mut asked: Vec<(Vital, Ask)> = Vec::new();
    let content = view.packs.current();
    for step in content.steps.iter().filter(|step| step.audience.holds(view.person.age_years)) {
        let Does::Measure(keys) = &step.does else { continue };
        for vital in keys.iter().filter_map(|key| Vital::of_key(key, content)) {
            if !asked.iter().any(|(other, _)| *other == vital) {
                asked.push((vital, step.ask));
            }
        }
    }
    let weight = asked.iter().position(|(vital, _)| vital.taken == Taken::One("weight"));
    if let Some((at, index)) = weight.zip(Vital::of_key("bmi", content)) {
        asked.insert(at + 1, (index, asked[at].1));
    }
    asked.sort_by_key(|(_, ask)| std::cmp::Reverse(*ask));
    asked
}

pub(crate) fn progress(app: &App, view: &VisitView) -> Progress {
    let typed =
        asked(view).into_iter().filter(|(vital, ask)| *ask == Ask::Always && vital.taken != Taken::BodyMass);
    let mut progress = Progress::default();
    let catalog = &view.packs.current().catalog;
    for (vital, _) in typed {
        let readings = of_visit(view, vital);
        progress.asked += 1;
        progress.done += usize::from(!readings.is_empty() || app.vitals.skipped.contains(&vital));
        progress.needs_attention |=
            vitals_tiles::wants_again(vital, &readings, catalog) && !app.vitals.skipped.contains(&vital);
    }
    progress
}

pub(crate) fn unit(app: &App, vital: Vital) -> &'static str {
    app.vitals.units.get(&vital).copied().unwrap_or(vital.usual_unit())
}

pub(crate) fn refresh(app: &mut App, view: &VisitView) {
    let shown = if app.vitals.offered_shown { Ask::Offered } else { Ask::Always };
    let (page, other): (Vec<_>, Vec<_>) = asked(view).into_iter().partition(|(_, ask)| *ask == shown);
    let tiles: Vec<VitalTile> =
        page.into_iter().map(|(vital, _)| vitals_tiles::tile(app, view, vital)).collect();
    let other = match other.is_empty() {
        true => VitalTile::default(),
        false => vitals_tiles::other_page(app, view, &other),
    };
    let window = app.window();
    let adapter = window.global::<VitalsAdapter>();
    adapter.set_tiles(model(tiles));
    adapter.set_other(other);
    show_entry(app, view);
}

/// The open tile: what was typed, what it means, what is wrong with it.
fn show_entry(app: &mut App, view: &VisitView) {
    let language = app.language();
    let window = app.window();
    let adapter = window.global::<VitalsAdapter>();
    let Some(open) = app.vitals.open.clone() else {
        adapter.set_selected_id(SharedString::new());
        return adapter.set_ask_again(SharedString::new());
    };
    let vital = open.vital();
    adapter.set_label(vital.name(language).into());
    let parts = open.parts(language).into_iter().map(|part| VitalPart {
        id: part.id.into(),
        label: part.label.into(),
        // A line of the chart is read with its upper number first.
        prefix: if part.unit == LINE { LINE.into() } else { SharedString::new() },
        value: part.typed.into(),
        unit: if part.unit == LINE { SharedString::new() } else { part.unit.into() },
        active: part.is_active,
    });
    adapter.set_parts(model(parts.collect()));
    let live = open.problem(language);
    let error = match live {
        Some(Problem::TooHigh(words)) => words,
        _ => app.vitals.error.clone(),
    };
    adapter.set_error(error.as_str().into());
    adapter.set_ask_again(app.vitals.ask_again.as_str().into());
    let values = open.values().ok().filter(|_| error.is_empty());
    let judged = values.as_deref().and_then(|values| vitals_tiles::judged(view, vital, values, language));
    adapter.set_source(if judged.is_some() { judged::source(vital) } else { "" }.into());
    adapter.set_from_device(app.vitals.from_device);
    adapter.set_sign(open.takes_sign());
    adapter.set_words(model(open.meter_words().into_iter().map(Into::into).collect()));
    let (category, tone) = judged.unwrap_or((String::new(), Tone::Neutral));
    adapter.set_category(category.as_str().into());
    adapter.set_category_tone(tone);
    let other = values.map(|values| open.other_units(&values, language)).unwrap_or_default();
    let limits = open.limits(language);
    // Where no category is shown, the conversion stands beside the limits.
    let limits =
        [limits, other.clone()].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · ");
    adapter.set_other_units(other.into());
    adapter.set_limits(limits.into());
    let last = match app.vitals.aside.is_empty() {
        true => vitals_tiles::last_words(app, view, vital),
        false => app.vitals.aside.clone(),
    };
    adapter.set_last(last.into());
    adapter.set_decimal(open.takes_point());
    adapter.set_can_save(open.is_filled() && error.is_empty() && app.vitals.ask_again.is_empty());
    let units: Vec<SharedString> =
        vital.units().into_iter().map(|unit| readings::unit_words(unit, language).into()).collect();
    adapter.set_units(model(units));
    adapter.set_unit(readings::unit_words(open.unit(), language).into());
    adapter.set_selected_id(vital.id().into());
}

fn show(app: &mut App) {
    if let Some(view) = visit::view(app) {
        show_entry(app, &view);
    }
}

fn select(app: &mut App, id: SharedString) {
    if id == vitals_tiles::OTHER_PAGE {
        app.vitals.offered_shown = !app.vitals.offered_shown;
        return super::frame::refresh(app);
    }
    let Some(view) = visit::view(app) else { return };
    let vital = Vital::from_id(&id, view.packs.current());
    let Some(vital) = vital.filter(|vital| vital.taken != Taken::BodyMass) else { return };
    if view.visit.status != Some(shared::domain::visit::VisitStatus::InProgress) {
        return;
    }
    if app.vitals.open.as_ref().is_none_or(|open| open.vital() != vital) {
        start(app, vital);
    }
    refresh(app, &view);
}

fn start(app: &mut App, vital: Vital) {
    app.vitals.open = Some(Entry::new(vital, unit(app, vital)));
    app.vitals.error.clear();
    app.vitals.ask_again.clear();
    app.vitals.aside.clear();
    app.vitals.asked.remove(&vital);
    app.vitals.from_device = false;
}

fn toggle_source(app: &mut App) {
    app.vitals.from_device = !app.vitals.from_device;
    show(app);
}

fn select_part(app: &mut App, id: SharedString) {
    if let Some(open) = app.vitals.open.as_mut() {
        open.select(&id);
    }
    show(app);
}

fn press(app: &mut App, key: SharedString) {
    let Some(open) = app.vitals.open.as_mut().filter(|_| app.vitals.ask_again.is_empty()) else { return };
    open.press(&key);
    app.vitals.error.clear();
    show(app);
}

fn set_unit(app: &mut App, words: SharedString) {
    let language = app.language();
    let Some(open) = app.vitals.open.as_mut() else { return };
    let vital = open.vital();
    let chosen = vital.units().into_iter().find(|unit| words == readings::unit_words(unit, language));
    let Some(unit) = chosen else { return };
    open.set_unit(unit);
    app.vitals.units.insert(vital, unit);
    app.vitals.error.clear();
    let Some(view) = visit::view(app) else { return };
    refresh(app, &view);
}

/// Checks and writes what was typed; an unusual value is asked about once.
fn save(app: &mut App, confirmed: bool) {
    let (Some(open), Some(view)) = (app.vitals.open.clone(), visit::view(app)) else { return };
    let (vital, language) = (open.vital(), app.language());
    let values = match open.values() {
        Ok(values) if open.is_filled() => values,
        _ => {
            app.vitals.error = format!(
                "{}: {}",
                vital.name(language),
                say(language, "type a number.", "escriba un número.")
            );
            return show(app);
        }
    };
    // Swapped numbers are said at once, before either of them is called unusual.
    if let (Taken::Pressure, [systolic, diastolic]) = (vital.taken, &values[..])
        && diastolic >= systolic
    {
        let swapped = VitalsError::NotBelow { systolic: *systolic, diastolic: *diastolic };
        if let Problem::Wrong(words) = entry::words(&swapped, &open, language) {
            app.vitals.error = words;
        }
        return show(app);
    }
    let confirmed = confirmed || app.vitals.asked.contains(&vital);
    let from_device = app.vitals.from_device;
    let draft = |(part, value): (usize, &shared::content::Quantity)| VitalDraft {
        measurement: vital.keys()[part].to_owned(),
        typed: match (vital.taken, values.beyond, &vital.measurement(part).meter) {
            (Taken::Vision, ..) => format!("{LINE}{value}"),
            (_, Some(beyond), Some(meter)) => meter.word(beyond).to_owned(),
            _ => value.to_string(),
        },
        confirmed,
        from_device,
    };
    let drafts: Vec<VitalDraft> = values.iter().enumerate().map(draft).collect();
    let reading = of_visit(&view, vital).len() as u32 + 1;
    let Some(desk) = app.desk.as_mut() else { return };
    match desk.record_vitals(view.id, &drafts, reading) {
        Ok(taken) => saved(app, &open, taken),
        Err(VitalsError::Capture(error)) => trouble::tell(app, &error),
        Err(error) => {
            match entry::words(&error, &open, language) {
                Problem::Unusual(words) => {
                    app.vitals.ask_again = words;
                    app.vitals.asked.insert(vital);
                }
                Problem::TooHigh(words) | Problem::Wrong(words) => app.vitals.error = words,
            }
            show(app);
        }
    }
}

fn saved(app: &mut App, open: &Entry, taken: VitalsTaken) {
    let (Some(visit), vital) = (app.visit.shown, open.vital()) else { return };
    app.vitals.skipped.remove(&vital);
    stop(app);
    super::frame::refresh(app);
    let text = format!("{} {}", vital.name(app.language()), app.say("saved", "guardado"));
    undo::offer(app, &text, Undoing::Facts(visit, taken.facts));
    if !taken.raised.is_empty() {
        critical::ask(app, visit);
    }
}

/// The first reading is kept in sight, not in the record: the second one is.
fn measure_again(app: &mut App) {
    let language = app.language();
    let Some(open) = app.vitals.open.clone() else { return };
    let first = open
        .values()
        .map(|values| readings::value_words(open.vital(), &values, open.unit()))
        .unwrap_or_default();
    app.vitals.open = Some(Entry::new(open.vital(), open.unit()));
    app.vitals.ask_again.clear();
    app.vitals.aside = format!("{} {first}", say(language, "First:", "Primera:"));
    show(app);
}

fn skip(app: &mut App) {
    let Some(open) = app.vitals.open.as_ref() else { return };
    let vital = open.vital();
    app.vitals.skipped.insert(vital);
    close(app);
}

fn stop(app: &mut App) {
    app.vitals.open = None;
    app.vitals.error.clear();
    app.vitals.ask_again.clear();
    app.vitals.aside.clear();
}

fn close(app: &mut App) {
    stop(app);
    if app.visit.page == VisitPage::Vitals {
        super::frame::refresh(app);
    }
}

/// Words of the language that the staff chose meanwhile: what was wrong is said anew at the next save.
pub(crate) fn retranslate(app: &mut App) {
    app.vitals.error.clear();
}
