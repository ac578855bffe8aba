//! What others send is refused with the resource, the element and the reason, and never with a panic.

use super::sample::*;
use crate::content::questionnaire::Answer;
use crate::fhir::{BYTES_MAX, VisitRecord, read, write};
use crate::record::Decimal;
use proptest::prelude::*;
use serde_json::{Value, json};

fn refusals(text: &str) -> Vec<String> {
    read(text, &content()).expect_err("refused").iter().map(ToString::to_string).collect()
}

/// The refusal of a bundle in which one element of one resource is another.
fn changed(record: &VisitRecord, kind: &str, pointer: &str, value: Value) -> String {
    let mut bundle = bundle(record);
    let entries = bundle["entry"].as_array_mut().expect("entries");
    let resource =
        entries.iter_mut().find(|entry| entry["resource"]["resourceType"] == kind).expect("it is there");
    let (parent, field) = pointer.rsplit_once('/').expect("a pointer");
    let parent = resource["resource"].pointer_mut(parent).expect("the parent");
    match (parent, value) {
        (Value::Object(fields), Value::Null) => drop(fields.remove(field).expect("it is there")),
        (Value::Array(items), Value::Null) => drop(items.remove(field.parse().expect("a place"))),
        (Value::Array(items), value) => items[field.parse::<usize>().expect("a place")] = value,
        (parent, value) => parent[field] = value,
    }
    let refusals = refusals(&bundle.to_string());
    assert_eq!(refusals.len(), 1, "{refusals:?}");
    refusals.into_iter().next().expect("one")
}

fn one(key: &str, mantissa: i64, scale: u8) -> VisitRecord {
    with(vec![fact(1, &measured(key, mantissa, scale))])
}

#[test]
fn a_value_of_somebody_else_is_never_read_into_this_visit() {
    let other = json!({ "identifier": {
        "system": "https://caravan.invalid/fhir/id/person", "value": "0198c0de-0000-7000-8000-00000000beef"
    } });
    let mut bundle = bundle(&one("heart_rate", 70, 0));
    let entries = bundle["entry"].as_array_mut().expect("entries");
    let pulse = entries.iter_mut().find(|entry| entry["resource"]["resourceType"] == "Observation");
    let pulse = &mut pulse.expect("a pulse")["resource"];
    let mut subject = pulse["subject"].clone();
    subject.as_object_mut().expect("a reference").remove("reference");
    for (field, value) in other.as_object().expect("fields") {
        subject[field] = value.clone();
    }
    pulse["subject"] = subject;
    let refusals = refusals(&bundle.to_string());
    assert!(refusals[0].contains("the Patient: it is about 0198c0de"), "{refusals:?}");
}

#[test]
fn a_wrong_measurement_is_refused_by_name_path_and_reason() {
    let name = format!("Observation/{}", fact_id(1));
    let pulse = one("heart_rate", 70, 0);
    let cases: Vec<(&str, Value, &str)> = vec![
        ("/code/coding/0/code", json!("9999-9"), "code.coding.code: holds the unknown code \"9999-9\""),
        (
            "/code/coding/0/system",
            json!("http://loinc.org/x"),
            "code.coding: has no coding of http://loinc.org",
        ),
        ("/code", Value::Null, "code: is missing"),
        ("/valueQuantity/code", json!("Hz"), "valueQuantity.code: is in \"Hz\"; 8867-4 is taken in \"/min\""),
        ("/valueQuantity/code", Value::Null, "valueQuantity.code: is missing"),
        (
            "/valueQuantity/system",
            json!("urn:x"),
            "valueQuantity.system: is not \"http://unitsofmeasure.org\"",
        ),
        ("/valueQuantity/value", json!("70"), "valueQuantity.value: is not a number"),
        (
            "/valueQuantity/value",
            json!(700),
            "valueQuantity.value: is outside 20 to 300, where no living person's value lies",
        ),
        ("/valueQuantity/comparator", json!(">="), "valueQuantity.comparator: holds the unknown code \">=\""),
        ("/valueQuantity", Value::Null, "valueQuantity: is missing"),
        ("/valueQuantity", json!([]), "valueQuantity: is not an object"),
        ("/status", json!("preliminary"), "status: holds the unknown code \"preliminary\""),
        ("/effectiveDateTime", json!("yesterday"), "effectiveDateTime: is not a moment with its zone"),
        ("/subject/reference", json!("Patient/1"), "subject.reference: is not an id"),
        (
            "/modifierExtension",
            json!([{"url": "urn:not"}]),
            "modifierExtension: is not understood, and passing it over could change what is meant",
        ),
        (
            "/implicitRules",
            json!("urn:x"),
            "implicitRules: is not understood, and passing it over could change what is meant",
        ),
    ];
    for (pointer, value, reason) in cases {
        let label = if pointer == "/implicitRules" {
            "Bundle: entry[2].resource.".to_owned()
        } else {
            format!("{name}: ")
        };
        assert_eq!(changed(&pulse, "Observation", pointer, value), format!("{label}{reason}"), "{pointer}");
    }
    let unresolved = changed(
        &pulse,
        "Observation",
        "/subject/reference",
        json!("urn:uuid:00000000-0000-0000-0000-000000000001"),
    );
    assert!(unresolved.contains("which is not in the bundle"), "{unresolved}");
    let visual = with(vec![fact(1, &chosen("va_left", "20/40"))]);
    let choice = changed(&visual, "Observation", "/valueString", json!("20/41"));
    assert_eq!(choice, format!("{name}: valueString: holds the unknown code \"20/41\""));
    let oximetry = changed(&one("spo2", 97, 0), "Observation", "/code/coding/1", Value::Null);
    assert_eq!(oximetry, format!("{name}: code.coding: is not \"2708-6\""));
}

