//! What somebody promised to come back to: what came of it, and that no gap is lost on its way to the plan.

use crate::finger::*;
use crate::fixture::{self, Tablet, person_id};
use app::store::RecordReads;
use shared::domain::care_gap::{CareGap, GapStatus};
use shared::domain::past_care::{CareSource, PastCare};

/// The inbox, at a call that was promised to Ana about her colorectal screening.
fn at_the_follow_up(is_withdrawn: bool) -> Tablet {
    let tablet = signed_in();
    fixture::promised_call(&tablet, is_withdrawn);
    tap(&tablet, "Inbox");
    tap(&tablet, "Ana Núñez-Sample, Colorectal cancer screening");
    sees(&tablet, "Call in one week");
    tablet
}

fn gap(tablet: &Tablet) -> CareGap {
    let state = tablet.store().state(fixture::PROMISED.into()).expect("read").expect("there");
    CareGap::read(&state)
}

fn care(tablet: &Tablet) -> Vec<PastCare> {
    let facts = tablet.store().facts(person_id(1).into(), &PastCare::KIND).expect("facts");
    facts.iter().map(PastCare::read).collect()
}

#[test]
fn a_person_who_was_reached_and_did_not_go_is_open_again_for_the_plan() {
    let tablet = at_the_follow_up(false);
    sees(&tablet, "What came of it?");
    assert_eq!(find(&tablet, "Save").accessible_enabled(), Some(false), "nothing was said yet");
    picture(&tablet, "45-follow-up");
    tap(&tablet, "Reached, and it was not done");
    tap(&tablet, "Save");
    sees(&tablet, "Ana Núñez-Sample, Colorectal cancer screening: open again");
    let after = gap(&tablet);
    assert_eq!((after.status, after.closed_by), (Some(GapStatus::Open), None));
    assert_eq!((after.follow_up_on, after.follow_up_owner), (None, None), "nobody has it any more");
    assert_eq!(after.reason.as_deref(), Some("Reached, and it was not done"));
    assert!(!has(&tablet, "Ana Núñez-Sample, Colorectal cancer screening"));
    tap(&tablet, "Undo");
    assert_eq!(gap(&tablet).status, Some(GapStatus::FollowUp));
    assert_eq!(gap(&tablet).reason.as_deref(), Some("Call in one week"));
}

#[test]
fn a_person_who_was_not_reached_is_called_on_another_day() {
    let tablet = at_the_follow_up(false);
    tap(&tablet, "Not reached");
    sees(&tablet, "When again?");
    assert_eq!(find(&tablet, "Save").accessible_enabled(), Some(false));
    picture(&tablet, "46-follow-up-again");
    tap(&tablet, "In two weeks");
    tap(&tablet, "Save");
    sees(&tablet, "another day");
    let after = gap(&tablet);
    assert_eq!(after.status, Some(GapStatus::FollowUp));
    assert_eq!(after.follow_up_on.map(|day| day.to_string()).as_deref(), Some("2026-12-07"));
    assert_eq!(
        (after.reason.as_deref(), after.follow_up_owner),
        (Some("Call in one week"), Some(fixture::NURSE))
    );
    assert!(has(&tablet, "Ana Núñez-Sample, Colorectal cancer screening"), "it waits for that day");
}

#[test]
fn only_care_that_was_given_closes_a_follow_up_and_says_what_where_and_when() {
    let tablet = at_the_follow_up(false);
    tap(&tablet, "It was done");
    sees(&tablet, "What was done?");
    tap(&tablet, "Colonoscopy");
    sees(&tablet, "Where was it done?");
    assert!(!has(&tablet, "Done or given here today"), "nobody is here");
    tap(&tablet, "Done elsewhere, proof was seen");
    sees(&tablet, "When?");
    assert_eq!(find(&tablet, "Save").accessible_enabled(), Some(false));
    picture(&tablet, "47-follow-up-when");
    tap(&tablet, "November 2026");
    tap(&tablet, "Save");
    sees(&tablet, "Colorectal cancer screening: closed");
    let after = gap(&tablet);
    assert_eq!(after.status, Some(GapStatus::Closed));
    let facts = tablet.store().facts(person_id(1).into(), &PastCare::KIND).expect("facts");
    assert_eq!(after.closed_by, Some(facts[0].id), "with its evidence");
    assert_eq!(after.reason.as_deref(), Some("Done elsewhere, proof was seen, November 2026"));
    let given = PastCare::read(&facts[0]);
    assert_eq!((given.service.as_deref(), given.source), (Some("colonoscopy"), Some(CareSource::Proof)));
    assert_eq!((given.given_on.map(|on| on.to_string()).as_deref(), given.visit), (Some("2026-11"), None));
    tap(&tablet, "Undo");
    assert_eq!(gap(&tablet).status, Some(GapStatus::FollowUp));
    assert_eq!(care(&tablet).len(), 2, "and the care is taken back");
}

#[test]
fn care_that_the_rule_does_not_count_is_kept_and_the_gap_is_open() {
    let tablet = at_the_follow_up(false);
    tap(&tablet, "It was done");
    tap(&tablet, "Stool test (FIT)");
    tap(&tablet, "Change the answer");
    tap(&tablet, "It was done");
    tap(&tablet, "Stool test (FIT)");
    tap(&tablet, "Done elsewhere, as the person says");
    tap(&tablet, "2025");
    tap(&tablet, "Save");
    sees(&tablet, "By the rule that is too long ago");
    tap(&tablet, "Understood");
    assert_eq!(gap(&tablet).status, Some(GapStatus::Open));
    assert_eq!(care(&tablet).len(), 1);
}

#[test]
fn whoever_withdrew_their_word_is_not_called_and_the_gap_goes_back_to_the_plan() {
    let tablet = at_the_follow_up(true);
    sees(&tablet, "Calls are not agreed to any more");
    sees(&tablet, "Do not call. The gap goes back to the plan's list.");
    assert!(
        !has(&tablet, "Not reached") && !has(&tablet, "Reached, and it was not done"),
        "no call is offered"
    );
    picture(&tablet, "48-follow-up-withdrawn");
    tap(&tablet, "Do not call");
    tap(&tablet, "Save");
    let after = gap(&tablet);
    assert_eq!((after.status, after.follow_up_on), (Some(GapStatus::Open), None), "not lost");
    assert_eq!(after.reason.as_deref(), Some("Do not call"));
}
