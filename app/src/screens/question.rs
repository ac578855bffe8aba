//! The questions of a visit: one a page, in the person's language, going on by themselves. A form is saved from its
//! last page, so that a thumb that slipped can go back.

use super::format::{self, say};
use super::state::{App, Shared, later, model, on, on_one_turned, on_turned, option};
use super::ui::{ChoiceOption, MainWindow, QuestionAdapter, QuestionKind};
use super::visit::{self, Progress};
use super::{critical, forms, frame};
use crate::capture::VisitView;
use shared::change::Bucket;
use shared::content::pack::{Does, Step};
use shared::content::questionnaire::{self, Answer, Answers, Item, Kind, Questionnaire};
use shared::content::{Language, Quantity};
use shared::domain::person::{Sex, TobaccoStatus};
use shared::domain::visit::VisitStatus;
use slint::{ComponentHandle, SharedString, Timer, TimerMode};
use std::time::Duration;

/// Long enough to see what was chosen, short enough not to wait for.
const GO_ON_AFTER: Duration = Duration::from_millis(300);
/// Letters that come faster are kept together.
const KEEP_AFTER: Duration = Duration::from_millis(500);
/// Options of up to so many letters stand in two columns.
const SHORT_LETTERS: usize = 22;
const SHORT_LETTERS_TURNED: usize = 34;
/// So many do not fit below one another, whatever their length.
const MANY_OPTIONS: usize = 5;
const DIGITS_MAX: usize = 5;
const TOBACCO: &str = "tobacco-status";

#[derive(Default)]
pub(crate) struct State {
    form: Option<&'static Questionnaire>,
    answers: Answers,
    /// Link ids that another form of this visit asked already: nobody is asked twice, and Back still shows them.
    known: Vec<&'static str>,
    at: usize,
    error: String,
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
    adapter.on_back(on_turned(shared, back));
    adapter.on_next(on_turned(shared, next));
    adapter.on_turn_screen(on(shared, frame::turn));
}

pub(crate) fn progress(view: &VisitView) -> Progress {
    let forms = forms::of_visit(view);
    let done = forms.iter().filter(|form| forms::response(view, form).is_some()).count();
    Progress { done, asked: forms.len(), needs_attention: false }
}

/// The page is entered: a form under way goes on, else the next one begins.
pub(crate) fn enter(app: &mut App) {
    let Some(view) = visit::view(app) else { return };
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
    let Some(form) = form.filter(|form| forms::response(view, form).is_none()) else { return false };
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
    match forms::next(view) {
        Some(form) => begin(app, view, form),
        None => app.question.form = None,
    }
}

