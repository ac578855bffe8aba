//! A question with a list of answers: those that were given stand as rows, and the field holds the one that is typed now.
//! A row that is tapped is taken away. What an answer must be is `shared`'s; what stands on the page is `question_page`'s.

use super::format::say;
use super::question::record;
use super::state::App;
use super::ui::ChoiceOption;
use shared::content::Language;
use shared::content::questionnaire::{Answer, Answers, Item};

fn all<'a>(app: &'a App, item: &Item) -> &'a [Answer] {
    match app.question.answers.get(&item.link_id) {
        Some(Answer::Several(answers)) => answers,
        _ => &[],
    }
}

fn is_typing(app: &App, item: &Item) -> bool {
    app.question.typing.is_some_and(|link_id| link_id == item.link_id) && !all(app, item).is_empty()
}

/// The answers that stand as rows.
fn rows<'a>(app: &'a App, item: &Item) -> &'a [Answer] {
    let all = all(app, item);
    &all[..all.len() - usize::from(is_typing(app, item))]
}

/// The answer that the field holds.
pub(super) fn typed<'a>(app: &'a App, item: &Item) -> Option<&'a Answer> {
    all(app, item).last().filter(|_| is_typing(app, item))
}

/// Whether the field's answer may become a row, so that another one can be typed.
pub(super) fn may_add(app: &App, item: &Item) -> bool {
    is_typing(app, item) && all(app, item).len() < Answers::SEVERAL_MAX
}

/// What is typed now, or nothing that is an answer. True when the question has an answer that stands.
pub(super) fn edit(app: &mut App, item: &'static Item, answer: Option<Answer>) -> bool {
    let rows = rows(app, item).to_vec();
    let is_blank = |answer: &Answer| matches!(answer, Answer::Text(text) if text.trim().is_empty());
    if let Some(answer) = answer.filter(|answer| !is_blank(answer)) {
        let with_it = rows.iter().cloned().chain([answer]).collect();
        if record(app, item, Answer::Several(with_it)) {
            app.question.typing = Some(&item.link_id);
            return true;
        }
    }
    keep_rows(app, item, rows)
}

fn keep_rows(app: &mut App, item: &Item, rows: Vec<Answer>) -> bool {
    app.question.typing = None;
    if rows.is_empty() {
        app.question.answers.forget(&item.link_id);
        return false;
    }
    record(app, item, Answer::Several(rows))
}

/// The field's answer becomes a row.
pub(super) fn add(app: &mut App, item: &Item) {
    if may_add(app, item) {
        app.question.typing = None;
    }
}

/// Takes a row away; what is typed stays.
pub(super) fn remove(app: &mut App, item: &'static Item, row: &str) {
    let mut left = rows(app, item).to_vec();
    let typed = typed(app, item).cloned();
    let Some(at) = row.parse().ok().filter(|at: &usize| *at < left.len()) else { return };
    left.remove(at);
    keep_rows(app, item, left);
    if typed.is_some() {
        edit(app, item, typed);
    }
}

/// The rows as they are shown.
pub(super) fn shown(app: &App, item: &Item, language: Language) -> Vec<ChoiceOption> {
    let remove = say(language, "Tap to take it away", "Toque para quitarla");
    let row = |(at, answer): (usize, &Answer)| ChoiceOption {
        id: at.to_string().into(),
        label: words(answer).into(),
        detail: remove.into(),
        selected: true,
    };
    rows(app, item).iter().enumerate().map(row).collect()
}

/// An answer as it was typed; nothing for one that was not.
pub(super) fn words(answer: &Answer) -> String {
    match answer {
        Answer::Integer(number) => number.to_string(),
        Answer::Decimal(number) => number.to_string(),
        Answer::Date(date) => date.to_string(),
        Answer::Text(text) => text.clone(),
        Answer::Codes(_) | Answer::Several(_) | Answer::Declined | Answer::NotAsked => String::new(),
    }
}
