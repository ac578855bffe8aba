//! What care is due for a person by the rules in use, and what a visit's end does about it.

use super::desk::{CaptureError, Desk};
use super::gaps::{GapDecision, GapView};
use super::person::standing;
use super::place::Here;
use crate::apply::Intent;
use crate::store::RecordReads;
use shared::domain::account::Membership;
use shared::domain::care_gap::{CareGap, GapStatus, care_gap_fields, found_id};
use shared::domain::due::{History, Standing, Suggestion, reconcile};
use shared::domain::past_care::{CareSource, PastCare};
use shared::domain::person::Person;
use shared::domain::screening::{Observation, QuestionnaireResponse};
use shared::ids::{CareGapId, FactId, PersonId, VisitId};
use shared::merge::RecordState;
use shared::record::Fact;
use shared::time::PartialDate;

impl Desk {
    /// Every rule that concerns a person, with the gap that stands for it and what to do about it.
    pub fn due(&self, person: PersonId) -> Result<Vec<Standing<'static>>, CaptureError> {
        let read = Person::read(&self.state(person.into())?);
        self.due_of(person, &read, &self.gaps_of(person)?, &self.memberships_of(person)?, self.here()?)
    }

    /// The same, from what was read already.
    pub(super) fn due_of(
        &self,
        person: PersonId,
        read: &Person,
        gaps: &[GapView],
        memberships: &[Membership],
        here: Here,
    ) -> Result<Vec<Standing<'static>>, CaptureError> {
        let packs = self.packs()?;
        let content = packs.current();
        let mut history = History::of_person(read, &content.gaps);
        for kind in [&Observation::KIND, &QuestionnaireResponse::KIND, &PastCare::KIND] {
            for fact in standing(&self.store.facts(person.into(), kind)?) {
                history.take(fact, here.offset_minutes_east, &content.catalog, |canonical| {
                    packs.form_of(canonical)
                });
            }
        }
        history.settle();
        let gaps: Vec<(CareGapId, CareGap)> = gaps.iter().map(|view| (view.id, view.gap.clone())).collect();
        let is_member = memberships.iter().any(|membership| membership.covers(here.day));
        Ok(reconcile(&content.gaps, &history, &gaps, here.day, is_member))
    }

    /// What the end of a visit changes: gaps that evidence closes or turns into a follow-up, and gaps that the van's rules
    /// found. What somebody decided in this very visit stays as it was decided.
    pub(super) fn gaps_settled(&mut self, visit: VisitId) -> Result<Vec<Intent>, CaptureError> {
        let (person, _) = self.who_and_where(visit)?;
        let mut intents = Vec::new();
        let due = self.due(person)?;
        for standing in &due {
            let by = match &standing.suggestion {
                Suggestion::Close { by } | Suggestion::FollowUp { by, .. } => by,
                _ => continue,
            };
            let Some(gap) = self.settled_by_rule(person, standing)? else { continue };
            let is_open = gap.gap.status.is_none_or(|status| status == GapStatus::Open);
            let Some(fact) = by.fact.filter(|_| is_open || gap.gap.visit != Some(visit)) else { continue };
            let decision = match standing.suggestion {
                Suggestion::FollowUp { on, .. } => {
                    GapDecision::FollowUp { on, owner: self.staff, reason: None }
                }
                _ => GapDecision::Closed { by: Some(fact), reason: None },
            };
            intents.push(gap.decided(visit, &decision));
        }
        let found = self.found(person, &due, Some(visit))?;
        intents.extend(found.iter().map(|found| found.edit(found.gap.values())));
        Ok(intents)
    }

    /// The gap of a rule as it stands now, or as it would be opened; nothing where two values stand that nobody settled:
    /// they are a person's to choose between, not a rule's.
    fn settled_by_rule(
        &self,
        person: PersonId,
        standing: &Standing<'static>,
    ) -> Result<Option<GapView>, CaptureError> {
        let Some(rule) = standing.rule else { return Ok(None) };
        let id = standing.gap.as_ref().map_or_else(|| found_id(person, &rule.id), |(id, _)| *id);
        let seen = self.store.state(id.into())?.unwrap_or_else(|| RecordState::new(CareGap::KIND.number));
        if seen.values(&care_gap_fields::status.into()).len() > 1 {
            return Ok(None);
        }
        let gap = match standing.gap {
            Some(_) => CareGap::read(&seen),
            // Its record may be one that was opened and undone, which says nothing any more.
            None => CareGap::found(person, &rule.id, self.local_day()?),
        };
        Ok(Some(GapView { id, gap, rule: Some(rule), seen }))
    }

    /// Records care that was given elsewhere, such as a mammogram last year.
    pub fn record_past_care(
        &mut self,
        visit: VisitId,
        service: &str,
        given_on: PartialDate,
        source: CareSource,
    ) -> Result<FactId, CaptureError> {
        let (person, _) = self.who_and_where(visit)?;
        self.record_care(person, Some(visit), service, given_on, source)
    }

    /// The same during a visit or outside any.
    pub(super) fn record_care(
        &mut self,
        person: PersonId,
        visit: Option<VisitId>,
        service: &str,
        given_on: PartialDate,
        source: CareSource,
    ) -> Result<FactId, CaptureError> {
        self.agreed(person)?;
        let care = PastCare {
            visit,
            service: Some(service.to_owned()),
            given_on: Some(given_on),
            source: Some(source),
            performer: Some(self.staff),
            note: None,
        };
        let (id, now) = (self.new_fact_id(), self.now());
        let fact = care.fact(id, person.into(), now, None);
        self.write_care(person, visit, fact)?;
        Ok(id)
    }

    /// Takes back care that was recorded by mistake: it stays in the history and counts for nothing.
    pub fn withdraw_past_care(
        &mut self,
        person: PersonId,
        visit: Option<VisitId>,
        fact: FactId,
    ) -> Result<(), CaptureError> {
        let nothing = PastCare { visit, performer: Some(self.staff), ..PastCare::default() };
        let (id, now) = (self.new_fact_id(), self.now());
        let fact = nothing.fact(id, person.into(), now, Some(fact));
        self.write_care(person, visit, fact)
    }

    fn write_care(
        &mut self,
        person: PersonId,
        visit: Option<VisitId>,
        fact: Fact,
    ) -> Result<(), CaptureError> {
        let bucket = match visit {
            Some(visit) => Self::bucket_of_site(self.who_and_where(visit)?.1),
            None => self.bucket_for(person)?,
        };
        self.write(bucket, visit.map(Into::into), vec![Intent::Record(fact)])?;
        Ok(())
    }

    /// Gaps that only the van's own rules find, as they would be written. What somebody decided in the visit under way
    /// stays as it was decided: the person knows better than the rule. Nor does a rule choose between two values that
    /// nobody settled.
    pub(super) fn found(
        &self,
        person: PersonId,
        due: &[Standing<'static>],
        visit: Option<VisitId>,
    ) -> Result<Vec<GapView>, CaptureError> {
        let mut found = Vec::new();
        for standing in due {
            let (Suggestion::Open { since }, Some(rule)) = (&standing.suggestion, standing.rule) else {
                continue;
            };
            if standing.gap.as_ref().is_some_and(|(_, gap)| visit.is_some() && gap.visit == visit) {
                continue;
            }
            if let Some(gap) = self.settled_by_rule(person, standing)? {
                found.push(GapView { gap: CareGap::found(person, &rule.id, *since), ..gap });
            }
        }
        Ok(found)
    }
}
