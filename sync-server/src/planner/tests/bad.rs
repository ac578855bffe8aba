//! The demo's bad roster: each bad row by line, column and reason, and the good rows still there.

use super::*;

const BAD_ROSTER: &[u8] = include_bytes!("../../../../tests/demo/bad-roster.csv");

const EXPECTED: &str = "";

#[test]
fn every_bad_row_is_told_by_line_column_value_and_reason() {
    let known = Known::with_schedule();
    let reading = known.read(ImportKind::Roster, BAD_ROSTER);
    let told: Vec<String> = reading.problems.iter().map(Problem::to_string).collect();
    assert_eq!(told.join("\n"), EXPECTED.trim());
    let bad: Vec<u64> = reading.problems.iter().map(|problem| problem.line).collect();
    assert_eq!(bad, (4..=32).chain([36]).collect::<Vec<u64>>(), "one problem for each bad row");
}

#[test]
fn the_good_rows_among_them_are_planned() {
    let known = Known::with_schedule();
    let reading = known.read(ImportKind::Roster, BAD_ROSTER);
    let lines: BTreeSet<u64> = reading.planned.iter().map(|record| record.line).collect();
    assert_eq!(lines, BTreeSet::from([2, 3, 33, 35]));
    let counts = [Person::KIND, RosterEntry::KIND, Membership::KIND].map(|kind| count(&reading, kind));
    assert_eq!((reading.rows, counts), (34, [4, 4, 1]));
    let two_lines = Value::Text("1 Sample Street Apt 2".into());
    assert!(reading.planned.iter().any(|record| record.values.iter().any(|(_, value)| *value == two_lines)));
}
