//! The office tells the same things again, a little different.

use super::*;
use shared::domain::care_gap::{GapStatus, care_gap_fields};
use shared::domain::route::{StopStatus, staff_fields};
use shared::record::FieldType;

fn first_lines(file: &str, count: usize) -> String {
    file.lines().take(count).map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_corrected_name_is_the_same_person() {
    let mut known = Known::with_roster();
    let before = known.all(Person::KIND, Person::read).len();
    let corrected = ROSTER.replacen("Russell-Sample,Sarah,J,1979-11", "Russell-Sample,Sara,J,1979-11-02", 1);
    let reading = known.import(ImportKind::Roster, &corrected);
    assert_eq!(reading.notes, Vec::<String>::new());
    assert_eq!(known.all(Person::KIND, Person::read).len(), before);
    let sara = known.only(Person::KIND, Person::read, |person| person.given_name.as_deref() == Some("Sara"));
    assert!(sara.iter().any(|person| person.employee_number.as_deref() == Some("10001")));
}

#[test]
fn an_empty_cell_leaves_what_is_known() {
    let mut known = Known::with_roster();
    known.import(ImportKind::Roster, &ROSTER.replacen("555-555-0106", "", 1));
    let sarah =
        known.only(Person::KIND, Person::read, |person| person.employee_number.as_deref() == Some("10001"));
    assert_eq!(sarah[0].phone.as_deref(), Some("555-555-0106"));
}

#[test]
fn cover_that_ended_and_is_open_again_is_open() {
    let mut known = Known::with_roster();
    let open = "M000100001,Sample Community,2026-01-01,";
    assert!(ROSTER.contains(open));
    let cover = |known: &Known| {
        let is_hers = |it: &Membership| it.member_number.as_deref() == Some("M000100001");
        known.only(Membership::KIND, Membership::read, is_hers)[0].covered_to
    };
    known.import(ImportKind::Roster, &ROSTER.replacen(open, &format!("{open}2026-06-30"), 1));
    assert!(cover(&known).is_some());
    known.import(ImportKind::Roster, ROSTER);
    assert_eq!(cover(&known), None);
}

#[test]
fn who_is_left_out_is_no_longer_expected_unless_a_row_is_bad() {
    let mut known = Known::with_roster();
    let shorter = first_lines(ROSTER, 3);
    let bad = format!("{shorter}STEEL-1,SSW-1,90013\n");
    let reading = known.read(ImportKind::Roster, &bad);
    assert_eq!(
        (reading.problems.len(), reading.planned.iter().filter(|record| record.line == 0).count()),
        (1, 0)
    );
    let reading = known.import(ImportKind::Roster, &shorter);
    assert_eq!(reading.notes, ["People of STEEL-1 who are not in this file and no longer expected: 418."]);
    let expected = known.only(RosterEntry::KIND, RosterEntry::read, |entry| entry.expected == Some(true));
    assert_eq!(expected.len(), 900 - 418, "other sites are as they were");
    known.import(ImportKind::Roster, ROSTER);
    let expected = known.only(RosterEntry::KIND, RosterEntry::read, |entry| entry.expected == Some(true));
    assert_eq!(expected.len(), 900);
}

#[test]
fn a_person_of_two_sites_stands_in_both() {
    let known = Known::with_schedule();
    let (header, row) = (ROSTER.lines().next().expect("a header"), ROSTER.lines().nth(1).expect("a row"));
    let both = format!("{header}\n{row}\n{}\n", row.replacen("STEEL-1", "FOODS-2", 1));
    let reading = known.read(ImportKind::Roster, &both);
    assert_eq!(reading.problems, []);
    let counts = [Person::KIND, RosterEntry::KIND, Membership::KIND].map(|kind| count(&reading, kind));
    assert_eq!(counts, [2, 2, 2]);
    let people: BTreeSet<RecordId> = reading
        .planned
        .iter()
        .filter(|record| record.kind == Person::KIND.number)
        .map(|it| it.record)
        .collect();
    assert_eq!(people.len(), 1);
    let other = both.replacen("Sample Court", "Sample Road", 1);
    let told: Vec<String> =
        known.read(ImportKind::Roster, &other).problems.iter().map(Problem::to_string).collect();
    assert_eq!(told, ["line 3, address \"874 Sample Court\": differs from line 2"]);
}

#[test]
fn a_dependent_may_stand_before_or_in_an_earlier_file_than_the_employee() {
    let mut known = Known::with_schedule();
    let lines: Vec<&str> = ROSTER.lines().collect();
    let (header, employee, child) = (lines[0], lines[2], lines[3]);
    let before = known.read(ImportKind::Roster, format!("{header}\n{child}\n{employee}\n"));
    assert_eq!(before.problems, []);
    let bad = employee.replacen("1994-11-13", "1994-13-13", 1);
    let reading = known.read(ImportKind::Roster, format!("{header}\n{child}\n{bad}\n"));
    let told: Vec<u64> = reading.problems.iter().map(|problem| problem.line).collect();
    assert_eq!((told, reading.planned.len()), (vec![2, 3], 0));
    known.import(ImportKind::Roster, &format!("{header}\n{employee}\n"));
    let alone = known.read(ImportKind::Roster, format!("{header}\n{child}\n"));
    assert_eq!(alone.problems, []);
}

#[test]
fn a_gap_that_was_closed_is_never_opened_again() {
    let mut known = Known::with_roster();
    known.import(ImportKind::Gaps, GAPS);
    let (gap, _) = known.all(CareGap::KIND, CareGap::read)[0].clone();
    known.set(gap, care_gap_fields::status, GapStatus::Closed.to_value());
    let later = GAPS.replace("2026-07-01", "2026-08-01");
    known.import(ImportKind::Gaps, &later);
    let state = known.state(gap).expect("the gap");
    assert_eq!(CareGap::read(&state).status, Some(GapStatus::Closed));
    let open = known.only(CareGap::KIND, CareGap::read, |gap| gap.status == Some(GapStatus::Open));
    assert_eq!(open.len(), 1072);
}

#[test]
fn who_leaves_the_crew_is_taken_off() {
    let mut known = Known::with_schedule();
    known.import(ImportKind::Schedule, &SCHEDULE.replace("S-101;S-102;S-103", "S-101;S-201"));
    let crews: BTreeSet<usize> = known
        .only(Route::KIND, Route::read, |_| true)
        .iter()
        .map(|route| route.crew.iter().flatten().count())
        .collect();
    assert_eq!(crews, BTreeSet::from([2]));
    known.import(ImportKind::Schedule, &SCHEDULE.replace(",S-201;S-202", ","));
    let all: usize = known
        .only(Route::KIND, Route::read, |_| true)
        .iter()
        .map(|route| route.crew.iter().flatten().count())
        .sum();
    assert_eq!(all, 3 + 2, "a file without codes says nothing of the crew");
}

#[test]
fn swapped_stops_stay_the_same_records() {
    let mut known = Known::with_schedule();
    let before: BTreeSet<RecordId> =
        known.all(Stop::KIND, Stop::read).into_iter().map(|(id, _)| id).collect();
    let swapped = SCHEDULE
        .replace("VAN-01,1,STEEL-1", "VAN-01,9,STEEL-1")
        .replace("VAN-01,2,FOODS-2", "VAN-01,1,FOODS-2")
        .replace("VAN-01,9,STEEL-1", "VAN-01,2,STEEL-1")
        .replace("11:30,15:30", "6:00 AM,9:00 AM")
        .replacen("06:00,10:00", "10:00,14:00", 1);
    known.import(ImportKind::Schedule, &swapped);
    let after: BTreeSet<RecordId> = known.all(Stop::KIND, Stop::read).into_iter().map(|(id, _)| id).collect();
    assert_eq!(before, after);
}

#[test]
fn a_stop_that_is_dropped_is_cancelled_and_one_on_its_way_is_not() {
    let mut known = Known::with_schedule();
    let shorter: String =
        SCHEDULE.lines().filter(|line| !line.contains(",2,")).map(|line| format!("{line}\n")).collect();
    let (arrived, _) = known
        .all(Stop::KIND, Stop::read)
        .into_iter()
        .find(|(_, stop)| stop.position == Some(2))
        .expect("a second stop");
    known.set(arrived, stop_fields::status, StopStatus::Arrived.to_value());
    let reading = known.import(ImportKind::Schedule, &shorter);
    assert_eq!(reading.notes.len(), 1);
    let statuses = |known: &Known| {
        let mut all: Vec<_> =
            known.all(Stop::KIND, Stop::read).into_iter().filter_map(|(_, stop)| stop.status).collect();
        all.sort();
        all
    };
    use StopStatus::{Arrived, Cancelled, Planned};
    assert_eq!(statuses(&known), [Planned, Planned, Arrived, Cancelled]);
    known.import(ImportKind::Schedule, SCHEDULE);
    assert_eq!(statuses(&known), [Planned, Planned, Planned, Arrived]);
}

#[test]
fn an_import_gives_nobody_access_back() {
    let mut known = Known::default();
    known.import(ImportKind::Staff, STAFF);
    let (nurse, _) = known.all(Staff::KIND, Staff::read)[0].clone();
    known.set(nurse, staff_fields::active, Value::Boolean(false));
    known.import(ImportKind::Staff, STAFF);
    let active = known.only(Staff::KIND, Staff::read, |staff| staff.active == Some(true));
    assert_eq!(active.len(), 4);
}

#[test]
fn an_agreement_that_says_nothing_of_families_is_for_them_again() {
    let mut known = Known::default();
    let head = "code,name,fee_payer,fee_cents,valid_from,valid_to";
    let file = |more: &str, cell: &str| format!("{head}{more}\nSSW-9,Sample,plan,0,2026-01-01,{cell}\n");
    let covers = |known: &Known| {
        let all = known.only::<Employer>(Employer::KIND, Employer::read, |_| true);
        all[0].covers_dependents
    };
    known.import(ImportKind::Employers, &file(",dependents", ",no"));
    assert_eq!(covers(&known), Some(false));
    known.import(ImportKind::Employers, &file("", ""));
    assert_eq!(covers(&known), Some(false), "a file without the column does not speak of families");
    known.import(ImportKind::Employers, &file(",dependents", ","));
    assert_eq!(covers(&known), None, "an empty cell is the agreement's default");
    let again = known.read(ImportKind::Employers, file(",dependents", ","));
    assert_eq!(known.take(&again), 0);
    known.import(ImportKind::Employers, &file(",dependents", ",no"));
    let without = format!("{head},dependents\nSSW-9,Sample,,,,,\n");
    known.import(ImportKind::Employers, &without);
    assert_eq!(covers(&known), Some(false), "a row without an agreement changes none");
}
