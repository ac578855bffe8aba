//! What becomes of a gap in care: closed by what was captured, declined with a reason, or a follow-up.

use super::desk::{CaptureError, Desk, Undo, set};
use crate::store::RecordReads;
use chrono::NaiveDate;
use shared::content::gaps;
use shared::domain::care_gap::{CareGap, GapStatus, care_gap_fields};
use shared::domain::person::Person;
use shared::ids::{CareGapId, FactId, PersonId, StaffId, VisitId};
use shared::merge::RecordState;
use shared::record::{FieldKey, FieldType, Value};

/// A gap with its rule from the catalog.
#[derive(Clone, Debug, PartialEq)]
pub struct GapView {
    pub id: CareGapId,
    pub gap: CareGap,
    /// Nothing when the packs in use do not know the rule.
    pub rule: Option<&'static gaps::CareGap>,
}

/// A gap that somebody promised to come back to.
#[derive(Clone, Debug, PartialEq)]
pub struct FollowUp {
    pub gap: GapView,
    pub person: PersonId,
    pub person_name: String,
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GapDecision {
    /// By a fact that says so, or in the words of whoever closed it.
    Closed {
        by: Option<FactId>,
        reason: Option<String>,
    },
    Declined {
        reason: String,
    },
    FollowUp {
        on: NaiveDate,
        owner: StaffId,
        reason: String,
    },
    Reopened,
}

impl GapView {
    pub(super) fn new(id: CareGapId, state: &RecordState, catalog: &'static gaps::GapCatalog) -> Self {
        let gap = CareGap::read(state);
        Self { id, rule: gap.rule.as_deref().and_then(|rule| catalog.find(rule)), gap }
    }
}

impl GapDecision {
    fn values(&self) -> Vec<(FieldKey, Value)> {
        let status = |status: GapStatus| (care_gap_fields::status.into(), status.to_value());
        match self {
            GapDecision::Closed { by, reason } => {
                let fact = by.as_ref().map_or(Value::Null, FieldType::to_value);
                let reason =
                    reason.as_ref().map(|reason| (care_gap_fields::reason.into(), reason.to_value()));
                let closed = [status(GapStatus::Closed), (care_gap_fields::closed_by.into(), fact)];
                closed.into_iter().chain(reason).collect()
            }
            GapDecision::Declined { reason } => {
                vec![status(GapStatus::Declined), (care_gap_fields::reason.into(), reason.to_value())]
            }
            GapDecision::FollowUp { on, owner, reason } => vec![
                status(GapStatus::FollowUp),
                (care_gap_fields::reason.into(), reason.to_value()),
                (care_gap_fields::follow_up_on.into(), on.to_value()),
                (care_gap_fields::follow_up_owner.into(), owner.to_value()),
            ],
            GapDecision::Reopened => vec![status(GapStatus::Open)],
        }
    }
}

impl Desk {
    /// Decides a gap during a visit. One that only the van's own rules find is opened first.
    pub fn decide_gap(
        &mut self,
        visit: VisitId,
        gap: CareGapId,
        decision: &GapDecision,
    ) -> Result<Undo, CaptureError> {
        let (person, site) = self.who_and_where(visit)?;
        let due = self.due(person)?;
        let found = self.found(person, &due, Some(visit))?;
        if let Some(found) = found.into_iter().find(|found| found.id == gap) {
            let opened = vec![set(&CareGap::KIND, gap, found.gap.values())];
            self.write(Self::bucket_of_site(site), Some(visit.into()), opened)?;
        }
        let mut values = decision.values();
        values.push((care_gap_fields::visit.into(), visit.to_value()));
        self.write(Self::bucket_of_site(site), Some(visit.into()), vec![set(&CareGap::KIND, gap, values)])
    }

    /// Every follow-up that is not done, the earliest first. Reads all gaps: ask when the inbox opens, not at each key.
    pub fn follow_ups(&self) -> Result<Vec<FollowUp>, CaptureError> {
        let catalog = &self.packs()?.current().gaps;
        let mut found = Vec::new();
        for (id, state) in self.store.states_of(&CareGap::KIND)? {
            let gap = GapView::new(id.into(), &state, catalog);
            let (Some(GapStatus::FollowUp), Some(person)) = (gap.gap.status, gap.gap.person) else {
                continue;
            };
            let Some(state) = self.store.state(person.into())? else { continue };
            found.push(FollowUp { gap, person, person_name: Person::read(&state).spoken_name() });
        }
        found.sort_by_key(|follow_up| (follow_up.gap.gap.follow_up_on, follow_up.gap.id));
        Ok(found)
    }

    /// A follow-up was dealt with, outside any visit.
    pub fn follow_up_done(&mut self, gap: CareGapId) -> Result<Undo, CaptureError> {
        let bucket = self.store.bucket_of(gap.into())?.ok_or(CaptureError::Gone)?;
        let values = GapDecision::Closed { by: None, reason: None }.values();
        self.write(bucket, None, vec![set(&CareGap::KIND, gap, values)])
    }
}
