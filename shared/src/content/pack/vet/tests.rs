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
pub(super) fn packs(overlay: bool, name: &str, change: impl FnOnce(&mut Value)) -> Vec<(String, PackFiles)> {
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

pub(super) fn told(packs: &[(String, PackFiles)]) -> Vec<String> {
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
        (|row| row["name_es"] = json!(" "), "its name in Spanish is blank"),
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
fn a_misspelt_field_and_a_number_without_limits_are_refused_by_key() {
    let change = |key: &'static str, change: fn(&mut Value)| {
        packs(false, "measurements.json", move |file| {
            let rows = file["measurements"].as_array_mut().expect("rows");
            change(rows.iter_mut().find(|row| row["key"] == key).expect("a row"));
        })
    };
    let misspelt = |row: &mut Value| {
        let limits = row.as_object_mut().expect("a row").remove("hard_limits").expect("limits");
        row["hard_limts"] = limits;
    };
    for key in ["bp_systolic", "triglycerides", "hearing_left_500", "heart_rate"] {
        let reasons = [
            "has no hard and soft limits, so any number would be taken",
            "says \"hard_limts\", which nothing reads",
        ];
        let expected = reasons.map(|reason| format!("caravan-core: measurement {key}: {reason}"));
        let packs = change(key, misspelt);
        assert_eq!(told(&packs), expected);
        assert!(load(&packs).is_ok(), "a device still opens what was handed out before");
    }
    let within = change("spo2", |row| {
        row["code"]["dsplay"] = json!("Oxygen");
        row["unit"]["codes"] = json!("%");
    });
    let of = |field: &str| format!("caravan-core: measurement spo2: says {field:?}, which nothing reads");
    assert_eq!(told(&within), [of("code.dsplay"), of("unit.codes")]);
    let beside = packs(false, "measurements.json", |file| file["bp_categories"] = json!({}));
    assert_eq!(
        told(&beside),
        ["caravan-core: measurements.json: says \"bp_categories\", which nothing reads"]
    );
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
    let wordless = packs(false, "care_gaps.json", |file| {
        drop(file["condition_names"].as_object_mut().expect("words").remove("hiv"));
    });
    assert_eq!(told(&wordless), ["caravan-core: condition hiv: has no words for staff"]);
    let nameless = packs(false, "care_gaps.json", |file| {
        drop(file["services"].as_object_mut().expect("words").remove("fit"));
    });
    assert_eq!(told(&nameless), ["caravan-core: service fit: has no words for staff"]);
    let supplemental = packs(false, "care_gaps.json", |file| {
        let gaps = file["gaps"].as_array_mut().expect("gaps");
        let gap = gaps.iter_mut().find(|gap| gap["id"] == "ALC").expect("a gap");
        gap["rule"]["met_by"][0]["asked"] = json!(["ahc-hrsn-supplemental"]);
    });
    let reason = "is met by \"ahc-hrsn-supplemental\", which has no score: it needs items";
    assert_eq!(told(&supplemental), [format!("caravan-core: gap ALC: {reason}")]);
}

/// The core and the overlay, whose changes are these and no others.
fn tightened(changes: Value) -> Vec<(String, PackFiles)> {
    packs(true, "changes.json", |file| *file = json!({"tighten": changes}))
}

#[test]
fn hard_limits_that_refuse_what_raises_an_alert_or_what_a_meter_shows_are_named_with_both() {
    let limits = |key: &str, limits: [i32; 2]| {
        tightened(json!([{"measurement": key, "hard_limits": limits, "reason": "Regional practice."}]))
    };
    let told_of = |key: &str, reasons: &[&str]| -> Vec<String> {
        reasons.iter().map(|reason| format!("gulf-sample: measurement {key}: {reason}")).collect()
    };
    let cases: [(&str, [i32; 2], &[&str]); 7] = [
        (
            "glucose_random",
            [60, 500],
            &[
                "its hard limits 60 to 500 refuse values below 54, at which alert glucose-low is raised (below 54)",
                "its hard limits 60 to 500 refuse values above 599, at which alert glucose-high is raised (above 599)",
                "its hard limits 60 to 500 refuse what its meter shows: 20 to 600",
            ],
        ),
        (
            "glucose_random",
            [10, 700],
            &[
                "its hard limits 10 to 700 refuse values above 700, at which alert glucose-high is raised (above 599)",
            ],
        ),
        (
            "glucose_random",
            [15, 1000],
            &[
                "its hard limits 15 to 1000 refuse values below 15, at which alert glucose-low is raised (below 54)",
            ],
        ),
        (
            "bp_systolic",
            [60, 250],
            &[
                "its hard limits 60 to 250 refuse values above 250, at which alert bp-crisis is raised (above 180)",
            ],
        ),
        (
            "spo2",
            [70, 100],
            &[
                "its hard limits 70 to 100 refuse values below 70, at which alert oxygen-low is raised (below 88)",
            ],
        ),
        ("heart_rate", [30, 250], &[]),
        ("height", [100, 230], &[]),
    ];
    for (key, hard, reasons) in cases {
        assert_eq!(told(&limits(key, hard)), told_of(key, reasons), "{key} {hard:?}");
    }
    let silenced = tightened(json!([
        {"measurement": "bp_systolic", "hard_limits": [60, 170], "soft_limits": [90, 160], "reason": "Regional practice."}
    ]));
    let reason =
        "its hard limits 60 to 170 refuse values above 180, at which alert bp-crisis is raised (above 180)";
    assert_eq!(told(&silenced), told_of("bp_systolic", &[reason]));
    assert!(load(&silenced).is_ok(), "a device still opens what was handed out before");
    // A side at which nothing is raised may be narrower.
    let upper = tightened(json!([
        {"measurement": "bp_systolic", "hard_limits": [50, 300], "reason": "Regional practice."}]));
    assert_eq!(told(&upper), Vec::<String>::new());
}

/// The core and the overlay with an alert of its own.
fn with_alert(line: Value, changes: Value) -> Vec<(String, PackFiles)> {
    let mut packs = packs(true, "pack.json", |file| file["files"]["alerts"] = json!("alerts.json"));
    let alert = json!({"alerts": [{
        "id": "gulf-own", "any": [line], "title": "Look", "title_es": "Mire", "action": "Call", "action_es": "Llame",
        "choices": [["The nurse is here", "Enfermería está aquí"]],
        "evidence": {"guideline": "Regional practice", "year": 2026, "basis": "unconfirmed"}
    }]});
    packs[1].1.put("alerts.json", alert.to_string().into_bytes()).expect("room");
    packs[1].1.put("changes.json", changes.to_string().into_bytes()).expect("room");
    packs
}

#[test]
fn an_alert_that_nothing_could_raise_is_named_with_its_line() {
    let none = json!({});
    let cases = [
        (
            json!({"key": "va_left", "above": 20}),
            "watches \"va_left\", which is chosen from a list and has no number",
        ),
        (
            json!({"key": "hearing_left_8000", "above": 90}),
            "watches \"hearing_left_8000\", which no step measures",
        ),
        (
            json!({"key": "heart_rate", "above": 300}),
            "watches \"heart_rate\", whose hard limits 20 to 300 end before the line is crossed",
        ),
        (
            json!({"key": "body_temp", "below": 25}),
            "watches \"body_temp\", whose hard limits 25 to 45 end before the line is crossed",
        ),
        (
            json!({"key": "glucose_random", "above": 600}),
            "watches \"glucose_random\", whose meter's range 20 to 600 ends before the line is crossed",
        ),
    ];
    for (line, reason) in cases {
        let expected = format!("gulf-sample: alert gulf-own: {reason}");
        assert_eq!(told(&with_alert(line.clone(), none.clone())), [expected], "{line}");
    }
    for line in [json!({"key": "bmi", "above": 60}), json!({"key": "chol_ldl_calc", "above": 190})] {
        assert_eq!(told(&with_alert(line.clone(), none.clone())), Vec::<String>::new(), "{line}");
    }
    let off = json!({"off": [{"step": "lipids", "reason": "The region's vans draw no blood."}]});
    let idle = with_alert(json!({"key": "chol_ldl_calc", "above": 190}), off);
    assert_eq!(told(&idle), Vec::<String>::new(), "what is switched off is told as a difference");
}

#[test]
fn limits_of_what_an_alert_is_worked_out_from_may_not_be_narrower() {
    let narrow = json!({"tighten": [
        {"measurement": "weight", "hard_limits": [1, 200], "soft_limits": [35, 180], "reason": "Regional scales."}]});
    let packs = with_alert(json!({"key": "bmi", "above": 60}), narrow);
    let [reason] = told(&packs).try_into().expect("one reason");
    assert!(
        reason.starts_with("gulf-sample: measurement weight: its hard limits 1 to 200, before 0.2 to 650"),
        "{reason}"
    );
    assert!(reason.contains("alert gulf-own may be raised: it watches \"bmi\""), "{reason}");
}
