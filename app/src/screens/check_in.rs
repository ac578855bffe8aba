//! Check-in: two identifiers, the consent in the person's language with its scopes, and how it was given. The same
//! screen changes a consent during a visit.

use super::dialog::{self, Ask, Question};
use super::format::{self, say};
use super::state::{App, Shared, language_options, model, on, on_one};
use super::ui::{self, CheckInAdapter, ConsentScope, Identifier, MainWindow, Screen, SignatureAdapter, Tone};
use super::{find, frame, person, signature, trouble, visit, words};
use crate::capture::{CheckInDraft, CheckInError, ConsentDraft, PersonView, Scopes};
use chrono::NaiveDate;
use shared::content::Language;
use shared::content::consent::{self, ConsentText, Scope};
use shared::content::pack::Content;
use shared::domain::consent::ConsentMethod;
use shared::ids::{PersonId, VisitId};
use slint::{ComponentHandle, SharedString};

const IDENTIFIERS_NEEDED: usize = 2;

#[derive(Default)]
pub(crate) struct State {
    person: Option<PersonId>,
    /// Set when the consent of a visit under way is changed.
    changes: Option<VisitId>,
    confirmed: Vec<&'static str>,
    scopes: Vec<Scope>,
    is_verbal: bool,
    /// The texts that are shown: a release that arrives meanwhile changes nothing under anybody's hand.
    content: Option<&'static Content>,
}

pub(crate) fn wire(shared: &Shared, window: &MainWindow) {
    let adapter = window.global::<CheckInAdapter>();
    adapter.on_toggle_identifier(on_one(shared, toggle_identifier));
    adapter.on_toggle_scope(on_one(shared, toggle_scope));
    adapter.on_choose_method(on_one(shared, choose_method));
    adapter.on_set_language(on_one(shared, set_language));
    adapter.on_start(on(shared, start));
    adapter.on_decline(on(shared, decline));
    adapter.on_back(on(shared, back));
}

/// Begins a check-in. What was typed for somebody else is forgotten.
pub(crate) fn begin(app: &mut App, person: PersonId) {
    if app.stop.is_none() {
        let language = app.language();
        let title = say(language, "Open a stop first", "Primero abra una parada");
        let body = say(
            language,
            "A visit belongs to the stop where the van stands.",
            "Una visita pertenece a la parada donde está la unidad.",
        );
        return dialog::open(app, Question::told(Tone::Info, title, body, language));
    }
    if app.check_in.person != Some(person) || app.check_in.changes.is_some() {
        reset(app, person, None);
    }
    frame::show(app, Screen::CheckIn);
}

/// Opens the same screen to change what was agreed to.
pub(crate) fn change(app: &mut App, visit: VisitId) {
    let Some(view) = app.with_desk(|desk| desk.visit(visit)) else { return };
    reset(app, view.person.id, Some(visit));
    if let Some(given) = &view.person.consent {
        app.check_in.scopes =
            Scope::ALL.into_iter().filter(|scope| given.agrees(*scope) == Some(true)).collect();
        if !app.check_in.scopes.contains(&Scope::Care) {
            app.check_in.scopes.push(Scope::Care);
        }
    }
    frame::show(app, Screen::CheckIn);
}

fn reset(app: &mut App, person: PersonId, changes: Option<VisitId>) {
    let content = app.with_desk(|desk| desk.packs()).map(|packs| packs.current());
    app.check_in = State { person: Some(person), changes, content, ..State::default() };
    let text = text(app);
    app.check_in.scopes =
        text.scopes.iter().filter(|scope| scope.default_on).map(|scope| scope.scope).collect();
    signature::clear(app);
}

fn consent_language(app: &App) -> Language {
    app.frame.person_language.unwrap_or(app.language())
}

/// The text that the person reads.
fn text(app: &App) -> &'static ConsentText {
    let language = consent_language(app);
    let of_pack = app.check_in.content.and_then(|content| content.consent_text(language));
    of_pack.unwrap_or_else(|| consent::current(language))
}

/// Code, label and value of what identifies a person, as far as it is known.
fn identifiers(view: &PersonView, language: Language) -> Vec<(&'static str, &'static str, String)> {
    let person = &view.person;
    let known = [
        ("name", say(language, "Name", "Nombre"), Some(person.spoken_name())),
        (
            "birth date",
            say(language, "Birth date", "Fecha de nacimiento"),
            person.birth_date.map(|date| format::partial_date(date, language)),
        ),
        ("badge", say(language, "Badge", "Gafete"), person.employee_number.clone()),
        ("telephone", say(language, "Telephone", "Teléfono"), person.phone.clone()),
        ("address", say(language, "Address", "Dirección"), person.address_line.clone()),
    ];
    let known = known.into_iter().filter_map(|(id, label, value)| Some((id, label, value?)));
    known.filter(|(_, _, value)| !value.is_empty()).take(4).collect()
}

