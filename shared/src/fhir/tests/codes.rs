//! What a record system looks for: published codes, units, profiles and the shape of the bundle.

use super::sample::*;
use crate::content::measurements::Beyond;
use crate::content::pack::{PackFiles, embedded, embedded_files, load};
use crate::content::questionnaire::Answer;
use crate::domain::consent::Consent;
use crate::domain::screening::{AnswerList, Observation};
use crate::fhir::{VisitRecord, read, write};
use serde_json::json;

#[test]
fn every_value_carries_its_loinc_code_and_its_ucum_unit() {
    for measurement in &embedded().catalog.measurements {
        let observation = match measurement.hard_limits {
            Some(limits) => measured(&measurement.key, limits.low.mantissa(), limits.low.scale()),
            None => chosen(&measurement.key, &measurement.choices[0]),
        };
        let bundle = bundle(&with(vec![fact(1, &observation)]));
        let written = resource(&bundle, fact_id(1));
        let is_pressure = measurement.panel_loinc.as_deref() == Some("85354-9");
        let own = match is_pressure {
            true => {
                assert_eq!(written["code"]["coding"][0]["code"], "85354-9");
                let components = written["component"].as_array().expect("components");
                assert_eq!(components.len(), 2, "US Core wants both");
                components
                    .iter()
                    .find(|half| half["code"]["coding"][0]["code"] == *measurement.loinc)
                    .expect("its own")
            }
            false => written,
        };
        let codes: Vec<&str> = own["code"]["coding"]
            .as_array()
            .expect("codings")
            .iter()
            .map(|c| c["code"].as_str().expect("a code"))
            .collect();
        assert_eq!(codes[0], measurement.loinc);
        assert!(measurement.loinc_extra.iter().all(|code| codes.contains(&code.as_str())), "{codes:?}");
        assert_eq!(own["code"]["coding"][0]["system"], "http://loinc.org");
        if let Some(unit) = &measurement.unit_ucum {
            assert_eq!(own["valueQuantity"]["code"], *unit);
            assert_eq!(own["valueQuantity"]["system"], "http://unitsofmeasure.org");
        }
        if let Some(profile) = &measurement.profile {
            assert_eq!(written["meta"]["profile"], json!([profile]));
        }
        assert_eq!(written["method"]["coding"][0]["code"], "manual");
    }
}

#[test]
fn the_codes_that_profiles_demand_are_there() {
    let bundle = bundle(&full());
    for code in
        ["85354-9", "8480-6", "8462-4", "59408-5", "2708-6", "8310-5", "24331-1", "72166-2", "55758-7"]
    {
        assert!(bundle.to_string().contains(&format!("\"{code}\"")), "{code}");
    }
    assert_eq!(of_code(&bundle, "24331-1")[0]["hasMember"].as_array().map(Vec::len), Some(2));
    let score = of_code(&bundle, "55758-7")[0];
    assert_eq!(score["valueQuantity"]["value"], 5);
    assert_eq!(score["valueQuantity"]["code"], "{score}");
    let housing = of_code(&bundle, "71802-3")[0];
    assert_eq!(housing["dataAbsentReason"]["coding"][0]["code"], "asked-declined");
    let device = resource(&bundle, fact_id(8));
    assert_eq!(device["device"]["display"], "Glucometer 3");
    let visit = resources(&bundle, "Encounter")[0];
    assert_eq!(visit["class"]["code"], "FLD");
    let gap = resources(&bundle, "DetectedIssue")[0];
    assert_eq!(gap["modifierExtension"][0]["valueCodeableConcept"]["coding"][0]["code"], "closed-gap");
    assert_eq!(gap["code"]["coding"][0]["code"], "CAREGAP");
}

#[test]
fn a_decimal_keeps_the_digits_that_were_typed() {
    let record =
        with(vec![fact(1, &measured("weight", 70_500_000_000, 9)), fact(2, &measured("body_temp", 3700, 2))]);
    let text = write(&record, &content()).expect("written");
    assert!(text.contains("\"value\": 70.500000000,"), "{text}");
    assert!(text.contains("\"value\": 37.00,"), "{text}");
}

