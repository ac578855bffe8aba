//! What is said about which findings, and what the code may carry.

use super::*;
use crate::content::language::Language;
use crate::content::measurements::Whom;
use crate::content::pack::{PackFiles, embedded, embedded_files, load};
use crate::content::questionnaire::{Answer, Answers, score};
use crate::content::{Quantity, Sex};
use serde_json::{Value, json};

fn quantity(text: &str) -> Quantity {
    Quantity::parse(text).expect("a number")
}

const MAN: Whom = Whom { sex: Sex::Male, age_years: Some(50) };

fn measured(key: &str, value: &str) -> Findings {
    let mut found = Findings::default();
    found.value(embedded().catalog.find(key).expect("measured"), quantity(value), MAN);
    found
}

fn said(found: &Findings) -> Vec<&'static str> {
    embedded().handout_said(found).into_iter().map(|text| text.id.as_str()).collect()
}

#[test]
fn every_category_of_the_blood_pressure_has_its_own_words() {
    for (category, id) in
        Category::ALL.into_iter().zip(["normal", "elevated", "stage-1", "stage-2", "crisis"])
    {
        let found = Findings { pressure: Some(category), ..Findings::default() };
        assert_eq!(said(&found), [format!("bp-{id}")]);
    }
    assert!(said(&Findings::default()).is_empty(), "nothing found, nothing said");
}

/// How soon: the ADA wants a second test in a timely manner and treats from 300 mg/dL on at once; the AHA/ACC call
/// triglycerides of 500 mg/dL and more severe. Each text says where that is from.
#[test]
fn what_may_not_wait_is_not_put_off() {
    for (key, value, english, spanish) in [
        ("glucose_random", "200", "within a week", "dentro de una semana"),
        ("glucose_random", "300", "today", "hoy"),
        ("glucose_random", "599", "today", "hoy"),
        ("glucose_fasting", "100", "within a month", "dentro de un mes"),
        ("glucose_fasting", "126", "within a week", "dentro de una semana"),
        ("glucose_fasting", "300", "today", "hoy"),
        ("hba1c", "6.5", "within a week", "dentro de una semana"),
        ("triglycerides", "499", "within three months", "dentro de tres meses"),
        ("triglycerides", "500", "within a week", "dentro de una semana"),
    ] {
        let mut found = measured(key, value);
        if key == "triglycerides" {
            // Another number of the panel that is merely high puts nothing off.
            found.measured.extend(measured("chol_total", "260").measured);
        }
        let said = embedded().handout_said(&found);
        let todo: Vec<&Words> = said.iter().filter_map(|text| text.todo.as_ref()).collect();
        let [todo] = todo.as_slice() else { panic!("{key} {value}: {todo:?}") };
        assert!(todo.text(Language::English).contains(english), "{key} {value}: {todo:?}");
        assert!(todo.text(Language::Spanish).contains(spanish), "{key} {value}: {todo:?}");
    }
    for id in [
        "glucose",
        "glucose-very-high",
        "glucose-fasting-diabetes",
        "a1c-diabetes",
        "triglycerides-very-high",
    ] {
        let grounds = embedded().handout_text(id).expect("a text").grounds.as_ref();
        assert!(grounds.is_some_and(|grounds| grounds.year >= 2018), "{id} says where its day is from");
    }
}

