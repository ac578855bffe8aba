//! Person: who this is, who pays, what is open, what was found last, what happened before. Contact fields and their
//! correction stand in `contact`, the list of known conditions in `conditions`.

use super::format::{self, say};
use super::state::{App, Shared, model, on, on_one};
use super::ui::{
    GapCard, HistoryLine, MainWindow, Notice, PersonAdapter, PersonPage, Screen, Tone, VisitState,
};
use super::{check_in, conditions, contact, evidence, find, frame, results, visit, words};
use crate::capture::{GapView, PersonView};
use shared::content::Language;
use shared::content::measurements::Whom;
use shared::domain::account::Payer;
use shared::domain::care_gap::GapStatus;
use shared::domain::due::{Verdict, Why};
use shared::domain::visit::{Station, Visit, VisitStatus};
use shared::ids::{CareGapId, PersonId, VisitId};
use slint::{ComponentHandle, SharedString};
use std::collections::HashSet;

const ALERTS_MAX: usize = 3;
/// From here on an open gap is marked.
const LONG_OPEN_DAYS: i64 = 365;

#[derive(Default)]
pub(crate) struct State {
    pub shown: Option<PersonId>,
    /// As the page shows them.
    pub view: Option<PersonView>,
    from: Option<Screen>,
    /// Gaps that staff mean to close today.
    pub planned: HashSet<CareGapId>,
}

pub(crate) fn wire(shared: &Shared, window: &MainWindow) {
    let adapter = window.global::<PersonAdapter>();
    adapter.on_toggle_gap(on_one(shared, toggle_gap));
    adapter.on_check_in(on(shared, check_in));
    adapter.on_continue_visit(on(shared, continue_visit));
    adapter.on_open_history(on_one(shared, open_history));
    adapter.on_back(on(shared, back));
}

/// Shows a person; `from` is where Back leads.
pub(crate) fn open(app: &mut App, id: PersonId, from: Screen) {
    let Some(view) = app.with_desk(|desk| desk.person(id)) else { return };
    if app.person.shown != Some(id) {
        let spoken = view.person.language.as_deref().and_then(Language::from_tag);
        app.frame.person_language = Some(spoken.unwrap_or(app.language()));
    }
    app.with_desk(|desk| desk.note_look(id, None, "person"));
    app.person.shown = Some(id);
    if matches!(from, Screen::Stop | Screen::Find | Screen::Inbox | Screen::Sync) {
        app.person.from = Some(from);
    }
    app.window().global::<PersonAdapter>().set_page(PersonPage::Overview);
    contact::stop_editing(app);
    find::remember(app, id);
    frame::show(app, Screen::Person);
}

/// For whom the guidelines judge a value.
pub(crate) fn whom(view: &PersonView) -> Whom {
    Whom { sex: view.person.sex.map_or(shared::content::Sex::Unknown, Into::into), age_years: view.age_years }
}

pub(crate) fn refresh(app: &mut App) {
    let Some(id) = app.person.shown else { return };
    let Some(view) = app.with_desk(|desk| desk.person(id)) else { return };
    let (language, today) = (app.language(), app.today());
    let window = app.window();
    let adapter = window.global::<PersonAdapter>();
    let name = view.person.spoken_name();
    adapter.set_initials(format::initials(&name).into());
    adapter.set_name(name.into());
    adapter.set_born(words::born(&view.person, today, language).into());
    adapter.set_pronouns(view.person.pronouns.clone().unwrap_or_default().into());
    adapter.set_identity_line(identity_line(&view, language).into());
    let is_covered = view.membership.as_ref().is_some_and(|membership| membership.covers(today));
    let coverage =
        if is_covered { app.say("Member", "Afiliado") } else { app.say("Not a member", "No afiliado") };
    adapter.set_coverage(coverage.into());
    adapter.set_coverage_tone(if is_covered { Tone::Info } else { Tone::Neutral });
    let fee = words::fee(view.fee.payer, view.fee.cents, view.employer.as_ref(), today, language);
    adapter.set_fee(fee.into());
    adapter.set_fee_tone(if view.fee.payer == Payer::Person { Tone::Caution } else { Tone::Neutral });
    adapter.set_alerts(model(alerts(&view, language)));
    let gaps = gaps(&view, app);
    adapter.set_gaps_line(gaps_line(&gaps, language).into());
    adapter.set_gaps(model(gaps));
    adapter.set_results(model(results::lines(&view, app)));
    adapter.set_history(model(history(&view, app)));
    show_visit(app, &view);
    contact::refresh(app, &view);
    conditions::refresh(app, &view);
    app.person.view = Some(view);
}

