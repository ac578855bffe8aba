//! Inbox: dangerous findings, values that contradict each other, side by side, and follow-ups. One choice settles a
//! conflict everywhere.

use super::format::{self, say};
use super::state::{App, Shared, model, on, on_one};
use super::ui::{InboxAdapter, InboxItem, InboxKind, MainWindow, Screen};
use super::undo::{self, Undoing};
use super::{field_values, frame, inbox_follow_up, inbox_task, inbox_words, person, visit};
use crate::capture::{CaptureError, ConflictView, FollowUp, TaskView};
use shared::ids::{PersonId, VisitId};
use shared::record::Value;
use shared::time::Timestamp;
use slint::{ComponentHandle, SharedString};

/// More lines nobody works through at one stop.
const ITEMS_MAX: usize = 200;

/// One line of the inbox.
#[derive(Clone, Debug)]
pub(super) enum Item {
    Task(TaskView),
    Conflict(ConflictView),
    FollowUp(FollowUp),
}

/// A conflict that somebody settled since the start, with all its values, so that it can be opened again.
#[derive(Clone, Debug)]
pub(super) struct Settled {
    pub view: ConflictView,
    pub chosen: Chosen,
    pub by: String,
    pub at: Timestamp,
    /// Opened again: another value may be chosen.
    is_open: bool,
}

/// What somebody chose: one of the values, or that all are right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chosen {
    One(usize),
    Both,
}

impl Chosen {
    /// The value that settles the conflict.
    pub fn value(self, view: &ConflictView) -> Option<Value> {
        match self {
            Chosen::One(index) => view.candidates.get(index).map(|candidate| candidate.value.clone()),
            Chosen::Both => view.both.clone(),
        }
    }
}

#[derive(Default)]
pub(crate) struct State {
    items: Vec<Item>,
    settled: Vec<Settled>,
    /// Follow-ups whose day has not come.
    later: usize,
    selected: String,
    chosen: Option<Chosen>,
    /// What came of the chosen follow-up, as far as it was said.
    pub ending: inbox_follow_up::Ending,
}

pub(crate) fn wire(shared: &Shared, window: &MainWindow) {
    let adapter = window.global::<InboxAdapter>();
    adapter.on_select(on_one(shared, select));
    adapter.on_choose(on_one(shared, choose));
    adapter.on_choose_both(on(shared, choose_both));
    adapter.on_settle(on(shared, settle));
    adapter.on_later(on(shared, later));
    adapter.on_reopen(on(shared, reopen));
    adapter.on_open_person(on(shared, open_person));
    adapter.on_done(on(shared, done));
    adapter.on_answer(on_one(shared, answer));
    adapter.on_start_over(on(shared, start_over));
}

pub(super) fn conflict_id(view: &ConflictView) -> String {
    format!("{}/{}", view.subject.record, view.key)
}

impl Item {
    pub fn id(&self) -> String {
        match self {
            Item::Task(view) => view.id.to_string(),
            Item::Conflict(view) => conflict_id(view),
            Item::FollowUp(follow_up) => follow_up.gap.id.to_string(),
        }
    }
}

/// Reads what waits, dangerous findings first. Follow-ups walk over all gaps: this is for opening the inbox, a sync and
/// a sign-in.
pub(crate) fn count(app: &mut App) {
    let Some(conflicts) = app.with_desk(|desk| desk.conflicts()) else { return };
    let Some(follow_ups) = app.with_desk(|desk| desk.follow_ups()) else { return };
    let Some(tasks) = app.with_desk(|desk| desk.tasks()) else { return };
    let today = app.today();
    let is_due = |follow_up: &FollowUp| follow_up.gap.gap.follow_up_on.is_none_or(|day| day <= today);
    let (due, later): (Vec<_>, Vec<_>) = follow_ups.into_iter().partition(is_due);
    app.frame.inbox_count = tasks.len() + conflicts.len() + due.len();
    app.inbox.later = later.len();
    let is_open_again =
        |view: &ConflictView| conflicts.iter().any(|open| conflict_id(open) == conflict_id(view));
    app.inbox.settled.retain(|settled| !is_open_again(&settled.view));
    let items = tasks.into_iter().map(Item::Task).chain(conflicts.into_iter().map(Item::Conflict));
    let follow_ups = due.into_iter().chain(later).map(Item::FollowUp);
    app.inbox.items = items.chain(follow_ups).take(ITEMS_MAX).collect();
}