#[test]
fn a_blood_pressure_needs_both_components_once() {
    let pair =
        with(vec![fact(1, &measured("bp_systolic", 132, 0)), fact(2, &measured("bp_diastolic", 84, 0))]);
    let refused = |pointer: &str, value: Value| changed(&pair, "Observation", pointer, value);
    assert!(refused("/component/1", Value::Null).ends_with("component:8462-4: is missing"));
    assert!(
        refused("/component/0/code/coding/0/code", json!("8462-4"))
            .ends_with("component[1].code: stands twice")
    );
    assert!(refused("/component/0/code/coding/0/code", json!("8867-4")).contains("unknown code \"8867-4\""));
    assert!(
        refused("/component/0/valueQuantity/code", json!("kPa")).contains("component[0].valueQuantity.code")
    );
    assert!(refused("/component/0/extension", json!([])).contains("component[0].extension: is missing"));
}

#[test]
fn a_value_beside_the_parts_of_an_observation_is_refused_by_its_element() {
    let quantity = json!({"value": 190, "system": "http://unitsofmeasure.org", "code": "mm[Hg]"});
    let pressure =
        with(vec![fact(1, &measured("bp_systolic", 132, 0)), fact(2, &measured("bp_diastolic", 84, 0))]);
    let lipids = with(vec![fact(1, &measured("chol_total", 190, 0)), fact(2, &measured("chol_hdl", 51, 0))]);
    let absent = json!({"coding": [{"code": "unknown"}]});
    let component = json!([{"valueQuantity": {"value": 1}}]);
    let cases = [
        (&pressure, "85354-9", "valueQuantity", &quantity),
        (&pressure, "85354-9", "valueString", &json!("190/120")),
        (&pressure, "85354-9", "dataAbsentReason", &absent),
        (&lipids, "24331-1", "valueQuantity", &quantity),
        (&lipids, "24331-1", "valueCodeableConcept", &absent),
        (&lipids, "24331-1", "component", &component),
        (&lipids, "2093-3", "component", &component),
        (&lipids, "2093-3", "dataAbsentReason", &absent),
    ];
    for (record, code, field, value) in cases {
        let mut bundle = bundle(record);
        let entries = bundle["entry"].as_array_mut().expect("entries");
        let is_it = |entry: &&mut Value| entry["resource"]["code"]["coding"][0]["code"] == code;
        entries.iter_mut().find(is_it).expect("it is there")["resource"][field] = value.clone();
        let told = refusals(&bundle.to_string());
        let reason = format!("{field}: is not understood, and passing it over could change what is meant");
        assert!(told.iter().any(|told| told.ends_with(&reason)), "{code} {field}: {told:?}");
    }
}

