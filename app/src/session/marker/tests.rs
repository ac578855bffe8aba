//! Copies are noticed, and nothing else is.

use super::*;
use crate::apply::{Intent, LocalChange, apply_local};
use crate::store::{DataKey, sample};
use shared::change::Bucket;
use shared::domain::person::{Person, person_fields};
use shared::ids::{PersonId, SiteId, StaffId};
use shared::record::FieldType;

const HERE: [u8; 32] = [1; 32];
const ELSEWHERE: [u8; 32] = [2; 32];

fn folder(path: &Path) -> DataFolder {
    DataFolder::open(path).expect("a folder")
}

fn open(path: &Path) -> Store {
    Store::open(&folder(path).records(), &DataKey::new([3; 32])).expect("a file")
}

/// An enrolled device's folder.
fn device() -> tempfile::TempDir {
    let made = tempfile::tempdir().expect("a temporary folder");
    sample::enrolled(&folder(made.path()).records(), &DataKey::new([3; 32]), &sample::identity(2));
    made
}

fn save(store: &mut Store, name: &str) {
    let person = PersonId::from_bytes([5; 16]);
    let values = vec![(person_fields::given_name.into(), name.to_owned().to_value())];
    let change = LocalChange {
        staff: StaffId::from_bytes([9; 16]),
        bucket: Bucket::Site(SiteId::from_bytes([7; 16])),
        about: None,
        intents: vec![Intent::Set { record: person.into(), kind: Person::KIND.number, values }],
    };
    apply_local(store, change, platform::now()).expect("saved").expect("something new");
}

fn start(path: &Path, machine: &[u8; 32]) -> Checked {
    Marker::check(&folder(path), &mut open(path), machine).expect("looked")
}

fn reason(path: &Path, machine: &[u8; 32]) -> Option<CopyReason> {
    match start(path, machine) {
        Checked::Own(_) => None,
        Checked::Copy(reason) => Some(reason),
    }
}

fn own(path: &Path) -> Marker {
    match start(path, &HERE) {
        Checked::Own(marker) => marker,
        Checked::Copy(reason) => panic!("an alarm without a copy: {reason:?}"),
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        fs::copy(entry.path(), to.join(entry.file_name())).expect("copied");
    }
}

#[test]
fn an_ordinary_day_of_starts_saves_and_kills_never_alarms() {
    let device = device();
    for number in 0..5 {
        // Whoever is killed here wrote the file and not the mark.
        save(&mut open(device.path()), &format!("before {number}"));
        let mut marker = own(device.path());
        let mut store = open(device.path());
        save(&mut store, &format!("after {number}"));
        marker.reach(head_of(&store).expect("read")).expect("marked");
        save(&mut store, &format!("unmarked {number}"));
    }
    own(device.path());
    let mode = fs::metadata(device.path().join(MARK_FILE)).expect("a mark").mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_kill_between_the_first_mark_and_its_number_in_the_file_does_not_alarm() {
    let device = device();
    own(device.path());
    let mut store = open(device.path());
    // As if the kill had come before the number was written into the file.
    let write = store.write().expect("a write");
    write.forget_meta("mark").expect("gone");
    write.commit().expect("committed");
    drop(store);
    own(device.path());
    assert!(open(device.path()).meta("mark").expect("read").is_some(), "the next start makes up for it");
    own(device.path());
}

#[test]
fn a_moved_folder_is_the_same_device() {
    let device = device();
    own(device.path());
    let moved = device.path().with_extension("moved");
    fs::rename(device.path(), &moved).expect("moved");
    own(&moved);
    fs::rename(&moved, device.path()).expect("moved back");
}

#[test]
fn a_copied_folder_is_a_copy_for_ever_and_the_original_is_not() {
    let device = device();
    save(&mut open(device.path()), "original");
    own(device.path());
    let other = tempfile::tempdir().expect("a temporary folder");
    copy_folder(device.path(), other.path());
    assert_eq!(reason(other.path(), &HERE), Some(CopyReason::OtherFile));
    let mut store = open(other.path());
    assert!(store.must_enrol().expect("read"));
    save(&mut store, "work goes on in the copy");
    drop(store);
    assert_eq!(reason(other.path(), &HERE), Some(CopyReason::OtherFile), "it stays one");
    own(device.path());
}

#[test]
fn another_machine_and_a_file_without_its_mark_are_copies() {
    let device = device();
    own(device.path());
    let other = tempfile::tempdir().expect("a temporary folder");
    fs::copy(folder(device.path()).records(), folder(other.path()).records()).expect("only the file");
    assert_eq!(reason(other.path(), &HERE), Some(CopyReason::NoMark));
    assert_eq!(reason(device.path(), &ELSEWHERE), Some(CopyReason::OtherMachine));
}

#[test]
fn an_older_file_put_back_into_its_place_is_noticed() {
    let device = device();
    save(&mut open(device.path()), "yesterday");
    own(device.path());
    let kept = tempfile::tempdir().expect("a temporary folder");
    copy_folder(device.path(), kept.path());
    let mut marker = own(device.path());
    let mut store = open(device.path());
    save(&mut store, "today");
    marker.reach(head_of(&store).expect("read")).expect("before it is sent");
    drop(store);
    // Over the old content, so that it is the same file to the file system.
    for name in ["records.db", "records.db-wal", "records.db-shm"] {
        let (from, to) = (kept.path().join(name), device.path().join(name));
        match from.exists() {
            true => fs::write(&to, fs::read(&from).expect("kept")).expect("put back"),
            false => drop(fs::remove_file(&to)),
        }
    }
    assert_eq!(reason(device.path(), &HERE), Some(CopyReason::OlderFile));
}

#[test]
fn an_older_file_that_wrote_on_has_another_history() {
    let device = device();
    save(&mut open(device.path()), "yesterday");
    own(device.path());
    let before = fs::read(device.path().join(MARK_FILE)).expect("a mark");
    save(&mut open(device.path()), "today");
    own(device.path());
    // The mark of another past: the same length, another change.
    let mut mark: Mark = serde_json::from_slice(&before).expect("a mark");
    mark.sequence = 2;
    write(device.path(), &mark).expect("written");
    assert_eq!(reason(device.path(), &HERE), Some(CopyReason::OtherHistory));
}

#[test]
fn a_mark_never_goes_back() {
    let device = device();
    let mut early = own(device.path());
    let mut store = open(device.path());
    save(&mut store, "one");
    let one = head_of(&store).expect("read");
    let mut late = own(device.path());
    save(&mut store, "two");
    late.reach(head_of(&store).expect("read")).expect("marked");
    early.reach(one).expect("marked");
    assert_eq!(read(device.path()).expect("read").expect("a mark").sequence, 2);
}
