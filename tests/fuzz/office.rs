//! What the office reads: the planner's files, and cursors that devices bring back. Whatever a spreadsheet writes, what is
//! planned can be written as changes and read again.

use super::mutate::{fixtures, run};
use shared::change::{Bucket, Edit, Operation, Put, codec};
use shared::ids::{DeviceNumber, FactId, RecordId, RegionId};
use shared::merge::{Clock, RecordState};
use shared::protocol::PullRequest;
use shared::record::KindNumber;
use std::fs;
use sync_server::buckets::cursor::{Cursor, Place, mark};
use sync_server::planner::{FileForm, ImportKind, PlannedRecord, World, read};
use sync_server::store::{LogPlace, MemberPlace};

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
    let read = |form| read(kind, form, bytes, &Empty, RegionId(1), today);
    let reading = read(FileForm::Unsaid);
    assert_eq!(read(FileForm::Unsaid), reading, "the same file says the same");
    for form in [FileForm::Csv, FileForm::Json] {
        assert!(read(form).rows <= bytes.len());
    }
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

/// With a mark that fits, as if the server had given it, and without: then it is none.
#[test]
fn cursors() {
    const KEY: [u8; 32] = [7; 32];
    const EPOCH: u64 = 3;
    let device = DeviceNumber(2);
    let request = fs::read(fixtures().join("pull-v1.cbor")).expect("a frozen fixture");
    let frozen = PullRequest::read(&request).expect("a frozen pull").cursor;
    let member =
        MemberPlace { record: RecordId::from_bytes([5; 16]), fact: Some(FactId::from_bytes([6; 16])) };
    let places = [
        (1, Place::Log(LogPlace { sequence: 70_000, fact: None })),
        (2, Place::Log(LogPlace { sequence: 7, fact: Some(FactId::from_bytes([4; 16])) })),
        (300, Place::Snapshot { head: 9, after: member }),
    ];
    let whole = Cursor { is_fresh: true, places: places.into(), decisions_told: 12 };
    let written = whole.write(&KEY, device, EPOCH);
    assert_eq!(Cursor::read(&written, &KEY, device, EPOCH), Some(whole));
    let body = |bytes: &[u8]| bytes[..bytes.len().saturating_sub(8)].to_vec();
    run("cursor", vec![body(&written), frozen], |bytes| {
        let marked = [bytes, &mark(&KEY, device, bytes)].concat();
        if let Some(cursor) = Cursor::read(&marked, &KEY, device, EPOCH) {
            let again = cursor.write(&KEY, device, EPOCH);
            assert_eq!(Cursor::read(&again, &KEY, device, EPOCH), Some(cursor));
        }
        assert_eq!(Cursor::read(bytes, &KEY, device, EPOCH), None, "nobody makes a mark by chance");
        assert_eq!(Cursor::read(&marked, &KEY, DeviceNumber(3), EPOCH), None, "another device's");
    });
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
