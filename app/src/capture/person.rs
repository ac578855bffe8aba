//! Everything about one person on one screen: identity, cover, who pays, gaps, results.

use super::day::GAPS_OF_PERSON;
use super::desk::{CaptureError, Desk, Undo, set};
use super::gaps::GapView;
use super::packs::Packs;
use super::place::Here;
use crate::apply::Intent;
use crate::store::{LinkedKind, RecordReads};
use shared::change::Bucket;
use shared::domain::account::{Employer, Membership, membership_fields};
use shared::domain::consent::{self, Consent};
use shared::domain::due::Standing;
use shared::domain::fee::{self, FeeLine};
use shared::domain::person::{Person, TobaccoStatus, person_fields};
use shared::domain::screening::{FactStatus, Observation, QuestionnaireResponse};
use shared::domain::task::Task;
use shared::domain::visit::{Visit, VisitStatus, visit_fields};
use shared::ids::{FactId, PersonId, TaskId, VisitId};
use shared::merge::{Conflict, RecordState, conflicts};
use shared::record::{Fact, FieldType};
use shared::time::Timestamp;

pub(super) const MEMBERSHIPS_OF_PERSON: LinkedKind =
    LinkedKind::new(&Membership::KIND, membership_fields::person);
pub(super) const VISITS_OF_PERSON: LinkedKind = LinkedKind::new(&Visit::KIND, visit_fields::person);

/// One person.
#[derive(Clone, Debug)]
pub struct PersonView {
    pub id: PersonId,
    pub person: Person,
    pub age_years: Option<i32>,
    pub employer: Option<Employer>,
    pub membership: Option<Membership>,
    /// Who would pay for a visit today, by which rule.
    pub fee: FeeLine,
    /// Those that stand, then those that only the van's own rules find.
    pub gaps: Vec<GapView>,
    /// What the rules say of each.
    pub due: Vec<Standing<'static>>,
    /// The newest first; entered in error left out.
    pub results: Vec<Result>,
    pub responses: Vec<(Timestamp, QuestionnaireResponse)>,
    pub consent: Option<Consent>,
    /// The newest first.
    pub visits: Vec<(VisitId, Visit)>,
    pub open_visit: Option<VisitId>,
    pub conflicts: Vec<Conflict>,
    /// Their record as it was read: a correction is made over it.
    pub seen: RecordState,
    /// Dangerous findings, the earliest first, closed ones too.
    pub tasks: Vec<(TaskId, Task)>,
    /// By which values are judged.
    pub packs: Packs,
}

/// One measured value.
#[derive(Clone, Debug, PartialEq)]
pub struct Result {
    pub fact: FactId,
    pub at: Timestamp,
    pub observation: Observation,
}

/// Facts that stand: neither amended by another nor entered in error.
pub(super) fn standing(facts: &[Fact]) -> Vec<&Fact> {
    facts.iter().filter(|fact| !facts.iter().any(|other| other.amends == Some(fact.id))).collect()
}

impl Desk {
    /// One person, as far as this device knows.
    pub fn person(&self, id: PersonId) -> std::result::Result<PersonView, CaptureError> {
        self.person_at(id, self.here()?)
    }

    /// The same by the clock of a place: who is covered there today, and what is due.
    pub(super) fn person_at(
        &self,
        id: PersonId,
        here: Here,
    ) -> std::result::Result<PersonView, CaptureError> {
        let state = self.state(id.into())?;
        let person = Person::read(&state);
        let today = here.day;
        let employer = self.employer_of(&person)?;
        let memberships = self.memberships_of(id)?;
        let membership =
            memberships.iter().find(|membership| membership.covers(today)).or(memberships.first()).cloned();
        let stored = self.gaps_of(id)?;
        let due = self.due_of(id, &person, &stored, &memberships, here)?;
        let parties = fee::Parties {
            employer: employer.as_ref(),
            membership: membership.as_ref(),
            relation: person.relation,
        };
        let fee = fee::attribute(&parties, today);
        let mut visits: Vec<(VisitId, Visit)> = self
            .store
            .linked(id.into(), VISITS_OF_PERSON)?
            .iter()
            .map(|(id, state)| ((*id).into(), Visit::read(state)))
            .collect();
        visits.sort_by_key(|(id, visit)| std::cmp::Reverse((visit.checked_in_at, *id)));
        let open_visit =
            visits.iter().find(|(_, visit)| visit.status == Some(VisitStatus::InProgress)).map(|(id, _)| *id);
        let mut found = self.found(id, &due, open_visit)?;
        let mut gaps: Vec<GapView> =
            stored.into_iter().filter(|gap| !found.iter().any(|found| found.id == gap.id)).collect();
        gaps.append(&mut found);
        Ok(PersonView {
            id,
            age_years: person.birth_date.map(|date| date.age_years_on(today)),
            employer,
            membership,
            fee,
            gaps,
            due,
            results: self.results_of(id)?,
            responses: self.responses_of(id)?,
            consent: consent::in_force(self.store.facts(id.into(), &Consent::KIND)?.iter()),
            visits,
            open_visit,
            conflicts: conflicts(&Person::KIND, &state),
            tasks: self.tasks_of(id)?,
            packs: self.packs()?,
            seen: state,
            person,
        })
    }

