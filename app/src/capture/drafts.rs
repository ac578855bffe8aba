//! What was answered of a form that is not saved yet: kept on this device at each answer, so that a crash or a lock costs
//! nothing. It is no response: nobody else sees it, and nothing is computed from it.

use super::desk::{CaptureError, Desk};
use super::questions::answer_list;
use crate::store::{DraftReads, StoreError};
use shared::content::questionnaire::{Answers, Questionnaire};
use shared::domain::screening::QuestionnaireResponse;
use shared::ids::VisitId;
use shared::record::Fact;

impl Desk {
    /// Keeps what was answered so far. Durable when it returns; not a change, so sync does not hear of it.
    pub fn keep_answers(
        &mut self,
        visit: VisitId,
        form: &Questionnaire,
        answers: &Answers,
    ) -> Result<(), CaptureError> {
        let (person, _) = self.who_and_where(visit)?;
        let abandoned = match self.store.draft(visit)? {
            Some(_) => vec![],
            None => self.store.abandoned_drafts()?,
        };
        let draft = QuestionnaireResponse {
            visit: Some(visit),
            questionnaire: Some(form.canonical()),
            answers: Some(answer_list(answers)),
            performer: Some(self.staff),
            ..QuestionnaireResponse::default()
        };
        let fact = draft.fact(self.new_fact_id(), person.into(), self.now(), None);
        let write = self.store.write()?;
        for visit in abandoned {
            write.forget_draft(visit)?;
        }
        write.set_draft(visit, &fact.to_bytes())?;
        write.commit()?;
        Ok(())
    }

    /// What was answered in this visit and not saved: the form, by its address and version, and the answers.
    pub fn kept_answers(&self, visit: VisitId) -> Result<Option<QuestionnaireResponse>, CaptureError> {
        let Some(bytes) = self.store.draft(visit)? else { return Ok(None) };
        let fact = Fact::from_bytes(&bytes).map_err(|error| StoreError::Damaged(error.to_string()))?;
        Ok(Some(QuestionnaireResponse::read(&fact)))
    }

    /// The form was saved, or its visit is over.
    pub fn forget_answers(&mut self, visit: VisitId) -> Result<(), CaptureError> {
        if self.store.draft(visit)?.is_some() {
            let write = self.store.write()?;
            write.forget_draft(visit)?;
            write.commit()?;
        }
        Ok(())
    }
}
