//! How what the rules say meets the gaps that stand in the records: which one is claimed by whom, which one was closed
//! by what was captured, which one is new. Suggests; it never writes and never reopens what a person decided.

use super::{History, Proof, Verdict, Why, judge};
use crate::content::gaps::rule::What;
use crate::content::gaps::{CareGap as CareRule, GapCatalog};
use crate::domain::care_gap::{CareGap, GapStatus};
use crate::ids::CareGapId;
use chrono::NaiveDate;

/// One rule for one person, with what stands and what is suggested.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing<'c> {
    /// Nothing when the pack in use does not know the rule that a record names.
    pub rule: Option<&'c CareRule>,
    /// The gap that counts of those that stand for the rule: one that is open before one that is decided.
    pub gap: Option<(CareGapId, CareGap)>,
    pub claim: Claim,
    /// Nothing when the rule is not known.
    pub verdict: Option<Verdict>,
    pub suggestion: Suggestion,
}

/// Who says that care is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Claim {
    Plan,
    Van,
    /// The plan sent it and the van's rule says so too.
    Both,
    /// The plan sent it and the van's rule says that it is met, or not for this person.
    PlanOnly,
    Nobody,
}

/// What to do about it.
#[derive(Clone, Debug, PartialEq)]
pub enum Suggestion {
    Nothing,
    /// No gap stands and the rule says that it is due.
    Open {
        since: NaiveDate,
    },
    /// A gap is open and evidence closes it.
    Close {
        by: Proof,
    },
    /// Something must be asked before the rule can be read.
    Ask(super::Missing),
    /// It was asked, and a positive answer wants something to follow by this day, which is not past.
    FollowUp {
        by: Proof,
        on: NaiveDate,
    },
}

/// Every rule of the pack that concerns the person, and every gap that stands, in the pack's order and then by id.
/// `is_member` says that the plan knows the care that the person had elsewhere.
pub fn reconcile<'c>(
    catalog: &'c GapCatalog,
    history: &History,
    gaps: &[(CareGapId, CareGap)],
    today: NaiveDate,
    is_member: bool,
) -> Vec<Standing<'c>> {
    let mut standings = Vec::new();
    for rule in &catalog.gaps {
        let of_rule: Vec<&(CareGapId, CareGap)> =
            gaps.iter().filter(|(_, gap)| gap.rule.as_deref() == Some(&rule.id)).collect();
        let verdict = judge(rule, history, today);
        if of_rule.is_empty() && matches!(verdict, Verdict::NotFor(_)) {
            continue;
        }
        let gap = of_rule.iter().min_by_key(|(id, gap)| (rank(gap.status), *id)).copied().cloned();
        let claim = claim(&of_rule, &verdict);
        let suggestion = match suggest(gap.as_ref().map(|(_, gap)| gap), &verdict, today) {
            Suggestion::Open { .. } if gap.is_none() && is_member && only_plan_knows(rule, &verdict) => {
                Suggestion::Nothing
            }
            other => other,
        };
        standings.push(Standing { rule: Some(rule), gap, claim, verdict: Some(verdict), suggestion });
    }
    // What the plan claims by a rule that this pack does not have stays in sight.
    let unknown =
        gaps.iter().filter(|(_, gap)| gap.rule.as_deref().is_none_or(|id| catalog.find(id).is_none()));
    standings.extend(unknown.map(|(id, gap)| Standing {
        rule: None,
        gap: Some((*id, gap.clone())),
        claim: if is_plans(gap) { Claim::Plan } else { Claim::Van },
        verdict: None,
        suggestion: Suggestion::Nothing,
    }));
    standings
}

/// Care that is given elsewhere and of which the van never heard: for a member the plan knows, and it sends a gap where
/// it misses something.
fn only_plan_knows(rule: &CareRule, verdict: &Verdict) -> bool {
    let is_elsewhere = rule.rule.evidence().all(|evidence| matches!(evidence.what, What::Services(_)));
    is_elsewhere && matches!(verdict, Verdict::Due { why: Why::Never, .. })
}

/// Open ones before those that somebody decided.
fn rank(status: Option<GapStatus>) -> u8 {
    match status {
        None | Some(GapStatus::Open) => 0,
        Some(GapStatus::FollowUp) => 1,
        Some(GapStatus::Declined) => 2,
        Some(GapStatus::Closed) => 3,
    }
}

fn is_plans(gap: &CareGap) -> bool {
    gap.claimed_by.as_deref() != Some("van")
}

fn claim(gaps: &[&(CareGapId, CareGap)], verdict: &Verdict) -> Claim {
    let by_plan = gaps.iter().any(|(_, gap)| is_plans(gap));
    match (by_plan, verdict) {
        (true, Verdict::Due { .. }) => Claim::Both,
        (true, Verdict::Met { .. } | Verdict::NotFor(_)) => Claim::PlanOnly,
        (true, Verdict::NeedsToKnow(_)) => Claim::Plan,
        (false, Verdict::Due { .. }) => Claim::Van,
        (false, _) if !gaps.is_empty() => Claim::Van,
        (false, _) => Claim::Nobody,
    }
}

fn suggest(gap: Option<&CareGap>, verdict: &Verdict, today: NaiveDate) -> Suggestion {
    let status = gap.map(|gap| gap.status.unwrap_or(GapStatus::Open));
    match (status, verdict) {
        (None, Verdict::Due { since, .. }) => Suggestion::Open { since: *since },
        // What was closed runs out one day, and then it is due anew.
        (Some(GapStatus::Closed), Verdict::Due { since, .. })
            if gap.and_then(|gap| gap.due_since).is_none_or(|before| before < *since) =>
        {
            Suggestion::Open { since: *since }
        }
        // Whoever found something comes back to it; a promise that stands already says so.
        (
            None | Some(GapStatus::Open | GapStatus::Declined),
            Verdict::Met { by, follow_up_by: Some(on), .. },
        ) if by.fact.is_some() => Suggestion::FollowUp { by: by.clone(), on: (*on).max(today) },
        (Some(GapStatus::FollowUp | GapStatus::Closed), Verdict::Met { follow_up_by: Some(_), .. }) => {
            Suggestion::Nothing
        }
        // Someone who said no or promised to come back is left in peace, unless it is done now.
        (Some(GapStatus::Open | GapStatus::FollowUp | GapStatus::Declined), Verdict::Met { by, .. })
            if by.fact.is_some() =>
        {
            Suggestion::Close { by: by.clone() }
        }
        (None | Some(GapStatus::Open), Verdict::NeedsToKnow(missing)) => Suggestion::Ask(*missing),
        _ => Suggestion::Nothing,
    }
}
