//! Stories of the catalog: its codes, its limits and what a changed file may not do.

use super::{Beyond, Whom, gravest_flag, gravest_name, untakable};
use super::{Catalog, CatalogError, Category, Plausibility};
use super::{band_of, catalog, check, find, flags_of, flags_of_choice, is_loinc};
use crate::content::{Language, Quantity, Sex};

fn quantity(text: &str) -> Quantity {
    Quantity::parse(text).unwrap()
}

#[test]
fn the_embedded_catalog_is_whole() {
    assert_eq!(catalog().measurements.len(), 34);
    for measurement in &catalog().measurements {
        let key = &measurement.key;
        assert!(measurement.name.say(Language::Spanish).translated, "{key} has no Spanish name");
        assert!(!measurement.limit_basis.is_empty() && !measurement.code_source.is_empty(), "{key}");
        assert!(is_loinc(&measurement.loinc), "{key}");
        assert_eq!(catalog().find_loinc(&measurement.loinc).unwrap().key, *key, "one code, one measurement");
    }
    let oxygen = find("spo2").unwrap();
    assert_eq!(oxygen.loinc_extra, ["2708-6"], "US Core 7 requires both codes");
    assert_eq!((oxygen.category, oxygen.unit_ucum.as_deref()), (Category::VitalSigns, Some("%")));
    assert_eq!(find("bp_diastolic").unwrap().panel_loinc.as_deref(), Some("85354-9"));
    assert!(find("no such key").is_none());
}

#[test]
fn limits_refuse_ask_once_or_accept() {
    let refused = |low: &str, high: &str| Plausibility::Refused { low: quantity(low), high: quantity(high) };
    let ask_once = |low: &str, high: &str| Plausibility::AskOnce { low: quantity(low), high: quantity(high) };
    for (key, value, plausibility) in [
        ("heart_rate", "720", refused("20", "300")),
        ("heart_rate", "19", refused("20", "300")),
        ("heart_rate", "20", ask_once("50", "110")),
        ("heart_rate", "300", ask_once("50", "110")),
        ("heart_rate", "50", Plausibility::Fine),
        ("heart_rate", "110", Plausibility::Fine),
        ("heart_rate", "111", ask_once("50", "110")),
        ("body_temp", "35,5", Plausibility::Fine),
        ("body_temp", "35.4", ask_once("35.5", "38")),
        ("body_temp", "98.6", refused("25", "45")),
        ("weight", "0.1", refused("0.2", "650")),
        ("hearing_left_500", "-10", Plausibility::Fine),
        ("va_right", "7", Plausibility::Fine),
    ] {
        assert_eq!(check(find(key).unwrap(), &quantity(value)), plausibility, "{key} {value}");
    }
}

/// Source: ADA, as the catalog's `bands_source` says.
#[test]
fn bands_change_at_their_boundaries() {
    for (key, value, name) in [
        ("hba1c", "5.6", Some("normal")),
        ("hba1c", "6.4", Some("prediabetes range")),
        ("glucose_fasting", "70", Some("normal")),
        ("glucose_fasting", "99", Some("normal")),
        ("glucose_fasting", "125", Some("prediabetes range")),
        ("hba1c", "5.7", Some("prediabetes range")),
        ("hba1c", "6.5", Some("diabetes range, confirm")),
        ("glucose_fasting", "69", Some("hypoglycaemia")),
        ("glucose_fasting", "100", Some("prediabetes range")),
        ("glucose_fasting", "126", Some("diabetes range, confirm")),
        ("weight", "70", None),
    ] {
        let band = band_of(find(key).unwrap(), quantity(value));
        assert_eq!(band.map(|band| band.name.english.as_str()), name, "{key} {value}");
    }
}

/// The tile of several values shows the gravest of them, and of one value its gravest word.
#[test]
fn the_gravest_name_of_a_number_is_the_one_farthest_from_normal() {
    let whom = Whom { sex: Sex::Female, age_years: Some(40) };
    for (key, value, name, steps) in [
        ("chol_total", "199", "desirable", 0),
        ("chol_total", "210", "borderline high", 1),
        ("triglycerides", "149", "normal", 0),
        ("triglycerides", "499", "high", 2),
        ("triglycerides", "900", "very high", 3),
        ("glucose_fasting", "99", "normal", 0),
        ("glucose_fasting", "126", "diabetes range, confirm", 2),
        ("glucose_fasting", "299", "diabetes range, confirm", 2),
        ("glucose_fasting", "300", "very high", 3),
        ("glucose_fasting", "69", "hypoglycaemia", 1),
    ] {
        let named = gravest_name(find(key).unwrap(), quantity(value), whom).expect("a name");
        assert_eq!((named.name.english.as_str(), named.steps), (name, steps), "{key} {value}");
    }
}

