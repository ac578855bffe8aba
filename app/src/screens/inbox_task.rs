//! A dangerous finding in the inbox: what was found, what was done at once and by whom, and by when somebody comes back
//! to it. Pure words; what pressing Done does stands in `inbox`.

use super::critical;
use super::format::{self, say};
use super::state::App;
use super::ui::{Notice, Tone};
use crate::capture::{Packs, TaskView};
use shared::time::Timestamp;

fn packs(app: &App) -> Option<Packs> {
    app.desk.as_ref().and_then(|desk| desk.packs().ok())
}

/// The finding's name.
pub(crate) fn title(app: &App, view: &TaskView) -> String {
    let title = packs(app).map(|packs| critical::title(&view.task, &packs, app.language()).to_owned());
    title.unwrap_or_default()
}

/// By when somebody is to come back to it; said loudly once that is over.
pub(crate) fn due_words(view: &TaskView, app: &App) -> String {
    let day = view.task.due_on.map(|day| format::short_date(day, app.today(), app.language()));
    let due = match view.task.is_overdue(app.today()) {
        true => app.say("Overdue since", "Atrasado desde"),
        false => app.say("By", "A más tardar el"),
    };
    day.map(|day| format!("{due} {day}")).unwrap_or_default()
}

/// What was found, and what was done about it by whom.
pub(crate) fn lines(view: &TaskView, app: &App) -> Vec<Notice> {
    let language = app.language();
    let at = |at: Option<Timestamp>| {
        at.map(|at| format::moment(at, app.now(), app.offset(), language)).unwrap_or_default()
    };
    let found = view.task.found.as_deref().unwrap_or_default();
    let found = packs(app).map(|packs| critical::found_words(found, &packs, language)).unwrap_or_default();
    let found = Notice { text: found.into(), detail: at(view.task.raised_at).into(), tone: Tone::Urgent };
    let done = match view.task.acknowledged_at {
        None => Notice {
            text: say(language, "Nobody has said yet what was done", "Nadie ha dicho todavía qué se hizo")
                .into(),
            detail: say(language, "Open the person's visit.", "Abra la visita de la persona.").into(),
            tone: Tone::Urgent,
        },
        when => Notice {
            text: view.task.action.clone().unwrap_or_default().into(),
            detail: [view.acknowledged_by.clone().unwrap_or_default(), at(when)].join(" · ").into(),
            tone: if view.task.acted == Some(true) { Tone::Good } else { Tone::Caution },
        },
    };
    let due = Notice {
        text: say(language, "Come back to the person", "Vuelva a hablar con la persona").into(),
        detail: due_words(view, app).into(),
        tone: if view.task.is_overdue(app.today()) { Tone::Caution } else { Tone::Info },
    };
    vec![found, done, due]
}
