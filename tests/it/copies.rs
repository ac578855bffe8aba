//! Stories of a device whose file is not alone in the world: a copy, a locked one, a wiped one. Whatever it captured
//! reaches the server once.

use crate::stories::{named, person, save, shown};
use crate::world::World;
use app::session::{CopyReason, DataFolder};
use app::store::{DataKey, LogReads, MetaReads, RecordReads, Store};
use app::sync::{Driver, Safeguard, SyncReport};
use shared::ids::{DeviceNumber, Sequence};
use shared::sync::Phase;
use std::path::{Path, PathBuf};
use sync_server::{Settings, hexadecimal, recover};
use tests::plain::{self, FIRST_DEVICE};

impl World {
    fn folder(&self, name: &str) -> DataFolder {
        DataFolder::open(&self.folder.path().join(name)).expect("a folder")
    }

    /// A new device with all that enrolment gives it.
    fn enrolled(&self, name: &str, number: u32) -> DataFolder {
        let folder = self.folder(name);
        let key = Some(plain::server_key(&self.server));
        let mut store = plain::device(&folder.records(), number, key).expect("a device");
        let mut identity = store.identity().expect("read").expect("there");
        identity.server_sealing_key = hexadecimal::encode(&self.server.service.keys.sealing_public);
        let write = store.write().expect("a write");
        write.set_identity(&identity).expect("set");
        write.commit().expect("committed");
        folder
    }

    async fn sync(&self, folder: &DataFolder, number: u32) -> SyncReport {
        let mut store = open(folder);
        let safeguard = Safeguard::open(folder, &mut store).expect("its own or not");
        let transport = plain::transport(&format!("http://{}", self.server.address), number);
        let mut driver = Driver::new(store, transport).expect("a driver").guarded(safeguard);
        driver.run_once(&mut |_| {}).await.expect("the device's file works");
        driver.rest();
        driver.report()
    }

    /// What an operator does with the files that were left.
    async fn recover(&self, unsent: &Path) -> Vec<recover::Recovered> {
        let settings = Settings::load(&self.folder.path().join("server")).expect("settings");
        let secret = settings.keys().expect("keys").sealing;
        let mut took = Vec::new();
        for path in recover::files(&[unsent.to_owned()]).expect("files") {
            let bytes = recover::read(&path).expect("read");
            took.push(recover::take_in(&self.server.service, secret, &bytes).await.expect("taken in"));
        }
        took
    }
}

fn open(folder: &DataFolder) -> Store {
    Store::open(&folder.records(), &DataKey::new([3; 32])).expect("a file")
}

/// The screen locks: nobody is at work.
fn rest(folder: &DataFolder) {
    let mut store = open(folder);
    Safeguard::open(folder, &mut store).expect("its own or not").at_rest(&store);
}

fn sealed_files(folder: &DataFolder) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder.unsent()).map(Iterator::collect::<Result<Vec<_>, _>>);
    let entries = entries.map_or_else(|_| vec![], |entries| entries.expect("entries"));
    entries.into_iter().map(|entry| entry.path()).collect()
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        if entry.path().is_file() {
            std::fs::copy(entry.path(), to.join(entry.file_name())).expect("copied");
        }
    }
}

