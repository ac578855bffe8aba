//! Stories of protocol packs between an office and a van: published, worked under, replaced in the middle of a form, and
//! what the van's own rules make of a visit.

use crate::world::{World, begin_visit, claim, gap, walk_up};
use app::capture::{Desk, GapDecision};
use app::store::{MetaReads, RecordReads};
use shared::change::{Bucket, Operation};
use shared::content::Language;
use shared::content::pack::{PACKS, PackFiles, Sealed, embedded, embedded_files};
use shared::content::questionnaire::{Answer, Answers, Questionnaire};
use shared::domain::care_gap::{CareGap, GapStatus};
use shared::domain::due::{Claim, Suggestion, Verdict};
use shared::domain::past_care::CareSource;
use shared::draft::VitalDraft;
use shared::ids::{CareGapId, RegionId};
use shared::time::PartialDate;
use std::path::{Path, PathBuf};
use sync_server::ledger::{self, Entry};
use sync_server::packs::{adoption, publish, read_folders};
use tests::plain::{BUCKET, FIRST_DEVICE, STAFF};

const FIRST: &str = "caravan-core 2026.11.3 + gulf-sample 1.0.2";
const SECOND: &str = "caravan-core 2026.12.1 + gulf-sample 1.0.2";

pub async fn release(world: &World, packs: &[(String, PackFiles)]) {
    publish(&world.server.service, packs, false).await.expect("published");
}

pub fn project_packs() -> Vec<(String, PackFiles)> {
    let content: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/content");
    read_folders(&[content.join("core"), content.join("overlays/gulf-sample")])
        .expect("the project's own packs")
}

/// The packs of next month: the same, with another version of one form.
fn next_month() -> Vec<(String, PackFiles)> {
    let mut packs = project_packs();
    for (name, from, to) in [
        ("pack.json", "\"2026.11.3\"", "\"2026.12.1\""),
        ("questionnaires/phq-2.json", "\"version\": \"1.0.0\"", "\"version\": \"1.1.0\""),
    ] {
        let text = String::from_utf8(packs[0].1.get(name).expect("a file").to_vec()).expect("text");
        assert!(text.contains(from), "{name}");
        packs[0].1.put(name, text.replacen(from, to, 1).into_bytes()).expect("put");
    }
    packs
}

