//! Stories of packs: the core is whole, an overlay's differences are told, contradictions and hostile content are
//! refused with their place, and a release arrives as it was signed or not at all.

use super::*;
use crate::content::blood_pressure;
use crate::content::questionnaire::{Answer, Answers, score};
use crate::content::{Language, Quantity, Sex};
use ed25519_dalek::SigningKey;
use serde_json::{Value, json};

const OVERLAY: &[(&str, &str)] = &[
    ("pack.json", include_str!("../../../content/overlays/gulf-sample/pack.json")),
    ("measurements.json", include_str!("../../../content/overlays/gulf-sample/measurements.json")),
    ("protocol.json", include_str!("../../../content/overlays/gulf-sample/protocol.json")),
    ("changes.json", include_str!("../../../content/overlays/gulf-sample/changes.json")),
    ("handout.json", include_str!("../../../content/overlays/gulf-sample/handout.json")),
    (
        "questionnaires/heat-work.json",
        include_str!("../../../content/overlays/gulf-sample/questionnaires/heat-work.json"),
    ),
];

fn overlay_files() -> PackFiles {
    let mut files = PackFiles::default();
    for (name, text) in OVERLAY {
        files.put(name, text.as_bytes().to_vec()).unwrap();
    }
    files
}

fn both() -> Vec<(String, PackFiles)> {
    vec![("core".into(), embedded_files()), ("gulf".into(), overlay_files())]
}

fn file(files: &PackFiles, name: &str) -> Value {
    serde_json::from_slice(files.get(name).unwrap()).unwrap()
}

/// Files after a change of one of them as JSON.
fn changed(mut files: PackFiles, name: &str, change: impl FnOnce(&mut Value)) -> PackFiles {
    let mut value = file(&files, name);
    change(&mut value);
    files.put(name, value.to_string().into_bytes()).unwrap();
    files
}

fn problems(packs: &[(String, PackFiles)]) -> Vec<String> {
    load(packs).expect_err("refused").iter().map(ToString::to_string).collect()
}

fn with_changes(changes: Value) -> Result<Content, Vec<String>> {
    let overlay = changed(overlay_files(), "changes.json", |file| *file = changes);
    load(&[("core".into(), embedded_files()), ("gulf".into(), overlay)])
        .map_err(|problems| problems.iter().map(ToString::to_string).collect())
}

#[test]
fn the_core_pack_is_whole_and_says_what_is_unconfirmed() {
    let core = embedded();
    assert_eq!(core.name(), "caravan-core 2026.11.3");
    assert_eq!((core.forms.len(), core.gaps.gaps.len(), core.catalog.measurements.len()), (9, 26, 34));
    assert!(core.differences.is_empty());
    let unconfirmed = core.steps.iter().filter(|step| step.grounds.basis.needs_confirmation()).count();
    assert!(unconfirmed > 0 && unconfirmed < core.steps.len());
    let asked: Vec<&str> = core.forms_asked(Some(40)).filter_map(|form| form.id()).collect();
    assert_eq!(asked, ["phq-2", "ahc-hrsn-core", "tobacco-status"]);
    let of_age = |age| core.forms_asked(Some(age)).filter_map(|form| form.id()).collect::<Vec<_>>();
    assert_eq!(of_age(17), ["phq-2", "tobacco-status"], "violence at home is asked of adults");
    assert_eq!(of_age(12), ["phq-2", "tobacco-status"]);
    assert_eq!(of_age(11), Vec::<&str>::new());
    assert_eq!(
        core.forms_offered(Some(17)).filter(|form| form.id() == Some("ahc-hrsn-supplemental")).count(),
        0
    );
    assert_eq!(core.forms_asked(None).count(), 3, "nothing is left out by a guess");
    assert!(core.forms_offered(Some(40)).any(|form| form.id() == Some("hunger-vital-sign")));
    assert!(core.consent_text(Language::Spanish).is_some());
    for step in &core.steps {
        assert!(!step.grounds.guideline.is_empty() && step.grounds.year >= 2001, "{}", step.id);
    }
}

