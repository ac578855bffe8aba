//! A filled-in form becomes one fact, with the exact form and release that was asked and its published score.

use super::desk::{CaptureError, Desk};
use super::packs::Packs;
use super::person::standing;
use crate::apply::Intent;
use crate::store::RecordReads;
use shared::content::Language;
use shared::content::questionnaire::{self, Answers, Questionnaire};
use shared::domain::person::{Person, Sex};
use shared::domain::screening::{self, AnswerList, FactStatus, QuestionnaireResponse, answers_of};
use shared::ids::{FactId, PersonId, VisitId};

/// Answers as they are stored, in their order.
pub(super) fn answer_list(answers: &Answers) -> AnswerList {
    let answer = |(link_id, answer): (&str, &questionnaire::Answer)| screening::Answer {
        link_id: link_id.to_owned(),
        value: answer.into(),
    };
    AnswerList(answers.iter().map(answer).collect())
}

/// Whether a response is whole by the very form that was asked: a required question that was put off leaves it open, one
/// that the person declined does not. A form that no release here has is taken as it is.
pub fn is_whole(packs: &Packs, response: &QuestionnaireResponse) -> bool {
    let form = response.questionnaire.as_deref().and_then(|canonical| packs.form_of(canonical));
    form.is_none_or(|form| form.is_complete(&answers_of(form, response)))
}

impl Desk {
    /// Records a response, in place of one of this visit that was left open. Answers of items that are not asked any more
    /// are left out.
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
        let left_open = self.left_open(person, visit, form)?;
        let fact = response.fact(id, person.into(), now, left_open);
        self.write(Self::bucket_of_site(site), Some(visit.into()), vec![Intent::Record(fact)])?;
        // Without power between the two, the draft of a form that has its response is passed over.
        self.forget_answers(visit)?;
        Ok(id)
    }

    /// The response to a form of which this visit put a required question off.
    fn left_open(
        &self,
        person: PersonId,
        visit: VisitId,
        form: &Questionnaire,
    ) -> Result<Option<FactId>, CaptureError> {
        let packs = self.packs()?;
        let facts = self.store.facts(person.into(), &QuestionnaireResponse::KIND)?;
        let is_it = |response: &QuestionnaireResponse| {
            let canonical = response.questionnaire.as_deref().unwrap_or_default();
            response.visit == Some(visit)
                && canonical.split('|').next() == Some(form.url.as_str())
                && !is_whole(&packs, response)
        };
        let found = standing(&facts).into_iter().find(|fact| is_it(&QuestionnaireResponse::read(fact)));
        Ok(found.map(|fact| fact.id))
    }
}