#[test]
fn what_a_meter_could_not_measure_is_said_with_a_comparator_and_comes_back_so() {
    for (beyond, limit, code) in [(Beyond::Below, 20, "<"), (Beyond::Above, 600, ">")] {
        let seen = Observation { beyond: Some(beyond), ..measured("glucose_random", limit, 0) };
        let record = with(vec![fact(1, &seen)]);
        let bundle = bundle(&record);
        let quantity = &resource(&bundle, fact_id(1))["valueQuantity"];
        assert_eq!(
            *quantity,
            json!({"value": limit, "comparator": code, "unit": "mg/dL",
            "system": "http://unitsofmeasure.org", "code": "mg/dL"})
        );
        let back = read(&write(&record, &content()).expect("written"), &content()).expect("read");
        assert_eq!(Observation::read(&back.facts[0]), seen);
    }
    let nothing = Observation { beyond: Some(Beyond::Below), ..chosen("va_right", "20/40") };
    let problems = write(&with(vec![fact(1, &nothing)]), &content()).expect_err("refused");
    assert!(problems[0].to_string().contains("beyond stands without the end of the meter's range"));
}

#[test]
fn a_measurement_that_an_overlay_added_travels_under_its_own_codes() {
    let overlay = ["pack.json", "measurements.json", "protocol.json", "changes.json", "handout.json"]
        .map(|name| (name, gulf(name)))
        .into_iter()
        .chain([("questionnaires/heat-work.json", gulf("questionnaires/heat-work.json"))]);
    let mut files = PackFiles::default();
    overlay.for_each(|(name, text)| files.put(name, text.as_bytes().to_vec()).expect("room"));
    let composed = load(&[("core".into(), embedded_files()), ("gulf".into(), files)]).expect("whole");
    let flow = composed.catalog.find("peak_flow").expect("added");
    let seen = Observation {
        loinc: Some(flow.loinc.clone()),
        unit: flow.unit_ucum.clone(),
        panel: None,
        ..measured("heart_rate", 420, 0)
    };
    let record = with(vec![fact(1, &seen)]);
    let text = write(&record, &[&composed]).expect("written");
    let bundle: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let written = resource(&bundle, fact_id(1));
    assert_eq!(written["code"]["coding"][0]["code"], "19935-6");
    assert_eq!(written["valueQuantity"]["code"], "L/min");
    assert_eq!(written["category"][0]["coding"][0]["code"], "exam");
    let back = read(&text, &[&composed]).expect("read");
    assert_eq!(Observation::read(&back.facts[0]), seen);
    assert!(read(&text, &content()).is_err(), "the core alone does not know it");
}

fn gulf(name: &str) -> &'static str {
    match name {
        "pack.json" => include_str!("../../../content/overlays/gulf-sample/pack.json"),
        "measurements.json" => include_str!("../../../content/overlays/gulf-sample/measurements.json"),
        "protocol.json" => include_str!("../../../content/overlays/gulf-sample/protocol.json"),
        "changes.json" => include_str!("../../../content/overlays/gulf-sample/changes.json"),
        "handout.json" => include_str!("../../../content/overlays/gulf-sample/handout.json"),
        _ => include_str!("../../../content/overlays/gulf-sample/questionnaires/heat-work.json"),
    }
}

#[test]
fn a_skipped_question_says_why_and_an_answer_names_its_code_and_release() {
    let bundle = bundle(&full());
    let response = resource(&bundle, fact_id(21));
    assert_eq!(response["questionnaire"], "https://caravan.invalid/fhir/Questionnaire/ahc-hrsn-core|1.0.0");
    assert_eq!(response["language"], "es");
    assert_eq!(response["extension"][0]["valueString"], "caravan-core 2026.11.1 + gulf-sample 1.0.0");
    let items = response["item"].as_array().expect("items");
    assert_eq!(items[0]["extension"][0]["valueCode"], "asked-declined");
    assert_eq!(items[1]["answer"][0]["valueCoding"]["code"], "LA31996-4");
    assert_eq!(items[1]["answer"][0]["valueCoding"]["system"], "http://loinc.org");
    assert_eq!(items[2]["extension"][0]["valueCode"], "not-asked");
    assert!(items[2].get("answer").is_none());
}

#[test]
fn a_form_of_which_a_required_question_was_put_off_leaves_in_progress() {
    for (second, status) in [
        (Answer::NotAsked, "in-progress"),
        (Answer::Declined, "completed"),
        (Answer::code("LA6571-9"), "completed"),
    ] {
        let answered = response("phq-2", &[("/44250-9", Answer::code("LA6570-1")), ("/44255-8", second)]);
        let record = with(vec![answered.fact(fact_id(1), PERSON.into(), at(0), None)]);
        let bundle = bundle(&record);
        assert_eq!(resource(&bundle, fact_id(1))["status"], status);
    }
}