#[test]
fn a_wrong_response_is_refused_by_its_item() {
    let phq =
        response("phq-2", &[("/44250-9", Answer::code("LA6570-1")), ("/44255-8", Answer::code("LA6571-9"))]);
    let record = with(vec![phq.fact(fact_id(1), PERSON.into(), at(0), None)]);
    let name = format!("QuestionnaireResponse/{}: ", fact_id(1));
    let cases: Vec<(&str, Value, &str)> = vec![
        ("/questionnaire", json!("urn:nothing|1"), "questionnaire: holds the unknown code \"urn:nothing|1\""),
        (
            "/questionnaire",
            json!("https://caravan.invalid/fhir/Questionnaire/phq-2"),
            "questionnaire: is not an address with its version",
        ),
        ("/item/0/linkId", json!("/1"), "item[0].linkId: holds the unknown code \"/1\""),
        ("/item/1/linkId", json!("/44250-9"), "item[1].linkId: stands twice"),
        (
            "/item/0/answer/0/valueCoding/code",
            json!("LA1-1"),
            "item[0].answer[0].valueCoding.code: holds the unknown code \"LA1-1\"",
        ),
        (
            "/item/0/answer/0/valueCoding/system",
            json!("urn:x"),
            "item[0].answer[0].valueCoding.system: is not \"http://loinc.org\"",
        ),
        (
            "/item/0/answer/0",
            json!({"valueInteger": 2}),
            "item[0].answer: does not fit the form: /44250-9: the question takes another kind of answer",
        ),
        (
            "/item/0/answer/0",
            json!({"valueInteger": 3_000_000_000u32}),
            "item[0].answer[0].valueInteger: is not a 32-bit integer",
        ),
        ("/item/0/answer", Value::Null, "item[0].answer: is missing"),
        ("/status", json!("stopped"), "status: holds the unknown code \"stopped\""),
        ("/status", json!("in-progress"), "status: contradicts the answers, which are whole"),
    ];
    for (pointer, value, reason) in cases {
        assert_eq!(
            changed(&record, "QuestionnaireResponse", pointer, value),
            format!("{name}{reason}"),
            "{pointer}"
        );
    }
    // An observation that says another thing than the response that it was made of.
    let told = changed(&record, "Observation", "/valueCodeableConcept/coding/0/code", json!("LA6568-5"));
    assert!(told.ends_with("valueCodeableConcept: contradicts what it is derived from"), "{told}");
}

#[test]
fn a_wrong_consent_never_becomes_a_wider_one() {
    let record = full();
    let name = format!("Consent/{}: ", fact_id(30));
    let cases: Vec<(&str, Value, &str)> = vec![
        ("/status", json!("rejected"), "status: is not \"active\""),
        ("/provision/type", json!("permit"), "provision.type: is not \"deny\""),
        (
            "/provision/provision/0/code/0/coding/0/code",
            json!("all"),
            "provision.provision[0].code[0].coding.code: holds the unknown code \"all\"",
        ),
        (
            "/provision/provision/0/period",
            json!({"end": "2026-01-01"}),
            "provision.provision[0].period: is not understood, and passing it over could change what is meant",
        ),
        ("/provision/provision/0/type", json!("deny"), "policyRule: contradicts the provisions"),
        (
            "/provision/provision/1/code/0/coding/0/code",
            json!("care"),
            "provision.provision[1].code: stands twice",
        ),
    ];
    for (pointer, value, reason) in cases {
        assert_eq!(changed(&record, "Consent", pointer, value), format!("{name}{reason}"), "{pointer}");
    }
}

#[test]
fn a_unit_that_people_type_is_converted_and_no_other() {
    let record = one("body_temp", 370, 1);
    let mut fahrenheit = bundle(&record);
    let quantity = fahrenheit.pointer_mut("/entry/2/resource/valueQuantity").expect("the value");
    *quantity = json!({"value": 98.6, "system": "http://unitsofmeasure.org", "code": "[degF]"});
    let back = read(&fahrenheit.to_string(), &content()).expect("read");
    let read_back = crate::domain::screening::Observation::read(&back.facts[0]);
    assert_eq!(read_back.value, Some(Decimal { mantissa: 3700, scale: 2 }));
    assert_eq!(read_back.unit.as_deref(), Some("Cel"));
    // The factor of glucose is not that of cholesterol.
    let refused = changed(&one("chol_total", 190, 0), "Observation", "/valueQuantity/code", json!("mmol/L"));
    assert!(refused.contains("is in \"mmol/L\"; 2093-3 is taken in \"mg/dL\""), "{refused}");
    // Converted first, then held against the limits.
    let hot = changed(
        &record,
        "Observation",
        "/valueQuantity",
        json!({"value": 212, "system": "http://unitsofmeasure.org", "code": "[degF]"}),
    );
    assert!(hot.contains("is outside 25 to 45"), "{hot}");
}

#[test]
fn huge_numbers_deep_and_repeated_fields_are_refused() {
    let text = write(&one("heart_rate", 70, 0), &content()).expect("written");
    let number =
        |with: &str| refusals(&text.replace("\"value\": 70,", &format!("\"value\": {with},"))).join("\n");
    for huge in
        ["1e999999999", "123456789012345678901234567890", "7.00000000001e1", "-1e-19", &"9".repeat(5_000)]
    {
        assert!(
            number(huge).ends_with("valueQuantity.value: has more digits than a quantity can have"),
            "{huge}"
        );
    }
    let record = read(&text.replace("\"value\": 70,", "\"value\": 7.0e1,"), &content()).expect("an exponent");
    let back = crate::domain::screening::Observation::read(&record.facts[0]);
    assert_eq!(back.value, Some(Decimal { mantissa: 70, scale: 0 }));
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(refusals(&deep)[0].contains("nests deeper than 32 levels"));
    assert!(
        refusals("{\"resourceType\":\"Bundle\",\"resourceType\":\"Bundle\"}")[0]
            .ends_with("resourceType: stands twice")
    );
    assert!(refusals("{")[0].starts_with("Bundle: $: is not JSON"));
    assert!(refusals(&" ".repeat(BYTES_MAX + 1))[0].contains("bytes; at most"));
    assert_eq!(refusals("[]"), ["Bundle: $: is not an object"]);
}

