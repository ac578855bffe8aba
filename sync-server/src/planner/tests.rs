//! Stories of a planner's evening: the demo's files, bad rows, the same file again, and a day that changed.

mod bad;
mod conditions;
mod faults;
mod fhir;
mod known;
mod later;

use super::*;
use known::Known;
use shared::domain::account::{Employer, Membership};
use shared::domain::care_gap::CareGap;
use shared::domain::person::Person;
use shared::domain::route::{RosterEntry, Route, Site, Staff, Stop, Van, stop_fields};
use shared::record::Kind;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const STAFF: &str = include_str!("../../../tests/demo/staff.csv");
pub(super) const EMPLOYERS: &str = include_str!("../../../tests/demo/employers.csv");
pub(super) const SCHEDULE: &str = include_str!("../../../tests/demo/schedule.csv");
pub(super) const ROSTER: &str = include_str!("../../../tests/demo/roster.csv");
pub(super) const GAPS: &str = include_str!("../../../tests/demo/gaps.csv");

fn count(reading: &Reading, kind: Kind) -> usize {
    reading.planned.iter().filter(|record| record.kind == kind.number).count()
}

/// The planned records without their lines, in an order of their own.
fn content(reading: &Reading) -> BTreeMap<(RecordId, Bucket), Vec<(FieldKey, Value)>> {
    reading.planned.iter().map(|record| ((record.record, record.bucket), record.values.clone())).collect()
}

#[test]
fn the_demo_day_reads_without_a_problem() {
    let mut known = Known::default();
    let staff = known.import(ImportKind::Staff, STAFF);
    assert_eq!((staff.rows, count(&staff, Staff::KIND)), (5, 5));
    let employers = known.import(ImportKind::Employers, EMPLOYERS);
    assert_eq!((employers.rows, count(&employers, Employer::KIND)), (3, 3));
    let schedule = known.import(ImportKind::Schedule, SCHEDULE);
    let counts = [Site::KIND, Van::KIND, Route::KIND, Stop::KIND].map(|kind| count(&schedule, kind));
    assert_eq!((schedule.rows, counts), (4, [3, 2, 2, 4]));
    let notes = ["Vans that are new: VAN-01, VAN-02.", "Sites that are new: FOODS-2, PAPER-3, STEEL-1."];
    assert_eq!(schedule.notes, notes);
    let roster = known.import(ImportKind::Roster, ROSTER);
    let counts = [Person::KIND, RosterEntry::KIND, Membership::KIND].map(|kind| count(&roster, kind));
    assert_eq!((roster.rows, counts), (900, [900, 900, 566]));
    let gaps = known.import(ImportKind::Gaps, GAPS);
    assert_eq!((gaps.rows, count(&gaps, CareGap::KIND)), (1073, 1073));
    assert_eq!(roster.notes, Vec::<String>::new());
}

#[test]
fn the_first_stop_is_where_and_when_the_schedule_says() {
    let known = Known::with_schedule();
    let stop = known.only::<Stop>(Stop::KIND, Stop::read, |stop| {
        stop.position == Some(2) && stop.offset_minutes_east.is_some()
    });
    assert!(stop.len() == 2 && stop.iter().all(|stop| stop.offset_minutes_east == Some(-300)));
    let early = known.only::<Stop>(Stop::KIND, Stop::read, |stop| {
        stop.arrive_at.map(shared::time::Timestamp::milliseconds) == Some(1_795_431_600_000)
    });
    assert_eq!(early.len(), 1, "06:00 in New York on 2026-11-23 is 11:00 UTC");
    let crews: Vec<usize> = known
        .only::<Route>(Route::KIND, Route::read, |_| true)
        .iter()
        .map(|route| route.crew.iter().flatten().count())
        .collect();
    assert_eq!(crews.iter().sum::<usize>(), 5);
}

#[test]
fn the_same_file_again_says_the_same_and_writes_nothing() {
    let mut known = Known::default();
    for (kind, file) in known::DAY {
        let first = known.read(kind, file);
        assert_eq!(content(&first), content(&known.read(kind, file)));
        assert!(known.take(&first) > 0);
        let again = known.read(kind, file);
        assert_eq!(again.problems, []);
        assert_eq!(known.take(&again), 0, "{}", kind.name());
    }
}

#[test]
fn the_order_of_rows_does_not_matter() {
    let mut known = Known::default();
    for (kind, file) in known::DAY {
        let (header, rows) = file.split_once('\n').expect("a header");
        let mut rows: Vec<&str> = rows.lines().collect();
        rows.reverse();
        let shuffled = known.read(kind, format!("{header}\n{}\n", rows.join("\n")));
        let straight = known.read(kind, file);
        assert_eq!(shuffled.problems, []);
        assert_eq!(content(&shuffled), content(&straight), "{}", kind.name());
        known.take(&straight);
    }
}

#[test]
fn spreadsheets_of_other_countries_are_read() {
    let mut known = Known::default();
    known.import(ImportKind::Staff, STAFF);
    known.import(ImportKind::Employers, EMPLOYERS);
    let straight = known.read(ImportKind::Schedule, SCHEDULE);
    let mut writer =
        csv::WriterBuilder::new().delimiter(b';').terminator(csv::Terminator::CRLF).from_writer(vec![]);
    for record in csv::ReaderBuilder::new().has_headers(false).from_reader(SCHEDULE.as_bytes()).records() {
        writer.write_record(&record.expect("the demo's schedule")).expect("memory");
    }
    let mut bytes = b"\xEF\xBB\xBF".to_vec();
    bytes.extend(writer.into_inner().expect("memory"));
    let text = String::from_utf8(bytes).expect("UTF-8").replacen("stop_order", " Stop_Order ", 1);
    let foreign = known.read(ImportKind::Schedule, &text);
    assert_eq!(foreign.problems, []);
    assert_eq!(foreign.planned, straight.planned);
}

#[test]
fn ids_are_of_one_region_and_one_kind() {
    let id = |region, kind: Kind, parts: &[&str]| natural_id(RegionId(region), kind.number, parts);
    let ids = [
        id(1, Site::KIND, &["A", "B"]),
        id(2, Site::KIND, &["A", "B"]),
        id(1, Van::KIND, &["A", "B"]),
        id(1, Site::KIND, &["AB", ""]),
        id(1, Site::KIND, &["AB"]),
    ];
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    assert_eq!(ids[0].uuid().get_version_num(), 8);
    // Frozen: an id that changed would make every imported record anew.
    assert_eq!(ids[0].to_string(), "57acaa2c-3b4e-8a35-8bd2-a7726fd289e3");
}