/// The alert and the category of a crisis are two tables of one guideline: they may not drift apart.
#[test]
fn alerts_are_raised_just_beyond_their_lines() {
    let raised = |key: &str, value: &str| {
        let values = [(key, Quantity::parse(value).unwrap())];
        embedded().alerts_raised(&values).into_iter().map(|alert| alert.id.as_str()).collect::<Vec<_>>()
    };
    for (key, value, alerts) in [
        ("bp_systolic", "180", vec![]),
        ("bp_systolic", "181", vec!["bp-crisis"]),
        ("bp_diastolic", "120", vec![]),
        ("bp_diastolic", "121", vec!["bp-crisis"]),
        ("glucose_random", "54", vec![]),
        ("glucose_random", "53", vec!["glucose-low"]),
        ("glucose_fasting", "53", vec!["glucose-low"]),
        ("spo2", "88", vec![]),
        ("spo2", "87", vec!["oxygen-low"]),
    ] {
        assert_eq!(raised(key, value), alerts, "{key} {value}");
    }
    for (systolic, diastolic) in [(180, 120), (181, 79), (130, 121), (200, 130)] {
        let (systolic, diastolic) = (Quantity::whole(systolic), Quantity::whole(diastolic));
        let values = [("bp_systolic", systolic), ("bp_diastolic", diastolic)];
        let is_crisis =
            blood_pressure::categorize(systolic, diastolic) == Ok(blood_pressure::Category::Crisis);
        assert_eq!(!embedded().alerts_raised(&values).is_empty(), is_crisis);
    }
}

#[test]
fn an_overlay_adds_tightens_and_switches_off_and_each_difference_is_told() {
    let content = load(&both()).unwrap();
    assert_eq!(content.name(), "caravan-core 2026.11.3 + gulf-sample 1.0.2");
    let told: Vec<String> = content.differences.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "gulf-sample adds: questionnaire heat-work; https://caravan.invalid/fhir/Questionnaire/heat-work|1.0.0",
            "gulf-sample adds: measurement peak_flow; Peak expiratory flow",
            "gulf-sample adds: step peak-flow; as number 5",
            "gulf-sample adds: step heat-work; as number 17",
            "gulf-sample adds: handout gulf-breath",
            "gulf-sample adds: handout gulf-food",
            "gulf-sample adds: handout gulf-home",
            "gulf-sample adds: contact sample-pantry; Sample Pantry",
            "gulf-sample adds: contact sample-housing; Sample Housing Desk",
            "gulf-sample switches off: step vision; The region's vans carry no chart.",
            "gulf-sample tightens: measurement heart_rate; soft limits 50 to 110, now 55 to 105; Heat work: a pulse above 105 is taken twice.",
            "gulf-sample tightens: alert bp-crisis; bp_systolic above 180, now above 175; The next emergency room is far.",
            "gulf-sample tightens: gap BP-SCREEN; bp_systolic, bp_diastolic within 12 months, now 6; Regional goal of 2026.",
            "gulf-sample tightens: score audit-c; positive from 4 (men) and 3 (women), now from 3 and 3; Regional practice.",
        ]
    );
    assert!(!content.steps.iter().any(|step| step.id == "vision"));
    let place = |id: &str| content.steps.iter().position(|step| step.id == id);
    assert_eq!(place("heat-work").unwrap(), place("tobacco-status").unwrap() + 1);

    let form = content.form("audit-c").unwrap();
    let answers = [("/68518-0", "LA18927-6"), ("/68519-8", "LA15694-5"), ("/68520-6", "LA6270-8")];
    let entries = answers.map(|(link_id, code)| (link_id.to_owned(), Answer::code(code)));
    let Ok(answers) = Answers::check(form, entries) else { panic!("the form's own codes") };
    let now = score(form, &answers, Sex::Male).unwrap();
    assert_eq!(now.positive_at, Some(3), "the region's cut-off");
    let core = score(embedded().form("audit-c").unwrap(), &answers, Sex::Male).unwrap();
    assert_eq!((core.value, core.positive_at), (now.value, Some(4)), "the core's own stays");
}

