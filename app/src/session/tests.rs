//! Stories of signing in.

mod leases;
mod wipes;

use super::*;
use crate::platform;
use crate::store::{DataKey, Store, sample};
use shared::ids::StaffId;

const STAFF: StaffId = StaffId::from_bytes([1; 16]);

struct Device {
    folder: tempfile::TempDir,
    keyring: Keyring,
}

fn device() -> Device {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let keyring = Keyring::open(&DataFolder::open(folder.path()).expect("a folder")).expect("a keyring");
    Device { folder, keyring }
}

fn admit(keyring: &Keyring) -> DataKey {
    let key = Keyring::new_data_key();
    let pin = Pin::choose("482915").expect("a good PIN");
    let lease = platform::now().plus_milliseconds(1_000_000);
    keyring.admit(STAFF, "Sample Nurse", "nurse", &pin, &key, lease).expect("admitted");
    key
}

impl Device {
    fn data(&self) -> DataFolder {
        DataFolder::open(self.folder.path()).expect("a folder")
    }

    /// Its file, of a device that was enrolled.
    fn enrolled(&self, key: &DataKey) -> Store {
        sample::enrolled(&self.data().records(), key, &sample::identity(2))
    }
}

#[test]
fn the_right_pin_opens_and_a_wrong_one_counts() {
    let device = device();
    let key = admit(&device.keyring);
    let now = platform::now();
    let wrong = device.keyring.sign_in(STAFF, &Pin::typed("482916"), now);
    assert!(matches!(wrong, Err(SignInError::WrongPin { tries_left: 9 })));
    let reopened =
        Keyring::open(&DataFolder::open(device.folder.path()).expect("a folder")).expect("a keyring");
    assert_eq!(reopened.members().expect("members")[0].tries_left, 9);
    assert_eq!(reopened.sign_in(STAFF, &Pin::typed("482915"), now).expect("opened"), key);
    assert_eq!(reopened.members().expect("members")[0].tries_left, TRIES_MAX);
}

#[test]
fn ten_wrong_pins_disable_a_person_and_somebody_else_can_restore_them() {
    let device = device();
    admit(&device.keyring);
    let now = platform::now();
    for _ in 0..TRIES_MAX {
        assert!(device.keyring.sign_in(STAFF, &Pin::typed("000000"), now).is_err());
    }
    let right = Pin::typed("482915");
    assert!(matches!(device.keyring.sign_in(STAFF, &right, now), Err(SignInError::Disabled)));
    device.keyring.restore(STAFF).expect("restored");
    assert!(device.keyring.sign_in(STAFF, &right, now).is_ok());
}

#[test]
fn a_wrap_does_not_open_on_another_machine() {
    let device = device();
    admit(&device.keyring);
    let other = tempfile::tempdir().expect("a temporary folder");
    drop(device.keyring);
    for file in ["keys.db", "keys.db-wal"] {
        let _ = std::fs::copy(device.folder.path().join(file), other.path().join(file));
    }
    let copied = Keyring::open(&DataFolder::open(other.path()).expect("a folder")).expect("a keyring");
    let right = Pin::typed("482915");
    assert!(matches!(copied.sign_in(STAFF, &right, platform::now()), Err(SignInError::WrongPin { .. })));
}

#[test]
fn pins_that_everybody_tries_are_refused() {
    for typed in ["123456", "987654", "000000", "112233", "12345", "1234567890123", "12345a", ""] {
        assert!(Pin::choose(typed).is_err(), "{typed}");
    }
    assert!(Pin::choose("482915").is_ok());
}