/// A form that staff chose beside those of every visit.
fn begin_offered(app: &mut App, id: &str) {
    let Some(view) = visit::view(app).filter(|view| view.visit.status == Some(VisitStatus::InProgress))
    else {
        return;
    };
    if let Some(form) = forms::offered(&view).into_iter().find(|form| form.id() == Some(id)) {
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
    app.question.form = Some(form);
    app.question.answers = answers;
    app.question.error.clear();
}

/// Goes on to the next question that was not asked in another form.
fn pass_over_known(app: &mut App) {
    while current(app).is_some_and(|item| app.question.known.contains(&item.link_id.as_str())) {
        app.question.at += 1;
    }
}

fn language(app: &App) -> Language {
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
    let Some(form) = app.question.form else { return show_all_done(app, &adapter) };
    let questions = form.questions(&app.question.answers);
    adapter.set_form(form.title.as_str().into());
    adapter.set_alone(is_for_them_alone(app, form));
    adapter.set_progress(app.question.at.min(questions.len()) as f32 / questions.len().max(1) as f32);
    adapter.set_can_go_back(app.question.at > 0);
    let Some(item) = current(app) else { return show_last_page(app, form, &adapter) };
    let place = format!("{} {} {}", app.question.at + 1, say(language, "of", "de"), questions.len());
    adapter.set_place(place.into());
    show_item(app, form, item, &adapter);
}

/// Whether the packs want the person to answer a form alone.
fn is_for_them_alone(app: &mut App, form: &Questionnaire) -> bool {
    let packs = app.with_desk(|desk| desk.packs());
    let steps = packs.map(|packs| packs.current().steps.as_slice()).unwrap_or_default();
    let asks = |step: &&Step| matches!(&step.does, Does::Form(id) if form.id() == Some(id.as_str()));
    steps.iter().find(asks).is_some_and(|step| step.self_administered)
}

fn show_item(app: &App, form: &'static Questionnaire, item: &'static Item, adapter: &QuestionAdapter<'_>) {
    let language = language(app);
    let answer = app.question.answers.get(&item.link_id);
    let said = item.text.say(language);
    adapter.set_text(said.text.into());
    adapter.set_help(help(form, item, said.translated, language).into());
    let codes: &[String] = match answer {
        Some(Answer::Codes(codes)) => codes,
        _ => &[],
    };
    let option = |option: &questionnaire::AnswerOption| ChoiceOption {
        id: option.coding.code.as_str().into(),
        label: option.text.text(language).into(),
        detail: SharedString::new(),
        selected: codes.contains(&option.coding.code),
    };
    let options: Vec<ChoiceOption> = item.options.iter().map(option).collect();
    // A turned screen is wider, and in its large type four long rows would not fit.
    let letters = if app.frame.is_turned { SHORT_LETTERS_TURNED } else { SHORT_LETTERS };
    let is_short = |option: &ChoiceOption| option.label.chars().count() <= letters;
    adapter.set_short_options(options.len() >= MANY_OPTIONS || options.iter().all(is_short));
    adapter.set_options(model(options));
    adapter.set_kind(match item.kind {
        Kind::Choice if item.repeats => QuestionKind::Multiple,
        Kind::Integer => QuestionKind::Number,
        Kind::Text | Kind::Decimal | Kind::Date => QuestionKind::Text,
        _ => QuestionKind::Single,
    });
    adapter.set_value(match answer {
        Some(Answer::Integer(number)) => number.to_string().into(),
        Some(Answer::Decimal(number)) => number.to_string().into(),
        Some(Answer::Date(date)) => date.to_string().into(),
        Some(Answer::Text(text)) => text.as_str().into(),
        _ => SharedString::new(),
    });
    adapter.set_not_said(answer == Some(&Answer::Declined));
    adapter.set_later(answer == Some(&Answer::NotAsked));
    adapter.set_can_go_on(answer.is_some());
}

/// The lines of text that stand before a question in its form, and whether its wording exists in the language.
fn help(form: &'static Questionnaire, item: &Item, is_translated: bool, language: Language) -> String {
    let mut stem = None;
    for other in form.walk() {
        if other.link_id == item.link_id {
            break;
        }
        if other.kind == Kind::Display {
            stem = Some(other.text.text(language));
        }
    }
    let note = (!is_translated).then(|| {
        say(
            language,
            "",
            "Este texto solo existe en inglés: no hay una traducción oficial. Léalo y explíquelo.",
        )
    });
    let shape = match item.kind {
        Kind::Date => {
            Some(say(language, "Write 1998, 1998-04 or 1998-04-23.", "Escriba 1998, 1998-04 o 1998-04-23."))
        }
        Kind::Decimal => Some(say(language, "Write a number such as 7.5.", "Escriba un número como 7.5.")),
        _ => None,
    };
    // A whole question needs no stem: the PHQ-9's last one asks about all that stood before.
    let stem = stem.filter(|_| !item.text.text(language).ends_with('?'));
    stem.into_iter().chain(note).chain(shape).collect::<Vec<_>>().join(" ")
}

fn show_last_page(app: &App, form: &Questionnaire, adapter: &QuestionAdapter<'_>) {
    let language = language(app);
    let questions = form.questions(&app.question.answers);
    let given = questions
        .iter()
        .filter(|item| app.question.answers.get(&item.link_id).is_some_and(Answer::is_given))
        .count();
    let left = questions.len() - given;
    let mut text = match language {
        Language::English => format!("{given} answered"),
        Language::Spanish => format::count(given, "respuesta", "respuestas"),
    };
    if left > 0 {
        text.push_str(&format!(", {left} {}", say(language, "left out", "sin contestar")));
    }
    adapter.set_kind(QuestionKind::Finished);
    adapter.set_options(model(vec![]));
    adapter.set_place(format!("{0} {1} {0}", questions.len(), say(language, "of", "de")).into());
    adapter.set_text(say(language, "Is everything as you meant it?", "¿Está todo como usted quería?").into());
    let score = score_words(app, form).map(|score| format!(" {score}.")).unwrap_or_default();
    adapter.set_finished_text(
        format!(
            "{text}.{score} {}",
            say(language, "Next saves the answers.", "Siguiente guarda las respuestas.")
        )
        .into(),
    );
    adapter.set_can_go_on(true);
}

/// Such as `PHQ-9: 12 of 27, moderate`, for the staff: nobody reads a number about their mood on a turned screen.
fn score_words(app: &App, form: &Questionnaire) -> Option<String> {
    let view = app.visit.shown.filter(|_| !app.frame.is_turned);
    let view = view.and_then(|visit| app.desk.as_ref()?.visit(visit).ok())?;
    let sex = view.person.person.sex.unwrap_or(Sex::Unknown);
    let score = questionnaire::score(form, &app.question.answers, sex.into())?;
    let language = app.language();
    let band = score.band.as_ref().map(|band| band.name.text(language).to_owned());
    let (yes, no) = (say(language, "positive", "positivo"), say(language, "negative", "negativo"));
    // A form without a line to cross, such as the satisfaction one, has points alone.
    let has_line = score.positive_at.is_some() || score.result_code.is_some();
    let outcome = band.or(has_line.then(|| if score.positive { yes } else { no }.to_owned()));
    let outcome = outcome.map(|outcome| format!(", {outcome}")).unwrap_or_default();
    let of = say(language, "of", "de");
    Some(format!("{}: {} {of} {}{outcome}", score.instrument, score.value, score.range.end()))
}

fn show_all_done(app: &App, adapter: &QuestionAdapter<'_>) {
    let language = language(app);
    adapter.set_kind(QuestionKind::Finished);
    adapter.set_form(SharedString::new());
    adapter.set_place(SharedString::new());
    adapter.set_progress(1.0);
    let text = match app.frame.is_turned {
        true => say(
            language,
            "Thank you. Please give the screen back.",
            "Gracias. Por favor devuelva la pantalla.",
        ),
        false => say(language, "All questions are done", "Ya se hicieron todas las preguntas"),
    };
    adapter.set_text(text.into());
    adapter.set_finished_text(
        say(language, "Your answers are saved.", "Sus respuestas están guardadas.").into(),
    );
    adapter.set_can_go_back(false);
    adapter.set_can_turn(false);
    adapter.set_can_go_on(!app.frame.is_turned);
    adapter.set_options(model(offered(app)));
}

/// What may be asked beside, for the staff: nobody is asked what is not wanted.
fn offered(app: &App) -> Vec<ChoiceOption> {
    let view = app.visit.shown.filter(|_| !app.frame.is_turned);
    let view = view.and_then(|visit| app.desk.as_ref()?.visit(visit).ok());
    let Some(view) = view.filter(|view| view.visit.status == Some(VisitStatus::InProgress)) else {
        return vec![];
    };
    let row = |form: &Questionnaire| option(form.id().unwrap_or_default(), form.title.as_str(), false);
    forms::offered(&view).into_iter().map(row).collect()
}

/// Writes an answer down and raises its alert at once; alerts do not wait for a score.
fn record(app: &mut App, item: &Item, answer: Answer) -> bool {
    let Some(form) = app.question.form else { return false };
    if let Err(error) = app.question.answers.record(form, &item.link_id, answer) {
        tracing::debug!(%error, "an answer was not taken");
        return false;
    }
    app.question.error.clear();
    let Some(visit) = app.visit.shown else { return true };
    let raised: Vec<&str> =
        questionnaire::alerts(form, &app.question.answers).iter().map(|alert| alert.link_id).collect();
    for link_id in &raised {
        app.with_desk(|desk| desk.raise_answer(visit, form, link_id));
    }
    if !raised.is_empty() {
        critical::ask(app, visit);
    }
    true
}

fn choose(app: &mut App, code: SharedString) {
    if app.question.form.is_none() {
        // Which form comes beside those of every visit is the staff's choice.
        if !app.frame.is_turned {
            begin_offered(app, &code);
        }
        return;
    }
    let Some(item) = current(app) else { return };
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
    let Some(item) = current(app) else { return };
    let mut typed = app.window().global::<QuestionAdapter>().get_value().to_string();
    match key.as_str() {
        "erase" => drop(typed.pop()),
        digit if digit.len() == 1 && digit.as_bytes()[0].is_ascii_digit() && typed.len() < DIGITS_MAX => {
            typed.push_str(digit)
        }
        _ => return,
    }
    match typed.parse() {
        Ok(number) => drop(record(app, item, Answer::Integer(number))),
        Err(_) => drop(app.question.answers.forget(&item.link_id)),
    }
    keep_soon(app);
    refresh(app);
}

fn edited(app: &mut App, text: SharedString) {
    let Some(item) = current(app) else { return };
    let answer = match item.kind {
        Kind::Decimal => Quantity::parse(&text).ok().map(Answer::Decimal),
        Kind::Date => text.trim().parse().ok().map(Answer::Date),
        _ => Some(Answer::Text(text.to_string())),
    };
    if !answer.is_some_and(|answer| record(app, item, answer)) {
        app.question.answers.forget(&item.link_id);
    }
    keep_soon(app);
    let is_answered = app.question.answers.get(&item.link_id).is_some();
    app.window().global::<QuestionAdapter>().set_can_go_on(is_answered);
}

fn skip(app: &mut App, answer: Answer) {
    let Some(item) = current(app) else { return };
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
    let Some(item) = current(app) else { return };
    if app.question.answers.get(&item.link_id).is_some() {
        app.question.at += 1;
        pass_over_known(app);
    }
    refresh(app);
}

fn back(app: &mut App) {
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
        (None, _) => visit::next(app),
        (Some(_), Some(_)) => go_on(app),
        (Some(form), None) => save(app, form),
    }
}

/// The form is whole: one fact, and then the next form, or the next step.
fn save(app: &mut App, form: &'static Questionnaire) {
    let (Some(view), language) = (visit::view(app), language(app)) else { return };
    let answers = app.question.answers.clone();
    if app.with_desk(|desk| desk.record_response(view.id, form, &answers, language)).is_none() {
        return;
    }
    if form.id() == Some(TOBACCO) {
        save_tobacco(app, &view, &answers);
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
    if let (Some(status), Some(site)) = (status, view.visit.site) {
        app.with_desk(|desk| {
            desk.set_tobacco_status(view.person.id, status, Bucket::Site(site), Some(view.id))
        });
    }
}
