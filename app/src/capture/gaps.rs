//! What becomes of a gap in care: closed by what was captured, declined with a reason, or a follow-up.

use super::desk::{CaptureError, Desk, Undo, set};
use chrono::NaiveDate;
use shared::content::gaps;
use shared::domain::care_gap::{CareGap, GapStatus, care_gap_fields};
use shared::ids::{CareGapId, FactId, StaffId, VisitId};
use shared::merge::RecordState;
use shared::record::{FieldKey, FieldType, Value};

/// A gap with its rule from the catalog.
#[derive(Clone, Debug, PartialEq)]
pub struct GapView {
    pub id: CareGapId,
    pub gap: CareGap,
    /// Nothing when the catalog of this build does not know the rule.
    pub rule: Option<&'static gaps::CareGap>,
}

/// What was decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GapDecision {
    Closed { by: Option<FactId> },
    Declined { reason: String },
    FollowUp { on: NaiveDate, owner: StaffId, reason: String },
    Reopened,
}

impl GapView {
    pub(super) fn new(id: CareGapId, state: &RecordState) -> Self {
        let gap = CareGap::read(state);
        Self { id, rule: gap.rule.as_deref().and_then(gaps::find), gap }
    }
}

impl GapDecision {
    fn values(&self) -> Vec<(FieldKey, Value)> {
        let status = |status: GapStatus| (care_gap_fields::status.into(), status.to_value());
        match self {
            GapDecision::Closed { by } => {
                let fact = by.as_ref().map_or(Value::Null, FieldType::to_value);
                vec![status(GapStatus::Closed), (care_gap_fields::closed_by.into(), fact)]
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
    /// Decides a gap during a visit.
    pub fn decide_gap(&mut self, visit: VisitId, gap: CareGapId, decision: &GapDecision) -> Result<Undo, CaptureError> {
        let (_, site) = self.who_and_where(visit)?;
        let mut values = decision.values();
        values.push((care_gap_fields::visit.into(), visit.to_value()));
        self.write(Self::bucket_of_site(site), Some(visit.into()), vec![set(&CareGap::KIND, gap, values)])
    }
}
