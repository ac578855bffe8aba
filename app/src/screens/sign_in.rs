//! Sign-in: who works, their PIN, and the first PIN of somebody who has none. No PIN is kept longer than its check.

use super::dialog::{self, Ask, Question};
use super::format::{self, say};
use super::state::{Acting, App, Gate, Shared, language_options, model, on, on_one};
use super::ui::{CrewTile, MainWindow, SignInAdapter, SignInMode, Tone};
use super::{frame, trouble, words};
use crate::capture::CrewMember;
use crate::session::{Member, Pin, PinError, SignInError};
use crate::wiring;
use shared::content::Language;
use shared::ids::StaffId;
use shared::time::Timestamp;
use slint::{ComponentHandle, SharedString};
use zeroize::Zeroizing;

/// The keypad asks for exactly so many digits.
pub const PIN_DIGITS: usize = 6;

pub(crate) struct State {
    mode: SignInMode,
    everybody: bool,
    chosen: Option<Acting>,
    lease_until: Option<Timestamp>,
    digits: Zeroizing<String>,
    /// The first of the two times that a new PIN is typed.
    first: Zeroizing<String>,
    error: String,
    tries_left: String,
    is_checking: bool,
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
        }
    }
}

pub(crate) fn wire(shared: &Shared, window: &MainWindow) {
    let adapter = window.global::<SignInAdapter>();
    adapter.on_choose(on_one(shared, choose));
    adapter.on_someone_else(on(shared, someone_else));
    adapter.on_press(on_one(shared, press));
    adapter.on_back(on(shared, back));
    adapter.on_set_language(on_one(shared, super::settings::set_language));
}

/// Shows the crew, or asks the acting person for the PIN again.
pub(crate) fn begin(app: &mut App, asks_for_the_same_person: bool) {
    app.sign_in = State::default();
    if asks_for_the_same_person && let Some(acting) = app.acting.clone() {
        choose(app, acting.staff.to_string().into());
    }
}

/// Digits that somebody began to type and left.
pub(crate) fn forget_typed(app: &mut App) {
    if !app.sign_in.is_checking {
        app.sign_in = State { chosen: app.sign_in.chosen.take(), mode: app.sign_in.mode, ..State::default() };
        if matches!(app.sign_in.mode, SignInMode::ChoosePin | SignInMode::RepeatPin) {
            app.sign_in = State::default();
        }
        refresh(app);
    }
}

fn members(app: &App) -> Vec<Member> {
    app.keyring.members().unwrap_or_default()
}

/// Whether somebody without a PIN may choose one: a colleague handed over, and the data key is in memory.
fn is_vouched_for(app: &App) -> bool {
    app.gate == Gate::HandedOver && app.key.is_some()
}

fn tile_of_member(member: &Member, app: &App) -> CrewTile {
    let language = app.language();
    let (note, tone, enabled) = if member.tries_left == 0 {
        let note =
            say(language, "Too many wrong PINs: ask a colleague", "Demasiados PIN incorrectos: pida ayuda");
        (note.to_owned(), Tone::Urgent, is_vouched_for(app))
    } else if app.now() > member.lease_until {
        let note = say(language, "Too long without the server", "Demasiado tiempo sin el servidor");
        (note.to_owned(), Tone::Caution, true)
    } else {
        (lease(member.lease_until, app), Tone::Good, true)
    };
    tile(member.staff, &member.name, &words::role_of_code(&member.role, language), &note, tone, enabled)
}

fn tile_without_pin(member: &CrewMember, app: &App) -> CrewTile {
    let language = app.language();
    let vouched = is_vouched_for(app);
    let note = match vouched {
        true => say(language, "Chooses a PIN first", "Primero elige un PIN"),
        false => say(
            language,
            "No PIN yet: a colleague signs in and taps \"Switch person\"",
            "Sin PIN: un colega inicia sesión y toca \"Cambiar de persona\"",
        ),
    };
    let role = member.role.map_or("", |role| words::role(role, language));
    tile(member.staff, &member.name, role, note, if vouched { Tone::Info } else { Tone::Neutral }, vouched)
}

fn tile(staff: StaffId, name: &str, role: &str, note: &str, tone: Tone, enabled: bool) -> CrewTile {
    CrewTile {
        id: staff.to_string().into(),
        name: name.into(),
        role: role.into(),
        initials: format::initials(name).into(),
        note: note.into(),
        tone,
        enabled,
    }
}

/// `Works offline until Thursday`.
fn lease(until: Timestamp, app: &App) -> String {
    let language = app.language();
    let day = format::local(until, app.offset()).date();
    let days = day.signed_duration_since(app.today()).num_days();
    let day = match days {
        ..=6 => format::weekday(day, language).to_owned(),
        _ => format::short_date(day, app.today(), language),
    };
    format!("{} {day}", say(language, "Works offline until", "Sin conexión hasta el"))
}

