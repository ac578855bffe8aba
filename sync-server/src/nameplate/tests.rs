//! Who wrote a value can be named on every van.

use super::*;
use crate::store::Store;
use crate::testing::{OTHER_VAN, SITE, VAN, World, record};
use shared::ids::DeviceNumber;

async fn plate(world: &World, number: DeviceNumber) -> Option<Device> {
    world.fold().await;
    let state = world.record(record_of(crate::testing::REGION, number)).await;
    state.map(|state| Device::read(&state))
}

#[tokio::test]
async fn every_device_has_a_record_that_comes_down_to_every_van_and_is_written_once() {
    let world = World::new().await;
    world.plan(VAN, SITE, "2026-11-23").await;
    let device = world.device(VAN).await;
    let mut other = world.device(OTHER_VAN).await;
    write_all(&world.service).await.expect("written");
    let named = plate(&world, device.row.number).await.expect("a record");
    assert_eq!((named.label.as_deref(), named.van, named.copy_of), (Some("tablet 2"), Some(VAN), None));
    let server = plate(&world, DeviceNumber(1)).await.expect("the server's own");
    assert_eq!((server.is_server, server.label, server.van), (Some(true), None, None));
    let head = async || world.store.chain(DeviceNumber(1)).await.expect("read").expect("a chain").head;
    let before = head().await;
    write_all(&world.service).await.expect("nothing to write");
    assert_eq!(head().await, before);
    world.pull(&mut other).await;
    assert!(other.states.contains_key(&record_of(crate::testing::REGION, device.row.number)));
}

#[tokio::test]
async fn a_copys_branch_is_named_after_the_tablet_that_it_was_copied_from() {
    let world = World::new().await;
    world.plan(VAN, SITE, "2026-11-23").await;
    let mut device = world.device(VAN).await;
    device.edit(record(1), &[(1, "before")]);
    world.push(&mut device).await.expect("taken");
    let mut copy = device.clone();
    device.edit(record(1), &[(1, "one")]);
    world.push(&mut device).await.expect("taken");
    copy.edit(record(1), &[(1, "other")]);
    world.push(&mut copy).await.expect_err("a fork, kept all the same");
    world.fold().await;
    let family = world.store.family(device.row.number).await.expect("read");
    let branch = family.iter().find(|chain| chain.number != device.row.number).expect("a branch");
    let named = plate(&world, branch.number).await.expect("a record");
    assert_eq!(
        (named.label.as_deref(), named.van, named.copy_of),
        (Some("tablet 2"), Some(VAN), Some(device.row.number.0))
    );
}
