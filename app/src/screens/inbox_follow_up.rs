//! A follow-up in the inbox: what was promised, and what came of it, asked one thing at a time. Only care that was given
//! closes its gap; what comes of the rest is `capture::Outcome`'s.

use super::format::{self, say};
use super::gap_care::{self, Care};
use super::state::{App, model, option};
use super::ui::{ChoiceOption, InboxAdapter, Notice, Tone};
use super::undo::{self, Undoing};
use super::visit_gaps::{after, is_call};
use super::{evidence, frame, person};
use crate::capture::{FollowUp, Outcome};

/// What came of it: id, English, Spanish.
const DONE: (&str, &str, &str) = ("done", "It was done", "Ya se hizo");
const NOT_DONE: (&str, &str, &str) = ("not-done", "Reached, and it was not done", "Se habló y no se hizo");
const NOT_REACHED: (&str, &str, &str) = ("not-reached", "Not reached", "No contestó");
/// In the place of the last two where the person does not agree to calls.
const NO_CALLS: (&str, &str, &str) = ("no-calls", "Do not call", "No llamar");

/// When the next try is: id, English, Spanish, days from now.
const AGAIN: [(&str, &str, &str, u64); 4] = [
    ("tomorrow", "Tomorrow", "Mañana", 1),
    ("week", "In one week", "En una semana", 7),
    ("two-weeks", "In two weeks", "En dos semanas", 14),
    ("month", "In one month", "En un mes", 30),
];

/// What is known so far.
#[derive(Default)]
pub(crate) struct Ending {
    /// One of the four above.
    came: Option<&'static str>,
    care: Care,
    /// One of `AGAIN`.
    again: Option<&'static str>,
}

/// Whether it is a call that the person does not agree to any more.
fn is_withdrawn(follow_up: &FollowUp) -> bool {
    !follow_up.may_call && follow_up.gap.gap.reason.as_deref().is_some_and(is_call)
}

/// Nothing of a follow-up is shown.
pub(crate) fn clear(adapter: &InboxAdapter<'_>) {
    adapter.set_asks("".into());
    adapter.set_choices(model(vec![]));
    adapter.set_can_change(false);
    adapter.set_can_finish(true);
    adapter.set_decides(false);
}

pub(crate) fn show(app: &App, follow_up: &FollowUp, adapter: &InboxAdapter<'_>) {
    let language = app.language();
    let on = follow_up.gap.gap.follow_up_on.map(|day| format::date(day, language)).unwrap_or_default();
    let why = evidence::promise_words(&follow_up.gap, app.language());
    let mut lines = vec![Notice { text: why.into(), detail: on.into(), tone: Tone::Info }];
    if is_withdrawn(follow_up) {
        let text = say(language, "Calls are not agreed to any more", "Ya no acepta llamadas");
        let detail = say(
            language,
            "Do not call. The gap goes back to the plan's list.",
            "No llame. El pendiente vuelve a la lista del plan.",
        );
        lines.push(Notice { text: text.into(), detail: detail.into(), tone: Tone::Caution });
    }
    let ending = &app.inbox.ending;
    adapter.set_follow_up(model(lines));
    adapter.set_asks(asks(app).into());
    adapter.set_choices(model(choices(app, follow_up)));
    adapter.set_can_change(matches!(ending.came, Some(came) if came == DONE.0 || came == NOT_REACHED.0));
    adapter.set_can_finish(outcome(app, follow_up).is_some());
    adapter.set_decides(true);
}

fn asks(app: &App) -> &'static str {
    let (language, ending) = (app.language(), &app.inbox.ending);
    match ending.came {
        Some(came) if came == DONE.0 => ending.care.asks_words(language),
        Some(came) if came == NOT_REACHED.0 => say(language, "When again?", "¿Cuándo otra vez?"),
        _ => say(language, "What came of it?", "¿Qué pasó?"),
    }
}