#[test]
fn flags_are_raised_by_number_by_sex_and_by_choice() {
    for (key, value, sex, count) in [
        ("spo2", "92", Sex::Unknown, 0),
        ("spo2", "91", Sex::Unknown, 1),
        ("spo2", "87", Sex::Unknown, 2),
        ("body_temp", "38", Sex::Female, 1),
        ("body_temp", "34.9", Sex::Female, 1),
        ("waist", "102.1", Sex::Male, 1),
        ("waist", "102", Sex::Male, 0),
        ("waist", "88.1", Sex::Female, 1),
        ("waist", "150", Sex::Unknown, 0),
        ("va_left", "20", Sex::Male, 0),
        ("body_temp", "37.9", Sex::Female, 0),
        ("body_temp", "35.0", Sex::Female, 0),
        ("spo2", "88", Sex::Unknown, 1),
        ("waist", "88", Sex::Female, 0),
        ("glucose_random", "53", Sex::Male, 2),
        ("glucose_random", "54", Sex::Male, 1),
        ("glucose_random", "69", Sex::Male, 1),
        ("glucose_random", "70", Sex::Male, 0),
        ("glucose_random", "199", Sex::Male, 0),
        ("glucose_random", "200", Sex::Male, 1),
        ("heart_rate", "100", Sex::Male, 0),
        ("heart_rate", "101", Sex::Male, 1),
        ("heart_rate", "50", Sex::Male, 0),
        ("heart_rate", "49", Sex::Male, 1),
    ] {
        let whom = Whom { sex, age_years: Some(40) };
        assert_eq!(flags_of(find(key).unwrap(), quantity(value), whom).len(), count, "{key} {value} {sex:?}");
    }
    for (choice, count) in [("20/20", 0), ("20/40", 0), ("20/50", 1), ("20/800", 1), ("21/50", 0)] {
        assert_eq!(flags_of_choice(find("va_right").unwrap(), choice).len(), count, "{choice}");
    }
}

#[test]
fn the_gravest_flag_is_the_one_that_the_fewest_values_raise() {
    for (key, value, name) in [
        ("glucose_random", "53", Some("level 2 hypoglycaemia - treat now")),
        ("glucose_random", "69", Some("hypoglycaemia")),
        ("spo2", "91", Some("low")),
        ("spo2", "87", Some("urgent")),
        ("spo2", "99", None),
    ] {
        let whom = Whom { sex: Sex::Female, age_years: None };
        let flag = gravest_flag(find(key).unwrap(), quantity(value), whom);
        assert_eq!(flag.map(|flag| flag.name.english.as_str()), name, "{key} {value}");
    }
}

#[test]
fn an_adults_line_is_not_a_childs() {
    let flagged = |age_years| {
        let whom = Whom { sex: Sex::Unknown, age_years };
        flags_of(find("heart_rate").unwrap(), quantity("130"), whom).len()
    };
    assert_eq!((flagged(Some(17)), flagged(Some(18)), flagged(None)), (0, 1, 1));
}

#[test]
fn a_meters_words_stand_for_the_ends_of_its_range() {
    let meter = find("glucose_random").unwrap().meter.as_ref().unwrap();
    assert_eq!(meter.read("LO"), Some((Beyond::Below, quantity("20"))));
    assert_eq!(meter.read("HI"), Some((Beyond::Above, quantity("600"))));
    assert_eq!((meter.read("ERR"), meter.read("lo")), (None, None));
    assert_eq!(Beyond::Below.words(Some(meter), "20 mg/dL"), "LO (< 20 mg/dL)");
    assert_eq!(Beyond::Above.words(None, "600 mg/dL"), "> 600 mg/dL");
    assert!(find("glucose_fasting").unwrap().meter.is_some() && find("heart_rate").unwrap().meter.is_none());
}

