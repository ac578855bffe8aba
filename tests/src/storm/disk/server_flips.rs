//! One bit of a server's file turns over: what is read is what was acknowledged, or there is an error. A flip in the
//! journal may give an earlier moment, whole, as on a device: it is counted apart.

use super::check::Trouble;
use super::medium::Disk;
use super::server_check;
use super::server_cuts::{checkpoint, first_evening, runtime};
use super::server_life::{FILE, ServerLife, StepError, boot, place};
use super::server_writer::Writer;
use super::survive::Image;
use crate::sample::Seeded;
use crate::storm::{Case, Report, Storm, Trace};
use shared::change::Head;
use shared::ids::DeviceNumber;

pub const SERVER_FLIPS: Storm = Storm {
    name: "server-flips",
    group: "disk",
    unit: "flips",
    aim: 500,
    is_whole: false,
    rounds: None,
    case,
};

const STEPS: u64 = 40;
const FLIPS_A_FILE: u64 = 50;
/// One evening in so many lasts until the store itself brings its journal into the file. It is long, so that fewer bits are
/// turned over after it.
const LONG_ONE_IN: u64 = 5;
const FLIPS_AFTER_LONG: u64 = 20;
/// Large batches of a long evening: the journal holds sixteen megabytes.
const LARGE_PUSHES_MAX: u64 = 200;
const STEPS_BETWEEN_LARGE: u64 = 6;
const JOURNAL: &str = "caravan.db-wal";

fn case(case: &Case) -> Report {
    let runtime = runtime();
    let mut report = Report::default();
    let mut seeded = case.seeded(9);
    let mut life = ServerLife::default();
    let first = first_evening(&runtime);
    let is_long = case.number % LONG_ONE_IN == LONG_ONE_IN - 1;
    let lived = match is_long {
        true => runtime.block_on(long_evening(&first, &mut life, &mut seeded)),
        false => runtime.block_on(evening(&first, &mut life, &mut seeded)),
    };
    let (image, trace) = lived.expect("a good disk");
    report.trace.follow(trace);
    report.count("long evenings", is_long.into());
    // In a long evening it is the journal that matters.
    let (flips, journal_of_12) = if is_long { (FLIPS_AFTER_LONG, 10) } else { (FLIPS_A_FILE, 4) };
    for _ in 0..flips {
        let is_journal = image.bytes(JOURNAL) > 0 && seeded.below(12) < journal_of_12;
        let name = if is_journal { JOURNAL } else { FILE };
        let mut flipped = image.clone();
        let bit = seeded.below(image.bytes(name) as u64 * 8) as usize;
        flipped.flip(name, bit);
        report.tried += 1;
        match runtime.block_on(server_check::server(&flipped, &life)) {
            Ok(_) => report.count("harmless", 1),
            Err(Trouble::Told(_)) => report.count("told", 1),
            Err(Trouble::Wrong(what)) if name == FILE => report.find(format!("a flip in the file: {what}")),
            Err(Trouble::Wrong(_)) => {
                match runtime.block_on(server_check::server(&flipped, &forgetful(&life))) {
                    Ok(_) => report.count("earlier moment", 1),
                    Err(Trouble::Told(_)) => report.count("told", 1),
                    Err(Trouble::Wrong(what)) => report.find(format!("a flip in the journal: {what}")),
                }
            }
        }
        report.note((name, bit));
    }
    report
}

async fn evening(
    image: &Image,
    life: &mut ServerLife,
    seeded: &mut Seeded,
) -> Result<(Image, Trace), StepError> {
    let place = place(Disk::from_image(image));
    let booted = boot(&place, life.now)?;
    for _ in 0..STEPS {
        match seeded.below(12) {
            0 => checkpoint(&place, "TRUNCATE")?,
            1 => {
                // The next write begins the journal anew, over what stands in it.
                checkpoint(&place, "PASSIVE")?;
                life.push(&booted, 0, seeded).await?;
            }
            _ => life.step(&booted, seeded).await?,
        }
    }
    // While the server runs, its journal holds what the file does not.
    Ok((place.mounted.disk.image(), place.mounted.disk.trace()))
}

/// Large batches until the store has brought its journal into the file by itself, and perhaps a few steps more.
async fn long_evening(
    image: &Image,
    life: &mut ServerLife,
    seeded: &mut Seeded,
) -> Result<(Image, Trace), StepError> {
    let place = place(Disk::from_image(image));
    let booted = boot(&place, life.now)?;
    let before = place.mounted.disk.bytes(FILE);
    let mut pushes = 0;
    while place.mounted.disk.bytes(FILE) == before {
        pushes += 1;
        if pushes > LARGE_PUSHES_MAX {
            return Err(StepError::Wrong("the journal is never brought into the file".into()));
        }
        // Between them everybody works, so that pages of before are written to again and again.
        for _ in 0..STEPS_BETWEEN_LARGE {
            life.step(&booted, seeded).await?;
        }
        life.push_large(&booted, 0, seeded).await?;
        booted.service.projector.catch_up().await?;
    }
    for _ in 0..seeded.below(2) * STEPS_BETWEEN_LARGE {
        life.step(&booted, seeded).await?;
    }
    Ok((place.mounted.disk.image(), place.mounted.disk.trace()))
}

/// A server that promised nothing: any whole earlier moment will do.
fn forgetful(life: &ServerLife) -> ServerLife {
    let mut life = life.clone();
    for writer in &mut life.writers {
        writer.acknowledged = Head::genesis(Writer::id(writer.number), DeviceNumber(writer.number));
    }
    life
}