#[test]
fn an_overlay_never_contradicts_the_core() {
    for (changes, problem) in [
        (
            json!({ "off": [{ "step": "bp", "reason": "no cuff" }] }),
            "gulf-sample: step bp: the core does not mark it as local",
        ),
        (
            json!({ "off": [{ "gap": "COL", "reason": "r" }] }),
            "gulf-sample: gap COL: the core does not mark it as local",
        ),
        (
            json!({ "off": [{ "alert": "bp-crisis", "reason": "r" }] }),
            "gulf-sample: alert bp-crisis: the core does not mark it as local",
        ),
        (json!({ "off": [{ "step": "no-such", "reason": "r" }] }), "gulf-sample: step no-such: is not there"),
        (
            json!({ "off": [{ "step": "waist", "reason": " " }] }),
            "gulf-sample: step waist: is switched off without a reason",
        ),
        (
            json!({ "tighten": [{ "measurement": "heart_rate", "soft_limits": [49, 110], "reason": "r" }] }),
            "gulf-sample: changes measurement heart_rate: its soft limits would be wider than the core's",
        ),
        (
            json!({ "tighten": [{ "measurement": "heart_rate", "hard_limits": [20, 301], "reason": "r" }] }),
            "gulf-sample: changes measurement heart_rate: its hard limits would be wider than the core's",
        ),
        (
            json!({ "tighten": [{ "measurement": "heart_rate", "hard_limits": [100, 60], "reason": "r" }] }),
            "gulf-sample: changes measurement heart_rate: its limits are upside down",
        ),
        (
            json!({ "tighten": [{ "measurement": "heart_rate", "hard_limits": [60, 100], "reason": "r" }] }),
            "gulf-sample: changes measurement heart_rate: its soft limits are not within the hard ones",
        ),
        (
            json!({ "tighten": [{ "alert": "bp-crisis", "key": "bp_systolic", "above": 181, "reason": "r" }] }),
            "gulf-sample: changes alert bp-crisis: would be raised later, above 181 instead of 180",
        ),
        (
            json!({ "tighten": [{ "alert": "oxygen-low", "key": "spo2", "below": 87, "reason": "r" }] }),
            "gulf-sample: changes alert oxygen-low: would be raised later, below 87 instead of 88",
        ),
        (
            json!({ "tighten": [{ "gap": "BP-SCREEN", "within_months": 13, "reason": "r" }] }),
            "gulf-sample: changes gap BP-SCREEN: evidence would count for 13 months instead of 12",
        ),
        (
            json!({ "tighten": [{ "gap": "COL", "age_from": 50, "reason": "r" }] }),
            "gulf-sample: changes gap COL: would begin at 50 instead of 45",
        ),
        (
            json!({ "tighten": [{ "gap": "COL", "age_to": 70, "reason": "r" }] }),
            "gulf-sample: changes gap COL: would end at 70 instead of 75",
        ),
        (
            json!({ "tighten": [{ "score": "audit-c", "positive_at": 4, "reason": "r" }] }),
            "gulf-sample: changes score audit-c: would be positive later, from 4 and 4 instead of 4 and 3",
        ),
        (
            json!({ "tighten": [{ "score": "phq-2", "positive_at": 0, "reason": "r" }] }),
            "gulf-sample: changes score phq-2: would be positive for everybody",
        ),
        (
            json!({ "tighten": [{ "step": "bp", "ask": "offered", "reason": "r" }] }),
            "gulf-sample: changes step bp: is part of every visit in the core",
        ),
        (
            json!({ "tighten": [{ "step": "bp", "reason": "r" }] }),
            "gulf-sample: changes step bp: nothing is tightened",
        ),
        (
            json!({ "tighten": [{ "step": "audit-c", "ask": "always", "reason": "" }] }),
            "gulf-sample: changes step audit-c: is tightened without a reason",
        ),
    ] {
        let told = with_changes(changes).unwrap_err();
        assert_eq!(told, [problem]);
    }
    let told = with_changes(json!({ "off": [], "loosen": [] })).unwrap_err();
    assert!(told[0].starts_with("gulf-sample: changes.json: unknown field `loosen`"), "{told:?}");
}