fn identity_line(view: &PersonView, language: Language) -> String {
    let person = &view.person;
    let parts = [
        person.sex.map(|sex| words::sex(sex, language).to_owned()),
        words::spoken(person).map(str::to_owned),
        Some(words::badge(person, language)).filter(|badge| !badge.is_empty()),
        view.employer.as_ref().and_then(|employer| employer.name.clone()),
        person.tobacco_status.map(|status| words::tobacco(status, language).to_owned()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// The most serious first.
fn alerts(view: &PersonView, language: Language) -> Vec<Notice> {
    let notice = |text: String, detail: &str, tone| Notice { text: text.into(), detail: detail.into(), tone };
    let mut alerts = Vec::new();
    let allergies = view.person.allergies.clone().unwrap_or_default();
    if !allergies.is_empty() {
        let text = format!("{} {}", say(language, "Allergies:", "Alergias:"), allergies.join(", "));
        alerts.push(notice(text, "", Tone::Urgent));
    }
    for (_, task) in view.tasks.iter().filter(|(_, task)| task.is_open()) {
        let done = task.action.clone().unwrap_or_default();
        alerts.push(notice(task.found.clone().unwrap_or_default(), &done, Tone::Urgent));
    }
    for conflict in &view.conflicts {
        let field = contact::field_words(conflict.key.field, language);
        let text = format!("{field}: {}", say(language, "two values", "dos valores"));
        alerts.push(notice(
            text,
            say(language, "Settle it in the inbox.", "Resuélvalo en la bandeja."),
            Tone::Caution,
        ));
    }
    let missing = evidence::missing(view, language);
    if !missing.is_empty() {
        let title = say(language, "To know what is due, ask:", "Para saber qué toca, pregunte:");
        alerts.push(notice(format!("{title} {}", missing.join(", ")), "", Tone::Info));
    }
    if view.consent.as_ref().is_some_and(|consent| consent.care == Some(false)) {
        let text = say(language, "Did not agree to be seen", "No aceptó recibir atención");
        alerts.push(notice(text.to_owned(), "", Tone::Caution));
    }
    alerts.truncate(ALERTS_MAX);
    alerts
}

/// The name of a gap's rule, and what a van can do about it.
pub(crate) fn gap_words(gap: &GapView, language: Language) -> (String, String) {
    match gap.rule {
        Some(rule) => (rule.name.text(language).to_owned(), what_to_do(&rule.van, language).to_owned()),
        None => (gap.gap.rule.clone().unwrap_or_default(), String::new()),
    }
}

/// The catalog's word for what a van can do, as a sentence.
fn what_to_do(van: &str, language: Language) -> &'static str {
    match van {
        _ if van.starts_with("measure") => {
            say(language, "Can be measured here today", "Se puede medir hoy aquí")
        }
        _ if van.starts_with("PHQ")
            || van.starts_with("AHC")
            || van == "ask"
            || van == "GAD-7"
            || van == "AUDIT-C" =>
        {
            say(language, "Some questions close it today", "Se cierra hoy con unas preguntas")
        }
        _ if van.starts_with("hand out") => {
            say(language, "Hand out the kit today", "Entregue hoy el paquete")
        }
        "give / refer" => say(language, "Part of it can be given here", "Una parte se puede aplicar aquí"),
        _ if van.starts_with("give") => say(language, "Can be given here today", "Se puede aplicar hoy aquí"),
        _ if van.starts_with("flag") => {
            say(language, "Tell the primary care doctor", "Avise al médico de cabecera")
        }
        _ if van.starts_with("POC") && van.ends_with("or schedule") => {
            say(language, "A quick test does part of it today", "Una prueba rápida cubre hoy una parte")
        }
        _ if van.starts_with("POC") || van.starts_with("lipid") => {
            say(language, "A quick test closes it today", "Se cierra hoy con una prueba rápida")
        }
        _ => say(language, "Make an appointment", "Haga una cita"),
    }
}

/// The same for the person, at the end of a visit: where what is still open can be done.
pub(crate) fn where_done(gap: &GapView, language: Language) -> &'static str {
    match gap.rule.map_or("", |rule| rule.van.as_str()) {
        van if van.starts_with("hand out") => {
            say(language, "Ask us for the kit to do it at home", "Pídanos el paquete para hacerla en casa")
        }
        van if van.starts_with("flag") => {
            say(language, "Talk about it with your doctor", "Hable de esto con su médico")
        }
        van if van.starts_with("schedule") || van.ends_with("or schedule") || van.is_empty() => {
            say(language, "Make an appointment with your doctor", "Haga una cita con su médico")
        }
        _ => say(
            language,
            "With us, today or at our next stop, or with your doctor",
            "Con nosotros, hoy o en la próxima parada, o con su médico",
        ),
    }
}

/// `Open for 2 years`, with its tone.
pub(crate) fn gap_age(gap: &GapView, person: &PersonView, app: &App) -> (String, Tone) {
    let language = app.language();
    let standing = evidence::standing(gap, person);
    if let Some(Verdict::Due { newest, why, .. }) = standing.and_then(|standing| standing.verdict.as_ref())
        && gap.gap.claimed_by.as_deref() == Some("van")
    {
        return match (why, newest) {
            (Why::NotControlled, _) => {
                (say(language, "Not under control", "Sin control").to_owned(), Tone::Caution)
            }
            (Why::Begun, Some(newest)) => {
                let begun = say(language, "Series begun, last dose:", "Serie empezada, última dosis:");
                (format!("{begun} {}", format::date(newest.on, language)), Tone::Caution)
            }
            (_, Some(newest)) => {
                let day = format::date(newest.on, language);
                (format!("{} {day}", say(language, "Last:", "Última vez:")), Tone::Caution)
            }
            (_, None) => (
                say(language, "Not yet, as far as is known", "Aún no, que se sepa").to_owned(),
                Tone::Neutral,
            ),
        };
    }
    let Some(since) = gap.gap.due_since else {
        return (say(language, "Open", "Pendiente").to_owned(), Tone::Neutral);
    };
    let is_long = app.today().signed_duration_since(since).num_days() >= LONG_OPEN_DAYS;
    let text = format!(
        "{} {}",
        say(language, "Open for", "Pendiente desde hace"),
        format::span(since, app.today(), language)
    );
    (text, if is_long { Tone::Caution } else { Tone::Neutral })
}

/// Who says that it is missing.
pub(crate) fn gap_claim(gap: &GapView, person: &PersonView, language: Language) -> &'static str {
    evidence::standing(gap, person).map_or("", |standing| evidence::claim_words(standing.claim, language))
}