/// Tiles: who has a PIN here, then who has none. Before the first sign-in only the former are known.
fn tiles(app: &App) -> Vec<CrewTile> {
    let members = members(app);
    let known = |list: Option<Vec<CrewMember>>| list.unwrap_or_default();
    let desk = app.desk.as_ref();
    let crew = known(desk.and_then(|desk| desk.crew().ok()));
    let shown = match app.sign_in.everybody {
        true => known(desk.and_then(|desk| desk.everybody().ok())),
        false => crew.clone(),
    };
    let in_crew = |member: &&Member| {
        app.sign_in.everybody || crew.is_empty() || crew.iter().any(|other| other.staff == member.staff)
    };
    let has_no_pin = |member: &&CrewMember| !members.iter().any(|other| other.staff == member.staff);
    let mut tiles: Vec<CrewTile> =
        members.iter().filter(in_crew).map(|member| tile_of_member(member, app)).collect();
    tiles.extend(shown.iter().filter(has_no_pin).map(|member| tile_without_pin(member, app)));
    tiles
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
    adapter.set_device_line(format!("{label}Caravan {}", env!("CARGO_PKG_VERSION")).into());
    show_entry(app);
}

/// Only what a key changes.
fn show_entry(app: &App) {
    let window = app.window();
    let (adapter, state) = (window.global::<SignInAdapter>(), &app.sign_in);
    adapter.set_mode(state.mode);
    adapter.set_digits_typed(state.digits.len() as i32);
    adapter.set_error(state.error.as_str().into());
    adapter.set_tries_left(state.tries_left.as_str().into());
    adapter.set_checking(state.is_checking);
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
        app.sign_in = fresh(SignInMode::Pin, chosen, lease_until);
    } else if is_vouched_for(app) {
        let everybody = app.with_desk(|desk| desk.everybody()).unwrap_or_default();
        let Some(member) = everybody.into_iter().find(|member| member.staff == staff) else { return };
        let role = member.role.map_or("", |role| role.code()).to_owned();
        app.sign_in = fresh(SignInMode::ChoosePin, Acting { staff, name: member.name, role }, None);
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
        app.sign_in = State { everybody: app.sign_in.everybody, ..State::default() };
        refresh(app);
    }
}

fn press(app: &mut App, key: SharedString) {
    if app.sign_in.is_checking || app.sign_in.mode == SignInMode::Crew {
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
        SignInMode::Crew => {}
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
            Err(error) => app.sign_in.error = pin_words(error, language).to_owned(),
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
pub(crate) fn checked(app: &mut App, staff: StaffId, answer: Result<crate::store::DataKey, SignInError>) {
    app.sign_in.is_checking = false;
    let Some(chosen) = app.sign_in.chosen.clone().filter(|chosen| chosen.staff == staff) else { return };
    match answer.and_then(|key| Ok(wiring::open_desk(app, staff, key)?)) {
        Ok(()) => enter(app, chosen),
        Err(error) => {
            let language = app.language();
            app.sign_in.tries_left = match error {
                SignInError::WrongPin { tries_left } => tries_words(tries_left, language),
                _ => String::new(),
            };
            app.sign_in.error = error_words(&error, language);
            show_entry(app);
        }
    }
}

fn enter(app: &mut App, chosen: Acting) {
    let is_same_person = app.acting.as_ref().is_some_and(|acting| acting.staff == chosen.staff);
    app.acting = Some(chosen);
    app.sign_in = State::default();
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
        Err(error) => app.sign_in.error = error_words(&error, app.language()),
    }
}

fn pin_words(error: PinError, language: Language) -> &'static str {
    match error {
        PinError::TooCommon => {
            say(language, "Too easy to guess. Choose another.", "Muy fácil de adivinar. Elija otro.")
        }
        PinError::Length | PinError::NotDigits => {
            say(language, "A PIN has six digits.", "Un PIN tiene seis dígitos.")
        }
    }
}

fn tries_words(tries_left: u32, language: Language) -> String {
    let (one, many) = (say(language, "try left", "intento más"), say(language, "tries left", "intentos más"));
    format::count(tries_left as usize, one, many)
}

fn error_words(error: &SignInError, language: Language) -> String {
    match error {
        SignInError::WrongPin { .. } => {
            say(language, "This PIN is not right.", "Este PIN no es correcto.").into()
        }
        SignInError::Disabled => say(
            language,
            "Too many wrong PINs. Ask a colleague who is signed in to let you in.",
            "Demasiados PIN incorrectos. Pida a un colega con sesión abierta que le dé acceso.",
        )
        .into(),
        SignInError::NotAMember => {
            say(language, "No PIN was chosen on this device.", "No se eligió un PIN en este dispositivo.")
                .into()
        }
        SignInError::LeaseEnded => say(
            language,
            "Too long without the server. Connect this device or ask a colleague.",
            "Demasiado tiempo sin el servidor. Conecte este dispositivo o pida ayuda a un colega.",
        )
        .into(),
        SignInError::Folder(_) => say(
            language,
            "The files of this device cannot be read.",
            "No se pueden leer los archivos de este dispositivo.",
        )
        .into(),
        SignInError::Store(error) => trouble::words(error, language).0.to_owned(),
    }
}