#[test]
fn an_overlay_cannot_say_again_what_the_core_says() {
    let again = |name: &str, file: &str| {
        let mut files =
            changed(overlay_files(), "pack.json", |manifest| manifest["files"][name] = json!(file));
        files.put(file, embedded_files().get(file).unwrap().to_vec()).unwrap();
        problems(&[("core".into(), embedded_files()), ("gulf".into(), files)])
    };
    let stands = "stands already; an overlay may only tighten it or switch it off";
    assert!(
        again("measurements", "measurements.json")
            .contains(&format!("gulf-sample: measurement spo2: {stands}"))
    );
    assert!(again("gaps", "care_gaps.json").contains(&format!("gulf-sample: gap COL: {stands}")));
    assert!(again("alerts", "alerts.json").contains(&format!("gulf-sample: alert oxygen-low: {stands}")));
    assert!(again("handout", "handout.json").contains(&format!("gulf-sample: handout bmi: {stands}")));
    assert_eq!(
        again("consent", "consent.json"),
        ["gulf-sample: pack.json files: the consent is national: an overlay has none"]
    );
    let form =
        include_str!("../../../content/core/questionnaires/phq-2.json").replace("\"1.0.0\"", "\"9.0.0\"");
    let mut files = overlay_files();
    files.put("questionnaires/heat-work.json", form.into_bytes()).unwrap();
    let told = problems(&[("core".into(), embedded_files()), ("gulf".into(), files)]);
    assert!(told.contains(&format!("gulf-sample: questionnaire phq-2: {stands}")), "{told:?}");
}

#[test]
fn an_overlay_fits_its_core() {
    let extends = |id: &str, version: &str| {
        let extends = json!({ "id": id, "version": version });
        let overlay = changed(overlay_files(), "pack.json", |manifest| manifest["extends"] = extends);
        load(&[("core".into(), embedded_files()), ("gulf".into(), overlay)])
    };
    let told = extends("other-core", "2026.11.3").unwrap_err();
    assert_eq!(told[0].reason, "is written for other-core, not for caravan-core");
    let told = extends("caravan-core", "2026.12").unwrap_err();
    assert_eq!(told[0].reason, "needs caravan-core 2026.12; this is 2026.11.3");
    let older = extends("caravan-core", "2026.10.9").unwrap();
    assert_eq!(older.differences[0].what, What::Noted);
    assert_eq!(
        problems(&[("gulf".into(), overlay_files())]),
        ["gulf-sample: pack.json: is an overlay, where the core is to come first"]
    );
    let mut twice = both();
    twice.push(("again".into(), overlay_files()));
    assert!(problems(&twice)[0].contains("this pack is laid over already"));
}

