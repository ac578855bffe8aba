//! Each rule of the core pack at its boundaries of age and time. The source of every row is the `source` of the gap
//! that it names in `care_gaps.json`; what the pack marks as unconfirmed is tested as the pack states it.

mod answers;
mod reconciled;
mod smoking;
mod vaccines;

use super::*;
use crate::content::gaps::{embedded, find};
use crate::content::{Quantity, Sex, measurements, pack, questionnaire};
use crate::domain::past_care::PastCare;
use crate::domain::person::{Person, Sex as PersonSex, TobaccoStatus};
use crate::domain::screening::{Answer, AnswerList, AnswerValue, Observation, QuestionnaireResponse};
use crate::ids::{CareGapId, RecordId};
use crate::time::Timestamp;
use std::collections::BTreeSet;

const TODAY: &str = "2026-11-23";

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn born(text: &str) -> History {
    History { born: Some(text.parse().unwrap()), ..History::default() }
}

fn woman(text: &str) -> History {
    History { sex: Sex::Female, ..born(text) }
}

fn man(text: &str) -> History {
    History { sex: Sex::Male, ..born(text) }
}

fn with_condition(mut history: History, name: &str) -> History {
    history.conditions.insert(name.to_owned());
    history
}

fn measured(mut history: History, values: &[(&str, i32, &str)]) -> History {
    for (key, value, on) in values {
        let value = Quantity::whole(*value);
        history.measured.push(Measured { key: (*key).into(), value, on: day(on), fact: None });
    }
    history.settle();
    history
}

fn given(mut history: History, services: &[(&str, &str)]) -> History {
    for (service, on) in services {
        history.given.push(Given { service: (*service).into(), on: on.parse().unwrap(), fact: None });
    }
    history
}

/// Forms with an answer to every question, positive or not.
fn asked(mut history: History, forms: &[(&str, &str, bool)]) -> History {
    for (form, on, positive) in forms {
        let questions = questionnaire::by_id(form).unwrap().walk().into_iter();
        let known: BTreeSet<String> = questions.map(|item| item.link_id.clone()).collect();
        history.answered.push(Answered {
            form: (*form).into(),
            on: day(on),
            scored: true,
            positive: *positive,
            needs: if *positive { known.clone() } else { BTreeSet::new() },
            known,
            ..Answered::default()
        });
    }
    history
}

/// The same person after a response of the embedded pack, as it is stored.
fn responded(mut history: History, form: &str, answers: &[(&str, AnswerValue)], on: &str) -> History {
    let answer =
        |(link_id, value): &(&str, AnswerValue)| Answer { link_id: (*link_id).into(), value: value.clone() };
    let response = QuestionnaireResponse {
        questionnaire: Some(questionnaire::by_id(form).unwrap().canonical()),
        answers: Some(AnswerList(answers.iter().map(answer).collect())),
        ..QuestionnaireResponse::default()
    };
    let noon = day(on).and_hms_opt(12, 0, 0).unwrap().and_utc();
    let at = Timestamp::from_milliseconds(noon.timestamp_millis());
    let fact = response.fact(FactId::from_bytes([3; 16]), RecordId::from_bytes([4; 16]), at, None);
    history.take(&fact, 0, measurements::catalog(), |canonical| pack::embedded().form_of(canonical));
    history.settle();
    history
}

fn code(code: &str) -> AnswerValue {
    AnswerValue::Codes(vec![code.into()])
}

/// A word for a verdict, so that a table reads as one.
fn word(rule: &str, history: &History) -> String {
    match judge(find(rule).unwrap(), history, day(TODAY)) {
        Verdict::NotFor(reason) => format!("not for: {reason:?}"),
        Verdict::NeedsToKnow(missing) => format!("ask: {missing:?}"),
        Verdict::Due { why, .. } => format!("due: {why:?}"),
        Verdict::Met { until, .. } => {
            until.map_or("met for ever".into(), |until| format!("met until {until}"))
        }
    }
}

fn table(rule: &str, rows: &[(History, &str)]) {
    for (history, expected) in rows {
        assert_eq!(word(rule, history), *expected, "{rule} {history:?}");
    }
}

