//! Backups that open, restores that devices notice, and a log from which everything can be made again.

use super::*;
use crate::import::{self, ImportOptions};
use crate::planner::ImportKind;
use crate::settings::NewServer;
use crate::store::StoreError;
use shared::ids::RegionId;

const STAFF: &str = "code,name,role\nS-1,Avery Sample,nurse\nS-2,Bela Sample,nurse\n";

async fn folder(path: &Path) -> Settings {
    let listen = "127.0.0.1:0".parse().expect("an address");
    let new = NewServer { region: RegionId(1), names: vec!["localhost".into()], listen };
    let settings = Settings::init(&path.join("data"), new, SystemClock.now()).await.expect("a folder");
    import(&settings, STAFF).await;
    settings
}

async fn import(settings: &Settings, text: &str) {
    let service = open(settings).expect("a server");
    let report = import::run(&service, ImportKind::Staff, text.into(), ImportOptions::default()).await;
    assert!(report.expect("a store").is_written);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_can_be_made_again_from_the_log() {
    let place = tempfile::tempdir().expect("a folder");
    let settings = folder(place.path()).await;
    assert_eq!(check_rebuild(&settings).await.expect("a comparison"), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_brings_the_old_day_back_under_a_new_epoch() {
    let place = tempfile::tempdir().expect("a folder");
    let settings = folder(place.path()).await;
    let copy = place.path().join("copy.db");
    backup(&settings, &copy).expect("a backup");
    assert!(backup(&settings, &copy).is_err(), "a backup never writes over another");
    import(&settings, &STAFF.replace("Avery Sample", "Avery Sample-Alder")).await;
    let running = lock(&settings).expect("a lock");
    assert!(matches!(restore(&settings, &copy).await, Err(UpkeepError::Running)));
    drop(running);
    assert_eq!(restore(&settings, &copy).await.expect("restored"), 2);
    let store = settings.open_store().expect("a store");
    let region = store.region_row().await.expect("a region");
    assert_eq!((region.epoch, region.server_number.0 > 1000), (2, true));
    drop(store);
    import(&settings, &STAFF.replace("Bela Sample", "Bela Sample-Birch")).await;
    assert_eq!(check_rebuild(&settings).await.expect("a comparison"), []);
    assert_eq!(restore(&settings, &copy).await.expect("restored"), 3);
}

/// How far the server's own log is, and in which epoch.
async fn stand(settings: &Settings) -> (u64, u64) {
    let store = settings.open_store().expect("a store");
    let region = store.region_row().await.expect("a region");
    let chain = store.chain(region.server_number).await.expect("read").expect("a chain");
    (region.epoch, chain.head.sequence.0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_at_any_step_of_a_restore_leaves_the_old_database_or_the_restored_one() {
    for steps in 0..=STEPS.len() {
        let place = tempfile::tempdir().expect("a folder");
        let settings = folder(place.path()).await;
        let copy = place.path().join("copy.db");
        backup(&settings, &copy).expect("a backup");
        let running = settings.open_store().expect("a store");
        import(&settings, &STAFF.replace("Avery Sample", "Avery Sample-Alder")).await;
        let left = ["caravan.db", "caravan.db-wal"].map(|name| (name, fs::read(settings.data.join(name))));
        drop(running);
        let (swap, epoch) = prepare(&settings, &copy).await.expect("prepared");
        // Whoever else wrote and was killed leaves the last work in the journal alone.
        for (name, bytes) in left {
            fs::write(settings.data.join(name), bytes.expect("read")).expect("written");
        }
        STEPS.iter().take(steps).for_each(|step| step(&swap).expect("a step"));
        let expected = if steps < STEPS.len() { (1, 3) } else { (epoch, 0) };
        assert_eq!(stand(&settings).await, expected, "killed after {steps} steps");
        assert_eq!(restore(&settings, &copy).await.expect("restored"), expected.0 + 1);
        assert_eq!(check_rebuild(&settings).await.expect("a comparison"), []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_database_that_does_not_open_is_replaced_and_stays_beside_as_it_was() {
    let place = tempfile::tempdir().expect("a folder");
    let settings = folder(place.path()).await;
    let copy = place.path().join("copy.db");
    backup(&settings, &copy).expect("a backup");
    fs::write(settings.database(), vec![7; 8192]).expect("damaged");
    assert!(restore(&settings, &copy).await.expect("restored") > 1_000_000, "of the clock");
    assert_eq!(check_rebuild(&settings).await.expect("a comparison"), []);
    let paths = fs::read_dir(&settings.data).expect("a folder").map(|entry| entry.expect("an entry").path());
    let aside: Vec<_> = paths.filter(|path| path.to_string_lossy().contains(".before-")).collect();
    let [aside] = aside.as_slice() else { panic!("{aside:?}") };
    assert_eq!(fs::read(aside).expect("kept"), vec![7; 8192]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_encrypted_and_damage_is_noticed() {
    let place = tempfile::tempdir().expect("a folder");
    let settings = folder(place.path()).await;
    let copy = place.path().join("copy.db");
    backup(&settings, &copy).expect("a backup");
    let mut bytes = std::fs::read(&copy).expect("the copy");
    assert!(!bytes.windows(6).any(|window| window == b"Sample" || window == b"SQLite"));
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let damaged = place.path().join("damaged.db");
    std::fs::write(&damaged, &bytes).expect("written");
    assert!(matches!(restore(&settings, &damaged).await, Err(UpkeepError::Store(_))));
    let wrong = crate::store::sqlite::DatabaseKey([1; 32]);
    assert_eq!(sqlite::check(&copy, &wrong), Err(StoreError::WrongKey));
    assert!(settings.open_store().is_ok());
}

#[test]
fn an_epoch_is_never_used_twice() {
    let now = Timestamp::from_milliseconds(1_795_435_200_000);
    assert_eq!(next_epoch(Some(5), 2, now), 6);
    assert_eq!(next_epoch(Some(2), 5, now), 6);
    assert_eq!(next_epoch(None, 2, now), 1_795_435_200);
}