/// One hostile or broken change of the core, and where and why it is refused.
#[test]
fn hostile_content_is_refused_with_its_item_and_the_reason() {
    const PHQ: &str = "questionnaires/phq-2.json";
    const SCORING: &str = "questionnaires/scoring.json";
    type Break = fn(&mut Value);
    let cases: &[(&str, Break, &str)] = &[
        (
            PHQ,
            |form| {
                let when = |question: &str| json!([{ "question": question, "operator": "exists", "answerBoolean": true }]);
                let items = form["item"].as_array_mut().unwrap();
                let (first, second) = (items.len() - 3, items.len() - 2);
                let ids = [items[first]["linkId"].clone(), items[second]["linkId"].clone()];
                items[first]["enableWhen"] = when(ids[1].as_str().unwrap());
                items[second]["enableWhen"] = when(ids[0].as_str().unwrap());
            },
            "whether it is asked depends on itself",
        ),
        (
            PHQ,
            |form| {
                let line =
                    |number: usize| json!({ "linkId": format!("x{number}"), "type": "display", "text": "x" });
                form["item"] = (0..10_000).map(line).collect();
            },
            "x500: more than 500 items",
        ),
        (
            PHQ,
            |form| {
                let first = form["item"][1].clone();
                form["item"].as_array_mut().unwrap().push(first);
            },
            "stands twice",
        ),
        (PHQ, |form| form["item"][1]["type"] = json!("attachment"), "type attachment is not supported"),
        (
            PHQ,
            |form| form["item"][1]["extension"] = json!([{ "url": "http://example.invalid/new" }]),
            "http://example.invalid/new is not supported",
        ),
        (
            PHQ,
            |form| drop(form["item"][1].as_object_mut().unwrap().remove("_text")),
            "has no Spanish text, though the pack says that the form is translated",
        ),
        (
            SCORING,
            |file| {
                file["instruments"].as_array_mut().unwrap().last_mut().unwrap()["rule"]["divide_by"] =
                    json!(0)
            },
            "questionnaires/scoring.json visit-satisfaction: the score divides by zero",
        ),
        (
            SCORING,
            |file| file["instruments"][0]["then"] = json!("phq-99"),
            "leads to \"phq-99\", which the pack does not have",
        ),
        (
            SCORING,
            |file| file["instruments"][0]["id"] = json!("phq-99"),
            "questionnaires/scoring.json phq-99: the pack has no questionnaire of this id",
        ),
        (
            "measurements.json",
            |file| file["measurements"][0]["hard_limits"] = json!([300, 40]),
            "measurements.json: measurement \"bp_systolic\": the lower limit 300 is above the upper limit 40",
        ),
        (
            "care_gaps.json",
            |file| file["gaps"][0]["rule"]["ages"] = json!({ "from": 85, "to": 18, "at": "today" }),
            "gap CBP: its ages end before they begin",
        ),
        (
            "care_gaps.json",
            |file| file["gaps"][0]["rule"]["has"] = json!(["sorrow"]),
            "gap CBP: condition \"sorrow\" is not in the pack",
        ),
        (
            "protocol.json",
            |file| file["steps"][0]["measure"] = json!(["aura"]),
            "step bp: measures \"aura\", which is not there",
        ),
        ("protocol.json", |file| file["steps"][1]["id"] = json!("bp"), "protocol.json bp: stands twice"),
        (
            "protocol.json",
            |file| file["steps"][0]["evidence"] = json!({}),
            "protocol.json bp: missing field `guideline`",
        ),
        (
            "protocol.json",
            |file| file["steps"][0]["handout"] = json!(["poem"]),
            "step bp: has handout \"poem\", which is not there",
        ),
        (
            "alerts.json",
            |file| file["alerts"][0]["choices"] = json!([]),
            "alerts.json bp-crisis: it offers no choice of what was done",
        ),
        (
            "alerts.json",
            |file| file["alerts"][0]["any"] = json!([]),
            "alerts.json bp-crisis: it has no line to cross",
        ),
        (
            "alerts.json",
            |file| file["alerts"][0]["any"][0]["below"] = json!(40),
            "needs either above or below",
        ),
        (
            "alerts.json",
            |file| file["alerts"][0]["title_es"] = json!(" "),
            "alerts.json bp-crisis: a translation is missing",
        ),
        (
            "handout.json",
            |file| drop(file["texts"][0].as_object_mut().unwrap().remove("text_es")),
            "handout.json bp-normal: missing field `text_es`",
        ),
        ("pack.json", |file| file["format"] = json!(2), "pack.json format: is 2; this build reads 1"),
        ("pack.json", |file| file["version"] = json!("latest"), "\"latest\" is no version such as 2026.11.1"),
        (
            "pack.json",
            |file| file["id"] = json!("../etc"),
            "pack.json id: may hold only lower-case letters, digits and -",
        ),
        (
            "pack.json",
            |file| file["files"]["measurements"] = Value::Null,
            "pack.json files: a core has measurements",
        ),
        ("pack.json", |file| file["files"]["handout"] = json!("nowhere.json"), "nowhere.json: is missing"),
        (
            "pack.json",
            |file| file["files"]["alerts"] = json!("handout.json"),
            "handout.json: is named twice in pack.json",
        ),
    ];
    for (name, change, reason) in cases {
        let told = problems(&[("core".into(), changed(embedded_files(), name, change))]);
        assert!(told.iter().any(|problem| problem.contains(reason)), "{name}: {reason}\n{told:#?}");
        assert!(told.iter().all(|problem| problem.len() < 800), "hostile files do not write the report");
    }
}

