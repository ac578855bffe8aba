//! A day pack of ten thousand people, and finding one among a hundred thousand.

use super::meter::{median, milliseconds};
use super::trees::same_rows;
use super::{BUCKET, EMPLOYER, RUNS, Row, STAFF, device, floor, percentile};
use crate::sample::{Seeded, person};
use app::apply::apply_page;
use app::platform;
use app::store::Store;
use shared::change::Head;
use shared::domain::person::Person;
use shared::ids::{DeviceId, DeviceNumber, PersonId, Sequence};
use shared::merge::{Author, RecordState};
use shared::protocol::{PullPage, Standing, StateEntry};
use shared::time::Timestamp;
use std::time::Instant;

/// When the first of them was made up.
const BORN: Timestamp = Timestamp::from_milliseconds(1_795_000_000_000);
/// As many as a page of the server holds, about.
const PEOPLE_A_PAGE: usize = 2_000;

/// States of made-up people, as a server would send them.
pub(super) fn entries(count: u64) -> Vec<StateEntry> {
    entries_from(0, count)
}

/// The same people from the n-th on.
pub(super) fn entries_from(first: u64, count: u64) -> Vec<StateEntry> {
    let mut seeded = Seeded(2026 + first);
    let author = |sequence: u64| Author {
        device: DeviceNumber(1),
        sequence: Sequence(sequence),
        stamp: Default::default(),
        staff: STAFF,
    };
    let entry = |number: u64| {
        let id = PersonId::new(BORN.plus_milliseconds(number as i64), &mut seeded);
        let mut state = RecordState::new(Person::KIND.number);
        let edit = state.edit(id.into(), person(&mut seeded, number, EMPLOYER).values());
        edit.puts.into_iter().for_each(|put| state.apply(author(number + 1), put));
        StateEntry { bucket: BUCKET, record: id.into(), state: state.encode() }
    };
    (first..first + count).map(entry).collect()
}

pub(super) fn page(states: Vec<StateEntry>) -> PullPage {
    PullPage {
        server_time: platform::now(),
        epoch: 1,
        acknowledged: Head::genesis(DeviceId::from_bytes([2; 16]), DeviceNumber(2)),
        standing: Standing::Active,
        cursor: vec![1],
        complete: true,
        states,
        facts: vec![],
        forget: vec![],
        rejected: vec![],
        decided: vec![],
        renew_certificate: false,
    }
}

pub(super) fn load(store: &mut Store, entries: &[StateEntry]) {
    let pages = entries.chunks(PEOPLE_A_PAGE);
    let last = pages.len() - 1;
    for (number, chunk) in pages.enumerate() {
        let page = PullPage { complete: number == last, ..page(chunk.to_vec()) };
        apply_page(store, &page, platform::now()).expect("merged");
    }
}

/// Ten thousand people on an empty device, with search and projections, against inserting the same bytes into one table,
/// and against inserting the very rows that came of it into the very same tables; turn by turn.
pub fn day_pack() -> Vec<Row> {
    let entries = entries(10_000);
    let (mut ours, mut bare, mut same) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut store = device(folder.path(), 2);
        let start = Instant::now();
        load(&mut store, &entries);
        ours.push(milliseconds(start));
        drop(store);
        let mut raw = floor(&folder.path().join("floor.db"));
        let start = Instant::now();
        for chunk in entries.chunks(PEOPLE_A_PAGE) {
            let write = raw.transaction().expect("a write begins");
            for entry in chunk {
                write
                    .prepare_cached("INSERT INTO floor VALUES (?, ?)")
                    .and_then(|mut statement| statement.execute((entry.record.as_bytes(), &entry.state)))
                    .expect("inserted");
            }
            write.commit().expect("committed");
        }
        bare.push(milliseconds(start));
        same.push(same_rows(&folder.path().join("device-2.db")));
    }
    let (ours, bare, same) = (median(&mut ours), median(&mut bare), median(&mut same));
    vec![
        Row::absolute("day pack of 10,000 people, merged and indexed", RUNS, ours / 1e3, "s", 5.0),
        Row::ratio("day pack against a raw bulk insert", RUNS, ours, bare, 2.0),
        Row::part("  against raw inserts of the same rows into the same trees", RUNS, ours, same),
    ]
}

const TYPED: &[&str] = &[
    "lopez",
    "lop",
    "l",
    "maria",
    "ma lo",
    "garcia maria",
    "noonez",
    "hernandes jose",
    "E012345",
    "1980-03-05",
    "3/5/1980",
    "5550142",
    "smyth",
    "bob walker",
    "zamora zach",
    "n",
    "nuñez inés",
    "castillo-delgado",
    "xavier sample",
    "böhm",
    "sample",
];

/// Typing into the search field of a device that holds a hundred thousand people.
pub fn search() -> Vec<Row> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut store = device(folder.path(), 2);
    load(&mut store, &entries(100_000));
    let mut times: Vec<f64> = Vec::new();
    for _ in 0..20 {
        for typed in TYPED {
            let start = Instant::now();
            let found = store.find_people(typed, 60).expect("searched");
            times.push(start.elapsed().as_secs_f64() * 1e3);
            std::hint::black_box(found);
        }
    }
    let (count, worst) = (times.len(), percentile(&mut times, 1.0));
    vec![
        Row::absolute("person search over 100,000, p95", count, percentile(&mut times, 0.95), "ms", 10.0),
        Row::absolute("person search over 100,000, slowest", count, worst, "ms", 30.0),
    ]
}
