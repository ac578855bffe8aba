//! What the rules say beside the gaps that stand: who claims one, what opens it, closes it or makes it a follow-up.

use super::*;
use crate::domain::care_gap::{CareGap as Gap, GapStatus};

fn gap(rule: &str, claimed_by: &str, status: GapStatus) -> (CareGapId, Gap) {
    let gap = Gap {
        rule: Some(rule.into()),
        claimed_by: Some(claimed_by.into()),
        status: Some(status),
        due_since: Some(day("2026-01-01")),
        ..Gap::default()
    };
    (CareGapId::from_bytes([rule.len() as u8; 16]), gap)
}

#[test]
fn what_the_plan_sent_and_what_the_van_finds_are_one_line() {
    let fact = FactId::from_bytes([7; 16]);
    let mut taken = asked(woman("1970-01-01"), &[("phq-2", TODAY, false)]);
    taken.answered[0].fact = Some(fact);
    let gaps = [
        gap("COL", "plan", GapStatus::Open),
        gap("DSF", "plan", GapStatus::Open),
        gap("BCS", "plan", GapStatus::Declined),
        gap("OST", "plan", GapStatus::Open),
        gap("NEW-RULE", "plan", GapStatus::Open),
    ];
    let standings = reconcile(embedded(), &taken, &gaps, day(TODAY), false);
    let of =
        |id: &str| standings.iter().find(|standing| standing.rule.is_some_and(|rule| rule.id == id)).unwrap();
    assert_eq!((of("COL").claim, &of("COL").suggestion), (Claim::Both, &Suggestion::Nothing));
    let Suggestion::Close { by } = &of("DSF").suggestion else { panic!("{:?}", of("DSF")) };
    assert_eq!((by.fact, of("DSF").claim), (Some(fact), Claim::PlanOnly));
    assert_eq!(of("BCS").suggestion, Suggestion::Nothing, "who declined is left in peace");
    assert_eq!((of("OST").claim, &of("OST").verdict), (Claim::PlanOnly, &Some(Verdict::NotFor(Reason::Age))));
    assert_eq!(
        (of("CCS").claim, &of("CCS").suggestion),
        (Claim::Van, &Suggestion::Open { since: day("1991-01-01") })
    );
    assert_eq!(of("DM-SCREEN").suggestion, Suggestion::Ask(Missing::BodyMass));
    assert!(
        !standings.iter().any(|standing| standing.rule.is_some_and(|rule| rule.id == "AAA")),
        "not for a woman"
    );
    let unknown = standings.iter().find(|standing| standing.rule.is_none()).unwrap();
    assert_eq!(
        (unknown.claim, unknown.gap.as_ref().unwrap().1.rule.as_deref()),
        (Claim::Plan, Some("NEW-RULE"))
    );
}

#[test]
fn what_a_positive_answer_wants_is_promised_whatever_stood_before() {
    let mut taken = asked(woman("1970-01-01"), &[("phq-9", TODAY, true)]);
    taken.answered[0].fact = Some(FactId::from_bytes([7; 16]));
    let suggestion = |gaps: &[(CareGapId, Gap)]| {
        let mut standings = reconcile(embedded(), &taken, gaps, day(TODAY), true).into_iter();
        standings.find(|standing| standing.rule.is_some_and(|rule| rule.id == "DSF")).unwrap().suggestion
    };
    let promised = |gaps: &[(CareGapId, Gap)]| matches!(suggestion(gaps), Suggestion::FollowUp { .. });
    assert!(promised(&[]), "no gap stood");
    for (status, expected) in [
        (GapStatus::Open, true),
        (GapStatus::Declined, true),
        (GapStatus::FollowUp, false),
        (GapStatus::Closed, false),
    ] {
        assert_eq!(promised(&[gap("DSF", "plan", status)]), expected, "{status:?}");
    }
}

#[test]
fn of_a_member_the_plan_knows_what_was_given_elsewhere() {
    let opened = |is_member| -> Vec<String> {
        let standings = reconcile(embedded(), &woman("1970-01-01"), &[], day(TODAY), is_member);
        let open =
            standings.into_iter().filter(|standing| matches!(standing.suggestion, Suggestion::Open { .. }));
        open.filter_map(|standing| standing.rule.map(|rule| rule.id.clone())).collect()
    };
    let (member, guest) = (opened(true), opened(false));
    for id in ["BP-SCREEN", "DSF", "TOB", "LIPID"] {
        assert!(
            member.iter().any(|rule| rule == id) && guest.iter().any(|rule| rule == id),
            "{id}: the van can tell"
        );
    }
    for id in ["COL", "BCS", "CCS", "HIV"] {
        assert!(!member.iter().any(|rule| rule == id) && guest.iter().any(|rule| rule == id), "{id}");
    }
}

#[test]
fn what_was_closed_is_due_again_when_it_runs_out() {
    let before = given(born("1970-01-01"), &[("fit", "2025-12-31")]);
    let closed = |due_since: &str| {
        let (id, gap) = gap("COL", "plan", GapStatus::Closed);
        [(id, Gap { due_since: Some(day(due_since)), ..gap })]
    };
    let suggestion = |gaps: &[(CareGapId, Gap)]| {
        let standings = reconcile(embedded(), &before, gaps, day(TODAY), true);
        standings
            .into_iter()
            .find(|standing| standing.rule.is_some_and(|rule| rule.id == "COL"))
            .unwrap()
            .suggestion
    };
    assert_eq!(suggestion(&closed("2025-01-01")), Suggestion::Open { since: day("2026-01-01") });
    assert_eq!(suggestion(&closed("2026-01-01")), Suggestion::Nothing, "somebody closed this very one");
}
