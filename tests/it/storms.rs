//! A small piece of each storm, that the storms would notice what they look for, and a named test for each fault that
//! one of them found.

use app::apply::{Intent, LocalChange, apply_local, apply_page};
use app::store::{MetaReads, RecordReads, Store, StoreError};
use shared::domain::person::{Person, person_fields};
use shared::ids::{DeviceNumber, PersonId, RecordId, Sequence};
use shared::merge::{Author, RecordState};
use shared::protocol::{PullPage, Standing, StateEntry};
use shared::record::FieldType;
use std::time::{Duration, Instant};
use tests::plain::{self, BUCKET, FIRST_DEVICE, STAFF};
use tests::sample::Seeded;
use tests::storm::disk::{self, Disk, Fault, Image, Mounted, NOON, mount};
use tests::storm::{Budget, Case, Plan, Report, STORMS, Storm, kill, six};

fn report(storm: &Storm, count: u64) -> Report {
    // Set by whichever test comes first: all name the same program.
    drop(kill::PROGRAM.set(env!("CARGO_BIN_EXE_storm").into()));
    let plan = Plan { seed: 1, budget: Budget::Count(count), threads: 1 };
    let row = plan.run_one(storm, 1);
    assert!(row.report.tried >= count || !row.report.findings.is_empty(), "{} tried too little", storm.name);
    row.report
}

fn findings(storm: &Storm, count: u64) -> Vec<String> {
    report(storm, count).findings
}

#[test]
fn a_breeze_of_each_storm_finds_nothing() {
    for storm in STORMS.iter().filter(|storm| storm.name != six::SIX.name) {
        let count = match storm.group {
            "kill" => 8,
            _ => 20,
        };
        assert_eq!(findings(storm, count), Vec::<String>::new(), "{}", storm.name);
    }
}

/// Nine vans share five places, and lines that stall hold all of them: the others are told when to come back.
#[test]
fn a_small_fleet_comes_back_at_six_and_whoever_must_wait_is_told_for_how_long() {
    let report = report(&six::SIX, 20);
    assert_eq!(report.findings, Vec::<String>::new());
    let told = report.peaks.iter().find(|(name, _)| *name == "bad lines: told to wait");
    assert!(told.is_some_and(|(_, count)| *count > 0), "{:?}", report.peaks);
}

#[test]
fn saves_that_are_acknowledged_too_early_are_noticed() {
    let found = findings(&disk::CARELESS, 300);
    assert!(found.iter().any(|finding| finding.contains("LOST")), "{found:?}");
}

/// All that was asked of every disk, what became of it and what was counted: a case is its seed and its number. Those
/// of real processes and sockets are not among them: they are killed, and late, when the machine gets to it.
#[test]
fn the_same_seed_gives_the_same_run_and_another_seed_another() {
    let within = |storm: &&Storm| storm.group != "kill" && storm.name != six::SIX.name;
    let storms: Vec<&Storm> = STORMS.iter().filter(within).collect();
    assert_eq!(storms.len(), 7);
    for storm in storms {
        let run = |seed| {
            let report = (storm.case)(&Case { seed, number: 2, size: 40 });
            assert_eq!(report.findings, Vec::<String>::new(), "{}", storm.name);
            (report.tried, report.counts, report.trace)
        };
        let (first, again, other) = (run(5), run(5), run(6));
        assert!(first.2.events > 100, "{}: {:?}", storm.name, first.2);
        assert_eq!(first, again, "{}", storm.name);
        assert_ne!(first.2, other.2, "{}", storm.name);
    }
}

fn person(number: u128) -> RecordId {
    PersonId::from_uuid(uuid::Uuid::from_u128(number)).into()
}

fn save(store: &mut Store, number: u128) -> Result<(), StoreError> {
    let values = vec![(person_fields::given_name.into(), "Ana".to_owned().to_value())];
    let intents = vec![Intent::Set { record: person(number), kind: Person::KIND.number, values }];
    let change = LocalChange { staff: STAFF, bucket: BUCKET, about: None, intents };
    apply_local(store, change, NOON).map(drop)
}

fn open(mounted: &Mounted) -> Result<Store, StoreError> {
    Store::open(&mounted.path("records.db"), &plain::data_key())
}

fn enrolled() -> Image {
    let mounted = mount(Disk::default());
    drop(plain::device(&mounted.path("records.db"), FIRST_DEVICE, None).expect("a good disk"));
    mounted.disk.image()
}