    pub(super) fn memberships_of(&self, id: PersonId) -> std::result::Result<Vec<Membership>, CaptureError> {
        let memberships = self.store.linked(id.into(), MEMBERSHIPS_OF_PERSON)?;
        Ok(memberships.iter().map(|(_, state)| Membership::read(state)).collect())
    }

    pub(super) fn results_of(&self, id: PersonId) -> std::result::Result<Vec<Result>, CaptureError> {
        let facts = self.store.facts(id.into(), &Observation::KIND)?;
        let results = standing(&facts).into_iter().map(|fact| Result {
            fact: fact.id,
            at: fact.at,
            observation: Observation::read(fact),
        });
        Ok(results.filter(|result| result.observation.status != Some(FactStatus::EnteredInError)).collect())
    }

    fn responses_of(
        &self,
        id: PersonId,
    ) -> std::result::Result<Vec<(Timestamp, QuestionnaireResponse)>, CaptureError> {
        let facts = self.store.facts(id.into(), &QuestionnaireResponse::KIND)?;
        Ok(standing(&facts).into_iter().map(|fact| (fact.at, QuestionnaireResponse::read(fact))).collect())
    }

    pub(super) fn gaps_of(&self, id: PersonId) -> std::result::Result<Vec<GapView>, CaptureError> {
        let gaps = self.store.linked(id.into(), GAPS_OF_PERSON)?;
        let catalog = &self.packs()?.current().gaps;
        Ok(gaps.iter().map(|(id, state)| GapView::new((*id).into(), state, catalog)).collect())
    }

    /// Smoking status as the person told it in a visit, a clinical field: what others wrote since the person was `seen`
    /// stands beside it, for a person to settle.
    pub fn set_tobacco_status(
        &mut self,
        id: PersonId,
        seen: &RecordState,
        status: TobaccoStatus,
        bucket: Bucket,
        visit: VisitId,
    ) -> std::result::Result<Undo, CaptureError> {
        self.state(id.into())?;
        let values = vec![(person_fields::tobacco_status.into(), status.to_value())];
        self.write(bucket, Some(visit.into()), vec![Intent::Edit(seen.edit(id.into(), values))])
    }

    /// Notes that the person, as `seen`, has a condition of the packs' rules, or takes it back. It is written by the first
    /// of the condition's codes, and taken back by whichever of them stood.
    pub fn set_condition(
        &mut self,
        id: PersonId,
        seen: &RecordState,
        condition: &str,
        has: bool,
    ) -> std::result::Result<Undo, CaptureError> {
        let catalog = &self.packs()?.current().gaps;
        let codes = catalog.conditions.get(condition).ok_or(CaptureError::Gone)?;
        let stands = |code: &&String| seen.has_member(person_fields::conditions, code);
        let codes: Vec<&String> =
            if has { codes.iter().take(1).collect() } else { codes.iter().filter(stands).collect() };
        let value = |code: &String| {
            (shared::record::FieldKey::member(person_fields::conditions, code), has.to_value())
        };
        let values: Vec<_> = codes.into_iter().map(value).collect();
        let bucket = self.bucket_for(id)?;
        self.write(bucket, None, vec![Intent::Edit(seen.edit(id.into(), values))])
    }

    /// Adds an allergy. It never loses to a colleague who noted none.
    pub fn add_allergy(
        &mut self,
        id: PersonId,
        allergy: &str,
        bucket: Bucket,
    ) -> std::result::Result<Undo, CaptureError> {
        self.state(id.into())?;
        let key = shared::record::FieldKey::member(person_fields::allergies, allergy);
        self.write(bucket, None, vec![set(&Person::KIND, id, vec![(key, true.to_value())])])
    }
}
