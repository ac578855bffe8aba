//! The questions of a visit: one a page, in the person's language, going on by themselves. A form is saved from its
//! last page, so that a thumb that slipped can go back.

use super::format::say;
use super::state::{App, Shared, later, on, on_one_turned, on_turned};
use super::ui::{MainWindow, QuestionAdapter};
use super::visit::{self, Progress};
use super::{critical, forms, frame, question_more, question_page};
use crate::capture::VisitView;
use shared::change::Bucket;
use shared::content::questionnaire::{self, Answer, Answers, Item, Kind, Questionnaire};
use shared::content::{Language, Quantity};
use shared::domain::person::TobaccoStatus;
use shared::domain::visit::VisitStatus;
use shared::merge::RecordState;
use slint::{ComponentHandle, SharedString, Timer, TimerMode};
use std::time::Duration;

/// Long enough to see what was chosen, short enough not to wait for.
const GO_ON_AFTER: Duration = Duration::from_millis(300);
/// Letters that come faster are kept together.
const KEEP_AFTER: Duration = Duration::from_millis(500);
const DIGITS_MAX: usize = 5;
const TOBACCO: &str = "tobacco-status";

#[derive(Default)]
pub(crate) struct State {
    form: Option<&'static Questionnaire>,
    /// The person's record as it was when the form began.
    seen: Option<RecordState>,
    pub answers: Answers,
    /// The question with a list of answers whose last one is being typed.
    pub typing: Option<&'static str>,
    /// Link ids that this visit asked already, in another form or in this one before it was left open: nobody is asked
    /// twice, and Back still shows them.
    known: Vec<&'static str>,
    at: usize,
    error: String,
    /// Forms that were saved with a required question put off since the page was opened, by their address: each is asked
    /// again when the page is opened again, and not at once.
    put_off: Vec<&'static str>,
    /// An answer on a turned screen needs the staff: it goes back to them before anything else.
    pub is_held: bool,
    /// The positive results that the staff were told of when the screen came back.
    pub told: Vec<String>,
    go_on: Timer,
    keep_soon: Timer,
}

pub(crate) fn wire(shared: &Shared, window: &MainWindow) {
    let adapter = window.global::<QuestionAdapter>();
    adapter.on_choose(on_one_turned(shared, choose));
    adapter.on_press(on_one_turned(shared, press));
    adapter.on_edited(on_one_turned(shared, edited));
    adapter.on_rather_not_say(on_turned(shared, |app| skip(app, Answer::Declined)));
    adapter.on_ask_later(on_turned(shared, |app| skip(app, Answer::NotAsked)));
    adapter.on_add_another(on_turned(shared, add_another));
    adapter.on_back(on_turned(shared, back));
    adapter.on_next(on_turned(shared, next));
    adapter.on_turn_screen(on(shared, frame::turn));
}

pub(crate) fn progress(view: &VisitView) -> Progress {
    let forms = forms::of_visit(view);
    let done = forms.iter().filter(|form| forms::is_done(view, form)).count();
    Progress { done, asked: forms.len(), needs_attention: false }
}

/// The page is entered: a form under way goes on, else the next one begins.
pub(crate) fn enter(app: &mut App) {
    let Some(view) = visit::view(app) else { return };
    app.question.put_off.clear();
    let is_between = app.question.form.is_none() && view.visit.status == Some(VisitStatus::InProgress);
    if is_between && !go_on_with_draft(app, &view) {
        begin_next(app, &view);
    }
}

/// A form that was begun before a crash or another visit goes on at its first open question, under the very version it
/// was begun under.
fn go_on_with_draft(app: &mut App, view: &VisitView) -> bool {
    let Some(draft) = app.with_desk(|desk| desk.kept_answers(view.id)).flatten() else { return false };
    let form = draft.questionnaire.as_deref().and_then(|canonical| view.packs.form_of(canonical));
    let Some(form) = form.filter(|form| !forms::is_done(view, form)) else { return false };
    // What a crash left behind after its form was saved says no more than the response.
    if forms::response(view, form).is_some_and(|given| given.answers == draft.answers) {
        return false;
    }
    start(app, view, form);
    for (link_id, answer) in forms::answers_of(form, &draft).iter() {
        // What an answer before it closed meanwhile is not asked.
        let _ = app.question.answers.record(form, link_id, answer.clone());
    }
    let answers = &app.question.answers;
    let questions = form.questions(answers);
    app.question.at =
        questions.iter().position(|item| answers.get(&item.link_id).is_none()).unwrap_or(questions.len());
    true
}

/// Keeps what was answered so far, against a crash.
fn keep(app: &mut App) {
    app.question.keep_soon.stop();
    let (Some(form), Some(visit)) = (app.question.form, app.visit.shown) else { return };
    let answers = app.question.answers.clone();
    app.with_desk(|desk| desk.keep_answers(visit, form, &answers));
}

/// The same in a moment: text comes letter by letter.
fn keep_soon(app: &mut App) {
    app.question.keep_soon.start(TimerMode::SingleShot, KEEP_AFTER, later(&app.myself, keep));
}

