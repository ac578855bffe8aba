//! The known conditions of a person: a short list to tick, in the words of the packs. Which care a condition brings or
//! ends is decided in `shared::domain::due`.

use super::person;
use super::state::{App, Shared, model, on_one, option};
use super::ui::{MainWindow, PersonAdapter};
use super::undo::{self, Undoing};
use crate::capture::PersonView;
use slint::{ComponentHandle, SharedString};
use std::collections::BTreeSet;

pub(crate) fn wire(shared: &Shared, window: &MainWindow) {
    window.global::<PersonAdapter>().on_toggle_condition(on_one(shared, toggle));
}

/// Names of the conditions that the person is known to have, as the rules call them.
fn known(view: &PersonView) -> BTreeSet<&str> {
    let catalog = &view.packs.current().gaps;
    view.person.conditions.iter().flatten().flat_map(|code| catalog.conditions_of(code)).collect()
}

pub(crate) fn refresh(app: &App, view: &PersonView) {
    let (language, known) = (app.language(), known(view));
    let catalog = &view.packs.current().gaps;
    let row = |name: &str| option(name, catalog.condition_name(name, language), known.contains(name));
    let rows = catalog.conditions_listed(language).into_iter().map(row).collect();
    let window = app.window();
    let adapter = window.global::<PersonAdapter>();
    adapter.set_conditions(model(rows));
    let tab = app.say("Conditions", "Condiciones");
    adapter.set_conditions_tab(match known.len() {
        0 => tab.into(),
        count => format!("{tab} ({count})").into(),
    });
}

fn toggle(app: &mut App, id: SharedString) {
    let Some(view) = app.person.view.clone() else { return };
    let has = !known(&view).contains(id.as_str());
    let Some(undo) = app.with_desk(|desk| desk.set_condition(view.id, &view.seen, &id, has)) else { return };
    let name = view.packs.current().gaps.condition_name(&id, app.language()).to_owned();
    // What was done comes first: a long name is cut at its end.
    let done = if has { app.say("Noted", "Anotado") } else { app.say("Taken back", "Retirado") };
    undo::offer(app, &format!("{done}: {name}"), Undoing::Fields(undo));
    person::refresh(app);
}
