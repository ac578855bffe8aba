//! The bar that undoes the last save for ten seconds. A later save takes its place.

use super::frame;
use super::state::{App, Shared, later, on};
use super::ui::{MainWindow, UndoAdapter};
use crate::capture::Undo;
use shared::ids::{FactId, PersonId, VisitId};
use slint::{ComponentHandle, Timer, TimerMode};
use std::time::Duration;

const SECONDS: u32 = 10;

/// What brings back what was.
pub(crate) enum Undoing {
    Fields(Undo),
    /// Facts are never removed: they are marked as entered in error.
    Facts(VisitId, Vec<FactId>),
    /// Care that was recorded, with the gap that it closed.
    Care {
        person: PersonId,
        visit: Option<VisitId>,
        fact: FactId,
        closed: Option<Undo>,
    },
}

#[derive(Default)]
pub(crate) struct State {
    undoing: Option<Undoing>,
    seconds_left: u32,
    timer: Timer,
}

pub(crate) fn wire(shared: &Shared, window: &MainWindow) {
    let adapter = window.global::<UndoAdapter>();
    adapter.on_undo(on(shared, undo));
}

/// Offers to undo what was just saved.
pub(crate) fn offer(app: &mut App, text: &str, undoing: Undoing) {
    app.undo.undoing = Some(undoing);
    app.undo.seconds_left = SECONDS;
    let window = app.window();
    let adapter = window.global::<UndoAdapter>();
    adapter.set_text(text.into());
    adapter.set_seconds_left(SECONDS.to_string().into());
    adapter.set_shown(true);
    app.undo.timer.start(TimerMode::Repeated, Duration::from_secs(1), later(&app.myself, tick));
}

fn tick(app: &mut App) {
    app.undo.seconds_left = app.undo.seconds_left.saturating_sub(1);
    if app.undo.seconds_left == 0 {
        return dismiss(app);
    }
    app.window().global::<UndoAdapter>().set_seconds_left(app.undo.seconds_left.to_string().into());
}

/// Nothing is offered any more.
pub(crate) fn dismiss(app: &mut App) {
    app.undo.timer.stop();
    app.undo.undoing = None;
    app.window().global::<UndoAdapter>().set_shown(false);
}

fn undo(app: &mut App) {
    let Some(undoing) = app.undo.undoing.take() else { return };
    dismiss(app);
    let undone = app.with_desk(|desk| match undoing {
        Undoing::Fields(undo) => desk.undo(undo),
        Undoing::Facts(visit, facts) => {
            facts.into_iter().try_for_each(|fact| desk.entered_in_error(visit, fact))
        }
        Undoing::Care { person, visit, fact, closed } => {
            desk.withdraw_past_care(person, visit, fact)?;
            closed.map_or(Ok(()), |closed| desk.undo(closed))
        }
    });
    if undone.is_some() {
        frame::refresh(app);
    }
}