fn begin_next(app: &mut App, view: &VisitView) {
    match forms::next(view, &app.question.put_off) {
        Some(form) => begin(app, view, form),
        None => app.question.form = None,
    }
}

/// A form that staff chose beside those of every visit, or of which something was put off.
fn begin_chosen(app: &mut App, id: &str) {
    let Some(view) = visit::view(app).filter(|view| view.visit.status == Some(VisitStatus::InProgress))
    else {
        return;
    };
    let mut forms = forms::left_open(&view).into_iter().chain(forms::offered(&view));
    if let Some(form) = forms.find(|form| form.id() == Some(id)) {
        begin(app, &view, form);
        refresh(app);
    }
}

fn begin(app: &mut App, view: &VisitView, form: &'static Questionnaire) {
    start(app, view, form);
    pass_over_known(app);
}

fn start(app: &mut App, view: &VisitView, form: &'static Questionnaire) {
    let answers = forms::known_answers(view, form);
    let questions = form.questions(&answers).into_iter();
    app.question.known = questions
        .filter(|item| answers.get(&item.link_id).is_some())
        .map(|item| item.link_id.as_str())
        .collect();
    app.question.at = 0;
    app.question.typing = None;
    app.question.form = Some(form);
    app.question.seen = Some(view.person.seen.clone());
    app.question.answers = answers;
    app.question.error.clear();
}

/// Goes on to the next question that was not answered before.
fn pass_over_known(app: &mut App) {
    while current(app).is_some_and(|item| app.question.known.contains(&item.link_id.as_str())) {
        app.question.at += 1;
    }
}

pub(crate) fn language(app: &App) -> Language {
    app.frame.person_language.unwrap_or(app.language())
}

/// The question on the page; nothing on the last page of a form.
fn current(app: &App) -> Option<&'static Item> {
    app.question.form?.questions(&app.question.answers).get(app.question.at).copied()
}

pub(crate) fn refresh(app: &mut App) {
    let language = language(app);
    let window = app.window();
    let adapter = window.global::<QuestionAdapter>();
    adapter.set_error(app.question.error.as_str().into());
    adapter.set_can_turn(true);
    adapter.set_held(app.question.is_held);
    if app.question.is_held {
        return question_page::show_held(app, &adapter);
    }
    let Some(form) = app.question.form else { return question_page::show_all_done(app, &adapter) };
    let questions = form.questions(&app.question.answers);
    adapter.set_form(form.title.as_str().into());
    adapter.set_alone(question_page::is_for_them_alone(app, form));
    adapter.set_progress(app.question.at.min(questions.len()) as f32 / questions.len().max(1) as f32);
    adapter.set_can_go_back(app.question.at > 0);
    let Some(item) = current(app) else { return question_page::show_last_page(app, form, &adapter) };
    let place = format!("{} {} {}", app.question.at + 1, say(language, "of", "de"), questions.len());
    adapter.set_place(place.into());
    question_page::show_item(app, form, item, &adapter);
}

/// Writes an answer down and raises its alert at once; alerts do not wait for a score.
pub(super) fn record(app: &mut App, item: &Item, answer: Answer) -> bool {
    let Some(form) = app.question.form else { return false };
    if let Err(error) = app.question.answers.record(form, &item.link_id, answer) {
        tracing::debug!(%error, "an answer was not taken");
        return false;
    }
    app.question.error.clear();
    let Some(visit) = app.visit.shown else { return true };
    let raised: Vec<&str> =
        questionnaire::alerts(form, &app.question.answers).iter().map(|alert| alert.link_id).collect();
    let mut is_written = true;
    for link_id in &raised {
        is_written &= app.with_desk(|desk| desk.raise_answer(visit, form, link_id)).is_some();
    }
    if !raised.is_empty() {
        // What could not be written needs the staff too.
        let waits = critical::ask(app, visit) || !is_written;
        app.question.is_held = waits && app.frame.is_turned;
    }
    true
}

fn choose(app: &mut App, code: SharedString) {
    if app.question.is_held {
        return;
    }
    if app.question.form.is_none() {
        // Which form comes beside those of every visit is the staff's choice.
        if !app.frame.is_turned {
            begin_chosen(app, &code);
        }
        return;
    }
    let Some(item) = current(app) else { return };
    if item.is_list() {
        question_more::remove(app, item, &code);
        keep(app);
        return refresh(app);
    }
    if !item.repeats {
        if record(app, item, Answer::code(code.to_string())) {
            keep(app);
            go_on_soon(app);
        }
        return refresh(app);
    }
    let mut codes = match app.question.answers.get(&item.link_id) {
        Some(Answer::Codes(codes)) => codes.clone(),
        _ => vec![],
    };
    let is_exclusive = |code: &str| item.option(code).is_some_and(|option| option.exclusive);
    match codes.iter().position(|chosen| code == chosen) {
        Some(at) => drop(codes.remove(at)),
        None => {
            // "None of the above" stands alone, whichever was chosen first.
            codes.retain(|chosen| !is_exclusive(chosen) && !is_exclusive(&code));
            codes.push(code.to_string());
        }
    }
    if codes.is_empty() {
        app.question.answers.forget(&item.link_id);
    } else {
        record(app, item, Answer::Codes(codes));
    }
    keep(app);
    refresh(app);
}

