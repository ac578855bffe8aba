//! A visit on New Year's Eve at half past five on the Pacific coast, when it is next year in Greenwich: what is done is done
//! on the day of the place.

use crate::day::checked_in;
use crate::finger::*;
use crate::fixture::{EVE, NURSE, Tablet, new_years_eve, person_id};
use app::capture::{Desk, DeskOptions};
use app::screens::ui::{GapState, VisitGapsAdapter};
use app::store::{LinkedKind, RecordReads};
use chrono::{Days, NaiveDate};
use shared::content::pack::embedded;
use shared::domain::account::Payer;
use shared::domain::due::{Proof, Verdict};
use shared::domain::fee::{Charge, Eligibility};
use shared::domain::task::{Task, task_fields};
use slint::{ComponentHandle, Model};

fn eve() -> NaiveDate {
    "2026-12-31".parse().expect("a day")
}

/// Pat's visit, just begun.
fn begun() -> Tablet {
    let tablet = signed_in();
    new_years_eve(&tablet);
    tap(&tablet, "Find");
    tap(&tablet, "Today");
    sees(&tablet, "Thursday, December 31");
    tap(&tablet, "Open this stop");
    sees(&tablet, "5:30 PM");
    checked_in(&tablet, "evening", "Pat Evening-Sample");
    tap(&tablet, "Agreed aloud");
    tap(&tablet, "Start visit");
    tablet
}

/// A desk at the same file at another moment.
fn desk(tablet: &Tablet, hours_later: i64) -> Desk {
    let now = EVE.plus_milliseconds(hours_later * 3_600_000);
    Desk::open(tablet.store(), NURSE, DeskOptions { now: Box::new(move || now), ..DeskOptions::default() })
        .expect("a desk")
}

fn pressure(tablet: &Tablet, typed: &str) {
    tap(tablet, "Blood pressure");
    type_digits(tablet, typed);
    tap(tablet, "Save");
}

#[test]
fn who_is_covered_until_midnight_is_covered_in_the_evening_of_the_place() {
    let tablet = begun();
    let facts = tablet.store().facts(person_id(5).into(), &Charge::KIND).expect("facts");
    let charge = Charge::read(&facts[0]);
    assert_eq!(charge.day, Some(eve()));
    assert_eq!((charge.payer, charge.rule.as_deref()), (Some(Payer::Plan), Some("plan-cover")));
    assert_eq!(charge.eligibility, Some(Eligibility::Member));
    let (evening, night) = (desk(&tablet, 0), desk(&tablet, 7));
    let cover = |desk: &Desk| {
        let view = desk.person(person_id(5)).expect("a person");
        view.membership.is_some_and(|cover| cover.covers(desk.local_day().expect("a day")))
    };
    assert!(cover(&evening), "and the person's page says so");
    assert!(!cover(&night), "half past midnight");
    assert!(evening.find("evening", None, 5).expect("found")[0].is_member);
    assert!(!night.find("evening", None, 5).expect("found")[0].is_member);
}

#[test]
fn what_is_done_in_the_evening_is_done_today_and_in_this_year() {
    let tablet = begun();
    pressure(&tablet, "12878");
    tap(&tablet, "Care gaps");
    // It stands below those that are open.
    let gaps = window(&tablet).global::<VisitGapsAdapter>().get_gaps();
    let done = gaps.iter().find(|gap| gap.state == GapState::Closed).expect("one is done today");
    assert_eq!(done.reason, "Was due and is done");
    assert_eq!(done.state_text, "Blood pressure today: 128 / 78");
    picture(&tablet, "97-evening");
    for hours_later in [0, 16] {
        let due = desk(&tablet, hours_later).due(person_id(5)).expect("due");
        let screened = due.iter().find(|standing| standing.rule.is_some_and(|rule| rule.id == "BP-SCREEN"));
        let on = match screened.and_then(|standing| standing.verdict.clone()) {
            Some(Verdict::Met { by: Proof { on, .. }, .. }) => Some(on),
            Some(Verdict::Due { newest: Some(Proof { on, .. }), .. }) => Some(on),
            other => panic!("{other:?}"),
        };
        assert_eq!(on, Some(eve()), "{hours_later} hours later");
    }
}

#[test]
fn somebody_comes_back_to_a_finding_so_many_days_after_the_evening() {
    let tablet = begun();
    pressure(&tablet, "212126");
    tap(&tablet, "It is right, save it");
    sees(&tablet, "This blood pressure is dangerous");
    let by = LinkedKind::new(&Task::KIND, task_fields::person);
    let tasks = tablet.store().linked(person_id(5).into(), by).expect("read");
    let task = Task::read(&tasks[0].1);
    let alert = embedded().alerts.iter().find(|alert| Some(&alert.id) == task.reason.as_ref());
    let days = alert.expect("a rule of the core").due_days;
    assert_eq!(task.due_on, eve().checked_add_days(Days::new(days.into())));
}
