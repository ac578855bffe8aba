//! Stories of vans and a server when the world misbehaves. Real stores, real sync, one process; the line between them
//! breaks on purpose.

use app::apply::{Intent, LocalChange, apply_local};
use app::platform;
use app::store::{LogReads, MetaReads, RecordReads, Store};
use app::sync::{Driver, SyncReport};
use shared::change::Bucket;
use shared::domain::person::{Person, TobaccoStatus, person_fields};
use shared::ids::{DeviceNumber, PersonId, RecordId, Sequence, SiteId};
use shared::merge::conflicts;
use shared::protocol::ProblemCode;
use shared::record::{FieldKey, FieldType, Value};
use shared::sync::Phase;
use std::path::{Path, PathBuf};
use sync_server::RunningServer;
use sync_server::store::DeviceStatus;
use tests::plain::{self, BUCKET, FIRST_DEVICE, STAFF};
use tests::proxy::Proxy;

struct World {
    folder: tempfile::TempDir,
    server: RunningServer,
}

async fn world() -> World {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = start(folder.path()).await;
    World { folder, server }
}

async fn start(folder: &Path) -> RunningServer {
    plain::serve(&folder.join("server"), 4, ([127, 0, 0, 1], 0).into()).await.expect("a server")
}

impl World {
    fn path(&self, number: u32) -> PathBuf {
        self.folder.path().join(format!("device-{number}.db"))
    }
    fn device(&self, number: u32) -> Store {
        plain::device(&self.path(number), number, Some(plain::server_key(&self.server))).expect("a device")
    }
    async fn sync(&self, number: u32) -> SyncReport {
        sync_at(self.device(number), &format!("http://{}", self.server.address), number).await
    }
}

pub async fn sync_at(store: Store, base: &str, number: u32) -> SyncReport {
    let mut driver = Driver::new(store, plain::transport(base, number)).expect("a driver");
    driver.run_once(&mut |_| {}).await.expect("the device's file works");
    driver.report()
}

pub fn person(number: u128) -> PersonId {
    PersonId::from_uuid(uuid::Uuid::from_u128(number))
}

pub fn save_in(
    store: &mut Store,
    bucket: Bucket,
    record: PersonId,
    values: Vec<(FieldKey, Value)>,
) -> Option<Sequence> {
    let intents = vec![Intent::Set { record: record.into(), kind: Person::KIND.number, values }];
    apply_local(store, LocalChange { staff: STAFF, bucket, about: None, intents }, platform::now())
        .expect("saved")
        .map(|applied| applied.sequence)
}

pub fn save(store: &mut Store, record: PersonId, values: Vec<(FieldKey, Value)>) -> Option<Sequence> {
    save_in(store, BUCKET, record, values)
}

pub fn named(name: &str) -> Vec<(FieldKey, Value)> {
    vec![(person_fields::given_name.into(), name.to_owned().to_value())]
}

fn tobacco(status: TobaccoStatus) -> Vec<(FieldKey, Value)> {
    vec![(person_fields::tobacco_status.into(), status.to_value())]
}

pub fn shown(store: &Store, record: PersonId) -> Person {
    Person::read(&store.state(record.into()).expect("read").expect("there"))
}