#[test]
fn every_entry_is_put_under_its_own_id_and_every_reference_resolves() {
    let bundle = bundle(&full());
    assert_eq!(bundle["type"], "transaction");
    let entries = bundle["entry"].as_array().expect("entries");
    let mut ids = std::collections::BTreeSet::new();
    for entry in entries {
        let (kind, id) = (&entry["resource"]["resourceType"], &entry["resource"]["id"]);
        let (kind, id) = (kind.as_str().expect("a type"), id.as_str().expect("an id"));
        assert_eq!(entry["fullUrl"], format!("urn:uuid:{id}"));
        assert_eq!(entry["request"], json!({"method": "PUT", "url": format!("{kind}/{id}")}));
        assert!(ids.insert(id.to_owned()), "{id} stands twice");
    }
    fn walk(value: &serde_json::Value, found: &mut Vec<String>) {
        match value {
            serde_json::Value::Object(fields) => {
                assert!(!fields.is_empty(), "an empty object");
                found.extend(fields.get("reference").and_then(|text| text.as_str()).map(str::to_owned));
                fields.values().for_each(|value| walk(value, found));
            }
            serde_json::Value::Array(items) => {
                assert!(!items.is_empty(), "an empty list");
                items.iter().for_each(|value| walk(value, found));
            }
            serde_json::Value::String(text) => assert!(!text.is_empty(), "an empty text"),
            _ => {}
        }
    }
    let mut references = Vec::new();
    walk(&bundle, &mut references);
    assert!(references.len() > 20);
    for reference in references {
        assert!(ids.contains(reference.trim_start_matches("urn:uuid:")), "{reference}");
    }
}

#[test]
fn consent_says_what_is_in_force_and_what_was_withdrawn() {
    let said = |number: u8, minutes, care, outreach| {
        let consent = Consent { care: Some(care), outreach: Some(outreach), ..Consent::default() };
        consent.fact(fact_id(number), PERSON.into(), at(minutes), None)
    };
    let bundle = bundle(&with(vec![said(1, 0, true, true), said(2, 30, false, false)]));
    let (first, withdrawn) = (resource(&bundle, fact_id(1)), resource(&bundle, fact_id(2)));
    assert_eq!((&first["status"], &withdrawn["status"]), (&json!("inactive"), &json!("active")));
    assert_eq!(first["policyRule"]["coding"][0]["code"], "OPTIN");
    assert_eq!(withdrawn["policyRule"]["coding"][0]["code"], "OPTOUT");
    assert_eq!(first["provision"]["type"], "deny");
    assert_eq!(first["provision"]["provision"][0]["type"], "permit");
    assert_eq!(first["provision"]["provision"][0]["code"][0]["coding"][0]["code"], "care");
    assert_eq!(withdrawn["provision"]["provision"][0]["type"], "deny");
}

#[test]
fn what_has_no_place_is_told_by_fact_and_field_and_nothing_is_written() {
    let odd = |change: fn(&mut Observation)| {
        let mut observation = measured("heart_rate", 70, 0);
        change(&mut observation);
        let problems = write(&with(vec![fact(1, &observation)]), &content()).expect_err("refused");
        problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    let name = format!("Observation {}: ", fact_id(1));
    assert_eq!(odd(|it| it.loinc = None), format!("{name}loinc is missing"));
    assert_eq!(
        odd(|it| it.loinc = Some("1-8".into())),
        format!("{name}loinc \"1-8\" is in no release's catalog")
    );
    assert_eq!(odd(|it| it.unit = Some("Hz".into())), format!("{name}unit is not the catalog's UCUM unit"));
    assert_eq!(odd(|it| it.value = None), format!("{name}value is missing"));
    let mut response = response("phq-2", &[("/44250-9", Answer::Declined)]);
    response.questionnaire = Some("https://caravan.invalid/fhir/Questionnaire/phq-2|9".into());
    let fact = response.fact(fact_id(2), PERSON.into(), at(0), None);
    let problems = write(&with(vec![fact]), &content()).expect_err("an unknown version");
    assert!(problems[0].to_string().contains("is in no release"), "{}", problems[0]);
    response.questionnaire = Some("https://caravan.invalid/fhir/Questionnaire/phq-2|1.0.0".into());
    response.answers = Some(AnswerList(vec![crate::domain::screening::Answer {
        link_id: "/0".into(),
        value: crate::domain::screening::AnswerValue::Declined,
    }]));
    let fact = response.fact(fact_id(2), PERSON.into(), at(0), None);
    let problems = write(&with(vec![fact]), &content()).expect_err("no such question");
    assert!(problems[0].to_string().contains("no such question"), "{}", problems[0]);
    let orphan = measured("heart_rate", 70, 0).fact(fact_id(3), PERSON.into(), at(0), Some(fact_id(9)));
    let record = VisitRecord { facts: vec![orphan], ..bare() };
    assert!(
        write(&record, &content()).expect_err("an orphan")[0].to_string().contains("not part of the visit")
    );
}
