//! What an office is told to mend: one change of the project's own packs each, and the item and reason that are told.

use super::vet;
use crate::content::pack::{PackFiles, embedded_files, load};
use serde_json::{Value, json};

const OVERLAY: [(&str, &str); 6] = [
    ("pack.json", include_str!("../../../../content/overlays/gulf-sample/pack.json")),
    ("measurements.json", include_str!("../../../../content/overlays/gulf-sample/measurements.json")),
    ("protocol.json", include_str!("../../../../content/overlays/gulf-sample/protocol.json")),
    ("changes.json", include_str!("../../../../content/overlays/gulf-sample/changes.json")),
    ("handout.json", include_str!("../../../../content/overlays/gulf-sample/handout.json")),
    (
        "questionnaires/heat-work.json",
        include_str!("../../../../content/overlays/gulf-sample/questionnaires/heat-work.json"),
    ),
];

/// The core and the overlay, one file of one of them changed.
fn packs(overlay: bool, name: &str, change: impl FnOnce(&mut Value)) -> Vec<(String, PackFiles)> {
    let mut gulf = PackFiles::default();
    for (name, text) in OVERLAY {
        gulf.put(name, text.as_bytes().to_vec()).expect("room");
    }
    let mut packs = vec![("core".to_owned(), embedded_files()), ("gulf".to_owned(), gulf)];
    let files = &mut packs[usize::from(overlay)].1;
    let mut value: Value = serde_json::from_slice(files.get(name).expect("a file")).expect("JSON");
    change(&mut value);
    files.put(name, value.to_string().into_bytes()).expect("room");
    packs
}

fn told(packs: &[(String, PackFiles)]) -> Vec<String> {
    vet(packs).err().into_iter().flatten().map(|problem| problem.to_string()).collect()
}

#[test]
fn the_projects_own_packs_need_no_mending() {
    assert_eq!(told(&packs(true, "pack.json", |_| {})), Vec::<String>::new());
    assert_eq!(told(&[("core".to_owned(), embedded_files())]), Vec::<String>::new());
}

#[test]
fn a_measurement_of_an_overlay_that_nobody_could_take_is_refused_with_its_id() {
    type Change = fn(&mut Value);
    let cases: [(Change, &str); 8] = [
        (
            |row| row["component_of"] = json!("85354-9"),
            "is a part of 85354-9, and only blood pressure, lipids and hearing are taken in parts",
        ),
        (|row| row["calculated"] = json!("height / 2"), "is worked out from others, so nobody can take it"),
        (
            |row| row["choices"] = json!(["weak", "strong"]),
            "is chosen from a list, and only the lines of the eye chart are",
        ),
        (
            |row| row["soft_warn_outside"] = Value::Null,
            "has no hard and soft limits, so any number would be taken",
        ),
        (
            |row| row["hard_limits"] = json!([30, 12_000]),
            "its limits 30 to 12000 have more digits than the keypad takes",
        ),
        (
            |row| row["code"]["code"] = json!("19935-7"),
            "\"19935-7\" is no LOINC code: its check digit is wrong",
        ),
        (|row| row["unit"]["code"] = json!("litres"), "\"litres\" is no UCUM unit"),
        (|row| row["name_es"] = json!(" "), "its name is missing in one of the languages"),
    ];
    for (change, reason) in cases {
        let packs = packs(true, "measurements.json", |file| change(&mut file["measurements"][0]));
        assert_eq!(told(&packs), [format!("gulf-sample: measurement peak_flow: {reason}")]);
        assert!(load(&packs).is_ok(), "a device still opens what was handed out before");
    }
    let unmeasured =
        packs(true, "protocol.json", |file| drop(file["steps"].as_array_mut().unwrap().remove(0)));
    let reason = "gulf-sample: measurement peak_flow: is measured by no step, so nobody could take it";
    assert_eq!(told(&unmeasured), [reason]);
}

