//! Stories of forms that ask for what the page lacks, and of those that it shows as they are.

use crate::content::questionnaire::{Questionnaire, all};
use serde_json::{Value, json};

/// What is told of these items, within an otherwise right form.
fn told(items: Value) -> Vec<String> {
    let file = json!({
        "resourceType": "Questionnaire", "url": "https://elsewhere.invalid/q", "version": "1", "title": "Q",
        "status": "draft", "item": items,
    });
    let form = Questionnaire::parse(&file.to_string()).expect("a form");
    form.unshown().into_iter().map(|(link_id, feature)| format!("{link_id}: {feature}")).collect()
}

fn question(link_id: &str, text: &str) -> Value {
    json!({ "linkId": link_id, "text": text, "type": "integer" })
}

fn line(link_id: &str) -> Value {
    json!({ "linkId": link_id, "text": "Think of the last week.", "type": "display" })
}

fn group(link_id: &str, items: Value) -> Value {
    json!({ "linkId": link_id, "type": "group", "item": items })
}

/// An item with one field more.
fn with(mut item: Value, field: &str, value: Value) -> Value {
    item[field] = value;
    item
}

fn asked_when(item: Value, question: &str) -> Value {
    let when = json!([{ "question": question, "operator": "exists", "answerBoolean": true }]);
    with(item, "enableWhen", when)
}

fn extended(item: Value, extension: Value) -> Value {
    with(item, "extension", json!([extension]))
}

#[test]
fn every_embedded_form_is_shown_as_it_is() {
    for form in all() {
        assert_eq!(form.unshown(), [], "{:?}", form.id());
    }
}

#[test]
fn what_a_group_says_beside_its_questions_is_told() {
    let plain = group("g", json!([question("a", "Hours")]));
    assert!(told(json!([plain])).is_empty());
    assert!(
        told(json!([question("a", "Hours"), asked_when(group("g", json!([question("b", "Days")])), "a")]))
            .is_empty()
    );
    for (field, value, feature) in [
        ("text", json!("Your work"), "text of a group"),
        ("prefix", json!("A"), "prefix of a group"),
        ("required", json!(true), "required on a group"),
        ("readOnly", json!(true), "readOnly on a group"),
    ] {
        assert_eq!(told(json!([with(plain.clone(), field, value)])), [format!("g: {feature}")]);
    }
}

#[test]
fn a_line_of_text_stands_once_before_the_questions_that_it_is_about() {
    let (a, b) = (question("a", "Hours"), question("b", "Days"));
    assert!(told(json!([line("l"), a, b])).is_empty());
    assert!(told(json!([line("l"), a, question("b", "How many days?")])).is_empty(), "as the PHQ-9's last");
    assert!(told(json!([line("l"), group("g", json!([a])), line("m"), b])).is_empty());
    for (items, expected) in [
        (json!([a, line("l")]), "l: a line of text after the last question"),
        (json!([line("l"), line("m"), a]), "l: more than one line of text before a question"),
        (
            json!([line("l"), question("a", "How many hours?")]),
            "l: a line of text before a question that ends with a question mark",
        ),
        (json!([a, asked_when(line("l"), "a"), b]), "l: enableWhen on a line of text"),
        (json!([with(line("l"), "prefix", json!("1")), a]), "l: prefix of a line of text"),
        (json!([with(line("l"), "required", json!(true)), a]), "l: required on a line of text"),
        (json!([with(line("l"), "readOnly", json!(true)), a]), "l: readOnly on a line of text"),
        (
            json!([a, asked_when(group("g", json!([line("l"), question("c", "Weeks")])), "a"), b]),
            "l: a line of text in a group with enableWhen, before a question outside of it",
        ),
    ] {
        assert_eq!(told(items), [expected]);
    }
    let within = asked_when(group("g", json!([line("l"), question("c", "Weeks")])), "a");
    assert!(told(json!([a, within, line("m"), b])).is_empty());
}

#[test]
fn a_unit_or_a_formula_is_for_totals_that_nobody_answers() {
    let unit = json!({
        "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-unit",
        "valueCoding": { "system": "http://unitsofmeasure.org", "code": "h" },
    });
    let formula = json!({
        "url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression",
        "valueExpression": { "language": "text/fhirpath", "expression": "1 + 1" },
    });
    for (extension, feature) in [(unit, "questionnaire-unit"), (formula, "calculatedExpression")] {
        let asked = extended(question("a", "Hours"), extension.clone());
        assert_eq!(told(json!([asked])), [format!("a: {feature} on a question")]);
        let total = with(extended(question("t", "Total"), extension), "readOnly", json!(true));
        assert!(told(json!([question("a", "Hours"), total])).is_empty());
    }
}
