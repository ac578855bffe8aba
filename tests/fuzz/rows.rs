//! Rows of both databases and of the keyring, as a disk or somebody with the key may have left them. What does not read is
//! told, and never a wrong value or a panic.

use super::run::{fixtures, run};
use app::session::{DataFolder, Keyring};
use app::store::{MetaReads, Reads, RecordReads, Store};
use rusqlite::{Connection, params};
use shared::ids::{RecordId, Sequence};
use shared::merge::RecordState;
use std::cell::RefCell;
use std::fs;
use tests::plain::{self, FIRST_DEVICE};

fn device() -> (tempfile::TempDir, RefCell<Store>) {
    let place = tempfile::tempdir().expect("a temporary folder");
    let store = plain::device(&place.path().join("records.db"), FIRST_DEVICE, None).expect("a device");
    store.connection().pragma_update(None, "synchronous", "OFF").expect("a setting");
    (place, RefCell::new(store))
}

/// Which changes only say who looked at what.
#[test]
fn views() {
    let (_place, store) = device();
    let set = |bytes: &[u8]| {
        let mut store = store.borrow_mut();
        let write = store.write().expect("a good disk");
        write.set_meta("views", bytes).expect("written");
        write.commit().expect("written");
    };
    let mut known = store.borrow_mut();
    let write = known.write().expect("a good disk");
    for view in [3, 9, 70_000] {
        write.add_view(Sequence(view)).expect("written");
    }
    write.commit().expect("written");
    let seed = known.meta("views").expect("read").expect("what was written");
    drop(known);
    run("views", vec![seed], |bytes| {
        set(bytes);
        if let Ok(views) = store.borrow().views() {
            assert!(views.len() <= bytes.len() && views.is_sorted());
        }
    });
}

/// A record's state as it is packed in its row.
#[test]
fn packed_states() {
    let (_place, store) = device();
    let id = RecordId::from_bytes([7; 16]);
    let state = fs::read(fixtures().join("state-v1.cbor")).expect("a frozen fixture");
    let insert = "INSERT OR REPLACE INTO record (row, id, kind, state) VALUES (1, ?, 1, ?)";
    let plain = [&[0], state.as_slice()].concat();
    let packed = [vec![1], zstd::bulk::compress(&state, 3).expect("in memory")].concat();
    run("packed-state", vec![plain, packed, vec![2; 9]], |bytes| {
        let store = store.borrow();
        store.connection().execute(insert, params![id.as_bytes(), bytes]).expect("written");
        if let Ok(state) = store.state(id) {
            let state: RecordState = state.expect("a row is there");
            assert!(RecordState::decode(&state.encode()).is_ok());
        }
    });
}

/// A wrap's name, and the rest of its row as bytes: whoever may sign in is listed, or an error is told.
#[test]
fn wraps() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let folder = DataFolder::open(place.path()).expect("a folder");
    let keyring = Keyring::open(&folder).expect("a keyring");
    let raw = Connection::open(folder.keys()).expect("opened");
    raw.pragma_update(None, "synchronous", "OFF").expect("a setting");
    let insert = "INSERT OR REPLACE INTO wrap (rowid, staff, name, role, salt, nonce, sealed, failures, lease_until) \
                  VALUES (1, ?1, ?2, 'nurse', ?1, ?1, ?1, ?3, ?4)";
    run("wrap", vec![[9; 16].to_vec(), b"Ana Sample".to_vec()], |bytes| {
        raw.execute("DELETE FROM wrap", []).expect("emptied");
        let number = bytes.iter().fold(0_i64, |number, byte| number.wrapping_mul(31) + i64::from(*byte));
        let name = String::from_utf8_lossy(bytes);
        raw.execute(insert, params![bytes, name, number, number]).expect("written");
        match keyring.members() {
            Ok(members) => assert!(members.len() == 1 && members[0].tries_left <= 10 && bytes.len() == 16),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    });
}
