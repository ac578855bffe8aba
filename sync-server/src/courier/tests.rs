//! What the courier takes, what it refuses and what it keeps of both, through the routes as a device sees them.

use crate::store::{DeviceStatus, Store};
use crate::testing::{SITE, VAN, World, record, texts};
use ed25519_dalek::{Signature, SigningKey};
use shared::change::{Batch, Head};
use shared::compress;
use shared::ids::{DeviceNumber, Sequence};
use shared::protocol::{ProblemCode, PushAnswer, Standing, limits};

async fn world() -> World {
    let world = World::new().await;
    world.plan(VAN, SITE, "2026-11-23").await;
    world
}

#[tokio::test]
async fn an_acknowledged_head_is_countersigned() {
    let world = world().await;
    let mut device = world.device(VAN).await;
    device.edit(record(1), &[(1, "Sample")]);
    let answer = world.push(&mut device).await.expect("a good batch");
    assert_eq!(answer.acknowledged, device.head);
    let message = PushAnswer::signed_message(device.row.id, answer.acknowledged);
    let key = world.service.keys.signing.verifying_key();
    assert!(key.verify_strict(&message, &Signature::from_bytes(&answer.countersignature)).is_ok());
}

#[tokio::test]
async fn sending_again_changes_nothing_and_an_overlap_adds_only_the_rest() {
    let world = world().await;
    let mut device = world.device(VAN).await;
    for number in 1..=5 {
        device.edit(record(number), &[(1, "Sample")]);
    }
    world.push_after(&device, 0).await.expect("first");
    assert_eq!(world.push_after(&device, 0).await.expect("again").acknowledged, device.head);
    assert_eq!(world.push_after(&device, 3).await.expect("the end again").acknowledged, device.head);
    device.edit(record(6), &[(1, "Sample")]);
    device.edit(record(7), &[(1, "Sample")]);
    assert_eq!(world.push_after(&device, 2).await.expect("overlap").acknowledged, device.head);
    device.edit(record(8), &[(1, "Sample")]);
    assert_eq!(
        world.push_after(&device, 6).await.expect("overlap over an overlap").acknowledged,
        device.head
    );
    world.fold().await;
    for number in 1..=8 {
        assert!(world.record(record(number)).await.is_some(), "{number}");
    }
    assert_eq!(world.quarantine().await, []);
}

#[tokio::test]
async fn a_gap_tells_where_to_send_from() {
    let world = world().await;
    let mut device = world.device(VAN).await;
    for number in 1..=4 {
        device.edit(record(number), &[(1, "Sample")]);
    }
    let refused = world.push_after(&device, 2).await.expect_err("1 and 2 are missing");
    assert_eq!((refused.code, refused.status, refused.acknowledged), (ProblemCode::Gap, 409, Some(0)));
    world.push_after(&device, 0).await.expect("from where the server said");
}

#[tokio::test]
async fn wrong_batches_are_refused_whole_and_kept_as_evidence() {
    let world = world().await;
    let mut device = world.device(VAN).await;
    device.edit(record(1), &[(1, "Sample")]);
    let genesis = Head::genesis(device.row.id, device.row.number);
    let forged = Batch::seal(
        device.row.id,
        device.row.number,
        genesis,
        &device.log,
        &SigningKey::from_bytes(&[99; 32]),
    )
    .0;
    let stranger = Batch::seal(device.row.id, DeviceNumber(77), genesis, &device.log, &device.key).0;
    let bomb = compress::compress(&vec![0; limits::BATCH_BYTES_MAX + 1]);
    assert!(bomb.len() < 4096);
    let cases = [
        (compress::compress(&forged), ProblemCode::Signature, 422),
        (compress::compress(&stranger), ProblemCode::Malformed, 400),
        (compress::compress(b"rubbish"), ProblemCode::Malformed, 400),
        (b"no frame".to_vec(), ProblemCode::Malformed, 400),
        (Vec::new(), ProblemCode::Malformed, 400),
        (bomb, ProblemCode::TooLarge, 413),
        (vec![0; limits::REQUEST_BYTES_MAX + 1], ProblemCode::TooLarge, 413),
    ];
    for (frame, code, status) in cases {
        let refused = world.push_bytes(&device, frame).await.expect_err("wrong");
        assert_eq!((refused.code, refused.status), (code, status));
    }
    assert_eq!(world.store.chain(device.row.number).await.expect("a chain").expect("one").head, genesis);
    world.push(&mut device).await.expect("the right one still goes");
}