#[test]
fn a_wrong_bundle_is_refused() {
    let record = full();
    let refused = |change: fn(&mut Value)| {
        let mut bundle = bundle(&record);
        change(&mut bundle);
        refusals(&bundle.to_string()).join("\n")
    };
    assert_eq!(refused(|bundle| bundle["type"] = json!("batch")), "Bundle: type: is not \"transaction\"");
    assert!(
        refused(|bundle| bundle["entry"][1]["request"]["method"] = json!("DELETE"))
            .contains("entry[1].request.method")
    );
    assert!(
        refused(|bundle| bundle["entry"][1]["fullUrl"] = json!("urn:uuid:1")).contains("entry[1].fullUrl")
    );
    assert!(
        refused(|bundle| bundle["entry"][1] = bundle["entry"][0].clone())
            .contains("resource.id: stands twice")
    );
    let no_patient = refused(|bundle| drop(bundle["entry"].as_array_mut().expect("entries").remove(0)));
    assert!(no_patient.contains("which is not in the bundle"), "{no_patient}");
    let stranger = refused(|bundle| {
        let id = "00000000-0000-0000-0000-000000000001";
        bundle["entry"].as_array_mut().expect("entries").push(json!({
            "fullUrl": format!("urn:uuid:{id}"), "resource": {"resourceType": "Basic", "id": id},
            "request": {"method": "PUT", "url": format!("Basic/{id}")}}));
    });
    assert!(
        stranger.starts_with("Basic/") && stranger.contains("resourceType: is not understood"),
        "{stranger}"
    );
}

/// Replaces the value at the `nth` place of a walk through the document.
fn put_at(value: &mut Value, nth: &mut usize, new: &Value) -> bool {
    if *nth == 0 {
        *value = new.clone();
        return true;
    }
    *nth -= 1;
    match value {
        Value::Object(fields) => fields.values_mut().any(|value| put_at(value, nth, new)),
        Value::Array(items) => items.iter_mut().any(|value| put_at(value, nth, new)),
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_element_of_another_shape_is_read_or_refused_and_never_panics(
        nth in 0usize..1_500,
        new in prop_oneof![
            Just(json!(null)), Just(json!([])), Just(json!({})), Just(json!("")), Just(json!("x")), Just(json!(-1)),
            Just(json!(1e300)), Just(json!(true)), Just(json!([[{}]])), Just(json!({"reference": "urn:uuid:é"})),
            Just(json!("9999-12-31T23:59:60Z")), Just(json!("urn:uuid:")),
        ],
    ) {
        let mut bundle = bundle(&full());
        let mut nth = nth;
        put_at(&mut bundle, &mut nth, &new);
        if let Err(refusals) = read(&bundle.to_string(), &content()) {
            prop_assert!(!refusals.is_empty());
            for refusal in refusals {
                prop_assert!(!refusal.resource.is_empty() && !refusal.path.is_empty(), "{refusal:?}");
            }
        }
    }

    #[test]
    fn any_cut_of_the_text_is_refused(at in 0usize..20_000) {
        let text = write(&full(), &content()).expect("written");
        let at = text.char_indices().map(|(at, _)| at).take_while(|place| *place <= at).last().unwrap_or(0);
        prop_assert!(read(&text[..at.min(text.len() - 2)], &content()).is_err());
    }
}

#[test]
fn two_values_in_one_element_are_refused_wherever_they_stand() {
    let pulse = one("heart_rate", 70, 0);
    let name = format!("Observation/{}", fact_id(1));
    assert_eq!(
        changed(&pulse, "Observation", "/valueString", json!("irregular")),
        format!("{name}: valueString: contradicts valueQuantity")
    );
    let code = json!({"coding": [{"system": "http://loinc.org", "code": "LA33-6"}]});
    assert_eq!(
        changed(&pulse, "Observation", "/valueCodeableConcept", code),
        format!("{name}: valueQuantity: contradicts valueCodeableConcept")
    );
    let pressure =
        with(vec![fact(1, &measured("bp_systolic", 132, 0)), fact(2, &measured("bp_diastolic", 84, 0))]);
    let told = changed(&pressure, "Observation", "/component/1/valueInteger", json!(84));
    assert!(told.ends_with(": component[1].valueQuantity: contradicts valueInteger"), "{told}");
    let told = changed(&full(), "Encounter", "/extension/0/valueBoolean", json!(true));
    assert!(told.contains("extension[0].value") && told.contains("contradicts valueBoolean"), "{told}");
}