#[test]
fn every_problem_is_told_at_once() {
    let broken = changed(embedded_files(), "protocol.json", |file| file["steps"][0]["measure"] = json!([]));
    let broken = changed(broken, "alerts.json", |file| file["alerts"][0]["any"] = json!([]));
    let mut broken =
        changed(broken, "questionnaires/gad-7.json", |file| file["item"][1]["type"] = json!("url"));
    broken.put("left-over.json", b"{}".to_vec()).unwrap();
    broken.put("handout.json", vec![0xff, 0xfe]).unwrap();
    let told = problems(&[("core".into(), broken)]);
    for part in [
        "protocol.json bp",
        "alerts.json bp-crisis",
        "questionnaires/gad-7.json",
        "left-over.json: is not named",
        "handout.json: is not UTF-8 from byte 0 on",
    ] {
        assert!(told.iter().any(|problem| problem.contains(part)), "{part}: {told:#?}");
    }
}

#[test]
fn files_have_plain_names_bounded_sizes_and_one_hash() {
    let mut files = PackFiles::default();
    for name in
        ["", "../up.json", "/root.json", "a//b", "a/./b", "UPPER.json", "a b", "naïve.json", &"x".repeat(200)]
    {
        assert_eq!(files.put(name, Vec::new()), Err(FileError::Name), "{name}");
    }
    let bytes = PackFiles::FILE_BYTES_MAX + 1;
    assert_eq!(files.put("a", vec![0; bytes]), Err(FileError::TooLarge { bytes }));
    for number in 0..4 {
        files.put(&format!("big{number}"), vec![0; PackFiles::FILE_BYTES_MAX]).unwrap();
    }
    assert_eq!(files.put("more", vec![0]), Err(FileError::PackTooLarge));

    let of = |order: &[&str]| {
        let mut files = PackFiles::default();
        order.iter().for_each(|name| files.put(name, name.as_bytes().to_vec()).unwrap());
        files.hash()
    };
    assert_eq!(of(&["a", "b"]), of(&["b", "a"]));
    assert_ne!(of(&["a", "b"]), of(&["a", "c"]));
}

fn sealed(number: u32) -> Sealed {
    let packs = both();
    Sealed::seal(&packs, &load(&packs).unwrap(), number, &SigningKey::from_bytes(&[5; 32])).unwrap()
}

#[test]
fn a_release_arrives_as_it_was_signed() {
    let key = SigningKey::from_bytes(&[5; 32]).verifying_key();
    let Sealed { release, mut parts } = sealed(7);
    assert!(!parts.is_empty());
    parts.reverse();
    let opened = Release::open(&release, &parts, &key).unwrap();
    assert_eq!((opened.number, &opened.content), (7, &load(&both()).unwrap()));
    assert_eq!(opened.packs, both());
    assert_eq!(opened.hash, hash_of(&both()));
    assert_eq!(release.name.as_deref(), Some("caravan-core 2026.11.3 + gulf-sample 1.0.2"));
    // Written twice it is the same facts; under another number it is another release of the same parts.
    let again = sealed(7);
    assert_eq!(
        (again.release.fact_id(), again.parts[0].fact_id()),
        (release.fact_id(), parts.last().unwrap().fact_id())
    );
    assert_ne!(sealed(8).release.fact_id(), release.fact_id());
    let facts = [release.fact(release.fact_id(), PACKS, crate::time::Timestamp::default(), None)];
    assert_eq!(PackRelease::read(&facts[0]), release);
}

