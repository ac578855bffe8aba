//! The demonstration day from its files: read, written, read again, corrected by a van and read once more.

use super::{ImportOptions, Report, run};
use crate::planner::ImportKind;
use crate::store::Store;
use crate::testing::{REGION, VAN, World};
use shared::change::{Bucket, Operation};
use shared::domain::person::{Person, person_fields};
use shared::domain::route::{RosterEntry, Site, Stop};
use shared::ids::{RecordId, SiteId};
use shared::record::{FieldKey, KindNumber, Value};

fn demo(name: &str) -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/demo").join(name);
    std::fs::read(path).expect("the demonstration's files are in the tree")
}

const FILES: [(ImportKind, &str); 5] = [
    (ImportKind::Staff, "staff.csv"),
    (ImportKind::Employers, "employers.csv"),
    (ImportKind::Schedule, "schedule.csv"),
    (ImportKind::Roster, "roster.csv"),
    (ImportKind::Gaps, "gaps.csv"),
];

async fn import(world: &World, kind: ImportKind, bytes: Vec<u8>, options: ImportOptions) -> Report {
    run(&world.service, kind, bytes, options).await.expect("a store")
}

async fn import_day(world: &World) -> Vec<Report> {
    let mut reports = Vec::new();
    for (kind, file) in FILES {
        reports.push(import(world, kind, demo(file), ImportOptions::default()).await);
    }
    reports
}