#[test]
fn a_value_is_told_by_the_name_that_the_catalog_gives_it() {
    for (key, value, ids) in [
        ("hba1c", "5.6", vec!["a1c-normal"]),
        ("hba1c", "5.7", vec!["a1c"]),
        ("hba1c", "6.4", vec!["a1c"]),
        ("hba1c", "6.5", vec!["a1c-diabetes"]),
        ("glucose_random", "69", vec!["glucose-low"]),
        ("glucose_random", "70", vec!["glucose-plain"]),
        ("glucose_random", "199", vec!["glucose-plain"]),
        ("glucose_random", "200", vec!["glucose"]),
        ("glucose_random", "299", vec!["glucose"]),
        ("glucose_random", "300", vec!["glucose-very-high"]),
        ("glucose_fasting", "99", vec![]),
        ("glucose_fasting", "100", vec!["glucose-fasting-high"]),
        ("glucose_fasting", "125", vec!["glucose-fasting-high"]),
        ("glucose_fasting", "126", vec!["glucose-fasting-diabetes"]),
        ("glucose_fasting", "299", vec!["glucose-fasting-diabetes"]),
        ("glucose_fasting", "300", vec!["glucose-very-high"]),
        ("triglycerides", "499", vec!["lipids", "lipids-high"]),
        ("triglycerides", "500", vec!["lipids", "triglycerides-very-high"]),
        ("chol_total", "199", vec!["lipids"]),
        ("chol_total", "200", vec!["lipids", "lipids-borderline"]),
        ("chol_total", "239", vec!["lipids", "lipids-borderline"]),
        ("chol_hdl", "39", vec!["lipids", "hdl-low"]),
        ("chol_hdl", "40", vec!["lipids"]),
        ("heart_rate", "100", vec![]),
        ("heart_rate", "101", vec!["pulse-fast"]),
        ("heart_rate", "49", vec!["pulse-slow"]),
        ("body_temp", "38.0", vec!["fever"]),
        ("body_temp", "34.9", vec!["cold"]),
        ("spo2", "92", vec![]),
        ("spo2", "91", vec!["oxygen-low"]),
        ("bmi", "18.4", vec!["bmi-low"]),
        ("bmi", "18.5", vec!["bmi"]),
        ("bmi", "24.9", vec!["bmi"]),
        ("bmi", "25", vec!["bmi-high"]),
        ("chol_total", "240", vec!["lipids", "lipids-high"]),
        ("waist", "102", vec![]),
        ("waist", "103", vec!["waist"]),
        ("height", "170", vec![]),
        ("hearing_left_2000", "25", vec!["hearing"]),
    ] {
        assert_eq!(said(&measured(key, value)), ids, "{key} {value}");
    }
    let eyes = |right: &str, left: &str| {
        let mut found = Findings::default();
        for (key, choice) in [("va_right", right), ("va_left", left)] {
            found.choice(embedded().catalog.find(key).expect("measured"), choice);
        }
        found
    };
    assert_eq!(said(&eyes("20/40", "20/20")), ["vision-plain"]);
    assert_eq!(said(&eyes("20/20", "20/50")), ["vision"]);
}

#[test]
fn the_longer_form_decides_where_both_were_answered_and_violence_is_never_written_down() {
    let mut found = Findings { forms: [("phq-2".to_owned(), true)].into(), ..Findings::default() };
    assert_eq!(said(&found), ["mood"]);
    found.forms.insert("phq-9".to_owned(), false);
    assert!(said(&found).is_empty());
    found.needs.insert("intimate-partner-violence".to_owned());
    assert!(said(&found).is_empty(), "somebody may look over the person's shoulder");
    found.needs.insert("food-insecurity".to_owned());
    let texts = embedded().handout_said(&found);
    assert_eq!(texts[0].contacts, ["211"]);
}

/// All items of a form answered with options of these points.
fn answered(form: &str, points: &[u32]) -> Findings {
    let form = embedded().form(form).expect("a form");
    let mut answers = Answers::new();
    for points in points {
        let item = form.next_item(&answers).expect("a question");
        let option = item.options.iter().find(|option| option.ordinal == Some(*points)).expect("an option");
        let (link_id, code) = (item.link_id.clone(), option.coding.code.clone());
        answers.record(form, &link_id, Answer::code(code)).expect("an offered option");
    }
    let mut found = Findings::default();
    found.score(form.id().expect("an id"), &score(form, &answers, Sex::Male).expect("scored"));
    found
}

#[test]
fn a_score_outside_its_normal_band_is_spoken_about() {
    for (form, points, ids, stands_out) in [
        ("gad-7", vec![1, 1, 1, 1, 0, 0, 0], vec![], false),
        ("gad-7", vec![1, 1, 1, 1, 1, 0, 0], vec!["worry-mild"], true),
        ("gad-7", vec![3, 3, 3, 0, 0, 0, 0], vec!["worry-mild"], true),
        ("gad-7", vec![3, 3, 3, 1, 0, 0, 0], vec!["worry"], true),
        ("phq-9", vec![1, 1, 1, 1, 0, 0, 0, 0, 0], vec![], false),
        ("phq-9", vec![1, 1, 1, 1, 1, 0, 0, 0, 0], vec!["mood-mild"], true),
        ("phq-9", vec![3, 3, 3, 1, 0, 0, 0, 0, 0], vec!["mood"], true),
        ("audit-c", vec![1, 1, 1], vec![], false),
        ("audit-c", vec![2, 1, 1], vec!["alcohol"], true),
    ] {
        let found = answered(form, &points);
        assert_eq!((said(&found), found.stand_out()), (ids, stands_out), "{form} {points:?}");
    }
}

