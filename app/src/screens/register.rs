//! Register: a walk-up becomes a person, with everybody who might be the same in sight. What was typed stands in the
//! adapter and stays through every error.

use super::dialog::{self, Ask, Question};
use super::format::{self, say};
use super::state::{App, Shared, language_options, later, model, on, on_one, on_two, option};
use super::ui::{MainWindow, RegisterAdapter, RegisterField, Screen, Tone};
use super::{candidates, frame, person, trouble, words};
use crate::capture::RegisterError;
use shared::content::Language;
use shared::domain::person::{Relation, Sex};
use shared::draft::{FieldError, PersonDraft};
use shared::ids::{EmployerId, PersonId, SiteId};
use shared::time::PartialDate;
use slint::{ComponentHandle, SharedString, Timer, TimerMode};
use std::collections::HashSet;
use std::time::Duration;

/// So long after the last key the candidates are looked for.
const PAUSE: Duration = Duration::from_millis(250);

/// How the person belongs to an employer, as the form asks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Belongs {
    Worker,
    Family,
    Neither,
}

#[derive(Default)]
pub(crate) struct State {
    site: Option<SiteId>,
    from: Option<Screen>,
    sex: Option<Sex>,
    language: Option<Language>,
    belongs: Option<Belongs>,
    employer: Option<EmployerId>,
    /// The worker whom "Family of" names, once it names exactly one.
    worker: Option<PersonId>,
    /// Somebody is so like that saving asks first.
    pub(super) near_certain: Option<String>,
    pause: Timer,
    /// Registered on this device since its start: their visit is a walk-up's.
    new_here: HashSet<PersonId>,
}

impl State {
    pub fn is_new_here(&self, person: PersonId) -> bool {
        self.new_here.contains(&person)
    }
}

impl Belongs {
    const ALL: [Belongs; 3] = [Belongs::Worker, Belongs::Family, Belongs::Neither];
    fn id(self) -> &'static str {
        match self {
            Belongs::Worker => "worker",
            Belongs::Family => "family",
            Belongs::Neither => "neither",
        }
    }
    fn words(self, language: Language) -> &'static str {
        match self {
            Belongs::Worker => say(language, "Works here", "Trabaja aquí"),
            Belongs::Family => say(language, "Family", "Familia"),
            Belongs::Neither => say(language, "Neither", "Ninguno"),
        }
    }
}

pub(crate) fn wire(shared: &Shared, window: &MainWindow) {
    let adapter = window.global::<RegisterAdapter>();
    adapter.on_edited(on_two(shared, edited));
    adapter.on_choose(on_two(shared, choose));
    adapter.on_same_person(on_one(shared, same_person));
    adapter.on_new_person(on(shared, new_person));
    adapter.on_cancel(on(shared, cancel));
}

/// Begins with what was typed in the search: words as the name, digits as the badge.
pub(crate) fn begin(app: &mut App, typed: &str, from: Screen) {
    let site = app.site();
    let new_here = std::mem::take(&mut app.register.new_here);
    app.register = State { site, from: Some(from), new_here, ..State::default() };
    let window = app.window();
    let adapter = window.global::<RegisterAdapter>();
    let (numbers, names): (Vec<&str>, Vec<&str>) =
        typed.split_whitespace().partition(|word| word.chars().any(|letter| letter.is_ascii_digit()));
    let (given, family) = match names.as_slice() {
        [only] => (String::new(), format::capital(only)),
        [given, family @ ..] => (
            format::capital(given),
            family.iter().map(|word| format::capital(word)).collect::<Vec<_>>().join(" "),
        ),
        [] => Default::default(),
    };
    adapter.set_given_name(given.into());
    adapter.set_family_name(family.into());
    let date = numbers.iter().find(|word| word.contains('/'));
    adapter.set_birth_date(date.map_or("", |date| date).into());
    let badge = numbers.iter().find(|word| !word.contains('/'));
    adapter.set_badge(badge.map_or("", |badge| badge).into());
    adapter.set_phone(SharedString::new());
    adapter.set_family_of(SharedString::new());
    show_errors(app, &[]);
    show_choices(app);
    show_birth_date(app);
    candidates::refresh(app);
}

