//! Which questionnaires a visit asks, which of them are done, and what stored answers say. Pure.

use crate::capture::{VisitView, is_whole};
use shared::content::questionnaire::{self, Answer, Answers, Item, Questionnaire};
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

/// Whether a form was answered, with no required question put off. What the person would rather not say is an answer.
pub(crate) fn is_done(view: &VisitView, form: &Questionnaire) -> bool {
    response(view, form).is_some_and(|response| is_whole(&view.packs, response))
}

/// Forms that were saved with a required question put off, in the order of the visit.
pub(crate) fn left_open(view: &VisitView) -> Vec<&'static Questionnaire> {
    let is_left = |form: &&Questionnaire| response(view, form).is_some() && !is_done(view, form);
    of_visit(view).into_iter().filter(is_left).collect()
}

/// Required questions of a form that nobody asked yet, by what was answered so far.
pub(crate) fn remaining<'f>(form: &'f Questionnaire, answers: &Answers) -> Vec<&'f Item> {
    let is_open = |item: &&Item| {
        item.required && answers.get(&item.link_id).is_none_or(|answer| *answer == Answer::NotAsked)
    };
    form.questions(answers).into_iter().filter(is_open).collect()
}

/// The form as it was asked in this visit: of the version of its response, if there is one.
fn as_asked(view: &VisitView, form: &'static Questionnaire) -> &'static Questionnaire {
    let canonical = response(view, form).and_then(|response| response.questionnaire.as_deref());
    canonical.and_then(|canonical| view.packs.form_of(canonical)).unwrap_or(form)
}

/// Every form of a visit: those of the packs and those that staff chose, each followed by what its answers brought.
pub(crate) fn of_visit(view: &VisitView) -> Vec<&'static Questionnaire> {
    let content = view.packs.current();
    let mut forms: Vec<&'static Questionnaire> = Vec::new();
    let chosen = content.forms_offered(view.person.age_years).filter(|form| response(view, form).is_some());
    for form in content.forms_asked(view.person.age_years).chain(chosen) {
        let mut next = Some(form);
        // A form that is there already ends it, so that two that bring each other do not go round.
        while let Some(form) = next.filter(|form| !forms.iter().any(|known| known.url == form.url)) {
            let asked = as_asked(view, form);
            forms.push(asked);
            next = brought(view, asked);
        }
    }
    forms
}

/// The form that the answers to another one bring, such as the PHQ-9 after a positive PHQ-2.
fn brought(view: &VisitView, asked: &'static Questionnaire) -> Option<&'static Questionnaire> {
    let answers = answers_of(asked, response(view, asked)?);
    let sex = view.person.person.sex.unwrap_or(Sex::Unknown);
    let then = questionnaire::score(asked, &answers, sex.into())?.then?;
    view.packs.current().form(then)
}

/// Forms that staff may choose beside, in the pack's order, without those that this visit has.
pub(crate) fn offered(view: &VisitView) -> Vec<&'static Questionnaire> {
    let asked = of_visit(view);
    let is_new = |form: &&Questionnaire| !asked.iter().any(|asked| asked.url == form.url);
    view.packs.current().forms_offered(view.person.age_years).filter(is_new).collect()
}

/// The first form that is not done, leaving out those that were put off a moment ago, by their address.
pub(crate) fn next(view: &VisitView, put_off: &[&str]) -> Option<&'static Questionnaire> {
    let forms = of_visit(view);
    let is_next = |form: &&Questionnaire| !is_done(view, form) && !put_off.contains(&form.url.as_str());
    // What was begun and left open comes after what nobody asked yet.
    let new = forms.iter().copied().find(|form| is_next(form) && response(view, form).is_none());
    new.or_else(|| forms.into_iter().find(is_next))
}

/// What is known before a form is asked: answers that another form of this visit gave already, as the PHQ-9 begins with
/// the PHQ-2, and its own where it was left open.
pub(crate) fn known_answers(view: &VisitView, asked: &Questionnaire) -> Answers {
    let mut known = Answers::new();
    for other in of_visit(view) {
        let Some(response) = response(view, other) else { continue };
        let is_own = other.url == asked.url;
        for (link_id, answer) in answers_of(other, response).iter() {
            let is_same = asked
                .item(link_id)
                .zip(other.item(link_id))
                .is_some_and(|(here, there)| here.text == there.text);
            let counts = if is_own { *answer != Answer::NotAsked } else { answer.is_given() };
            if is_same && counts {
                // Options may differ between forms; then the question is asked.
                let _ = known.record(asked, link_id, answer.clone());
            }
        }
    }
    known
}
