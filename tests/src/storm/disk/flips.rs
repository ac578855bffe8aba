//! One bit of a device's file turns over: what is read is what was written, or there is an error. A flip in the
//! journal, which SQLite's recovery takes for its end, may give an earlier moment, whole: it is counted apart.

use super::check::{self, Trouble};
use super::life::{Life, mount};
use super::medium::Disk;
use super::survive::Image;
use crate::storm::{Case, Report, Storm};

pub const FLIPS: Storm = Storm {
    name: "device-flips",
    group: "disk",
    unit: "flips",
    aim: 2_000,
    is_whole: false,
    rounds: None,
    case,
};

const STEPS: u64 = 60;
const FLIPS_A_FILE: u64 = 100;

fn case(case: &Case) -> Report {
    let mut report = Report::default();
    let mut seeded = case.seeded(4);
    let mut life = Life::default();
    let mounted = mount(Disk::default());
    let image: Image = {
        let mut booted = life.boot(&mounted).expect("a good disk");
        for _ in 0..STEPS {
            life.step(&mut booted, &mut seeded).expect("a good disk");
        }
        mounted.disk.image()
    };
    report.trace.follow(mounted.disk.trace());
    let (file, journal) = ("records.db", "records.db-wal");
    for _ in 0..FLIPS_A_FILE {
        let name = if image.bytes(journal) > 0 && seeded.below(3) == 0 { journal } else { file };
        if image.bytes(name) == 0 {
            continue;
        }
        let mut flipped = image.clone();
        let bit = seeded.below(image.bytes(name) as u64 * 8) as usize;
        flipped.flip(name, bit);
        report.tried += 1;
        match check::device_as_read(&flipped, &life, &mut seeded) {
            Ok(_) => report.count("harmless", 1),
            Err(Trouble::Told(_)) => report.count("told", 1),
            Err(Trouble::Wrong(what)) if name == file => report.find(format!("a flip in the file: {what}")),
            Err(Trouble::Wrong(_)) => {
                let forgetful = Life { acknowledged: None, pages_durable: 0, ..life.clone() };
                match check::device_as_read(&flipped, &forgetful, &mut seeded) {
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
