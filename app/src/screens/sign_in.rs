//! Sign-in: who works, their PIN, and the first PIN of somebody who has none. No PIN is kept longer than its check. What
//! is asked after a lease ended stands in `sign_in_late`.

use super::crew::{is_vouched_for, lease, members, tiles};
use super::dialog::{self, Ask, Question};
use super::format::{self, say};
use super::state::{Acting, App, Shared, language_options, model, on, on_one};
use super::ui::{MainWindow, SignInAdapter, SignInMode, Tone};
use super::{frame, sign_in_late, sign_in_words as said, words};
use crate::session::{Pin, SignInError, Unlocked};
use crate::store::DataKey;
use crate::wiring;
use shared::ids::StaffId;
use shared::time::Timestamp;
use slint::{ComponentHandle, SharedString};
use zeroize::Zeroizing;

/// The keypad asks for exactly so many digits.
pub const PIN_DIGITS: usize = 6;

pub(crate) struct State {
    pub(super) mode: SignInMode,
    /// The tiles show everybody of the region, not only the crew.
    pub(super) everybody: bool,
    pub(super) chosen: Option<Acting>,
    lease_until: Option<Timestamp>,
    digits: Zeroizing<String>,
    /// The first of the two times that a new PIN is typed.
    first: Zeroizing<String>,
    pub(super) error: String,
    tries_left: String,
    is_checking: bool,
    pub(super) late: sign_in_late::State,
}

impl Default for State {
    fn default() -> Self {
        Self {
            mode: SignInMode::Crew,
            everybody: false,
            chosen: None,
            lease_until: None,
            digits: Zeroizing::default(),
            first: Zeroizing::default(),
            error: String::new(),
            tries_left: String::new(),
            is_checking: false,
            late: sign_in_late::State::default(),
        }
    }
}

impl State {
    /// What is asked next. Only the reasons that were given stay.
    fn turn_to(&mut self, next: State) {
        let late = self.late.kept();
        *self = State { late, ..next };
    }
}

pub(crate) fn wire(shared: &Shared, window: &MainWindow) {
    let adapter = window.global::<SignInAdapter>();
    adapter.on_choose(on_one(shared, choose));
    adapter.on_someone_else(on(shared, someone_else));
    adapter.on_press(on_one(shared, press));
    adapter.on_back(on(shared, back));
    adapter.on_choose_reason(on_one(shared, sign_in_late::choose));
    adapter.on_go_on(on(shared, sign_in_late::go_on));
    adapter.on_set_language(on_one(shared, super::settings::set_language));
}

/// Shows the crew, or asks the acting person for the PIN again.
pub(crate) fn begin(app: &mut App, asks_for_the_same_person: bool) {
    app.sign_in.turn_to(State::default());
    if asks_for_the_same_person && let Some(acting) = app.acting.clone() {
        choose(app, acting.staff.to_string().into());
    }
}

/// Digits that somebody began to type and left.
pub(crate) fn forget_typed(app: &mut App) {
    if !app.sign_in.is_checking {
        let chosen = app.sign_in.chosen.take();
        app.sign_in.turn_to(match app.sign_in.mode {
            SignInMode::Crew | SignInMode::ChoosePin | SignInMode::RepeatPin => State::default(),
            SignInMode::Pin | SignInMode::Reason => {
                State { chosen, mode: SignInMode::Pin, ..State::default() }
            }
        });
        refresh(app);
    }
}

