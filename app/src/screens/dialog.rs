//! The dialog: what must be answered before going on. One at a time, the rest wait; a lock hides it and the next
//! sign-in shows it again. What an answer does stands with whoever asked.

use super::format::say;
use super::state::{App, Shared, model, on, on_one, option};
use super::ui::{DialogAdapter, Tone};
use super::{check_in, critical, register, sign_in, take_home, trouble, visit};
use crate::screens::state::Gate;
use shared::content::Language;
use shared::ids::{PersonId, StaffId, TaskId, VisitId};
use slint::{ComponentHandle, SharedString};
use std::collections::VecDeque;

/// Who asked, and about what.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ask {
    /// Only words; confirming closes it.
    Told,
    /// The office had this device erased; nobody needs to be signed in to read it.
    Erased,
    /// What was shown is gone: confirming leads back.
    GoneBack,
    /// A value or an answer that demands an action now.
    Critical(TaskId),
    /// Why the action cannot be done now.
    CriticalNot(TaskId),
    Withdraw(VisitId),
    /// How a person gets their results.
    HandOut(VisitId),
    Refuse(PersonId),
    RegisterAnyway,
    /// Lets a colleague with too many wrong PINs try again.
    Restore(StaffId),
}

#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub ask: Ask,
    pub tone: Tone,
    pub title: String,
    pub value: String,
    pub body: String,
    /// Id and words.
    pub choices: Vec<(&'static str, &'static str)>,
    pub chosen: Option<SharedString>,
    pub confirm: &'static str,
    /// Empty when there is no way around.
    pub cancel: &'static str,
}

#[derive(Default)]
pub(crate) struct State {
    waiting: VecDeque<Question>,
}

impl Question {
    /// A notice with one way on.
    pub fn told(tone: Tone, title: &str, body: &str, language: Language) -> Question {
        Question {
            ask: Ask::Told,
            tone,
            title: title.to_owned(),
            value: String::new(),
            body: body.to_owned(),
            choices: vec![],
            chosen: None,
            confirm: say(language, "Understood", "Entendido"),
            cancel: "",
        }
    }
    fn can_confirm(&self) -> bool {
        self.choices.is_empty() || self.chosen.is_some()
    }
    /// The words of what was chosen.
    pub fn chosen_words(&self) -> &'static str {
        let chosen = self.choices.iter().find(|(id, _)| self.chosen.as_deref() == Some(*id));
        chosen.map_or("", |(_, words)| words)
    }
}

pub(crate) fn wire(shared: &Shared, window: &super::ui::MainWindow) {
    let adapter = window.global::<DialogAdapter>();
    adapter.on_choose(on_one(shared, choose));
    adapter.on_confirmed(on(shared, confirmed));
    adapter.on_cancelled(on(shared, cancelled));
}

/// Asks, after whatever is being asked already; what is dangerous comes before anything else. The same question is not
/// asked twice.
pub(crate) fn open(app: &mut App, question: Question) {
    if app.dialog.waiting.iter().any(|waiting| waiting.ask == question.ask && waiting.title == question.title)
    {
        return;
    }
    let is_dangerous = |question: &Question| matches!(question.ask, Ask::Critical(_) | Ask::CriticalNot(_));
    let waiting = &mut app.dialog.waiting;
    let at = match is_dangerous(&question) {
        true => waiting.iter().take_while(|waiting| is_dangerous(waiting)).count(),
        false => waiting.len(),
    };
    waiting.insert(at, question);
    show(app);
}

/// Every question is for the staff: on a turned screen it waits for them, which asks for itself back where it is dangerous
/// (`question::State::is_held`), and on the sign-in screen nobody's name is shown.
fn may_show(app: &App, question: &Question) -> bool {
    match app.gate {
        Gate::Open => !app.frame.is_turned,
        _ => matches!(question.ask, Ask::Restore(_) | Ask::Erased),
    }
}

/// Brings the adapter up to what is asked.
pub(crate) fn show(app: &mut App) {
    let window = app.window();
    let adapter = window.global::<DialogAdapter>();
    let Some(question) = app.dialog.waiting.front().filter(|question| may_show(app, question)) else {
        adapter.set_shown(false);
        return;
    };
    adapter.set_tone(question.tone);
    adapter.set_title(question.title.as_str().into());
    adapter.set_value(question.value.as_str().into());
    adapter.set_body(question.body.as_str().into());
    let choice = |(id, words): &(&'static str, &'static str)| {
        option(*id, *words, question.chosen.as_deref() == Some(*id))
    };
    adapter.set_choices(model(question.choices.iter().map(choice).collect()));
    adapter.set_confirm(question.confirm.into());
    adapter.set_cancel(question.cancel.into());
    adapter.set_can_confirm(question.can_confirm());
    adapter.set_shown(true);
}

fn choose(app: &mut App, id: SharedString) {
    if let Some(question) = app.dialog.waiting.front_mut() {
        question.chosen = Some(id);
    }
    show(app);
}

fn confirmed(app: &mut App) {
    let Some(question) = app.dialog.waiting.pop_front_if(|question| question.can_confirm()) else { return };
    match question.ask.clone() {
        Ask::Told | Ask::Erased => {}
        Ask::GoneBack => trouble::go_back(app),
        Ask::Critical(task) => critical::done(app, task, &question),
        Ask::CriticalNot(task) => critical::not_done(app, task, &question),
        Ask::Withdraw(visit) => visit::withdraw(app, visit),
        Ask::HandOut(visit) => take_home::chosen(app, visit, question.chosen.as_deref()),
        Ask::Refuse(person) => check_in::refuse(app, person),
        Ask::RegisterAnyway => register::save(app),
        Ask::Restore(staff) => sign_in::restore(app, staff),
    }
    show(app);
}

fn cancelled(app: &mut App) {
    let Some(question) = app.dialog.waiting.pop_front() else { return };
    match question.ask.clone() {
        Ask::Critical(task) => {
            let asked = critical::why_not(task, &question, app.language());
            app.dialog.waiting.push_front(asked);
        }
        // Back from the reasons to the actions.
        Ask::CriticalNot(_) => {
            if let Some(visit) = app.visit.shown {
                critical::ask(app, visit);
            }
        }
        _ => {}
    }
    show(app);
}
