//! Stories of a remote wipe: what is left of it, and what a wipe that was cut may take with it.

use super::*;
use crate::apply::{Intent, LocalChange, apply_local};
use crate::store::StoreError;
use shared::change::Bucket;
use shared::domain::person::{Person, person_fields};
use shared::ids::{PersonId, Sequence, SiteId};
use shared::record::Value;
use std::time::Duration;

/// Saves one person; the place of it in the log.
fn save(store: &mut Store, id: u8) -> Result<Sequence, StoreError> {
    let values = vec![(person_fields::given_name.into(), Value::Text("Sample".into()))];
    let record = PersonId::from_bytes([id; 16]).into();
    let intents = vec![Intent::Set { record, kind: Person::KIND.number, values }];
    let bucket = Bucket::Site(SiteId::from_bytes([7; 16]));
    let change = LocalChange { staff: STAFF, bucket, about: None, intents };
    apply_local(store, change, platform::now()).map(|applied| applied.expect("a change").sequence)
}

/// As a push does when the server answers.
fn delivered(store: &mut Store, sequence: Sequence) {
    let write = store.write().expect("a transaction");
    write.set_acknowledged(sequence).expect("noted");
    write.commit().expect("on disk");
}

#[test]
fn what_was_erased_opens_with_no_pin_and_may_become_a_device_anew() {
    let device = device();
    admit(&device.keyring);
    let folder = device.data();
    std::fs::write(folder.records(), b"sealed").expect("a file");
    let open_elsewhere = Keyring::open(&folder).expect("a keyring");
    erase(&folder, Sequence(0)).expect("erased");
    assert!(folder.is_erased() && !folder.records().exists());
    for keyring in [&device.keyring, &open_elsewhere, &Keyring::open(&folder).expect("an empty keyring")] {
        let answer = keyring.sign_in(STAFF, &Pin::typed("482915"), platform::now());
        assert!(matches!(answer, Err(SignInError::NotAMember)), "{answer:?}");
    }
    erase::forget(&folder).expect("ready");
    assert!(!folder.is_erased());
    admit(&Keyring::open(&folder).expect("a keyring"));
}

#[test]
fn a_wipe_that_was_cut_after_the_secret_went_goes_on_at_the_next_start() {
    for secret in [None, Some([0; 32])] {
        let device = device();
        admit(&device.keyring);
        let folder = device.data();
        std::fs::write(folder.records(), b"sealed").expect("a file");
        std::fs::write(device.folder.path().join("erased"), "3").expect("the marker");
        let path = device.folder.path().join("device.secret");
        match secret {
            None => std::fs::remove_file(path).expect("the secret is gone"),
            Some(zeros) => std::fs::write(path, zeros).expect("its name was not gone yet"),
        }
        let keyring = Keyring::open(&folder).expect("a keyring");
        assert!(folder.is_erased());
        assert_eq!(keyring.members().expect("members"), []);
    }
}

#[test]
fn a_wipe_that_was_cut_before_that_takes_only_what_is_delivered() {
    // What the marker says, how many were saved since, how far the server has the log; whether it is erased.
    let stories =
        [("2", 0, 2, true), ("2", 1, 2, false), ("2", 1, 3, false), ("2", 0, 1, false), ("", 0, 2, false)];
    for (marker, saved_since, acknowledged, is_erased) in stories {
        let device = device();
        let key = admit(&device.keyring);
        let folder = device.data();
        let mut store = device.enrolled(&key);
        for id in 1..=2 {
            save(&mut store, id).expect("saved");
        }
        std::fs::write(device.folder.path().join("erased"), marker).expect("the marker");
        for id in 3..3 + saved_since {
            save(&mut store, id).expect("saved");
        }
        delivered(&mut store, Sequence(acknowledged));
        drop(store);

        let story = format!("{marker:?}, {saved_since} since, {acknowledged} acknowledged");
        let keyring = Keyring::open(&folder).expect("a keyring");
        assert!(!folder.is_erased(), "{story}: nothing is taken before the file can be read");
        let key = keyring.sign_in(STAFF, &Pin::typed("482915"), platform::now()).expect("signed in");
        match open_records(&folder, &key) {
            Err(error) => assert!(is_erased && matches!(error, StoreError::Erased), "{story}: {error}"),
            Ok(mut store) => {
                assert!(!is_erased, "{story}");
                save(&mut store, 9).expect("work goes on");
            }
        }
        assert_eq!(folder.is_erased(), is_erased, "{story}");
    }
}

#[test]
fn a_folder_whose_wipe_was_cut_is_not_taken_for_an_empty_one() {
    let device = device();
    let key = admit(&device.keyring);
    drop(device.enrolled(&key));
    std::fs::write(device.folder.path().join("erased"), "0").expect("the marker");
    erase::forget(&device.data()).expect("nothing to forget");
    assert!(device.data().records().exists());
}

