//! Stories of a dangerous value: it stops its visit, survives a killed process, is seen by the other tablet and by the
//! office, and ends when somebody came back to it.

use crate::world::{World, begin_visit, walk_up};
use app::capture::{CaptureError, ConsentDraft, Desk, DeskOptions, Response, Scopes, VitalsError};
use app::platform;
use shared::content::Language;
use shared::content::consent::current;
use shared::content::pack::embedded;
use shared::content::questionnaire::{Answer, Answers, alerts};
use shared::domain::consent::ConsentMethod;
use shared::domain::task::TaskStatus;
use shared::draft::VitalDraft;
use shared::ids::VisitId;
use shared::time::Timestamp;
use std::sync::atomic::{AtomicI64, Ordering};
use sync_server::platform::{Clock, SystemClock};
use sync_server::tasks::{Finding, Summary, list, summary};
use tests::plain::{FIRST_DEVICE, STAFF};

async fn office(world: &World) -> Vec<Finding> {
    list(&world.server.service).await.expect("listed").0
}

fn begun(desk: &mut Desk) -> VisitId {
    let person = walk_up(desk, "1970-01-01");
    begin_visit(desk, person)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_withdraws_is_not_measured_or_asked_any_more() {
    let world = World::of(2).await;
    world.settle(FIRST_DEVICE).await;
    let mut desk = world.desk(FIRST_DEVICE);
    let visit = begun(&mut desk);
    desk.record_vitals(visit, &pressure("120", "80"), 1).expect("agreed");
    let decided = |care| ConsentDraft {
        scopes: Scopes { care, ..Scopes::default() },
        text: current(Language::Spanish),
        method: ConsentMethod::WitnessedVerbal,
        signature: String::new(),
    };
    let form = embedded().form("phq-2").expect("a form");
    desk.keep_answers(visit, form, &Answers::new()).expect("kept as a draft");
    let mut before = desk.decide_consent(visit, &decided(true)).expect("decided");
    for care in [false, true, false] {
        let at = desk.decide_consent(visit, &decided(care)).expect("decided");
        assert!(at > before, "each decision is newer than the one before, however fast they follow");
        before = at;
    }
    assert!(desk.kept_answers(visit).expect("read").is_none(), "nothing half-answered stays of who withdrew");
    let refused = desk.record_vitals(visit, &pressure("122", "80"), 2);
    assert!(matches!(refused, Err(VitalsError::Capture(CaptureError::NotAgreed))), "{refused:?}");
    let refused = desk.record_response(visit, form, &Answers::new(), Language::English);
    assert!(matches!(refused, Err(CaptureError::NotAgreed)), "{refused:?}");
    desk.decide_consent(visit, &decided(true)).expect("agreed again");
    desk.record_vitals(visit, &pressure("122", "80"), 2).expect("measured");
    assert_eq!(desk.visit(visit).expect("a visit").results.len(), 4);
}

fn pressure(systolic: &str, diastolic: &str) -> [VitalDraft; 2] {
    [("bp_systolic", systolic), ("bp_diastolic", diastolic)].map(|(key, typed)| VitalDraft {
        measurement: key.into(),
        typed: typed.into(),
        confirmed: true,
        ..VitalDraft::default()
    })
}

fn is_unanswered(desk: &mut Desk, visit: VisitId) -> bool {
    matches!(desk.finish(visit), Err(CaptureError::Unanswered))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dangerous_pressure_stops_the_visit_until_somebody_acts_and_the_office_sees_it() {
    let (world, other) = (World::of(2).await, FIRST_DEVICE + 1);
    world.settle(FIRST_DEVICE).await;
    let mut desk = world.desk(FIRST_DEVICE);
    let visit = begun(&mut desk);
    assert!(
        desk.record_vitals(visit, &pressure("180", "120"), 1).expect("taken").raised.is_empty(),
        "on the line"
    );
    let raised = desk.record_vitals(visit, &pressure("181", "120"), 2).expect("taken").raised;
    assert_eq!(raised.len(), 1);
    // The process dies before anybody answers.
    drop(desk);
    let mut desk = world.desk(FIRST_DEVICE);
    assert!(is_unanswered(&mut desk, visit), "asked again after a restart");

    world.settle(FIRST_DEVICE).await;
    world.settle(other).await;
    let mut colleague = world.desk(other);
    assert!(is_unanswered(&mut colleague, visit), "and on the other tablet");
    let waiting = office(&world).await;
    let today = SystemClock.now().day(0);
    assert_eq!(
        waiting[0].task.found.as_deref(),
        Some("Systolic blood pressure 181 mmHg, Diastolic blood pressure 120 mmHg")
    );
    assert_eq!(waiting[0].site.as_deref(), Some("SITE-1"));
    assert_eq!(summary(&waiting, today), Summary { open: 1, unanswered: 1, ..Summary::default() });

    colleague.respond(raised[0], &Response::Acted("I called 911".into())).expect("answered");
    colleague.finish(visit).expect("finished");
    world.settle(other).await;
    world.settle(FIRST_DEVICE).await;
    let seen = world.desk(FIRST_DEVICE).tasks().expect("tasks");
    assert_eq!(seen.len(), 1, "still to come back to");
    assert_eq!((seen[0].task.action.as_deref(), seen[0].task.acted), (Some("I called 911"), Some(true)));
    let answered = summary(&office(&world).await, today);
    assert_eq!((answered.open, answered.unanswered, answered.overdue), (1, 0, 0));
    let late = summary(&office(&world).await, today + chrono::Days::new(2));
    assert_eq!(late.overdue, 1, "the day after it is late");

    let mut desk = world.desk(FIRST_DEVICE);
    let shown = desk.tasks().expect("tasks").remove(0);
    desk.task_done(&shown).expect("done");
    world.settle(FIRST_DEVICE).await;
    assert_eq!(summary(&office(&world).await, today).completed, 1);
    assert!(desk.tasks().expect("tasks").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_entered_wrongly_is_closed_and_stays_in_the_list() {
    let world = World::of(2).await;
    world.settle(FIRST_DEVICE).await;
    let mut desk = world.desk(FIRST_DEVICE);
    let visit = begun(&mut desk);
    let taken = desk.record_vitals(visit, &pressure("218", "78"), 1).expect("taken");
    desk.respond(taken.raised[0], &Response::Mistaken("It was entered wrongly".into())).expect("answered");
    desk.finish(visit).expect("finished");
    assert!(desk.tasks().expect("tasks").is_empty());
    world.settle(FIRST_DEVICE).await;
    let findings = office(&world).await;
    assert_eq!(findings[0].task.status, Some(TaskStatus::EnteredInError));
    assert_eq!(findings[0].task.acted, Some(false));
}

#[tokio::test(flavor = "multi_thread")]
async fn item_nine_raises_its_task_once_whatever_else_is_answered() {
    let world = World::of(2).await;
    world.settle(FIRST_DEVICE).await;
    let mut desk = world.desk(FIRST_DEVICE);
    let visit = begun(&mut desk);
    let form = embedded().form("phq-9").expect("a form");
    let mut answers = Answers::new();
    while let Some(item) = form.next_item(&answers) {
        let last = item.options.last().expect("options").coding.code.clone();
        answers.record(form, &item.link_id.clone(), Answer::code(last)).expect("an offered option");
    }
    let alert = &alerts(form, &answers)[0];
    let first = desk.raise_answer(visit, form, alert.link_id).expect("raised");
    assert_eq!(desk.raise_answer(visit, form, alert.link_id).expect("raised"), first);
    assert!(is_unanswered(&mut desk, visit));
    desk.respond(first, &Response::Mistaken("It was entered wrongly".into())).expect("answered");
    let second = desk.raise_answer(visit, form, alert.link_id).expect("raised");
    assert_ne!(second, first, "what was entered wrongly says nothing about the next answer");
    assert!(is_unanswered(&mut desk, visit));
    desk.respond(second, &Response::CouldNot("The person left".into())).expect("answered");
    desk.finish(visit).expect("finished");
    assert_eq!(desk.tasks().expect("tasks")[0].task.action.as_deref(), Some("The person left"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_of_the_very_moment_of_the_value_that_raised_it() {
    let world = World::of(2).await;
    world.settle(FIRST_DEVICE).await;
    let ticks = AtomicI64::new(platform::now().milliseconds());
    let now = move || Timestamp::from_milliseconds(ticks.fetch_add(7, Ordering::Relaxed));
    let options = DeskOptions { now: Box::new(now), ..DeskOptions::default() };
    let mut desk = Desk::open(world.store(FIRST_DEVICE), STAFF, options).expect("a desk");
    let visit = begun(&mut desk);
    desk.record_vitals(visit, &pressure("190", "125"), 1).expect("taken");
    let view = desk.visit(visit).expect("a visit");
    assert_eq!(view.tasks[0].1.raised_at, Some(view.results[0].at), "however the clock goes on meanwhile");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_half_answered_form_ends_with_its_visit_wherever_that_was_finished() {
    let (world, other) = (World::of(2).await, FIRST_DEVICE + 1);
    world.settle(FIRST_DEVICE).await;
    let mut desk = world.desk(FIRST_DEVICE);
    let (finished, open) = (begun(&mut desk), begun(&mut desk));
    let form = embedded().form("phq-2").expect("a form");
    for visit in [finished, open] {
        desk.keep_answers(visit, form, &Answers::new()).expect("kept as a draft");
    }
    world.settle(FIRST_DEVICE).await;
    world.settle(other).await;
    world.desk(other).finish(finished).expect("finished");
    world.settle(other).await;
    assert!(desk.kept_answers(finished).expect("read").is_some(), "this tablet has not heard of it yet");
    world.settle(FIRST_DEVICE).await;
    assert!(desk.kept_answers(finished).expect("read").is_none(), "it is over");
    assert!(desk.kept_answers(open).expect("read").is_some(), "the other one goes on");
}
