//! What every store promises, whichever engine it is: one suite, run on each.

mod quarantine;

use super::*;
use crate::store::sqlite::{DatabaseKey, SqliteStore};
use shared::change::{Hash, Head};
use shared::ids::{DeviceId, FactId, StaffId, StopId};
use shared::record::{FieldKey, FieldNumber};

const VAN: VanId = VanId::from_bytes([1; 16]);
const SITE: SiteId = SiteId::from_bytes([2; 16]);
const NOW: Timestamp = Timestamp::from_milliseconds(1_795_435_200_000);

fn later(milliseconds: i64) -> Timestamp {
    NOW.plus_milliseconds(milliseconds)
}

fn code(byte: u8) -> Enrolment {
    let staff = StaffId::from_bytes([3; 16]);
    Enrolment { secret_hash: [byte; 32], expires_at: later(1000), used_at: None, van: VAN, staff }
}

fn new_device(byte: u8) -> NewDevice {
    NewDevice {
        id: DeviceId::from_bytes([byte; 16]),
        label: "tablet".into(),
        fingerprint: [byte; 32],
        certificate_expires_at: later(1_000_000),
        signing_key: [byte; 32],
    }
}

async fn enrol(store: &dyn Store, byte: u8) -> DeviceRow {
    store.add_enrolment(code(byte)).await.expect("a code");
    store.redeem([byte; 32], NOW, new_device(byte)).await.expect("a store").expect("a device")
}

fn head(sequence: u64, byte: u8) -> Head {
    Head { sequence: Sequence(sequence), hash: Hash([byte; 32]) }
}

fn append(number: DeviceNumber, expected: Head, to: Head) -> Append {
    Append { number, expected, head: to, signature: [0; 64], body: vec![to.sequence.0 as u8; 100], at: NOW }
}

fn fold(ticket: u64, number: DeviceNumber, folded: u64) -> FoldCommit {
    FoldCommit {
        ticket,
        number,
        folded: Sequence(folded),
        records: vec![],
        begun: BTreeSet::new(),
        facts: Vec::new(),
        touches: Vec::new(),
        stops: Vec::new(),
        quarantined: Vec::new(),
        released: Vec::new(),
        overruled_because: None,
        clock_offset_ms: None,
        at: NOW,
    }
}

fn record(byte: u8) -> RecordId {
    RecordId::from_bytes([byte; 16])
}

fn write(byte: u8, size: usize, author: DeviceNumber) -> RecordWrite {
    RecordWrite { id: record(byte), kind: KindNumber(1), sole_author: Some(author), state: vec![byte; size] }
}

fn touch(bucket: Bucket, byte: u8, fields: &[u16], facts: &[u8]) -> Touch {
    let fields = fields.iter().map(|field| FieldKey::from(FieldNumber(*field))).collect();
    let facts = facts.iter().map(|byte| FactId::from_bytes([*byte; 16])).collect();
    Touch { bucket, record: record(byte), news: News { fields, facts } }
}

fn fact(byte: u8, subject: u8, author: DeviceNumber) -> FactWrite {
    let id = FactId::from_bytes([byte; 16]);
    FactWrite { id, kind: KindNumber(101), subject: record(subject), author, body: vec![byte; 10] }
}

fn key(byte: u8, subject: u8) -> FactKey {
    FactKey { subject: record(subject), id: FactId::from_bytes([byte; 16]) }
}

async fn ticket(store: &dyn Store, number: DeviceNumber) -> u64 {
    store.fold_input(number).await.expect("a store").expect("a chain").ticket
}

pub async fn contract(store: &dyn Store) {
    devices(store).await;
    log(store).await;
    forks(store).await;
    folding(store).await;
    buckets(store).await;
    facts(store).await;
    cut_logs(store).await;
    register(store).await;
    quarantine::kept_apart(store).await;
    imports(store).await;
    epochs(store).await;
}

