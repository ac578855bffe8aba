//! The planner's files. Whatever a spreadsheet writes, what is planned can be written as changes and read again.

use super::mutate::{fixtures, run};
use shared::change::{Bucket, Edit, Operation, Put, codec};
use shared::ids::{RecordId, RegionId};
use shared::merge::{Clock, RecordState};
use shared::record::KindNumber;
use std::fs;
use sync_server::planner::{ImportKind, PlannedRecord, World, read};

/// A region that knows nothing yet.
struct Empty;

impl World for Empty {
    fn state(&self, _: RecordId) -> Option<RecordState> {
        None
    }
    fn buckets(&self, _: RecordId) -> Vec<Bucket> {
        Vec::new()
    }
    fn members(&self, _: Bucket, _: KindNumber) -> Vec<(RecordId, RecordState)> {
        Vec::new()
    }
}

/// The first lines of a file of the demo.
fn head(name: &str) -> Vec<u8> {
    let path = fixtures().join("../demo").join(name);
    let bytes = fs::read(path).expect("a file of the demo");
    bytes.split_inclusive(|byte| *byte == b'\n').take(4).flatten().copied().collect()
}

fn check(kind: ImportKind, bytes: &[u8]) {
    let today = "2026-11-23".parse().expect("a day");
    let reading = read(kind, bytes, &Empty, RegionId(1), today);
    assert_eq!(read(kind, bytes, &Empty, RegionId(1), today), reading, "the same file says the same");
    assert!(reading.problems.is_sorted_by_key(|problem| problem.line));
    assert!(reading.rows <= bytes.len());
    for PlannedRecord { record, kind, values, .. } in reading.planned {
        let put = |(key, value)| Put { key, read: Clock::default(), value };
        let edit = Edit { record, kind, puts: values.into_iter().map(put).collect() };
        let operations = vec![Operation::Edit(edit)];
        let bytes = codec::v1::encode(&operations);
        assert_eq!(codec::decode(codec::v1::SCHEMA, &bytes), Ok(operations));
    }
}

#[test]
fn staff() {
    run("csv-staff", vec![head("staff.csv")], |bytes| check(ImportKind::Staff, bytes));
}

#[test]
fn employers() {
    run("csv-employers", vec![head("employers.csv")], |bytes| check(ImportKind::Employers, bytes));
}

#[test]
fn schedules() {
    run("csv-schedule", vec![head("schedule.csv")], |bytes| check(ImportKind::Schedule, bytes));
}

#[test]
fn rosters() {
    let seeds = vec![head("roster.csv"), head("bad-roster.csv")];
    run("csv-roster", seeds, |bytes| check(ImportKind::Roster, bytes));
}

#[test]
fn gaps() {
    // The core of the build is read once by a process: that is no memory of the input's.
    shared::content::pack::embedded();
    run("csv-gaps", vec![head("gaps.csv")], |bytes| check(ImportKind::Gaps, bytes));
}