#[test]
fn every_finding_outside_the_normal_that_no_text_speaks_about_is_named() {
    let without = |ids: &'static [&str]| {
        packs(false, "protocol.json", move |file| {
            for step in file["steps"].as_array_mut().unwrap() {
                if let Some(texts) = step.get_mut("handout").and_then(Value::as_array_mut) {
                    texts.retain(|id| !ids.contains(&id.as_str().unwrap()));
                }
            }
        })
    };
    let silent = |item: &str, name: &str| {
        format!("caravan-core: {item}: no text of the handout speaks about {name:?}")
    };
    for (ids, expected) in [
        (&["bp-elevated"] as &'static [&str], vec![silent("measurement bp_systolic", "Elevated")]),
        (&["pulse-fast"], vec![silent("measurement heart_rate", "fast")]),
        (&["cold"], vec![silent("measurement body_temp", "hypothermia")]),
        (&["oxygen-low"], vec![silent("measurement spo2", "low"), silent("measurement spo2", "urgent")]),
        (&["bmi-low"], vec![silent("measurement bmi", "underweight")]),
        (&["hdl-low"], vec![silent("measurement chol_hdl", "low")]),
        (&["hearing-shift"], vec![silent("measurement hearing", "standard threshold shift")]),
        (&["worry-mild"], vec![silent("questionnaire gad-7", "mild")]),
        (
            &["worry"],
            vec![silent("questionnaire gad-7", "moderate"), silent("questionnaire gad-7", "severe")],
        ),
        (&["mood-mild"], vec![silent("questionnaire phq-9", "mild")]),
        (&["alcohol"], vec![silent("questionnaire audit-c", "positive")]),
        (&["smoking"], vec![silent("questionnaire tobacco-status", "positive")]),
        (&["need-rides"], vec![silent("questionnaire ahc-hrsn-core", "transportation-insecurity")]),
    ] {
        assert_eq!(told(&without(ids)), expected, "{ids:?}");
    }
    let unsaid = packs(false, "handout.json", |file| file["silent"] = json!([]));
    assert_eq!(told(&unsaid), [silent("questionnaire ahc-hrsn-core", "intimate-partner-violence")]);
}

#[test]
fn an_overlay_that_adds_bands_brings_the_words_for_them() {
    let banded = packs(true, "measurements.json", |file| {
        file["measurements"][0]["bands"] =
            json!([[null, 300, "weak", "débil"], [300, null, "strong", "fuerte"]]);
        file["measurements"][0]["normal_bands"] = json!(["strong"]);
        file["measurements"][0]["bands_source"] = json!("Regional practice, 2026");
    });
    let reason = "gulf-sample: measurement peak_flow: no text of the handout speaks about \"weak\"";
    assert_eq!(told(&banded), [reason]);
    let unnamed = packs(true, "measurements.json", |file| {
        file["measurements"][0]["bands"] = json!([[null, null, "any", "alguno"]]);
        file["measurements"][0]["normal_bands"] = json!([]);
        file["measurements"][0]["bands_source"] = json!("Regional practice, 2026");
    });
    assert_eq!(
        told(&unnamed),
        [
            "gulf-sample: measurement peak_flow: calls none of its bands normal",
            "gulf-sample: measurement peak_flow: no text of the handout speaks about \"any\""
        ]
    );
}

#[test]
fn a_condition_without_words_and_a_rule_that_no_answer_meets_are_refused() {
    let wordless = packs(false, "care_gaps.json", |file| file["condition_names"]["hiv"][1] = json!(" "));
    assert_eq!(
        told(&wordless),
        ["caravan-core: condition hiv: has no words for staff in one of the languages"]
    );
    let supplemental = packs(false, "care_gaps.json", |file| {
        let gaps = file["gaps"].as_array_mut().expect("gaps");
        let gap = gaps.iter_mut().find(|gap| gap["id"] == "ALC").expect("a gap");
        gap["rule"]["met_by"][0]["asked"] = json!(["ahc-hrsn-supplemental"]);
    });
    let reason = "is met by \"ahc-hrsn-supplemental\", which has no score: it needs items";
    assert_eq!(told(&supplemental), [format!("caravan-core: gap ALC: {reason}")]);
}
