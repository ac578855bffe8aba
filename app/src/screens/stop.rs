//! Stop: the board of four columns and the counts. Its search is `find`'s.

use super::format::{self, say};
use super::state::{App, Shared, model, on, on_one};
use super::ui::{MainWindow, QueueCard, Screen, StopAdapter};
use super::undo::{self, Undoing};
use super::{find, frame, today, visit, words};
use crate::capture::{Card, StopView};
use shared::content::Language;
use shared::domain::route::StopStatus;
use shared::domain::visit::Station;
use shared::ids::VisitId;
use slint::{ComponentHandle, SharedString};

/// From here on a card is marked: who came to work on a break has to go back.
const LONG_WAIT_MINUTES: usize = 30;

#[derive(Default)]
pub(crate) struct State {
    /// Who waits longest, for the primary action.
    first_waiting: Option<VisitId>,
}

pub(crate) fn wire(shared: &Shared, window: &MainWindow) {
    let adapter = window.global::<StopAdapter>();
    adapter.on_open(on_one(shared, open));
    adapter.on_call_next(on(shared, call_next));
    adapter.on_close_stop(on(shared, close_stop));
}

pub(crate) fn refresh(app: &mut App) {
    let Some(id) = app.stop else { return };
    let Some(stop) = app.with_desk(|desk| desk.stop(id)) else { return };
    let Some(board) = app.with_desk(|desk| desk.board(id)) else { return };
    let language = app.language();
    app.stops.first_waiting = board.waiting.first().map(|card| card.visit);
    let window = app.window();
    let adapter = window.global::<StopAdapter>();
    adapter.set_name(stop.site_name.as_str().into());
    adapter.set_place(place(&stop, language).into());
    adapter.set_counts(today::counts(&stop, language).into());
    adapter.set_seen_share(stop.seen as f32 / stop.expected.max(1) as f32);
    adapter.set_can_close(stop.status == StopStatus::Arrived);
    let cards = |cards: &[Card], is_done| {
        model(cards.iter().map(|card| queue_card(card, is_done, app)).collect::<Vec<QueueCard>>())
    };
    adapter.set_waiting(cards(&board.waiting, false));
    adapter.set_vitals(cards(&board.vitals, false));
    adapter.set_nurse(cards(&board.nurse, false));
    adapter.set_done(cards(&board.done, true));
    find::refresh(app);
}

/// `Gate 3, Sampleton · 6:00 to 10:30 AM`.
fn place(stop: &StopView, language: Language) -> String {
    let time = |at| format::time(at, stop.offset_minutes_east, language);
    let hours = match (stop.arrive_at, stop.depart_at) {
        (Some(from), Some(to)) => format!("{} {} {}", time(from), say(language, "to", "a"), time(to)),
        (Some(from), None) => time(from),
        _ => String::new(),
    };
    [stop.address.as_str(), &hours]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" · ")
}

fn queue_card(card: &Card, is_done: bool, app: &App) -> QueueCard {
    let language = app.language();
    let minutes = format::minutes_between(card.checked_in_at, app.now());
    let spoken = card.language.as_deref().and_then(Language::from_tag).filter(|spoken| *spoken != language);
    let when = match is_done {
        true => format::time(card.checked_in_at, app.offset(), language),
        false => format!("{} min", format::thousands(minutes)),
    };
    QueueCard {
        id: card.visit.to_string().into(),
        name: card.name.as_str().into(),
        minutes: when.into(),
        note: spoken.map_or("", words::language_name).into(),
        long_wait: !is_done && minutes >= LONG_WAIT_MINUTES,
        gaps: card.open_gaps as i32,
    }
}

fn open(app: &mut App, id: SharedString) {
    if let Ok(id) = id.parse::<VisitId>() {
        visit::open(app, id, Screen::Stop);
    }
}

/// Whoever waits longest is called to the vitals.
fn call_next(app: &mut App) {
    let Some(id) = app.stops.first_waiting else { return };
    if app.with_desk(|desk| desk.move_to(id, Station::Vitals)).is_some() {
        visit::open(app, id, Screen::Stop);
    }
}

fn close_stop(app: &mut App) {
    let Some(id) = app.stop else { return };
    let Some(undo) = app.with_desk(|desk| desk.set_stop_status(id, StopStatus::Departed)) else { return };
    let text = app.say("Stop ended", "Parada terminada").to_owned();
    app.stop = None;
    find::forget(app);
    frame::show(app, Screen::Today);
    undo::offer(app, &text, Undoing::Fields(undo));
}