#[test]
fn a_release_that_is_not_whole_or_not_signed_is_not_used() {
    let key = SigningKey::from_bytes(&[5; 32]).verifying_key();
    let Sealed { release, parts } = sealed(7);
    let missing = Release::open(&release, &parts[1..], &key).unwrap_err();
    assert_eq!(missing, ReleaseError::Incomplete { missing: 1, parts: parts.len() });
    let other_key = SigningKey::from_bytes(&[6; 32]).verifying_key();
    assert!(matches!(Release::open(&release, &parts, &other_key), Err(ReleaseError::Forged(_))));
    let renumbered = PackRelease { number: Some(99), ..release.clone() };
    assert!(matches!(Release::open(&renumbered, &parts, &key), Err(ReleaseError::Forged(_))));
    let huge = PackRelease { parts: Some(u32::MAX), ..release.clone() };
    assert_eq!(Release::open(&huge, &parts, &key), Err(ReleaseError::TooLarge));
    let mut flipped = parts.clone();
    flipped[0].bytes.as_mut().unwrap()[100] ^= 1;
    assert!(matches!(Release::open(&release, &flipped, &key), Err(ReleaseError::Forged(_))));
    assert!(matches!(Release::open(&PackRelease::default(), &[], &key), Err(ReleaseError::Forged(_))));

    // Signed, but by a build that knows more than this one.
    let newer = changed(embedded_files(), "questionnaires/phq-2.json", |form| {
        form["item"][1]["type"] = json!("slider")
    });
    let packs = vec![("core".to_owned(), newer)];
    let Sealed { release, parts } =
        Sealed::seal(&packs, embedded(), 8, &SigningKey::from_bytes(&[5; 32])).unwrap();
    assert!(matches!(Release::open(&release, &parts, &key), Err(ReleaseError::NotUnderstood(_))));
}

#[test]
fn a_difference_is_told_in_a_clinicians_terms() {
    let told: Vec<String> =
        diff(embedded(), &load(&both()).unwrap()).iter().map(ToString::to_string).collect();
    for line in [
        "new: questionnaire heat-work: Working in the heat",
        "new: step heat-work: asks heat-work",
        "gone: step vision: measures va_right, va_left",
        "measurement heart_rate, soft limits: was 50 to 110; now 55 to 105",
        "alert bp-crisis, raised: was bp_systolic above 180, or bp_diastolic above 120; now bp_systolic above 175, or bp_diastolic above 120",
        "gap BP-SCREEN, rule: met by: was bp_systolic and bp_diastolic within 12 months; now bp_systolic and bp_diastolic within 6 months",
        "questionnaire audit-c, score positive: was from 4 (men), 3 (women); now from 3",
    ] {
        assert!(told.contains(&line.to_owned()), "{line}\n{told:#?}");
    }
    assert!(diff(embedded(), embedded()).is_empty());
    let back = diff(&load(&both()).unwrap(), embedded());
    assert!(
        back.iter().any(|change| change.to_string() == "gone: questionnaire heat-work: Working in the heat")
    );
}

#[test]
fn versions_are_ordered_number_by_number() {
    let version = |text: &str| Version::try_from(text.to_owned());
    assert!(version("2026.11.10").unwrap() > version("2026.11.9").unwrap());
    assert!(version("1.0").unwrap() < version("1.0.0").unwrap());
    for text in ["", "1", "1.", "1.x", "1.-2", "01.2", "1.2.3.4.5", "99999999999.1", "1 .2"] {
        assert!(version(text).is_err(), "{text}");
    }
}
