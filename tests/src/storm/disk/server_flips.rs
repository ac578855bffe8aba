//! One bit of a server's file turns over: what is read is what was acknowledged, or there is an error. A flip in the
//! journal may give an earlier moment, whole, as on a device: it is counted apart.

use super::check::Trouble;
use super::medium::Disk;
use super::server_check;
use super::server_cuts::{first_evening, runtime};
use super::server_life::{FILE, ServerLife, StepError, Writer, boot, place};
use super::survive::Image;
use crate::sample::Seeded;
use crate::storm::{Case, Report, Storm, Trace};
use shared::change::Head;
use shared::ids::DeviceNumber;

pub const SERVER_FLIPS: Storm =
    Storm { name: "server-flips", group: "disk", unit: "flips", aim: 500, is_whole: false, case };

const STEPS: u64 = 40;
const FLIPS_A_FILE: u64 = 50;
const JOURNAL: &str = "caravan.db-wal";

fn case(case: &Case) -> Report {
    let runtime = runtime();
    let mut report = Report::default();
    let mut seeded = case.seeded(9);
    let mut life = ServerLife::default();
    let lived = runtime.block_on(evening(&first_evening(&runtime), &mut life, &mut seeded));
    let (image, trace) = lived.expect("a good disk");
    report.trace.follow(trace);
    for _ in 0..FLIPS_A_FILE {
        let name = if image.bytes(JOURNAL) > 0 && seeded.below(3) == 0 { JOURNAL } else { FILE };
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
        life.step(&booted, seeded).await?;
    }
    // While the server runs, its journal holds what the file does not.
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
