//! Stories of reading questionnaires: the embedded ones are whole, and what is not understood is refused.

use serde_json::{Value, json};

use super::{CANONICAL_BASE, Kind, Questionnaire, QuestionnaireError as Error, all, by_id, by_url};
use crate::content::Language;

/// A questionnaire of the given items, within otherwise right FHIR.
fn with_items(items: Value) -> Result<Questionnaire, Error> {
    let file = json!({
        "resourceType": "Questionnaire", "url": "https://elsewhere.invalid/q", "version": "1", "title": "Q",
        "status": "draft", "item": items,
    });
    Questionnaire::parse(&file.to_string())
}

fn yes_or_no(link_id: &str) -> Value {
    let option = |code: &str| json!({ "valueCoding": { "system": "s", "code": code, "display": code } });
    let options = [option("yes"), option("no")];
    json!({ "linkId": link_id, "text": link_id, "type": "choice", "answerOption": options })
}

fn asked_when(mut item: Value, question: &str, code: &str) -> Value {
    let condition =
        json!({ "question": question, "operator": "=", "answerCoding": { "system": "s", "code": code } });
    item["enableWhen"] = json!([condition]);
    item
}

#[test]
fn every_embedded_questionnaire_is_whole() {
    assert_eq!(all().len(), 9);
    for questionnaire in all() {
        let id = questionnaire.id().expect("it has an address of ours");
        assert_eq!(by_id(id), Some(questionnaire));
        assert_eq!(by_url(&questionnaire.canonical()), Some(questionnaire));
        assert_eq!(by_url(&format!("{CANONICAL_BASE}{id}|0.9")), None, "another version is another wording");
        assert!(
            questionnaire.copyright.as_deref().unwrap().contains("LOINC"),
            "{id}: the notice travels along"
        );
        assert!(questionnaire.walk().into_iter().any(|item| item.is_question()), "{id}");
    }
    assert_eq!(by_id("prapare"), None);
}

#[test]
fn only_official_translations_are_spoken() {
    for (id, spanish) in [
        ("phq-2", true),
        ("phq-9", true),
        ("gad-7", true),
        ("audit-c", false),
        ("hunger-vital-sign", false),
        ("tobacco-status", false),
        ("visit-satisfaction", true),
        ("ahc-hrsn-core", false),
        ("ahc-hrsn-supplemental", false),
    ] {
        let questionnaire = by_id(id).unwrap();
        assert_eq!(questionnaire.is_translated(Language::Spanish), spanish, "{id}");
        assert!(questionnaire.is_translated(Language::English), "{id}");
    }
    let item = by_id("phq-2").unwrap().item("/44250-9").unwrap();
    assert_eq!(item.text.text(Language::Spanish), "Poco interés o placer en hacer cosas");
    assert_eq!(item.options[0].text.text(Language::Spanish), "Ningún día");
    let item = by_id("audit-c").unwrap().item("/68518-0").unwrap();
    assert!(!item.text.say(Language::Spanish).translated);
    assert_eq!(item.text.text(Language::Spanish), item.text.text(Language::English));
}

#[test]
fn groups_texts_and_numbers_are_read() {
    let questionnaire = with_items(json!([{
        "linkId": "g", "text": "Group", "type": "group", "item": [
            { "linkId": "g.1", "text": "How many?", "type": "integer", "required": true },
            { "linkId": "g.2", "text": "Why?", "type": "string" },
            { "linkId": "g.3", "text": "Hours?", "type": "decimal" },
            { "linkId": "g.4", "text": "When?", "type": "date" },
        ],
    }]));
    let kinds: Vec<Kind> = questionnaire.unwrap().walk().into_iter().map(|item| item.kind).collect();
    assert_eq!(kinds, [Kind::Group, Kind::Integer, Kind::Text, Kind::Decimal, Kind::Date]);
}

