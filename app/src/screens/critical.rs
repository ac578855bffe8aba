//! A value or an answer that stops the visit until somebody acts. What was done, or why it could not be, is written to
//! its task with the name of who says so; what nobody answered is asked again when the visit is opened again, whoever
//! opens it.

use super::dialog::{self, Ask, Question};
use super::format::say;
use super::readings;
use super::state::App;
use super::ui::Tone;
use super::vital::Vital;
use crate::capture::{Packs, Response, VisitView};
use shared::content::calculated::formula;
use shared::content::questionnaire::Alert;
use shared::content::{Language, Words, questionnaire};
use shared::domain::task::Task;
use shared::ids::{TaskId, VisitId};

/// What the packs say about a finding.
struct Protocol {
    title: &'static str,
    action: &'static str,
    choices: &'static [Words],
    /// What it may have been raised by.
    vitals: Vec<Vital>,
    tone: Tone,
}

/// An answer raises no title of its own.
const ANSWER: (&str, &str) = ("This answer needs you now", "Esta respuesta requiere su atención ahora");
/// A rule of a release that is not here any more.
const UNKNOWN: (&str, &str) = ("This finding needs you now", "Este hallazgo requiere su atención ahora");

fn protocol(task: &Task, packs: &Packs, language: Language) -> Protocol {
    let reason = task.reason.as_deref().unwrap_or_default();
    let content = packs.current();
    if let Some(alert) = content.alerts.iter().find(|alert| alert.id == reason) {
        // What follows from readings is no reading: it is told as it stands in the record.
        let follows = alert.any.iter().any(|line| formula(&line.key).is_some());
        let lines = alert.any.iter().filter(|_| !follows);
        let vitals = lines.filter_map(|line| Vital::of_key(&line.key, content)).collect();
        let (title, action) = (alert.title.text(language), alert.action.text(language));
        // What the law wants told waits for an answer too, and is no emergency.
        let tone = if alert.hearing_shift { Tone::Caution } else { Tone::Urgent };
        return Protocol { title, action, choices: &alert.choices, vitals, tone };
    }
    let answer = || -> Option<Alert<'static>> {
        let (form, link_id) = reason.split_once('/')?;
        questionnaire::alert_of(content.form(form)?, link_id)
    };
    match answer() {
        Some(alert) => Protocol {
            title: say(language, ANSWER.0, ANSWER.1),
            action: alert.action.text(language),
            choices: alert.choices,
            vitals: vec![],
            tone: Tone::Urgent,
        },
        None => Protocol {
            title: say(language, UNKNOWN.0, UNKNOWN.1),
            action: "",
            choices: &[],
            vitals: vec![],
            tone: Tone::Urgent,
        },
    }
}

/// The finding's name for a list.
pub(crate) fn title(task: &Task, packs: &Packs, language: Language) -> &'static str {
    protocol(task, packs, language).title
}

/// What was found, as the record states it in English, with the measurements' names in another language.
pub(crate) fn found_words(found: &str, packs: &Packs, language: Language) -> String {
    let measurements = &packs.current().catalog.measurements;
    let part = |part: &str| {
        let named = measurements.iter().filter(|measurement| part.starts_with(&measurement.name.english));
        match named.max_by_key(|measurement| measurement.name.english.len()).map(|named| &named.name) {
            Some(name) => format!("{}{}", name.text(language), &part[name.english.len()..]),
            None => part.to_owned(),
        }
    };
    found.split(", ").map(part).collect::<Vec<_>>().join(", ")
}

/// Asks about every finding of a visit that nobody answered; whether there is one.
pub(crate) fn ask(app: &mut App, visit: VisitId) -> bool {
    let Some(view) = app.with_desk(|desk| desk.visit(visit)) else { return false };
    let unanswered: Vec<_> = view.tasks.iter().filter(|(_, task)| task.is_unanswered()).collect();
    for (id, task) in &unanswered {
        let question = question(*id, task, &view, app.language());
        dialog::open(app, question);
    }
    !unanswered.is_empty()
}

fn question(id: TaskId, task: &Task, view: &VisitView, language: Language) -> Question {
    let Protocol { title, action, choices, vitals, tone } = protocol(task, &view.packs, language);
    // The very reading that raised it: a later one may be harmless.
    let value = vitals.into_iter().find_map(|vital| {
        let raised_at = task.raised_at?;
        let reading =
            readings::readings(&view.results, vital).into_iter().find(|reading| reading.at == raised_at)?;
        Some(readings::value_with_unit(vital, &reading.values, vital.usual_unit(), language))
    });
    // An answer is never read out from the screen; what else was found is told as it stands in the record.
    let is_answer = task.reason.as_deref().is_some_and(|reason| reason.contains('/'));
    let found = task.found.as_deref().filter(|_| !is_answer);
    let found = found.map(|found| found_words(found, &view.packs, language));
    let stay = say(
        language,
        "Stay with the person. Do not leave them alone.",
        "Quédese con la persona. No la deje sola.",
    );
    let body = if is_answer { format!("{action} {stay}").trim().to_owned() } else { action.to_owned() };
    Question {
        ask: Ask::Critical(id),
        choices: offered(choices, language),
        value: value.or(found).unwrap_or_default(),
        confirm: say(language, "I have done this", "Ya lo hice"),
        cancel: say(language, "Cannot do this now", "No puedo hacerlo ahora"),
        ..Question::told(tone, title, &body, language)
    }
}

/// What the packs offer to answer with; where they are gone, what helps with any finding.
fn offered(choices: &'static [Words], language: Language) -> Vec<(&'static str, &'static str)> {
    if choices.is_empty() {
        return vec![
            ("nurse", say(language, "The nurse is here", "Enfermería está aquí")),
            ("call", say(language, "I called 911", "Llamé al 911")),
        ];
    }
    choices.iter().map(|words| (words.text(Language::English), words.text(language))).collect()
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