#[test]
fn what_a_keypad_cannot_take_says_why() {
    let reason = |key: &str| untakable(find(key).unwrap()).unwrap_or_default();
    for key in ["bp_systolic", "chol_hdl", "va_left", "hearing_left_500", "heart_rate", "resp_rate"] {
        assert_eq!(reason(key), "", "{key}");
    }
    assert!(reason("bmi").starts_with("is worked out"));
    assert!(reason("hearing_left_8000").starts_with("is a part of 89015-2"));
    let mut pulse = find("heart_rate").unwrap().clone();
    pulse.hard_limits.as_mut().unwrap().high = quantity("10000");
    assert!(untakable(&pulse).unwrap().contains("more digits than the keypad takes"));
    pulse.hard_limits = None;
    assert!(untakable(&pulse).unwrap().starts_with("has no hard and soft limits"));
    pulse.choices = vec!["few".into()];
    assert!(untakable(&pulse).unwrap().starts_with("is chosen from a list"));
    for key in ["bp_diastolic", "chol_hdl", "hearing_right_4000"] {
        let mut part = find(key).unwrap().clone();
        part.hard_limits = None;
        assert!(untakable(&part).unwrap().starts_with("has no hard and soft limits"), "{key}");
    }
    let mut chart = find("va_right").unwrap().clone();
    chart.choices.clear();
    assert!(untakable(&chart).unwrap().starts_with("has no lines to choose from"));
}

#[test]
fn a_changed_file_that_contradicts_itself_is_refused_by_key() {
    let embedded = include_str!("../../../content/core/measurements.json");
    for (from, to, reason) in [
        ("[40, 300]", "[300, 40]", "the lower limit 300 is above the upper limit 40"),
        ("[90, 180]", "[30, 180]", "the soft limits are not within the hard ones"),
        ("\"key\": \"bp_diastolic\"", "\"key\": \"bp_systolic\"", "stands twice in the file"),
        ("[40, 300]", "[40.12345678901, 300]", "40.12345678901: the number has more than 9 decimals"),
        (
            "\"limit_basis\"",
            "\"typed_in\": [\"kPa\"], \"limit_basis\"",
            "is typed in \"kPa\", which is none of its units or has no conversion",
        ),
        ("\"limit_basis\"", "\"decimals\": 4, \"limit_basis\"", "more than 3 decimals are typed nowhere"),
        (
            "\"limit_basis\"",
            "\"normal_bands\": [\"fine\"], \"limit_basis\"",
            "\"fine\" is called normal and is none of its bands",
        ),
    ] {
        assert!(embedded.contains(from));
        let error = Catalog::parse(&embedded.replacen(from, to, 1)).unwrap_err();
        assert_eq!(error, CatalogError::Wrong { key: "bp_systolic".into(), reason: reason.into() });
    }
    let no_year = embedded.replacen("ACC/AHA 2017 guideline", "ACC/AHA guideline", 1);
    let no_mean = embedded.replacen("\"mean_of_last\": 2", "\"mean_of_last\": 3", 1);
    for broken in [no_year, no_mean, embedded.replacen("\"readings\": 2", "\"readings\": 1", 1)] {
        assert!(
            matches!(Catalog::parse(&broken), Err(CatalogError::Wrong { key, .. }) if key == "bp_systolic")
        );
    }
    let unsourced = embedded.replacen("\"flags_source\"", "\"flags_sauce\"", 1);
    assert!(
        matches!(Catalog::parse(&unsourced), Err(CatalogError::Wrong { key, .. }) if key == "heart_rate")
    );
    let without_choice = embedded.replace("\"worse_than\": \"20/40\"", "\"worse_than\": \"20/41\"");
    assert!(
        matches!(Catalog::parse(&without_choice), Err(CatalogError::Wrong { key, .. }) if key == "va_right")
    );
    for broken in [
        embedded.replacen("\"range\": [20, 600]", "\"range\": [5, 600]", 1),
        embedded.replacen("\"high\": \"HI\"", "\"high\": \"LO\"", 1),
        embedded.replacen("sold in 2026 print", "sold print", 1),
    ] {
        assert!(
            matches!(Catalog::parse(&broken), Err(CatalogError::Wrong { key, .. }) if key == "glucose_random")
        );
    }
    let with_a_gap = embedded.replace("[18.5, 25, \"normal\"", "[18.6, 25, \"normal\"");
    assert!(matches!(Catalog::parse(&with_a_gap), Err(CatalogError::Wrong { key, .. }) if key == "bmi"));
    assert!(matches!(Catalog::parse("{}"), Err(CatalogError::Unreadable { .. })));
}
