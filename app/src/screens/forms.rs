//! Which questionnaires a visit asks, which of them are done, and what stored answers say. Pure.

use crate::capture::VisitView;
use shared::content::questionnaire::{self, Answers, Questionnaire};
use shared::domain::person::Sex;
use shared::domain::screening::QuestionnaireResponse;

pub(crate) use shared::domain::screening::answers_of;

/// The response of this visit to a form, if it was given. Whoever answered an older version is not asked again.
pub(crate) fn response<'v>(view: &'v VisitView, form: &Questionnaire) -> Option<&'v QuestionnaireResponse> {
    let is_of_form = |response: &&QuestionnaireResponse| {
        let canonical = response.questionnaire.as_deref().unwrap_or_default();
        canonical.split('|').next() == Some(form.url.as_str())
    };
    view.responses.iter().map(|(_, response)| response).find(is_of_form)
}

/// The form as it was asked in this visit: of the version of its response, if there is one.
fn as_asked(view: &VisitView, form: &'static Questionnaire) -> &'static Questionnaire {
    let canonical = response(view, form).and_then(|response| response.questionnaire.as_deref());
    canonical.and_then(|canonical| view.packs.form_of(canonical)).unwrap_or(form)
}

/// Every form of a visit, with those that an answer brought and those that staff chose.
pub(crate) fn of_visit(view: &VisitView) -> Vec<&'static Questionnaire> {
    let sex = view.person.person.sex.unwrap_or(Sex::Unknown);
    let content = view.packs.current();
    let mut forms = Vec::new();
    for asked in content.forms_asked(view.person.age_years) {
        let asked = as_asked(view, asked);
        forms.push(asked);
        let answers = response(view, asked).map(|response| answers_of(asked, response));
        let score = answers.and_then(|answers| questionnaire::score(asked, &answers, sex.into()));
        let then = score.and_then(|score| score.then).and_then(|then| content.form(then));
        forms.extend(then.map(|then| as_asked(view, then)));
    }
    let chosen = content.forms_offered(view.person.age_years).filter(|form| response(view, form).is_some());
    forms.extend(chosen.map(|form| as_asked(view, form)));
    forms
}

/// Forms that staff may choose beside, in the pack's order, without those that this visit has.
pub(crate) fn offered(view: &VisitView) -> Vec<&'static Questionnaire> {
    let asked = of_visit(view);
    let is_new = |form: &&Questionnaire| !asked.iter().any(|asked| asked.url == form.url);
    view.packs.current().forms_offered(view.person.age_years).filter(is_new).collect()
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
