//! What surrounds every screen: where a tap on the rail leads, the top strip, the lock, the on-screen keyboard.

use super::dialog::{Ask, Question};
use super::format::{self, say};
use super::state::{App, Gate, Shared, later, on, on_one, on_turned};
use super::ui::{ActivityAdapter, KeyboardAdapter, MainWindow, NavAdapter, Screen, Tone};
use super::{
    check_in, dialog, find, inbox, person, question, question_page, settings, sign_in, stop, sync, today,
    visit, words,
};
use crate::capture::Undelivered;
use crate::wiring;
use shared::content::Language;
use shared::sync::Phase;
use slint::platform::WindowEvent;
use slint::{ComponentHandle, TimerMode};
use std::time::Duration;

/// How often the clock and the minutes of waiting are brought up to date.
const TICK: Duration = Duration::from_secs(20);

#[derive(Default)]
pub(crate) struct State {
    pub offset_minutes_east: i64,
    /// The person being screened answers alone.
    pub is_turned: bool,
    /// Conflicts and follow-ups, as counted when the inbox was last read.
    pub inbox_count: usize,
    /// In which language the person being seen reads and answers.
    pub person_language: Option<Language>,
    /// Where Settings leads back to.
    before_settings: Option<Screen>,
    tick: slint::Timer,
}

pub(crate) fn wire(shared: &Shared, window: &MainWindow) {
    let adapter = window.global::<NavAdapter>();
    adapter.on_go(on_one(shared, go));
    adapter.on_lock(on(shared, lock));
    adapter.on_switch_person(on(shared, switch_person));
    adapter.on_leave_turned(on_turned(shared, leave_turned));
    adapter.on_change_person_language(on(shared, change_person_language));
    // It may come in the middle of a controller's work, which then counts as a touch by itself.
    let state = std::rc::Rc::downgrade(shared);
    window.global::<ActivityAdapter>().on_touched(move || {
        if let Some(app) = state.upgrade()
            && let Ok(mut app) = app.try_borrow_mut()
        {
            app.touched();
        }
    });
    // A key goes to the field that has the focus, whose own callback comes back here: nothing may be borrowed.
    let (weak, state) = (window.as_weak(), std::rc::Rc::downgrade(shared));
    window.global::<KeyboardAdapter>().on_key(move |key| {
        if let Some(app) = state.upgrade() {
            app.borrow_mut().touched();
        }
        if let Some(window) = weak.upgrade() {
            window.window().dispatch_event(WindowEvent::KeyPressed { text: key.clone() });
            window.window().dispatch_event(WindowEvent::KeyReleased { text: key });
        }
    });
}

/// Starts the automatic lock and the clock.
pub(crate) fn start_timers(app: &mut App) {
    let lock_after = Duration::from_secs(app.preferences.lock_after_seconds.max(10));
    app.idle.start(TimerMode::Repeated, lock_after, later(&app.myself, lock_idle));
    app.frame.tick.start(TimerMode::Repeated, TICK, later(&app.myself, tick));
}

fn tick(app: &mut App) {
    strip(app);
    if app.gate == Gate::Open && matches!(app.screen, Screen::Stop | Screen::Sync) {
        refresh(app);
    }
}

fn go(app: &mut App, screen: Screen) {
    if app.gate != Gate::Open || app.frame.is_turned {
        return;
    }
    match screen {
        Screen::Stop if app.stop.is_none() => {}
        Screen::Settings => {
            if app.screen != Screen::Settings {
                app.frame.before_settings = Some(app.screen);
            }
            show(app, Screen::Settings);
        }
        Screen::Today | Screen::Stop | Screen::Find | Screen::Inbox | Screen::Sync => show(app, screen),
        _ => {}
    }
}

pub(crate) fn leave_settings(app: &mut App) {
    let back = app.frame.before_settings.take().unwrap_or(Screen::Today);
    show(app, back);
}

/// Shows a screen with what is known now.
pub(crate) fn show(app: &mut App, screen: Screen) {
    app.screen = screen;
    refresh(app);
    // A refresh may have found that what was to be shown is gone.
    let window = app.window();
    window.invoke_release_focus();
    window.global::<NavAdapter>().set_screen(app.screen);
    strip(app);
    dialog::show(app);
}

