//! Gaps that somebody promised to come back to, and what came of it. Only care that was given closes one, with what says
//! so; else it is open again and goes to the plan, or gets another day. Never during a visit, which decides by itself.

use super::desk::{CaptureError, Desk, Undo};
use super::gaps::{GapDecision, GapView};
use crate::store::RecordReads;
use chrono::NaiveDate;
use shared::content::consent::Scope;
use shared::domain::care_gap::{CareGap, GapStatus};
use shared::domain::consent::{Consent, in_force};
use shared::domain::due::Verdict;
use shared::domain::past_care::CareSource;
use shared::domain::person::Person;
use shared::ids::{FactId, PersonId};
use shared::time::PartialDate;

/// A gap that somebody promised to come back to.
#[derive(Clone, Debug)]
pub struct FollowUp {
    pub gap: GapView,
    pub person: PersonId,
    pub person_name: String,
    /// Whether the person agrees to be called, by the decision in force.
    pub may_call: bool,
}

/// What came of a follow-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Care was given elsewhere, by its name in the rules: when, and who says so. The same in words for the plan.
    Given { service: String, on: PartialDate, source: CareSource, words: String },
    /// Care of a rule that names no such care: when and who says so, in words.
    Told { words: String },
    /// It was not done, or nobody may be asked: why.
    NotDone { reason: String },
    /// Nobody was reached: when the next try is.
    Again { on: NaiveDate },
}

/// What became of the gap.
#[derive(Clone, Debug)]
pub struct Ended {
    pub closed: bool,
    /// Care that was written down, whether or not the rules count it.
    pub care: Option<FactId>,
    pub undo: Undo,
}

impl Desk {
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
            let consent = in_force(self.store.facts(person.into(), &Consent::KIND)?.iter());
            let may_call = consent.is_some_and(|consent| consent.may_contact(Scope::OutreachCall));
            found.push(FollowUp { gap, person, person_name: Person::read(&state).spoken_name(), may_call });
        }
        found.sort_by_key(|follow_up| (follow_up.gap.gap.follow_up_on, follow_up.gap.id));
        Ok(found)
    }

    /// Writes what came of a follow-up, as it was shown. Care that the rules do not count leaves the gap open, and is
    /// kept.
    pub fn end_follow_up(&mut self, shown: &GapView, outcome: &Outcome) -> Result<Ended, CaptureError> {
        let gap = &shown.gap;
        let bucket = self.store.bucket_of(shown.id.into())?.ok_or(CaptureError::Gone)?;
        let person = gap.person.ok_or(CaptureError::Gone)?;
        let mut care = None;
        let decision = match outcome {
            Outcome::Given { service, on, source, words } => {
                let fact = self.record_care(person, None, service, *on, *source)?;
                care = Some(fact);
                let is_met = self.due(person)?.into_iter().any(|standing| {
                    standing.rule.is_some_and(|rule| gap.rule.as_deref() == Some(&rule.id))
                        && matches!(standing.verdict, Some(Verdict::Met { .. }))
                });
                let reason = Some(words.clone());
                match is_met {
                    true => GapDecision::Closed { by: care, reason },
                    false => GapDecision::Reopened { reason },
                }
            }
            Outcome::Told { words } => {
                self.uncontradicted(person, gap.rule.as_deref())?;
                GapDecision::Closed { by: None, reason: Some(words.clone()) }
            }
            Outcome::NotDone { reason } => GapDecision::Reopened { reason: Some(reason.clone()) },
            Outcome::Again { on } => {
                GapDecision::FollowUp { on: *on, owner: self.staff, reason: gap.reason.clone() }
            }
        };
        let closed = matches!(decision, GapDecision::Closed { .. });
        let undo = self.write(bucket, None, vec![shown.edit(decision.values())])?;
        Ok(Ended { closed, care, undo })
    }
}