pub(crate) fn refresh(app: &mut App) {
    let window = app.window();
    let adapter = window.global::<SignInAdapter>();
    let (language, state) = (app.language(), &app.sign_in);
    adapter.set_mode(state.mode);
    adapter.set_everybody(state.everybody);
    let van = app.desk.as_ref().map(|desk| desk.identity().van_code.clone());
    adapter.set_van_name(van.unwrap_or_else(|| "Caravan".to_owned()).into());
    adapter.set_day(format::day_of_week(app.today(), language).into());
    adapter.set_crew(model(tiles(app)));
    if let Some(chosen) = &state.chosen {
        adapter.set_chosen_name(chosen.name.as_str().into());
        adapter.set_chosen_role(words::role_of_code(&chosen.role, language).into());
        adapter.set_chosen_initials(format::initials(&chosen.name).into());
    }
    adapter.set_lease(state.lease_until.map(|until| lease(until, app)).unwrap_or_default().into());
    adapter.set_digits_needed(PIN_DIGITS as i32);
    adapter.set_languages(language_options(Some(language)));
    let label = app.desk.as_ref().map(|desk| format!("{} · ", desk.identity().label)).unwrap_or_default();
    let line = match app.folder.is_erased() {
        true => app.say("Erased by the office", "Borrado por la oficina").to_owned(),
        false => format!("{label}Caravan {}", env!("CARGO_PKG_VERSION")),
    };
    adapter.set_device_line(line.into());
    show_entry(app);
}

/// Only what a key changes.
pub(super) fn show_entry(app: &App) {
    let window = app.window();
    let (adapter, state) = (window.global::<SignInAdapter>(), &app.sign_in);
    adapter.set_mode(state.mode);
    adapter.set_digits_typed(state.digits.len() as i32);
    adapter.set_error(state.error.as_str().into());
    adapter.set_tries_left(state.tries_left.as_str().into());
    adapter.set_checking(state.is_checking);
    adapter.set_reasons(model(sign_in_late::options(app)));
    adapter.set_can_go_on(state.late.is_chosen());
}

fn choose(app: &mut App, id: SharedString) {
    let Ok(staff) = id.parse::<StaffId>() else { return };
    let language = app.language();
    let fresh =
        |mode, chosen, lease_until| State { mode, chosen: Some(chosen), lease_until, ..State::default() };
    if let Some(member) = members(app).into_iter().find(|member| member.staff == staff) {
        if member.tries_left == 0 && is_vouched_for(app) {
            let title = format!(
                "{} {}?",
                say(language, "Let somebody try again:", "Permitir que intente de nuevo:"),
                member.name
            );
            let body = say(
                language,
                "You know this colleague and they are here.",
                "Usted conoce a esta persona y está aquí.",
            );
            let told = Question::told(Tone::Caution, &title, body, language);
            let (confirm, cancel) = (say(language, "Let them try", "Permitir"), say(language, "No", "No"));
            return dialog::open(app, Question { ask: Ask::Restore(staff), confirm, cancel, ..told });
        }
        let lease_until = (app.now() <= member.lease_until).then_some(member.lease_until);
        let chosen = Acting { staff, name: member.name, role: member.role };
        app.sign_in.turn_to(fresh(SignInMode::Pin, chosen, lease_until));
    } else if is_vouched_for(app) {
        let everybody = app.with_desk(|desk| desk.everybody()).unwrap_or_default();
        let Some(member) = everybody.into_iter().find(|member| member.staff == staff) else { return };
        let role = member.role.map_or("", |role| role.code()).to_owned();
        let chosen = Acting { staff, name: member.name, role };
        app.sign_in.turn_to(fresh(SignInMode::ChoosePin, chosen, None));
    }
    refresh(app);
}

/// A colleague vouched for somebody who typed too many wrong PINs.
pub(crate) fn restore(app: &mut App, staff: StaffId) {
    if let Err(error) = app.keyring.restore(staff) {
        tracing::warn!(%error, "a colleague could not be let in again");
    }
    refresh(app);
}

fn someone_else(app: &mut App) {
    app.sign_in.everybody = !app.sign_in.everybody;
    refresh(app);
}

fn back(app: &mut App) {
    if !app.sign_in.is_checking {
        let everybody = app.sign_in.everybody;
        app.sign_in.turn_to(State { everybody, ..State::default() });
        refresh(app);
    }
}

