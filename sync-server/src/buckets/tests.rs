//! What goes down: all of it, only what is seen, in any cutting, and little when there is nothing.

use super::cursor::{Cursor, Place};
use crate::store::{LogPlace, MemberPlace, Store};
use crate::testing::{OTHER_SITE, OTHER_VAN, PERSON, SITE, TestDevice, VAN, World, record, small_pages};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use shared::change::{Bucket, Operation};
use shared::compress;
use shared::ids::{DeviceNumber, FactId, RecordId};
use shared::merge::RecordState;
use shared::protocol::{PullPage, PullRequest};
use shared::record::{FieldNumber, Value};
use std::collections::BTreeMap;

/// A world with a van's day and another device that filled its site.
async fn filled(bytes_aim: usize, people: u8) -> World {
    let world = World::with_pages(small_pages(bytes_aim)).await;
    world.plan(VAN, SITE, "2026-11-23").await;
    let mut writer = world.device(VAN).await;
    for number in 1..=people {
        writer.edit(record(number), &[(1, "Sample"), (2, &format!("person {number}"))]);
        writer.fact(number, record(number), 5);
    }
    world.push(&mut writer).await.expect("durable");
    world.fold().await;
    world
}

#[tokio::test]
async fn tiny_pages_and_one_page_tell_the_same() {
    let world = filled(1, 40).await;
    let mut tiny = world.device(VAN).await;
    let pages = world.pull(&mut tiny).await;
    assert!(pages > 40, "{pages} pages");
    let mut whole = world.device(VAN).await;
    let rules = crate::buckets::PageRules::default();
    let buckets = crate::buckets::Buckets::new(
        world.store.clone(),
        world.service.projector.clone(),
        world.clock.clone(),
        [0; 32],
        rules,
    );
    let page = buckets.pull(&whole.row, &PullRequest::default(), true).await.expect("a page");
    assert!(page.complete);
    whole.merge(&page);
    let encoded = |device: &crate::testing::TestDevice| -> BTreeMap<_, _> {
        device.states.iter().map(|(id, state)| (*id, state.encode())).collect()
    };
    assert_eq!(encoded(&tiny), encoded(&whole));
    assert_eq!((tiny.facts.len(), whole.facts.len()), (40, 40));
}

#[tokio::test]
async fn what_comes_during_a_first_sync_is_not_lost() {
    let world = filled(300, 60).await;
    let mut reader = world.device(VAN).await;
    let mut writer = world.device(VAN).await;
    world.pull(&mut writer).await;
    let mut round = 0_u8;
    loop {
        let page = world.pull_page(&reader).await.expect("a page");
        reader.merge(&page);
        if page.complete {
            break;
        }
        round += 1;
        if round <= 60 {
            writer.edit(record(round), &[(2, &format!("renamed {round}"))]);
            writer.edit(record(100 + round), &[(1, "new")]);
            world.push(&mut writer).await.expect("durable");
            world.fold().await;
        }
    }
    world.pull(&mut reader).await;
    assert!(round > 10, "{round}");
    for number in 1..=round.min(60) {
        assert_eq!(reader.texts(record(number), 2), [format!("renamed {number}")]);
        assert_eq!(reader.texts(record(100 + number), 1), ["new"]);
    }
}