pub(crate) fn refresh(app: &mut App) {
    let Some(id) = app.check_in.person else { return };
    let Some(view) = app.with_desk(|desk| desk.person(id)) else { return };
    let (language, state) = (app.language(), &app.check_in);
    let window = app.window();
    let adapter = window.global::<CheckInAdapter>();
    let name = view.person.spoken_name();
    let rows = identifiers(&view, language).into_iter().map(|(id, label, value)| Identifier {
        id: id.into(),
        label: label.into(),
        value: value.into(),
        confirmed: state.confirmed.contains(&id),
    });
    adapter.set_identifiers(model(rows.collect()));
    let line = match language {
        Language::English => format!("{} of {IDENTIFIERS_NEEDED} confirmed", state.confirmed.len()),
        Language::Spanish => format!("{} de {IDENTIFIERS_NEEDED} confirmados", state.confirmed.len()),
    };
    adapter.set_identifiers_line(line.into());
    adapter.set_identified(state.confirmed.len() >= IDENTIFIERS_NEEDED);
    show_consent(app, &adapter);
    let witness = app.acting.as_ref().map_or("", |acting| &acting.name);
    let line = match language {
        Language::English => format!("{witness} witnesses that {name} agrees aloud."),
        Language::Spanish => format!("{witness} da fe de que {name} acepta de palabra."),
    };
    adapter.set_witness_line(line.into());
    adapter.set_person_name(name.into());
    show_missing(app);
}

fn show_consent(app: &App, adapter: &CheckInAdapter<'_>) {
    let language = consent_language(app);
    let text = text(app);
    adapter.set_languages(language_options(Some(language)));
    let window = app.window();
    window.global::<SignatureAdapter>().set_invitation(say(language, "Sign here", "Firme aquí").into());
    adapter.set_consent_title(text.title.as_str().into());
    adapter.set_consent_text(text.body.join("\n\n").into());
    let version = NaiveDate::parse_from_str(&format!("{}-01", text.version), "%Y-%m-%d");
    let version = version.map_or_else(|_| text.version.clone(), |day| format::month(day, language));
    adapter.set_consent_version(format!("{} {version}", say(language, "Version of", "Versión de")).into());
    let scopes = text.scopes.iter().map(|scope| ConsentScope {
        id: scope.scope.key().into(),
        title: scope_words(scope.scope, language).into(),
        detail: scope.sentence.as_str().into(),
        on: app.check_in.scopes.contains(&scope.scope),
        locked: scope.scope == Scope::Care,
    });
    adapter.set_scopes(model(scopes.collect()));
    adapter.set_method(if app.check_in.is_verbal {
        ui::ConsentMethod::Verbal
    } else {
        ui::ConsentMethod::Signature
    });
}

/// A scope in two words.
pub(crate) fn scope_words(scope: Scope, language: Language) -> &'static str {
    match scope {
        Scope::Care => say(language, "Care today", "Atención de hoy"),
        Scope::ShareWithPartners => say(language, "Local services", "Servicios locales"),
        Scope::OutreachCall => say(language, "Calls", "Llamadas"),
        Scope::OutreachText => say(language, "Text messages", "Mensajes de texto"),
        Scope::OutreachMail => say(language, "E-mail", "Correo electrónico"),
        Scope::Research => say(language, "Studies", "Estudios"),
    }
}

/// What keeps the visit from starting.
pub(crate) fn show_missing(app: &App) {
    let (language, state) = (app.language(), &app.check_in);
    let missing = if state.confirmed.len() < IDENTIFIERS_NEEDED && state.changes.is_none() {
        say(language, "Confirm two identifiers", "Confirme dos datos")
    } else if !state.is_verbal && signature::is_empty(app) {
        say(language, "The signature is missing", "Falta la firma")
    } else {
        ""
    };
    let window = app.window();
    let adapter = window.global::<CheckInAdapter>();
    adapter.set_missing(missing.into());
    adapter.set_can_start(missing.is_empty());
}

fn toggle_identifier(app: &mut App, id: SharedString) {
    let known = ["name", "birth date", "badge", "telephone", "address"];
    let Some(id) = known.into_iter().find(|known| id == *known) else { return };
    match app.check_in.confirmed.iter().position(|confirmed| *confirmed == id) {
        Some(at) => drop(app.check_in.confirmed.remove(at)),
        None => app.check_in.confirmed.push(id),
    }
    refresh(app);
}

fn toggle_scope(app: &mut App, id: SharedString) {
    let Some(scope) = Scope::from_key(&id).filter(|scope| *scope != Scope::Care) else { return };
    match app.check_in.scopes.iter().position(|chosen| *chosen == scope) {
        Some(at) => drop(app.check_in.scopes.remove(at)),
        None => app.check_in.scopes.push(scope),
    }
    refresh(app);
}