async fn devices(store: &dyn Store) {
    let device = enrol(store, 10).await;
    assert_eq!(store.device(device.number).await, Ok(Some(device.clone())));
    assert_eq!(store.device_by_fingerprint([10; 32]).await, Ok(Some(device.clone())));
    assert_eq!(store.device_by_fingerprint([11; 32]).await, Ok(None));
    assert_eq!(store.redeem([10; 32], NOW, new_device(12)).await, Ok(None), "a code works once");
    assert_eq!(store.redeem([99; 32], NOW, new_device(12)).await, Ok(None));
    store.add_enrolment(code(13)).await.expect("a code");
    assert_eq!(store.redeem([13; 32], later(1000), new_device(13)).await, Ok(None), "and not for ever");
    assert_ne!(enrol(store, 14).await.number, device.number);
    store.note_seen(device.number, later(5), Some("caravan/1".into())).await.expect("seen");
    store.note_seen(device.number, later(6), None).await.expect("seen");
    store.note_answered(device.number).await.expect("answered");
    let seen = store.device(device.number).await.expect("a store").expect("a device");
    assert_eq!((seen.last_seen_at, seen.app_version.as_deref()), (Some(later(6)), Some("caravan/1")));
    assert!(!device.was_answered && seen.was_answered);
    assert_eq!(store.set_device_status(device.number, DeviceStatus::Revoked).await, Ok(true));
    assert_eq!(store.set_device_status(DeviceNumber(9_999), DeviceStatus::Revoked).await, Ok(false));
    assert_eq!(
        store.device(device.number).await.map(|row| row.map(|row| row.status)),
        Ok(Some(DeviceStatus::Revoked))
    );
}

async fn log(store: &dyn Store) {
    let device = enrol(store, 20).await;
    let genesis = Head::genesis(device.id, device.number);
    assert_eq!(
        store.chain(device.number).await.map(|chain| chain.map(|chain| chain.head)),
        Ok(Some(genesis))
    );
    let steps = [genesis, head(3, 1), head(5, 2), head(9, 3)];
    for pair in steps.windows(2) {
        assert_eq!(store.append(append(device.number, pair[0], pair[1])).await, Ok(Appended::Durable));
        assert_eq!(store.append(append(device.number, pair[0], pair[1])).await, Ok(Appended::Moved));
    }
    let wrong_hash = Head { hash: Hash([77; 32]), ..head(9, 0) };
    assert_eq!(store.append(append(device.number, wrong_hash, head(10, 4))).await, Ok(Appended::Moved));
    let ranges = async |from, bytes_max| -> Vec<(u64, u64)> {
        let segments = store.segments(device.number, Sequence(from), bytes_max).await.expect("segments");
        segments.iter().map(|segment| (segment.first.0, segment.last.0)).collect()
    };
    assert_eq!(ranges(1, 10_000).await, [(1, 3), (4, 5), (6, 9)]);
    assert_eq!(ranges(5, 10_000).await, [(4, 5), (6, 9)]);
    assert_eq!(ranges(5, 1).await, [(4, 5)]);
    assert_eq!(ranges(2, 200).await, [(1, 3), (4, 5)]);
    assert_eq!(ranges(10, 10_000).await, []);
    let lagging = store.lagging().await.expect("chains");
    assert!(lagging.iter().any(|chain| chain.number == device.number && chain.folded == Sequence(0)));
    for _ in 0..40 {
        let reason = "signature".to_owned();
        let refused = Refused { number: device.number, reason, body: vec![0; 10], at: NOW };
        store.keep_refused(refused).await.expect("kept");
    }
    let kept = store.refused().await.expect("read").into_iter().filter(|row| row.number == device.number);
    assert_eq!(kept.count(), 16, "the oldest make room");
}

