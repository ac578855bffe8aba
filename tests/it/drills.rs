//! Drills: what an operator practises before it happens. Each is one story on real parts.

use crate::stories::{named, people, person, save, save_in, shown, sync_at};
use app::capture::{Desk, DeskOptions};
use app::platform::SystemEntropy;
use app::session::{DataFolder, Keyring, Pin, Reason, SignInError, Unlocked, open_records};
use app::store::{CLOSED, LogReads, MetaReads, RecordReads, Store};
use app::sync::{Driver, HttpTransport, SyncReport, Transport, enrol, enrol_anew};
use shared::change::Bucket;
use shared::domain::device::record_of;
use shared::domain::view::View;
use shared::ids::{DeviceNumber, Sequence, SiteId, StaffId};
use shared::protocol::{ProblemCode, PullPage, PullRequest, PushAnswer};
use shared::sync::{Failure, Phase};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use sync_server::store::{DeviceStatus, FactKey};
use sync_server::{RunningServer, Settings, device, quarantine, upkeep};
use tests::office::{Office, PIN, capture, site};
use tests::plain::{self, FIRST_DEVICE};
use tests::relay::{Dialect, Relay, Rewrite};
use tests::van::{Van, VanError, is_settled};

const DEVICES: u32 = 4;

/// A plain server with a folder that operators' tools open too, and its devices.
pub struct World {
    pub folder: tempfile::TempDir,
    pub server: RunningServer,
}

pub async fn serve(folder: &Path) -> RunningServer {
    plain::serve(&folder.join("server"), DEVICES, ([127, 0, 0, 1], 0).into()).await.expect("a server")
}

pub async fn world() -> World {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = serve(folder.path()).await;
    World { folder, server }
}

