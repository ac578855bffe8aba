//! A disk that refuses in the middle of sync is told as such, and tried again.

use super::*;
use shared::protocol::ProblemCode;

/// A server that holds none of this device's changes and wants them from the first.
struct Empty;

#[async_trait::async_trait]
impl Transport for Empty {
    async fn push(&self, _: Vec<u8>) -> Result<PushAnswer, Failure> {
        Err(Failure::Refused { code: ProblemCode::Gap, acknowledged: Some(Sequence(0)) })
    }
    async fn pull(&self, _: &PullRequest) -> Result<PullPage, Failure> {
        Ok(page(identity().genesis(), true))
    }
}

/// Whether the file of a driver takes writes, as a disk does that is full or failing.
fn set_writable(driver: &Driver<Empty>, is_writable: bool) {
    let connection = crate::store::Reads::connection(&*driver.store);
    connection.pragma_update(None, "query_only", !is_writable).expect("a pragma");
}

#[tokio::test]
async fn a_disk_that_refuses_a_page_is_told_as_such_and_tried_again() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = enrolled(&folder.path().join("records.db"));
    let mut driver = Driver::new(store, Empty).expect("a driver");
    set_writable(&driver, false);
    let pause = driver.run_once(&mut |_| {}).await.expect("the machine hears of it");
    assert!(pause.is_some_and(|pause_ms| pause_ms > 0), "{pause:?}");
    assert_eq!(driver.report().phase, Phase::DiskRefuses { failures: 1 });
    set_writable(&driver, true);
    assert_eq!(driver.run_once(&mut |_| {}).await.expect("a run"), None);
    assert_eq!(driver.report().phase, Phase::Settled);
}

#[tokio::test]
async fn a_disk_that_refuses_between_two_requests_leaves_no_sync_that_waits_for_ever() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut store = enrolled(&folder.path().join("records.db"));
    let staff = shared::ids::StaffId::from_bytes([21; 16]);
    let person = shared::ids::PersonId::from_bytes([9; 16]);
    let known = shared::domain::person::Person { given_name: Some("Ana".into()), ..Default::default() };
    let change = crate::apply::LocalChange {
        staff,
        bucket: shared::change::Bucket::Staff(shared::ids::RegionId(1)),
        about: None,
        intents: vec![crate::apply::Intent::Set {
            record: person.into(),
            kind: shared::domain::person::Person::KIND.number,
            values: known.values(),
        }],
    };
    crate::apply::apply_local(&mut store, change, platform::now()).expect("saved");
    let mut driver = Driver::new(store, Empty).expect("a driver");
    set_writable(&driver, false);
    assert!(driver.run_once(&mut |_| {}).await.is_err(), "what the server holds cannot be noted");
    assert!(matches!(driver.report().phase, Phase::DiskRefuses { .. }), "{:?}", driver.report().phase);
    set_writable(&driver, true);
    let mut phases = Vec::new();
    driver.run_once(&mut |report| phases.push(report.phase)).await.expect("a run");
    assert_eq!(phases.first(), Some(&Phase::Pushing), "it asks again");
}