/// The form as a draft, with every text as it was typed.
pub(super) fn draft(app: &App) -> PersonDraft {
    let window = app.window();
    let (adapter, state) = (window.global::<RegisterAdapter>(), &app.register);
    let relation = match state.belongs {
        Some(Belongs::Worker) => Relation::Employee.code(),
        Some(Belongs::Family) => Relation::Other.code(),
        Some(Belongs::Neither) | None => "",
    };
    PersonDraft {
        family_name: adapter.get_family_name().into(),
        given_name: adapter.get_given_name().into(),
        birth_date: format::typed_date(&adapter.get_birth_date()),
        phone: adapter.get_phone().into(),
        sex: state.sex.map_or("", Sex::code).to_owned(),
        language: state.language.map_or("", Language::tag).to_owned(),
        employee_number: match state.belongs {
            Some(Belongs::Family) => String::new(),
            _ => adapter.get_badge().into(),
        },
        relation: relation.to_owned(),
        employer: state.employer.filter(|_| state.belongs != Some(Belongs::Neither)),
        dependent_of: state.worker.filter(|_| state.belongs == Some(Belongs::Family)),
        ..PersonDraft::default()
    }
}

fn show_choices(app: &mut App) {
    let site = app.register.site;
    let employers = app.with_desk(|desk| desk.employers(site)).unwrap_or_default();
    let (language, state) = (app.language(), &app.register);
    let window = app.window();
    let adapter = window.global::<RegisterAdapter>();
    let sexes =
        Sex::ALL.iter().map(|sex| option(sex.code(), words::sex(*sex, language), state.sex == Some(*sex)));
    adapter.set_sexes(model(sexes.collect()));
    adapter.set_languages(language_options(state.language));
    let belongs = Belongs::ALL
        .map(|belongs| option(belongs.id(), belongs.words(language), state.belongs == Some(belongs)));
    adapter.set_belongs(model(belongs.to_vec()));
    adapter.set_asks_family_of(state.belongs == Some(Belongs::Family));
    let name = |id: EmployerId| {
        employers.iter().find(|(known, _)| *known == id).and_then(|(_, employer)| employer.name.clone())
    };
    adapter.set_employer(state.employer.and_then(name).unwrap_or_default().into());
    let rows = employers.iter().map(|(id, employer)| {
        option(id.to_string(), employer.name.clone().unwrap_or_default(), state.employer == Some(*id))
    });
    adapter.set_employers(model(rows.collect()));
}

fn show_birth_date(app: &App) {
    let window = app.window();
    let adapter = window.global::<RegisterAdapter>();
    let read: Option<PartialDate> = format::typed_date(&adapter.get_birth_date()).parse().ok();
    let language = app.language();
    let read = read.filter(|date| date.earliest() <= app.today()).map(|date| {
        format!("{}, {}", format::age(date, app.today(), language), format::partial_date(date, language))
    });
    adapter.set_birth_date_read(read.unwrap_or_default().into());
}

fn edited(app: &mut App, field: RegisterField, _text: SharedString) {
    let window = app.window();
    let adapter = window.global::<RegisterAdapter>();
    match field {
        RegisterField::FamilyName => adapter.set_family_name_error(SharedString::new()),
        RegisterField::GivenName => adapter.set_given_name_error(SharedString::new()),
        RegisterField::BirthDate => {
            adapter.set_birth_date_error(SharedString::new());
            show_birth_date(app);
        }
        RegisterField::Phone => adapter.set_phone_error(SharedString::new()),
        RegisterField::Badge => adapter.set_badge_error(SharedString::new()),
        _ => adapter.set_belongs_error(SharedString::new()),
    }
    app.register.pause.start(TimerMode::SingleShot, PAUSE, later(&app.myself, candidates::refresh));
}

fn choose(app: &mut App, field: RegisterField, id: SharedString) {
    match field {
        RegisterField::Sex => app.register.sex = Sex::from_code(&id),
        RegisterField::Language => app.register.language = Language::from_tag(&id),
        RegisterField::Belongs => {
            app.register.belongs = Belongs::ALL.into_iter().find(|belongs| id == belongs.id());
            if app.register.belongs == Some(Belongs::Neither) {
                app.register.employer = None;
            } else if app.register.employer.is_none()
                && let Some(site) = app.register.site
            {
                app.register.employer = app.with_desk(|desk| desk.employer_at(site)).flatten();
            }
        }
        RegisterField::Employer => app.register.employer = id.parse().ok(),
        _ => {}
    }
    show_choices(app);
    candidates::refresh(app);
}

fn same_person(app: &mut App, id: SharedString) {
    let Ok(id) = id.parse::<PersonId>() else { return };
    let from = app.register.from.unwrap_or(Screen::Find);
    person::open(app, id, from);
}

