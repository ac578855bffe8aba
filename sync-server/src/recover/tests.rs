//! What was sealed comes in once, whole and checked, or not at all.

use super::*;
use crate::store::{DeviceStatus, Store};
use crate::testing::{SITE, TestDevice, VAN, World, record, texts};
use crypto_box::aead::OsRng;
use shared::protocol::sealed::wrap;

const SECRET: [u8; 32] = [0x77; 32];

fn seal(frame: &[u8]) -> Vec<u8> {
    let public = crypto_box::SecretKey::from_bytes(SECRET).public_key();
    wrap(&public.seal(&mut OsRng, frame).expect("sealed"))
}

fn sealed_after(device: &TestDevice, after: u64) -> Vec<u8> {
    seal(&compress::compress(&device.batch_after(after)))
}

async fn world() -> (World, TestDevice) {
    let world = World::new().await;
    world.plan(VAN, SITE, "2026-11-23").await;
    let device = world.device(VAN).await;
    (world, device)
}

#[tokio::test]
async fn a_revoked_tablets_work_comes_in_once_though_it_is_taken_in_twice_and_sent_as_well() {
    let (world, mut device) = world().await;
    device.edit(record(1), &[(1, "delivered")]);
    world.push(&mut device).await.expect("delivered");
    device.edit(record(1), &[(1, "sealed")]);
    device.edit(record(2), &[(1, "sealed too")]);
    let number = device.row.number;
    world.store.set_device_status(number, DeviceStatus::Revoked).await.expect("revoked");
    let expected = Recovered { device: number, first: Sequence(2), last: Sequence(3), is_branch: false };
    for _ in 0..2 {
        let took = take_in(&world.service, SECRET, &sealed_after(&device, 1)).await.expect("taken in");
        assert_eq!(took, expected);
    }
    world.store.set_device_status(number, DeviceStatus::Active).await.expect("trusted again");
    let answer = world.push(&mut device).await.expect("it sends all of it again");
    assert_eq!(answer.acknowledged, device.head);
    world.fold().await;
    assert_eq!(texts(&world.record(record(1)).await.expect("it"), 1), ["sealed"]);
    let chain = world.store.chain(number).await.expect("read").expect("a chain");
    let segments = world.store.segments(number, Sequence(1), usize::MAX).await.expect("read");
    assert_eq!((chain.head.sequence, segments.len()), (Sequence(3), 2));
    assert!(world.quarantine().await.is_empty());
}

#[tokio::test]
async fn what_is_not_for_this_server_or_not_signed_or_out_of_order_is_refused_with_the_reason() {
    let (world, mut device) = world().await;
    for number in 1..=3 {
        device.edit(record(number), &[(1, "unsent")]);
    }
    let whole = sealed_after(&device, 0);
    let refused = async |file: &[u8]| match take_in(&world.service, SECRET, file).await {
        Err(error) => error.to_string(),
        Ok(took) => panic!("taken in: {took:?}"),
    };
    assert!(refused(b"something else").await.contains("no file of unsent changes"));
    let mut damaged = whole.clone();
    *damaged.last_mut().expect("bytes") ^= 1;
    assert!(refused(&damaged).await.contains("another server's key"));
    let other = take_in(&world.service, [1; 32], &whole).await.expect_err("another key");
    assert!(matches!(other, RecoverError::NotForThisServer));
    assert!(refused(&seal(b"no frame")).await.contains("no batch"));
    assert!(refused(&sealed_after(&device, 1)).await.contains("changes 1 to 1 of device 2 are missing"));
    let mut forged = device.batch_after(0);
    *forged.last_mut().expect("bytes") ^= 1;
    assert!(refused(&seal(&compress::compress(&forged))).await.contains("signature"));
    let mut stranger = device.clone();
    stranger.row.number = DeviceNumber(99);
    assert!(refused(&sealed_after(&stranger, 0)).await.contains("device 99"));
    take_in(&world.service, SECRET, &whole).await.expect("and the whole one comes in");
}

#[test]
fn a_folders_files_come_in_the_order_of_their_changes() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for name in ["2-10-12.caravan", "2-1-9.caravan", "notes.txt", "3-1-1.caravan", "2-1-9.caravan.part"] {
        std::fs::write(folder.path().join(name), b"x").expect("written");
    }
    let found = files(&[folder.path().to_owned()]).expect("listed");
    let names = found.iter().map(|path| path.file_name().expect("a name").to_string_lossy().into_owned());
    assert_eq!(names.collect::<Vec<_>>(), ["2-1-9.caravan", "2-10-12.caravan", "3-1-1.caravan"]);
    let empty = tempfile::tempdir().expect("a temporary folder");
    assert!(matches!(files(&[empty.path().to_owned()]), Err(RecoverError::Empty(_))));
}
