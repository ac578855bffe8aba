//! Every operation of a server's evening fails once, or for good, or finds no room, one after the other. Nothing
//! acknowledged is lost, and the same process goes on when the disk does.

use super::fault::Fault;
use super::medium::Disk;
use super::server_check;
use super::server_cuts::{first_evening, runtime};
use super::server_life::{ServerLife, StepError, boot, place};
use super::survive::Image;
use crate::sample::Seeded;
use crate::storm::{Case, Report, Storm, Trace};
use sync_server::store::StoreError;

/// Three cases are each operation of an evening once, with each of the three kinds of fault.
pub const SERVER_FAULTS: Storm = Storm {
    name: "server-faults",
    group: "disk",
    unit: "faults",
    aim: 1_000,
    is_whole: false,
    rounds: Some((EVENINGS, 3)),
    case,
};

/// The same on a disk that acknowledges flushes which it does not make. Not among the storms: it shows that they would
/// notice.
pub const LYING_EVENING: Storm =
    Storm { name: "lying-evening", group: "planted", case: lying, ..SERVER_FAULTS };

/// Evenings in which the last operation that there is failed as well.
const EVENINGS: &str = "whole evenings";
const STEPS_OF_AN_EVENING: u64 = 6;

fn case(case: &Case) -> Report {
    evenings(case, Disk::from_image)
}

fn lying(case: &Case) -> Report {
    evenings(case, |image| Disk::from_image(image).that_lies())
}

fn evenings(case: &Case, disk: fn(&Image) -> Disk) -> Report {
    let runtime = runtime();
    let image = first_evening(&runtime);
    let mut report = Report::default();
    // A piece of the storm is a piece of an evening.
    let most = if case.size < SERVER_FAULTS.aim { case.size } else { u64::MAX };
    for at in 1..=most {
        match runtime.block_on(evening_with_fault(disk(&image), case, at, &mut report.trace)) {
            Ok(false) => {
                report.peak("operations of an evening", at - 1);
                report.count(EVENINGS, 1);
                break;
            }
            Ok(true) => report.tried += 1,
            Err(finding) => {
                report.find(format!("fault at operation {at}: {finding}"));
                break;
            }
        }
    }
    report
}

/// The same evening whichever operation fails; whether it did.
async fn evening_with_fault(disk: Disk, case: &Case, at: u64, trace: &mut Trace) -> Result<bool, String> {
    let mut seeded = case.seeded(8);
    let mut life = ServerLife::default();
    let place = place(disk);
    let fault = match case.number % 3 {
        0 => Fault::broken(at),
        1 => Fault::broken_for_good(at),
        _ => Fault::full(at),
    };
    place.mounted.disk.plan(fault.drawn_by(&mut case.seeded(41)));
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
    // What comes of it then differs from operation to operation.
    let mut end = Seeded(case.seeded(43).draw() ^ at);
    let left = if end.below(2) == 0 { disk.survivors(&mut end) } else { disk.image() };
    drop(running);
    trace.follow(disk.trace());
    server_check::server(&left, &life).await.map_err(|trouble| trouble.to_string())?;
    Ok(has_struck)
}
