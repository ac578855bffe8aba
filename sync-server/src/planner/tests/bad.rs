//! The demo's bad roster: each bad row by line, column and reason, and the good rows still there.

use super::*;

const BAD_ROSTER: &[u8] = include_bytes!("../../../../tests/demo/bad-roster.csv");

const EXPECTED: &str = r#"
line 4, family_name: is missing
line 5, given_name: is missing
line 6, birth_date "1975-02-30": is not a date; write 1975, 1975-04 or 1975-04-23
line 7, birth_date "1975-13": is not a date; write 1975, 1975-04 or 1975-04-23
line 8, birth_date "05/17/1980": is not a date; write 1975, 1975-04 or 1975-04-23
line 9, birth_date "2041-01-01": is in the future
line 10, birth_date: is missing
line 11, sex "X9": is not known; write female, male, unknown
line 12, language "xx": is not known; write en, es
line 13, relation "cousin": is not known; write employee, spouse, child
line 14, employee_number "90001": stands twice (line 2)
line 15, employee_number: is missing
line 16, employee_of "99999": is nobody's employee number, in this file or before
line 17, employee_of: is missing
line 18, site_code "NOWHERE-9": is not known; import the schedule that names it first
line 19, employer_code "NOBODY-9": is not known; import the employers first
line 20 "STEEL-1": has too few columns: 5 instead of 21
line 21 "STEEL-1": has too many columns: 23 instead of 21
line 22, family_name "Sample-Pe\xF1a": is not UTF-8 text; save the file as "CSV UTF-8"
line 23, address "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA…": is 200 KiB long; at most 64 KiB can be read
line 24, given_name "=cmd()": would run as a formula in a spreadsheet; remove the first character
line 25, family_name "@SUM(1+1)": would run as a formula in a spreadsheet; remove the first character
line 26, given_name "An\u{0}a": has a character that cannot be read
line 27, phone "call my sister": is not a telephone number; write 7 to 15 digits
line 28, email "nobody-at-home": is not an e-mail address
line 29, member_number "M900000001": stands twice (line 2)
line 30, coverage_to "2026-05-31": is before coverage_from 2026-06-01
line 31, member_number: is missing, though a plan or days of cover are given
line 32: the row is empty
line 36 "STEEL-1": a quotation mark is opened and never closed
"#;

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
