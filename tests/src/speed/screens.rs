//! What it costs to start the app: from the start of the program to the sign-in screen. A program of its own is started
//! each time, so that nothing is warm.

use super::people::{entries, load};
use super::{Row, percentile, plain};
use crate::sample::agreed_aloud;
use app::apply::apply_page;
use app::capture::{CheckInDraft, Desk, DeskOptions};
use app::headless::Headless;
use app::platform;
use app::session::{DataFolder, Keyring, Pin};
use app::wiring::{Screens, ScreensOptions};
use shared::change::Operation;
use shared::domain::visit::Station;
use shared::ids::{DeviceNumber, PersonId, Sequence, StopId};
use shared::merge::{Author, RecordState};
use shared::protocol::StateEntry;
use slint::ComponentHandle;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

const PIN: &str = "314159";
const PEOPLE: u64 = 10_000;
const STARTS: usize = 9;

/// The verb by which this program starts itself as the app.
pub const START: &str = "start-app";
/// A device at work: ten thousand people, a stop today, one member of staff with a PIN, one visit under way.
pub(super) fn prepare(path: &Path) {
    let folder = DataFolder::open(path).expect("a new folder");
    let mut store = plain::device(&folder.records(), plain::FIRST_DEVICE, None).expect("a device");
    let people = entries(PEOPLE);
    let first: PersonId = people[0].record.into();
    load(&mut store, &people);
    apply_page(&mut store, &super::people::page(schedule()), platform::now()).expect("merged");
    let keyring = Keyring::open(&folder).expect("a keyring");
    let pin = Pin::choose(PIN).expect("a PIN that nobody guesses");
    let until = platform::now().plus_milliseconds(86_400_000);
    let key = plain::data_key();
    keyring.admit(plain::STAFF, "Jordan Sample", "nurse", &pin, &key, until).expect("admitted");
    let mut desk = Desk::open(store, plain::STAFF, DeskOptions::default()).expect("a desk");
    let identifiers = vec!["name".into(), "badge".into()];
    let stop = StopId::from_bytes(plain::STOP);
    let draft = CheckInDraft { person: first, stop, identifiers, consent: agreed_aloud(), walk_up: false };
    let visit = desk.check_in(&draft).expect("checked in");
    desk.move_to(visit, Station::Vitals).expect("moved");
}

/// The states of a day with one stop, as a server would send them.
fn schedule() -> Vec<StateEntry> {
    let author = Author {
        device: DeviceNumber(1),
        sequence: Sequence(1),
        stamp: Default::default(),
        staff: plain::STAFF,
    };
    let mut states = Vec::new();
    for entry in plain::schedule(platform::now()) {
        for operation in entry.operations {
            let Operation::Edit(edit) = operation else { continue };
            let mut state = RecordState::new(edit.kind);
            edit.puts.into_iter().for_each(|put| state.apply(author, put));
            states.push(StateEntry { bucket: entry.bucket, record: edit.record, state: state.encode() });
        }
    }
    states
}

/// The child: opens the screens over a folder, paints the first picture, says so and how much memory that took.
pub fn start_app(path: &Path) {
    let headless = Headless::start(1280, 800).expect("a platform");
    let folder = DataFolder::open(path).expect("a folder");
    let options = ScreensOptions { is_live: false, ..ScreensOptions::live(folder) };
    let screens = Screens::new(options).expect("screens");
    screens.window().show().expect("shown");
    std::hint::black_box(headless.picture().expect("a picture"));
    println!("{}", resident_mb());
}

/// The most memory that this process held, in MB.
fn resident_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1024.0
}

pub(super) fn myself(verb: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("the running program has a path"));
    command.arg(verb).arg(folder).stdout(Stdio::piped());
    command
}

/// Cold start to the sign-in screen.
pub fn start() -> Vec<Row> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    prepare(folder.path());
    let (mut seconds, mut memory) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let begun = Instant::now();
        let mut child = myself(START, folder.path()).spawn().expect("the program starts");
        let mut line = String::new();
        let out = child.stdout.take().expect("it was piped");
        BufReader::new(out).read_line(&mut line).expect("a line");
        seconds.push(begun.elapsed().as_secs_f64());
        memory.push(line.trim().parse().unwrap_or(f64::NAN));
        child.wait().expect("it ends");
    }
    vec![
        Row::absolute(
            "start of the app to the sign-in screen, p95",
            STARTS,
            percentile(&mut seconds, 0.95),
            "s",
            1.0,
        ),
        Row::absolute(
            "memory of the app at the sign-in screen",
            STARTS,
            percentile(&mut memory, 1.0),
            "MB",
            100.0,
        ),
    ]
}