#[test]
fn whatever_is_outside_the_normal_stands_out_though_no_text_speaks_about_it() {
    assert!(!Findings::default().stand_out() && Findings::default().is_empty());
    for (key, value, stands_out) in [
        ("heart_rate", "72", false),
        ("heart_rate", "101", true),
        ("chol_hdl", "60", false),
        ("chol_hdl", "39", true),
    ] {
        assert_eq!(measured(key, value).stand_out(), stands_out, "{key} {value}");
    }
    let elevated = Findings { pressure: Some(Category::Elevated), ..Findings::default() };
    let normal = Findings { pressure: Some(Category::Normal), ..Findings::default() };
    assert!(elevated.stand_out() && !normal.stand_out());
    let violence = Findings { needs: ["intimate-partner-violence".to_owned()].into(), ..Findings::default() };
    assert!(violence.stand_out() && said(&violence).is_empty());
    let shifted = Findings { hearing_shift: true, ..Findings::default() };
    assert!(shifted.stand_out());
    assert_eq!(said(&shifted), ["hearing-shift"]);
}

#[test]
fn every_text_stands_on_grounds_and_is_whole_in_both_languages() {
    let content = embedded();
    for text in &content.handout {
        let is_of_step = content.steps.iter().any(|step| step.handout.contains(&text.id));
        assert!(is_of_step || text.grounds.is_some(), "{} has no grounds", text.id);
        let words = [Some(&text.text), text.title.as_ref(), text.todo.as_ref()];
        assert!(
            words.into_iter().flatten().all(|words| words.say(Language::Spanish).translated),
            "{}",
            text.id
        );
    }
    assert_eq!(content.handout_always().count(), 1);
}

/// The core with its handout changed.
fn core(change: impl FnOnce(&mut Value)) -> Vec<(String, PackFiles)> {
    let mut files = embedded_files();
    let mut handout: Value = serde_json::from_slice(files.get("handout.json").expect("there")).expect("JSON");
    change(&mut handout);
    files.put("handout.json", serde_json::to_vec(&handout).expect("JSON")).expect("room");
    vec![("core".to_owned(), files)]
}

#[test]
fn the_code_leads_to_the_last_public_place_that_asks_for_it() {
    assert_eq!(embedded().handout_code().expect("a code").0, "https://www.211.org");
    let dialled = core(|file| {
        file["contacts"][1] = json!({
            "id": "988", "name": "Nurse line", "name_es": "Enfermería", "what": "Questions", "what_es": "Preguntas",
            "phone": "+1 (555) 010-0199", "on_code": true,
            "evidence": {"guideline": "Plan practice", "year": 2026, "basis": "unconfirmed"}
        });
    });
    assert_eq!(load(&dialled).expect("whole").handout_code().expect("a code").0, "tel:+15550100199");
    let none = core(|file| file["contacts"][0]["on_code"] = json!(false));
    assert!(load(&none).expect("whole").handout_code().is_none());
}

#[test]
fn what_a_text_names_must_be_there_and_a_code_leads_to_a_plain_public_place() {
    type Change = fn(&mut Value);
    let refused: [(Change, &str); 12] = [
        (
            |file| file["texts"][0]["when"] = json!({"scored": ["gad-7"], "found": ["awful"]}),
            "names band of a score \"awful\"",
        ),
        (
            |file| file["texts"][0]["when"] = json!({"scored": ["x"], "found": ["mild"]}),
            "names questionnaire \"x\"",
        ),
        (
            |file| file["texts"][0]["when"] = json!({"hearing_shift": true, "found": ["mild"]}),
            "its condition is one of",
        ),
        (|file| file["texts"][0]["contacts"] = json!(["nobody"]), "names contact \"nobody\""),
        (|file| file["texts"][0]["when"] = json!({"measured": ["luck"]}), "names measurement \"luck\""),
        (
            |file| file["texts"][0]["when"] = json!({"measured": ["hba1c"], "found": ["fine"]}),
            "names band or flag \"fine\"",
        ),
        (|file| file["texts"][0]["when"] = json!({"positive": ["x"]}), "names questionnaire \"x\""),
        (|file| file["texts"][0]["when"] = json!({"need": ["gold"]}), "names need \"gold\""),
        (|file| file["texts"][0]["when"] = json!({}), "its condition is one of"),
        (|file| file["texts"][1]["title_es"] = Value::Null, "a translation is missing"),
        (
            |file| file["contacts"][0]["web"] = json!("https://plan.invalid/?person=7"),
            "its page is no short https address without a query",
        ),
        (|file| file["contacts"][0]["phone"] = json!("Ana"), "its telephone is no number to dial"),
    ];
    for (change, reason) in refused {
        let problems = load(&core(change)).expect_err(reason);
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(told.iter().any(|told| told.contains(reason)), "{reason}: {told:?}");
    }
}