#[tokio::test]
async fn only_the_fields_that_came_are_sent_and_nothing_goes_back_to_its_writer() {
    let world = filled(1 << 20, 3).await;
    let (mut reader, mut writer) = (world.device(VAN).await, world.device(VAN).await);
    world.pull(&mut reader).await;
    world.pull(&mut writer).await;
    writer.edit(record(1), &[(7, "555-0100")]);
    writer.edit(record(9), &[(1, "new")]);
    world.push(&mut writer).await.expect("durable");
    world.fold().await;
    let page = world.pull_page(&reader).await.expect("a page");
    let keys = |page: &PullPage| -> Vec<usize> {
        let count = |state: &[u8]| shared::merge::RecordState::decode(state).expect("a state").keys().count();
        page.states.iter().map(|entry| count(&entry.state)).collect()
    };
    assert_eq!(keys(&page), [1, 1]);
    let own = world.pull_page(&writer).await.expect("a page");
    assert_eq!((own.states.len(), own.facts.len(), own.complete), (0, 0, true));
    writer.merge(&own);
    reader.merge(&page);
    reader.edit(record(1), &[(7, "555-0199")]);
    world.push(&mut reader).await.expect("durable");
    world.pull(&mut writer).await;
    assert_eq!(writer.texts(record(1), 7), ["555-0199"]);
}

/// Writes a person to two sites; on the device it stands under the first alone.
fn write_to_two_sites(device: &mut TestDevice) {
    device.edit(record(50), &[(1, "Sample")]);
    let state = device.states[&record(50)].clone();
    let edit = state.edit(record(50), vec![(FieldNumber(7).into(), Value::Text("555-0100".into()))]);
    device.write(Bucket::Site(OTHER_SITE), vec![Operation::Edit(edit)]);
}

fn buckets_of(page: &PullPage, id: RecordId) -> Vec<Bucket> {
    page.states.iter().filter(|entry| entry.record == id).map(|entry| entry.bucket).collect()
}

async fn at_two_sites() -> World {
    let world = filled(1 << 20, 3).await;
    world.plan(VAN, OTHER_SITE, "2026-11-24").await;
    world
}

/// Found by `world`: the writer never heard of the second site, forgot the person with the first, and from then on took
/// in only the fields that changed.
#[tokio::test]
async fn who_writes_a_record_to_two_sites_in_one_batch_hears_that_it_is_at_both() {
    let world = at_two_sites().await;
    let mut writer = world.device(VAN).await;
    world.pull(&mut writer).await;
    write_to_two_sites(&mut writer);
    world.push(&mut writer).await.expect("durable");
    world.fold().await;
    let page = world.pull_page(&writer).await.expect("a page");
    let mut told = buckets_of(&page, record(50));
    told.sort();
    let mut both = vec![Bucket::Site(SITE), Bucket::Site(OTHER_SITE)];
    both.sort();
    assert_eq!(told, both);
}

/// Found by `world`: a visit at one site said something about a person whom nobody had described yet, and whoever did so
/// at another site was never told that they are known at the first.
#[tokio::test]
async fn who_describes_somebody_hears_of_every_site_where_they_are_known_by_facts_alone() {
    let world = at_two_sites().await;
    let (mut witness, mut writer) = (world.device(VAN).await, world.device(VAN).await);
    world.pull(&mut writer).await;
    witness.fact(50, record(50), 5);
    world.push(&mut witness).await.expect("durable");
    world.pull(&mut writer).await;
    let edit = RecordState::new(PERSON)
        .edit(record(50), vec![(FieldNumber(1).into(), Value::Text("Sample".into()))]);
    writer.write(Bucket::Site(OTHER_SITE), vec![Operation::Edit(edit)]);
    world.push(&mut writer).await.expect("durable");
    world.fold().await;
    let page = world.pull_page(&writer).await.expect("a page");
    assert!(
        buckets_of(&page, record(50)).contains(&Bucket::Site(SITE)),
        "{:?}",
        buckets_of(&page, record(50))
    );
}

/// The same where the first pull leaves out what the device alone wrote.
#[tokio::test]
async fn a_first_pull_tells_of_every_site_of_a_record_that_its_writer_wrote_to_two() {
    let world = at_two_sites().await;
    let mut writer = world.device(VAN).await;
    write_to_two_sites(&mut writer);
    writer.edit(record(51), &[(1, "at one site")]);
    world.push(&mut writer).await.expect("durable");
    world.fold().await;
    let page = world.pull_page(&writer).await.expect("a page");
    assert_eq!(buckets_of(&page, record(50)).len(), 2, "{:?}", buckets_of(&page, record(50)));
    assert_eq!(buckets_of(&page, record(51)), [], "what is at one site it knows");
}