fn choices(app: &App, follow_up: &FollowUp) -> Vec<ChoiceOption> {
    let (language, ending) = (app.language(), &app.inbox.ending);
    match ending.came {
        Some(came) if came == DONE.0 => {
            let packs = app.desk.as_ref().and_then(|desk| desk.packs().ok());
            packs.map(|packs| gap_care::rows(&ending.care, &follow_up.gap, &packs, app)).unwrap_or_default()
        }
        Some(came) if came == NOT_REACHED.0 => AGAIN
            .iter()
            .map(|(id, english, spanish, days)| ChoiceOption {
                detail: format::date(after(app.today(), *days), language).into(),
                ..option(*id, say(language, english, spanish), ending.again == Some(*id))
            })
            .collect(),
        came => {
            let offered = match is_withdrawn(follow_up) {
                true => vec![DONE, NO_CALLS],
                false => vec![DONE, NOT_DONE, NOT_REACHED],
            };
            let row = |(id, english, spanish): (&'static str, &str, &str)| {
                let detail = match id {
                    id if id == DONE.0 => "",
                    id if id == NOT_REACHED.0 => {
                        say(language, "Try again on another day", "Intentar otro día")
                    }
                    _ => say(
                        language,
                        "Open again, for the plan's list",
                        "Pendiente otra vez, para la lista del plan",
                    ),
                };
                let chosen = came == Some(id);
                ChoiceOption { detail: detail.into(), ..option(id, say(language, english, spanish), chosen) }
            };
            offered.into_iter().map(row).collect()
        }
    }
}

/// What was chosen among what is asked now.
pub(crate) fn answer(app: &mut App, id: &str) {
    let Some(follow_up) = super::inbox::selected_follow_up(app) else { return };
    let ending = &mut app.inbox.ending;
    match ending.came {
        Some(came) if came == DONE.0 => ending.care.choose(id),
        Some(came) if came == NOT_REACHED.0 => {
            ending.again = AGAIN.iter().map(|(known, ..)| *known).find(|known| id == *known);
        }
        _ => {
            let known = [DONE.0, NOT_DONE.0, NOT_REACHED.0, NO_CALLS.0];
            ending.came = known.into_iter().find(|known| id == *known);
            ending.care = Care::elsewhere(&follow_up.gap);
        }
    }
}

/// All that was said, once it is enough.
fn outcome(app: &App, follow_up: &FollowUp) -> Option<Outcome> {
    let (language, ending) = (app.language(), &app.inbox.ending);
    let came = ending.came?;
    if came == DONE.0 {
        let (service, on, source) = ending.care.given()?;
        let words = ending.care.words(language);
        return Some(match service {
            Some(service) => Outcome::Given { service: service.to_owned(), on, source, words },
            None => Outcome::Told { words },
        });
    }
    if came == NOT_REACHED.0 {
        let days = AGAIN.iter().find(|(id, ..)| Some(*id) == ending.again)?.3;
        return (!is_withdrawn(follow_up)).then(|| Outcome::Again { on: after(app.today(), days) });
    }
    let (_, english, spanish) = if came == NO_CALLS.0 { NO_CALLS } else { NOT_DONE };
    Some(Outcome::NotDone { reason: say(language, english, spanish).to_owned() })
}

pub(crate) fn save(app: &mut App, follow_up: &FollowUp) {
    let Some(outcome) = outcome(app, follow_up) else { return };
    let Some(ended) = app.with_desk(|desk| desk.end_follow_up(&follow_up.gap, &outcome)) else { return };
    app.inbox.ending = Ending::default();
    let (title, _) = person::gap_words(&follow_up.gap, app.language());
    let what = match (&outcome, ended.closed) {
        (_, true) => app.say("closed", "resuelto"),
        (Outcome::Again { .. }, _) => app.say("another day", "otro día"),
        _ => app.say("open again", "pendiente de nuevo"),
    };
    let text = format!("{}, {title}: {what}", follow_up.person_name);
    frame::refresh(app);
    let undoing = match ended.care {
        Some(fact) => Undoing::Care { person: follow_up.person, visit: None, fact, closed: Some(ended.undo) },
        None => Undoing::Fields(ended.undo),
    };
    undo::offer(app, &text, undoing);
    if ended.care.is_some() && !ended.closed {
        gap_care::tell_still_due(app, &title);
    }
}