#[test]
fn ages_begin_and_end_on_the_day_that_the_rule_counts() {
    for (rule, history, expected) in [
        // By the guideline's ages, on the day. The measures count 46-75, 42-74 and 24-64 at the year's end.
        ("COL", born("1981-11-23"), "due: Never"),
        ("COL", born("1981-11-24"), "not for: Age"),
        ("COL", born("1950-11-24"), "due: Never"),
        ("COL", born("1950-11-23"), "not for: Age"),
        ("BCS", woman("1986-11-23"), "due: Never"),
        ("BCS", woman("1986-11-24"), "not for: Age"),
        ("BCS", woman("1951-11-24"), "due: Never"),
        ("BCS", woman("1951-11-23"), "not for: Age"),
        ("CCS", woman("2005-11-23"), "due: Never"),
        ("CCS", woman("2005-11-24"), "not for: Age"),
        ("CCS", woman("1960-11-24"), "due: Never"),
        ("CCS", woman("1960-11-23"), "not for: Age"),
        ("DSF", born("2014-11-23"), "due: Never"),
        ("DSF", born("2014-11-24"), "not for: Age"),
        ("HIV", born("2011-11-23"), "due: Never"),
        ("HIV", born("2011-11-24"), "not for: Age"),
        ("HIV", born("1960-11-24"), "due: Never"),
        ("HIV", born("1960-11-23"), "not for: Age"),
        // At the end of the year, where a measure stands alone.
        ("GSD", with_condition(born("2008-12-31"), "diabetes"), "due: Never"),
        ("GSD", with_condition(born("2009-01-01"), "diabetes"), "not for: Age"),
        ("GSD", with_condition(born("1951-01-01"), "diabetes"), "due: Never"),
        ("GSD", with_condition(born("1950-12-31"), "diabetes"), "not for: Age"),
        // Today.
        ("BP-SCREEN", born("2008-11-23"), "due: Never"),
        ("BP-SCREEN", born("2008-11-24"), "not for: Age"),
        ("HCV", born("2008-11-23"), "due: Never"),
        ("HCV", born("1946-11-24"), "due: Never"),
        ("HCV", born("1946-11-23"), "not for: Age"),
        ("AAA", History { ever_smoked: Some(true), ..man("1961-11-23") }, "due: Never"),
        ("AAA", History { ever_smoked: Some(true), ..man("1961-11-24") }, "not for: Age"),
        ("OST", woman("1961-11-23"), "due: Never"),
        ("OST", woman("1961-11-24"), "not for: Age"),
        ("ANX", born("2007-11-23"), "due: Never"),
        ("ANX", born("2007-11-24"), "not for: Age"),
        ("ANX", born("1961-11-24"), "due: Never"),
        ("ANX", born("1961-11-23"), "not for: Age"),
        ("LIPID", born("1986-11-23"), "due: Never"),
        ("LIPID", born("1986-11-24"), "not for: Age"),
        ("LIPID", born("1950-11-24"), "due: Never"),
        ("LIPID", born("1950-11-23"), "not for: Age"),
        ("ALC", born("2008-11-24"), "not for: Age"),
        ("ALC", born("2008-11-23"), "due: Never"),
        ("TOB", born("2008-11-23"), "due: Never"),
        ("BMI", born("2008-11-23"), "due: Never"),
        ("BMI", born("2008-11-24"), "not for: Age"),
        ("AIS", born("2007-11-23"), "due: Never"),
        ("AIS", born("2007-11-24"), "not for: Age"),
        ("CIS", born("2024-06-01"), "due: Never"),
        ("CIS", born("2023-12-31"), "not for: Age"),
        ("CIS", born("2025-01-01"), "not for: Age"),
        ("SNS-E", born("2008-11-23"), "due: Never"),
        ("SNS-E", born("2008-11-24"), "not for: Age"),
    ] {
        table(rule, &[(history, expected)]);
    }
}

#[test]
fn a_vague_date_of_birth_is_never_guessed() {
    table(
        "BP-SCREEN",
        &[
            (born("2007"), "due: Never"),
            (born("2008"), "ask: BirthDate"),
            (born("2008-11"), "ask: BirthDate"),
            (born("2008-10"), "due: Never"),
            (born("2009"), "not for: Age"),
            (History::default(), "ask: BirthDate"),
        ],
    );
    table(
        "COL",
        &[(born("1980"), "due: Never"), (born("1981"), "ask: BirthDate"), (born("1982"), "not for: Age")],
    );
}