#[tokio::test]
async fn a_change_over_its_limit_is_refused() {
    let world = world().await;
    let mut device = world.device(VAN).await;
    device.append({
        let mut out = shared::cbor::Writer::default();
        out.array(7).unsigned(1).unsigned(0).signed(0).bytes(&[0; 16]).text("staff/1").unsigned(1);
        out.bytes(&vec![0; limits::CHANGE_BYTES_MAX]);
        out.finish()
    });
    assert_eq!(world.push(&mut device).await.expect_err("too large").code, ProblemCode::TooLarge);
}

/// Two tablets restored from one backup go on apart. Both deliver; nothing of either is lost.
#[tokio::test]
async fn a_fork_keeps_both_branches_and_merges_both() {
    let world = world().await;
    let mut one = world.device(VAN).await;
    one.edit(record(1), &[(1, "Sample"), (7, "555-0100")]);
    world.push(&mut one).await.expect("before the copy");
    let mut copy = one.clone();
    one.edit(record(2), &[(1, "of one")]);
    one.edit(record(1), &[(7, "555-0101")]);
    copy.edit(record(3), &[(1, "of the copy")]);
    copy.edit(record(1), &[(7, "555-0102")]);
    copy.edit(record(3), &[(1, "of the copy, again")]);
    copy.fact(9, record(3), 5);
    world.push(&mut one).await.expect("whoever comes first is not yet a fork");
    let fork = world.push(&mut copy).await.expect_err("a fork");
    assert_eq!((fork.code, fork.acknowledged), (ProblemCode::Fork, Some(5)));
    world.fold().await;

    assert_eq!(world.quarantine().await, []);
    let name = async |byte| texts(&world.record(record(byte)).await.expect("captured"), 1);
    assert_eq!(name(2).await, ["of one"]);
    assert_eq!(name(3).await, ["of the copy, again"]);
    let phones = texts(&world.record(record(1)).await.expect("shared"), 7);
    assert_eq!(phones, ["555-0101", "555-0102"]);

    let family = world.store.family(one.row.number).await.expect("chains");
    assert_eq!(family.len(), 2);
    assert_eq!((family[1].root, family[1].base.sequence), (one.row.number, Sequence(1)));
    assert_ne!(family[1].number, one.row.number);
    assert_eq!(
        world.store.device(one.row.number).await.expect("it").expect("it").status,
        DeviceStatus::Retired
    );
    assert_eq!(world.pull_page(&one).await.expect("a page").standing, Standing::EnrolAnew);

    copy.edit(record(4), &[(1, "later, of the copy")]);
    one.edit(record(5), &[(1, "later, of one")]);
    let again = world.push_after(&copy, 1).await.expect_err("still a fork");
    assert_eq!((again.code, again.acknowledged), (ProblemCode::Fork, Some(6)));
    assert_eq!(world.push_after(&copy, 5).await.expect_err("still a fork").acknowledged, Some(6));
    world.push(&mut one).await.expect("the first goes on delivering");
    world.fold().await;
    assert_eq!(
        (name(4).await, name(5).await),
        (vec!["later, of the copy".into()], vec!["later, of one".into()])
    );
    assert_eq!(world.store.family(one.row.number).await.expect("chains").len(), 2);
}

#[tokio::test]
async fn another_hash_before_the_batch_is_a_fork_too() {
    let world = world().await;
    let mut one = world.device(VAN).await;
    let mut copy = one.clone();
    one.edit(record(1), &[(1, "of one")]);
    copy.edit(record(2), &[(1, "unseen")]);
    copy.edit(record(3), &[(1, "of the copy")]);
    world.push(&mut one).await.expect("first");
    assert_eq!(world.push_after(&copy, 1).await.expect_err("a fork").code, ProblemCode::Fork);
    world.fold().await;
    assert!(world.record(record(3)).await.is_some());
    assert_eq!(world.push_after(&copy, 0).await.expect_err("a fork").code, ProblemCode::Fork);
    world.fold().await;
    assert!(world.record(record(2)).await.is_some());
}