fn press(app: &mut App, key: SharedString) {
    let Some(item) = current(app).filter(|_| !app.question.is_held) else { return };
    let mut typed = app.window().global::<QuestionAdapter>().get_value().to_string();
    match key.as_str() {
        "erase" => drop(typed.pop()),
        digit if digit.len() == 1 && digit.as_bytes()[0].is_ascii_digit() && typed.len() < DIGITS_MAX => {
            typed.push_str(digit)
        }
        _ => return,
    }
    match typed.parse() {
        number if item.is_list() => drop(question_more::edit(app, item, number.ok().map(Answer::Integer))),
        Ok(number) => drop(record(app, item, Answer::Integer(number))),
        Err(_) => drop(app.question.answers.forget(&item.link_id)),
    }
    keep_soon(app);
    refresh(app);
}

fn edited(app: &mut App, text: SharedString) {
    let Some(item) = current(app).filter(|_| !app.question.is_held) else { return };
    let answer = match item.kind {
        Kind::Decimal => Quantity::parse(&text).ok().map(Answer::Decimal),
        Kind::Date => text.trim().parse().ok().map(Answer::Date),
        _ => Some(Answer::Text(text.to_string())),
    };
    if item.is_list() {
        question_more::edit(app, item, answer);
    } else if !answer.is_some_and(|answer| record(app, item, answer)) {
        app.question.answers.forget(&item.link_id);
    }
    keep_soon(app);
    let is_answered = app.question.answers.get(&item.link_id).is_some();
    if app.question.is_held {
        return refresh(app);
    }
    let window = app.window();
    let adapter = window.global::<QuestionAdapter>();
    adapter.set_can_go_on(is_answered);
    adapter.set_can_add(question_more::may_add(app, item));
}

/// The answer that was typed stands, and another one may be typed.
fn add_another(app: &mut App) {
    let Some(item) = current(app).filter(|_| !app.question.is_held) else { return };
    question_more::add(app, item);
    keep_typed(app);
    refresh(app);
}

fn skip(app: &mut App, answer: Answer) {
    let Some(item) = current(app).filter(|_| !app.question.is_held) else { return };
    if record(app, item, answer) {
        keep(app);
        go_on_soon(app);
    }
    refresh(app);
}

fn go_on_soon(app: &mut App) {
    app.question.go_on.start(TimerMode::SingleShot, GO_ON_AFTER, later(&app.myself, go_on));
}

fn go_on(app: &mut App) {
    let Some(item) = current(app).filter(|_| !app.question.is_held) else { return };
    if app.question.answers.get(&item.link_id).is_some() {
        app.question.at += 1;
        pass_over_known(app);
    }
    refresh(app);
}

fn back(app: &mut App) {
    if app.question.is_held {
        return;
    }
    app.question.go_on.stop();
    keep_typed(app);
    app.question.at = app.question.at.saturating_sub(1);
    app.question.error.clear();
    refresh(app);
}

/// What was typed and not kept yet.
pub(crate) fn keep_typed(app: &mut App) {
    if app.question.keep_soon.running() {
        keep(app);
    }
}

fn next(app: &mut App) {
    app.question.go_on.stop();
    keep_typed(app);
    match (app.question.form, current(app)) {
        // Whoever answered alone waits for the staff.
        (None, _) if app.frame.is_turned => {}
        _ if app.question.is_held => {}
        (None, _) => visit::next(app),
        (Some(_), Some(_)) => go_on(app),
        (Some(form), None) => save(app, form),
    }
}

/// What was answered becomes one fact; then comes the next form, or the next step. A form of which a required question was
/// put off stays open, and comes again when the page is opened again.
fn save(app: &mut App, form: &'static Questionnaire) {
    let (Some(view), language) = (visit::view(app), language(app)) else { return };
    let answers = app.question.answers.clone();
    if app.with_desk(|desk| desk.record_response(view.id, form, &answers, language)).is_none() {
        return;
    }
    if form.id() == Some(TOBACCO) {
        save_tobacco(app, &view, &answers);
    }
    if !form.is_complete(&answers) {
        app.question.put_off.push(&form.url);
    }
    app.question.form = None;
    app.question.answers = Answers::new();
    app.question.at = 0;
    let Some(view) = visit::view(app) else { return };
    begin_next(app, &view);
    if app.question.form.is_none() && !app.frame.is_turned {
        return visit::next(app);
    }
    frame::refresh(app);
}

/// The smoking status is a field of the person too, which every van sees.
fn save_tobacco(app: &mut App, view: &VisitView, answers: &Answers) {
    let status = answers.iter().find_map(|(_, answer)| match answer {
        Answer::Codes(codes) => TobaccoStatus::from_code(codes.first()?),
        _ => None,
    });
    if let (Some(status), Some(site), Some(seen)) = (status, view.visit.site, app.question.seen.take()) {
        app.with_desk(|desk| {
            desk.set_tobacco_status(view.person.id, &seen, status, Bucket::Site(site), view.id)
        });
    }
}