#[test]
fn sex_conditions_smoking_and_body_mass_decide_or_must_be_asked() {
    for (rule, history, expected) in [
        ("BCS", man("1970-01-01"), "not for: Sex"),
        ("BCS", born("1970-01-01"), "ask: Sex"),
        ("BCS", with_condition(woman("1970-01-01"), "bilateral-mastectomy"), "not for: Excluded"),
        ("CCS", with_condition(woman("1970-01-01"), "hysterectomy-no-cervix"), "not for: Excluded"),
        ("COL", with_condition(born("1970-01-01"), "hospice"), "not for: Excluded"),
        ("BP-SCREEN", with_condition(born("1970-01-01"), "hypertension"), "not for: Excluded"),
        ("CBP", born("1970-01-01"), "not for: NoCondition"),
        ("CBP", with_condition(born("1970-01-01"), "hypertension"), "due: Never"),
        ("GSD", with_condition(born("1970-01-01"), "diabetes"), "due: Never"),
        ("GSD", born("1970-01-01"), "not for: NoCondition"),
        ("DSF", with_condition(born("1970-01-01"), "bipolar-disorder"), "not for: Excluded"),
        ("SPC", with_condition(man("2000-01-01"), "cardiovascular-disease"), "due: Never"),
        ("SPC", with_condition(woman("2000-01-01"), "cardiovascular-disease"), "not for: Age"),
        ("SPC", with_condition(born("2000-01-01"), "cardiovascular-disease"), "ask: Sex"),
        ("SPC", with_condition(woman("1986-12-31"), "cardiovascular-disease"), "due: Never"),
        ("AAA", man("1958-01-01"), "ask: Smoking"),
        ("AAA", History { ever_smoked: Some(false), ..man("1958-01-01") }, "not for: Smoking"),
        ("DM-SCREEN", born("1980-01-01"), "ask: BodyMass"),
        (
            "DM-SCREEN",
            measured(born("1980-01-01"), &[("height", 200, TODAY), ("weight", 99, TODAY)]),
            "not for: BodyMass",
        ),
        (
            "DM-SCREEN",
            measured(born("1980-01-01"), &[("height", 200, TODAY), ("weight", 100, TODAY)]),
            "due: Never",
        ),
    ] {
        table(rule, &[(history, expected)]);
    }
}

/// Source: CMS165 (2026): the last day of the year decides, by its lowest systolic below 140 and diastolic below 90.
#[test]
fn blood_pressure_is_controlled_below_140_and_90_on_the_last_day() {
    let person = || with_condition(born("1970-01-01"), "hypertension");
    let on = |systolic, diastolic, on| [("bp_systolic", systolic, on), ("bp_diastolic", diastolic, on)];
    let both = |first: [(&'static str, i32, &'static str); 2],
                second: [(&'static str, i32, &'static str); 2]| {
        measured(person(), &[first, second].concat())
    };
    table(
        "CBP",
        &[
            (measured(person(), &on(139, 89, TODAY)), "met until 2026-12-31"),
            (measured(person(), &on(140, 89, TODAY)), "due: NotControlled"),
            (measured(person(), &on(139, 90, TODAY)), "due: NotControlled"),
            (both(on(150, 95, TODAY), on(138, 88, TODAY)), "met until 2026-12-31"),
            (both(on(120, 70, "2026-03-01"), on(150, 95, TODAY)), "due: NotControlled"),
            (measured(person(), &on(120, 70, "2026-01-01")), "met until 2026-12-31"),
            (measured(person(), &on(120, 70, "2025-12-31")), "due: TooLongAgo"),
            (measured(person(), &[("bp_systolic", 120, TODAY)]), "due: Never"),
        ],
    );
}

/// Source: CMS122 (2026): above 9 % is poor control, and so is no value in the year.
#[test]
fn glycemic_status_is_poor_above_nine_percent() {
    let person = || with_condition(born("1970-01-01"), "diabetes");
    let tenths = |value: &str, on: &str| {
        let mut history = person();
        let value = Quantity::parse(value).unwrap();
        history.measured.push(Measured { key: "hba1c".into(), value, on: day(on), fact: None });
        history
    };
    table(
        "GSD",
        &[
            (tenths("9.0", TODAY), "met until 2026-12-31"),
            (tenths("9.1", TODAY), "due: NotControlled"),
            (tenths("7.0", "2025-12-31"), "due: TooLongAgo"),
        ],
    );
}

