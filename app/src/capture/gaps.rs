//! What becomes of a gap in care: closed by what was captured, declined with a reason, or a follow-up. What comes of a
//! follow-up stands in `follow_ups`.

use super::desk::{CaptureError, Desk, Undo};
use super::person::Result as ResultLine;
use crate::apply::Intent;
use chrono::NaiveDate;
use shared::content::gaps;
use shared::content::measurements::Catalog;
use shared::domain::care_gap::{CareGap, GapStatus, care_gap_fields};
use shared::domain::due::Proof;
use shared::ids::{CareGapId, FactId, PersonId, StaffId, VisitId};
use shared::merge::RecordState;
use shared::record::{FieldKey, FieldType, Value};

/// A gap with its rule from the catalog.
#[derive(Clone, Debug)]
pub struct GapView {
    pub id: CareGapId,
    pub gap: CareGap,
    /// Nothing when the packs in use do not know the rule.
    pub rule: Option<&'static gaps::CareGap>,
    /// The record as it is shown: what is decided reads this, and what came since stands beside it.
    pub(super) seen: RecordState,
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
    /// Without words where a positive answer wants something to follow.
    FollowUp {
        on: NaiveDate,
        owner: StaffId,
        reason: Option<String>,
    },
    /// Open again, and so handed back to the plan: with what came of it, if anything was tried.
    Reopened {
        reason: Option<String>,
    },
}

impl GapView {
    pub(super) fn new(id: CareGapId, state: &RecordState, catalog: &'static gaps::GapCatalog) -> Self {
        let gap = CareGap::read(state);
        let rule = gap.rule.as_deref().and_then(|rule| catalog.find(rule));
        Self { id, gap, rule, seen: state.clone() }
    }

    pub(super) fn edit(&self, values: Vec<(FieldKey, Value)>) -> Intent {
        Intent::Edit(self.seen.edit(self.id.into(), values))
    }

    /// Decided in a visit. One that only the van's own rules find is opened by the same edit.
    pub(super) fn decided(&self, visit: VisitId, decision: &GapDecision) -> Intent {
        let mut values = decision.values();
        values.push((care_gap_fields::visit.into(), visit.to_value()));
        if self.gap != CareGap::read(&self.seen) {
            let opened = self.gap.values().into_iter();
            let opened: Vec<_> =
                opened.filter(|(key, _)| values.iter().all(|(known, _)| known != key)).collect();
            values.extend(opened);
        }
        self.edit(values)
    }
}

impl GapDecision {
    pub(super) fn values(&self) -> Vec<(FieldKey, Value)> {
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
                (care_gap_fields::reason.into(), reason.as_ref().map_or(Value::Null, FieldType::to_value)),
                (care_gap_fields::follow_up_on.into(), on.to_value()),
                (care_gap_fields::follow_up_owner.into(), owner.to_value()),
            ],
            GapDecision::Reopened { reason } => vec![
                status(GapStatus::Open),
                (care_gap_fields::closed_by.into(), Value::Null),
                (care_gap_fields::reason.into(), reason.as_ref().map_or(Value::Null, FieldType::to_value)),
                (care_gap_fields::follow_up_on.into(), Value::Null),
                (care_gap_fields::follow_up_owner.into(), Value::Null),
            ],
        }
    }
}

impl Desk {
    /// Decides a gap during a visit, as it was shown.
    pub fn decide_gap(
        &mut self,
        visit: VisitId,
        gap: &GapView,
        decision: &GapDecision,
    ) -> Result<Undo, CaptureError> {
        let (person, site) = self.who_and_where(visit)?;
        if matches!(decision, GapDecision::Closed { by: None, .. }) {
            self.uncontradicted(person, gap.gap.rule.as_deref())?;
        }
        self.write(Self::bucket_of_site(site), Some(visit.into()), vec![gap.decided(visit, decision)])
    }

    /// Nobody's word closes what a value of today says is not reached.
    pub(super) fn uncontradicted(&self, person: PersonId, rule: Option<&str>) -> Result<(), CaptureError> {
        let content = self.packs()?.current();
        let Some(rule) = rule.and_then(|rule| content.gaps.find(rule)) else { return Ok(()) };
        let (results, here) = (self.results_of(person)?, self.here()?);
        match contradiction(rule, &results, &content.catalog, here.offset_minutes_east, here.day) {
            Some(_) => Err(CaptureError::Contradicted),
            None => Ok(()),
        }
    }
}

/// What was measured today and is beyond a rule's line, whoever claims the gap; of several values of the day the lowest
/// counts.
pub fn contradiction(
    rule: &gaps::CareGap,
    results: &[ResultLine],
    catalog: &Catalog,
    offset_minutes_east: i32,
    today: NaiveDate,
) -> Option<Proof> {
    rule.rule.control.iter().find_map(|line| {
        let loinc = &catalog.find(&line.key)?.loinc;
        let of_today = results.iter().filter(|result| {
            result.at.day(offset_minutes_east) == today && result.observation.loinc.as_ref() == Some(loinc)
        });
        let values = of_today.filter_map(|result| Some((result.observation.value?.quantity()?, result.fact)));
        let (lowest, fact) = values.min_by_key(|(value, _)| *value)?;
        let proof = || Proof { what: line.key.clone(), on: today, fact: Some(fact), positive: false };
        (!line.holds(lowest)).then(proof)
    })
}
