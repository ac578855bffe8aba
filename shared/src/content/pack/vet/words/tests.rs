//! Words that are blank, one in each kind of place: each is told by its item, and a device still opens the pack.

use crate::content::pack::load;
use crate::content::pack::vet::tests::{packs, told};
use serde_json::{Value, json};

#[test]
fn words_that_are_blank_are_refused_by_their_place() {
    type Change = fn(&mut Value);
    let cases: [(&str, Change, &str); 15] = [
        (
            "questionnaires/scoring.json",
            |file| instrument(file, "phq-9")["alerts"][0]["action_es"] = json!(""),
            "questionnaire phq-9: /44260-8: the action of its alert in Spanish is blank",
        ),
        (
            "questionnaires/scoring.json",
            |file| instrument(file, "phq-9")["bands"][0]["name_es"] = json!(" "),
            "questionnaire phq-9: the name of score band 1 in Spanish is blank",
        ),
        (
            "questionnaires/phq-9.json",
            |file| file["item"][1]["text"] = json!(" "),
            "questionnaire phq-9: /44250-9: its text in English is blank",
        ),
        (
            "questionnaires/phq-9.json",
            |file| drop(file["item"][0].as_object_mut().expect("a line").remove("text")),
            "questionnaire phq-9: stem: its text in English is blank",
        ),
        (
            "questionnaires/phq-9.json",
            |file| file["item"][1]["answerOption"][0]["valueCoding"]["display"] = json!("\t"),
            "questionnaire phq-9: /44250-9: option LA6568-5 in English is blank",
        ),
        (
            "measurements.json",
            |file| row(file, "measurements", "key", "hba1c")["bands"][0][3] = json!(""),
            "measurement hba1c: the name of band 1 in Spanish is blank",
        ),
        (
            "measurements.json",
            |file| row(file, "measurements", "key", "spo2")["flags"][1]["flag_es"] = json!(""),
            "measurement spo2: the name of flag 2 in Spanish is blank",
        ),
        (
            "care_gaps.json",
            |file| row(file, "gaps", "id", "COL")["name_es"] = json!(""),
            "gap COL: its name in Spanish is blank",
        ),
        (
            "care_gaps.json",
            |file| row(file, "gaps", "id", "AIS")["rule"]["parts"][0]["name_es"] = json!(""),
            "gap AIS: the name of part 1 in Spanish is blank",
        ),
        (
            "care_gaps.json",
            |file| file["services"]["fit"][1] = json!(""),
            "service fit: its name in Spanish is blank",
        ),
        (
            "care_gaps.json",
            |file| file["condition_names"]["hiv"][1] = json!(" "),
            "condition hiv: its name in Spanish is blank",
        ),
        (
            "consent.json",
            |file| file["texts"][1]["scopes"][5]["sentence"] = json!(""),
            "consent 2026-11 es: the sentence of research is blank",
        ),
        (
            "consent.json",
            |file| file["texts"][0]["body"] = json!([]),
            "consent 2026-11 en: its body is blank",
        ),
        (
            "protocol.json",
            |file| file["steps"][0]["evidence"]["guideline"] = json!(""),
            "step bp: its guideline is blank",
        ),
        ("pack.json", |file| file["title_es"] = json!(""), "pack.json: its title in Spanish is blank"),
    ];
    for (name, change, reason) in cases {
        let packs = packs(false, name, change);
        assert_eq!(told(&packs), [format!("caravan-core: {reason}")]);
        assert!(load(&packs).is_ok(), "a device still opens what was handed out before");
    }
}

/// The row of a file by one of its fields.
fn row<'f>(file: &'f mut Value, rows: &str, field: &str, is: &str) -> &'f mut Value {
    let rows = file[rows].as_array_mut().expect("rows");
    rows.iter_mut().find(|row| row[field] == is).expect("a row")
}

fn instrument<'f>(file: &'f mut Value, id: &str) -> &'f mut Value {
    row(file, "instruments", "id", id)
}