pub(crate) fn refresh(app: &mut App) {
    count(app);
    let window = app.window();
    let adapter = window.global::<InboxAdapter>();
    let mut rows: Vec<InboxItem> = app.inbox.items.iter().map(|item| inbox_words::row(item, app)).collect();
    rows.extend(
        app.inbox
            .settled
            .iter()
            .map(|settled| inbox_words::conflict_row(&settled.view, !settled.is_open, app)),
    );
    adapter.set_count(count_words(app).into());
    let is_known = rows.iter().any(|row| row.id == app.inbox.selected);
    if !is_known {
        app.inbox.selected = rows.first().map(|row| row.id.to_string()).unwrap_or_default();
        forget_chosen(app);
    }
    adapter.set_items(model(rows));
    if let Some(person) = selected_person(app).filter(|_| app.screen == Screen::Inbox) {
        app.with_desk(|desk| match desk.note_look(person, None, "inbox") {
            // A conflict may be of a person whose own record is not on this device.
            Err(CaptureError::Gone) => Ok(false),
            noted => noted,
        });
    }
    show_selected(app, &adapter);
}

/// `7 waiting · 43 later`: what the rail counts, and what the list holds beside.
fn count_words(app: &App) -> String {
    let language = app.language();
    let waiting = format::count(
        app.frame.inbox_count,
        say(language, "waiting", "espera"),
        say(language, "waiting", "esperan"),
    );
    match app.inbox.later {
        0 => waiting,
        later => format!("{waiting} · {} {}", format::thousands(later), say(language, "later", "después")),
    }
}

/// The chosen conflict, open or settled.
fn selected_conflict(app: &App) -> Option<(ConflictView, Option<&Settled>)> {
    let id = &app.inbox.selected;
    let open = app.inbox.items.iter().find_map(|item| match item {
        Item::Conflict(view) if conflict_id(view) == *id => Some(view.clone()),
        _ => None,
    });
    let settled = app.inbox.settled.iter().find(|settled| conflict_id(&settled.view) == *id);
    open.map(|view| (view, None)).or_else(|| settled.map(|settled| (settled.view.clone(), Some(settled))))
}

pub(crate) fn selected_follow_up(app: &App) -> Option<FollowUp> {
    app.inbox.items.iter().find_map(|item| match item {
        Item::FollowUp(follow_up) if item.id() == app.inbox.selected => Some(follow_up.clone()),
        _ => None,
    })
}

fn selected_task(app: &App) -> Option<TaskView> {
    app.inbox.items.iter().find_map(|item| match item {
        Item::Task(view) if item.id() == app.inbox.selected => Some(view.clone()),
        _ => None,
    })
}

fn show_selected(app: &mut App, adapter: &InboxAdapter<'_>) {
    let language = app.language();
    adapter.set_selected_id(app.inbox.selected.as_str().into());
    adapter.set_both_allowed(false);
    adapter.set_both_chosen(false);
    inbox_follow_up::clear(adapter);
    if let Some(view) = selected_task(app) {
        adapter.set_kind(InboxKind::FollowUp);
        adapter.set_settled(false);
        adapter.set_person(view.person_name.as_str().into());
        adapter.set_field(inbox_task::title(app, &view).into());
        return adapter.set_follow_up(model(inbox_task::lines(&view, app)));
    }
    if let Some(follow_up) = selected_follow_up(app) {
        adapter.set_kind(InboxKind::FollowUp);
        adapter.set_settled(false);
        adapter.set_person(follow_up.person_name.as_str().into());
        adapter.set_field(person::gap_words(&follow_up.gap, language).0.into());
        return inbox_follow_up::show(app, &follow_up, adapter);
    }
    let Some((view, settled)) = selected_conflict(app) else { return };
    adapter.set_kind(InboxKind::Conflict);
    adapter.set_person(inbox_words::title(&view, app));
    adapter.set_field(field_values::field(&view, language).into());
    let explanation = say(
        language,
        "Changed in more than one place without one seeing the other. Choose the right value; the others stay in the history.",
        "Se cambió en más de un lugar sin que uno viera al otro. Elija el valor correcto; los otros quedan en el historial.",
    );
    adapter.set_explanation(explanation.into());
    let is_settled = settled.is_some_and(|settled| !settled.is_open);
    let chosen = app.inbox.chosen.or(settled.filter(|_| is_settled).map(|settled| settled.chosen));
    let values = view
        .candidates
        .iter()
        .enumerate()
        .map(|(index, candidate)| inbox_words::card(index, candidate, &view, chosen, app));
    adapter.set_values(model(values.collect()));
    let both = view.both.as_ref().map(|both| field_values::value(&view, both, language));
    adapter.set_both_allowed(both.is_some());
    adapter.set_both_chosen(chosen == Some(Chosen::Both));
    adapter.set_both_value(both.unwrap_or_default().into());
    adapter.set_settled(is_settled);
    adapter.set_settled_text(
        settled.map(|settled| inbox_words::settled_words(settled, app)).unwrap_or_default().into(),
    );
    adapter.set_can_settle(app.inbox.chosen.is_some());
}

