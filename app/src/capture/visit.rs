//! A visit under way: where the person is, what was done, and its end.

use super::desk::{CaptureError, Desk, Undo, set};
use super::packs::Packs;
use super::person::PersonView;
use shared::domain::screening::QuestionnaireResponse;
use shared::domain::task::Task;
use shared::domain::visit::{Station, Visit, VisitStatus, visit_fields};
use shared::ids::{PersonId, SiteId, TaskId, VisitId};
use shared::record::FieldType;
use shared::time::Timestamp;

/// A visit with its person.
#[derive(Clone, Debug)]
pub struct VisitView {
    pub id: VisitId,
    pub visit: Visit,
    pub person: PersonView,
    /// Results of this visit only, the newest first.
    pub results: Vec<super::ResultLine>,
    pub responses: Vec<(Timestamp, QuestionnaireResponse)>,
    /// Dangerous findings of this visit, the earliest first.
    pub tasks: Vec<(TaskId, Task)>,
    /// What is asked and measured here, and what was.
    pub packs: Packs,
}

impl Desk {
    pub fn visit(&self, id: VisitId) -> Result<VisitView, CaptureError> {
        let visit = Visit::read(&self.state(id.into())?);
        let person = self.person(visit.person.ok_or(CaptureError::Gone)?)?;
        let of_visit = |of: &Option<VisitId>| *of == Some(id);
        let results =
            person.results.iter().filter(|result| of_visit(&result.observation.visit)).cloned().collect();
        let responses =
            person.responses.iter().filter(|(_, response)| of_visit(&response.visit)).cloned().collect();
        let tasks = person.tasks.iter().filter(|(_, task)| of_visit(&task.visit)).cloned().collect();
        Ok(VisitView { id, visit, person, results, responses, tasks, packs: self.packs()? })
    }

    /// The person and the site of a visit, for writing about it.
    pub(super) fn who_and_where(&self, id: VisitId) -> Result<(PersonId, SiteId), CaptureError> {
        let visit = Visit::read(&self.state(id.into())?);
        visit.person.zip(visit.site).ok_or(CaptureError::Gone)
    }

    /// Moves a person to another column of the board.
    pub fn move_to(&mut self, id: VisitId, station: Station) -> Result<Undo, CaptureError> {
        self.change_visit(id, vec![(visit_fields::station.into(), station.to_value())])
    }

    /// Ends a visit. Gaps that its findings close are closed with it, and what is still due by the van's own rules
    /// becomes a gap, in the same change. Refused while a dangerous finding is not answered.
    pub fn finish(&mut self, id: VisitId) -> Result<Undo, CaptureError> {
        let (_, site) = self.who_and_where(id)?;
        if self.tasks_of_visit(id)?.iter().any(|(_, task)| task.is_unanswered()) {
            return Err(CaptureError::Unanswered);
        }
        let now = self.now();
        let values = vec![
            (visit_fields::station.into(), Station::Done.to_value()),
            (visit_fields::status.into(), VisitStatus::Finished.to_value()),
            (visit_fields::finished_at.into(), now.to_value()),
        ];
        let mut intents = vec![set(&Visit::KIND, id, values)];
        intents.extend(self.gaps_settled(id)?);
        let undo = self.write(Self::bucket_of_site(site), Some(id.into()), intents)?;
        self.forget_answers(id)?;
        Ok(undo)
    }

    /// What staff want the next station to know.
    pub fn note(&mut self, id: VisitId, note: &str) -> Result<Undo, CaptureError> {
        let note = note.trim().chars().take(2_000).collect::<String>();
        self.change_visit(id, vec![(visit_fields::note.into(), note.to_value())])
    }

    fn change_visit(
        &mut self,
        id: VisitId,
        values: Vec<(shared::record::FieldKey, shared::record::Value)>,
    ) -> Result<Undo, CaptureError> {
        let (_, site) = self.who_and_where(id)?;
        self.write(Self::bucket_of_site(site), Some(id.into()), vec![set(&Visit::KIND, id, values)])
    }
}
