//! The app is killed while it saves and syncs. Every save that it said was on disk is there at the next start, which
//! needs no repair; at the end the server has every change of the device exactly once.

use super::child::{APP, DEVICE_FILE, HASTY_APP, bytes_of, hexadecimal, spawn};
use super::lived;
use crate::plain::{self, FIRST_DEVICE};
use crate::sample::Seeded;
use crate::storm::disk::look_at_device;
use crate::storm::{Case, Report, Storm};
use app::store::{LogReads, MetaReads, Store};
use app::sync::Driver;
use shared::change::{Hash, Head};
use shared::ids::{DeviceNumber, Sequence};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Child;
use std::time::Duration;
use sync_server::RunningServer;

pub const KILL_APP: Storm =
    Storm { name: "kill-app", group: "kill", unit: "kills", aim: 600, is_whole: false, rounds: None, case };

/// The same with an app that keeps what it said to be on disk in memory for a while. Not among the storms: it shows that
/// they would notice.
pub const HASTY: Storm = Storm { name: "hasty-app", group: "planted", case: hasty, ..KILL_APP };

const KILLS_A_LIFE: u64 = 20;
const LINES_BEFORE_KILL_MAX: u64 = 12;
const MICROSECONDS_BEFORE_KILL_MAX: u64 = 15_000;

fn case(case: &Case) -> Report {
    lived(case, async |case, report| life(case, APP, report).await)
}

fn hasty(case: &Case) -> Report {
    lived(case, async |case, report| life(case, HASTY_APP, report).await)
}

async fn life(case: &Case, who: &str, report: &mut Report) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let server = plain::serve(&folder.path().join("server"), 2, ([127, 0, 0, 1], 0).into()).await;
    let server = server.map_err(|error| error.to_string())?;
    let mut seeded = case.seeded(20);
    let mut acknowledged: Option<Head> = None;
    for _ in 0..KILLS_A_LIFE {
        acknowledged = kill_once(who, folder.path(), &server, &mut seeded)?.or(acknowledged);
        report.tried += 1;
        check(folder.path(), acknowledged)?;
    }
    report.count("saves acknowledged", acknowledged.map_or(0, |head| head.sequence.0));
    delivered(folder.path(), &server).await?;
    server.shutdown().await;
    Ok(())
}

/// Starts the app, kills it, and gives the last head that it acknowledged.
fn kill_once(
    who: &str,
    folder: &Path,
    server: &RunningServer,
    seeded: &mut Seeded,
) -> Result<Option<Head>, String> {
    let (seed, base) = (seeded.draw().to_string(), format!("http://{}", server.address));
    let key = hexadecimal(&plain::server_key(server));
    let folder = folder.to_str().ok_or("a path of text")?;
    let lines_before = seeded.below(LINES_BEFORE_KILL_MAX);
    let pause = Duration::from_micros(seeded.below(MICROSECONDS_BEFORE_KILL_MAX));
    let child = spawn(&[who, folder, &seed, &base, &key]).map_err(|error| error.to_string())?;
    listen_and_kill(child, lines_before, pause)
}

/// Kills a child so long after so many saves, or in its start; gives the last head that it acknowledged by then. It goes
/// on while the signal is on its way.
pub(super) fn listen_and_kill(
    mut child: Child,
    lines_before: u64,
    pause: Duration,
) -> Result<Option<Head>, String> {
    let out = child.stdout.take().expect("the child's output is piped");
    let mut heard = None;
    let mut result = Ok(());
    let mut lines = BufReader::new(out).lines();
    if lines_before == 0 {
        // Somewhere in its start.
        std::thread::sleep(pause * 3);
        child.kill().map_err(|error| error.to_string())?;
    }
    let mut count = 0;
    while let Some(Ok(line)) = lines.next() {
        let told =
            line.strip_prefix("saved ").and_then(|rest| rest.split_once(' ')).and_then(|(at, hash)| {
                Some(Head { sequence: Sequence(at.parse().ok()?), hash: Hash(bytes_of(hash)?) })
            });
        match told {
            Some(head) => heard = Some(head),
            None => result = Err(format!("the app said: {line}")),
        }
        count += 1;
        if count == lines_before {
            std::thread::sleep(pause);
            child.kill().map_err(|error| error.to_string())?;
        }
    }
    let status = child.wait().map_err(|error| error.to_string())?;
    if status.code().is_some() && result.is_ok() {
        return Err(format!("the app ended by itself: {status}"));
    }
    result.map(|()| heard)
}

fn check(folder: &Path, acknowledged: Option<Head>) -> Result<(), String> {
    let path = folder.join(DEVICE_FILE);
    if !path.exists() && acknowledged.is_none() {
        return Ok(());
    }
    let genesis = plain::identity(FIRST_DEVICE, None).genesis();
    let looked = look_at_device(&path, &plain::data_key(), genesis, acknowledged);
    looked.map(drop).map_err(|trouble| trouble.to_string())
}

/// After a last sync the server holds the device's chain as the device does.
async fn delivered(folder: &Path, server: &RunningServer) -> Result<(), String> {
    let path = folder.join(DEVICE_FILE);
    let text = |error: app::store::StoreError| error.to_string();
    drop(plain::device(&path, FIRST_DEVICE, Some(plain::server_key(server))).map_err(text)?);
    let store = Store::open(&path, &plain::data_key()).map_err(text)?;
    let base = format!("http://{}", server.address);
    let mut driver = Driver::new(store, plain::transport(&base, FIRST_DEVICE)).map_err(text)?;
    for _ in 0..20 {
        driver.run_once(&mut |_| {}).await.map_err(text)?;
        if driver.report().settled_at.is_some() {
            break;
        }
    }
    let store = driver.into_store();
    let head = store.log_head().map_err(text)?;
    let chain = server.service.store.chain(DeviceNumber(FIRST_DEVICE)).await;
    let held = chain.map_err(|error| error.to_string())?.map(|chain| chain.head);
    if held != head.or(held) || Some(store.acknowledged().map_err(text)?) != held.map(|head| head.sequence) {
        return Err(format!("the server holds {held:?} of {head:?}"));
    }
    let apart = server.service.store.quarantine().await.map_err(|error| error.to_string())?;
    match apart.first() {
        Some(row) => Err(format!("change {} was kept apart: {}", row.sequence, row.reason)),
        None => Ok(()),
    }
}