pub fn people(store: &Store) -> Vec<(RecordId, Vec<u8>)> {
    let all = store.every_state().expect("all");
    let is_person = |(id, _): &(RecordId, Vec<u8>)| {
        store.state(*id).expect("read").is_some_and(|state| state.kind == Person::KIND.number)
    };
    all.into_iter().filter(is_person).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn sync_goes_on_from_whatever_byte_the_line_broke_at() {
    let world = world().await;
    let line = Proxy::start(world.server.address).await.expect("a relay");
    let base = format!("http://{}", line.address);
    let mut store = world.device(FIRST_DEVICE);
    for number in 1..=200 {
        save(&mut store, person(number), named(&format!("Sample {number} {}", "x".repeat(number as usize))));
    }
    drop(store);
    let mut runs = 0;
    for bytes in (40..).step_by(611) {
        line.restore();
        line.break_after(bytes);
        runs += 1;
        if sync_at(world.device(FIRST_DEVICE), &base, FIRST_DEVICE).await.settled_at.is_some() {
            break;
        }
    }
    assert!(runs > 5, "the line broke in the middle, {runs} times");
    line.restore();
    let mut bytes = 90;
    while sync_at(world.device(FIRST_DEVICE + 1), &base, FIRST_DEVICE + 1).await.settled_at.is_none() {
        bytes += 977;
        line.restore();
        line.break_after(bytes);
    }
    assert_eq!(people(&world.device(FIRST_DEVICE)), people(&world.device(FIRST_DEVICE + 1)));
    assert_eq!(people(&world.device(FIRST_DEVICE + 1)).len(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_vans_edit_one_person_and_one_choice_ends_the_conflict_everywhere() {
    let world = world().await;
    let (a, b) = (FIRST_DEVICE, FIRST_DEVICE + 1);
    save(&mut world.device(a), person(1), named("Ana Sample"));
    world.sync(a).await;
    world.sync(b).await;
    save(&mut world.device(a), person(1), tobacco(TobaccoStatus::Former));
    save(&mut world.device(b), person(1), tobacco(TobaccoStatus::EveryDay));
    save(
        &mut world.device(b),
        person(1),
        vec![(person_fields::phone.into(), "555-0100".to_owned().to_value())],
    );
    for number in [a, b, a] {
        world.sync(number).await;
    }
    for number in [a, b] {
        let state = world.device(number).state(person(1).into()).expect("read").expect("there");
        let open = conflicts(&Person::KIND, &state);
        assert_eq!((open.len(), open[0].candidates.len()), (1, 2), "device {number}");
        assert_eq!(Person::read(&state).phone.as_deref(), Some("555-0100"));
    }
    save(&mut world.device(b), person(1), tobacco(TobaccoStatus::Former));
    for number in [b, a] {
        world.sync(number).await;
    }
    for number in [a, b] {
        assert!(world.device(number).conflicted().expect("read").is_empty(), "device {number}");
        assert_eq!(shown(&world.device(number), person(1)).tobacco_status, Some(TobaccoStatus::Former));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cloned_tablet_is_found_out_and_nothing_that_either_captured_is_lost() {
    let world = world().await;
    let (original, clone, witness) = (FIRST_DEVICE, FIRST_DEVICE + 100, FIRST_DEVICE + 2);
    save(&mut world.device(original), person(1), named("Before"));
    world.sync(original).await;
    std::fs::copy(world.path(original), world.path(clone)).expect("cloned");
    for file in ["-wal", "-shm"] {
        let with = |path: PathBuf| PathBuf::from(format!("{}{file}", path.display()));
        let _ = std::fs::copy(with(world.path(original)), with(world.path(clone)));
    }
    let clone_store = || {
        plain::device(&world.path(clone), original, Some(plain::server_key(&world.server))).expect("a clone")
    };
    save(&mut world.device(original), person(2), named("Original"));
    save(&mut world.device(original), person(1), tobacco(TobaccoStatus::Former));
    save(&mut clone_store(), person(3), named("Clone"));
    save(&mut clone_store(), person(1), tobacco(TobaccoStatus::EveryDay));
    world.sync(original).await;
    let base = format!("http://{}", world.server.address);
    let told = sync_at(clone_store(), &base, original).await;
    assert_eq!(told.phase, Phase::EnrolAnew);
    assert!(clone_store().must_enrol().expect("read"));
    assert_eq!(
        world.sync(original).await.phase,
        Phase::EnrolAnew,
        "nobody can tell which of them is the copy"
    );
    assert!(save(&mut clone_store(), person(4), named("Work goes on")).is_some());
    world.sync(witness).await;
    let held = world.device(witness);
    assert_eq!(shown(&held, person(2)).given_name.as_deref(), Some("Original"));
    assert_eq!(shown(&held, person(3)).given_name.as_deref(), Some("Clone"));
    let state = held.state(person(1).into()).expect("read").expect("there");
    assert_eq!(
        conflicts(&Person::KIND, &state)[0].candidates.len(),
        2,
        "both values stand until somebody settles it"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_restored_from_yesterday_gets_everything_again_by_itself() {
    let mut world = world().await;
    let yesterday = world.folder.path().join("yesterday");
    save(&mut world.device(FIRST_DEVICE), person(1), named("Yesterday"));
    world.sync(FIRST_DEVICE).await;
    world.server.shutdown().await;
    copy_folder(&world.folder.path().join("server"), &yesterday);
    world.server = start(world.folder.path()).await;
    save(&mut world.device(FIRST_DEVICE), person(2), named("Today"));
    assert!(world.sync(FIRST_DEVICE).await.settled_at.is_some());
    world.server.shutdown().await;
    std::fs::remove_dir_all(world.folder.path().join("server")).expect("the server burns down");
    copy_folder(&yesterday, &world.folder.path().join("server"));
    world.server = start(world.folder.path()).await;
    let row = world.server.service.store.region_row().await.expect("read");
    world.server.service.store.begin_epoch(row.epoch + 1, platform::now()).await.expect("restored");
    let report = world.sync(FIRST_DEVICE).await;
    assert!(report.settled_at.is_some(), "{report:?}");
    world.sync(FIRST_DEVICE + 1).await;
    assert_eq!(shown(&world.device(FIRST_DEVICE + 1), person(2)).given_name.as_deref(), Some("Today"));
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        std::fs::copy(entry.path(), to.join(entry.file_name())).expect("copied");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_device_works_on_and_delivers_when_it_is_trusted_again() {
    let world = world().await;
    let store = world.server.service.store.clone();
    let number = DeviceNumber(FIRST_DEVICE);
    store.set_device_status(number, DeviceStatus::Revoked).await.expect("revoked");
    assert_eq!(save(&mut world.device(FIRST_DEVICE), person(1), named("Still working")), Some(Sequence(1)));
    assert_eq!(world.sync(FIRST_DEVICE).await.phase, Phase::Refused(ProblemCode::Revoked));
    assert_eq!(save(&mut world.device(FIRST_DEVICE), person(2), named("And again")), Some(Sequence(2)));
    store.set_device_status(number, DeviceStatus::Active).await.expect("trusted again");
    let report = world.sync(FIRST_DEVICE).await;
    assert_eq!((report.log.acknowledged, report.settled_at.is_some()), (Sequence(2), true));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_change_is_kept_apart_with_its_reason_and_the_next_one_goes_through() {
    let world = world().await;
    let mut store = world.device(FIRST_DEVICE);
    let elsewhere = Bucket::Site(SiteId::from_bytes([99; 16]));
    save(&mut store, person(1), named("Good"));
    save_in(&mut store, elsewhere, person(2), named("Of a site that this van never sees"));
    save(&mut store, person(3), named("Good again"));
    drop(store);
    let report = world.sync(FIRST_DEVICE).await;
    assert_eq!(report.log.acknowledged, Sequence(3), "kept apart is durable all the same");
    let told = world.device(FIRST_DEVICE).rejected().expect("read");
    assert_eq!(told, [(Sequence(2), "foreign-bucket".to_owned())]);
    world.sync(FIRST_DEVICE + 1).await;
    let held: Vec<RecordId> = people(&world.device(FIRST_DEVICE + 1)).into_iter().map(|(id, _)| id).collect();
    assert_eq!(held, [person(1).into(), person(3).into()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn repeating_a_sync_changes_nothing() {
    let world = world().await;
    save(&mut world.device(FIRST_DEVICE), person(1), named("Once"));
    world.sync(FIRST_DEVICE).await;
    let rewound = world.device(FIRST_DEVICE);
    let mut rewound = rewound;
    let write = rewound.write().expect("a write");
    write.set_acknowledged(Sequence(0)).expect("set");
    write.set_cursor(b"").expect("set");
    write.commit().expect("committed");
    drop(rewound);
    let before = world.device(FIRST_DEVICE).every_state().expect("all");
    assert!(world.sync(FIRST_DEVICE).await.settled_at.is_some());
    assert_eq!(world.device(FIRST_DEVICE).every_state().expect("all"), before);
    assert_eq!(
        world.device(FIRST_DEVICE).log_head().expect("read").map(|head| head.sequence),
        Some(Sequence(1))
    );
}