/// Found by `device-faults`: a migration and the note that it was made were two transactions.
#[test]
fn a_first_start_that_is_cut_anywhere_starts_again() {
    let mut cuts = 0;
    for at in 1.. {
        let mounted = mount(Disk::default());
        mounted.disk.plan(Fault::cut(at));
        drop(open(&mounted));
        if !mounted.disk.fault().has_struck {
            break;
        }
        cuts += 1;
        for left in [mounted.disk.image(), mounted.disk.survivors(&mut Seeded(at))] {
            let mounted = mount(Disk::from_image(&left));
            let store = open(&mounted).unwrap_or_else(|error| panic!("cut at {at}: {error}"));
            assert!(store.identity().expect("read").is_none());
        }
    }
    assert!(cuts > 20, "{cuts} cuts");
}

/// Found by `device-faults`: after one failed read the connection said "out of memory" for ever.
#[test]
fn one_failed_read_does_not_end_the_days_work() {
    let image = enrolled();
    let mut failed = 0;
    for at in 1..60 {
        let mounted = mount(Disk::from_image(&image));
        mounted.disk.plan(Fault::broken(at));
        let Ok(mut store) = open(&mounted) else { continue };
        failed += u32::from(save(&mut store, 1).is_err());
        mounted.disk.plan(Fault::none());
        save(&mut store, 2).unwrap_or_else(|error| panic!("after a fault at {at}: {error}"));
        assert!(store.has_record(person(2)).expect("read"));
    }
    assert!(failed > 0);
}

/// Found by `device-faults`: it was called a schema that this version cannot read, or a wrong key.
#[test]
fn a_disk_that_fails_or_is_full_at_the_start_is_called_that() {
    let used = enrolled();
    for (image, fault) in [(Image::default(), Fault::full as fn(u64) -> Fault), (used, Fault::broken)] {
        for at in 1..80 {
            let mounted = mount(Disk::from_image(&image));
            mounted.disk.plan(fault(at));
            match open(&mounted) {
                Ok(_) | Err(StoreError::Full | StoreError::Sqlite(_)) => {}
                Err(error) => panic!("a fault at {at} is called: {error}"),
            }
        }
    }
}

/// A save goes through between two steps of a page, however long the page is.
#[test]
fn a_save_is_not_starved_while_a_large_page_is_merged() {
    const PEOPLE: u128 = 12_000;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("records.db");
    let mut screens = plain::device(&path, FIRST_DEVICE, None).expect("a device");
    let author =
        Author { device: DeviceNumber(1), sequence: Sequence(1), stamp: Default::default(), staff: STAFF };
    let entry = |number: u128| {
        let mut state = RecordState::new(Person::KIND.number);
        let values = vec![(person_fields::given_name.into(), "Ana".to_owned().to_value())];
        let edit = state.edit(person(number), values);
        edit.puts.into_iter().for_each(|put| state.apply(author, put));
        StateEntry { bucket: BUCKET, record: person(number), state: state.encode() }
    };
    let page = PullPage {
        server_time: NOON,
        epoch: 1,
        acknowledged: plain::identity(FIRST_DEVICE, None).genesis(),
        standing: Standing::Active,
        cursor: vec![1],
        complete: true,
        states: (1..=PEOPLE).map(entry).collect(),
        facts: vec![],
        forget: vec![],
        rejected: vec![],
        decided: vec![],
        renew_certificate: false,
    };
    let mut sync = Store::open(&path, &plain::data_key()).expect("opened twice");
    let begun = Instant::now();
    let merging = std::thread::spawn(move || {
        let unreadable = apply_page(&mut sync, &page, NOON);
        (unreadable, begun.elapsed())
    });
    let (mut saves, mut longest) = (0, Duration::ZERO);
    while !merging.is_finished() {
        let asked = Instant::now();
        save(&mut screens, PEOPLE + 1 + saves).expect("saved");
        longest = longest.max(asked.elapsed());
        saves += 1;
    }
    let (unreadable, took) = merging.join().expect("no panic");
    assert_eq!(unreadable.expect("merged"), 0);
    assert!(saves >= 4, "{saves} saves while {PEOPLE} people came in {took:?}");
    assert!(longest < took / 2, "a save waited {longest:?} of the {took:?} that merging took");
    assert!(screens.has_record(person(PEOPLE)).expect("read"), "the page came in whole");
    assert!(screens.has_record(person(PEOPLE + saves)).expect("read"), "so did the last save");
}
