//! Stories of what somebody promised to come back to: the plan hears of it again, or of the care that was given.

use crate::world::{World, begin_visit, claim, gap, walk_up};
use app::capture::{CaptureError, Desk, FollowUp, GapDecision, Outcome};
use app::store::RecordReads;
use shared::content::Language;
use shared::content::pack::embedded;
use shared::content::questionnaire::{Answer, AnswerOption, Answers};
use shared::domain::care_gap::{CareGap, GapStatus, care_gap_fields};
use shared::domain::past_care::CareSource;
use shared::draft::VitalDraft;
use shared::ids::{CareGapId, PersonId};
use shared::time::PartialDate;
use sync_server::export;
use tests::plain::{FIRST_DEVICE, STAFF};

const GAP: CareGapId = CareGapId::from_bytes([0x75; 16]);

/// A visit in which a call is promised.
fn promise(desk: &mut Desk, person: PersonId) {
    let visit = begin_visit(desk, person);
    let on = desk.local_day().expect("a day") + chrono::Days::new(7);
    let promised = GapDecision::FollowUp { on, owner: STAFF, reason: Some("Call in one week".into()) };
    desk.decide_gap(visit, &gap(desk, person, GAP), &promised).expect("promised");
    desk.finish(visit).expect("finished");
}

async fn handed_back(world: &World, closed: bool) -> Option<CareGap> {
    world.settle(FIRST_DEVICE).await;
    let remainder = export::remainder(&world.server.service, closed).await.expect("exported");
    remainder.gaps.into_iter().find(|listed| listed.id == GAP).map(|listed| listed.gap)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promise_that_came_to_nothing_goes_back_to_the_plan_and_only_care_closes_one() {
    let world = World::of(2).await;
    world.settle(FIRST_DEVICE).await;
    let mut desk = world.desk(FIRST_DEVICE);
    let person = walk_up(&mut desk, "1970-01-01");
    claim(&mut desk, GAP, person, "COL");
    promise(&mut desk, person);
    assert_eq!(handed_back(&world, false).await.and_then(|gap| gap.status), Some(GapStatus::FollowUp));

    let not_done = Outcome::NotDone { reason: "Reached, and it was not done".into() };
    let shown = desk.follow_ups().expect("follow-ups").remove(0).gap;
    assert!(!desk.end_follow_up(&shown, &not_done).expect("written").closed);
    let back = handed_back(&world, false).await.expect("the plan hears of it");
    assert_eq!((back.status, back.follow_up_on, back.follow_up_owner), (Some(GapStatus::Open), None, None));
    assert_eq!(back.reason.as_deref(), Some("Reached, and it was not done"));
    assert!(desk.follow_ups().expect("follow-ups").is_empty());

    promise(&mut desk, person);
    let on = desk.local_day().expect("a day");
    let given = Outcome::Given {
        service: "colonoscopy".into(),
        on: PartialDate::Day(on),
        source: CareSource::Proof,
        words: "Done elsewhere, proof was seen".into(),
    };
    let ended = desk.end_follow_up(&gap(&desk, person, GAP), &given).expect("written");
    assert!(ended.closed && ended.care.is_some());
    assert_eq!(handed_back(&world, false).await, None, "what is closed is not handed back");
    let closed = handed_back(&world, true).await.expect("and is told where the plan asks");
    assert_eq!((closed.status, closed.closed_by), (Some(GapStatus::Closed), ended.care));
    assert_eq!(closed.reason.as_deref(), Some("Done elsewhere, proof was seen"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_s_word_closes_a_gap_whose_value_of_today_is_beyond_the_line() {
    let world = World::of(2).await;
    world.settle(FIRST_DEVICE).await;
    let mut desk = world.desk(FIRST_DEVICE);
    let person = walk_up(&mut desk, "1970-01-01");
    claim(&mut desk, GAP, person, "CBP");
    let visit = begin_visit(&mut desk, person);
    let vital = |key: &str, typed: &str| VitalDraft {
        measurement: key.into(),
        typed: typed.into(),
        confirmed: true,
        ..VitalDraft::default()
    };
    desk.record_vitals(visit, &[vital("bp_systolic", "152"), vital("bp_diastolic", "96")], 1).expect("taken");
    let by_word = GapDecision::Closed { by: None, reason: Some("as the person says".into()) };
    let shown = gap(&desk, person, GAP);
    assert!(matches!(desk.decide_gap(visit, &shown, &by_word), Err(CaptureError::Contradicted)));
    // Of two readings of a day the lower counts, as for the rule itself.
    desk.record_vitals(visit, &[vital("bp_systolic", "136"), vital("bp_diastolic", "84")], 2).expect("taken");
    desk.decide_gap(visit, &shown, &by_word).expect("nothing speaks against it");
    assert_eq!(handed_back(&world, false).await, None);
}

/// Two crews before the same gap: what one decided while the other looked at it as open is a conflict, and neither is lost.
#[tokio::test(flavor = "multi_thread")]
async fn a_decision_that_came_while_somebody_looked_at_the_gap_stands_beside_theirs() {
    let other = FIRST_DEVICE + 1;
    let world = World::of(2).await;
    world.settle(FIRST_DEVICE).await;
    let mut desk = world.desk(FIRST_DEVICE);
    let person = walk_up(&mut desk, "1970-01-01");
    claim(&mut desk, GAP, person, "COL");
    world.settle(FIRST_DEVICE).await;
    world.settle(other).await;
    let mut colleague = world.desk(other);
    let visit = begin_visit(&mut desk, person);
    let shown = gap(&desk, person, GAP);

    let theirs = begin_visit(&mut colleague, person);
    let closed = GapDecision::Closed { by: None, reason: Some("Proof was seen".into()) };
    let before = gap(&colleague, person, GAP);
    colleague.decide_gap(theirs, &before, &closed).expect("closed");
    world.settle(other).await;
    world.settle(FIRST_DEVICE).await;
    let declined = GapDecision::Declined { reason: "Does not want it now".into() };
    desk.decide_gap(visit, &shown, &declined).expect("declined");

    let state = desk.store().state(GAP.into()).expect("read").expect("there");
    assert_eq!(state.values(&care_gap_fields::status.into()).len(), 2, "both decisions stand");
    assert_eq!(state.values(&care_gap_fields::reason.into()).len(), 2, "each with its reason");
    desk.finish(visit).expect("finished");
    let after = desk.store().state(GAP.into()).expect("read").expect("there");
    assert_eq!(after.values(&care_gap_fields::status.into()).len(), 2, "no rule chooses between them");
    assert!(
        desk.conflicts().expect("conflicts").iter().any(|conflict| conflict.subject.record == GAP.into())
    );
}

/// Whoever found something comes back to it, on the day that the rule says.
#[tokio::test(flavor = "multi_thread")]
async fn a_positive_answer_leaves_the_visit_as_a_follow_up_with_its_owner_and_day() {
    let world = World::of(2).await;
    world.settle(FIRST_DEVICE).await;
    let mut desk = world.desk(FIRST_DEVICE);
    let person = walk_up(&mut desk, "1970-01-01");
    claim(&mut desk, GAP, person, "DSF");
    let visit = begin_visit(&mut desk, person);
    let form = embedded().form("phq-9").expect("a form");
    let mut answers = Answers::new();
    while let Some(item) = form.next_item(&answers) {
        // The gravest answer to all but the last: item nine is another protocol's.
        let code = |option: &AnswerOption| option.coding.code.clone();
        let is_nine = item.link_id.contains("44260-8");
        let chosen = if is_nine { item.options.first() } else { item.options.last() };
        answers
            .record(form, &item.link_id.clone(), Answer::code(code(chosen.expect("options"))))
            .expect("offered");
    }
    desk.record_response(visit, form, &answers, Language::English).expect("answered");
    let ended = desk.finish(visit).expect("finished");
    desk.undo(ended).expect("undone");
    desk.finish(visit).expect("finished once more");
    let promised = handed_back(&world, false).await.expect("it is not done");
    let today = desk.local_day().expect("a day");
    assert_eq!((promised.status, promised.follow_up_owner), (Some(GapStatus::FollowUp), Some(STAFF)));
    assert_eq!(promised.follow_up_on, Some(today + chrono::Days::new(2)), "as the rule says");
    assert_eq!(desk.follow_ups().expect("follow-ups").len(), 1);
}

/// No gap stood for it: the record that the end of the visit opens is whole, also after it was undone once.
#[tokio::test(flavor = "multi_thread")]
async fn a_positive_answer_without_a_gap_opens_a_whole_one_though_its_first_opening_was_undone() {
    let world = World::of(2).await;
    world.settle(FIRST_DEVICE).await;
    let mut desk = world.desk(FIRST_DEVICE);
    let person = walk_up(&mut desk, "1970-01-01");
    let visit = begin_visit(&mut desk, person);
    let form = embedded().form("gad-7").expect("a form");
    let mut answers = Answers::new();
    while let Some(item) = form.next_item(&answers) {
        let code = item.options.last().expect("options").coding.code.clone();
        answers.record(form, &item.link_id.clone(), Answer::code(code)).expect("offered");
    }
    desk.record_response(visit, form, &answers, Language::English).expect("answered");
    for _ in 0..2 {
        let ended = desk.finish(visit).expect("finished");
        let promised = desk.follow_ups().expect("follow-ups");
        let of_anxiety = |promise: &&FollowUp| promise.gap.gap.rule.as_deref() == Some("ANX");
        let gap = &promised.iter().find(of_anxiety).expect("promised").gap.gap;
        assert_eq!((gap.person, gap.claimed_by.as_deref()), (Some(person), Some("van")));
        desk.undo(ended).expect("undone");
        assert!(desk.follow_ups().expect("follow-ups").is_empty());
    }
}