/// The worker whom the field names: exactly one, or an error in words.
fn find_worker(app: &mut App) -> Result<Option<PersonId>, String> {
    let typed = app.window().global::<RegisterAdapter>().get_family_of();
    if app.register.belongs != Some(Belongs::Family) || typed.trim().is_empty() {
        return Ok(None);
    }
    let mut hits = app.with_desk(|desk| desk.find(typed.trim(), None, 20)).unwrap_or_default();
    hits.retain(|hit| hit.dependent_of.is_none());
    match hits.as_slice() {
        [only] => Ok(Some(only.id)),
        [] => Err(app
            .say("No worker like this is in the list.", "No hay un trabajador así en la lista.")
            .to_owned()),
        _ => Err(app
            .say("Several workers fit: type the badge.", "Hay varios así: escriba el gafete.")
            .to_owned()),
    }
}

fn new_person(app: &mut App) {
    let Some(_) = app.register.site else {
        let language = app.language();
        let title = say(language, "Open a stop first", "Primero abra una parada");
        let body = say(
            language,
            "A new person belongs to the site where the van stands. What you typed stays here.",
            "Una persona nueva pertenece al lugar donde está la unidad. Lo que escribió queda aquí.",
        );
        return dialog::open(app, Question::told(Tone::Info, title, body, language));
    };
    show_errors(app, &[]);
    match find_worker(app) {
        Ok(worker) => app.register.worker = worker,
        Err(words) => return app.window().global::<RegisterAdapter>().set_belongs_error(words.into()),
    }
    candidates::refresh(app);
    let rules = shared::draft::PersonRules { today: app.today() };
    if let Err(errors) = draft(app).check(&rules) {
        return show_errors(app, &errors);
    }
    let Some(name) = app.register.near_certain.clone() else { return save(app) };
    let language = app.language();
    let title = match language {
        Language::English => format!("Is this not {name}?"),
        Language::Spanish => format!("¿No es {name}?"),
    };
    let body = say(
        language,
        "Nearly everything is the same. Two entries for one person split their results.",
        "Casi todo coincide. Dos registros de una persona separan sus resultados.",
    );
    let told = Question::told(Tone::Caution, &title, body, language);
    let (confirm, cancel) =
        (say(language, "It is somebody else", "Es otra persona"), say(language, "Look again", "Revisar"));
    dialog::open(app, Question { ask: Ask::RegisterAnyway, confirm, cancel, ..told });
}

/// Writes the new person, once everything was asked.
pub(crate) fn save(app: &mut App) {
    let (Some(site), draft) = (app.register.site, draft(app)) else { return };
    let Some(desk) = app.desk.as_mut() else { return };
    match desk.register(&draft, site) {
        Ok(id) => {
            app.register.new_here.insert(id);
            let from = app.register.from.unwrap_or(Screen::Find);
            super::find::clear(app);
            person::open(app, id, from);
        }
        Err(RegisterError::Fields(errors)) => show_errors(app, &errors),
        Err(RegisterError::Capture(error)) => trouble::tell(app, &error),
    }
}

/// Each error at its field; the fields without one are cleared.
fn show_errors(app: &App, errors: &[FieldError]) {
    let language = app.language();
    let said = |fields: &[&str]| -> SharedString {
        let error = errors.iter().find(|error| fields.contains(&error.field));
        error.map(|error| words::field_error(error, language)).unwrap_or_default().into()
    };
    let window = app.window();
    let adapter = window.global::<RegisterAdapter>();
    adapter.set_family_name_error(said(&["family_name"]));
    adapter.set_given_name_error(said(&["given_name"]));
    adapter.set_birth_date_error(said(&["birth_date"]));
    adapter.set_phone_error(said(&["phone"]));
    adapter.set_sex_error(said(&["sex"]));
    adapter.set_language_error(said(&["language"]));
    adapter.set_belongs_error(said(&["relation"]));
    adapter.set_badge_error(said(&["employee_number"]));
}

fn cancel(app: &mut App) {
    app.register.pause.stop();
    let back = app.register.from.unwrap_or(Screen::Find);
    frame::show(app, back);
}

/// The words of the form in another language of the staff.
pub(crate) fn retranslate(app: &mut App) {
    if app.register.from.is_some() {
        show_choices(app);
        show_birth_date(app);
        candidates::refresh(app);
    }
}
