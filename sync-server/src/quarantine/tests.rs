//! An operator looks at what was kept apart and decides; the van hears of it and a rebuild knows it.

use super::*;
use crate::projector::Projector;
use crate::store::sqlite::{Difference, Scratch};
use crate::testing::{KEY, OTHER_SITE, REGION, SITE, TestDevice, VAN, World, record, texts};
use shared::change::{Bucket, Edit, Operation, Put};
use shared::merge::{Clock, ClockEntry};
use shared::protocol::{Decided, Outcome};
use shared::record::{FieldNumber, KindNumber, Value};
use std::sync::Arc;

async fn world() -> (World, TestDevice) {
    let world = World::new().await;
    world.plan(VAN, SITE, "2026-11-23").await;
    let device = world.device(VAN).await;
    (world, device)
}

fn elsewhere(text: &str) -> (Bucket, Vec<Operation>) {
    let put = Put { key: FieldNumber(1).into(), read: Clock::default(), value: Value::Text(text.into()) };
    let edit = Edit { record: record(2), kind: KindNumber(1), puts: vec![put] };
    (Bucket::Site(OTHER_SITE), vec![Operation::Edit(edit)])
}

/// Good, foreign bucket, forged clock, good.
async fn four_changes(world: &World, device: &mut TestDevice) {
    device.edit(record(1), &[(1, "first")]);
    let (bucket, operations) = elsewhere("of a site that the van was never sent to");
    device.write(bucket, operations);
    let mut clock = Clock::default();
    clock.raise(ClockEntry { device: DeviceNumber(77), sequence: Sequence(1) });
    device.put_reading(record(3), 1, "forged", clock);
    device.edit(record(4), &[(1, "last")]);
    world.push(device).await.expect("durable");
    world.fold().await;
}

async fn rebuilt(world: &World) -> Vec<Difference> {
    let scratch = Scratch::make(&world.database(), &KEY, REGION).expect("a scratch");
    let store: Arc<dyn crate::store::Store> = Arc::new(scratch.open().expect("it opens"));
    Projector::for_rebuilding(store.clone(), world.clock.clone()).catch_up().await.expect("folded");
    drop(store);
    scratch.compare().expect("compared").expect("nothing moved")
}

#[tokio::test]
async fn an_operator_answers_for_a_foreign_bucket_and_the_van_hears_of_it() {
    let (world, mut device) = world().await;
    four_changes(&world, &mut device).await;
    let number = device.row.number;
    let told = world.pull_page(&device).await.expect("a page");
    assert_eq!((told.rejected.len(), told.decided.len()), (2, 0));
    device.merge(&told);

    let refused = release(&world.service, number, Sequence(2), None).await;
    let words = refused.expect_err("the plan is as it was").to_string();
    assert!(words.contains("foreign-bucket") && words.contains("--overrule"), "{words}");
    assert_eq!(rebuilt(&world).await, []);
    let reason = "the stop was moved by telephone";
    release(&world.service, number, Sequence(2), Some(reason)).await.expect("merged");
    assert_eq!(texts(&world.record(record(2)).await.expect("merged"), 1).len(), 1);
    assert_eq!(world.quarantine().await.len(), 1);

    let told = world.pull_page(&device).await.expect("a page").decided;
    assert_eq!(told, [Decided { sequence: Sequence(2), outcome: Outcome::Released, note: reason.into() }]);
    let shown = show(&world.service, number, Sequence(2)).await.expect("shown");
    assert_eq!(shown.entry.decision.expect("decided").note, "the stop was moved by telephone");
    let again = release(&world.service, number, Sequence(2), None).await;
    assert!(matches!(again, Err(QuarantineError::Released(..))));
    assert_eq!(rebuilt(&world).await, [], "a rebuild takes the decision over");
}

#[tokio::test]
async fn a_forged_clock_cannot_be_overruled_and_is_closed_for_good() {
    let (world, mut device) = world().await;
    four_changes(&world, &mut device).await;
    let number = device.row.number;
    let refused = release(&world.service, number, Sequence(3), Some("I say so")).await;
    let words = refused.expect_err("never").to_string();
    assert!(words.contains("unknown-clock") && words.contains("cannot be overruled"), "{words}");
    assert!(world.record(record(3)).await.is_none());
    assert!(matches!(reject(&world.service, number, Sequence(3), " ").await, Err(QuarantineError::NoReason)));
    reject(&world.service, number, Sequence(3), "a test tablet").await.expect("closed");
    for error in [
        release(&world.service, number, Sequence(3), None).await.expect_err("closed"),
        reject(&world.service, number, Sequence(3), "again").await.expect_err("closed"),
    ] {
        assert!(error.to_string().ends_with("closed for good: a test tablet"), "{error}");
    }
    let page = world.pull_page(&device).await.expect("a page");
    assert_eq!(page.decided[0].outcome, Outcome::Closed);
    device.merge(&page);
    assert_eq!(world.pull_page(&device).await.expect("a page").decided, [], "each is told once");
    assert_eq!(rebuilt(&world).await, []);
}

#[tokio::test]
async fn what_was_closed_stays_closed_when_its_reason_passes_and_what_passes_is_told() {
    let (world, mut device) = world().await;
    for text in ["one", "two"] {
        let (bucket, operations) = elsewhere(text);
        device.write(bucket, operations);
    }
    world.push(&mut device).await.expect("durable");
    world.fold().await;
    reject(&world.service, device.row.number, Sequence(1), "twice").await.expect("closed");
    world.plan(VAN, OTHER_SITE, "2026-11-24").await;
    assert_eq!(texts(&world.record(record(2)).await.expect("the second"), 1), ["two"]);
    let page = world.pull_page(&device).await.expect("a page");
    let told: Vec<_> = page.decided.iter().map(|decided| (decided.sequence.0, decided.outcome)).collect();
    assert_eq!(told, [(1, Outcome::Closed), (2, Outcome::Released)]);
    assert_eq!(rebuilt(&world).await, []);
}

#[tokio::test]
async fn errors_name_what_is_not_there() {
    let (world, mut device) = world().await;
    four_changes(&world, &mut device).await;
    let number = device.row.number;
    let words = async |number, sequence| -> String {
        release(&world.service, DeviceNumber(number), Sequence(sequence), None)
            .await
            .expect_err("no")
            .to_string()
    };
    assert_eq!(words(99, 1).await, "there is no device 99");
    for sequence in [0, 1, 5] {
        assert!(words(number.0, sequence).await.contains("was never kept apart"));
    }
    let shown = show(&world.service, number, Sequence(2)).await.expect("shown");
    assert_eq!(shown.entry.reason, "foreign-bucket");
    assert_eq!(shown.change.expect("it decodes").bucket, Bucket::Site(OTHER_SITE));
}
