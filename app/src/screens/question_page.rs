//! What the page of questions shows: one question with its options, the last page of a form with its score, what may be
//! asked beside, and what is told when a turned screen comes back. What an answer does stands in `question`.

use super::dialog::{self, Question};
use super::format::{self, say};
use super::question::language;
use super::state::{App, model, option};
use super::ui::{ChoiceOption, QuestionAdapter, QuestionKind, Tone};
use super::{forms, question_more, visit};
use crate::capture::VisitView;
use shared::content::Language;
use shared::content::pack::{Does, Step};
use shared::content::questionnaire::{self, Answer, Answers, Item, Kind, Questionnaire, Score};
use shared::domain::person::Sex;
use shared::domain::visit::VisitStatus;
use slint::SharedString;

/// Options of up to so many letters stand in two columns.
const SHORT_LETTERS: usize = 22;
const SHORT_LETTERS_TURNED: usize = 34;
/// So many do not fit below one another, whatever their length.
const MANY_OPTIONS: usize = 5;

/// Whether the packs want the person to answer a form alone.
pub(crate) fn is_for_them_alone(app: &mut App, form: &Questionnaire) -> bool {
    let packs = app.with_desk(|desk| desk.packs());
    let steps = packs.map(|packs| packs.current().steps.as_slice()).unwrap_or_default();
    let asks = |step: &&Step| matches!(&step.does, Does::Form(id) if form.id() == Some(id.as_str()));
    steps.iter().find(asks).is_some_and(|step| step.self_administered)
}

pub(crate) fn show_item(
    app: &App,
    form: &'static Questionnaire,
    item: &'static Item,
    adapter: &QuestionAdapter<'_>,
) {
    let language = language(app);
    let answer = app.question.answers.get(&item.link_id);
    let said = item.text.say(language);
    adapter.set_text(said.text.into());
    adapter.set_help(help(form, item, said.translated, app.frame.is_turned, language).into());
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
    let options: Vec<ChoiceOption> = match item.is_list() {
        true => question_more::shown(app, item, language),
        false => item.options.iter().map(option).collect(),
    };
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
    let typed = if item.is_list() { question_more::typed(app, item) } else { answer };
    adapter.set_value(typed.map(question_more::words).unwrap_or_default().into());
    adapter.set_repeats(item.is_list());
    adapter.set_can_add(question_more::may_add(app, item));
    adapter.set_not_said(answer == Some(&Answer::Declined));
    adapter.set_later(answer == Some(&Answer::NotAsked));
    adapter.set_can_go_on(answer.is_some());
}

/// The lines of text that stand before a question in its form, and whether its wording exists in the language.
fn help(
    form: &'static Questionnaire,
    item: &Item,
    is_translated: bool,
    is_turned: bool,
    language: Language,
) -> String {
    let mut stem = None;
    for other in form.walk() {
        if other.link_id == item.link_id {
            break;
        }
        if other.kind == Kind::Display {
            stem = Some(other.text.text(language));
        }
    }
    // Whoever holds the screen: the staff read it out, the person being screened asks them.
    let note = (!is_translated).then(|| match is_turned {
        true => say(
            language,
            "",
            "Este texto solo existe en inglés: no hay una traducción oficial. Si lo necesita, pida ayuda al personal.",
        ),
        false => say(
            language,
            "",
            "Este texto solo existe en inglés: no hay una traducción oficial. Léalo y explíquelo.",
        ),
    });
    let shape = match item.kind {
        Kind::Date => {
            Some(say(language, "Write 1998, 1998-04 or 1998-04-23.", "Escriba 1998, 1998-04 o 1998-04-23."))
        }
        Kind::Decimal => Some(say(language, "Write a number such as 7.5.", "Escriba un número como 7.5.")),
        _ => None,
    };
    let several = item
        .is_list()
        .then(|| say(language, "You can give several answers.", "Puede dar varias respuestas."));
    // A whole question needs no stem: the PHQ-9's last one asks about all that stood before.
    let stem = stem.filter(|_| !item.text.text(language).ends_with('?'));
    stem.into_iter().chain(note).chain(several).chain(shape).collect::<Vec<_>>().join(" ")
}

pub(crate) fn show_last_page(app: &App, form: &Questionnaire, adapter: &QuestionAdapter<'_>) {
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
    adapter.set_finished_text(format!("{text}.{score} {}", next_words(app, form, language)).into());
    adapter.set_can_go_on(true);
}

/// What Next does, and which required questions are still to be asked.
fn next_words(app: &App, form: &Questionnaire, language: Language) -> String {
    let remaining = forms::remaining(form, &app.question.answers);
    if remaining.is_empty() {
        return say(language, "Next saves the answers.", "Siguiente guarda las respuestas.").to_owned();
    }
    let texts: Vec<String> = remaining.iter().map(|item| format!("“{}”", item.text.text(language))).collect();
    format!(
        "{} {}. {}",
        say(language, "Still to be asked:", "Falta preguntar:"),
        texts.join(", "),
        say(
            language,
            "Next saves the answers and leaves the form open.",
            "Siguiente guarda las respuestas y deja el formulario abierto.",
        )
    )
}

