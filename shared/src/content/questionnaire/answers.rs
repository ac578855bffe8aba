//! The answers of one person to one questionnaire, checked against its questions when they are recorded.
//! Never a score and never who answered.

use std::collections::BTreeMap;

use super::{Item, Kind, Questionnaire};
use crate::content::quantity::Quantity;
use crate::time::PartialDate;

/// What happened to one question. That it was skipped is a fact too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The codes of the chosen options: one, or several where the question allows it.
    Codes(Vec<String>),
    Integer(i32),
    Decimal(Quantity),
    Date(PartialDate),
    Text(String),
    /// The answers to a question that repeats and is no choice, in the order in which they were given: one at least, each
    /// of the question's kind.
    Several(Vec<Answer>),
    /// The person was asked and would rather not say (`asked-declined` in FHIR).
    Declined,
    /// Staff did not ask (`not-asked` in FHIR).
    NotAsked,
}

/// Answers by link id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers(BTreeMap<String, Answer>);

/// Why an answer does not fit its question; it arises when an answer is recorded or received. It names the question
/// and the reason, and never what was answered: errors reach logs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    #[error("{link_id}: the questionnaire has no such question")]
    NoSuchQuestion { link_id: String },
    /// A group, a line of text or an item that the program fills in.
    #[error("{link_id}: this is not answered by a person")]
    NotAQuestion { link_id: String },
    #[error("{link_id}: the question takes another kind of answer")]
    WrongKind { link_id: String },
    #[error("{link_id}: what was chosen is not one of the options")]
    NoSuchOption { link_id: String },
    #[error("{link_id}: choose at least one option")]
    NothingChosen { link_id: String },
    #[error("{link_id}: choose one option only")]
    OneOnly { link_id: String },
    #[error("{link_id}: one option was chosen twice")]
    ChosenTwice { link_id: String },
    /// "None of the above" beside something above.
    #[error("{link_id}: an option that stands alone was chosen together with another")]
    NotTogether { link_id: String },
    /// A question that repeats has a list of answers, and no other has one.
    #[error("{link_id}: the number of answers is none from 1 to {}", Answers::SEVERAL_MAX)]
    HowMany { link_id: String },
    #[error("{link_id}: the text is empty")]
    EmptyText { link_id: String },
    #[error("{link_id}: the text has more than {} characters", Answers::TEXT_CHARACTERS_MAX)]
    TextTooLong { link_id: String },
}

impl Answer {
    /// Whether the person gave an answer, as against a refusal or a question that was not asked.
    pub fn is_given(&self) -> bool {
        !matches!(self, Answer::Declined | Answer::NotAsked)
    }

    /// The answers one by one: those of a question that repeats, else this one.
    pub fn parts(&self) -> &[Answer] {
        match self {
            Answer::Several(answers) => answers,
            one => std::slice::from_ref(one),
        }
    }

    /// The answer of one chosen option.
    pub fn code(code: impl Into<String>) -> Answer {
        Answer::Codes(vec![code.into()])
    }
}

impl Answers {
    /// The longest text that is taken as an answer, in characters.
    pub const TEXT_CHARACTERS_MAX: usize = 4_000;
    /// The most answers to one question that repeats.
    pub const SEVERAL_MAX: usize = 30;

    /// No answers yet.
    pub fn new() -> Answers {
        Answers::default()
    }

    /// Answers that were stored or received, each checked; all errors are told, not the first only.
    pub fn check(
        questionnaire: &Questionnaire,
        entries: impl IntoIterator<Item = (String, Answer)>,
    ) -> Result<Answers, Vec<AnswerError>> {
        let (mut answers, mut errors) = (Answers::new(), Vec::new());
        for (link_id, answer) in entries {
            errors.extend(answers.record(questionnaire, &link_id, answer).err());
        }
        if errors.is_empty() { Ok(answers) } else { Err(errors) }
    }

    /// Records an answer in place of an earlier one; an error leaves everything as it was.
    pub fn record(
        &mut self,
        questionnaire: &Questionnaire,
        link_id: &str,
        answer: Answer,
    ) -> Result<(), AnswerError> {
        let owned = || link_id.to_owned();
        let item =
            questionnaire.item(link_id).ok_or_else(|| AnswerError::NoSuchQuestion { link_id: owned() })?;
        if !item.is_question() {
            return Err(AnswerError::NotAQuestion { link_id: owned() });
        }
        match &answer {
            Answer::Declined | Answer::NotAsked => {}
            Answer::Several(answers) => {
                if !item.is_list() {
                    return Err(AnswerError::WrongKind { link_id: owned() });
                }
                if !(1..=Answers::SEVERAL_MAX).contains(&answers.len()) {
                    return Err(AnswerError::HowMany { link_id: owned() });
                }
                answers.iter().try_for_each(|answer| check_one(item, answer))?;
            }
            _ if item.is_list() => return Err(AnswerError::WrongKind { link_id: owned() }),
            one => check_one(item, one)?,
        }
        self.0.insert(owned(), answer);
        Ok(())
    }

    /// Forgets an answer, as when a person goes back; returns what was forgotten.
    pub fn forget(&mut self, link_id: &str) -> Option<Answer> {
        self.0.remove(link_id)
    }

    /// What happened to a question, if anything did.
    pub fn get(&self, link_id: &str) -> Option<&Answer> {
        self.0.get(link_id)
    }

    /// Every answer by link id, in the order of the link ids.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Answer)> {
        self.0.iter().map(|(link_id, answer)| (link_id.as_str(), answer))
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The answers without those to questions that are no longer asked, as a completed response is kept.
    pub fn without_disabled(&self, questionnaire: &Questionnaire) -> Answers {
        let asked = questionnaire.enabled_link_ids(self);
        let kept = self.0.iter().filter(|(link_id, _)| asked.contains(link_id.as_str()));
        Answers(kept.map(|(link_id, answer)| (link_id.clone(), answer.clone())).collect())
    }
}

/// Whether one given answer fits the kind of its question.
fn check_one(item: &Item, answer: &Answer) -> Result<(), AnswerError> {
    let link_id = || item.link_id.clone();
    match (answer, item.kind) {
        (Answer::Integer(_), Kind::Integer)
        | (Answer::Decimal(_), Kind::Decimal)
        | (Answer::Date(_), Kind::Date) => Ok(()),
        (Answer::Codes(codes), Kind::Choice) => check_codes(item, codes),
        (Answer::Text(text), Kind::Text) if text.trim().is_empty() => {
            Err(AnswerError::EmptyText { link_id: link_id() })
        }
        (Answer::Text(text), Kind::Text) if text.chars().count() > Answers::TEXT_CHARACTERS_MAX => {
            Err(AnswerError::TextTooLong { link_id: link_id() })
        }
        (Answer::Text(_), Kind::Text) => Ok(()),
        _ => Err(AnswerError::WrongKind { link_id: link_id() }),
    }
}

fn check_codes(item: &Item, codes: &[String]) -> Result<(), AnswerError> {
    let link_id = || item.link_id.clone();
    if codes.is_empty() {
        return Err(AnswerError::NothingChosen { link_id: link_id() });
    }
    if codes.len() > 1 && !item.repeats {
        return Err(AnswerError::OneOnly { link_id: link_id() });
    }
    for (place, code) in codes.iter().enumerate() {
        let option = item.option(code).ok_or_else(|| AnswerError::NoSuchOption { link_id: link_id() })?;
        if codes[..place].contains(code) {
            return Err(AnswerError::ChosenTwice { link_id: link_id() });
        }
        if option.exclusive && codes.len() > 1 {
            return Err(AnswerError::NotTogether { link_id: link_id() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