fn all_no(form: &Questionnaire) -> Answers {
    let mut answers = Answers::new();
    while let Some(item) = form.next_item(&answers) {
        let first = item.options[0].coding.code.clone();
        answers.record(form, &item.link_id.clone(), Answer::code(first)).expect("an offered option");
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_begun_under_an_old_release_is_finished_under_it() {
    let world = World::of(2).await;
    assert_eq!(
        world.desk(FIRST_DEVICE).packs().expect("packs").current(),
        embedded(),
        "nothing was published yet"
    );
    release(&world, &project_packs()).await;
    world.settle(FIRST_DEVICE).await;
    let mut desk = world.desk(FIRST_DEVICE);
    let begun = desk.packs().expect("packs");
    assert_eq!(begun.current().name(), FIRST);
    let person = walk_up(&mut desk, "1970-01-01");
    let visit = begin_visit(&mut desk, person);
    let form = begun.current().form("phq-2").expect("a form");

    release(&world, &next_month()).await;
    world.settle(FIRST_DEVICE).await;
    let now = desk.packs().expect("packs");
    assert_eq!(now.current().name(), SECOND, "the open desk sees it without a new sign-in");
    desk.record_response(visit, form, &all_no(form), Language::English).expect("the old form is finished");
    let newer = now.current().form("phq-2").expect("a form");
    desk.record_response(visit, newer, &all_no(newer), Language::English).expect("the new one is asked");
    let view = desk.visit(visit).expect("a visit");
    let asked: Vec<(&str, &str)> = view
        .responses
        .iter()
        .rev()
        .map(|(_, response)| {
            let canonical = response.questionnaire.as_deref().expect("a form");
            (canonical.rsplit('/').next().expect("an id"), response.pack.as_deref().expect("a release"))
        })
        .collect();
    assert!(asked.contains(&("phq-2|1.0.0", FIRST)) && asked.contains(&("phq-2|1.1.0", SECOND)), "{asked:?}");
    for (_, response) in &view.responses {
        let canonical = response.questionnaire.as_deref().expect("a form");
        assert_eq!(view.packs.form_of(canonical).expect("every version is at hand").canonical(), canonical);
    }

    world.settle(FIRST_DEVICE).await;
    assert_eq!(world.store(FIRST_DEVICE).rejected().expect("read"), [], "an old form never fails a sync");
    let adoption = adoption(&world.server.service).await.expect("read");
    let told: Vec<&str> = adoption[0].asked.iter().map(|asked| asked.release.as_str()).collect();
    assert!(told.contains(&FIRST) && told.contains(&SECOND), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_that_this_build_does_not_understand_is_passed_over() {
    let world = World::of(2).await;
    release(&world, &project_packs()).await;
    let mut files = embedded_files();
    let form =
        String::from_utf8(files.get("questionnaires/phq-2.json").expect("a file").to_vec()).expect("text");
    files
        .put("questionnaires/phq-2.json", form.replacen("\"choice\"", "\"slider\"", 1).into_bytes())
        .expect("put");
    let service = &world.server.service;
    let sealed =
        Sealed::seal(&[("core".to_owned(), files)], embedded(), 9, &service.keys.signing).expect("sealed");
    let now = app::platform::now();
    let bucket = Bucket::Content(RegionId(1));
    let mut facts: Vec<_> =
        sealed.parts.iter().map(|part| part.fact(part.fact_id(), PACKS, now, None)).collect();
    facts.push(sealed.release.fact(sealed.release.fact_id(), PACKS, now, None));
    let entries: Vec<Entry> =
        facts.into_iter().map(|fact| Entry { bucket, operations: vec![Operation::Fact(fact)] }).collect();
    ledger::write(service, STAFF, &entries).await.expect("written");
    world.settle(FIRST_DEVICE).await;
    assert_eq!(world.desk(FIRST_DEVICE).packs().expect("packs").current().name(), FIRST);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_closes_what_it_measured_and_leaves_what_is_still_due() {
    let world = World::of(2).await;
    world.settle(FIRST_DEVICE).await;
    let mut desk = world.desk(FIRST_DEVICE);
    let person = walk_up(&mut desk, "1970-01-01");
    for (rule, byte) in [("BP-SCREEN", 0x71), ("DSF", 0x72), ("BCS", 0x73)] {
        claim(&mut desk, CareGapId::from_bytes([byte; 16]), person, rule);
    }
    let visit = begin_visit(&mut desk, person);
    let of = |desk: &Desk, rule: &str| {
        let due = desk.due(person).expect("due");
        due.into_iter().find(|standing| standing.rule.is_some_and(|known| known.id == rule))
    };
    assert_eq!(of(&desk, "BP-SCREEN").expect("before").claim, Claim::Both);

    let vital = |key: &str, typed: &str| VitalDraft {
        measurement: key.into(),
        typed: typed.into(),
        confirmed: true,
        ..VitalDraft::default()
    };
    let taken = desk
        .record_vitals(visit, &[vital("bp_systolic", "128"), vital("bp_diastolic", "78")], 1)
        .expect("taken");
    let form = embedded().form("phq-2").expect("a form");
    desk.record_response(visit, form, &all_no(form), Language::English).expect("answered");
    let follow_up = GapDecision::FollowUp {
        on: desk.local_day().expect("a day") + chrono::Days::new(14),
        owner: STAFF,
        reason: Some("asks for a letter".into()),
    };
    desk.decide_gap(visit, &gap(&desk, person, CareGapId::from_bytes([0x72; 16])), &follow_up)
        .expect("decided");
    desk.record_past_care(
        visit,
        "fit",
        desk.local_day().expect("a day").to_string().parse().expect("a date"),
        CareSource::Person,
    )
    .expect("recorded");
    let during = of(&desk, "BP-SCREEN").expect("during");
    assert!(matches!(during.suggestion, Suggestion::Close { .. }), "{during:?}");
    let undo = desk.finish(visit).expect("finished");

    let gaps = desk.person(person).expect("a person").gaps;
    let status = |rule: &str| {
        let found = gaps.iter().find(|gap| gap.gap.rule.as_deref() == Some(rule))?;
        Some((found.gap.status?, found.gap.claimed_by.clone()?, found.gap.closed_by))
    };
    assert_eq!(status("BP-SCREEN"), Some((GapStatus::Closed, "plan".into(), taken.facts.first().copied())));
    assert_eq!(status("DSF").map(|(status, ..)| status), Some(GapStatus::FollowUp), "decided in this visit");
    assert_eq!(
        status("BCS").map(|(status, ..)| status),
        Some(GapStatus::Open),
        "the plan's, and not done here"
    );
    assert_eq!(status("CCS"), Some((GapStatus::Open, "van".into(), None)), "found by the van's own rule");
    assert_eq!(status("COL"), None, "done elsewhere, as the person says");
    assert!(matches!(of(&desk, "COL").expect("after").verdict, Some(Verdict::Met { .. })));

    desk.undo(undo).expect("undone");
    let reopened =
        desk.store().state(CareGapId::from_bytes([0x71; 16]).into()).expect("read").expect("there");
    assert_eq!(
        CareGap::read(&reopened).status,
        Some(GapStatus::Open),
        "undoing the end undoes what it closed"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_closed_by_hand_stays_closed_in_its_visit_whatever_the_rule_says() {
    let world = World::of(2).await;
    world.settle(FIRST_DEVICE).await;
    let mut desk = world.desk(FIRST_DEVICE);
    let person = walk_up(&mut desk, "1970-01-01");
    let id = CareGapId::from_bytes([0x74; 16]);
    let planned = CareGap {
        person: Some(person),
        rule: Some("COL".into()),
        claimed_by: Some("plan".into()),
        status: Some(GapStatus::Open),
        due_since: "2020-01-01".parse().ok(),
        ..CareGap::default()
    };
    let intents = vec![app::apply::Intent::Set {
        record: id.into(),
        kind: CareGap::KIND.number,
        values: planned.values(),
    }];
    let change = app::apply::LocalChange { staff: STAFF, bucket: BUCKET, about: None, intents };
    app::apply::apply_local(desk.store(), change, app::platform::now()).expect("saved");
    let visit = begin_visit(&mut desk, person);
    // Old enough to count no more: the rule says that it is due anew since then.
    let before = PartialDate::Year(PartialDate::Day(desk.local_day().expect("a day")).year() - 3);
    desk.record_past_care(visit, "fit", before, CareSource::Person).expect("recorded");
    let by_hand = GapDecision::Closed { by: None, reason: Some("done last week, as the person says".into()) };
    desk.decide_gap(visit, &gap(&desk, person, id), &by_hand).expect("closed");
    let status = |desk: &Desk| {
        let gaps = desk.person(person).expect("a person").gaps;
        gaps.into_iter().find(|gap| gap.id == id).expect("the gap").gap.status
    };
    assert_eq!(status(&desk), Some(GapStatus::Closed));
    desk.finish(visit).expect("finished");
    let stored = desk.store().state(id.into()).expect("read").expect("there");
    assert_eq!(CareGap::read(&stored).status, Some(GapStatus::Closed));
}
