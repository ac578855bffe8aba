//! The power goes while a server appends, folds and hands down, again and again in one life.

use super::fault::Fault;
use super::medium::Disk;
use super::server_check;
use super::server_life::{Place, ServerLife, StepError, boot, founded, place};
use super::survive::Image;
use crate::sample::Seeded;
use crate::storm::{Case, Report, Storm};
use std::sync::OnceLock;
use sync_server::store::StoreError;
use tokio::runtime::Runtime;

pub const SERVER_CUTS: Storm = Storm {
    name: "server-cuts",
    group: "disk",
    unit: "cuts",
    aim: 2_000,
    is_whole: false,
    rounds: None,
    case,
};

/// The same on a disk that acknowledges flushes which it does not make. Not among the storms: it shows that they would
/// notice.
pub const LYING_CUTS: Storm = Storm { name: "lying-cuts", group: "planted", case: lying, ..SERVER_CUTS };

const CUTS_A_LIFE: u64 = 10;
const STEPS_A_CUT_MAX: u64 = 16;
const CHANGES_BEFORE_CUT_MAX: u64 = 300;

pub(super) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime")
}

pub(super) fn first_evening(runtime: &Runtime) -> Image {
    static FOUNDED: OnceLock<Image> = OnceLock::new();
    FOUNDED.get_or_init(|| runtime.block_on(founded()).expect("a good disk")).clone()
}

fn case(case: &Case) -> Report {
    cuts(case, Disk::from_image)
}

fn lying(case: &Case) -> Report {
    cuts(case, |image| Disk::from_image(image).that_lies())
}

fn cuts(case: &Case, disk: fn(&Image) -> Disk) -> Report {
    let runtime = runtime();
    let (mut image, mut life) = (first_evening(&runtime), ServerLife::default());
    let mut report = Report::default();
    let mut seeded = case.seeded(5);
    for _ in 0..CUTS_A_LIFE {
        let living = live_and_cut(disk(&image), &mut life, &mut seeded, &mut report);
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

/// Whoever goes home before the power goes was not cut, and loses no less to a disk that is taken out then.
async fn live_and_cut(
    disk: Disk,
    life: &mut ServerLife,
    seeded: &mut Seeded,
    report: &mut Report,
) -> Result<Image, String> {
    let place = place(disk);
    let most = if seeded.below(4) == 0 { 24 } else { CHANGES_BEFORE_CUT_MAX };
    place.mounted.disk.plan(Fault::cut(1 + seeded.below(most)));
    let result = evening(&place, life, seeded).await;
    report.trace.follow(place.mounted.disk.trace());
    let has_struck = place.mounted.disk.fault().has_struck;
    match has_struck {
        true => report.tried += 1,
        false => report.count("went home before", 1),
    }
    match result {
        Err(error) if !has_struck => Err(format!("without a fault: {error}")),
        Err(StepError::Wrong(what)) => Err(what),
        _ => Ok(place.mounted.disk.survivors(seeded)),
    }
}

async fn evening(place: &Place, life: &mut ServerLife, seeded: &mut Seeded) -> Result<(), StepError> {
    let booted = boot(place, life.now)?;
    for _ in 0..1 + seeded.below(STEPS_A_CUT_MAX) {
        if seeded.below(6) == 0 {
            checkpoint(place, seeded.pick(&["PASSIVE", "FULL", "RESTART", "TRUNCATE"]))?;
        }
        life.step(&booted, seeded).await?;
    }
    Ok(())
}

/// The store does this by itself after 4,096 pages; here it comes sooner, and in each way that there is.
pub(super) fn checkpoint(place: &Place, how: &str) -> Result<(), StoreError> {
    let connection = server_check::raw(&place.mounted.path(super::server_life::FILE))?;
    Ok(connection.query_row(&format!("PRAGMA wal_checkpoint({how})"), [], |_| Ok(()))?)
}
