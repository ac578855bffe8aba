//! Today: the route, the day pack, what the planner and other vans changed.

use super::format::{self, say};
use super::state::{App, Shared, model, on, on_one};
use super::ui::{MainWindow, Notice, PackState, Screen, StopLine, StopState, TodayAdapter, Tone};
use super::undo::{self, Undoing};
use super::{find, frame};
use crate::capture::{self, Day, StopView};
use shared::content::Language;
use shared::domain::route::StopStatus;
use shared::ids::StopId;
use shared::sync::Phase;
use shared::time::Timestamp;
use slint::{ComponentHandle, SharedString};

pub(crate) fn wire(shared: &Shared, window: &MainWindow) {
    let adapter = window.global::<TodayAdapter>();
    adapter.on_open_stop(on_one(shared, open_stop));
    adapter.on_get_pack(on(shared, get_pack));
}

/// The stop that is open, else the next one that was not reached yet.
fn next_stop(day: &Day) -> Option<&StopView> {
    let with = |status| day.stops.iter().find(|stop| stop.status == status);
    with(StopStatus::Arrived).or_else(|| with(StopStatus::Planned))
}

/// After a restart the stop that was open is open still.
pub(crate) fn find_open_stop(app: &mut App) {
    if app.stop.is_none()
        && let Some(day) = app.with_desk(|desk| desk.today())
    {
        app.stop = day.stops.iter().find(|stop| stop.status == StopStatus::Arrived).map(|stop| stop.id);
    }
    tell_time_here(app);
}

/// By which clock the screens tell the time: the desk's own, so that a page and the record never differ about a day.
pub(crate) fn tell_time_here(app: &mut App) {
    let stop = app.stop;
    let offset = app.with_desk(|desk| {
        desk.stand_at(stop);
        desk.offset_minutes_east()
    });
    app.frame.offset_minutes_east = offset.unwrap_or(app.frame.offset_minutes_east);
}

pub(crate) fn refresh(app: &mut App) {
    let Some(day) = app.with_desk(|desk| desk.today()) else { return };
    let language = app.language();
    let window = app.window();
    let adapter = window.global::<TodayAdapter>();
    adapter.set_day(format::day_of_week(day.day, language).into());
    adapter.set_summary(summary(&day, app).into());
    let next = next_stop(&day);
    adapter.set_next_stop_id(next.map(|stop| stop.id.to_string()).unwrap_or_default().into());
    adapter.set_next_stop_is_open(next.is_some_and(|stop| stop.status == StopStatus::Arrived));
    let next = next.map(|stop| stop.id);
    adapter.set_stops(model(day.stops.iter().map(|stop| line(stop, next, language)).collect()));
    show_pack(app, &day);
    adapter.set_changes(model(changes(app, &day)));
}

fn summary(day: &Day, app: &App) -> String {
    let language = app.language();
    if day.stops.is_empty() {
        return say(language, "No route is known yet", "Todavía no se conoce la ruta").to_owned();
    }
    let expected = day.stops.iter().map(|stop| stop.expected).sum();
    let stops =
        format::count(day.stops.len(), say(language, "stop", "parada"), say(language, "stops", "paradas"));
    let people = format::count(
        expected,
        say(language, "person expected", "persona esperada"),
        say(language, "people expected", "personas esperadas"),
    );
    let text = format!("{stops} · {people}");
    if day.day > app.today() {
        format!("{} · {text}", say(language, "Not today", "No es hoy"))
    } else {
        text
    }
}

fn clock(at: Option<Timestamp>, stop: &StopView, language: Language) -> String {
    at.map(|at| format::time(at, stop.offset_minutes_east, language)).unwrap_or_default()
}

/// `38 seen of 220 expected`.
pub(crate) fn counts(stop: &StopView, language: Language) -> String {
    let (seen, expected) = (format::thousands(stop.seen), format::thousands(stop.expected));
    match language {
        Language::English => format!("{seen} seen of {expected} expected"),
        Language::Spanish => format!("{seen} de {expected} personas atendidas"),
    }
}

