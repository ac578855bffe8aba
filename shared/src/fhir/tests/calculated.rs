//! What follows from values goes out with what it is derived from, is worked out by the newest release, and is never a fact.

use super::sample::*;
use crate::content::Words;
use crate::content::pack::embedded;
use crate::domain::screening::Observation;
use crate::fhir::{VisitRecord, read, write};
use crate::record::Fact;
use crate::time::PartialDate;
use serde_json::{Value, json};

fn round(record: &VisitRecord) {
    let text = write(record, &content()).expect("written");
    let back = read(&text, &content()).expect("read");
    assert_eq!(&back, record, "nothing that follows becomes a fact");
    assert_eq!(write(&back, &content()).expect("written again"), text);
}

/// Somebody born in a year, with height, weight and a lipid panel.
fn screened(year: i32) -> VisitRecord {
    let facts = [("height", 1700, 1), ("weight", 925, 1), ("chol_total", 242, 0), ("chol_hdl", 45, 0)];
    let facts = facts.into_iter().chain([("triglycerides", 150, 0)]);
    let facts: Vec<Fact> = (1u8..)
        .zip(facts)
        .map(|(number, (key, mantissa, scale))| fact(number, &measured(key, mantissa, scale)))
        .collect();
    let mut record = with(facts);
    record.person.birth_date = Some(PartialDate::Year(year));
    record
}

fn derived_from(observation: &Value) -> Vec<&str> {
    let parts = observation["derivedFrom"].as_array().expect("parts");
    parts.iter().filter_map(|part| part["reference"].as_str()).collect()
}

fn urn(number: u8) -> String {
    format!("urn:uuid:{}", fact_id(number))
}

#[test]
fn body_mass_and_cholesterol_leave_with_what_they_are_derived_from_and_come_back_as_nothing() {
    let record = screened(1980);
    let bundle = bundle(&record);
    for (code, value, unit, from, said) in [
        ("39156-5", "32.0", "kg/m2", &[1, 2][..], Some("obese I")),
        ("13457-7", "167", "mg/dL", &[3, 4, 5], Some("high")),
        ("43396-1", "197", "mg/dL", &[3, 4], None),
    ] {
        let found = of_code(&bundle, code);
        let [observation] = found.as_slice() else { panic!("{code}: {found:?}") };
        assert_eq!(observation["valueQuantity"]["value"].to_string(), value, "{code}");
        assert_eq!(observation["valueQuantity"]["code"], unit);
        assert_eq!(observation["status"], "final");
        assert_eq!(observation["method"]["coding"][0]["code"], "calculated");
        assert_eq!(derived_from(observation), from.iter().map(|part| urn(*part)).collect::<Vec<_>>());
        assert_eq!(observation["interpretation"][0]["text"].as_str(), said, "{code}");
        assert!(observation.get("identifier").is_none(), "it is no record of its own");
    }
    let index = of_code(&bundle, "39156-5")[0];
    assert_eq!(index["meta"]["profile"][0], "http://hl7.org/fhir/us/core/StructureDefinition/us-core-bmi");
    let ldl = of_code(&bundle, "13457-7")[0]["id"].as_str().expect("an id");
    let panel = of_code(&bundle, "24331-1")[0]["hasMember"].to_string();
    assert!(panel.contains(ldl), "it is a member of its panel");
    round(&record);
}

#[test]
fn a_childs_index_leaves_without_a_category() {
    let record = screened(2015);
    assert!(of_code(&bundle(&record), "39156-5")[0].get("interpretation").is_none());
    round(&record);
    round(&VisitRecord { person: Default::default(), ..record });
}

#[test]
fn the_newest_release_names_the_category() {
    let mut regional = embedded().clone();
    let index = regional.catalog.measurements.iter_mut().find(|known| known.key == "bmi").expect("there");
    index.bands[3].name = Words::both("regional class", "clase regional");
    let text = write(&screened(1980), &[&regional, embedded()]).expect("written");
    let bundle: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(of_code(&bundle, "39156-5")[0]["interpretation"][0]["text"], "regional class");
    assert!(read(&text, &content()).is_ok(), "another release may call it otherwise");
}

#[test]
fn what_was_taken_back_gives_nothing() {
    let mut record = screened(1980);
    let taken_back = Observation {
        visit: Some(VISIT),
        status: Some(crate::domain::screening::FactStatus::EnteredInError),
        performer: Some(NURSE),
        ..Observation::default()
    };
    record.facts.push(taken_back.fact(fact_id(9), PERSON.into(), at(5), Some(fact_id(4))));
    let bundle = bundle(&record);
    assert!(of_code(&bundle, "13457-7").is_empty() && of_code(&bundle, "43396-1").is_empty());
    assert_eq!(of_code(&bundle, "39156-5").len(), 1);
    round(&record);
}

#[test]
fn a_value_that_an_earlier_release_stored_goes_as_it_stands_and_once() {
    let mut record = screened(1980);
    let stored = Observation { method: Some("calculated".into()), ..measured("chol_ldl_calc", 167, 0) };
    record.facts.push(fact(9, &stored));
    let bundle = bundle(&record);
    let found = of_code(&bundle, "13457-7");
    assert!(
        found.len() == 1 && found[0]["id"] == fact_id(9).to_string() && found[0].get("derivedFrom").is_none()
    );
    round(&record);
}

#[test]
fn a_value_that_does_not_follow_is_refused_with_its_element() {
    let refused = |code: &str, change: &dyn Fn(&mut Value)| {
        let mut bundle = bundle(&screened(1980));
        let entries = bundle["entry"].as_array_mut().expect("entries");
        let of_code = |entry: &&mut Value| entry["resource"]["code"]["coding"][0]["code"] == code;
        change(&mut entries.iter_mut().find(of_code).expect("it is there")["resource"]);
        let refusals = read(&bundle.to_string(), &content()).expect_err("refused");
        refusals.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    };
    let told = refused("39156-5", &|index| index["valueQuantity"]["value"] = json!(23.0));
    assert!(told.ends_with("valueQuantity: contradicts what it is derived from"), "{told}");
    let told = refused("39156-5", &|index| drop(index["derivedFrom"].as_array_mut().expect("parts").pop()));
    assert!(told.ends_with("derivedFrom: contradicts what it is derived from"), "{told}");
    let told = refused("13457-7", &|ldl| ldl["derivedFrom"] = json!([]));
    assert!(told.ends_with("derivedFrom: is missing"), "{told}");
    let elsewhere = json!([{"reference": "urn:uuid:00000000-0000-0000-0000-000000000001"}]);
    let told = refused("13457-7", &|ldl| ldl["derivedFrom"] = elsewhere.clone());
    assert!(
        told.contains("derivedFrom[0].reference: names") && told.ends_with("not in the bundle"),
        "{told}"
    );
    // Another weight under the same index.
    let told = refused("29463-7", &|weight| weight["valueQuantity"]["value"] = json!(70));
    assert!(told.ends_with("valueQuantity: contradicts what it is derived from"), "{told}");
}
