//! A value or an answer that stops the visit until somebody acts. What was done, or why it could not be, is written to
//! its task with the name of who says so; what nobody answered is asked again when the visit is opened again, whoever
//! opens it.

use super::dialog::{self, Ask, Question};
use super::format::say;
use super::readings::{self, Vital};
use super::state::App;
use super::ui::Tone;
use crate::capture::{Packs, Response, VisitView};
use shared::content::{Language, Words, questionnaire};
use shared::domain::task::Task;
use shared::ids::{TaskId, VisitId};

/// What the packs say about a finding.
struct Protocol<'c> {
    title: &'c str,
    action: &'c str,
    /// Nothing for an answer.
    vital: Option<Vital>,
}

/// An answer raises no title of its own.
const ANSWER: (&str, &str) = ("This answer needs you now", "Esta respuesta requiere su atención ahora");
/// A rule of a release that is not here any more.
const UNKNOWN: (&str, &str) = ("This finding needs you now", "Este hallazgo requiere su atención ahora");

fn protocol<'c>(task: &Task, packs: &'c Packs, language: Language) -> Protocol<'c> {
    let reason = task.reason.as_deref().unwrap_or_default();
    let content = packs.current();
    if let Some(alert) = content.alerts.iter().find(|alert| alert.id == reason) {
        let is_of = |vital: &Vital| alert.any.iter().any(|line| vital.keys().contains(&line.key.as_str()));
        let vital = Vital::ALL.into_iter().find(is_of);
        return Protocol { title: alert.title.text(language), action: alert.action.text(language), vital };
    }
    let answer = || -> Option<&'c Words> {
        let (form, link_id) = reason.split_once('/')?;
        questionnaire::alert_of(content.form(form)?, link_id).map(|alert| alert.action)
    };
    match answer() {
        Some(action) => {
            Protocol { title: say(language, ANSWER.0, ANSWER.1), action: action.text(language), vital: None }
        }
        None => Protocol { title: say(language, UNKNOWN.0, UNKNOWN.1), action: "", vital: None },
    }
}

/// The finding's name for a list.
pub(crate) fn title<'c>(task: &Task, packs: &'c Packs, language: Language) -> &'c str {
    protocol(task, packs, language).title
}

/// Asks about every finding of a visit that nobody answered.
pub(crate) fn ask(app: &mut App, visit: VisitId) {
    let Some(view) = app.with_desk(|desk| desk.visit(visit)) else { return };
    let unanswered: Vec<_> = view.tasks.iter().filter(|(_, task)| task.is_unanswered()).collect();
    for (id, task) in unanswered {
        let question = question(*id, task, &view, app.language());
        dialog::open(app, question);
    }
}

fn question(id: TaskId, task: &Task, view: &VisitView, language: Language) -> Question {
    let Protocol { title, action, vital } = protocol(task, &view.packs, language);
    let Some(vital) = vital else {
        let stay = say(
            language,
            "Stay with the person. Do not leave them alone.",
            "Quédese con la persona. No la deje sola.",
        );
        return asked(id, title, format!("{action} {stay}").trim(), String::new(), language);
    };
    let unit = vital.units()[0];
    let newest = readings::readings(&view.results, vital).into_iter().next();
    let value = newest.map(|reading| readings::value_words(vital, &reading.values, unit));
    let beside = readings::unit_beside(unit, language);
    let value = value.map(|value| format!("{value} {beside}").trim_end().to_owned());
    // What was taken back meanwhile is still told as it was found.
    asked(id, title, action, value.or(task.found.clone()).unwrap_or_default(), language)
}

/// What can be done about a value, and about an answer.
fn actions(is_answer: bool, language: Language) -> Vec<(&'static str, &'static str)> {
    let stay = match is_answer {
        true => say(
            language,
            "I follow the protocol now, with the person",
            "Sigo el protocolo ahora, con la persona",
        ),
        false => say(
            language,
            "I let the person rest and measure again",
            "Dejo descansar a la persona y mido de nuevo",
        ),
    };
    let call = match is_answer {
        true => say(language, "I called 988 or 911", "Llamé al 988 o al 911"),
        false => say(language, "I called 911", "Llamé al 911"),
    };
    vec![
        ("stay", stay),
        ("nurse", say(language, "The nurse is here", "Enfermería está aquí")),
        ("call", call),
    ]
}

fn asked(task: TaskId, title: &str, body: &str, value: String, language: Language) -> Question {
    Question {
        ask: Ask::Critical(task),
        // Only a value has figures to show.
        choices: actions(value.is_empty(), language),
        value,
        confirm: say(language, "I have done this", "Ya lo hice"),
        cancel: say(language, "Cannot do this now", "No puedo hacerlo ahora"),
        ..Question::told(Tone::Urgent, title, body, language)
    }
}

/// The choice that says that there was nothing dangerous.
const MISTAKE: &str = "mistake";

/// There is no way around: who cannot act says why.
pub(crate) fn why_not(task: TaskId, before: &Question, language: Language) -> Question {
    Question {
        ask: Ask::CriticalNot(task),
        title: say(language, "Why can this not be done now?", "¿Por qué no se puede hacer ahora?").to_owned(),
        choices: vec![
            ("refuses", say(language, "The person does not want it", "La persona no quiere")),
            ("left", say(language, "The person left", "La persona se fue")),
            ("alone", say(language, "Nobody else is here to help", "No hay nadie más que ayude")),
            (MISTAKE, say(language, "It was entered wrongly", "Se anotó mal")),
        ],
        chosen: None,
        confirm: say(language, "Record this reason", "Registrar el motivo"),
        cancel: say(language, "Back", "Volver"),
        ..before.clone()
    }
}

/// Back from the reasons to the actions.
pub(crate) fn again(task: TaskId, before: &Question, language: Language) -> Question {
    let title = say(language, "This needs you now", "Esto requiere su atención ahora");
    asked(task, title, &before.body, before.value.clone(), language)
}

pub(crate) fn done(app: &mut App, task: TaskId, chosen: &Question) {
    respond(app, task, Response::Acted(chosen.chosen_words().to_owned()));
}

pub(crate) fn not_done(app: &mut App, task: TaskId, chosen: &Question) {
    let words = chosen.chosen_words().to_owned();
    let response = match chosen.chosen.as_deref() {
        Some(MISTAKE) => Response::Mistaken(words),
        _ => Response::CouldNot(words),
    };
    respond(app, task, response);
}

/// What could not be written is asked again, after the notice that says why.
fn respond(app: &mut App, task: TaskId, response: Response) {
    let written = app.with_desk(|desk| desk.respond(task, &response));
    if let (None, Some(visit)) = (written, app.visit.shown) {
        ask(app, visit);
    }
    super::frame::refresh(app);
}