fn line(stop: &StopView, next: Option<StopId>, language: Language) -> StopLine {
    let (state, text) = match stop.status {
        StopStatus::Departed => (StopState::Done, say(language, "Done", "Terminada")),
        StopStatus::Cancelled => (StopState::Cancelled, say(language, "Canceled", "Cancelada")),
        StopStatus::Arrived => (StopState::Open, say(language, "Open", "Abierta")),
        StopStatus::Planned if next == Some(stop.id) => (StopState::Next, say(language, "Next", "Siguiente")),
        StopStatus::Planned => (StopState::Later, say(language, "Later", "Después")),
    };
    // One line is drawn large at most.
    let state = if state == StopState::Open && next != Some(stop.id) { StopState::Later } else { state };
    StopLine {
        id: stop.id.to_string().into(),
        time: clock(stop.arrive_at, stop, language).into(),
        until: clock(stop.depart_at, stop, language).into(),
        name: stop.site_name.as_str().into(),
        place: stop.address.as_str().into(),
        distance: SharedString::new(),
        counts: counts(stop, language).into(),
        state,
        state_text: text.into(),
    }
}

fn show_pack(app: &App, day: &Day) {
    let (language, offset) = (app.language(), app.offset());
    let window = app.window();
    let adapter = window.global::<TodayAdapter>();
    let is_loading = app.report.is_some_and(|report| report.phase == Phase::Pulling);
    let (state, text, missing) = match &day.pack {
        capture::PackState::Complete { people, at } => {
            let people = format::count(
                *people,
                say(language, "person", "persona"),
                say(language, "people", "personas"),
            );
            let loaded = format::moment(*at, app.now(), offset, language);
            (PackState::Complete, format!("{people} · {loaded}"), vec![])
        }
        capture::PackState::Missing(stops) => {
            let state = if is_loading { PackState::Loading } else { PackState::Missing };
            let time_of = |id: &String| {
                day.stops
                    .iter()
                    .find(|stop| stop.id.to_string() == *id)
                    .map(|stop| clock(stop.arrive_at, stop, language))
            };
            let line = |id| {
                format!(
                    "{} {}",
                    say(language, "List of the stop at", "Lista de la parada de las"),
                    time_of(id).unwrap_or_default()
                )
            };
            (
                state,
                say(language, "Some of it is here.", "Una parte está aquí.").to_owned(),
                stops.iter().map(line).collect(),
            )
        }
        capture::PackState::None => {
            let state = if is_loading { PackState::Loading } else { PackState::None };
            let text = say(
                language,
                "Connect once, then everything works offline.",
                "Conecte una vez; después todo funciona sin conexión.",
            );
            (state, text.to_owned(), vec![])
        }
    };
    adapter.set_pack(state);
    adapter.set_pack_text(text.into());
    let missing: Vec<SharedString> = missing.into_iter().map(|line: String| line.into()).collect();
    adapter.set_pack_missing(model(missing));
    // How much will come is not known before it is here; the bar says only that it moves.
    let received = app.report.map_or(0, |report| report.entries_received);
    adapter.set_pack_progress((received as f32 / (received as f32 + 500.0)).min(0.95));
}

fn changes(app: &App, day: &Day) -> Vec<Notice> {
    let language = app.language();
    let notice = |text: &str, detail: &str, tone| Notice { text: text.into(), detail: detail.into(), tone };
    let mut changes = Vec::new();
    if let Some(note) = day.note.as_deref().filter(|note| !note.is_empty()) {
        changes.push(notice(note, say(language, "From the planner", "De planificación"), Tone::Info));
    }
    let cancelled = day.stops.iter().filter(|stop| stop.status == StopStatus::Cancelled);
    for stop in cancelled {
        changes.push(notice(
            &stop.site_name,
            say(language, "This stop is canceled", "Esta parada se canceló"),
            Tone::Caution,
        ));
    }
    if app.frame.inbox_count > 0 {
        let waiting = format::count(
            app.frame.inbox_count,
            say(language, "thing waits in the inbox", "asunto espera en la bandeja"),
            say(language, "things wait in the inbox", "asuntos esperan en la bandeja"),
        );
        changes.push(notice(&waiting, "", Tone::Caution));
    }
    changes
}

/// Opens a stop; one that was only planned is reached now.
fn open_stop(app: &mut App, id: SharedString) {
    let Ok(id) = id.parse::<StopId>() else { return };
    let Some(stop) = app.with_desk(|desk| desk.stop(id)) else { return };
    if stop.status == StopStatus::Planned {
        let Some(undo) = app.with_desk(|desk| desk.set_stop_status(id, StopStatus::Arrived)) else { return };
        let text = format!("{} {}", app.say("Arrived:", "Llegada:"), stop.site_name);
        undo::offer(app, &text, Undoing::Fields(undo));
    }
    if app.stop != Some(id) {
        find::forget(app);
    }
    app.stop = Some(id);
    frame::show(app, Screen::Stop);
}

/// Asks for what is missing now, instead of at the next turn. Nothing waits for it.
fn get_pack(app: &mut App) {
    app.saved.notify_one();
}
