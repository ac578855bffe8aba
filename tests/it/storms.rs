//! A small piece of each storm, that the storms would notice what they look for, and a named test for each fault that
//! one of them found.

use app::apply::{Intent, LocalChange, apply_local, apply_page};
use app::store::{MetaReads, Reads, RecordReads, Store, StoreError};
use shared::domain::person::{Person, person_fields};
use shared::ids::{DeviceNumber, PersonId, RecordId, Sequence};
use shared::merge::{Author, RecordState};
use shared::protocol::{PullPage, Standing, StateEntry};
use shared::record::FieldType;
use std::time::{Duration, Instant};
use tests::plain::{self, BUCKET, FIRST_DEVICE, STAFF};
use tests::sample::Seeded;
use tests::storm::disk::{self, Disk, Fault, Image, Mounted, NOON, mount};
use tests::storm::{Budget, Case, Plan, Report, STORMS, Storm, kill, six, world};

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

/// A checker that cannot fail is worth nothing: each is shown a fault of its own kind, until it tells of it.
#[test]
fn a_fault_that_is_put_into_a_storm_is_noticed() {
    // Set by whichever test comes first: all name the same program.
    drop(kill::PROGRAM.set(env!("CARGO_BIN_EXE_storm").into()));
    let planted: [(&Storm, u64, &[&str]); 10] = [
        (&disk::CARELESS, 300, &["LOST"]),
        (&disk::LYING_MORNING, 300, &["LOST"]),
        (&disk::LYING_CUTS, 100, &["LOST"]),
        (&disk::LYING_EVENING, 300, &["LOST"]),
        (&kill::HASTY, 40, &["LOST", "is not what was acknowledged"]),
        (&world::LYING, 40, &["LOST", "is taken for a copy"]),
        (&world::UNFOUND, 20, &["person_word"]),
        (&world::ALTERED, 20, &["is not what was written"]),
        (&world::ALTERED_AT_OFFICE, 20, &["on the server is not what was written"]),
        (&world::KEPT, 60, &["was to be forgotten"]),
    ];
    for (storm, size, words) in planted {
        let found = |number| (storm.case)(&Case { seed: 1, number, size }).findings;
        let is_told = |finding: &String| words.iter().any(|word| finding.contains(word));
        // The fourth world is far, and is not needed.
        let told: Vec<Vec<String>> =
            (0..3).map(found).take_while(|found| !found.iter().any(is_told)).collect();
        assert!(told.len() < 3, "{}: {told:?}", storm.name);
    }
}

/// All that was asked of every disk, what became of it and what was counted: a case is its seed and its number. Those
/// of real processes and sockets are not among them: they are killed, and late, when the machine gets to it.
#[test]
fn the_same_seed_gives_the_same_run_and_another_seed_another() {
    // The fourth world is far: vans are away for days.
    let cases = |storm: &Storm| match storm.name {
        "world" => vec![2, 3],
        _ => vec![2],
    };
    let within = |storm: &&Storm| storm.group != "kill" && storm.name != six::SIX.name;
    let storms: Vec<&Storm> = STORMS.iter().filter(within).collect();
    assert_eq!(storms.len(), 7);
    for storm in storms {
        for number in cases(storm) {
            let run = |seed| {
                let report = (storm.case)(&Case { seed, number, size: 40 });
                assert_eq!(report.findings, Vec::<String>::new(), "{} {number}", storm.name);
                (report.tried, report.counts, report.trace)
            };
            let (first, again, other) = (run(5), run(5), run(6));
            assert!(first.2.events > 100, "{}: {:?}", storm.name, first.2);
            assert_eq!(first, again, "{} {number}", storm.name);
            assert_ne!(first.2, other.2, "{} {number}", storm.name);
        }
    }
}

/// A run to the aim that is cut short says so: whatever was tried by then, whole mornings are played.
#[test]
fn a_run_to_the_aim_plays_every_round_or_says_which_are_missing() {
    fn two_of_three(case: &Case) -> Report {
        let mut report = Report { tried: 50, ..Report::default() };
        report.count("rounds", u64::from(case.number != 1));
        report
    }
    let storm = Storm { aim: 40, rounds: Some(("rounds", 3)), case: two_of_three, ..disk::DEVICE_FAULTS };
    let run = |budget| Plan { seed: 1, budget, threads: 1 }.run_one(&storm, 1).report;
    let whole = run(Budget::Aims(1.0));
    assert_eq!((whole.tried, whole.findings.len()), (150, 1), "{:?}", whole.findings);
    assert!(whole.findings[0].starts_with("2 rounds of 3"), "{:?}", whole.findings);
    let piece = run(Budget::Count(20));
    assert_eq!((piece.tried, piece.findings.len()), (50, 0), "{:?}", piece.findings);
}

/// What SQLite believes to be on the platters after a flush that failed, a disk has lost: a storm that forgave it would
/// find nothing.
#[test]
fn what_a_failed_flush_lost_no_later_flush_brings_back() {
    let image = enrolled();
    let lost = (1..200).filter(|at| {
        let mounted = mount(Disk::from_image(&image));
        let Ok(store) = open(&mounted) else { return false };
        store.connection().pragma_update(None, "synchronous", "NORMAL").expect("a setting");
        let mut store = store;
        if save(&mut store, 1).is_err() {
            return false;
        }
        mounted.disk.plan(Fault::broken(*at));
        // Its failure is told; whoever goes on believes that the earlier save is flushed with the next one.
        let _ = store.connection().execute_batch("PRAGMA wal_checkpoint(PASSIVE)");
        let has_struck = mounted.disk.fault().has_struck;
        mounted.disk.plan(Fault::none());
        store.connection().pragma_update(None, "synchronous", "FULL").expect("a setting");
        let is_saved = save(&mut store, 2).is_ok();
        let left = mounted.disk.survivors(&mut Seeded(*at));
        drop(store);
        let mounted = mount(Disk::from_image(&left));
        let store = open(&mounted).expect("a whole file");
        has_struck && is_saved && !store.has_record(person(2)).expect("read")
    });
    assert!(lost.count() > 0);
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
    assert!(saves <= PEOPLE / 8, "merging was starved: {saves} saves before {PEOPLE} people were there");
    assert!(longest < took / 2, "a save waited {longest:?} of the {took:?} that merging took");
    assert!(screens.has_record(person(PEOPLE)).expect("read"), "the page came in whole");
    assert!(screens.has_record(person(PEOPLE + saves)).expect("read"), "so did the last save");
}
