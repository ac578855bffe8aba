//! Which questionnaires a visit asks, which of them are done, and what stored answers say. Pure.

use crate::capture::VisitView;
use shared::content::questionnaire::{self, Answer, Answers, Questionnaire};
use shared::domain::person::Sex;
use shared::domain::screening::{AnswerValue, QuestionnaireResponse};

/// Asked of everybody, in this order. A positive one may bring another behind it. The social needs tool asks about food
/// in its own words, so the Hunger Vital Sign is not asked beside it: nobody is asked one thing twice.
const ASKED: [&str; 3] = ["phq-2", "ahc-hrsn-core", "tobacco-status"];

fn form(id: &str) -> &'static Questionnaire {
    questionnaire::by_id(id).expect("the forms of a visit are embedded")
}

/// The response of this visit to a form, if it was given.
pub(crate) fn response<'v>(view: &'v VisitView, form: &Questionnaire) -> Option<&'v QuestionnaireResponse> {
    let canonical = form.canonical();
    let is_of_form = |response: &&QuestionnaireResponse| response.questionnaire.as_ref() == Some(&canonical);
    view.responses.iter().map(|(_, response)| response).find(is_of_form)
}

/// Stored answers as answers to the form. What does not fit it any more is left out.
pub(crate) fn answers_of(form: &Questionnaire, response: &QuestionnaireResponse) -> Answers {
    let mut answers = Answers::new();
    for stored in response.answers.iter().flat_map(|list| &list.0) {
        let answer = match &stored.value {
            AnswerValue::Codes(codes) => Answer::Codes(codes.clone()),
            AnswerValue::Integer(number) => match i32::try_from(*number) {
                Ok(number) => Answer::Integer(number),
                Err(_) => continue,
            },
            AnswerValue::Text(text) => Answer::Text(text.clone()),
            AnswerValue::Declined => Answer::Declined,
            AnswerValue::NotAsked => Answer::NotAsked,
        };
        // An answer of another version of the form is no answer to this one.
        let _ = answers.record(form, &stored.link_id, answer);
    }
    answers
}

/// Every form of a visit, with those that an answer brought.
pub(crate) fn of_visit(view: &VisitView) -> Vec<&'static Questionnaire> {
    let sex = view.person.person.sex.unwrap_or(Sex::Unknown);
    let mut forms = Vec::new();
    for id in ASKED {
        let asked = form(id);
        forms.push(asked);
        let answers = response(view, asked).map(|response| answers_of(asked, response));
        let score = answers.and_then(|answers| questionnaire::score(asked, &answers, sex.into()));
        if let Some(then) = score.and_then(|score| score.then) {
            forms.push(form(then));
        }
    }
    forms
}

/// The first form that has no response yet.
pub(crate) fn next(view: &VisitView) -> Option<&'static Questionnaire> {
    of_visit(view).into_iter().find(|form| response(view, form).is_none())
}

/// Answers that another form of this visit gave already: the PHQ-9 begins with the PHQ-2.
pub(crate) fn known_answers(view: &VisitView, asked: &Questionnaire) -> Answers {
    let mut known = Answers::new();
    for other in of_visit(view) {
        let Some(response) = response(view, other) else { continue };
        for (link_id, answer) in answers_of(other, response).iter() {
            let is_same = asked
                .item(link_id)
                .zip(other.item(link_id))
                .is_some_and(|(here, there)| here.text == there.text);
            if is_same && answer.is_given() {
                // Options may differ between forms; then the question is asked.
                let _ = known.record(asked, link_id, answer.clone());
            }
        }
    }
    known
}
