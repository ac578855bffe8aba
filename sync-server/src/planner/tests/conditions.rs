//! Conditions of a roster: by name or code, each bad one told, and an empty cell that says nothing.

use super::*;
use shared::domain::person::person_fields;

/// The demo's roster with one person's cell of conditions replaced.
fn roster(cell: &str) -> String {
    let line = ROSTER.lines().find(|line| line.contains(",30180,")).expect("an employee");
    let (rest, before) = line.rsplit_once(',').expect("a last column");
    assert_eq!(before, "", "nothing is known of this person yet");
    ROSTER.replacen(line, &format!("{rest},{cell}"), 1)
}

/// What the planned person is to have, by code.
fn planned(reading: &Reading) -> Vec<(&str, &Value)> {
    let of_person = |record: &&PlannedRecord| {
        let number = Value::Text("30180".into());
        record.values.contains(&(person_fields::employee_number.into(), number))
    };
    let person = reading.planned.iter().find(of_person).expect("the person is planned");
    let conditions = person.values.iter().filter(|(key, _)| key.field == person_fields::conditions);
    conditions.map(|(key, value)| (key.member.as_deref().expect("a member"), value)).collect()
}

#[test]
fn conditions_are_read_by_name_or_code_each_once() {
    let known = Known::with_schedule();
    let yes = &Value::Boolean(true);
    let nothing: Vec<(&str, &Value)> = vec![];
    for (cell, expected) in [
        ("", nothing.clone()),
        (" ; ;", nothing),
        ("hypertension", vec![("38341003", yes)]),
        ("Hypertension; 44054006;hypertension", vec![("38341003", yes), ("44054006", yes)]),
        ("bilateral mastectomy", vec![("27865001", yes)]),
    ] {
        let reading = known.read(ImportKind::Roster, roster(cell));
        assert_eq!(reading.problems, [], "{cell}");
        assert_eq!(planned(&reading), expected, "{cell}");
    }
}

#[test]
fn each_unknown_condition_is_told_by_line_column_value_and_reason() {
    let known = Known::with_schedule();
    let file = roster("hypertension;high sugar;none;999;none");
    let line = file.lines().position(|line| line.contains(",30180,")).expect("a line") + 1;
    let reading = known.read(ImportKind::Roster, file);
    let own = reading.problems.iter().filter(|problem| problem.line == line as u64);
    let told: Vec<String> = own.map(Problem::to_string).collect();
    let begins = |value: &str| {
        format!(
            "line {line}, conditions \"{value}\": is no condition that a rule knows; write bilateral-mastectomy,"
        )
    };
    for (told, value) in told.iter().zip(["high sugar", "none", "999"]) {
        assert!(told.starts_with(&begins(value)), "{told}");
        assert!(told.ends_with("total-colectomy"), "{told}");
    }
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(reading.planned.iter().all(|record| record.line != line as u64), "a bad row writes nothing");
}

#[test]
fn a_roster_without_the_column_is_read_as_before() {
    let known = Known::with_schedule();
    let strip = |line: &str| line.rsplit_once(',').expect("a last column").0.to_owned();
    let file = ROSTER.lines().map(strip).collect::<Vec<_>>().join("\n");
    let reading = known.read(ImportKind::Roster, file);
    assert_eq!((reading.problems.len(), count(&reading, Person::KIND)), (0, 900));
    assert_eq!(planned(&reading), vec![]);
}
