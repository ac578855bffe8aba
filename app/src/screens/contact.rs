//! The contact page of a person: every field as it is known, and its correction. Only the field that was corrected
//! is written, so that a colleague's concurrent change of another field stays.

use super::format::{self, say};
use super::state::{App, Shared, model, on, on_one, option};
use super::ui::{ChoiceOption, ContactField, MainWindow, PersonAdapter};
use super::undo::{self, Undoing};
use super::{person, trouble, words};
use crate::capture::{PersonView, RegisterError};
use shared::content::Language;
use shared::domain::person::{Person, Sex, person_fields};
use shared::draft::PersonDraft;
use shared::merge::RecordState;
use shared::record::FieldNumber;
use slint::{ComponentHandle, SharedString};

#[derive(Default)]
pub(crate) struct State {
    editing: Option<&'static Correctable>,
    chosen: String,
    /// The record when the field was opened.
    seen: Option<RecordState>,
}

/// A field that staff may correct.
pub(crate) struct Correctable {
    /// The name in the kind's table, which a draft's error names too.
    id: &'static str,
    number: FieldNumber,
    english: &'static str,
    spanish: &'static str,
    place: fn(&mut PersonDraft) -> &mut String,
}

macro_rules! correctable {
    ($($id:ident $english:literal $spanish:literal,)*) => {
        &[$(Correctable {
            id: stringify!($id),
            number: person_fields::$id,
            english: $english,
            spanish: $spanish,
            place: |draft| &mut draft.$id,
        }),*]
    };
}

const FIELDS: &[Correctable] = correctable! {
    phone "Telephone" "Teléfono",
    language "Language" "Idioma",
    email "E-mail" "Correo electrónico",
    address_line "Street address" "Calle y número",
    city "City" "Ciudad",
    state "State" "Estado",
    postal_code "ZIP code" "Código postal",
    given_name "Given name" "Nombre",
    family_name "Family name" "Apellido",
    birth_date "Birth date" "Fecha de nacimiento",
    sex "Sex for clinical use" "Sexo para uso clínico",
};

pub(crate) fn wire(shared: &Shared, window: &MainWindow) {
    let adapter = window.global::<PersonAdapter>();
    adapter.on_edit(on_one(shared, edit));
    adapter.on_choose_option(on_one(shared, choose_option));
    adapter.on_save_edit(on(shared, save));
    adapter.on_cancel_edit(on(shared, cancel));
}

/// What people call a field of a person.
pub(crate) fn field_words(number: FieldNumber, language: Language) -> &'static str {
    match FIELDS.iter().find(|field| field.number == number) {
        Some(field) => say(language, field.english, field.spanish),
        None if number == person_fields::tobacco_status => say(language, "Tobacco", "Tabaco"),
        None if number == person_fields::middle_name => say(language, "Middle name", "Segundo nombre"),
        None => say(language, "A field", "Un campo"),
    }
}

/// A person as if just typed in.
fn draft_of(person: &Person) -> PersonDraft {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    PersonDraft {
        family_name: text(&person.family_name),
        given_name: text(&person.given_name),
        middle_name: text(&person.middle_name),
        birth_date: person.birth_date.map(|date| date.to_string()).unwrap_or_default(),
        sex: person.sex.map_or("", Sex::code).to_owned(),
        language: text(&person.language),
        phone: text(&person.phone),
        email: text(&person.email),
        address_line: text(&person.address_line),
        city: text(&person.city),
        state: text(&person.state),
        postal_code: text(&person.postal_code),
        employee_number: text(&person.employee_number),
        relation: person.relation.map_or("", |relation| relation.code()).to_owned(),
        employer: person.employer,
        dependent_of: person.dependent_of,
    }
}

/// A field's value as people read it.
fn shown(field: &Correctable, person: &Person, draft: &mut PersonDraft, language: Language) -> String {
    match field.id {
        "birth_date" => {
            person.birth_date.map(|date| format::partial_date(date, language)).unwrap_or_default()
        }
        "sex" => person.sex.map_or("", |sex| words::sex(sex, language)).to_owned(),
        "language" => words::spoken(person).unwrap_or_default().to_owned(),
        _ => (field.place)(draft).clone(),
    }
}