impl World {
    pub fn settings(&self) -> Settings {
        Settings::load(&self.folder.path().join("server")).expect("the server's folder")
    }
    pub fn path(&self, number: u32) -> PathBuf {
        self.folder.path().join(format!("device-{number}.db"))
    }
    pub fn device(&self, number: u32) -> Store {
        plain::device(&self.path(number), number, Some(plain::server_key(&self.server))).expect("a device")
    }
    pub fn base(&self) -> String {
        format!("http://{}", self.server.address)
    }
    pub async fn sync(&self, number: u32) -> SyncReport {
        sync_at(self.device(number), &self.base(), number).await
    }
    pub async fn sync_through(&self, number: u32, dialect: Dialect) -> SyncReport {
        let relay = Relay::start(self.server.address, dialect).await.expect("a relay");
        sync_at(self.device(number), &format!("http://{}", relay.address), number).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_is_to_be_erased_delivers_first_and_then_no_pin_opens_it() {
    let work = tempfile::tempdir().expect("a temporary folder");
    let office = Office::open(work.path()).await.expect("an office");
    let van = office.enrol("tablet").await.expect("enrolled");
    capture(&van, person(1), "Delivered").expect("captured");
    assert!(is_settled(&van.settle(5).await.expect("synced")));
    capture(&van, person(2), "Not sent when the order was given").expect("captured");
    let number =
        van.store().and_then(|store| store.identity()).expect("read").expect("enrolled").device_number();
    device::wipe(&office.server.service, number).await.expect("ordered");
    assert!(capture(&van, person(3), "Work goes on until the order is heard").expect("captured").is_some());

    let report = van.sync().await.expect("a run");
    assert_eq!((report.phase, report.log.acknowledged), (Phase::Wiped, Sequence(3)));
    for (id, name) in [(2, "Not sent when the order was given"), (3, "Work goes on until the order is heard")]
    {
        let held = office.person(person(id)).await.expect("delivered before");
        assert_eq!(held.given_name.as_deref(), Some(name));
    }
    let path = work.path().join("tablet");
    assert!(matches!(Van::sign_in(&path, van.staff, PIN), Err(VanError::SignIn(SignInError::NotAMember))));
    let left: Vec<String> = std::fs::read_dir(&path)
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with("records"))
        .collect();
    assert_eq!(left, Vec::<String>::new());
    let row = office.server.service.store.device(number).await.expect("read").expect("there");
    assert!(row.status == DeviceStatus::Revoked && row.wipe_told_at.is_some());

    drop(van);
    let again = office.enrol("tablet").await.expect("the erased tablet becomes a device anew");
    assert!(is_settled(&again.settle(5).await.expect("synced")));
    assert!(shown(&again.store().expect("open"), person(3)).given_name.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_was_not_heard_changes_nothing() {
    let work = tempfile::tempdir().expect("a temporary folder");
    let office = Office::open(work.path()).await.expect("an office");
    let van = office.enrol("tablet").await.expect("enrolled");
    let number =
        van.store().and_then(|store| store.identity()).expect("read").expect("enrolled").device_number();
    device::wipe(&office.server.service, number).await.expect("ordered");
    // No line to the server: the order cannot be heard, and nothing happens to the device.
    let mut cut = Van::sign_in(&work.path().join("tablet"), van.staff, PIN).expect("signed in");
    cut.through = Some(([127, 0, 0, 1], 1).into());
    assert!(matches!(cut.sync().await.expect("a run").phase, Phase::Offline { .. }));
    capture(&van, person(1), "Offline").expect("captured");
    assert_eq!(
        cut.store().expect("it opens").log_head().expect("read").map(|head| head.sequence),
        Some(Sequence(1))
    );
    assert_eq!(van.sync().await.expect("a run").phase, Phase::Wiped);
    assert!(office.person(person(1)).await.is_some());
}

/// The first answer to a pull comes after somebody saved one more person.
struct SavesMeanwhile {
    line: HttpTransport,
    store: Mutex<Option<Store>>,
}

#[async_trait::async_trait]
impl Transport for SavesMeanwhile {
    async fn push(&self, body: Vec<u8>) -> Result<PushAnswer, Failure> {
        self.line.push(body).await
    }
    async fn pull(&self, request: &PullRequest) -> Result<PullPage, Failure> {
        let answer = self.line.pull(request).await;
        if let Some(mut store) = self.store.lock().expect("nobody panicked").take() {
            save_in(&mut store, site(), person(1), named("Saved while the order came"));
        }
        answer
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_save_that_comes_while_the_order_is_heard_is_delivered_before_anything_is_erased() {
    let work = tempfile::tempdir().expect("a temporary folder");
    let office = Office::open(work.path()).await.expect("an office");
    let van = office.enrol("tablet").await.expect("enrolled");
    let store = van.store().expect("open");
    let identity = store.identity().expect("read").expect("enrolled");
    device::wipe(&office.server.service, identity.device_number()).await.expect("ordered");
    let line = HttpTransport::enrolled(&identity, store.server_time().expect("read")).expect("certificates");
    let transport = SavesMeanwhile { line, store: Mutex::new(Some(van.store().expect("open"))) };
    let mut driver = Driver::new(store, transport).expect("a driver").erasing(&van.folder);
    driver.run_once(&mut |_| {}).await.expect("a run");
    assert_eq!(driver.report().phase, Phase::Wiped);
    let held = office.person(person(1)).await.expect("delivered before");
    assert_eq!(held.given_name.as_deref(), Some("Saved while the order came"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_ends_soon_is_followed_by_the_next_one_without_a_person() {
    let work = tempfile::tempdir().expect("a temporary folder");
    let office = Office::open(work.path()).await.expect("an office");
    let van = office.enrol("tablet").await.expect("enrolled");
    let certificate =
        || van.store().and_then(|store| store.identity()).expect("read").expect("it").certificate;
    let first = certificate();
    assert!(is_settled(&van.settle(5).await.expect("synced")));
    assert_eq!(certificate(), first, "a new one is not followed");
    office.clock.advance_days(300);
    assert!(is_settled(&van.settle(5).await.expect("synced")));
    let second = certificate();
    assert_ne!(second, first);
    office.clock.advance_days(100);
    capture(&van, person(1), "In the second year").expect("captured");
    assert!(is_settled(&van.settle(5).await.expect("synced")), "the first would have ended");
    assert_eq!(certificate(), second);
    assert!(office.person(person(1)).await.is_some());
}

/// Signs in at a tablet that was started anew so many days later, by its own clock too, and says why.
fn go_on_after(days: i64, folder: DataFolder, staff: StaffId) -> Van {
    let late = app::platform::now().plus_milliseconds(days * 86_400_000);
    let keyring = Keyring::open(&folder).expect("a keyring");
    let refused = keyring.sign_in(staff, &Pin::typed(PIN), late);
    assert!(matches!(refused, Err(SignInError::LeaseEnded)), "the PIN alone is not enough");
    let wrong = keyring.unlock(staff, &Pin::typed("000000"), late).err().expect("a wrong PIN");
    assert!(matches!(wrong, SignInError::WrongPin { .. }), "it hears nothing of the lease: {wrong}");
    let Ok(Unlocked::Late(key)) = keyring.unlock(staff, &Pin::typed(PIN), late) else {
        panic!("the right PIN is asked why");
    };
    let key = key.give(&folder, &Reason::NoNetwork, late, &mut SystemEntropy).expect("noted");
    let options = DeskOptions { now: Box::new(move || late), ..DeskOptions::default() };
    let store = open_records(&folder, &key).expect("open");
    let desk = Desk::open(store, staff, options).expect("a desk");
    Van { folder, staff, desk, key, through: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_ended_while_offline_costs_nothing_once_the_office_extends_it() {
    let work = tempfile::tempdir().expect("a temporary folder");
    let office = Office::open(work.path()).await.expect("an office");
    let van = office.enrol("tablet").await.expect("enrolled");
    assert!(is_settled(&van.settle(5).await.expect("synced")));
    office.clock.advance_days(400);
    for id in 1..=3 {
        assert!(
            capture(&van, person(id), "Captured with a certificate that ended").expect("saved").is_some()
        );
    }
    let refused = van.sync().await.expect("a run");
    assert_eq!(
        (refused.phase, refused.log.acknowledged),
        (Phase::Refused(ProblemCode::Unknown), Sequence(0))
    );
    assert!(capture(&van, person(4), "And after the refusal").expect("saved").is_some());
    let (folder, staff) = (van.folder.clone(), van.staff);
    drop(van);
    let van = go_on_after(400, folder, staff);
    assert!(capture(&van, person(5), "Long after the lease").expect("saved").is_some());

    let identity = van.store().and_then(|store| store.identity()).expect("read").expect("enrolled");
    device::extend(&office.server.service, identity.device_number(), 14).await.expect("extended");
    let report = van.settle(5).await.expect("synced");
    // Five people, and who went on and why.
    assert!(is_settled(&report) && report.log.acknowledged == Sequence(6), "{report:?}");
    for id in 1..=5 {
        assert!(office.person(person(id)).await.is_some(), "person {id}");
    }
    let store = van.store().expect("open");
    let subject = record_of(identity.region_id(), identity.device_number());
    let noted = store.facts(subject, &View::KIND).expect("read").remove(0);
    assert_eq!(View::read(&noted).screen.as_deref(), Some("break-glass: no-network"));
    let key = FactKey { subject, id: noted.id };
    let held = office.server.service.store.facts(vec![key]).await.expect("read");
    assert!(held.contains_key(&key), "the office has the reason");
    assert!(store.rejected().expect("read").is_empty());
    let renewed = van.store().and_then(|store| store.identity()).expect("read").expect("enrolled");
    assert_ne!(renewed.certificate, identity.certificate, "and the next one is there");
    office.clock.advance_days(100);
    assert!(is_settled(&van.settle(5).await.expect("synced")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_appends_parts_or_is_a_version_older_is_understood() {
    let world = world().await;
    let appended = Rewrite::Appended;
    let dialects = [
        Dialect { push_answer: appended(2), page: appended(2), ..Dialect::PLAIN },
        Dialect { push_answer: Rewrite::Version(0), page: Rewrite::Version(0), ..Dialect::PLAIN },
        Dialect { pull: appended(2), batch: appended(1), ..Dialect::PLAIN },
        Dialect { pull: Rewrite::Version(0), ..Dialect::PLAIN },
    ];
    for (number, dialect) in dialects.into_iter().enumerate() {
        save(&mut world.device(FIRST_DEVICE), person(number as u128 + 1), named("Sample"));
        let report = world.sync_through(FIRST_DEVICE, dialect).await;
        assert!(is_settled(&report), "{dialect:?}: {report:?}");
        let report = world.sync_through(FIRST_DEVICE + 1, dialect).await;
        assert!(is_settled(&report), "{dialect:?}: {report:?}");
        assert_eq!(people(&world.device(FIRST_DEVICE + 1)).len(), number + 1, "{dialect:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_another_version_is_refused_in_words_and_delivered_when_both_agree() {
    let world = world().await;
    for (offset, version) in [(0, 0), (1, 2)] {
        let number = FIRST_DEVICE + offset;
        save(&mut world.device(number), person(number.into()), named("Sample"));
        let dialect = Dialect { batch: Rewrite::Version(version), ..Dialect::PLAIN };
        let report = world.sync_through(number, dialect).await;
        assert_eq!(
            (report.phase, report.log.acknowledged),
            (Phase::Refused(ProblemCode::Malformed), Sequence(0))
        );
        assert_eq!(save(&mut world.device(number), person(100), named("Work goes on")), Some(Sequence(2)));
        let report = world.sync(number).await;
        assert!(is_settled(&report) && report.log.acknowledged == Sequence(2), "{report:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_problem_that_only_a_newer_server_knows_is_waited_out() {
    let world = world().await;
    save(&mut world.device(FIRST_DEVICE), person(1), named("Sample"));
    let newer = r#"{"code":"of-a-newer-server","title":"?","status":409,"more":[1]}"#;
    for instead in [Rewrite::Instead(409, newer), Rewrite::Instead(500, "<html>a gateway</html>")] {
        let dialect = Dialect { push_answer: instead, page: instead, ..Dialect::PLAIN };
        let report = world.sync_through(FIRST_DEVICE, dialect).await;
        assert_eq!(report.phase, Phase::Offline { failures: 1 }, "{instead:?}");
    }
    // The server took the batch although its answer was lost: sending again changes nothing.
    let report = world.sync(FIRST_DEVICE).await;
    assert!(is_settled(&report) && report.log.acknowledged == Sequence(1), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_operator_decides_about_a_change_reaches_its_tablet() {
    let world = world().await;
    let elsewhere = Bucket::Site(SiteId::from_bytes([99; 16]));
    for (id, name) in [(1, "The stop was moved"), (2, "A mistake")] {
        save_in(&mut world.device(FIRST_DEVICE), elsewhere, person(id), named(name));
    }
    world.sync(FIRST_DEVICE).await;
    assert_eq!(world.device(FIRST_DEVICE).rejected().expect("read").len(), 2);
    let (service, number) = (&world.server.service, DeviceNumber(FIRST_DEVICE));
    quarantine::release(service, number, Sequence(1), Some("moved by telephone")).await.expect("released");
    quarantine::reject(service, number, Sequence(2), "twice").await.expect("closed");
    for _ in 0..2 {
        world.sync(FIRST_DEVICE).await;
        let told = world.device(FIRST_DEVICE).rejected().expect("read");
        assert_eq!(told, [(Sequence(2), format!("{CLOSED}twice"))]);
    }
    assert_eq!(upkeep::check_rebuild(&world.settings()).await.expect("compared"), []);
}

#[test]
fn a_folder_that_was_erased_is_told_apart_from_an_empty_one() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = DataFolder::open(folder.path()).expect("a folder");
    assert!(!folder.is_erased());
    app::session::erase(&folder, Sequence(0)).expect("erased");
    assert!(folder.is_erased());
    let keyring = Keyring::open(&folder).expect("a keyring");
    let answer =
        keyring.sign_in(shared::ids::StaffId::from_bytes([1; 16]), &Pin::typed(PIN), app::platform::now());
    assert!(matches!(answer, Err(SignInError::NotAMember)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_enrolled_anew_takes_the_place_of_the_old_one_and_nothing_of_it_is_lost() {
    let work = tempfile::tempdir().expect("a temporary folder");
    let office = Office::open(work.path()).await.expect("an office");
    let old = office.enrol("tablet").await.expect("enrolled");
    old.settle(10).await.expect("synced");
    capture(&old, person(1), "Before-Sample").expect("saved");
    let (path, staff) = (old.folder.path().to_owned(), old.staff);
    drop(old);
    let folder = DataFolder::open(&path).expect("a folder");
    let pin = Pin::choose(PIN).expect("a good PIN");
    let address = office.server.address.to_string();
    let code = device::make_code(&office.server.service, "VAN-01", "S-1", &address).await.expect("a code");

    let refused = enrol(&folder, &code, "tablet", &pin).await.err().expect("not over a device").to_string();
    assert!(refused.contains("--anew"), "{refused}");
    let mut forged = code.clone();
    forged.secret[0] ^= 1;
    enrol_anew(&folder, &forged, "tablet", &pin).await.err().expect("a code that nobody made");
    assert_eq!(std::fs::read_dir(work.path()).expect("read").count(), 2, "server and tablet, as before");

    let anew = enrol_anew(&folder, &code, "tablet", &pin).await.expect("enrolled anew");
    let new = Van::sign_in(&path, anew.staff, PIN).expect("signed in");
    assert!(is_settled(&new.settle(10).await.expect("synced")));
    assert!(office.person(person(1)).await.is_none(), "the old device's work is not delivered yet");
    // What the old one held still opens and goes up.
    let aside = Van::sign_in(&anew.aside, staff, PIN).expect("its PIN still opens it");
    assert!(is_settled(&aside.settle(10).await.expect("synced")));
    let known = office.person(person(1)).await.expect("delivered");
    assert_eq!(known.given_name.as_deref(), Some("Before-Sample"));
}
