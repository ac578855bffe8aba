//! A value or an answer that stops the visit until somebody acts. What was done, or why it could not be, is written
//! to the visit's note with the name of who acknowledged it.

use super::dialog::{self, Ask, Question};
use super::format::{self, say};
use super::readings::{self, Vital};
use super::state::App;
use super::ui::Tone;
use shared::content::pack::AlertRule;
use shared::content::{Language, Quantity};
use shared::ids::VisitId;

/// A dangerous value was measured.
pub(crate) fn ask_value(app: &mut App, visit: VisitId, vital: Vital, values: &[Quantity], alert: &AlertRule) {
    let language = app.language();
    let unit = vital.units()[0];
    let value = readings::value_words(vital, values, unit);
    let (title, body) = (alert.title.text(language), alert.action.text(language));
    let what = format!("{} {value}", vital.name(Language::English));
    let beside = readings::unit_beside(unit, language);
    let value = format!("{value} {beside}").trim_end().to_owned();
    let question = Question { value, ..asked(visit, &what, title, body, language) };
    dialog::open(app, question);
}

/// An answer demands an action whatever the score is, such as item 9 of the PHQ-9.
pub(crate) fn ask_answer(app: &mut App, visit: VisitId, form: &str, action: &str) {
    let language = app.language();
    let title = say(language, "This answer needs you now", "Esta respuesta requiere su atención ahora");
    let body = format!(
        "{action} {}",
        say(
            language,
            "Stay with the person. Do not leave them alone.",
            "Quédese con la persona. No la deje sola."
        )
    );
    let question =
        Question { choices: actions(true, language), ..asked(visit, form, title, &body, language) };
    dialog::open(app, question);
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

fn asked(visit: VisitId, what: &str, title: &str, body: &str, language: Language) -> Question {
    Question {
        ask: Ask::Critical { visit, what: what.to_owned() },
        choices: actions(false, language),
        confirm: say(language, "I have done this", "Ya lo hice"),
        cancel: say(language, "Cannot do this now", "No puedo hacerlo ahora"),
        ..Question::told(Tone::Urgent, title, body, language)
    }
}

/// There is no way around: who cannot act says why.
pub(crate) fn why_not(visit: VisitId, what: &str, before: &Question, language: Language) -> Question {
    Question {
        ask: Ask::CriticalNot { visit, what: what.to_owned() },
        title: say(language, "Why can this not be done now?", "¿Por qué no se puede hacer ahora?").to_owned(),
        choices: vec![
            ("refuses", say(language, "The person does not want it", "La persona no quiere")),
            ("left", say(language, "The person left", "La persona se fue")),
            ("alone", say(language, "Nobody else is here to help", "No hay nadie más que ayude")),
            ("mistake", say(language, "It was entered wrongly", "Se anotó mal")),
        ],
        chosen: None,
        confirm: say(language, "Record this reason", "Registrar el motivo"),
        cancel: say(language, "Back", "Volver"),
        ..before.clone()
    }
}

/// Back from the reasons to the actions.
pub(crate) fn again(visit: VisitId, what: &str, before: &Question, language: Language) -> Question {
    let title = say(language, "This needs you now", "Esto requiere su atención ahora");
    // Only a value has figures to show.
    let choices = actions(before.value.is_empty(), language);
    Question { value: before.value.clone(), choices, ..asked(visit, what, title, &before.body, language) }
}

pub(crate) fn done(app: &mut App, visit: VisitId, what: &str, action: &str) {
    note(app, visit, what, action);
}

pub(crate) fn not_done(app: &mut App, visit: VisitId, what: &str, reason: &str) {
    let words = format!("{} {reason}", app.say("not done:", "no se hizo:"));
    note(app, visit, what, &words);
}

/// Adds a line to the note; what colleagues wrote stays.
fn note(app: &mut App, visit: VisitId, what: &str, action: &str) {
    let who = app.acting.as_ref().map_or("", |acting| &acting.name);
    let at = format::time(app.now(), app.offset(), app.language());
    let line = format!("{at} {what}: {action} ({who})");
    app.with_desk(|desk| {
        let before = desk.visit(visit)?.visit.note.unwrap_or_default();
        let note = if before.is_empty() { line } else { format!("{before}\n{line}") };
        desk.note(visit, &note)
    });
}