fn gaps(view: &PersonView, app: &App) -> Vec<GapCard> {
    let language = app.language();
    let mut cards: Vec<GapCard> = Vec::new();
    for gap in &view.gaps {
        let is_closed = gap.gap.status == Some(GapStatus::Closed);
        if gap.gap.status == Some(GapStatus::Declined) {
            continue;
        }
        let (title, reason) = gap_words(gap, language);
        let (age, tone) = match gap.gap.status {
            Some(GapStatus::Closed) => (say(language, "Closed", "Resuelto").to_owned(), Tone::Good),
            Some(GapStatus::FollowUp) => {
                (say(language, "Follow-up planned", "Seguimiento programado").to_owned(), Tone::Info)
            }
            _ => gap_age(gap, view, app),
        };
        let claim = gap_claim(gap, view, language);
        let parts = [reason.as_str(), claim].into_iter().filter(|part| !part.is_empty());
        let reason = parts.collect::<Vec<_>>().join(" · ");
        cards.push(GapCard {
            id: gap.id.to_string().into(),
            title: title.into(),
            reason: reason.into(),
            age: age.into(),
            tone,
            planned: app.person.planned.contains(&gap.id),
            closed: is_closed,
        });
    }
    cards.sort_by_key(|card| card.closed);
    cards
}

