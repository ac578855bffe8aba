//! Rubbish typed into every field, and what a person is told.

use super::*;
use crate::content::Language;
use crate::content::measurements::Beyond;

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
        VitalDraft {
            measurement: "heart_rate".into(),
            typed: typed.into(),
            confirmed,
            ..VitalDraft::default()
        }
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

#[test]
fn a_threshold_keeps_its_steps_and_an_eye_its_chart() {
    let draft = |measurement: &str, typed: &str| VitalDraft {
        measurement: measurement.into(),
        typed: typed.into(),
        ..VitalDraft::default()
    };
    let catalog = crate::content::measurements::catalog();
    for typed in ["-10", "-5", "0", "25", "90"] {
        let draft = draft("hearing_left_2000", typed);
        let checked = draft.check(catalog).expect(typed);
        assert_eq!(checked.value.to_string(), typed);
    }
    for typed in ["12", "-3", "2.5"] {
        let refused = draft("hearing_left_2000", typed).check(catalog).expect_err(typed);
        assert!(matches!(refused, VitalError::OffStep { .. }), "{typed}");
        assert!(refused.words(Language::English).contains("between two steps of 5"));
    }
    let beyond = draft("hearing_left_2000", "125");
    assert!(matches!(beyond.check(catalog), Err(VitalError::Refused { .. })));
    let eye = draft("va_right", "20/40");
    assert_eq!(eye.check(catalog).expect("on the chart").value, VitalValue::Choice("20/40".into()));
    for typed in ["20/45", "40", ""] {
        let refused = draft("va_right", typed).check(catalog).expect_err(typed);
        assert!(matches!(refused, VitalError::NotAChoice { .. }), "{typed}");
    }
}

#[test]
fn a_word_of_the_meter_is_kept_as_the_end_of_its_range_and_of_nothing_else() {
    let check = |measurement: &str, typed: &str| {
        let draft =
            VitalDraft { measurement: measurement.into(), typed: typed.into(), ..VitalDraft::default() };
        draft.check(crate::content::measurements::catalog()).map(|vital| vital.value)
    };
    let low = check("glucose_random", "LO").expect("the meter's word");
    assert_eq!(low, VitalValue::OffMeter(Beyond::Below, "20".parse().unwrap()));
    assert_eq!((low.to_string().as_str(), low.beyond()), ("< 20", Some(Beyond::Below)));
    let high = check("glucose_fasting", "HI").expect("the meter's word");
    assert_eq!((high.number(), high.beyond()), ("600".parse().ok(), Some(Beyond::Above)));
    for (measurement, typed) in [("heart_rate", "LO"), ("glucose_random", "lo"), ("glucose_random", "LOW")] {
        assert!(matches!(check(measurement, typed), Err(VitalError::NotANumber { .. })), "{typed}");
    }
}