#[test]
fn evidence_ends_exactly_where_its_rule_says() {
    for (rule, history, expected) in [
        ("COL", given(born("1970-01-01"), &[("fit", "2026-01-01")]), "met until 2026-12-31"),
        ("COL", given(born("1970-01-01"), &[("fit", "2025-12-31")]), "due: TooLongAgo"),
        ("COL", given(born("1970-01-01"), &[("sdna-fit", "2024-01-01")]), "met until 2026-12-31"),
        ("COL", given(born("1970-01-01"), &[("sdna-fit", "2023-12-31")]), "due: TooLongAgo"),
        ("COL", given(born("1970-01-01"), &[("ct-colonography", "2022-01-01")]), "met until 2026-12-31"),
        ("COL", given(born("1970-01-01"), &[("flexible-sigmoidoscopy", "2021-12-31")]), "due: TooLongAgo"),
        ("COL", given(born("1970-01-01"), &[("colonoscopy", "2017")]), "met until 2026-12-31"),
        ("COL", given(born("1970-01-01"), &[("colonoscopy", "2016-12-31")]), "due: TooLongAgo"),
        (
            "COL",
            given(born("1970-01-01"), &[("colonoscopy", "2020"), ("fit", "2026")]),
            "met until 2029-12-31",
        ),
        ("COL", given(born("1970-01-01"), &[("colonoscopy", "2026-11-24")]), "due: Never"),
        ("BCS", given(woman("1970-01-01"), &[("mammogram", "2024-10-01")]), "met until 2026-12-31"),
        ("BCS", given(woman("1970-01-01"), &[("mammogram", "2024-09-30")]), "due: TooLongAgo"),
        ("BCS", given(woman("1970-01-01"), &[("mammogram", "2024")]), "due: TooLongAgo"),
        ("BCS", given(woman("1970-01-01"), &[("mammogram", "2025-03-01")]), "met until 2026-12-31"),
        ("BCS", given(woman("1970-01-01"), &[("mammogram", "2026-11-01")]), "met until 2028-12-31"),
        ("CCS", given(woman("1990-06-01"), &[("cervical-cytology", "2024-01-01")]), "met until 2026-12-31"),
        ("CCS", given(woman("1990-06-01"), &[("cervical-cytology", "2023-12-31")]), "due: TooLongAgo"),
        ("CCS", given(woman("1990-06-01"), &[("hrhpv", "2022-01-01")]), "met until 2026-12-31"),
        ("CCS", given(woman("1990-06-01"), &[("hrhpv", "2021-12-31")]), "due: TooLongAgo"),
        ("CCS", given(woman("1996-06-01"), &[("hrhpv", "2026-05-31")]), "due: Never"),
        ("CCS", given(woman("1996-06-01"), &[("hrhpv", "2026-06-01")]), "met until 2030-12-31"),
        ("DSF", asked(born("1970-01-01"), &[("phq-2", "2026-01-01", false)]), "met until 2026-12-31"),
        ("DSF", asked(born("1970-01-01"), &[("phq-9", "2025-12-31", false)]), "due: TooLongAgo"),
        ("DSF", asked(born("1970-01-01"), &[("gad-7", TODAY, false)]), "due: Never"),
        ("TOB", asked(born("1970-01-01"), &[("tobacco-status", "2025-11-24", true)]), "met until 2026-11-23"),
        ("TOB", asked(born("1970-01-01"), &[("tobacco-status", "2025-11-23", true)]), "due: TooLongAgo"),
        ("HIV", given(born("1970-01-01"), &[("hiv-test", "1985-01-01")]), "met for ever"),
        ("HIV", given(born("1970-01-01"), &[("hiv-test", "1984-12-31")]), "due: Never"),
        ("OST", given(woman("1950-01-01"), &[("dxa", "2001")]), "met for ever"),
        (
            "EED",
            given(with_condition(born("1970-01-01"), "diabetes"), &[("retinal-exam", "2025-12-31")]),
            "due: TooLongAgo",
        ),
        (
            "EED",
            given(with_condition(born("1970-01-01"), "diabetes"), &[("retinal-exam-negative", "2025-01-01")]),
            "met until 2026-12-31",
        ),
        (
            "SPD",
            given(with_condition(born("1970-01-01"), "diabetes"), &[("statin", "2026-02-01")]),
            "met until 2026-12-31",
        ),
        (
            "LIPID",
            measured(
                born("1970-01-01"),
                &[("chol_total", 180, "2021-11-24"), ("chol_hdl", 50, "2021-11-24")],
            ),
            "met until 2026-11-23",
        ),
        (
            "LIPID",
            measured(
                born("1970-01-01"),
                &[("chol_total", 180, "2021-11-23"), ("chol_hdl", 50, "2021-11-23")],
            ),
            "due: TooLongAgo",
        ),
        ("LIPID", measured(born("1970-01-01"), &[("chol_total", 180, TODAY)]), "due: Never"),
        (
            "BP-SCREEN",
            measured(born("1970-01-01"), &[("bp_systolic", 200, TODAY), ("bp_diastolic", 80, TODAY)]),
            "met until 2027-11-22",
        ),
    ] {
        table(rule, &[(history, expected)]);
    }
    let heavy = |values: &[(&str, i32, &str)]| {
        let body = [("height", 170, "2026-01-05"), ("weight", 90, "2026-01-05")];
        measured(born("1980-01-01"), &[&body[..], values].concat())
    };
    table(
        "DM-SCREEN",
        &[
            (heavy(&[("glucose_fasting", 95, "2023-11-24")]), "met until 2026-11-23"),
            (heavy(&[("glucose_fasting", 95, "2023-11-23")]), "due: TooLongAgo"),
            (heavy(&[("hba1c", 5, "2024-02-01")]), "met until 2027-01-31"),
            (heavy(&[("glucose_random", 95, TODAY)]), "due: Never"),
        ],
    );
}

