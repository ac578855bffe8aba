//! What is measured under a release: a region's limits and its own measurement, what a meter cannot measure, an ear that
//! hears less.

use crate::packs::{project_packs, release};
use crate::world::{World, begin_visit, walk_up};
use app::capture::{Response, VitalsError};
use shared::content::Language;
use shared::content::measurements::Beyond;
use shared::domain::consent::Recipient;
use shared::domain::screening::Observation;
use shared::draft::VitalDraft;
use tests::plain::FIRST_DEVICE;

#[tokio::test(flavor = "multi_thread")]
async fn the_limits_of_the_region_hold_at_the_keypad() {
    let world = World::of(2).await;
    let typed = |pulse: &str| {
        [VitalDraft { measurement: "heart_rate".into(), typed: pulse.into(), ..VitalDraft::default() }]
    };
    let asks_once = |world: &World, pulse: &str| {
        let mut desk = world.desk(FIRST_DEVICE);
        let person = walk_up(&mut desk, "1980-01-01");
        let visit = begin_visit(&mut desk, person);
        desk.record_vitals(visit, &typed(pulse), 1).is_err()
    };
    world.settle(FIRST_DEVICE).await;
    assert!(!asks_once(&world, "108"), "the core takes 108 as it is");
    release(&world, &project_packs()).await;
    world.settle(FIRST_DEVICE).await;
    assert!(asks_once(&world, "108"), "the region asks once more from 106 on");
    assert!(!asks_once(&world, "105"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_measurement_that_a_region_adds_is_taken_on_one_van_and_read_on_the_other() {
    let world = World::of(3).await;
    release(&world, &project_packs()).await;
    for device in [FIRST_DEVICE, FIRST_DEVICE + 1] {
        world.settle(device).await;
    }
    let mut desk = world.desk(FIRST_DEVICE);
    let person = walk_up(&mut desk, "1980-01-01");
    let visit = begin_visit(&mut desk, person);
    let blown = |typed: &str, confirmed| {
        [VitalDraft {
            measurement: "peak_flow".into(),
            typed: typed.into(),
            confirmed,
            ..VitalDraft::default()
        }]
    };
    let refused = desk.record_vitals(visit, &blown("4200", true), 1).expect_err("refused");
    assert!(matches!(&refused, VitalsError::Values(errors)
        if errors[0].words(Language::English) == "Peak expiratory flow 4200 is not possible. Enter 30 to 900."));
    let unusual = desk.record_vitals(visit, &blown("180", false), 1).expect_err("asked once more");
    assert!(matches!(&unusual, VitalsError::Values(errors)
        if errors[0].words(Language::Spanish).contains("está fuera de 200 a 750")));
    desk.record_vitals(visit, &blown("420", false), 1).expect("taken");
    world.settle(FIRST_DEVICE).await;

    world.settle(FIRST_DEVICE + 1).await;
    let other = world.desk(FIRST_DEVICE + 1).visit(visit).expect("the visit came down");
    let seen = &other.results[0].observation;
    assert_eq!((seen.loinc.as_deref(), seen.unit.as_deref()), (Some("19935-6"), Some("L/min")));
    assert_eq!(seen.value.and_then(|value| value.quantity()), "420".parse().ok());
    let known = other.packs.current().catalog.find_loinc("19935-6").expect("under the region's words");
    assert_eq!(known.short_name.text(Language::Spanish), "Flujo máximo");

    let service = &world.server.service;
    let export = sync_server::export::visit(service, visit, Recipient::RecordSystem).await.expect("written");
    let releases = sync_server::packs::held(service).await.expect("held");
    let release = releases.in_force(&service.keys.signing.verifying_key()).expect("in force");
    let back = shared::fhir::read(&export.bundle, &[&release.content]).expect("read");
    let is_flow = |fact: &&shared::record::Fact| {
        fact.kind == Observation::KIND.number && Observation::read(fact).loinc.as_deref() == Some("19935-6")
    };
    assert_eq!(Observation::read(back.facts.iter().find(is_flow).expect("there")), *seen);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_meter_that_shows_lo_stops_the_visit_like_the_lowest_value_that_it_measures() {
    let world = World::of(3).await;
    world.settle(FIRST_DEVICE).await;
    let mut desk = world.desk(FIRST_DEVICE);
    let person = walk_up(&mut desk, "1980-01-01");
    let visit = begin_visit(&mut desk, person);
    let shown = |word: &str| {
        [VitalDraft { measurement: "glucose_random".into(), typed: word.into(), ..VitalDraft::default() }]
    };
    for (word, alert, found, name) in [
        (
            "LO",
            "glucose-low",
            "Glucose, capillary, glucometer (random) LO (< 20 mg/dL)",
            "level 2 hypoglycaemia - treat now",
        ),
        ("HI", "glucose-high", "Glucose, capillary, glucometer (random) HI (> 600 mg/dL)", "very high"),
    ] {
        let taken = desk.record_vitals(visit, &shown(word), 1).expect("taken");
        let raised = desk.tasks_of_visit(visit).expect("tasks");
        let (_, task) = raised.iter().find(|(id, _)| taken.raised == [*id]).expect("one task");
        assert_eq!((task.reason.as_deref(), task.found.as_deref()), (Some(alert), Some(found)));
        assert!(task.is_unanswered());
        let view = desk.visit(visit).expect("a visit");
        let newest = view.results.iter().find(|result| taken.facts.contains(&result.fact)).expect("there");
        assert_eq!(newest.observation.interpretation.as_deref(), Some(name));
    }
    assert!(desk.finish(visit).is_err(), "nobody said what was done");
    world.settle(FIRST_DEVICE).await;
    world.settle(FIRST_DEVICE + 1).await;
    let other = world.desk(FIRST_DEVICE + 1).visit(visit).expect("the visit came down");
    let mut sides: Vec<_> = other.results.iter().map(|result| result.observation.beyond).collect();
    sides.sort();
    assert_eq!(sides, [Some(Beyond::Below), Some(Beyond::Above)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ear_that_hears_less_than_at_its_first_test_is_a_finding_with_its_follow_up() {
    let world = World::of(2).await;
    world.settle(FIRST_DEVICE).await;
    let mut desk = world.desk(FIRST_DEVICE);
    let person = walk_up(&mut desk, "1980-01-01");
    let test = |thresholds: [i32; 6]| {
        let hertz = [500, 1000, 2000, 3000, 4000, 6000].into_iter().zip(thresholds);
        let draft = |(hertz, threshold): (i32, i32)| VitalDraft {
            measurement: format!("hearing_left_{hertz}"),
            typed: threshold.to_string(),
            ..VitalDraft::default()
        };
        hertz.map(draft).collect::<Vec<_>>()
    };
    let first = begin_visit(&mut desk, person);
    let baseline = desk.record_vitals(first, &test([0, 0, 10, 10, 10, 10]), 1).expect("taken");
    let again = desk.record_vitals(first, &test([0, 0, 30, 30, 30, 10]), 2).expect("taken");
    assert!(
        baseline.raised.is_empty() && again.raised.is_empty(),
        "within one visit there is no baseline yet"
    );
    // The nurse saw that the second test of that visit was disturbed.
    again.facts.iter().for_each(|fact| desk.entered_in_error(first, *fact).expect("taken back"));
    desk.finish(first).expect("finished");

    let second = begin_visit(&mut desk, person);
    let near = desk.record_vitals(second, &test([0, 0, 15, 20, 20, 10]), 1).expect("taken");
    assert!(near.raised.is_empty(), "8.3 dB is no shift");
    let shifted = desk.record_vitals(second, &test([0, 0, 20, 20, 20, 10]), 2).expect("taken");
    let tasks = desk.tasks_of_visit(second).expect("tasks");
    let [(id, task)] = tasks.as_slice() else { panic!("{tasks:?}") };
    assert_eq!(shifted.raised, [*id]);
    assert_eq!(task.reason.as_deref(), Some("hearing-shift"));
    let found = "Standard threshold shift, left ear: 10.0 dB, mean threshold now 20.0 dB";
    assert_eq!(task.found.as_deref(), Some(found));
    assert_eq!(
        task.due_on,
        Some(desk.local_day().expect("a day") + chrono::Days::new(21)),
        "29 CFR 1910.95(g)(8)"
    );
    assert!(desk.finish(second).is_err(), "the person is told before they leave");
    desk.respond(*id, &Response::Acted("I told the person and give them the page".into())).expect("answered");
    desk.finish(second).expect("finished");
    assert!(desk.tasks().expect("tasks").iter().any(|view| view.id == *id), "somebody comes back to it");
}
