//! Who is due for what because of smoking. Source: USPSTF 2021, lung cancer: 50 to 80 years, 20 pack-years or more, smokes
//! or quit less than 15 years ago; screening ends once a person has not smoked for 15 years. USPSTF 2022, statins: smoking
//! is one of the risk factors.

use super::*;
use crate::time::PartialDate;

const SMOKES: &str = "449868002";
const QUIT: &str = "8517006";

/// Somebody of 56 who told the status, with pack-years and the date of quitting where these were told.
fn told(status: &str, pack_years: Option<i64>, quit: Option<&str>) -> History {
    let mut answers = vec![("/72166-2", code(status))];
    answers.extend(pack_years.map(|years| ("/8664-5", AnswerValue::Integer(years))));
    let date = quit.map(|quit| AnswerValue::Date(quit.parse::<PartialDate>().unwrap()));
    answers.extend(date.map(|date| ("/74010-0", date)));
    let person = Person { tobacco_status: TobaccoStatus::from_code(status), ..Person::default() };
    let history = History { born: "1970-01-01".parse().ok(), ..History::of_person(&person, embedded()) };
    responded(history, "tobacco-status", &answers, TODAY)
}

#[test]
fn lung_cancer_screening_hangs_on_pack_years_and_the_date_of_quitting() {
    for (history, expected) in [
        (told("266919005", None, None), "not for: Smoking"),
        (told(SMOKES, None, None), "ask: PackYears"),
        (told(SMOKES, Some(19), None), "not for: Smoking"),
        (told(SMOKES, Some(20), None), "due: Never"),
        (told(QUIT, Some(40), None), "ask: QuitDate"),
        (told(QUIT, Some(19), None), "not for: Smoking"),
        (told(QUIT, Some(40), Some("2011-11-24")), "due: Never"),
        (told(QUIT, Some(40), Some("2011-11-23")), "not for: Smoking"),
        (told(QUIT, Some(40), Some("2011-12")), "due: Never"),
        (told(QUIT, Some(40), Some("2011-11")), "ask: QuitDate"),
        (told(QUIT, Some(40), Some("2011-10")), "not for: Smoking"),
        (told(QUIT, Some(40), Some("2012")), "due: Never"),
        (told(QUIT, Some(40), Some("2011")), "ask: QuitDate"),
        (told(QUIT, Some(40), Some("2010")), "not for: Smoking"),
    ] {
        assert_eq!(word("LCS", &history), expected, "{history:?}");
    }
    let young = History { born: "1976-11-24".parse().ok(), ..told(SMOKES, Some(30), None) };
    assert_eq!(word("LCS", &young), "not for: Age");
    let scanned = given(told(SMOKES, Some(30), None), &[("low-dose-ct", "2025-11-24")]);
    assert_eq!(word("LCS", &scanned), "met until 2026-11-23");
}

#[test]
fn the_newest_word_about_smoking_counts() {
    let quit_long_ago = [
        ("/72166-2", code(QUIT)),
        ("/8664-5", AnswerValue::Integer(25)),
        ("/74010-0", AnswerValue::Date(PartialDate::Year(2001))),
    ];
    let before = responded(told(QUIT, None, None), "tobacco-status", &quit_long_ago, "2020-05-01");
    assert_eq!(before.pack_years, Some(25), "told once and not again");
    assert_eq!(word("LCS", &before), "ask: QuitDate", "the date of an earlier time says nothing of this one");
    let unknown = responded(before, "tobacco-status", &[("/72166-2", code("266927001"))], "2026-11-23");
    assert_eq!(word("LCS", &unknown), "ask: QuitDate");
}

#[test]
fn smoking_alone_is_a_risk_factor_for_the_heart() {
    let smokes = |smokes| History { smokes, ..born("1970-01-01") };
    table(
        "SPC-PRIM",
        &[
            (smokes(Some(true)), "due: Never"),
            (smokes(Some(false)), "not for: NoCondition"),
            (smokes(None), "ask: Smoking"),
            (with_condition(smokes(Some(false)), "hypertension"), "due: Never"),
            (with_condition(smokes(None), "diabetes"), "due: Never"),
            (with_condition(smokes(Some(true)), "cardiovascular-disease"), "not for: Excluded"),
        ],
    );
    assert_eq!(word("SPD", &smokes(Some(true))), "not for: NoCondition", "diabetes is its only reason");
}
