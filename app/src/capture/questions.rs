//! A filled-in form becomes one fact, with the exact form and release that was asked and its published score.

use super::desk::{CaptureError, Desk};
use crate::apply::Intent;
use shared::content::Language;
use shared::content::questionnaire::{self, Answers, Questionnaire};
use shared::domain::person::{Person, Sex};
use shared::domain::screening::{self, AnswerList, FactStatus, QuestionnaireResponse};
use shared::ids::{FactId, VisitId};

/// Answers as they are stored, in their order.
pub(super) fn answer_list(answers: &Answers) -> AnswerList {
    let answer = |(link_id, answer): (&str, &questionnaire::Answer)| screening::Answer {
        link_id: link_id.to_owned(),
        value: answer.into(),
    };
    AnswerList(answers.iter().map(answer).collect())
}

/// Stored answers as answers to the form. What does not fit it any more is left out.
pub fn answers_of(form: &Questionnaire, response: &QuestionnaireResponse) -> Answers {
    let mut answers = Answers::new();
    for stored in response.answers.iter().flat_map(|list| &list.0) {
        let answer = questionnaire::Answer::try_from(&stored.value);
        // An answer of another version of the form is no answer to this one.
        let _ = answer.map(|answer| answers.record(form, &stored.link_id, answer));
    }
    answers
}

impl Desk {
    /// Records a response. Answers of items that are not asked any more are left out.
    pub fn record_response(
        &mut self,
        visit: VisitId,
        form: &Questionnaire,
        answers: &Answers,
        language: Language,
    ) -> Result<FactId, CaptureError> {
        let (person, site) = self.who_and_where(visit)?;
        self.agreed(person)?;
        let sex = Person::read(&self.state(person.into())?).sex.unwrap_or(Sex::Unknown);
        let answers = answers.without_disabled(form);
        let score = questionnaire::score(form, &answers, sex.into());
        let response = QuestionnaireResponse {
            visit: Some(visit),
            questionnaire: Some(form.canonical()),
            answers: Some(answer_list(&answers)),
            score: score.as_ref().map(|score| score.value.into()),
            outcome: score
                .as_ref()
                .and_then(|score| score.band.as_ref())
                .map(|band| band.name.english.clone()),
            language: Some(language.tag().to_owned()),
            performer: Some(self.staff),
            status: Some(FactStatus::Final),
            pack: self.packs()?.release_of(form).map(shared::content::pack::Content::name),
        };
        let id = self.new_fact_id();
        let now = self.now();
        let fact = response.fact(id, person.into(), now, None);
        self.write(Self::bucket_of_site(site), Some(visit.into()), vec![Intent::Record(fact)])?;
        // Without power between the two, the draft of a form that has its response is passed over.
        self.forget_answers(visit)?;
        Ok(id)
    }
}