/// Brings the visible screen up to what is known now.
pub(crate) fn refresh(app: &mut App) {
    today::tell_time_here(app);
    match app.screen {
        Screen::SignIn => sign_in::refresh(app),
        Screen::Today => today::refresh(app),
        Screen::Stop => stop::refresh(app),
        Screen::Find => find::refresh(app),
        Screen::Register => {}
        Screen::Person => person::refresh(app),
        Screen::CheckIn => check_in::refresh(app),
        Screen::Visit => visit::refresh(app),
        Screen::Inbox => inbox::refresh(app),
        Screen::Sync => sync::refresh(app),
        Screen::Settings => settings::refresh(app),
    }
    strip(app);
}

/// The top strip and the rail's counts.
pub(crate) fn strip(app: &mut App) {
    let (language, now, offset) = (app.language(), app.now(), app.offset());
    let window = app.window();
    let adapter = window.global::<NavAdapter>();
    adapter.set_clock(format::time(now, offset, language).into());
    adapter.set_stop_open(app.stop.is_some());
    adapter.set_turned(app.frame.is_turned);
    adapter.set_inbox_count(app.frame.inbox_count as i32);
    if let Some(acting) = &app.acting {
        adapter.set_acting_name(acting.name.as_str().into());
        adapter.set_acting_role(words::role_of_code(&acting.role, language).into());
    }
    let is_about_person = matches!(app.screen, Screen::Person | Screen::CheckIn | Screen::Visit);
    let spoken = app.frame.person_language.filter(|_| is_about_person).map_or("", words::language_name);
    adapter.set_person_language(spoken.into());
    let stop_name = match (app.stop, app.desk.as_ref()) {
        (Some(stop), Some(desk)) => desk.stop(stop).map(|stop| stop.site_name).unwrap_or_default(),
        _ => String::new(),
    };
    adapter.set_stop_name(stop_name.into());
    let (text, tone) = delivery(app);
    adapter.set_delivery_text(text.into());
    adapter.set_delivery_tone(tone);
}

/// `12 visits waiting`; changes about no visit are named where there are only such.
fn waiting_words(waiting: Undelivered, language: Language) -> String {
    let (number, one, many) = match waiting {
        Undelivered { changes: 0, .. } => return String::new(),
        Undelivered { visits: 0, changes } => (
            changes,
            say(language, "change waiting", "cambio espera"),
            say(language, "changes waiting", "cambios esperan"),
        ),
        Undelivered { visits, .. } => (
            visits,
            say(language, "visit waiting", "visita espera"),
            say(language, "visits waiting", "visitas esperan"),
        ),
    };
    format::count(number, one, many)
}

/// How delivery stands, in a few words. Being offline is normal and has no tone.
pub(crate) fn delivery(app: &App) -> (String, Tone) {
    let (language, offset) = (app.language(), app.offset());
    let Some(desk) = app.desk.as_ref() else { return (String::new(), Tone::Neutral) };
    let waiting = desk.undelivered().unwrap_or_default();
    let queue = match waiting_words(waiting, language) {
        words if words.is_empty() => words,
        words => format!(" · {words}"),
    };
    if desk.must_enrol().unwrap_or(false) {
        let words = say(language, "Enroll this device again", "Registre de nuevo este dispositivo");
        return (format!("{words}{queue}"), Tone::Caution);
    }
    let since = app.report.and_then(|report| report.settled_at);
    let state = match app.report.map(|report| report.phase) {
        Some(Phase::EnrolAnew) => {
            return (
                say(language, "Enroll this device again", "Registre de nuevo este dispositivo").into(),
                Tone::Caution,
            );
        }
        Some(Phase::Refused(_)) => {
            return (
                say(language, "Refused: call the office", "Rechazado: llame a la oficina").into(),
                Tone::Caution,
            );
        }
        Some(Phase::DiskRefuses { .. }) => {
            let words =
                say(language, "The disk refuses: call the office", "El disco falla: llame a la oficina");
            return (format!("{words}{queue}"), Tone::Caution);
        }
        Some(Phase::Wiped) => {
            return (say(language, "Erased by the office", "Borrado por la oficina").into(), Tone::Caution);
        }
        Some(Phase::Settled) if since.is_some() => match waiting.changes {
            0 => say(language, "All delivered", "Todo entregado").to_owned(),
            _ => say(language, "Connected", "Con conexión").to_owned(),
        },
        Some(Phase::Pushing | Phase::Pulling) => say(language, "Connected", "Con conexión").to_owned(),
        _ => match since {
            Some(at) => format!(
                "{} {}",
                say(language, "Offline since", "Sin conexión desde las"),
                format::time(at, offset, language)
            ),
            None => say(language, "Offline", "Sin conexión").to_owned(),
        },
    };
    (format!("{state}{queue}"), Tone::Neutral)
}

