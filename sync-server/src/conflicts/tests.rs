//! The office sees what two vans changed apart, and one choice ends it everywhere.

use super::*;
use crate::import::{self, ImportOptions};
use crate::planner::ImportKind;
use crate::testing::{SITE, TestDevice, VAN, World, record};
use shared::domain::person::{TobaccoStatus, person_fields};
use shared::record::{FieldType, Value};

/// Two devices that changed one person's name apart, and her telephone number, which the later one wins.
async fn world() -> (World, TestDevice, TestDevice) {
    let world = World::new().await;
    world.plan(VAN, SITE, "2026-11-23").await;
    let staff = "code,name,role\nS-1,Avery Sample,nurse\n";
    let report = import::run(&world.service, ImportKind::Staff, staff.into(), ImportOptions::default()).await;
    assert!(report.expect("a store").is_written);
    let (mut one, mut other) = (world.device(VAN).await, world.device(VAN).await);
    one.edit(record(1), &[(1, "Sample")]);
    world.push(&mut one).await.expect("first");
    world.pull(&mut other).await;
    one.edit(record(1), &[(1, "Sample-Alder")]);
    other.edit(record(1), &[(1, "Sample-Birch")]);
    one.edit(record(2), &[(1, "of one device alone")]);
    world.push(&mut one).await.expect("one");
    world.push(&mut other).await.expect("other");
    (world, one, other)
}

#[tokio::test]
async fn a_conflict_is_listed_and_one_choice_of_the_office_ends_it_everywhere() {
    let (world, mut one, mut other) = world().await;
    let open = list(&world.service).await.expect("a list");
    assert_eq!(open.len(), 1);
    assert_eq!(
        (open[0].record, open[0].field(), open[0].conflict.candidates.len()),
        (record(1), FieldNumber(1), 2)
    );
    assert_eq!(open[0].devices(), BTreeSet::from([one.row.number, other.row.number]));
    assert_eq!(open[0].since().milliseconds(), crate::testing::NOON);

    let choice = Choice { device: other.row.number, sequence: Sequence(1) };
    settle(&world.service, record(1), "family_name", choice, "s-1").await.expect("settled");
    assert_eq!(list(&world.service).await.expect("a list"), []);
    for device in [&mut one, &mut other] {
        world.pull(device).await;
        assert_eq!(device.texts(record(1), 1), ["Sample-Birch"]);
    }
}

#[tokio::test]
async fn what_a_van_wrote_without_having_seen_the_choice_stands_beside_it() {
    let (world, mut one, mut other) = world().await;
    one.edit(record(1), &[(1, "Sample-Cedar")]);
    let choice = Choice { device: other.row.number, sequence: Sequence(1) };
    settle(&world.service, record(1), "1", choice, "S-1").await.expect("settled");
    world.push(&mut one).await.expect("the later edit");
    world.pull(&mut other).await;
    assert_eq!(other.texts(record(1), 1), ["Sample-Birch", "Sample-Cedar"]);
    assert_eq!(list(&world.service).await.expect("a list").len(), 1);
}

#[tokio::test]
async fn errors_name_what_is_not_there() {
    let (world, one, _) = world().await;
    let words = async |id, field: &str, sequence, staff: &str| -> String {
        let choice = Choice { device: one.row.number, sequence: Sequence(sequence) };
        settle(&world.service, record(id), field, choice, staff).await.expect_err("no").to_string()
    };
    assert!(words(9, "family_name", 2, "S-1").await.starts_with("there is no record "));
    assert!(words(1, "given_name", 2, "S-1").await.starts_with("no field \"given_name\" of record "));
    assert!(
        words(1, "family_name", 9, "S-1").await.starts_with("no value of that field was written by change 9")
    );
    assert!(words(1, "family_name", 2, "S-9").await.contains("S-9"));
}

#[tokio::test]
async fn a_field_of_a_newer_build_is_listed_too() {
    let (world, mut one, mut other) = world().await;
    for (device, status) in [(&mut one, TobaccoStatus::Former), (&mut other, TobaccoStatus::EveryDay)] {
        let values = [(person_fields::tobacco_status.into(), status.to_value())];
        let mut edit = RecordState::new(KindNumber(1)).edit(record(3), values);
        edit.kind = KindNumber(999);
        let site = device.site();
        device.write(site, vec![Operation::Edit(edit)]);
        world.push(device).await.expect("durable");
    }
    let open = list(&world.service).await.expect("a list");
    let newer: Vec<_> = open.iter().filter(|conflict| conflict.kind == KindNumber(999)).collect();
    assert_eq!(newer.len(), 1);
    assert!(newer[0].conflict.candidates.iter().all(|written| matches!(written.value, Value::Text(_))));
}
