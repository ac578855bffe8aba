//! What the office reads: the planner's files, and cursors that devices bring back. Whatever a spreadsheet writes, what is
//! planned can be written as changes and read again.

use super::run::{fixtures, run};
use chrono::NaiveDate;
use shared::change::{Bucket, Edit, Operation, Put, codec};
use shared::domain::care_gap::{CareGap, GapStatus};
use shared::fhir::{self, ListedGap};
use shared::ids::{CareGapId, DeviceNumber, FactId, PersonId, RecordId, RegionId, Sequence};
use shared::merge::{Author, Clock, RecordState};
use shared::protocol::PullRequest;
use shared::record::KindNumber;
use std::collections::BTreeMap;
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

/// A region that was told the demo's first lines of every file: names of earlier files are found, and records that a file
/// names again have states to be compared with.
#[derive(Default)]
struct Told {
    states: BTreeMap<RecordId, RecordState>,
    buckets: BTreeMap<RecordId, Vec<Bucket>>,
}

impl Told {
    fn the_demo() -> Told {
        // The core of the build is read once by a process: that is no memory of the input's.
        shared::content::pack::embedded();
        let mut told = Told::default();
        for kind in ImportKind::ALL {
            let bytes = head(&format!("{}.csv", kind.name()));
            let reading = read(kind, FileForm::Csv, &bytes, &told, RegionId(1), today());
            assert!(!reading.planned.is_empty(), "{kind:?}: {:?}", reading.problems);
            reading.planned.into_iter().for_each(|planned| told.take(planned));
        }
        told
    }

    fn take(&mut self, planned: PlannedRecord) {
        let PlannedRecord { record, kind, bucket, values, .. } = planned;
        let sequence = Sequence(self.states.len() as u64 + 1);
        let author = Author {
            device: DeviceNumber(1),
            sequence,
            stamp: Default::default(),
            staff: tests::plain::STAFF,
        };
        let state = self.states.entry(record).or_insert_with(|| RecordState::new(kind));
        let edit = state.edit(record, values);
        edit.puts.into_iter().for_each(|put| state.apply(author, put));
        let buckets = self.buckets.entry(record).or_default();
        if !buckets.contains(&bucket) {
            buckets.push(bucket);
        }
    }
}

impl World for Told {
    fn state(&self, record: RecordId) -> Option<RecordState> {
        self.states.get(&record).cloned()
    }
    fn buckets(&self, record: RecordId) -> Vec<Bucket> {
        self.buckets.get(&record).cloned().unwrap_or_default()
    }
    fn members(&self, bucket: Bucket, kind: KindNumber) -> Vec<(RecordId, RecordState)> {
        let is_member = |(id, state): &(&RecordId, &RecordState)| {
            state.kind == kind && self.buckets.get(*id).is_some_and(|known| known.contains(&bucket))
        };
        self.states.iter().filter(is_member).map(|(id, state)| (*id, state.clone())).collect()
    }
}

fn today() -> NaiveDate {
    "2026-11-23".parse().expect("a day")
}

/// One kind of file, to a region that knows nothing and to one that knows of the demo.
fn files(target: &'static str, kind: ImportKind, seeds: Vec<Vec<u8>>) {
    let told = Told::the_demo();
    run(target, seeds, |bytes| {
        check(kind, bytes, &Empty);
        check(kind, bytes, &told);
    });
}

fn check(kind: ImportKind, bytes: &[u8], world: &dyn World) {
    let read = |form| read(kind, form, bytes, world, RegionId(1), today());
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
    files("csv-staff", ImportKind::Staff, vec![head("staff.csv")]);
}

#[test]
fn employers() {
    files("csv-employers", ImportKind::Employers, vec![head("employers.csv")]);
}

#[test]
fn schedules() {
    files("csv-schedule", ImportKind::Schedule, vec![head("schedule.csv")]);
}

#[test]
fn rosters() {
    files("csv-roster", ImportKind::Roster, vec![head("roster.csv"), head("bad-roster.csv")]);
}

#[test]
fn gaps() {
    files("csv-gaps", ImportKind::Gaps, vec![head("gaps.csv")]);
}

/// What a plan sends as FHIR. What reads is planned or refused line by line; what does not says where.
#[test]
fn gap_bundles() {
    let told = Told::the_demo();
    let listed = |number: u8, member: &str| ListedGap {
        id: CareGapId::from_bytes([number; 16]),
        gap: CareGap {
            person: Some(PersonId::from_bytes([7; 16])),
            rule: Some("BP-SCREEN".into()),
            due_since: Some(today()),
            claimed_by: Some("plan".into()),
            status: Some(GapStatus::ALL[usize::from(number) % GapStatus::ALL.len()]),
            ..CareGap::default()
        },
        member_number: member.into(),
        follow_up_owner: Some("N-1".into()),
        contact_by: "call text".into(),
    };
    let gaps = fhir::write_gaps(&[listed(1, "M000100001"), listed(2, ""), listed(3, "M1")]);
    assert_eq!(fhir::read_gaps(&gaps).map(|file| file.entries.len()), Ok(3));
    let parameters =
        format!(r#"{{"resourceType":"Parameters","parameter":[{{"name":"return","resource":{gaps}}}]}}"#);
    run("fhir-gaps", vec![gaps.into_bytes(), parameters.into_bytes()], |bytes| {
        let text = String::from_utf8_lossy(bytes);
        match fhir::read_gaps(&text) {
            Ok(file) => assert!(file.entries.len() <= bytes.len()),
            Err(refusal) => assert!(!refusal.path.is_empty()),
        }
        check(ImportKind::Gaps, bytes, &told);
    });
}
