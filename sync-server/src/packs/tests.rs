//! Stories of an operator: packs published, refused, published anew, compared, and adopted by devices.

use super::*;
use crate::store::Store;
use crate::testing::{NOON, VAN, World};
use shared::change::Operation;
use shared::content::pack::{PackFiles, diff, embedded, embedded_files};
use shared::domain::screening::QuestionnaireResponse;
use shared::ids::{FactId, RecordId};
use shared::time::Timestamp;
use std::path::{Path, PathBuf};

fn content(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/content").join(name)
}

fn both() -> Vec<(String, PackFiles)> {
    read_folders(&[content("core"), content("overlays/gulf-sample")]).expect("the project's own packs")
}

/// The core with another version, and with one word changed.
fn core(version: &str, from: &str, to: &str) -> Vec<(String, PackFiles)> {
    let mut files = embedded_files();
    let text = |files: &PackFiles, name| String::from_utf8(files.get(name).unwrap().to_vec()).unwrap();
    let manifest = text(&files, "pack.json").replace("2026.11.3", version);
    files.put("pack.json", manifest.into_bytes()).unwrap();
    let handout = text(&files, "handout.json").replace(from, to);
    files.put("handout.json", handout.into_bytes()).unwrap();
    vec![("core".to_owned(), files)]
}

async fn head(world: &World) -> u64 {
    let chain =
        world.store.chain(shared::ids::DeviceNumber(1)).await.expect("a store").expect("the server's own");
    chain.head.sequence.0
}

#[test]
fn the_folder_of_the_core_is_the_core_of_every_build() {
    let files = read_folder(&content("core")).expect("the core");
    assert_eq!(files, embedded_files());
    assert_eq!(both()[1].0, "gulf-sample");
    assert!(matches!(read_folder(&content("nowhere")), Err(FolderError::Disk { .. })));
}