async fn forks(store: &dyn Store) {
    let device = enrol(store, 30).await;
    let genesis = Head::genesis(device.id, device.number);
    store.append(append(device.number, genesis, head(3, 1))).await.expect("appended");
    let branch = |byte| Branch {
        root: device.number,
        base: genesis,
        head: head(2, byte),
        signature: [0; 64],
        body: vec![1],
        reason: "fork",
        at: NOW,
    };
    let made = store.branch(branch(9)).await.expect("a store").expect("a branch");
    assert_eq!(
        (made.root, made.base, made.head, made.folded),
        (device.number, genesis, head(2, 9), Sequence(0))
    );
    assert_ne!(made.number, device.number);
    assert_eq!(store.segments(made.number, Sequence(1), 1).await.expect("it")[0].last, Sequence(2));
    let family = store.family(device.number).await.expect("chains");
    assert_eq!(family.iter().map(|chain| chain.number).collect::<Vec<_>>(), [device.number, made.number]);
    assert_eq!(store.device(device.number).await.expect("it").expect("it").status, DeviceStatus::Retired);
    let mut made = 1;
    while store.branch(branch(made)).await.expect("a store").is_some() {
        made += 1;
        assert!(made < 100, "branches have a bound");
    }
}

async fn folding(store: &dyn Store) {
    let device = enrol(store, 40).await;
    let genesis = Head::genesis(device.id, device.number);
    store.append(append(device.number, genesis, head(3, 1))).await.expect("appended");
    let bucket = Bucket::Site(SiteId::from_bytes([40; 16]));
    let commit = FoldCommit {
        records: vec![write(41, 100, device.number), write(42, 20_000, device.number)],
        facts: vec![fact(43, 41, device.number)],
        touches: vec![touch(bucket, 41, &[], &[43]), touch(bucket, 42, &[], &[])],
        stops: vec![StopSites {
            stop: StopId::from_bytes([4; 16]),
            van: VAN,
            day: day("2026-11-23"),
            sites: vec![SITE],
            named: BTreeSet::new(),
        }],
        clock_offset_ms: Some(-7),
        ..fold(ticket(store, device.number).await, device.number, 3)
    };
    assert_eq!(store.commit_fold(commit.clone()).await, Ok(true));
    assert_eq!(store.commit_fold(commit.clone()).await, Ok(false), "a used ticket writes nothing");
    let states = store.records(vec![record(41), record(42), record(49)]).await.expect("records");
    assert_eq!(states.values().cloned().collect::<Vec<_>>(), commit.records);
    assert_eq!(store.facts(vec![key(43, 41), key(43, 42)]).await.expect("facts").len(), 1);
    assert_eq!(store.chain(device.number).await.expect("it").expect("it").folded, Sequence(3));
    assert_eq!(store.device(device.number).await.expect("it").expect("it").clock_offset_ms, Some(-7));
    assert!(store.lagging().await.expect("chains").iter().all(|chain| chain.number != device.number));

    let within = Some((day("2026-11-22"), day("2026-11-24")));
    assert_eq!(store.sites_of_van(VAN, within).await, Ok(BTreeSet::from([SITE])));
    let moved = SiteId::from_bytes([5; 16]);
    let stops = vec![StopSites { sites: vec![moved], ..commit.stops[0].clone() }];
    let again = FoldCommit { stops, ..fold(ticket(store, device.number).await, device.number, 3) };
    assert_eq!(store.commit_fold(again).await, Ok(true));
    assert_eq!(store.sites_of_van(VAN, within).await, Ok(BTreeSet::from([moved])));
    assert_eq!(
        store.sites_of_van(VAN, Some((day("2026-11-24"), day("2026-11-30")))).await,
        Ok(BTreeSet::new())
    );
    assert_eq!(store.sites_of_van(VAN, None).await, Ok(BTreeSet::from([SITE, moved])));
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

async fn buckets(store: &dyn Store) {
    let (one, other) = (enrol(store, 50).await.number, enrol(store, 51).await.number);
    let (here, there) =
        (Bucket::Site(SiteId::from_bytes([50; 16])), Bucket::Site(SiteId::from_bytes([51; 16])));
    let bring = async |author: DeviceNumber, records: Vec<RecordWrite>, touches: Vec<Touch>| {
        let commit = FoldCommit { records, touches, ..fold(ticket(store, author).await, author, 0) };
        assert_eq!(store.commit_fold(commit).await, Ok(true));
    };
    let new = |byte| (write(byte, 100, one), touch(here, byte, &[], &[]));
    let (records, touches) = [52, 53, 54].map(new).into_iter().unzip();
    bring(one, records, touches).await;
    let row = store.bucket_rows(vec![there, here]).await.expect("rows");
    assert_eq!((row.len(), row[0].bucket, row[0].sequence), (1, here, 3));
    assert_eq!(store.bucket_names(vec![row[0].number, 9_999]).await, Ok(vec![here]));

    let all = store.members(row[0].number, None, None, 1_000_000).await.expect("members");
    assert_eq!((all.parcels.len(), all.more_after), (3, None));
    let first = store.members(row[0].number, None, None, 1).await.expect("members");
    let after = MemberPlace { record: record(52), fact: None };
    assert_eq!((first.parcels.len(), first.more_after), (1, Some(after)));
    let rest = store.members(row[0].number, first.more_after, None, 1_000_000).await.expect("members");
    assert_eq!(rest.parcels, all.parcels[1..]);
    assert_eq!(store.members(row[0].number, None, Some(one), 1_000_000).await.expect("members").parcels, []);

    bring(other, vec![write(52, 90, other)], vec![touch(here, 52, &[7], &[])]).await;
    bring(other, vec![write(52, 91, other)], vec![touch(here, 52, &[8], &[]), touch(there, 53, &[], &[])])
        .await;
    let at = |sequence| LogPlace { sequence, fact: None };
    let news = store.log_after(row[0].number, at(3), one, 1_000_000).await.expect("news");
    assert_eq!((news.parcels.len(), news.last, news.more), (1, at(5), false));
    assert_eq!(news.parcels[0].fields, Some(BTreeSet::from([FieldNumber(7).into(), FieldNumber(8).into()])));
    assert_eq!(news.parcels[0].state.as_ref().map(Vec::len), Some(91));
    assert_eq!(store.log_after(row[0].number, at(3), other, 1_000_000).await.expect("news").parcels, []);
    let cut = store.log_after(row[0].number, at(0), other, 1).await.expect("news");
    assert_eq!((cut.parcels.len(), cut.last, cut.more), (1, at(1), true));
    assert_eq!(cut.parcels[0].fields, None);
    let joined = store.bucket_rows(vec![there]).await.expect("rows")[0];
    assert_eq!(store.log_after(joined.number, at(0), other, 1_000_000).await.expect("news").parcels.len(), 1);
    assert_eq!(store.buckets_of(vec![record(53)]).await.expect("buckets")[&record(53)], [here, there]);
}

/// Facts go with their subject: before it was ever written, into another bucket with all that there is, and in pages
/// as small as one asks for.
async fn facts(store: &dyn Store) {
    let (one, other) = (enrol(store, 80).await.number, enrol(store, 81).await.number);
    let (here, there) =
        (Bucket::Site(SiteId::from_bytes([80; 16])), Bucket::Site(SiteId::from_bytes([81; 16])));
    let bring = async |author: DeviceNumber, facts: Vec<FactWrite>, touches: Vec<Touch>| {
        let commit = FoldCommit { facts, touches, ..fold(ticket(store, author).await, author, 0) };
        assert_eq!(store.commit_fold(commit).await, Ok(true));
    };
    let number = async |bucket| store.bucket_rows(vec![bucket]).await.expect("rows")[0].number;
    let bodies = |parcels: &[Parcel]| {
        parcels.iter().flat_map(|parcel| parcel.facts.iter().map(|body| body[0])).collect::<Vec<_>>()
    };
    let at = |sequence| LogPlace { sequence, fact: None };
    bring(one, vec![fact(1, 82, one), fact(2, 82, one)], vec![touch(here, 82, &[], &[1, 2])]).await;
    bring(other, vec![fact(3, 82, other)], vec![touch(here, 82, &[], &[3])]).await;
    let here = number(here).await;
    let news = store.log_after(here, at(1), one, 1_000).await.expect("news");
    assert_eq!((bodies(&news.parcels), news.parcels[0].state.clone()), (vec![3], None));
    assert_eq!(bodies(&store.log_after(here, at(0), other, 1_000).await.expect("news").parcels), [1, 2, 3]);

    let (mut place, mut paged) = (at(0), Vec::new());
    loop {
        let page = store.log_after(here, place, other, 1).await.expect("news");
        assert!(bodies(&page.parcels).len() <= 1, "news of many facts are cut too");
        paged.extend(bodies(&page.parcels));
        place = page.last;
        if !page.more {
            break;
        }
    }
    assert_eq!((paged, place), (vec![1, 2, 3], at(2)));

    let (mut after, mut paged) = (None, Vec::new());
    loop {
        let page = store.members(here, after, None, 1).await.expect("members");
        assert!(bodies(&page.parcels).len() <= 1, "a page of one byte holds one fact");
        paged.extend(bodies(&page.parcels));
        after = page.more_after;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(paged, [1, 2, 3]);
    assert_eq!(bodies(&store.members(here, None, Some(one), 1_000).await.expect("members").parcels), [3]);

    bring(other, vec![fact(4, 82, other)], vec![touch(there, 82, &[], &[4])]).await;
    assert_eq!(bodies(&store.log_after(here, at(2), one, 1_000).await.expect("news").parcels), [4]);
    let there = number(there).await;
    let (mut place, mut paged) = (at(0), Vec::new());
    loop {
        let page = store.log_after(there, place, other, 1).await.expect("news");
        paged.extend(bodies(&page.parcels));
        place = page.last;
        if !page.more {
            break;
        }
    }
    assert_eq!(
        (paged, place),
        (vec![1, 2, 3, 4], at(1)),
        "all of a record comes to its second bucket, to its writer too"
    );
}

/// A log that outgrew its members is cut, and says so.
async fn cut_logs(store: &dyn Store) {
    let one = enrol(store, 90).await.number;
    let bucket = Bucket::Site(SiteId::from_bytes([90; 16]));
    for round in 0..6 {
        let touches = vec![touch(bucket, 91, &[7], &[]); 500];
        let records = vec![write(91, 100 + round, one)];
        let commit = FoldCommit { records, touches, ..fold(ticket(store, one).await, one, 0) };
        assert_eq!(store.commit_fold(commit).await, Ok(true));
    }
    let row = store.bucket_rows(vec![bucket]).await.expect("rows")[0];
    assert_eq!(row.sequence, 3_000);
    assert!(row.trimmed > 0 && row.sequence - row.trimmed <= 1_000, "{row:?}");
    let rest = LogPlace { sequence: row.trimmed, fact: None };
    let news = store.log_after(row.number, rest, DeviceNumber(0), 1_000).await.expect("news");
    assert_eq!((news.parcels.len(), news.last.sequence, news.more), (1, 3_000, false));
    let gone = LogPlace { sequence: row.trimmed - 1, fact: None };
    let news = store.log_after(row.number, gone, DeviceNumber(0), 1_000).await.expect("news");
    assert!(news.is_cut && news.more && news.parcels.is_empty(), "a row between would be skipped: {news:?}");
}

/// A backup forgets who came after it; the register beside it does not.
async fn register(store: &dyn Store) {
    let number = enrol(store, 95).await.number;
    let renewal =
        Renewal { number, used: None, fingerprint: [96; 32], expires_at: later(900), at: later(100) };
    store.add_certificate(renewal).await.expect("renewed");
    let known = store.enrolled().await.expect("devices").into_iter().find(|device| device.number == number);
    let known = known.expect("it is there");
    assert_eq!(known.certificates.iter().map(|one| one.fingerprint[0]).collect::<Vec<_>>(), [95, 96]);
    let forgotten =
        Enrolled { number: DeviceNumber(7_000), id: DeviceId::from_bytes([97; 16]), ..known.clone() };
    let certificates = vec![Certificate { fingerprint: [97; 32], ..known.certificates[0] }];
    let shut_out = Enrolled { status: DeviceStatus::Revoked, wipe_ordered_at: Some(later(5)), ..known };
    store.readmit(vec![Enrolled { certificates, ..forgotten }, shut_out]).await.expect("known again");
    let again = store.device_by_fingerprint([97; 32]).await.expect("read").expect("known by its certificate");
    assert_eq!(
        (again.number, again.status, again.was_answered),
        (DeviceNumber(7_000), DeviceStatus::Active, true)
    );
    let chain = store.chain(again.number).await.expect("read").expect("a chain");
    assert_eq!(chain.head, Head::genesis(again.id, again.number));
    let row = store.device(number).await.expect("read").expect("there");
    assert_eq!((row.status, row.wipe_ordered_at), (DeviceStatus::Revoked, Some(later(5))));
    assert_eq!(store.close_chain(number).await, Ok(true));
    assert!(store.chain(number).await.expect("read").expect("a chain").closed);
}

async fn imports(store: &dyn Store) {
    let here = Bucket::Site(SiteId::from_bytes([50; 16]));
    let ids = vec![record(52), record(53), record(99)];
    assert_eq!(store.members_among(here, ids.clone()).await, Ok(BTreeSet::from([record(52), record(53)])));
    assert_eq!(store.members_of_kind(here, KindNumber(1)).await.expect("members").len(), 3);
    assert_eq!(store.members_of_kind(here, KindNumber(2)).await.expect("members").len(), 0);
    store.remember_import(vec![(record(52), vec![1]), (record(53), vec![2])]).await.expect("kept");
    store.remember_import(vec![(record(52), vec![3])]).await.expect("kept");
    let memory = store.import_memory(ids).await.expect("memory");
    assert_eq!(memory, BTreeMap::from([(record(52), vec![3]), (record(53), vec![2])]));
}

async fn epochs(store: &dyn Store) {
    let before = store.region_row().await.expect("a region");
    let highest =
        store.devices().await.expect("devices").iter().map(|device| device.number).max().expect("some");
    let after = store.begin_epoch(before.epoch + 4, NOW).await.expect("an epoch");
    assert_eq!((after.epoch, after.server_device), (before.epoch + 4, before.server_device));
    assert!(after.server_number.0 > highest.0 + 900);
    assert!(store.chain(before.server_number).await.expect("it").expect("it").closed);
    assert!(!store.chain(after.server_number).await.expect("it").expect("it").closed);
    assert!(enrol(store, 70).await.number > after.server_number);
}

#[tokio::test]
async fn sqlite_keeps_the_contract() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("store.db");
    let store = SqliteStore::open(&path, &DatabaseKey([1; 32]), RegionId(3)).expect("a store");
    let server = DeviceId::from_bytes([1; 16]);
    store.initialise(server, [1; 32], NOW).await.expect("a region");
    store.initialise(server, [1; 32], NOW).await.expect("a second time changes nothing");
    contract(&store).await;
    let rows = store.devices().await.expect("devices");
    drop(store);
    let again = SqliteStore::open(&path, &DatabaseKey([1; 32]), RegionId(3)).expect("it opens again");
    assert_eq!(again.devices().await, Ok(rows));
    drop(again);
    let wrong = SqliteStore::open(&path, &DatabaseKey([2; 32]), RegionId(3));
    assert!(matches!(wrong, Err(StoreError::WrongKey)));
}
