//! The power goes while a server appends, folds and hands down; and every operation of an evening fails in turn.

use super::fault::Fault;
use super::medium::Disk;
use super::server_check;
use super::server_life::{Place, ServerLife, StepError, boot, founded, place};
use super::survive::Image;
use crate::sample::Seeded;
use crate::storm::{Case, Report, Storm, Trace};
use std::sync::OnceLock;
use sync_server::store::StoreError;
use tokio::runtime::Runtime;

pub const SERVER_CUTS: Storm =
    Storm { name: "server-cuts", group: "disk", unit: "cuts", aim: 3_000, is_whole: false, case: cuts };
/// Three cases are each operation of an evening once, with each of the three kinds of fault.
pub const SERVER_FAULTS: Storm =
    Storm { name: "server-faults", group: "disk", unit: "faults", aim: 1_000, is_whole: false, case: faults };

const CUTS_A_LIFE: u64 = 10;
const STEPS_A_CUT_MAX: u64 = 16;
const CHANGES_BEFORE_CUT_MAX: u64 = 300;
const STEPS_OF_AN_EVENING: u64 = 6;

pub(super) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime")
}

pub(super) fn first_evening(runtime: &Runtime) -> Image {
    static FOUNDED: OnceLock<Image> = OnceLock::new();
    FOUNDED.get_or_init(|| runtime.block_on(founded()).expect("a good disk")).clone()
}

fn cuts(case: &Case) -> Report {
    let runtime = runtime();
    let (mut image, mut life) = (first_evening(&runtime), ServerLife::default());
    let mut report = Report::default();
    let mut seeded = case.seeded(5);
    for _ in 0..CUTS_A_LIFE {
        report.tried += 1;
        let living = live_and_cut(&image, &mut life, &mut seeded, &mut report.trace);
        let left = runtime.block_on(living);
        let checked = left.and_then(|left| {
            image = left;
            runtime.block_on(server_check::server(&image, &life)).map_err(|trouble| trouble.to_string())
        });
        match checked {
            // What survived unacknowledged is acknowledged when it is sent again.
            Ok(heads) => {
                report.note(heads.iter().map(|head| (head.sequence.0, head.hash.0)).collect::<Vec<_>>());
                life.writers.iter_mut().zip(heads).for_each(|(writer, head)| writer.acknowledged = head)
            }
            Err(finding) => {
                report.find(finding);
                break;
            }
        }
    }
    report.count("pushes acknowledged", life.pushes);
    report
}

async fn live_and_cut(
    image: &Image,
    life: &mut ServerLife,
    seeded: &mut Seeded,
    trace: &mut Trace,
) -> Result<Image, String> {
    let place = place(Disk::from_image(image));
    let most = if seeded.below(4) == 0 { 24 } else { CHANGES_BEFORE_CUT_MAX };
    place.mounted.disk.plan(Fault::cut(1 + seeded.below(most)));
    let result = evening(&place, life, seeded).await;
    trace.follow(place.mounted.disk.trace());
    match result {
        Err(error) if !place.mounted.disk.fault().has_struck => Err(format!("without a fault: {error}")),
        Err(StepError::Wrong(what)) => Err(what),
        _ => Ok(place.mounted.disk.survivors(seeded)),
    }
}

async fn evening(place: &Place, life: &mut ServerLife, seeded: &mut Seeded) -> Result<(), StepError> {
    let booted = boot(place, life.now)?;
    for _ in 0..1 + seeded.below(STEPS_A_CUT_MAX) {
        if seeded.below(6) == 0 {
            checkpoint(place, seeded)?;
        }
        life.step(&booted, seeded).await?;
    }
    Ok(())
}

/// SQLite does this by itself after 4,096 pages; here it comes sooner.
fn checkpoint(place: &Place, seeded: &mut Seeded) -> Result<(), StoreError> {
    let how = seeded.pick(&["PASSIVE", "FULL", "RESTART", "TRUNCATE"]);
    let connection = server_check::raw(&place.mounted.path(super::server_life::FILE))?;
    Ok(connection.query_row(&format!("PRAGMA wal_checkpoint({how})"), [], |_| Ok(()))?)
}

fn faults(case: &Case) -> Report {
    let runtime = runtime();
    let image = first_evening(&runtime);
    let mut report = Report::default();
    for at in 1..=case.size {
        match runtime.block_on(evening_with_fault(&image, case, at, &mut report.trace)) {
            Ok(false) => {
                report.peak("operations of an evening", at - 1);
                break;
            }
            Ok(true) => report.tried += 1,
            Err(finding) => {
                report.find(format!("fault at operation {at}: {finding}"));
                break;
            }
        }
    }
    report.count("evenings", 1);
    report
}

/// The same evening whichever operation fails; whether it did.
async fn evening_with_fault(image: &Image, case: &Case, at: u64, trace: &mut Trace) -> Result<bool, String> {
    let mut seeded = case.seeded(8);
    let mut life = ServerLife::default();
    let place = place(Disk::from_image(image));
    place.mounted.disk.plan(match case.number % 3 {
        0 => Fault::broken(at),
        1 => Fault::broken_for_good(at),
        _ => Fault::full(at),
    });
    let disk = &place.mounted.disk;
    let mut booted = boot(&place, life.now);
    for _ in 0..STEPS_OF_AN_EVENING {
        let Ok(running) = &booted else { break };
        match life.step(running, &mut seeded).await {
            Err(error) if !disk.fault().has_struck => return Err(format!("without a fault: {error}")),
            Err(StepError::Wrong(what)) => return Err(what),
            Err(StepError::Store(StoreError::Damaged(what))) => {
                return Err(format!("an unclear error: {what}"));
            }
            _ => {}
        }
    }
    let has_struck = disk.fault().has_struck;
    disk.plan(Fault::none());
    if booted.is_err() {
        booted = boot(&place, life.now);
    }
    let running = booted.map_err(|error| format!("does not start on a mended disk: {error}"))?;
    // The disk is mended: the same process goes on.
    for which in [0, 1, 2] {
        life.push(&running, which, &mut seeded).await.map_err(|error| format!("after mending: {error}"))?;
    }
    running.service.projector.catch_up().await.map_err(|error| format!("after mending: {error}"))?;
    let left = if seeded.below(2) == 0 { disk.survivors(&mut seeded) } else { disk.image() };
    drop(running);
    trace.follow(disk.trace());
    server_check::server(&left, &life).await.map_err(|trouble| trouble.to_string())?;
    Ok(has_struck)
}