fn given(store: &Store, number: u128) -> Option<String> {
    shown(store, person(number)).given_name
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wiped_tablets_unsent_work_is_recovered_and_comes_once_though_the_tablet_comes_back() {
    let world = World::of(3).await;
    let tablet = world.enrolled("tablet", FIRST_DEVICE);
    save(&mut open(&tablet), person(1), named("Delivered"));
    world.sync(&tablet, FIRST_DEVICE).await;
    assert!(sealed_files(&tablet).is_empty(), "nothing waits, nothing is sealed");
    for number in 2..=40 {
        save(&mut open(&tablet), person(number), named(&format!("Sealed {number}")));
        rest(&tablet);
    }
    let files = sealed_files(&tablet);
    assert_eq!(files.len(), 1, "one file grows: {files:?}");
    let bytes = std::fs::read(&files[0]).expect("read");
    assert!(!bytes.windows(6).any(|window| window == b"Sealed"), "nobody else can read it");
    // The key is gone, and with it the file, for now.
    let away = world.folder.path().join("away");
    std::fs::rename(tablet.records(), &away).expect("gone");
    let took = world.recover(&tablet.unsent()).await;
    let device = DeviceNumber(FIRST_DEVICE);
    let all = recover::Recovered { device, first: Sequence(2), last: Sequence(40), is_branch: false };
    assert_eq!(took, [all]);
    let other = world.enrolled("other", FIRST_DEVICE + 1);
    world.sync(&other, FIRST_DEVICE + 1).await;
    assert_eq!(given(&open(&other), 40).as_deref(), Some("Sealed 40"));
    // It was not lost after all, and goes on.
    std::fs::rename(&away, tablet.records()).expect("back");
    save(&mut open(&tablet), person(41), named("Later"));
    let report = world.sync(&tablet, FIRST_DEVICE).await;
    assert!(report.settled_at.is_some() && report.log.acknowledged == Sequence(41), "{report:?}");
    assert!(sealed_files(&tablet).is_empty(), "the server has it");
    world.sync(&other, FIRST_DEVICE + 1).await;
    let (one, two) = (open(&tablet), open(&other));
    for number in 1..=41 {
        let bytes = |store: &Store| store.state_bytes(person(number).into()).expect("read");
        assert_eq!(bytes(&one), bytes(&two), "person {number}");
    }
    assert!(world.server.service.store.quarantine().await.expect("read").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_time_offline_is_sealed_in_files_that_stay_small_and_come_in_whole() {
    let world = World::of(3).await;
    let tablet = world.enrolled("tablet", FIRST_DEVICE);
    // Words that do not compress, so that little work fills files.
    let noise = |seed: u64| {
        (0..40).map(|at| format!("{:x}", (seed + 7) * (at + 3) * 0x9e37_79b9_7f4a)).collect::<String>()
    };
    for number in 0..600u64 {
        save(&mut open(&tablet), person(number.into()), named(&noise(number)));
        if number % 50 == 0 {
            rest(&tablet);
        }
    }
    rest(&tablet);
    let files = sealed_files(&tablet);
    assert!((1..8).contains(&files.len()), "{files:?}");
    let took = world.recover(&tablet.unsent()).await;
    assert_eq!(took.last().map(|file| file.last), Some(Sequence(600)));
    let chain = world.server.service.store.chain(DeviceNumber(FIRST_DEVICE)).await.expect("read");
    let head = open(&tablet).log_head().expect("read").expect("a head");
    assert_eq!(chain.expect("a chain").head, head, "hash for hash what the tablet wrote");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_notices_itself_and_delivers_what_it_captured_without_taking_anything_in() {
    let world = World::of(3).await;
    let tablet = world.enrolled("tablet", FIRST_DEVICE);
    save(&mut open(&tablet), person(1), named("Before"));
    world.sync(&tablet, FIRST_DEVICE).await;
    save(&mut open(&tablet), person(2), named("Unsent when it was copied"));
    rest(&tablet);
    copy_folder(tablet.path(), &world.folder.path().join("copy"));
    let copy = world.folder("copy");
    let noticed = Safeguard::open(&copy, &mut open(&copy)).expect("looked").copied();
    assert_eq!(noticed, Some(CopyReason::OtherFile));
    save(&mut open(&tablet), person(3), named("Original"));
    save(&mut open(&copy), person(4), named("Copy"));
    assert!(world.sync(&tablet, FIRST_DEVICE).await.settled_at.is_some());
    let report = world.sync(&copy, FIRST_DEVICE).await;
    assert_eq!(report.phase, Phase::EnrolAnew);
    assert!(!open(&copy).has_record(person(3).into()).expect("read"), "nothing comes into a copy");
    assert_eq!(given(&open(&copy), 4).as_deref(), Some("Copy"));
    // Whoever is left of the two hears of it too, and both works are there once.
    assert_eq!(world.sync(&tablet, FIRST_DEVICE).await.phase, Phase::EnrolAnew);
    let other = world.enrolled("other", FIRST_DEVICE + 1);
    world.sync(&other, FIRST_DEVICE + 1).await;
    let held = open(&other);
    for (number, name) in [(1, "Before"), (2, "Unsent when it was copied"), (3, "Original"), (4, "Copy")] {
        assert_eq!(given(&held, number).as_deref(), Some(name));
        let state = held.state(person(number).into()).expect("read").expect("there");
        let key = shared::record::FieldKey::from(shared::domain::person::person_fields::given_name);
        assert_eq!(state.values(&key).len(), 1, "person {number} was written once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_file_put_back_is_noticed_and_what_it_writes_next_is_kept_beside_the_rest() {
    let world = World::of(3).await;
    let tablet = world.enrolled("tablet", FIRST_DEVICE);
    save(&mut open(&tablet), person(1), named("Monday"));
    world.sync(&tablet, FIRST_DEVICE).await;
    let monday = std::fs::read(tablet.records()).expect("a backup");
    save(&mut open(&tablet), person(2), named("Tuesday"));
    world.sync(&tablet, FIRST_DEVICE).await;
    std::fs::write(tablet.records(), &monday).expect("put back over it");
    save(&mut open(&tablet), person(3), named("Wednesday"));
    let noticed = Safeguard::open(&tablet, &mut open(&tablet)).expect("looked").copied();
    assert!(matches!(noticed, Some(CopyReason::OlderFile | CopyReason::OtherHistory)), "{noticed:?}");
    assert_eq!(world.sync(&tablet, FIRST_DEVICE).await.phase, Phase::EnrolAnew);
    let other = world.enrolled("other", FIRST_DEVICE + 1);
    world.sync(&other, FIRST_DEVICE + 1).await;
    for (number, name) in [(1, "Monday"), (2, "Tuesday"), (3, "Wednesday")] {
        assert_eq!(given(&open(&other), number).as_deref(), Some(name));
    }
}
