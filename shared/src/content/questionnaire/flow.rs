//! Which questions are asked, which one is next and whether the questionnaire is complete.
//! Never changes an answer: what is no longer asked is only not counted.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::order::placed;
use super::{Answer, Answers, Behavior, Condition, Item, Operand, Questionnaire, Test};

/// How far a person has come: "4 of 11".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Questions that were answered, declined or marked as not asked.
    pub done_count: usize,
    /// Questions that are asked with the answers so far.
    pub asked_count: usize,
}

impl Questionnaire {
    /// The items that apply with the answers so far, groups and lines of text included, in the file's order.
    pub fn enabled_items(&self, answers: &Answers) -> Vec<&Item> {
        let enabled = self.enabled_link_ids(answers);
        self.walk().into_iter().filter(|item| enabled.contains(item.link_id.as_str())).collect()
    }

    /// The questions that a person is asked with the answers so far, in the file's order.
    pub fn questions(&self, answers: &Answers) -> Vec<&Item> {
        self.enabled_items(answers).into_iter().filter(|item| item.is_question()).collect()
    }

    /// The first question with which nothing has happened yet.
    pub fn next_item(&self, answers: &Answers) -> Option<&Item> {
        self.questions(answers).into_iter().find(|item| answers.get(&item.link_id).is_none())
    }

    /// How many of the questions are done.
    pub fn progress(&self, answers: &Answers) -> Progress {
        let questions = self.questions(answers);
        let is_done = |item: &&&Item| answers.get(&item.link_id).is_some();
        Progress { done_count: questions.iter().filter(is_done).count(), asked_count: questions.len() }
    }

    /// Whether it can be signed off: something happened with at least one question, and each required one
    /// that is asked was answered or declined. A required question that staff did not ask leaves it open.
    pub fn is_complete(&self, answers: &Answers) -> bool {
        let questions = self.questions(answers);
        let is_settled = |item: &&Item| {
            !item.required || answers.get(&item.link_id).is_some_and(|answer| *answer != Answer::NotAsked)
        };
        self.progress(answers).done_count > 0 && questions.iter().all(is_settled)
    }

    /// The link ids of the items that apply. Each is decided after its group and after the questions that
    /// decide about it, and the answer to a question that is not asked itself counts as none.
    pub(super) fn enabled_link_ids(&self, answers: &Answers) -> BTreeSet<&str> {
        let placed = placed(&self.items).expect("loading refused link ids that stand twice");
        let mut enabled = BTreeSet::new();
        for link_id in &self.evaluation_order {
            let (item, group) = placed[link_id.as_str()];
            let holds = |condition: &Condition| {
                let question = condition.question.as_str();
                let answer = if enabled.contains(question) { answers.get(question) } else { None };
                condition.test.holds(answer)
            };
            let applies = item.conditions.is_empty()
                || match item.behavior {
                    Behavior::All => item.conditions.iter().all(holds),
                    Behavior::Any => item.conditions.iter().any(holds),
                };
            if applies && group.is_none_or(|group| enabled.contains(group)) {
                enabled.insert(item.link_id.as_str());
            }
        }
        enabled
    }
}

impl Test {
    /// Whether the test holds. A refusal is no answer, and without an answer only `Exists(false)` holds.
    fn holds(&self, answer: Option<&Answer>) -> bool {
        let Some(answer) = answer.filter(|answer| answer.is_given()) else {
            return *self == Test::Exists(false);
        };
        // R4 enableWhen.operator: of several answers one that fits is enough, and none may equal what it differs from.
        let any = |limit: &Operand, fits: fn(Ordering) -> bool| {
            answer.parts().iter().any(|part| limit.order_of(part).is_some_and(fits))
        };
        match self {
            Test::Exists(wanted) => *wanted,
            Test::Equals(operand) => answer.parts().iter().any(|part| operand.is_in(part) == Some(true)),
            Test::Differs(operand) => answer.parts().iter().all(|part| operand.is_in(part) == Some(false)),
            Test::Above(limit) => any(limit, Ordering::is_gt),
            Test::AtLeast(limit) => any(limit, Ordering::is_ge),
            Test::Below(limit) => any(limit, Ordering::is_lt),
            Test::AtMost(limit) => any(limit, Ordering::is_le),
        }
    }
}

impl Operand {
    /// Whether an answer is, or holds among its options, this; nothing when it is too vague to tell.
    fn is_in(&self, answer: &Answer) -> Option<bool> {
        match (self, answer) {
            (Operand::Code(code), Answer::Codes(codes)) => Some(codes.contains(code)),
            (Operand::Text(wanted), Answer::Text(text)) => Some(wanted == text),
            (Operand::Date(wanted), Answer::Date(date)) if wanted == date => Some(true),
            (Operand::Date(wanted), Answer::Date(date)) if !wanted.may_equal(*date) => Some(false),
            (Operand::Date(_), Answer::Date(_)) => None,
            _ => Some(self.order_of(answer) == Some(Ordering::Equal)),
        }
    }

    /// How an answer stands to this; nothing for what has no order, and for dates of which one is within the other:
    /// 2026 is neither before nor after 2026-04.
    fn order_of(&self, answer: &Answer) -> Option<Ordering> {
        match (self, answer) {
            (Operand::Integer(limit), Answer::Integer(number)) => Some(number.cmp(limit)),
            (Operand::Decimal(limit), Answer::Decimal(number)) => Some(number.cmp(limit)),
            (Operand::Date(limit), Answer::Date(date)) if limit == date => Some(Ordering::Equal),
            (Operand::Date(limit), Answer::Date(date)) if !limit.may_equal(*date) => {
                Some(date.earliest().cmp(&limit.earliest()))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