#[test]
fn a_folder_with_a_link_or_a_huge_file_is_not_read() {
    let folder = tempfile::tempdir().expect("a folder");
    std::os::unix::fs::symlink("/etc/hostname", folder.path().join("pack.json")).expect("a link");
    assert!(matches!(read_folder(folder.path()), Err(FolderError::Link(_))));
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::File::create(folder.path().join("big.json")).expect("a file").set_len(1 << 40).expect("a hole");
    assert!(matches!(read_folder(folder.path()), Err(FolderError::File { .. })));
    std::fs::write(folder.path().join("big.json"), "{}").expect("a file");
    std::fs::write(folder.path().join("README.md"), "for people").expect("a file");
    assert_eq!(read_folder(folder.path()).expect("read").names().collect::<Vec<_>>(), ["big.json"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_reaches_every_device_and_opens_there() {
    let world = World::new().await;
    let published = publish(&world.service, &both(), false).await.expect("published");
    assert_eq!(published.number, 1);
    assert!(published.parts > 0);
    let key = world.service.keys.signing.verifying_key();
    let in_force = held(&world.service).await.expect("held").in_force(&key).expect("in force");
    assert_eq!(in_force.content.name(), "caravan-core 2026.11.3 + gulf-sample 1.0.2");
    assert_eq!(world.quarantine().await, []);

    let mut device = world.device(VAN).await;
    world.pull(&mut device).await;
    let (release, parts) = (&held(&world.service).await.expect("held").releases[0], published.parts);
    assert!(device.facts.contains(&release.fact_id()));
    assert_eq!(device.facts.len(), parts + 1);

    let before = head(&world).await;
    let again = publish(&world.service, &both(), false).await.expect("published");
    assert_eq!((again.number, again.parts, head(&world).await), (1, 0, before), "nothing is written twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_publish_changes_nothing() {
    let world = World::new().await;
    publish(&world.service, &both(), false).await.expect("published");
    let before = head(&world).await;

    let mut broken = both();
    broken[0].1.put("alerts.json", b"{".to_vec()).unwrap();
    let refused = publish(&world.service, &broken, false).await.expect_err("refused");
    let PublishError::Problems(problems) = refused else { panic!("{refused:?}") };
    assert!(problems[0].to_string().starts_with("caravan-core: alerts.json: EOF"), "{problems:?}");

    let rewritten = core("2026.11.3", "Check it once a year.", "Check it now and then.");
    let refused = publish(&world.service, &rewritten, false).await.expect_err("refused");
    assert!(
        matches!(&refused, PublishError::Rewritten(name) if name == "caravan-core 2026.11.3"),
        "{refused}"
    );

    let older = core("2026.10.9", "once a year", "every year");
    let refused = publish(&world.service, &older, false).await.expect_err("refused");
    assert!(matches!(refused, PublishError::Older { .. }), "{refused}");

    assert_eq!(head(&world).await, before);
    let key = world.service.keys.signing.verifying_key();
    let held = held(&world.service).await.expect("held");
    assert_eq!(held.in_force(&key).expect("in force").number, 1);
}

/// The core under its next version, with one change to one of its files.
fn next(name: &str, from: &str, to: &str) -> Vec<(String, PackFiles)> {
    let mut packs = core("2026.12.1", "", "");
    let text = String::from_utf8(packs[0].1.get(name).expect("a file").to_vec()).expect("text");
    assert!(text.contains(from), "{name}: {from}");
    packs[0].1.put(name, text.replacen(from, to, 1).into_bytes()).expect("room");
    packs
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_or_a_consent_text_keeps_its_words_as_long_as_it_keeps_its_version() {
    let world = World::new().await;
    publish(&world.service, &both(), false).await.expect("published");
    let before = head(&world).await;
    const PHQ_9: &str = "questionnaire https://caravan.invalid/fhir/Questionnaire/phq-9|1.0.0";
    for (name, from, to, told) in [
        ("questionnaires/phq-9.json", "Poor appetite or overeating", "Poor appetite", PHQ_9),
        ("questionnaires/phq-9.json", "\"display\": \"Not at all\"", "\"display\": \"Never\"", PHQ_9),
        ("questionnaires/scoring.json", "I called 988 or 911", "I called 911", PHQ_9),
        ("consent.json", "You may call me", "You may ring me", "consent 2026-11 in en"),
    ] {
        let refused = publish(&world.service, &next(name, from, to), false).await.expect_err("refused");
        let is_told = matches!(&refused, PublishError::Rewritten(other) if other == told);
        assert!(is_told, "{refused}");
    }
    assert_eq!(head(&world).await, before);

    let mut packs = next("questionnaires/phq-9.json", "Poor appetite or overeating", "Poor appetite");
    let form = String::from_utf8(packs[0].1.get("questionnaires/phq-9.json").expect("a file").to_vec());
    let renewed = form.expect("text").replacen("\"version\": \"1.0.0\"", "\"version\": \"1.0.1\"", 1);
    packs[0].1.put("questionnaires/phq-9.json", renewed.into_bytes()).expect("room");
    publish(&world.service, &packs, false).await.expect("a new version of the form");
    publish(&world.service, &both(), true).await.expect("what was published before comes back as it was");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_the_release_before_takes_this_one() {
    let world = World::new().await;
    let before = core("2026.11.1", "Check it once a year.", "Check it now and then.");
    publish(&world.service, &before, false).await.expect("the release before");
    publish(&world.service, &both(), false).await.expect("this one");
    let key = world.service.keys.signing.verifying_key();
    let in_force = held(&world.service).await.expect("held").in_force(&key).expect("in force");
    assert_eq!(in_force.content.name(), "caravan-core 2026.11.3 + gulf-sample 1.0.2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_version_takes_over_and_one_can_go_back() {
    let world = World::new().await;
    publish(&world.service, &both(), false).await.expect("published");
    let newer = core("2026.12.1", "once a year", "every year");
    let published = publish(&world.service, &newer, false).await.expect("published");
    assert_eq!(published.number, 2);
    let key = world.service.keys.signing.verifying_key();
    let now = held(&world.service).await.expect("held").in_force(&key).expect("in force");
    let told: Vec<String> = diff(embedded(), &now.content).iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0]
            .starts_with("handout bp-normal, item: was Your blood pressure is normal. Check it once a year.")
    );

    assert!(matches!(publish(&world.service, &both(), false).await, Err(PublishError::Older { .. })));
    let back = publish(&world.service, &both(), true).await.expect("published");
    assert_eq!(back.number, 3);
    let held = held(&world.service).await.expect("held");
    assert_eq!((held.releases.len(), held.in_force(&key).expect("in force").number), (3, 3));
    assert_eq!(world.quarantine().await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn adoption_tells_what_each_device_last_asked_under() {
    let world = World::new().await;
    world.plan(VAN, crate::testing::SITE, "2026-11-23").await;
    let mut one = world.device(VAN).await;
    let mut two = world.device(VAN).await;
    let ask =
        |device: &mut crate::testing::TestDevice, byte: u8, pack: Option<&str>, form: &str, minutes: i64| {
            let response = QuestionnaireResponse {
                questionnaire: Some(format!("https://caravan.invalid/fhir/Questionnaire/{form}")),
                pack: pack.map(str::to_owned),
                ..QuestionnaireResponse::default()
            };
            let at = Timestamp::from_milliseconds(NOON + minutes * 60_000);
            let fact = response.fact(FactId::from_bytes([byte; 16]), RecordId::from_bytes([9; 16]), at, None);
            let site = device.site();
            device.write(site, vec![Operation::Fact(fact)]);
        };
    ask(&mut one, 1, None, "phq-2|1.0.0", 0);
    ask(&mut one, 2, Some("caravan-core 2026.11.3"), "phq-2|1.0.0", 5);
    ask(&mut one, 3, Some("caravan-core 2026.11.3"), "phq-2|1.0.0", 6);
    ask(&mut one, 4, Some("caravan-core 2026.12.1"), "phq-2|1.1.0", 9);
    world.push(&mut one).await.expect("delivered");
    let _ = world.push(&mut two).await;
    let adoption = adoption(&world.service).await.expect("read");
    assert_eq!(adoption.len(), 2);
    let told: Vec<(&str, usize)> =
        adoption[0].asked.iter().map(|asked| (asked.release.as_str(), asked.responses)).collect();
    assert_eq!(told, [("caravan-core 2026.12.1", 1), ("caravan-core 2026.11.3", 2), ("before packs", 1)]);
    assert_eq!(adoption[0].asked[1].forms.get("phq-2|1.0.0"), Some(&2));
    assert!(adoption[1].asked.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_of_gaps_knows_the_rules_in_force() {
    let world = World::new().await;
    let file = b"member_number,gap_id,due_since\nM-1,LIPID,2026-01-01\n".to_vec();
    let is_unknown_rule = async |world: &World| {
        let options = crate::import::ImportOptions { dry_run: true, ..Default::default() };
        let kind = crate::planner::ImportKind::Gaps;
        let report = crate::import::run(&world.service, kind, file.clone(), options).await.expect("read");
        report
            .problems
            .iter()
            .any(|problem| problem.to_string().contains("is not in the catalog of care gaps"))
    };
    assert!(!is_unknown_rule(&world).await);
    let mut packs = both();
    let changes = br#"{"off": [{"gap": "LIPID", "reason": "the region's laboratory sends it"}]}"#;
    packs[1].1.put("changes.json", changes.to_vec()).expect("put");
    publish(&world.service, &packs, false).await.expect("published");
    assert!(is_unknown_rule(&world).await, "the region switched it off");
}
