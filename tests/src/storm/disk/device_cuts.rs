//! The power goes while a device writes, again and again in one life: at a write, a sync, a truncate or a delete that
//! the seed chooses, also while it starts.

use super::check;
use super::fault::Fault;
use super::life::{Life, aged, mount};
use super::medium::Disk;
use super::survive::Image;
use crate::sample::Seeded;
use crate::storm::{Case, Report, Storm};
use std::sync::OnceLock;

pub const DEVICE_CUTS: Storm = Storm {
    name: "device-cuts",
    group: "disk",
    unit: "cuts",
    aim: 8_000,
    is_whole: false,
    rounds: None,
    case,
};

/// The same with saves that are acknowledged too early. Not among the storms: it shows that they would notice.
pub const CARELESS: Storm = Storm {
    name: "careless",
    group: "planted",
    unit: "cuts",
    aim: 300,
    is_whole: false,
    rounds: None,
    case: careless,
};

const CUTS_A_LIFE: u64 = 12;
const STEPS_A_CUT_MAX: u64 = 24;
/// Changes of the disk before the power goes: a save makes about thirty.
const CHANGES_BEFORE_CUT_MAX: u64 = 400;
/// Enough rows that the next idle moment trains a dictionary.
const SAVES_OF_A_MORNING: u64 = 150;

/// One life in four begins on a used device, always the same.
fn begin(case: &Case) -> (Image, Life) {
    static MORNING: OnceLock<(Image, Life)> = OnceLock::new();
    match case.number % 4 {
        3 => MORNING.get_or_init(|| aged(&mut Seeded(7), SAVES_OF_A_MORNING)).clone(),
        _ => Default::default(),
    }
}

fn case(case: &Case) -> Report {
    live(case, begin(case))
}

fn careless(case: &Case) -> Report {
    let life = Life { is_careless: true, ..Life::default() };
    live(case, (Image::default(), life))
}

fn live(case: &Case, (mut image, mut life): (Image, Life)) -> Report {
    let mut report = Report::default();
    let mut seeded = case.seeded(1);
    for _ in 0..CUTS_A_LIFE {
        let outcome = live_and_cut(&image, &mut life, &mut seeded, &mut report);
        image = match outcome {
            Ok(image) => image,
            Err(finding) => {
                report.find(finding);
                return report;
            }
        };
        match check::device(&image, &life, &mut seeded) {
            Ok(held) => {
                report.trace.note((held.head.sequence.0, held.head.hash.0, held.pages));
                // What survived unacknowledged is a save like any other from now on.
                life.acknowledged = (held.head.sequence.0 > 0).then_some(held.head);
                life.pages_durable = held.pages;
            }
            Err(trouble) => {
                report.find(trouble);
                return report;
            }
        }
    }
    report.count("saves acknowledged", life.saves);
    report.count("pages merged", life.elsewhere.pages.len() as u64);
    report
}

/// Lives until the power goes; what is left of the disk. An error before that is a finding. Whoever goes home before the
/// power goes was not cut, and loses no less to a disk that is taken out then.
fn live_and_cut(
    image: &Image,
    life: &mut Life,
    seeded: &mut Seeded,
    report: &mut Report,
) -> Result<Image, String> {
    let mounted = mount(Disk::from_image(image));
    let most = if seeded.below(4) == 0 { 30 } else { CHANGES_BEFORE_CUT_MAX };
    mounted.disk.plan(Fault::cut(1 + seeded.below(most)));
    let result = life.boot(&mounted).and_then(|mut booted| {
        for _ in 0..1 + seeded.below(STEPS_A_CUT_MAX) {
            life.step(&mut booted, seeded)?;
        }
        // Going home: the connections close, and the journal is written into the file.
        Ok(())
    });
    report.trace.follow(mounted.disk.trace());
    let has_struck = mounted.disk.fault().has_struck;
    match has_struck {
        true => report.tried += 1,
        false => report.count("went home before", 1),
    }
    match result {
        Err(error) if !has_struck => Err(format!("without a fault: {error}")),
        _ => Ok(mounted.disk.survivors(seeded)),
    }
}