/// The same person comes back with their PIN, to this screen and what was typed.
pub(crate) fn lock(app: &mut App) {
    if app.gate != Gate::Open {
        return;
    }
    app.gate = if app.frame.is_turned { Gate::Turned(app.screen) } else { Gate::Locked(app.screen) };
    close_to(app, true);
}

/// The office had this device erased: nobody can come back, and nothing of anybody is kept.
pub(crate) fn close_erased(app: &mut App) {
    app.gate = Gate::Closed;
    app.frame.is_turned = false;
    app.frame.inbox_count = 0;
    app.dialog = dialog::State::default();
    close_to(app, false);
    let language = app.language();
    let title = say(language, "This device was erased", "Este dispositivo fue borrado");
    let body = say(
        language,
        "The office ordered it. Everything that was captured here was delivered before. Give the device back to the office.",
        "La oficina lo ordenó. Todo lo capturado aquí se entregó antes. Devuelva el dispositivo a la oficina.",
    );
    let told = Question::told(Tone::Caution, title, body, language);
    dialog::open(app, Question { ask: Ask::Erased, ..told });
}

/// Nobody touched the screen for a while. Whoever handed over does not vouch for ever either.
fn lock_idle(app: &mut App) {
    match app.gate {
        Gate::Open => lock(app),
        Gate::HandedOver => {
            app.gate = Gate::Locked(Screen::Today);
            close_to(app, false);
        }
        Gate::Closed | Gate::Locked(_) | Gate::Turned(_) => sign_in::forget_typed(app),
    }
}

fn switch_person(app: &mut App) {
    if app.gate == Gate::Open {
        app.gate = Gate::HandedOver;
        close_to(app, false);
    }
}

fn leave_turned(app: &mut App) {
    if app.frame.is_turned && app.gate == Gate::Open {
        lock(app);
    }
}

fn close_to(app: &mut App, asks_for_the_same_person: bool) {
    question::keep_typed(app);
    wiring::rest(app);
    sign_in::begin(app, asks_for_the_same_person);
    settings::speak(app, app.language());
    settings::scale(app);
    show(app, Screen::SignIn);
}

/// The right PIN was typed: where the work goes on. Coming back to one's own work leads to where it was left.
pub(crate) fn enter(app: &mut App, is_same_person: bool) {
    let (before, was_turned) = (app.gate, app.frame.is_turned);
    app.gate = Gate::Open;
    app.frame.is_turned = false;
    app.question.is_held = false;
    today::find_open_stop(app);
    let screen = match before {
        Gate::Turned(screen) => screen,
        Gate::Locked(screen) if is_same_person => screen,
        _ if app.stop.is_some() => Screen::Stop,
        _ => Screen::Today,
    };
    inbox::count(app);
    show(app, screen);
    if was_turned {
        question_page::tell_positive(app);
    }
}

/// Turns the screen to the person being screened, who reads it in their own language.
pub(crate) fn turn(app: &mut App) {
    app.frame.is_turned = true;
    settings::scale(app);
    let language = app.frame.person_language.unwrap_or(app.language());
    settings::speak(app, language);
    refresh(app);
    dialog::show(app);
}

fn change_person_language(app: &mut App) {
    let now = app.frame.person_language.unwrap_or(app.language());
    let at = Language::ALL.iter().position(|language| *language == now).unwrap_or(0);
    app.frame.person_language = Some(Language::ALL[(at + 1) % Language::ALL.len()]);
    refresh(app);
}
