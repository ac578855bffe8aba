//! The gaps that remain after the day: what the plan gets back to act on. A person who does not agree to be cared for is
//! left out, and nobody who did not agree to be contacted is marked as somebody to call. Never how a file of them looks,
//! which is `gap_file`.

use super::people::{self, People};
use crate::holdings::{self, Holdings};
use crate::local_day;
use crate::service::Service;
use crate::store::StoreResult;
use shared::change::Bucket;
use shared::content::consent::Scope;
use shared::domain::care_gap::{CareGap, GapStatus};
use shared::domain::consent::Consent;
use shared::domain::route::{Site, Staff};
use shared::fhir::ListedGap;
use shared::ids::{CareGapId, PersonId};
use std::collections::{BTreeMap, BTreeSet};

/// What goes back, with what was left out of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Remainder {
    /// In order of member number, person and rule.
    pub gaps: Vec<ListedGap>,
    /// People whose gaps stay here, because they do not agree to be cared for.
    pub left_out: usize,
}

/// All gaps that are not closed; with `closed` also those that a van closed, so that the plan can close its own. Linked
/// entries are one person: of two gaps by one rule the one on which more was done stands.
pub async fn remainder(service: &Service, closed: bool) -> StoreResult<Remainder> {
    let kinds: Vec<_> = people::KINDS
        .into_iter()
        .chain([CareGap::KIND, Staff::KIND, Site::KIND].map(|kind| kind.number))
        .collect();
    let wanted = |bucket: &Bucket| matches!(bucket, Bucket::Site(_) | Bucket::Staff(_));
    let held = holdings::read(service, wanted, &kinds).await?;
    let people = People::of(&held);
    let today = local_day::today(&held, service.clock.now());
    let mut remainder = Remainder::default();
    let mut left_out: BTreeSet<PersonId> = BTreeSet::new();
    for (person, gaps) in by_person(&held, &people) {
        let consent = people.consent(person);
        let may_care = consent.is_some_and(|consent| consent.care == Some(true));
        let contact_by = consent.map(channels).unwrap_or_default();
        for (id, gap) in gaps.into_values() {
            if gap.status == Some(GapStatus::Closed) && !closed {
                continue;
            }
            // The plan's own gap of somebody whom no van met goes back as it came; what a van wrote needs the person's word.
            let was_met =
                consent.is_some() || gap.visit.is_some() || gap.claimed_by.as_deref() == Some("van");
            if was_met && !may_care {
                left_out.insert(person);
                continue;
            }
            let owner = gap.follow_up_owner.and_then(|owner| held.records.get(&owner.into()));
            remainder.gaps.push(ListedGap {
                id,
                member_number: people.member_number(person, today),
                follow_up_owner: owner.and_then(|state| Staff::read(state).code),
                contact_by: contact_by.clone(),
                gap: CareGap { person: Some(person), ..gap },
            });
        }
    }
    remainder.gaps.sort_by(|left, right| {
        (&left.member_number, left.gap.person, &left.gap.rule, left.id).cmp(&(
            &right.member_number,
            right.gap.person,
            &right.gap.rule,
            right.id,
        ))
    });
    remainder.left_out = left_out.len();
    Ok(remainder)
}

/// The gaps of each person by rule. A gap without a rule is like no other.
fn by_person(held: &Holdings, people: &People) -> BTreeMap<PersonId, BTreeMap<String, (CareGapId, CareGap)>> {
    let mut by_person: BTreeMap<PersonId, BTreeMap<String, (CareGapId, CareGap)>> = BTreeMap::new();
    for (id, state) in held.records.iter().filter(|(_, state)| state.kind == CareGap::KIND.number) {
        let (id, gap) = (CareGapId::from(*id), CareGap::read(state));
        let Some(entry) = gap.person else { continue };
        let rule = gap.rule.clone().unwrap_or_else(|| id.to_string());
        let rules = by_person.entry(people.head(entry)).or_default();
        let both = match rules.remove(&rule) {
            None => (id, gap),
            Some(known) => one_of(known, (id, gap)),
        };
        rules.insert(rule, both);
    }
    by_person
}

/// Of two gaps by one rule the one on which more was done, the first of equals. What the plan claims in either it claims.
fn one_of(left: (CareGapId, CareGap), right: (CareGapId, CareGap)) -> (CareGapId, CareGap) {
    let is_of_plan = |gap: &CareGap| gap.claimed_by.as_deref() == Some("plan");
    let claimed = [&left.1, &right.1].into_iter().find(|gap| is_of_plan(gap));
    let claimed_by = claimed.and_then(|gap| gap.claimed_by.clone());
    let (id, gap) = if done(&right.1) > done(&left.1) { right } else { left };
    (id, CareGap { claimed_by: claimed_by.or(gap.claimed_by), ..gap })
}

/// How much was done about a gap. Care that was given counts whichever entry it was written to.
fn done(gap: &CareGap) -> u8 {
    match gap.status {
        Some(GapStatus::Closed) => 3,
        Some(GapStatus::FollowUp) => 2,
        Some(GapStatus::Declined) => 1,
        Some(GapStatus::Open) | None => 0,
    }
}

/// How a person may be contacted, such as `call text`.
fn channels(consent: &Consent) -> String {
    let channels =
        [(Scope::OutreachCall, "call"), (Scope::OutreachText, "text"), (Scope::OutreachMail, "mail")];
    let agreed = channels.into_iter().filter(|(channel, _)| consent.may_contact(*channel));
    agreed.map(|(_, name)| name).collect::<Vec<_>>().join(" ")
}