fn gaps_line(gaps: &[GapCard], language: Language) -> String {
    match gaps.iter().filter(|gap| !gap.closed).count() {
        0 => say(language, "No open gaps", "Sin pendientes de salud").to_owned(),
        open => format::count(
            open,
            say(language, "gap that can be closed", "pendiente de salud por resolver"),
            say(language, "gaps that can be closed", "pendientes de salud por resolver"),
        ),
    }
}

fn history(view: &PersonView, app: &App) -> Vec<HistoryLine> {
    let language = app.language();
    let packs = app.desk.as_ref().and_then(|desk| desk.packs().ok());
    let site = |visit: &Visit| {
        let name = visit.site.and_then(|site| app.desk.as_ref()?.site_name(site).ok());
        name.filter(|name| !name.is_empty())
    };
    let line = |(id, visit): &(VisitId, Visit)| {
        let title = match site(visit) {
            Some(site) => format!("{} {site}", say(language, "Visit at", "Visita en")),
            None => say(language, "Visit", "Visita").to_owned(),
        };
        let (state, tone) = match visit.status {
            Some(VisitStatus::Finished) => (say(language, "Finished", "Terminada"), Tone::Good),
            Some(VisitStatus::Cancelled) => (say(language, "Canceled", "Cancelada"), Tone::Neutral),
            _ => (say(language, "Open", "Abierta"), Tone::Info),
        };
        let forms = view.responses.iter().filter(|(_, response)| response.visit == Some(*id));
        let forms = forms.filter_map(|(_, response)| {
            Some(packs.as_ref()?.form_of(response.questionnaire.as_deref()?)?.title.clone())
        });
        let detail = std::iter::once(state.to_owned()).chain(forms).collect::<Vec<_>>().join(" · ");
        let at = visit.checked_in_at.unwrap_or_default();
        HistoryLine {
            id: id.to_string().into(),
            when: format::moment(at, app.now(), app.offset(), language).into(),
            title: title.into(),
            detail: detail.into(),
            tone,
        }
    };
    view.visits.iter().map(line).collect()
}

fn show_visit(app: &App, view: &PersonView) {
    let language = app.language();
    let open = view.open_visit.and_then(|open| view.visits.iter().find(|(id, _)| *id == open));
    let window = app.window();
    let adapter = window.global::<PersonAdapter>();
    let Some((_, visit)) = open else {
        adapter.set_visit(VisitState::None);
        return adapter.set_visit_text(SharedString::new());
    };
    let parked = matches!(visit.station, Some(Station::Waiting | Station::Nurse));
    adapter.set_visit(if parked { VisitState::Parked } else { VisitState::Open });
    let since = format::time(visit.checked_in_at.unwrap_or_default(), app.offset(), language);
    adapter.set_visit_text(
        format!("{} {since}", say(language, "Visit open since", "Visita abierta desde las")).into(),
    );
}

fn toggle_gap(app: &mut App, id: SharedString) {
    let Ok(id) = id.parse::<CareGapId>() else { return };
    if !app.person.planned.remove(&id) {
        app.person.planned.insert(id);
    }
    refresh(app);
}

fn check_in(app: &mut App) {
    if let Some(id) = app.person.shown {
        check_in::begin(app, id);
    }
}

fn continue_visit(app: &mut App) {
    let Some(id) = app.person.shown else { return };
    let Some(view) = app.with_desk(|desk| desk.person(id)) else { return };
    match view.open_visit {
        Some(open) => visit::open(app, open, Screen::Person),
        None => refresh(app),
    }
}

fn open_history(app: &mut App, id: SharedString) {
    if let Ok(id) = id.parse::<VisitId>() {
        visit::open(app, id, Screen::Person);
    }
}

fn back(app: &mut App) {
    let nowhere = if app.stop.is_some() { Screen::Stop } else { Screen::Find };
    let back = app.person.from.filter(|from| *from != Screen::Stop || app.stop.is_some()).unwrap_or(nowhere);
    frame::show(app, back);
}