#[tokio::test]
async fn a_first_sync_after_writing_leaves_out_what_the_device_wrote_and_a_second_brings_it() {
    let world = filled(1 << 20, 3).await;
    let mut device = world.device(VAN).await;
    device.edit(record(50), &[(1, "own")]);
    device.fact(50, record(50), 1);
    world.push(&mut device).await.expect("durable");
    world.fold().await;
    let page = world.pull_page(&device).await.expect("a page");
    assert_eq!(page.states.iter().filter(|entry| entry.record == record(50)).count(), 0);
    assert_eq!(page.facts.len(), 3);
    // It has no cursor again, and may have forgotten anything.
    device.row = world.store.device(device.row.number).await.expect("it").expect("it");
    let page = world.pull_page(&device).await.expect("a page");
    assert_eq!(page.states.iter().filter(|entry| entry.record == record(50)).count(), 1);
    assert_eq!(page.facts.len(), 4);
}

#[tokio::test]
async fn a_van_sees_its_days_and_nothing_else_and_forgets_what_left_its_window() {
    let world = filled(1 << 20, 3).await;
    world.plan(OTHER_VAN, OTHER_SITE, "2026-11-23").await;
    let far = world.plan(VAN, OTHER_SITE, "2026-12-20").await;
    let mut device = world.device(VAN).await;
    let page = world.pull_page(&device).await.expect("a page");
    let sees = |page: &PullPage, bucket: Bucket| page.states.iter().any(|entry| entry.bucket == bucket);
    assert!(sees(&page, Bucket::Site(SITE)) && !sees(&page, Bucket::Site(OTHER_SITE)) && !sees(&page, far));
    device.merge(&page);
    world.advance(3 * 86_400_000);
    let page = world.pull_page(&device).await.expect("a page");
    let mut forget = page.forget.clone();
    forget.sort();
    assert_eq!(forget, [Bucket::Route(VAN, "2026-11-23".parse().expect("a day")), Bucket::Site(SITE)]);
    device.merge(&page);
    assert_eq!(world.pull_page(&device).await.expect("a page").forget, []);
    world.advance(20 * 86_400_000);
    assert!(sees(&world.pull_page(&device).await.expect("a page"), far));
}

/// Found by the storm over a simulated world: such a record never left the tablet again.
#[tokio::test]
async fn what_a_van_wrote_first_at_a_site_that_it_left_is_forgotten_too() {
    let world = World::with_pages(small_pages(1 << 20)).await;
    world.plan(VAN, SITE, "2026-11-23").await;
    let mut device = world.device(VAN).await;
    world.pull(&mut device).await;
    device.edit(record(1), &[(1, "Sample")]);
    world.advance(3 * 86_400_000);
    world.push(&mut device).await.expect("durable");
    world.fold().await;
    let page = world.pull_page(&device).await.expect("a page");
    assert!(page.forget.contains(&Bucket::Site(SITE)), "{:?}", page.forget);
}

/// So a tablet that meets a restored server, or first comes after its van's plan changed, keeps nobody of before.
#[tokio::test]
async fn a_device_without_a_cursor_is_told_every_site_that_its_van_left() {
    let world = filled(1 << 20, 1).await;
    let mut device = world.device(VAN).await;
    world.pull(&mut device).await;
    world.advance(3 * 86_400_000);
    device.cursor = Vec::new();
    let page = world.pull_page(&device).await.expect("a page");
    assert_eq!(page.forget, [Bucket::Site(SITE)]);
    device.merge(&page);
    assert_eq!(world.pull_page(&device).await.expect("a page").forget, []);
}

