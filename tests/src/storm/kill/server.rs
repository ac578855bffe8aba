//! The server is killed as it ships, `sync-server serve` with TLS, while tablets save and sync as the app does. Every
//! change that a tablet was told is held is there at the next start, and nothing needs a repair.

use super::child::spawn;
use super::tablet::Tablet;
use super::{lived, text};
use crate::office::Office;
use crate::sample::Seeded;
use crate::storm::disk::{Truth, held_log, merged};
use crate::storm::{Case, Report, Storm};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::Child;
use std::time::Duration;
use sync_server::{Server, Settings, server, upkeep};

pub const KILL_SERVER: Storm = Storm {
    name: "kill-server",
    group: "kill",
    unit: "kills",
    aim: 300,
    is_whole: false,
    rounds: None,
    case,
};

/// The child's first argument.
pub const SERVE: &str = "serve";
const KILLS_A_LIFE: u64 = 15;
const TABLETS: u64 = 3;
const MICROSECONDS_BEFORE_KILL_MAX: u64 = 250_000;
/// A whole rebuild after every so many kills.
const REBUILD_EVERY: u64 = 5;
const SYNCS_AT_THE_END_MAX: u32 = 40;

fn case(case: &Case) -> Report {
    lived(case, life)
}

async fn life(case: &Case, report: &mut Report) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(text)?;
    let office = Office::open(folder.path()).await.map_err(text)?;
    let mut tablets = Vec::new();
    for number in 0..TABLETS {
        let van = office.enrol(&format!("tablet-{number}")).await.map_err(text)?;
        tablets.push(Tablet::new(van)?);
    }
    let settings = office.settings.clone();
    office.server.shutdown().await;
    let mut seeded = case.seeded(21);
    for number in 1..=KILLS_A_LIFE {
        kill_once(&settings, &mut tablets, &mut seeded).await?;
        report.tried += 1;
        check(&settings, &tablets, number % REBUILD_EVERY == 0).await?;
    }
    settle(&settings, &mut tablets).await?;
    report.count("changes acknowledged", tablets.iter().map(|tablet| tablet.acknowledged().0).sum());
    Ok(())
}

/// The shipped program's own `serve`.
fn serve(settings: &Settings) -> Result<(Child, impl Iterator<Item = std::io::Result<String>>), String> {
    let data = settings.data.to_str().ok_or("a path of text")?;
    let mut child = spawn(&[SERVE, "--data", data]).map_err(text)?;
    let out = child.stdout.take().expect("the child's output is piped");
    Ok((child, BufReader::new(out).lines()))
}

async fn kill_once(settings: &Settings, tablets: &mut [Tablet], seeded: &mut Seeded) -> Result<(), String> {
    let (mut child, mut lines) = serve(settings)?;
    let pause = Duration::from_micros(seeded.below(MICROSECONDS_BEFORE_KILL_MAX));
    if seeded.below(10) == 0 {
        // Somewhere in its start.
        std::thread::sleep(pause);
        child.kill().map_err(text)?;
        return child.wait().map(drop).map_err(text);
    }
    let first = lines.next().and_then(Result::ok).unwrap_or_default();
    let address = first.strip_prefix("listening on https://").and_then(|address| address.parse().ok());
    let Some(address): Option<SocketAddr> = address else {
        drop(child.kill());
        drop(child.wait());
        return Err(format!("the server said: {first:?}"));
    };
    let killer = std::thread::spawn(move || {
        std::thread::sleep(pause);
        drop(child.kill());
        child.wait()
    });
    let result = talk(address, tablets, seeded, &killer).await;
    let status = killer.join().map_err(|_| "the killer panicked")?.map_err(text)?;
    match status.code() {
        Some(_) => Err(format!("the server ended by itself: {status}")),
        None => result,
    }
}

/// Saves and syncs until the line is dead.
async fn talk<T>(
    address: SocketAddr,
    tablets: &mut [Tablet],
    seeded: &mut Seeded,
    killer: &std::thread::JoinHandle<T>,
) -> Result<(), String> {
    tablets.iter_mut().try_for_each(|tablet| tablet.connect(address))?;
    while !killer.is_finished() {
        let tablet = &mut tablets[seeded.below(TABLETS) as usize];
        for _ in 0..seeded.below(4) {
            tablet.save(seeded)?;
        }
        tablet.sync().await?;
    }
    Ok(())
}

/// What the killed server left: every log whole and as its tablet wrote it, up to what was acknowledged at least.
async fn check(settings: &Settings, tablets: &[Tablet], with_rebuild: bool) -> Result<(), String> {
    let service = server::open(settings).map_err(text)?;
    let store = service.store.clone();
    let mut truth = Truth::default();
    for tablet in tablets {
        let number = tablet.identity.device_number();
        let rows = held_log(store.as_ref(), number, &tablet.signing_key()).await.map_err(text)?;
        let acknowledged = tablet.acknowledged();
        if (rows.len() as u64) < acknowledged.0 {
            let held = rows.len();
            return Err(format!(
                "LOST: change {acknowledged} of device {number} was acknowledged, {held} are held"
            ));
        }
        if !tablet.log()?.starts_with(&rows) {
            return Err(format!("a change of device {number} is not what was sent"));
        }
        if store.family(number).await.map_err(text)?.len() != 1 {
            return Err(format!("device {number} is taken for a copy"));
        }
        truth.take_log(number, &rows)?;
    }
    service.projector.catch_up().await.map_err(text)?;
    merged(store.as_ref(), &truth).await.map_err(text)?;
    drop((store, service));
    if with_rebuild {
        let differences = upkeep::check_rebuild(settings).await.map_err(text)?;
        if !differences.is_empty() {
            return Err(format!("projections made anew differ: {differences:?}"));
        }
    }
    Ok(())
}

/// A server that nobody kills: everything is delivered by itself, and every tablet has what the others wrote.
async fn settle(settings: &Settings, tablets: &mut [Tablet]) -> Result<(), String> {
    let server = Server::start(settings.clone()).await.map_err(text)?;
    tablets.iter_mut().try_for_each(|tablet| tablet.connect(server.address))?;
    // Twice: the first to settle cannot have what the last one brings.
    for _ in 0..2 {
        for tablet in tablets.iter_mut() {
            let mut tries = 0;
            while !tablet.sync().await? {
                tries += 1;
                if tries > SYNCS_AT_THE_END_MAX {
                    return Err(format!("device {} does not settle", tablet.identity.number));
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
    server.shutdown().await;
    check(settings, tablets, false).await?;
    let states = tablets[0].states()?;
    for tablet in tablets {
        tablet.look()?;
        let number = tablet.identity.number;
        if tablet.log()?.len() as u64 != tablet.acknowledged().0 {
            return Err(format!("device {number} has something that was not delivered"));
        }
        if tablet.states()? != states {
            return Err(format!("device {number} does not hold what the others do"));
        }
    }
    Ok(())
}
