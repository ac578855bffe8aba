//! What an operator may not publish, tried with the very command: each hostile change is refused with its item and the
//! reason, and what is published stays as it is, byte for byte.

use serde_json::{Value, json};
use shared::change::Bucket;
use shared::content::pack::PackFiles;
use shared::ids::DeviceNumber;
use std::path::{Path, PathBuf};
use std::process::Command;
use sync_server::packs::read_folders;
use sync_server::settings::Settings;

const CORE: usize = 0;
const GULF: usize = 1;

type Change = fn(&mut Value);

/// Which pack, which file, what is done to it, and what is told.
const REFUSED: [(usize, &str, Change, &str); 15] = [
    (
        CORE,
        "questionnaires/phq-2.json",
        |form| {
            let when = |question: &Value| json!([{"question": question, "operator": "exists", "answerBoolean": true}]);
            let ids = [form["item"][1]["linkId"].clone(), form["item"][2]["linkId"].clone()];
            form["item"][1]["enableWhen"] = when(&ids[1]);
            form["item"][2]["enableWhen"] = when(&ids[0]);
        },
        "questionnaires/phq-2.json: /44250-9: whether it is asked depends on itself",
    ),
    (
        CORE,
        "questionnaires/gad-7.json",
        |form| form["item"][1]["type"] = json!("attachment"),
        "questionnaires/gad-7.json: /69725-0: type attachment is not supported",
    ),
    (
        CORE,
        "questionnaires/gad-7.json",
        |form| {
            form["item"][1] = json!({"linkId": "/69725-0", "type": "group", "text": "x", "repeats": true});
        },
        "questionnaires/gad-7.json: /69725-0: repeats on this type is not supported",
    ),
    (
        CORE,
        "questionnaires/hunger-vital-sign.json",
        |form| {
            let asked = form["item"][0].clone();
            form["item"][0] =
                json!({"linkId": "food", "type": "group", "text": "Your food", "item": [asked]});
        },
        "caravan-core: questionnaire hunger-vital-sign: food: text of a group is not supported",
    ),
    (
        CORE,
        "questionnaires/gad-7.json",
        |form| {
            let stem = form["item"].as_array_mut().expect("items").remove(0);
            form["item"].as_array_mut().expect("items").push(stem);
        },
        "caravan-core: questionnaire gad-7: stem: a line of text after the last question is not supported",
    ),
    (
        CORE,
        "questionnaires/tobacco-status.json",
        |form| {
            let line =
                |number: usize| json!({"linkId": format!("x{number}"), "type": "display", "text": "x"});
            form["item"] = (0..10_000).map(line).collect();
        },
        "questionnaires/tobacco-status.json: x500: more than 500 items",
    ),
    (
        CORE,
        "questionnaires/scoring.json",
        |file| {
            let instruments = file["instruments"].as_array_mut().expect("instruments");
            let scaled = instruments.iter_mut().find(|instrument| instrument["rule"]["kind"] == "scaled");
            scaled.expect("a share")["rule"]["divide_by"] = json!(0);
        },
        "questionnaires/scoring.json visit-satisfaction: the score divides by zero",
    ),
    (
        CORE,
        "questionnaires/phq-9.json",
        |form| drop(form["item"][1].as_object_mut().expect("an item").remove("_text")),
        "questionnaires/phq-9.json /44250-9: has no Spanish text, though the pack says that the form is translated",
    ),
    (
        CORE,
        "questionnaires/scoring.json",
        |file| {
            let instruments = file["instruments"].as_array_mut().expect("instruments");
            let mood = instruments.iter_mut().find(|instrument| instrument["id"] == "phq-9");
            mood.expect("the PHQ-9")["alerts"][0]["action_es"] = json!("");
        },
        "caravan-core: questionnaire phq-9: /44260-8: the action of its alert in Spanish is blank",
    ),
    (
        CORE,
        "consent.json",
        |file| {
            for text in file["texts"].as_array_mut().expect("texts") {
                text["scopes"][5]["default"] = json!(true);
            }
        },
        "consent.json: consent 2026-11 in en: has another default than care alone",
    ),
    (
        CORE,
        "handout.json",
        |file| drop(file["texts"][0].as_object_mut().expect("a text").remove("text_es")),
        "handout.json bp-normal: missing field `text_es`",
    ),
    (
        CORE,
        "protocol.json",
        |file| {
            let steps = file["steps"].as_array_mut().expect("steps");
            let pulse = steps.iter_mut().find(|step| step["id"] == "pulse").expect("a pulse");
            pulse["handout"] = json!(["pulse-slow"]);
        },
        "caravan-core: measurement heart_rate: no text of the handout speaks about \"fast\"",
    ),
    (
        CORE,
        "measurements.json",
        |file| {
            let pressure = file["measurements"][0].as_object_mut().expect("a row");
            let limits = pressure.remove("hard_limits").expect("limits");
            pressure.insert("hard_limts".to_owned(), limits);
        },
        "caravan-core: measurement bp_systolic: says \"hard_limts\", which nothing reads",
    ),
    (
        GULF,
        "measurements.json",
        |file| file["measurements"][0]["component_of"] = json!("19926-5"),
        "gulf-sample: measurement peak_flow: is a part of 19926-5, and only blood pressure, lipids and hearing are taken in parts",
    ),
    (
        GULF,
        "questionnaires/heat-work.json",
        |form| {
            let id = form["item"][0]["linkId"].clone();
            form["item"][1]["enableWhen"] = json!([{"question": id, "operator": ">", "answerDecimal": 5.5}]);
        },
        "can never be decided",
    ),
];