#[test]
fn a_save_that_waits_while_the_file_is_erased_fails_and_so_does_every_later_one() {
    let device = device();
    let key = admit(&device.keyring);
    let folder = device.data();
    let mut syncing = device.enrolled(&key);
    let (mut waiting, mut later) = (
        Store::open(&folder.records(), &key).expect("the screens' connection"),
        Store::open(&folder.records(), &key).expect("another"),
    );
    let last = save(&mut syncing, 1).expect("saved");
    let write = syncing.write().expect("a transaction");
    let saved = std::thread::scope(|scope| {
        let saving = scope.spawn(|| save(&mut waiting, 2));
        std::thread::sleep(Duration::from_millis(100));
        erase(&folder, last).expect("erased");
        write.end_erased();
        saving.join().expect("nobody panics")
    });
    assert!(matches!(saved, Err(StoreError::Erased)), "{saved:?}");
    assert!(matches!(save(&mut later, 3), Err(StoreError::Erased)));
    assert!(matches!(save(&mut syncing, 4), Err(StoreError::Erased)));
    assert!(!folder.records().exists(), "nobody made it anew");

    // Whoever is enrolled in the same place writes to a file of their own.
    erase::forget(&folder).expect("ready");
    let anew = Keyring::open(&folder).expect("a keyring");
    save(&mut device.enrolled(&admit(&anew)), 1).expect("saved");
    assert!(matches!(save(&mut later, 5), Err(StoreError::Erased)));
}

#[test]
fn a_save_after_another_program_erased_the_file_fails() {
    let device = device();
    let mut store = device.enrolled(&admit(&device.keyring));
    let last = save(&mut store, 1).expect("saved");
    erase(&device.data(), last).expect("erased, with nothing told to this program's connections");
    assert!(matches!(save(&mut store, 2), Err(StoreError::Erased)));
}

#[test]
fn an_order_with_something_saved_after_what_the_server_holds_erases_nothing() {
    let device = device();
    let mut store = device.enrolled(&admit(&device.keyring));
    let last = save(&mut store, 1).expect("saved");
    assert!(!erase::erase_delivered(&device.data(), &mut store, Sequence(last.0 - 1)).expect("looked"));
    let last = save(&mut store, 2).expect("work goes on");
    assert!(erase::erase_delivered(&device.data(), &mut store, last).expect("erased"));
    assert!(device.data().is_erased());
}

/// A folder in the place of a file: it cannot be removed as one.
fn jam(device: &Device, name: &str) {
    let path = device.folder.path().join(name);
    let _ = std::fs::remove_file(&path);
    std::fs::create_dir(path).expect("a folder");
}

#[test]
fn a_wipe_that_fails_before_the_secret_goes_leaves_the_work_and_its_saves() {
    let device = device();
    let key = admit(&device.keyring);
    let folder = device.data();
    let mut store = device.enrolled(&key);
    let held = save(&mut store, 1).expect("saved");
    // Nothing can be written over a secret that is a folder; that it is back stands for a disk that is well again.
    let secret = std::fs::read(device.folder.path().join("device.secret")).expect("the secret");
    jam(&device, "device.secret");
    erase::erase_delivered(&folder, &mut store, held).expect_err("the disk refuses");
    std::fs::remove_dir(device.folder.path().join("device.secret")).expect("well again");
    std::fs::write(device.folder.path().join("device.secret"), secret).expect("the secret");
    save(&mut store, 2).expect("work goes on");
    drop(store);
    let keyring = Keyring::open(&folder).expect("the next start");
    let key = keyring.sign_in(STAFF, &Pin::typed("482915"), platform::now()).expect("signed in");
    let mut store = open_records(&folder, &key).expect("what was saved is there");
    assert_eq!(save(&mut store, 3).expect("saved"), Sequence(3));
}

#[test]
fn a_wipe_that_fails_after_the_secret_went_takes_no_saves_and_is_brought_to_its_end() {
    let device = device();
    let key = admit(&device.keyring);
    let folder = device.data();
    let mut store = device.enrolled(&key);
    let held = save(&mut store, 1).expect("saved");
    jam(&device, "device.mark");
    erase::erase_delivered(&folder, &mut store, held).expect_err("the disk refuses");
    assert!(matches!(save(&mut store, 2), Err(StoreError::Erased)));
    std::fs::remove_dir(device.folder.path().join("device.mark")).expect("well again");
    assert!(erase::erase_delivered(&folder, &mut store, held).expect("erased"));
    assert!(folder.is_erased());
}
