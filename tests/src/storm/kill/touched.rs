//! The app as it ships is killed while somebody works at its screens: the window, the controllers, the sign-in, the
//! store and the sync thread over TLS, on a panel of memory. Every save that was on disk is there at the next start,
//! which needs no repair, and at the end the server holds all of it.

use super::app::listen_and_kill;
use super::child::spawn;
use super::screens::SCREENS;
use super::tablet::Tablet;
use super::{lived, text};
use crate::office::{Office, PIN};
use crate::storm::disk::{consistent, copied, held_log, look_at_device};
use crate::storm::{Case, Report, Storm};
use crate::van::Van;
use app::platform;
use app::session::{DataFolder, Keyring, Pin};
use app::store::{DataKey, MetaReads};
use shared::change::Head;
use shared::ids::StaffId;
use std::path::Path;
use std::time::Duration;

pub const KILL_SCREENS: Storm = Storm {
    name: "kill-screens",
    group: "kill",
    unit: "kills",
    aim: 100,
    is_whole: false,
    rounds: None,
    case,
};

const KILLS_A_LIFE: u64 = 10;
const LINES_BEFORE_KILL_MAX: u64 = 10;
const MICROSECONDS_BEFORE_KILL_MAX: u64 = 50_000;
/// Somewhere in its start and sign-in.
const START_MICROSECONDS_MAX: u64 = 400_000;
const SYNCS_AT_THE_END_MAX: u32 = 40;

fn case(case: &Case) -> Report {
    lived(case, life)
}

async fn life(case: &Case, report: &mut Report) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(text)?;
    let office = Office::open(folder.path()).await.map_err(text)?;
    let van = office.enrol("tablet").await.map_err(text)?;
    let identity = van.store().and_then(|store| store.identity()).map_err(text)?;
    let genesis = identity.ok_or("a tablet that was never enrolled")?.genesis();
    let staff = van.staff;
    // Nobody but the app has the file open: what it finds at its start is what it left.
    drop(van);
    let path = folder.path().join("tablet");
    let key = sign_in(&path, staff)?;
    let records = DataFolder::open(&path).map_err(text)?.records();
    let mut seeded = case.seeded(22);
    let mut acknowledged: Option<Head> = None;
    for _ in 0..KILLS_A_LIFE {
        let data = path.to_str().ok_or("a path of text")?;
        let arguments = [SCREENS, data, &staff.to_string(), PIN, &seeded.draw().to_string()];
        let child = spawn(&arguments).map_err(text)?;
        let lines_before = seeded.below(LINES_BEFORE_KILL_MAX);
        let most = if lines_before == 0 { START_MICROSECONDS_MAX } else { MICROSECONDS_BEFORE_KILL_MAX };
        let pause = Duration::from_micros(seeded.below(most));
        acknowledged = listen_and_kill(child, lines_before, pause)?.or(acknowledged);
        report.tried += 1;
        drop(look_at_device(&records, &key, genesis, acknowledged).map_err(text)?);
        let (_folder, mut copy) = copied(&records, &key).map_err(text)?;
        consistent(&mut copy).map_err(text)?;
    }
    report.count("saves acknowledged", acknowledged.map_or(0, |head| head.sequence.0));
    delivered(&office, &path, staff).await?;
    office.server.shutdown().await;
    Ok(())
}

fn sign_in(path: &Path, staff: StaffId) -> Result<DataKey, String> {
    let folder = DataFolder::open(path).map_err(text)?;
    let keyring = Keyring::open(&folder).map_err(text)?;
    keyring.sign_in(staff, &Pin::typed(PIN), platform::now()).map_err(text)
}

/// The tablet syncs once more, and the server holds its log as it does.
async fn delivered(office: &Office, path: &Path, staff: StaffId) -> Result<(), String> {
    let van = Van::sign_in(path, staff, PIN).map_err(text)?;
    let mut tablet = Tablet::new(van)?;
    tablet.connect(office.server.address)?;
    let mut tries = 0;
    while !tablet.sync().await? {
        tries += 1;
        if tries > SYNCS_AT_THE_END_MAX {
            return Err("the tablet does not settle".to_owned());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let store = office.server.service.store.clone();
    let number = tablet.identity.device_number();
    let rows = held_log(store.as_ref(), number, &tablet.signing_key()).await.map_err(text)?;
    if rows != tablet.log()? {
        return Err("the server does not hold what the tablet wrote".to_owned());
    }
    match store.quarantine().await.map_err(text)?.first() {
        Some(row) => Err(format!("change {} was kept apart: {}", row.sequence, row.reason)),
        None => Ok(()),
    }
}