fn press(app: &mut App, key: SharedString) {
    if app.sign_in.is_checking || matches!(app.sign_in.mode, SignInMode::Crew | SignInMode::Reason) {
        return;
    }
    let digits = &mut app.sign_in.digits;
    match key.as_str() {
        "erase" => drop(digits.pop()),
        digit if digit.len() == 1 && digit.as_bytes()[0].is_ascii_digit() && digits.len() < PIN_DIGITS => {
            digits.push_str(digit);
            app.sign_in.error.clear();
        }
        _ => return,
    }
    if app.sign_in.digits.len() == PIN_DIGITS {
        submit(app);
    }
    show_entry(app);
}

fn submit(app: &mut App) {
    let typed = std::mem::take(&mut app.sign_in.digits);
    let language = app.language();
    match app.sign_in.mode {
        SignInMode::Crew | SignInMode::Reason => {}
        SignInMode::Pin => {
            let Some(chosen) = &app.sign_in.chosen else { return };
            let staff = chosen.staff;
            app.sign_in.is_checking = true;
            wiring::check_pin(app, staff, Pin::typed(&typed));
        }
        SignInMode::ChoosePin => match Pin::choose(&typed) {
            Ok(_) => {
                app.sign_in.first = typed;
                app.sign_in.mode = SignInMode::RepeatPin;
            }
            Err(error) => app.sign_in.error = said::pin(error, language).to_owned(),
        },
        SignInMode::RepeatPin => {
            let first = std::mem::take(&mut app.sign_in.first);
            if first == typed {
                admit(app, &typed);
            } else {
                app.sign_in.mode = SignInMode::ChoosePin;
                app.sign_in.error = say(
                    language,
                    "The two PINs differ. Choose again.",
                    "Los dos PIN no son iguales. Elija de nuevo.",
                )
                .into();
            }
        }
    }
}

/// The answer to a PIN.
pub(crate) fn checked(app: &mut App, staff: StaffId, answer: Result<Unlocked, SignInError>) {
    app.sign_in.is_checking = false;
    let Some(chosen) = app.sign_in.chosen.clone().filter(|chosen| chosen.staff == staff) else { return };
    match answer {
        Ok(Unlocked::InTime(key)) => open(app, chosen, key),
        Ok(Unlocked::Late(late)) => sign_in_late::ask(app, chosen, late),
        Err(error) => refuse(app, &error),
    }
}

/// Their key is there: the work goes on.
pub(super) fn open(app: &mut App, chosen: Acting, key: DataKey) {
    match wiring::open_desk(app, chosen.staff, key) {
        Ok(()) => enter(app, chosen),
        Err(error) => refuse(app, &error.into()),
    }
}

pub(super) fn refuse(app: &mut App, error: &SignInError) {
    let language = app.language();
    app.sign_in.tries_left = match error {
        SignInError::WrongPin { tries_left } => said::tries(*tries_left, language),
        _ => String::new(),
    };
    app.sign_in.error = said::error(error, language);
    show_entry(app);
}

fn enter(app: &mut App, chosen: Acting) {
    let is_same_person = app.acting.as_ref().is_some_and(|acting| acting.staff == chosen.staff);
    app.acting = Some(chosen);
    app.sign_in.turn_to(State::default());
    frame::enter(app, is_same_person);
}

/// Somebody of the crew chose a PIN while a colleague's data key is open. Their lease ends with the colleagues'.
fn admit(app: &mut App, typed: &str) {
    let (Some(chosen), Some(key)) = (app.sign_in.chosen.clone(), app.key.clone()) else { return };
    let lease_until = members(app).iter().map(|member| member.lease_until).max().unwrap_or(app.now());
    let admitted = match Pin::choose(typed) {
        Ok(pin) => app.keyring.admit(chosen.staff, &chosen.name, &chosen.role, &pin, &key, lease_until),
        Err(_) => return,
    };
    match admitted.and_then(|()| Ok(wiring::open_desk(app, chosen.staff, key)?)) {
        Ok(()) => enter(app, chosen),
        Err(error) => app.sign_in.error = said::error(&error, app.language()),
    }
}