#[tokio::test]
async fn a_record_of_two_sites_brings_its_news_to_both() {
    let world = filled(1 << 20, 1).await;
    world.plan(OTHER_VAN, OTHER_SITE, "2026-11-23").await;
    world.plan(VAN, OTHER_SITE, "2026-11-23").await;
    let (mut here, mut there) = (world.device(VAN).await, world.device(OTHER_VAN).await);
    world.pull(&mut here).await;
    world.pull(&mut there).await;
    assert!(!there.states.contains_key(&record(1)));
    let touch = here.states[&record(1)].edit(record(1), []);
    here.write(Bucket::Site(OTHER_SITE), vec![shared::change::Operation::Edit(touch)]);
    here.edit(record(1), &[(7, "555-0100")]);
    here.fact(77, record(1), 4);
    world.push(&mut here).await.expect("durable");
    world.pull(&mut there).await;
    assert_eq!(there.texts(record(1), 1), ["Sample"]);
    assert_eq!(there.texts(record(1), 7), ["555-0100"]);
    assert_eq!(there.facts.len(), 2, "the record brought what was known of it before");
    here.edit(record(1), &[(7, "555-0101")]);
    world.push(&mut here).await.expect("durable");
    world.pull(&mut there).await;
    assert_eq!(there.texts(record(1), 7), ["555-0101"]);
}

