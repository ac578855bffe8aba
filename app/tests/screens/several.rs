//! A question that may be answered more than once: each answer is checked, stands as a row, can be taken away, and all of
//! them are kept in their order, against a crash too.

use crate::day::{at_the_stop, checked_in};
use crate::finger::*;
use crate::fixture::{Tablet, gulf, person_id, take_packs};
use app::store::RecordReads;
use serde_json::{Value, json};
use shared::content::pack::PackFiles;
use shared::domain::screening::{AnswerValue, QuestionnaireResponse};

/// The region's form first in every visit, its questions about hours and years with lists of answers.
fn packs() -> Vec<(String, PackFiles)> {
    let mut packs = gulf();
    let overlay = &mut packs[1].1;
    let mut change = |name: &str, change: &dyn Fn(&mut Value)| {
        let mut file: Value = serde_json::from_slice(overlay.get(name).expect("a file")).expect("JSON");
        change(&mut file);
        overlay.put(name, file.to_string().into_bytes()).expect("room");
    };
    change("protocol.json", &|file| {
        file["steps"][1]["after"] = json!("oxygen");
        file["steps"][1]["ask"] = json!("always");
    });
    change("questionnaires/heat-work.json", &|form| {
        for (place, kind) in [(1, "decimal"), (2, "integer"), (3, "string")] {
            let item = &mut form["item"][place];
            item["type"] = json!(kind);
            item["repeats"] = json!(true);
            item.as_object_mut().expect("an item").remove("answerOption");
        }
    });
    packs
}

fn at_the_hours() -> Tablet {
    let tablet = at_the_stop();
    take_packs(&tablet, &packs());
    checked_in(&tablet, "rivera", "Luis Rivera-Sample");
    tap(&tablet, "Agreed aloud");
    tap(&tablet, "Start visit");
    tap(&tablet, "Questions");
    tap_first_option(&tablet);
    pass(0.4);
    tablet
}

fn add(tablet: &Tablet, text: &str) {
    fill(tablet, "Answer", text);
    tap(tablet, "Add another answer");
}

fn can(tablet: &Tablet, label: &str) -> Option<bool> {
    find(tablet, label).accessible_enabled()
}

#[test]
fn answers_of_a_list_are_added_checked_taken_away_and_kept_in_their_order() {
    let tablet = at_the_hours();
    assert_eq!((can(&tablet, "Next"), can(&tablet, "Add another answer")), (Some(false), Some(false)));
    fill(&tablet, "Answer", "eight");
    assert_eq!(can(&tablet, "Add another answer"), Some(false), "no number");
    add(&tablet, "7.50");
    assert_eq!(typed(&tablet, "Answer"), "", "the field is free for another one");
    add(&tablet, "4");
    fill(&tablet, "Answer", "2");
    picture(&tablet, "94-several");
    assert_eq!(options(&tablet), ["7.50", "4"]);
    tap(&tablet, "4");
    assert_eq!((options(&tablet), typed(&tablet, "Answer")), (vec!["7.50".to_owned()], "2".to_owned()));
    fill(&tablet, "Answer", "");
    assert_eq!(can(&tablet, "Next"), Some(true), "what stands is an answer");
    fill(&tablet, "Answer", "2");
    tap(&tablet, "Next");

    type_digits(&tablet, "12");
    tap(&tablet, "Add another answer");
    type_digits(&tablet, "7");
    assert_eq!(options(&tablet), ["12"]);
    tap(&tablet, "Back");
    assert_eq!(options(&tablet), ["7.50", "2"], "all of them stand");
    tap(&tablet, "Next");
    assert_eq!(options(&tablet), ["12"], "the field still holds the other one");
    tap(&tablet, "Next");

    add(&tablet, "foundry");
    fill(&tablet, "Answer", "  ");
    assert_eq!(can(&tablet, "Add another answer"), Some(false), "nothing was said");
    add(&tablet, "roofs");
    tap(&tablet, "Next");
    tap(&tablet, "Next");
    let facts = tablet.store().facts(person_id(2).into(), &QuestionnaireResponse::KIND).expect("facts");
    let response = QuestionnaireResponse::read(facts.last().expect("recorded"));
    let answers = response.answers.expect("answers").0;
    let of =
        |link_id: &str| answers.iter().find(|answer| answer.link_id == link_id).map(|answer| &answer.value);
    let Some(AnswerValue::Several(hours)) = of("/hours") else { panic!("{answers:?}") };
    let hours: Vec<String> = hours
        .iter()
        .map(|hour| match hour {
            AnswerValue::Decimal(hour) => hour.quantity().expect("a number").to_string(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(hours, ["7.50", "2"]);
    let numbers = AnswerValue::Several(vec![AnswerValue::Integer(12), AnswerValue::Integer(7)]);
    assert_eq!(of("/water"), Some(&numbers));
    let places = ["foundry", "roofs"].map(|place| AnswerValue::Text(place.to_owned()));
    assert_eq!(of("/since"), Some(&AnswerValue::Several(places.to_vec())));
}

#[test]
fn rather_not_say_takes_the_place_of_a_list_and_a_crash_loses_none_of_it() {
    let tablet = at_the_hours();
    add(&tablet, "8");
    tap(&tablet, "Rather not say");
    pass(0.4);
    tap(&tablet, "Back");
    assert!(options(&tablet).is_empty(), "a refusal is the whole answer");
    add(&tablet, "8");
    add(&tablet, "9");
    let tablet = after_a_crash(tablet);
    tap(&tablet, "Luis Rivera-Sample");
    tap(&tablet, "Questions");
    tap(&tablet, "Back");
    assert_eq!(options(&tablet), ["8", "9"]);
}