/// An answer needs the staff: the person is asked for the screen, and told no more. Nothing but the way back is there.
pub(crate) fn show_held(app: &App, adapter: &QuestionAdapter<'_>) {
    let language = language(app);
    adapter.set_kind(QuestionKind::Finished);
    adapter.set_form(SharedString::new());
    adapter.set_place(SharedString::new());
    adapter.set_options(model(vec![]));
    adapter.set_finished_text(SharedString::new());
    adapter.set_help(SharedString::new());
    adapter.set_can_go_back(false);
    adapter.set_can_go_on(false);
    let text = say(
        language,
        "Please give the screen back to the staff now. Thank you.",
        "Por favor devuelva la pantalla al personal ahora. Gracias.",
    );
    adapter.set_text(text.into());
}

/// Such as `PHQ-9: 12 of 27, moderate`, for the staff: nobody reads a number about their mood on a turned screen.
fn score_words(app: &App, form: &Questionnaire) -> Option<String> {
    let view = app.visit.shown.filter(|_| !app.frame.is_turned);
    let view = view.and_then(|visit| app.desk.as_ref()?.visit(visit).ok())?;
    let score = score_of(&view, form, &app.question.answers)?;
    Some(outcome_words(&score, language(app)))
}

fn score_of<'f>(view: &VisitView, form: &'f Questionnaire, answers: &Answers) -> Option<Score<'f>> {
    let sex = view.person.person.sex.unwrap_or(Sex::Unknown);
    questionnaire::score(form, answers, sex.into())
}

fn outcome_words(score: &Score<'_>, language: Language) -> String {
    let band = score.band.as_ref().map(|band| band.name.text(language).to_owned());
    let (yes, no) = (say(language, "positive", "positivo"), say(language, "negative", "negativo"));
    // A form without a line to cross, such as the satisfaction one, has points alone.
    let has_line = score.positive_at.is_some() || score.result_code.is_some();
    let outcome = band.or(has_line.then(|| if score.positive { yes } else { no }.to_owned()));
    // One point alone says no more than its outcome.
    let points = (*score.range.end() > 1 || outcome.is_none())
        .then(|| format!("{} {} {}", score.value, say(language, "of", "de"), score.range.end()));
    let said: Vec<String> = points.into_iter().chain(outcome).collect();
    format!("{}: {}", score.instrument, said.join(", "))
}

/// What somebody answered alone and is positive is told to the staff when the screen comes back, once. Where another form
/// follows, that one tells.
pub(crate) fn tell_positive(app: &mut App) {
    let Some(view) = visit::view(app) else { return };
    let language = app.language();
    let told = |form: &'static Questionnaire| {
        let answers = forms::answers_of(form, forms::response(&view, form)?);
        let score = score_of(&view, form, &answers).filter(|score| score.positive && score.then.is_none())?;
        Some(outcome_words(&score, language))
    };
    let lines: Vec<String> = forms::of_visit(&view).into_iter().filter_map(told).collect();
    if lines.is_empty() || app.question.told == lines {
        return;
    }
    let title = say(language, "What was answered needs you", "Lo que se contestó requiere su atención");
    dialog::open(app, Question::told(Tone::Caution, title, &lines.join("\n"), language));
    app.question.told = lines;
}

pub(crate) fn show_all_done(app: &App, adapter: &QuestionAdapter<'_>) {
    let language = language(app);
    adapter.set_kind(QuestionKind::Finished);
    adapter.set_form(SharedString::new());
    adapter.set_place(SharedString::new());
    adapter.set_progress(1.0);
    let more = more(app);
    let text = match app.frame.is_turned {
        true => say(
            language,
            "Thank you. Please give the screen back.",
            "Gracias. Por favor devuelva la pantalla.",
        ),
        false if more.iter().any(|form| !form.detail.is_empty()) => {
            say(language, "Some questions were put off", "Algunas preguntas quedaron para después")
        }
        false => say(language, "All questions are done", "Ya se hicieron todas las preguntas"),
    };
    adapter.set_text(text.into());
    adapter.set_finished_text(
        say(language, "Your answers are saved.", "Sus respuestas están guardadas.").into(),
    );
    adapter.set_can_go_back(false);
    adapter.set_can_turn(false);
    adapter.set_can_go_on(!app.frame.is_turned);
    adapter.set_options(model(more));
}

/// What was put off, and what may be asked beside, for the staff: nobody is asked what is not wanted.
fn more(app: &App) -> Vec<ChoiceOption> {
    let view = app.visit.shown.filter(|_| !app.frame.is_turned);
    let view = view.and_then(|visit| app.desk.as_ref()?.visit(visit).ok());
    let Some(view) = view.filter(|view| view.visit.status == Some(VisitStatus::InProgress)) else {
        return vec![];
    };
    let row = |form: &Questionnaire| option(form.id().unwrap_or_default(), form.title.as_str(), false);
    let detail = say(app.language(), "Questions are still to be asked", "Faltan preguntas por hacer");
    let left_open = |form: &Questionnaire| ChoiceOption { detail: detail.into(), ..row(form) };
    let left = forms::left_open(&view).into_iter().map(left_open);
    left.chain(forms::offered(&view).into_iter().map(row)).collect()
}