#[tokio::test]
async fn rubbish_for_a_cursor_starts_from_nothing() {
    let world = filled(1 << 20, 3).await;
    let mut device = world.device(VAN).await;
    world.pull(&mut device).await;
    let good = device.cursor.clone();
    let all = world.pull_page(&TestCursor::with(&device, Vec::new())).await.expect("a page").states.len();
    let mut altered = good.clone();
    altered[3] ^= 1;
    for cursor in [vec![0; 40], b"x".to_vec(), altered, good[..good.len() - 1].to_vec()] {
        let page = world.pull_page(&TestCursor::with(&device, cursor)).await.expect("a page");
        assert_eq!(page.states.len(), all);
    }
    let other = world.device(VAN).await;
    assert_eq!(world.pull_page(&TestCursor::with(&other, good)).await.expect("a page").states.len(), all);
    let (status, _) = world.post(device.identity(), "/v1/sync/pull", b"rubbish".to_vec()).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

struct TestCursor;

impl TestCursor {
    fn with(device: &crate::testing::TestDevice, cursor: Vec<u8>) -> crate::testing::TestDevice {
        crate::testing::TestDevice { cursor, ..device.clone() }
    }
}

#[tokio::test]
async fn a_new_epoch_starts_from_nothing_and_gives_no_number_twice() {
    let world = filled(1 << 20, 3).await;
    let mut device = world.device(VAN).await;
    world.pull(&mut device).await;
    assert_eq!(world.pull_page(&device).await.expect("a page").states.len(), 0);
    let before = world.store.region_row().await.expect("a region");
    let after = world
        .store
        .begin_epoch(7, crate::platform::Clock::now(world.clock.as_ref()))
        .await
        .expect("an epoch");
    assert_ne!(before.server_number, after.server_number);
    let page = world.pull_page(&device).await.expect("a page");
    assert_eq!((page.epoch, page.states.len()), (7, 5));
    assert!(world.device(VAN).await.row.number.0 > device.row.number.0 + 1000);
    world.plan(VAN, OTHER_SITE, "2026-11-24").await;
    assert_eq!(world.quarantine().await, []);
}

#[tokio::test]
async fn a_page_does_not_claim_to_be_the_last_while_changes_wait() {
    let world = filled(1 << 20, 3).await;
    let mut device = world.device(VAN).await;
    device.edit(record(9), &[(1, "held but not folded")]);
    world.push(&mut device).await.expect("durable");
    let page = world.pull_page(&device).await.expect("a page");
    assert!(!page.complete);
    world.fold().await;
    assert!(world.pull_page(&device).await.expect("a page").complete);
}

#[tokio::test]
async fn an_idle_pull_is_small_and_a_large_one_is_packed() {
    let world = filled(1 << 20, 60).await;
    for day in 24..=30 {
        world.plan(VAN, SITE, &format!("2026-11-{day}")).await;
    }
    let mut device = world.device(VAN).await;
    let ask = |cursor: Vec<u8>, encoding: &str| {
        let body = PullRequest { cursor, ..PullRequest::default() }.write();
        let request = Request::post("/v1/sync/pull").header(header::ACCEPT_ENCODING, encoding);
        (body.len(), request.body(Body::from(body)).expect("a request"))
    };
    let (_, headers, body) = world.request(device.identity(), ask(Vec::new(), "gzip, zstd").1).await;
    assert_eq!(headers[header::CONTENT_ENCODING], "zstd");
    let page = PullPage::read(&compress::decompress(&body, 1 << 24).expect("a frame")).expect("a page");
    device.merge(&page);
    let (asked, request) = ask(device.cursor.clone(), "zstd");
    let (_, headers, answered) = world.request(device.identity(), request).await;
    assert!(!headers.contains_key(header::CONTENT_ENCODING));
    assert!(asked + answered.len() < 250, "{asked} and {}", answered.len());
}

#[test]
fn a_cursor_reads_back_for_its_own_device_and_epoch_only() {
    let key = [3; 32];
    let fact = shared::ids::FactId::from_bytes([5; 16]);
    let places = BTreeMap::from([
        (1, Place::Log(LogPlace { sequence: 70_000, fact: None })),
        (2, Place::Log(LogPlace { sequence: 7, fact: Some(fact) })),
        (3, Place::Snapshot { head: 9, after: MemberPlace { record: record(4), fact: None } }),
        (4, Place::Snapshot { head: 9, after: MemberPlace { record: record(4), fact: Some(fact) } }),
    ]);
    let cursor = Cursor { is_fresh: true, places, decisions_told: 9 };
    let bytes = cursor.write(&key, DeviceNumber(2), 5);
    assert_eq!(Cursor::read(&bytes, &key, DeviceNumber(2), 5), Some(cursor));
    assert_eq!(Cursor::read(&bytes, &key, DeviceNumber(3), 5), None);
    assert_eq!(Cursor::read(&bytes, &key, DeviceNumber(2), 6), None);
    assert_eq!(Cursor::read(&bytes, &[4; 32], DeviceNumber(2), 5), None);
}

/// Nobody but this server makes a mark that fits; even so, no body of a cursor may bring the server down.
#[test]
fn a_cursor_with_any_inside_reads_as_one_that_is_written_back_or_as_none() {
    let (key, device) = ([3; 32], DeviceNumber(2));
    let fact = FactId::from_bytes([5; 16]);
    let places = BTreeMap::from([
        (1, Place::Log(LogPlace { sequence: 70_000, fact: None })),
        (2, Place::Log(LogPlace { sequence: 7, fact: Some(fact) })),
        (900, Place::Snapshot { head: 1 << 40, after: MemberPlace { record: record(4), fact: Some(fact) } }),
    ]);
    let whole = Cursor { is_fresh: false, places, decisions_told: 300 }.write(&key, device, 5);
    let body = &whole[..whole.len() - 8];
    let marked = |body: &[u8]| [body, &super::cursor::mark(&key, device, body)].concat();
    let check = |body: &[u8]| {
        if let Some(cursor) = Cursor::read(&marked(body), &key, device, 5) {
            let again = cursor.write(&key, device, 5);
            assert_eq!(Cursor::read(&again, &key, device, 5), Some(cursor));
        }
    };
    for at in 0..body.len() {
        check(&body[..at]);
        for byte in 0..=u8::MAX {
            let mut altered = body.to_vec();
            altered[at] = byte;
            check(&altered);
            altered.splice(at..at, [0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
            check(&altered);
        }
    }
}