pub(crate) fn refresh(app: &mut App, view: &PersonView) {
    let language = app.language();
    let mut draft = draft_of(&view.person);
    let fields = FIELDS.iter().map(|field| {
        let has_conflict = view.conflicts.iter().any(|conflict| conflict.key.field == field.number);
        ContactField {
            id: field.id.into(),
            label: say(language, field.english, field.spanish).into(),
            value: shown(field, &view.person, &mut draft, language).into(),
            conflict: if has_conflict {
                say(language, "Two values: settle in Inbox", "Dos valores: vea la Bandeja")
            } else {
                ""
            }
            .into(),
            choices: matches!(field.id, "sex" | "language"),
        }
    });
    app.window().global::<PersonAdapter>().set_contact(model(fields.collect()));
}

fn edit(app: &mut App, id: SharedString) {
    let (Some(field), Some(person)) = (FIELDS.iter().find(|field| id == field.id), app.person.shown) else {
        return;
    };
    let Some(view) = app.with_desk(|desk| desk.person(person)) else { return };
    let value = (field.place)(&mut draft_of(&view.person)).clone();
    app.contact = State { editing: Some(field), chosen: value.clone(), seen: Some(view.seen) };
    let window = app.window();
    let adapter = window.global::<PersonAdapter>();
    adapter.set_edit_label(app.say(field.english, field.spanish).into());
    adapter.set_edit_value(value.into());
    adapter.set_edit_error(SharedString::new());
    adapter.set_edit_is_choice(matches!(field.id, "sex" | "language"));
    adapter.set_edit_id(field.id.into());
    show_options(app);
}

fn show_options(app: &App) {
    let (language, chosen) = (app.language(), app.contact.chosen.as_str());
    let options: Vec<ChoiceOption> = match app.contact.editing.map(|field| field.id) {
        Some("sex") => Sex::ALL
            .iter()
            .map(|sex| option(sex.code(), words::sex(*sex, language), chosen == sex.code()))
            .collect(),
        Some("language") => Language::ALL
            .iter()
            .map(|spoken| option(spoken.tag(), words::language_name(*spoken), chosen == spoken.tag()))
            .collect(),
        _ => vec![],
    };
    app.window().global::<PersonAdapter>().set_edit_options(model(options));
}

fn choose_option(app: &mut App, id: SharedString) {
    app.contact.chosen = id.to_string();
    show_options(app);
}

fn save(app: &mut App) {
    let (Some(field), Some(person)) = (app.contact.editing, app.person.shown) else { return };
    let Some(seen) = app.contact.seen.clone() else { return };
    let typed = app.window().global::<PersonAdapter>().get_edit_value();
    let value = match field.id {
        "sex" | "language" => app.contact.chosen.clone(),
        "birth_date" => format::typed_date(&typed),
        _ => typed.to_string(),
    };
    let Some(bucket) = app.with_desk(|desk| desk.bucket_for(person)) else { return };
    let mut draft = draft_of(&Person::read(&seen));
    *(field.place)(&mut draft) = value;
    let Some(desk) = app.desk.as_mut() else { return };
    match desk.edit_person(person, &seen, &draft, bucket) {
        Ok(undo) => {
            let text = format!("{}: {}", app.say(field.english, field.spanish), app.say("saved", "guardado"));
            stop_editing(app);
            undo::offer(app, &text, Undoing::Fields(undo));
            person::refresh(app);
        }
        Err(RegisterError::Fields(errors)) => {
            let own = errors.iter().find(|error| error.field == field.id).or(errors.first());
            let text = own.map(|error| words::field_error(error, app.language())).unwrap_or_default();
            app.window().global::<PersonAdapter>().set_edit_error(text.into());
        }
        Err(RegisterError::Capture(error)) => trouble::tell(app, &error),
    }
}

pub(crate) fn stop_editing(app: &mut App) {
    app.contact = State::default();
    let window = app.window();
    let adapter = window.global::<PersonAdapter>();
    adapter.set_edit_id(SharedString::new());
    adapter.set_edit_value(SharedString::new());
    adapter.set_edit_error(SharedString::new());
}

fn cancel(app: &mut App) {
    stop_editing(app);
    app.window().invoke_release_focus();
}
