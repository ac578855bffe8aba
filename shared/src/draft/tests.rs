//! Rubbish typed into every field, and what a person is told.

use super::*;
use crate::content::Language;

fn rules() -> PersonRules {
    PersonRules { today: "2026-11-23".parse().expect("a day") }
}

fn draft() -> PersonDraft {
    PersonDraft {
        family_name: "  Rivera-Sample ".into(),
        given_name: "Ana".into(),
        birth_date: "1975-04".into(),
        ..PersonDraft::default()
    }
}

#[test]
fn a_vague_birth_date_is_enough() {
    let person = draft().check(&rules()).expect("enough to register");
    assert_eq!(person.family_name.as_deref(), Some("Rivera-Sample"));
    assert_eq!(person.birth_date.map(|date| date.to_string()).as_deref(), Some("1975-04"));
}

#[test]
fn every_wrong_field_is_named_at_once() {
    let wrong = PersonDraft {
        family_name: " ".into(),
        given_name: "a".repeat(101),
        birth_date: "2026-13-01".into(),
        sex: "robot".into(),
        phone: "call me".into(),
        email: "ana@".into(),
        city: "a\u{7}b".into(),
        ..draft()
    };
    let errors = wrong.check(&rules()).expect_err("nothing is right");
    let fields: Vec<&str> = errors.iter().map(|error| error.field).collect();
    assert_eq!(fields, ["family_name", "given_name", "birth_date", "sex", "phone", "email", "city"]);
    for error in &errors {
        assert_ne!(error.words(Language::English), error.words(Language::Spanish));
    }
}

#[test]
fn birth_dates_have_ends() {
    let with = |birth_date: &str| PersonDraft { birth_date: birth_date.into(), ..draft() }.check(&rules());
    assert!(with("2026-11-23").is_ok());
    assert_eq!(with("2026-11-24").expect_err("tomorrow")[0].reason, Reason::InTheFuture("2026-11-24".into()));
    assert!(with("1900").is_err());
    assert_eq!(with("").expect_err("nothing")[0].reason, Reason::Missing);
}

#[test]
fn an_impossible_pulse_says_what_is_possible() {
    let vital = |typed: &str, confirmed| {
        VitalDraft { measurement: "heart_rate".into(), typed: typed.into(), confirmed }
            .check(crate::content::measurements::catalog())
    };
    let words = |error: VitalError<'_>| error.words(Language::English);
    assert_eq!(
        vital("720", true).map_err(words),
        Err("Heart rate 720 is not possible. Enter 20 to 300.".into())
    );
    assert!(vital("130", false).is_err());
    assert!(vital("130", true).is_ok_and(|vital| vital.confirmed_unusual));
    assert!(vital("72", false).is_ok_and(|vital| !vital.confirmed_unusual));
    assert!(vital("abc", false).is_err());
}