fn project_packs() -> Vec<(String, PackFiles)> {
    let content = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/content");
    read_folders(&[content.join("core"), content.join("overlays/gulf-sample")])
        .expect("the project's own packs")
}

/// The packs as folders on disk.
fn lay_out(packs: &[(String, PackFiles)], under: &Path) -> Vec<PathBuf> {
    let lay = |(name, files): &(String, PackFiles)| {
        let folder = under.join(name);
        for file in files.names() {
            let path = folder.join(file);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            std::fs::write(path, files.get(file).expect("a file")).expect("written");
        }
        folder
    };
    packs.iter().map(lay).collect()
}

fn changed(packs: &mut [(String, PackFiles)], pack: usize, name: &str, change: impl FnOnce(&mut Value)) {
    let files = &mut packs[pack].1;
    let mut value: Value = serde_json::from_slice(files.get(name).expect("a file")).expect("JSON");
    change(&mut value);
    files.put(name, value.to_string().into_bytes()).expect("room");
}

/// Gives both packs a version of their own, so that nothing but the fault stands in the way.
fn renew(packs: &mut [(String, PackFiles)]) {
    for pack in [CORE, GULF] {
        changed(packs, pack, "pack.json", |manifest| {
            manifest["version"] = json!("2026.12.9");
            if manifest["extends"].is_object() {
                manifest["extends"]["version"] = json!("2026.12.9");
            }
        });
    }
}

/// The server's program, played by the demo's.
fn server(data: &Path, arguments: &[&str], folders: &[PathBuf]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_demo"));
    command.arg("server").args(arguments).args(folders).arg("--data").arg(data);
    let output = command.env_remove("CARAVAN_DATA").output().expect("it runs");
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}

/// Everything that is published, as the bytes that devices get, with the head of the server's own chain.
async fn published(data: &Path) -> (Vec<Vec<u8>>, Vec<u8>) {
    let service = sync_server::server::open(&Settings::load(data).expect("settings")).expect("a server");
    service.projector.catch_up().await.expect("folded");
    let mut bytes = Vec::new();
    let bucket = Bucket::Content(service.store.region());
    for row in service.store.bucket_rows(vec![bucket]).await.expect("rows") {
        let page = service.store.members(row.number, None, None, 64 << 20).await.expect("members");
        assert!(page.more_after.is_none(), "one page holds all");
        for parcel in page.parcels {
            bytes.push(parcel.record.as_bytes().to_vec());
            bytes.extend(parcel.facts.iter().map(|fact| fact.to_vec()));
        }
    }
    let chain = service.store.chain(DeviceNumber(1)).await.expect("a store").expect("the server's own");
    (bytes, chain.head.hash.0.to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_pack_is_refused_by_its_item_and_what_is_published_stays_byte_for_byte() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("server");
    let begin = ["init", "--region", "1", "--name", "127.0.0.1", "--listen", "127.0.0.1:0"];
    let (is_made, said) = server(&data, &begin, &[]);
    assert!(is_made, "{said}");
    let good = lay_out(&project_packs(), &folder.path().join("good"));
    let (is_published, said) = server(&data, &["pack", "publish"], &good);
    assert!(is_published && said.contains("release 1, "), "{said}");
    let before = published(&data).await;
    assert!(before.0.len() > 2, "a release and its parts");

    for (number, (pack, name, change, reason)) in REFUSED.into_iter().enumerate() {
        let mut packs = project_packs();
        changed(&mut packs, pack, name, change);
        renew(&mut packs);
        let broken = lay_out(&packs, &folder.path().join(format!("broken-{number}")));
        let (is_published, said) = server(&data, &["pack", "publish"], &broken);
        assert!(!is_published && said.contains(reason), "{name}: {reason}\n{said}");
        assert_eq!(published(&data).await, before, "{name}: {reason}");
        let (is_checked, said) = server(&data, &["pack", "check"], &broken);
        assert!(!is_checked && said.contains(reason), "{name}: {reason}\n{said}");
    }
    let mut packs = project_packs();
    changed(&mut packs, CORE, "questionnaires/phq-2.json", |form| form["title"] = json!("Mood"));
    renew(&mut packs);
    let rewritten = lay_out(&packs, &folder.path().join("rewritten"));
    let (is_published, said) = server(&data, &["pack", "publish"], &rewritten);
    let reason = "Questionnaire/phq-2|1.0.0 was published before with other content; give it a new version";
    assert!(!is_published && said.contains(reason), "{said}");
    assert_eq!(published(&data).await, before);
    let (is_published, said) = server(&data, &["pack", "publish"], &good);
    assert!(is_published && said.contains("is in force already"), "{said}");
}