#[test]
fn a_positive_answer_wants_something_to_follow() {
    let follow_up = |rule: &str, form: &str, positive| {
        let history = asked(born("1970-01-01"), &[(form, TODAY, positive)]);
        match judge(find(rule).unwrap(), &history, day(TODAY)) {
            Verdict::Met { follow_up_by, .. } => follow_up_by,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(follow_up("DSF", "phq-9", true), Some(day("2026-11-25")));
    assert_eq!(follow_up("DSF", "phq-9", false), None);
    assert_eq!(follow_up("SNS-E", "ahc-hrsn-core", true), Some(day("2026-12-23")));
    assert_eq!(follow_up("SNS-E", "ahc-hrsn-core", false), None);
}

#[test]
fn due_says_since_when() {
    let since = |rule: &str, history: &History| match judge(find(rule).unwrap(), history, day(TODAY)) {
        Verdict::Due { since, .. } => since.to_string(),
        other => panic!("{other:?}"),
    };
    assert_eq!(since("COL", &born("1975-05-06")), "2020-05-06");
    assert_eq!(since("COL", &given(born("1970-01-01"), &[("fit", "2024-03-01")])), "2025-01-01");
    let cis = since("CIS", &born("2024-12-31"));
    assert_eq!(cis, TODAY, "not before today though the birthday is to come");
}

#[test]
fn records_become_history() {
    let person = Person {
        birth_date: Some("1970-01-01".parse().unwrap()),
        sex: Some(PersonSex::Female),
        tobacco_status: Some(TobaccoStatus::Former),
        conditions: Some(vec!["44054006".into(), "000".into()]),
        ..Person::default()
    };
    let mut history = History::of_person(&person, embedded());
    assert_eq!((history.sex, history.smokes, history.ever_smoked), (Sex::Female, Some(false), Some(true)));
    assert_eq!(history.conditions.iter().collect::<Vec<_>>(), ["diabetes"]);

    let (id, subject) = (FactId::from_bytes([1; 16]), RecordId::from_bytes([2; 16]));
    // One in the morning in London is the evening before in Ohio.
    let at = Timestamp::from_milliseconds(1_795_395_600_000);
    let value = Quantity::whole(120).into();
    let observation =
        Observation { loinc: Some("8480-6".into()), value: Some(value), ..Observation::default() };
    let answer = |value| AnswerList(vec![Answer { link_id: "/1".into(), value }]);
    // Of a form that is not at hand the stored score is all that is known.
    let response = |value, score| QuestionnaireResponse {
        questionnaire: Some("https://elsewhere.invalid/Questionnaire/phq-2|9".into()),
        answers: Some(answer(value)),
        score,
        ..QuestionnaireResponse::default()
    };
    let care = PastCare {
        service: Some("fit".into()),
        given_on: Some("2025".parse().unwrap()),
        ..PastCare::default()
    };
    for fact in [
        observation.fact(id, subject, at, None),
        response(AnswerValue::Declined, None).fact(id, subject, at, None),
        response(AnswerValue::Integer(3), Some(3)).fact(id, subject, at, None),
        care.fact(id, subject, at, None),
    ] {
        history.take(&fact, -300, measurements::catalog(), |canonical| pack::embedded().form_of(canonical));
    }
    assert_eq!(history.measured[0].on, day("2026-11-22"));
    let scored: Vec<(&str, bool)> =
        history.answered.iter().map(|answered| (answered.form.as_str(), answered.scored)).collect();
    assert_eq!(scored, [("phq-2", false), ("phq-2", true)], "a refusal is no answer");
    assert_eq!(history.given[0].service, "fit");
}