fn id(kind: KindNumber, parts: &[&str]) -> RecordId {
    crate::planner::natural_id(REGION, kind, parts)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_day_is_read_and_reading_it_again_changes_nothing() {
    let world = World::new().await;
    for report in import_day(&world).await {
        assert!(report.is_written && report.problems.is_empty(), "{report}");
        assert!(report.new > 0 && report.unchanged == 0, "{report}");
    }
    assert_eq!(world.quarantine().await, []);
    let steel: SiteId = id(Site::KIND.number, &["STEEL-1"]).into();
    let entries =
        world.store.members_of_kind(Bucket::Site(steel), RosterEntry::KIND.number).await.expect("entries");
    assert_eq!(entries.len(), 420);
    let head = world.store.chain(shared::ids::DeviceNumber(1)).await.expect("it").expect("it").head;
    for report in import_day(&world).await {
        assert!(
            report.is_taken && report.new == 0 && report.changed == 0 && report.unchanged > 0,
            "{report}"
        );
    }
    assert_eq!(world.store.chain(shared::ids::DeviceNumber(1)).await.expect("it").expect("it").head, head);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_van_gets_its_day_and_the_people_of_its_sites() {
    let world = World::new().await;
    import_day(&world).await;
    let van = id(shared::domain::route::Van::KIND.number, &["VAN-01"]);
    let mut device = world.device(van.into()).await;
    world.pull(&mut device).await;
    let count = |kind: KindNumber| device.states.values().filter(|state| state.kind == kind).count();
    assert_eq!(count(Stop::KIND.number), 2);
    assert_eq!(count(Person::KIND.number), 680);
    let stop =
        device.states.values().find(|state| state.kind == Stop::KIND.number).map(Stop::read).expect("a stop");
    assert_eq!(stop.offset_minutes_east, Some(-300));
    let mut stranger = world.device(VAN).await;
    world.pull(&mut stranger).await;
    assert_eq!(stranger.states.values().filter(|state| state.kind == Person::KIND.number).count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_did_not_change_never_undoes_what_a_van_corrected() {
    let world = World::new().await;
    import_day(&world).await;
    let van = id(shared::domain::route::Van::KIND.number, &["VAN-01"]);
    let mut device = world.device(van.into()).await;
    world.pull(&mut device).await;
    let person = id(Person::KIND.number, &["SSW-1", "10001"]);
    let steel: SiteId = id(Site::KIND.number, &["STEEL-1"]).into();
    let phone = |text: &str| [(person_fields::phone.into(), Value::Text(text.into()))];
    let edit = device.states[&person].edit(person, phone("555-555-0199"));
    device.write(Bucket::Site(steel), vec![Operation::Edit(edit)]);
    world.push(&mut device).await.expect("durable");
    world.fold().await;
    let shown = async || Person::read(&world.record(person).await.expect("it")).phone;
    let report = import(&world, ImportKind::Roster, demo("roster.csv"), ImportOptions::default()).await;
    assert_eq!((report.changed, shown().await.as_deref()), (0, Some("555-555-0199")));
    let text =
        String::from_utf8(demo("roster.csv")).expect("text").replacen("555-555-0106", "555-555-0111", 1);
    let report = import(&world, ImportKind::Roster, text.into_bytes(), ImportOptions::default()).await;
    assert_eq!((report.changed, shown().await.as_deref()), (1, Some("555-555-0111")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_condition_that_a_van_took_back_stays_taken_back() {
    let world = World::new().await;
    import_day(&world).await;
    let van = id(shared::domain::route::Van::KIND.number, &["VAN-01"]);
    let mut device = world.device(van.into()).await;
    world.pull(&mut device).await;
    let person = id(Person::KIND.number, &["SSW-1", "10029"]);
    let steel: SiteId = id(Site::KIND.number, &["STEEL-1"]).into();
    let shown =
        async || Person::read(&world.record(person).await.expect("it")).conditions.unwrap_or_default();
    assert_eq!(shown().await, ["38341003"], "the roster says hypertension");
    let gone = [(FieldKey::member(person_fields::conditions, "38341003"), Value::Boolean(false))];
    let edit = device.states[&person].edit(person, gone);
    device.write(Bucket::Site(steel), vec![Operation::Edit(edit)]);
    world.push(&mut device).await.expect("durable");
    world.fold().await;
    let report = import(&world, ImportKind::Roster, demo("roster.csv"), ImportOptions::default()).await;
    assert_eq!((report.changed, shown().await), (0, vec![]));
    let text = String::from_utf8(demo("roster.csv")).expect("text");
    let line = text.lines().find(|line| line.contains(",10029,")).expect("a line");
    let other = text.replacen(line, &line.replace("hypertension", "diabetes"), 1).into_bytes();
    let report = import(&world, ImportKind::Roster, other, ImportOptions::default()).await;
    assert_eq!((report.changed, shown().await), (1, vec!["73211009".to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_on_a_dry_run_or_beside_a_bad_row() {
    let world = World::new().await;
    for (kind, file) in &FILES[..3] {
        import(&world, *kind, demo(file), ImportOptions::default()).await;
    }
    let head = async || {
        world.store.chain(shared::ids::DeviceNumber(1)).await.expect("it").expect("it").head.sequence
    };
    let before = head().await;
    let dry = ImportOptions { dry_run: true, ..Default::default() };
    let report = import(&world, ImportKind::Roster, demo("roster.csv"), dry).await;
    assert!(report.is_taken && !report.is_written && report.new > 900, "{report}");
    let report = import(&world, ImportKind::Roster, demo("bad-roster.csv"), ImportOptions::default()).await;
    assert!(!report.is_taken && report.problems.len() >= 30, "{report}");
    assert_eq!(head().await, before);
    let skip = ImportOptions { skip_bad: true, ..Default::default() };
    let report = import(&world, ImportKind::Roster, demo("bad-roster.csv"), skip).await;
    assert!(report.is_written && report.new > 0, "{report}");
    assert!(head().await > before);
}

async fn days_before_the_roster() -> World {
    let world = World::new().await;
    for (kind, file) in &FILES[..3] {
        import(&world, *kind, demo(file), ImportOptions::default()).await;
    }
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_foretells_what_the_same_options_do() {
    let world = days_before_the_roster().await;
    let bad = async |dry_run, skip_bad| {
        let options = ImportOptions { dry_run, skip_bad, ..ImportOptions::default() };
        let report = import(&world, ImportKind::Roster, demo("bad-roster.csv"), options).await;
        (report.is_taken, report.is_written, report.to_string())
    };
    let (is_taken, is_written, said) = bad(true, false).await;
    assert!(!is_taken && !is_written, "{said}");
    assert!(said.contains("nothing would be written, because of the bad rows"), "{said}");
    let (is_taken, is_written, said) = bad(true, true).await;
    assert!(is_taken && !is_written, "{said}");
    assert!(said.contains("without --dry-run this would be written"), "{said}");
    assert!(!bad(false, false).await.0);
    let (is_taken, is_written, said) = bad(false, true).await;
    assert!(is_taken && is_written && said.ends_with("; written"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_row_is_told_however_many_there_are() {
    let world = days_before_the_roster().await;
    let rows = 1_073;
    let mut file = "code,name,role\n".to_owned();
    (0..rows).for_each(|row| file.push_str(&format!("S-{row},Sample Person {row},astronaut\n")));
    let report = import(&world, ImportKind::Staff, file.into_bytes(), ImportOptions::default()).await;
    assert_eq!(report.problems.len(), rows);
    let said = report.to_string();
    for line in [2, 202, rows + 1] {
        assert!(said.contains(&format!("line {line}, role")), "line {line} is not told: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_without_its_header_is_not_taken_in_part() {
    let world = days_before_the_roster().await;
    for skip_bad in [false, true] {
        let options = ImportOptions { skip_bad, ..ImportOptions::default() };
        let report = import(&world, ImportKind::Roster, b"first,last\nAna,Sample\n".to_vec(), options).await;
        assert!(!report.is_taken && !report.is_written && !report.problems.is_empty(), "{report}");
        let said = report.to_string();
        assert!(said.ends_with("roster: the file cannot be read; nothing written"), "{said}");
        assert!(!said.contains("--skip-bad"), "{said}");
    }
}
