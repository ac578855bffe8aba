//! One change of the core each, and where it is told: nothing that a clinician would want to know changes unseen.

use super::{Change, diff};
use crate::content::pack::{embedded, embedded_files, load};
use serde_json::{Value, json};

/// The core with one of its files changed, against the core.
fn told(name: &str, change: impl FnOnce(&mut Value)) -> Vec<Change> {
    let mut files = embedded_files();
    let mut value: Value = serde_json::from_slice(files.get(name).expect("a file")).expect("JSON");
    change(&mut value);
    files.put(name, value.to_string().into_bytes()).expect("room");
    let changed = load(&[("core".to_owned(), files)]);
    diff(embedded(), &changed.unwrap_or_else(|problems| panic!("{name}: {problems:?}")))
}

/// The row of a list by one of its fields.
fn row<'f>(file: &'f mut Value, list: &str, field: &str, is: &str) -> &'f mut Value {
    let rows = file[list].as_array_mut().expect("a list");
    rows.iter_mut().find(|row| row[field] == is).expect("a row")
}

type Mutation = fn(&mut Value);

fn check(name: &str, cases: &[(Mutation, &str, &str)]) {
    for (change, item, line) in cases {
        let told = told(name, change);
        let places: Vec<(&str, &str)> =
            told.iter().map(|change| (change.item.as_str(), change.line.as_str())).collect();
        assert_eq!(places, [(*item, *line)], "{told:?}");
    }
}

#[test]
fn what_a_question_takes_and_when_it_is_asked_is_told() {
    check(
        "questionnaires/audit-c.json",
        &[
            (
                |form| form["item"][0]["answerOption"][0]["valueCoding"]["display"] = json!("Not once"),
                "questionnaire audit-c",
                "question /68518-0",
            ),
            (
                |form| form["item"][0]["code"][0]["code"] = json!("68517-2"),
                "questionnaire audit-c",
                "question /68518-0",
            ),
            (|form| form["item"][0]["required"] = json!(false), "questionnaire audit-c", "question /68518-0"),
            (|form| form["item"][0]["repeats"] = json!(true), "questionnaire audit-c", "question /68518-0"),
            (
                |form| form["item"][1]["enableWhen"][0]["operator"] = json!("="),
                "questionnaire audit-c",
                "question /68519-8",
            ),
            (
                |form| {
                    let other = form["item"][0]["answerOption"][1]["valueCoding"]["code"].clone();
                    form["item"][1]["enableWhen"][0]["answerCoding"]["code"] = other;
                },
                "questionnaire audit-c",
                "question /68519-8",
            ),
            (|form| form["copyright"] = json!("Ours"), "questionnaire audit-c", "notice"),
            (|form| form["item"].as_array_mut().expect("items").swap(1, 2), "questionnaire audit-c", "order"),
        ],
    );
    check(
        "questionnaires/visit-satisfaction.json",
        &[
            (
                |form| form["item"][5]["type"] = json!("date"),
                "questionnaire visit-satisfaction",
                "question /remark",
            ),
            (
                |form| {
                    let code = &mut form["item"][0]["answerOption"][0]["valueCoding"]["code"];
                    *code = json!("another");
                },
                "questionnaire visit-satisfaction",
                "question /respect",
            ),
        ],
    );
    // The points of two options change places, so that the score still fits.
    let swapped = told("questionnaires/phq-9.json", |form| {
        let options = form["item"][1]["answerOption"].as_array_mut().expect("options");
        let points = |option: &Value| option["extension"].clone();
        let (first, last) = (points(&options[0]), points(&options[3]));
        (options[0]["extension"], options[3]["extension"]) = (last, first);
    });
    let [change] = swapped.try_into().expect("one change");
    assert_eq!(change.line, "question /44250-9");
    assert!(change.was.expect("before").contains("LA6568-5, 0 points"));
    assert!(change.now.expect("now").contains("LA6568-5, 3 points"));
}

#[test]
fn how_a_score_comes_about_is_told() {
    check(
        "questionnaires/scoring.json",
        &[
            (
                |file| {
                    let rule = &mut row(file, "instruments", "id", "phq-9")["rule"];
                    rule["items"].as_array_mut().expect("items").swap(0, 1);
                },
                "questionnaire phq-9",
                "score made of",
            ),
            (
                |file| row(file, "instruments", "id", "phq-9")["bands"][0]["name_es"] = json!("ninguna"),
                "questionnaire phq-9",
                "score bands",
            ),
            (
                |file| {
                    let alert = &mut row(file, "instruments", "id", "phq-9")["alerts"][0];
                    alert["choices"].as_array_mut().expect("choices").pop();
                },
                "questionnaire phq-9",
                "alerts",
            ),
            (
                |file| {
                    let need = &mut row(file, "instruments", "id", "ahc-hrsn-core")["needs"][0];
                    need["positive"].as_array_mut().expect("codes").pop();
                },
                "questionnaire ahc-hrsn-core",
                "needs",
            ),
            (
                |file| {
                    let rule = &mut row(file, "instruments", "id", "tobacco-status")["rule"];
                    rule["items"][0]["positive"].as_array_mut().expect("codes").pop();
                },
                "questionnaire tobacco-status",
                "score made of",
            ),
            (
                |file| row(file, "instruments", "id", "hunger-vital-sign")["positive_need"] = json!("food"),
                "questionnaire hunger-vital-sign",
                "needs",
            ),
        ],
    );
}

#[test]
fn what_a_gap_an_alert_or_a_measurement_means_is_told() {
    check(
        "care_gaps.json",
        &[
            (
                |file| row(file, "gaps", "id", "DSF")["rule"]["positive_follow_up_days"] = json!(31),
                "gap DSF",
                "rule: after a positive answer",
            ),
            (
                |file| row(file, "gaps", "id", "COL")["rule"]["ages"]["at"] = json!("year_end"),
                "gap COL",
                "rule: for",
            ),
            (|file| row(file, "gaps", "id", "COL")["van"] = json!("nothing"), "gap COL", "what a van does"),
            (|file| file["services"]["fit"][1] = json!("otra"), "service fit", "item"),
        ],
    );
    check(
        "alerts.json",
        &[
            (
                |file| drop(file["alerts"][0]["choices"].as_array_mut().expect("choices").pop()),
                "alert bp-crisis",
                "what staff may say they did",
            ),
            (
                |file| file["alerts"][0]["local"] = json!(true),
                "alert bp-crisis",
                "may be switched off by a region",
            ),
            (|file| file["alerts"][0]["title_es"] = json!("Otra"), "alert bp-crisis", "title"),
        ],
    );
    check(
        "measurements.json",
        &[
            (
                |file| row(file, "measurements", "key", "waist")["flags"][0]["sex"] = Value::Null,
                "measurement waist",
                "flags",
            ),
            (
                |file| row(file, "measurements", "key", "hba1c")["bands"][0][3] = json!("otro"),
                "measurement hba1c",
                "bands",
            ),
            (
                |file| row(file, "measurements", "key", "bp_systolic")["repeat"]["minutes_apart"] = json!(5),
                "measurement bp_systolic",
                "repeat",
            ),
            (
                |file| row(file, "measurements", "key", "spo2")["extra_codings"] = json!([]),
                "measurement spo2",
                "code",
            ),
        ],
    );
    check(
        "handout.json",
        &[(
            |file| row(file, "texts", "id", "bp-normal")["tone"] = json!("urgent"),
            "handout bp-normal",
            "tone",
        )],
    );
}