#[test]
fn a_feature_that_is_not_known_is_refused_with_its_item() {
    let unknown = |change: fn(&mut Value)| {
        let mut item = yes_or_no("q1");
        change(&mut item);
        match with_items(json!([item])) {
            Err(Error::UnknownFeature { link_id, feature }) if link_id == "q1" => feature,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(unknown(|item| item["maxLength"] = json!(5)), "maxLength");
    assert_eq!(unknown(|item| item["modifierExtension"] = json!([])), "modifierExtension");
    assert_eq!(unknown(|item| item["answerValueSet"] = json!("v")), "answerValueSet");
    assert_eq!(unknown(|item| item["type"] = json!("open-choice")), "type open-choice");
    assert_eq!(unknown(|item| item["type"] = json!("display")), "answerOption on this type");
    assert_eq!(unknown(|item| item["extension"] = json!([{ "url": "u", "valueCode": "x" }])), "u");
    assert_eq!(unknown(|item| item["answerOption"][0]["initialSelected"] = json!(true)), "initialSelected");
    assert_eq!(unknown(|item| item["item"] = json!([yes_or_no("q2")])), "item below a question");
    assert_eq!(
        unknown(|item| {
            let operand = json!({ "system": "s", "code": "yes" });
            item["enableWhen"] = json!([{ "question": "q1", "operator": ">", "answerCoding": operand }]);
        }),
        "operator > on this answer"
    );
}

#[test]
fn a_formula_that_divides_is_refused() {
    let divides = |formula: &str| {
        let mut item = json!({ "linkId": "total", "text": "Total", "type": "integer", "readOnly": true });
        item["extension"] = json!([{
            "url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression",
            "valueExpression": { "language": "text/fhirpath", "expression": formula },
        }]);
        match with_items(json!([item])) {
            Ok(_) => false,
            Err(Error::UnknownFeature { link_id, .. }) => link_id == "total",
            Err(other) => panic!("{other}"),
        }
    };
    assert!(divides("1 / 0"));
    assert!(divides("%resource.item.where(linkId='/a').count() div 0"));
    assert!(!divides("%resource.item.where(linkId='/44250-9').answer.value.ordinal()"));
}

#[test]
fn a_file_that_is_not_a_questionnaire_is_refused() {
    let mut item = yes_or_no("q1");
    item["answerOption"][0]["extension"] =
        json!([{ "url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": 0.5 }]);
    let wrong_shape = Error::WrongShape { link_id: "q1".into(), field: "valueDecimal".into() };
    assert_eq!(with_items(json!([item])), Err(wrong_shape));

    assert!(matches!(Questionnaire::parse("{"), Err(Error::NotJson { .. })));
    assert!(matches!(Questionnaire::parse("[]"), Err(Error::WrongShape { .. })));
    assert!(matches!(
        Questionnaire::parse("{\"resourceType\":\"Patient\"}"),
        Err(Error::UnknownFeature { .. })
    ));
    assert!(matches!(with_items(json!({})), Err(Error::WrongShape { .. })));
    assert!(matches!(with_items(json!([{ "text": "no id" }])), Err(Error::Missing { field: "linkId", .. })));
    assert!(matches!(with_items(json!([{ "linkId": "q" }])), Err(Error::Missing { field: "type", .. })));
    let no_options = json!([{ "linkId": "q", "text": "q", "type": "choice" }]);
    assert!(matches!(with_items(no_options), Err(Error::Missing { field: "answerOption", .. })));
    let empty = json!([{ "linkId": "q", "text": "", "type": "integer" }]);
    assert!(matches!(with_items(empty), Err(Error::WrongShape { .. })));
    let twice = Error::Twice { link_id: "q1".into(), value: "q1".into() };
    assert_eq!(with_items(json!([yes_or_no("q1"), yes_or_no("q1")])), Err(twice));
}

#[test]
fn a_condition_that_can_never_be_decided_is_refused() {
    let cycle = [asked_when(yes_or_no("a"), "b", "yes"), asked_when(yes_or_no("b"), "a", "yes")];
    assert_eq!(with_items(json!(cycle)), Err(Error::Cycle { link_id: "a".into() }));
    let itself = asked_when(yes_or_no("a"), "a", "yes");
    assert_eq!(with_items(json!([itself])), Err(Error::Cycle { link_id: "a".into() }));
    let group = json!({ "linkId": "g", "text": "g", "type": "group", "item": [yes_or_no("a")] });
    let by_its_child = asked_when(group, "a", "yes");
    assert_eq!(with_items(json!([by_its_child])), Err(Error::Cycle { link_id: "a".into() }));

    for (question, code) in [("nowhere", "yes"), ("a", "perhaps")] {
        let undecidable = Error::Undecidable { link_id: "b".into(), question: question.into() };
        let items = json!([yes_or_no("a"), asked_when(yes_or_no("b"), question, code)]);
        assert_eq!(with_items(items), Err(undecidable));
    }
    let mut two = asked_when(yes_or_no("b"), "a", "yes");
    let first = two["enableWhen"][0].clone();
    two["enableWhen"] = json!([first.clone(), first]);
    let missing = Error::Missing { link_id: "b".into(), field: "enableBehavior" };
    assert_eq!(with_items(json!([yes_or_no("a"), two])), Err(missing));
}

#[test]
fn hostile_sizes_are_refused() {
    let bytes = Questionnaire::BYTES_MAX + 1;
    let too_large = Error::TooLarge { bytes, bytes_max: Questionnaire::BYTES_MAX };
    assert_eq!(Questionnaire::parse(&" ".repeat(bytes)), Err(too_large));

    let line = |number: usize| json!({ "linkId": number.to_string(), "type": "display" });
    assert!(with_items((0..500).map(line).collect()).is_ok());
    assert!(matches!(with_items((0..501).map(line).collect()), Err(Error::TooMany { what: "items", .. })));

    let nested = |depth: usize| {
        let start = json!({ "linkId": "innermost", "type": "display" });
        (1..depth).fold(
            start,
            |inner, level| json!({ "linkId": level.to_string(), "type": "group", "item": [inner] }),
        )
    };
    assert!(with_items(json!([nested(8)])).is_ok());
    assert!(matches!(with_items(json!([nested(9)])), Err(Error::TooDeep { .. })));
    let brackets = "[".repeat(100_000);
    assert!(matches!(Questionnaire::parse(&brackets), Err(Error::NotJson { .. })));

    let mut item = yes_or_no("q");
    let coding = |number: usize| json!({ "system": "s", "code": number.to_string(), "display": "d" });
    let option = |number| json!({ "valueCoding": coding(number) });
    item["answerOption"] = (0..201).map(option).collect();
    assert!(matches!(with_items(json!([item])), Err(Error::TooMany { what: "options", .. })));
}

/// Without remembering what was decided, this chain of double conditions would take 2^250 steps.
#[test]
fn a_long_chain_of_conditions_is_decided_at_once() {
    let mut items = vec![yes_or_no("0"), yes_or_no("1")];
    for number in 2..500 {
        let mut item = asked_when(yes_or_no(&number.to_string()), &(number - 1).to_string(), "yes");
        let second =
            asked_when(yes_or_no("unused"), &(number - 2).to_string(), "yes")["enableWhen"][0].clone();
        item["enableWhen"].as_array_mut().unwrap().push(second);
        item["enableBehavior"] = json!("any");
        items.push(item);
    }
    let questionnaire = with_items(json!(items)).unwrap();
    assert_eq!(questionnaire.enabled_items(&super::Answers::new()).len(), 2);
}