fn choose_method(app: &mut App, method: ui::ConsentMethod) {
    app.check_in.is_verbal = method == ui::ConsentMethod::Verbal;
    refresh(app);
}

fn set_language(app: &mut App, tag: SharedString) {
    if let Some(language) = Language::from_tag(&tag) {
        app.frame.person_language = Some(language);
        refresh(app);
        frame::strip(app);
    }
}

fn draft(app: &App) -> ConsentDraft {
    let has = |scope| app.check_in.scopes.contains(&scope);
    let is_verbal = app.check_in.is_verbal;
    ConsentDraft {
        scopes: Scopes {
            care: has(Scope::Care),
            share_with_partners: has(Scope::ShareWithPartners),
            outreach_call: has(Scope::OutreachCall),
            outreach_text: has(Scope::OutreachText),
            outreach_mail: has(Scope::OutreachMail),
            research: has(Scope::Research),
        },
        text: text(app),
        method: if is_verbal { ConsentMethod::WitnessedVerbal } else { ConsentMethod::Signature },
        signature: if is_verbal { String::new() } else { signature::strokes(app) },
    }
}

fn start(app: &mut App) {
    let (Some(person), Some(stop)) = (app.check_in.person, app.stop) else { return };
    let consent = draft(app);
    if let Some(visit) = app.check_in.changes {
        if app.with_desk(|desk| desk.decide_consent(visit, &consent)).is_some() {
            forget(app);
            visit::open_page(app, visit, Screen::Stop, ui::VisitPage::Consent);
        }
        return;
    }
    let identifiers = app.check_in.confirmed.iter().map(|id| (*id).to_owned()).collect();
    let walk_up = app.register.is_new_here(person);
    let draft = CheckInDraft { person, stop, identifiers, consent, walk_up };
    let Some(desk) = app.desk.as_mut() else { return };
    match desk.check_in(&draft) {
        Ok(visit) | Err(CheckInError::AlreadyHere(visit)) => {
            forget(app);
            find::clear(app);
            visit::open(app, visit, Screen::Stop);
        }
        Err(CheckInError::Capture(error)) => trouble::tell(app, &error),
        Err(CheckInError::Identifiers | CheckInError::Care | CheckInError::Signature) => show_missing(app),
    }
}

fn forget(app: &mut App) {
    app.check_in = State::default();
    signature::clear(app);
}

fn decline(app: &mut App) {
    let Some(id) = app.check_in.person else { return };
    if let Some(visit) = app.check_in.changes {
        return visit::ask_withdraw(app, visit);
    }
    let Some(view) = app.with_desk(|desk| desk.person(id)) else { return };
    let language = app.language();
    let title = match language {
        Language::English => format!("{} does not agree?", view.person.spoken_name()),
        Language::Spanish => format!("¿{} no acepta?", view.person.spoken_name()),
    };
    let body = say(
        language,
        "This is recorded. Nothing is measured and no visit begins. They can change their mind at any time.",
        "Esto queda registrado. No se mide nada y no empieza ninguna visita. Puede cambiar de opinión en cualquier momento.",
    );
    let told = Question::told(Tone::Caution, &title, body, language);
    let (confirm, cancel) = (say(language, "Record it", "Registrarlo"), say(language, "Go back", "Volver"));
    dialog::open(app, Question { ask: Ask::Refuse(id), confirm, cancel, ..told });
}

/// Confirmed: the refusal is on record.
pub(crate) fn refuse(app: &mut App, person: PersonId) {
    let (Some(stop), text) = (app.stop, text(app)) else { return };
    if app.with_desk(|desk| desk.refuse_consent(person, stop, text)).is_some() {
        forget(app);
        person::open(app, person, Screen::Person);
    }
}

fn back(app: &mut App) {
    match (app.check_in.changes, app.check_in.person) {
        (Some(visit), _) => {
            forget(app);
            visit::open_page(app, visit, Screen::Stop, ui::VisitPage::Consent);
        }
        (None, Some(person)) => person::open(app, person, Screen::Person),
        (None, None) => frame::show(app, Screen::Find),
    }
}

/// How a consent was given, as the visit's first page says it.
pub(crate) fn method_words(method: Option<ConsentMethod>, language: Language) -> &'static str {
    match method {
        Some(ConsentMethod::WitnessedVerbal) => say(language, "agreed aloud", "de palabra"),
        _ => say(language, "signed", "con firma"),
    }
}

/// The person's language by its own name, for lines about the consent.
pub(crate) fn language_of(tag: Option<&str>) -> &'static str {
    tag.and_then(Language::from_tag).map_or("", words::language_name)
}
