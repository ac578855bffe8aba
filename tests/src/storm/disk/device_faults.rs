//! Every operation of a device's morning fails once, or for good, or finds no room, one after the other. The error is
//! clean, nothing acknowledged is lost, and work goes on when the disk does.

use super::check;
use super::fault::Fault;
use super::life::{Booted, Life, aged, mount};
use super::medium::Disk;
use super::survive::Image;
use crate::sample::Seeded;
use crate::storm::{Case, Report, Storm, Trace};
use app::store::StoreError;

/// Six cases, each operation of each morning once: the three kinds of fault, on a new device and on a used one.
pub const DEVICE_FAULTS: Storm = Storm {
    name: "device-faults",
    group: "disk",
    unit: "faults",
    aim: 2_000,
    is_whole: false,
    rounds: Some((MORNINGS, 6)),
    case,
};

/// The same on disks that acknowledge flushes which they do not make. Not among the storms: it shows that they would notice.
pub const LYING_MORNING: Storm =
    Storm { name: "lying-morning", group: "planted", case: lying, ..DEVICE_FAULTS };

/// Mornings in which the last operation that there is failed as well.
const MORNINGS: &str = "whole mornings";
const STEPS: u64 = 7;
/// Enough rows that an idle moment trains a dictionary.
const SAVES_BEFORE: u64 = 150;

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Once,
    ForGood,
    Full,
}

fn case(case: &Case) -> Report {
    mornings(case, Disk::from_image)
}

fn lying(case: &Case) -> Report {
    mornings(case, |image| Disk::from_image(image).that_lies())
}

fn mornings(case: &Case, disk: fn(&Image) -> Disk) -> Report {
    let mut report = Report::default();
    let kind = [Kind::Once, Kind::ForGood, Kind::Full][case.number as usize % 3];
    let mut seeded = case.seeded(2);
    let before = match case.number % 2 {
        0 => (Image::default(), Life::default()),
        _ => aged(&mut seeded, SAVES_BEFORE),
    };
    // A piece of the storm is a piece of a morning.
    let most = if case.size < DEVICE_FAULTS.aim { case.size } else { u64::MAX };
    for at in 1..=most {
        match morning(&before, disk, kind, at, case, &mut report.trace) {
            Ok(false) => {
                report.peak("operations of a morning", at - 1);
                report.count(MORNINGS, 1);
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

/// One morning with one fault; whether it struck.
fn morning(
    before: &(Image, Life),
    disk: fn(&Image) -> Disk,
    kind: Kind,
    at: u64,
    case: &Case,
    trace: &mut Trace,
) -> Result<bool, String> {
    // The same steps whichever operation fails.
    let mut seeded = case.seeded(3);
    let (image, mut life) = before.clone();
    let mounted = mount(disk(&image));
    let fault = match kind {
        Kind::Once => Fault::broken(at),
        Kind::ForGood => Fault::broken_for_good(at),
        Kind::Full => Fault::full(at),
    };
    mounted.disk.plan(fault.drawn_by(&mut case.seeded(40)));
    let mut booted = None;
    let mut attempt =
        |life: &mut Life, what: &mut dyn FnMut(&mut Life, &mut Booted) -> Result<(), StoreError>| {
            let result = match &mut booted {
                Some(booted) => what(life, booted),
                None => life.boot(&mounted).and_then(|mut fresh| {
                    let result = what(life, &mut fresh);
                    booted = Some(fresh);
                    result
                }),
            };
            match result {
                Err(error) if !mounted.disk.fault().has_struck => Err(format!("without a fault: {error}")),
                Err(error) if !is_clean(&error, kind) => Err(format!("an unclear error: {error:?}")),
                _ => Ok(()),
            }
        };
    for _ in 0..STEPS {
        attempt(&mut life, &mut |life, booted| life.step(booted, &mut seeded))?;
    }
    let has_struck = mounted.disk.fault().has_struck;
    mounted.disk.plan(Fault::none());
    // The disk is mended: the same connections go on.
    attempt(&mut life, &mut |life, booted| life.save(booted, &mut seeded))?;
    attempt(&mut life, &mut |life, booted| life.page(booted, &mut seeded))?;
    attempt(&mut life, &mut |life, booted| life.save(booted, &mut seeded))?;
    // What comes of it then differs from operation to operation.
    let mut end = Seeded(case.seeded(42).draw() ^ at);
    let left = match end.below(2) {
        0 => mounted.disk.survivors(&mut end),
        _ => mounted.disk.image(),
    };
    drop(booted);
    trace.follow(mounted.disk.trace());
    check::device(&left, &life, &mut seeded).map_err(|trouble| trouble.to_string())?;
    Ok(has_struck)
}

/// The person at the screen can be told what to do about it.
fn is_clean(error: &StoreError, kind: Kind) -> bool {
    match error {
        StoreError::Full => kind == Kind::Full,
        StoreError::Sqlite(_) => kind != Kind::Full,
        StoreError::WrongKey
        | StoreError::TooLarge(_)
        | StoreError::Erased
        | StoreError::Damaged(_)
        | StoreError::Migration(_) => false,
    }
}