fn select(app: &mut App, id: SharedString) {
    app.inbox.selected = id.to_string();
    forget_chosen(app);
    refresh(app);
}

fn forget_chosen(app: &mut App) {
    app.inbox.chosen = None;
    app.inbox.ending = inbox_follow_up::Ending::default();
}

fn answer(app: &mut App, id: SharedString) {
    inbox_follow_up::answer(app, &id);
    refresh(app);
}

fn start_over(app: &mut App) {
    forget_chosen(app);
    refresh(app);
}

fn choose(app: &mut App, id: SharedString) {
    app.inbox.chosen = id.parse().ok().map(Chosen::One);
    refresh(app);
}

fn choose_both(app: &mut App) {
    app.inbox.chosen = Some(Chosen::Both);
    refresh(app);
}

fn settle(app: &mut App) {
    let (Some(chosen), Some((view, _))) = (app.inbox.chosen, selected_conflict(app)) else { return };
    let Some(value) = chosen.value(&view) else { return };
    if app.with_desk(|desk| desk.settle(&view, value)).is_none() {
        return;
    }
    let by = app.acting.as_ref().map(|acting| acting.name.clone()).unwrap_or_default();
    app.inbox.settled.retain(|settled| conflict_id(&settled.view) != conflict_id(&view));
    app.inbox.settled.insert(0, Settled { view, chosen, by, at: app.now(), is_open: false });
    app.inbox.chosen = None;
    // Another choice is made by opening it again: one write could not bring several values back.
    undo::dismiss(app);
    frame::refresh(app);
}

/// Leaves it open and shows the next one.
fn later(app: &mut App) {
    let at = app.inbox.items.iter().position(|item| item.id() == app.inbox.selected).map_or(0, |at| at + 1);
    if !app.inbox.items.is_empty() {
        app.inbox.selected = app.inbox.items[at % app.inbox.items.len()].id();
    }
    forget_chosen(app);
    refresh(app);
}

fn reopen(app: &mut App) {
    let id = app.inbox.selected.clone();
    if let Some(settled) = app.inbox.settled.iter_mut().find(|settled| conflict_id(&settled.view) == id) {
        settled.is_open = true;
    }
    app.inbox.chosen = None;
    refresh(app);
}

/// Whose the chosen line is.
fn selected_person(app: &App) -> Option<PersonId> {
    let task = selected_task(app).and_then(|view| view.task.person);
    let follow_up = selected_follow_up(app).map(|follow_up| follow_up.person);
    task.or(follow_up).or_else(|| selected_conflict(app)?.0.subject.person)
}

fn open_person(app: &mut App) {
    if let Some(person) = selected_person(app) {
        person::open(app, person, Screen::Inbox);
    }
}

fn open_visit(app: &mut App, visit: Option<VisitId>) {
    if let Some(visit) = visit {
        visit::open(app, visit, Screen::Inbox);
    }
}

fn done(app: &mut App) {
    if let Some(follow_up) = selected_follow_up(app) {
        return inbox_follow_up::save(app, &follow_up);
    }
    let Some(view) = selected_task(app) else { return };
    // Who comes back to it first says what was done at once.
    if view.task.is_unanswered() {
        return open_visit(app, view.task.visit);
    }
    let Some(undo) = app.with_desk(|desk| desk.task_done(&view)) else { return };
    let text = format!("{} {}", app.say("Done:", "Hecho:"), view.person_name);
    frame::refresh(app);
    undo::offer(app, &text, Undoing::Fields(undo));
}
