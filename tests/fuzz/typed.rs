//! What people type where anything may be typed.

use super::run::run;
use chrono::NaiveDate;
use shared::content::Quantity;
use shared::content::pack::embedded;
use shared::draft::{PersonDraft, PersonRules, VitalDraft};
use shared::project::Query;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn quantities() {
    let seeds = ["120", "37,5", "-0.001", "+98.6"].map(|seed| seed.as_bytes().to_vec()).to_vec();
    run("quantity", seeds, |bytes| {
        let Ok(quantity) = Quantity::parse(&text(bytes)) else { return };
        assert_eq!(quantity.to_string().parse(), Ok(quantity));
    });
}

#[test]
fn searches() {
    let seeds = ["alvarez ana 4/23/1975", "555-010-2000", "Núñez-Sample"];
    run("search", seeds.map(|seed| seed.as_bytes().to_vec()).to_vec(), |bytes| {
        let query = Query::parse(&text(bytes));
        assert_eq!(query.words.len(), query.sounds.len());
        assert_eq!(Query::parse(&text(bytes)), query);
    });
}

/// One line a field. What is taken keeps its bounds, and says the same when it is looked at again.
#[test]
fn people() {
    let today: NaiveDate = "2026-11-23".parse().expect("a day");
    let whole = "Núñez-Sample\nAna\nM\n1975-04-23\nfemale\nes\n555-010-2000\nana@example.org\n1 Sample Road\nSampleton\n\
                 TX\n77000\nE000001\nself";
    let seeds = [whole, "Sample\nRosa\n\n1980\n\n\n+1 (555) 010-2000"];
    run("person", seeds.map(|seed| seed.as_bytes().to_vec()).to_vec(), |bytes| {
        let typed = text(bytes);
        let mut lines = typed.split('\n').map(str::to_owned);
        let mut line = || lines.next().unwrap_or_default();
        let draft = PersonDraft {
            family_name: line(),
            given_name: line(),
            middle_name: line(),
            birth_date: line(),
            sex: line(),
            language: line(),
            phone: line(),
            email: line(),
            address_line: line(),
            city: line(),
            state: line(),
            postal_code: line(),
            employee_number: line(),
            relation: line(),
            ..PersonDraft::default()
        };
        let _ = draft.so_far();
        let checked = draft.check(&PersonRules { today });
        assert_eq!(draft.check(&PersonRules { today }), checked);
        match checked {
            Ok(person) => {
                let names = [&person.family_name, &person.given_name, &person.middle_name, &person.city];
                let is_short =
                    |name: &String| name.chars().count() <= 100 && !name.contains(char::is_control);
                assert!(names.into_iter().flatten().all(is_short));
                assert!(person.family_name.is_some() && person.given_name.is_some());
                assert!(person.birth_date.is_some_and(|date| date.earliest() <= today));
            }
            Err(errors) => assert!(!errors.is_empty() && errors.iter().all(|error| !error.field.is_empty())),
        }
    });
}

/// A measurement's key, what was typed, and whether it was confirmed.
#[test]
fn vitals() {
    let catalog = &embedded().catalog;
    let seeds = ["bp_systolic\n120", "glucose_random\nHI", "spo2\n97\nyes", "temperature\n98.6\nyes"];
    run("vital", seeds.map(|seed| seed.as_bytes().to_vec()).to_vec(), |bytes| {
        let typed = text(bytes);
        let mut lines = typed.split('\n').map(str::to_owned);
        let mut line = || lines.next().unwrap_or_default();
        let draft =
            VitalDraft { measurement: line(), typed: line(), confirmed: line() == "yes", from_device: false };
        let checked = draft.check(catalog);
        assert_eq!(draft.check(catalog), checked);
        if let Ok(vital) = checked {
            assert_eq!(vital.measurement.key, draft.measurement);
            assert!(draft.confirmed || !vital.confirmed_unusual);
        }
    });
}
