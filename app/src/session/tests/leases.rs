//! After the lease: who goes on with a reason, who does not, and what stands in the log of it.

use super::*;
use crate::apply::{Intent, LocalChange, apply_local};
use crate::store::{LogReads, RecordReads};
use shared::change::{Bucket, Envelope};
use shared::domain::device;
use shared::domain::route::{Staff, staff_fields};
use shared::domain::view::View;
use shared::ids::{DeviceNumber, RegionId, Sequence};
use shared::record::Value;
use shared::time::Timestamp;

const DAY_MS: i64 = 86_400_000;

fn right() -> Pin {
    Pin::typed("482915")
}

fn after_days(days: i64) -> Timestamp {
    platform::now().plus_milliseconds(days * DAY_MS)
}

fn late(keyring: &Keyring, now: Timestamp) -> LateKey {
    match keyring.unlock(STAFF, &right(), now).expect("the PIN is right") {
        Unlocked::Late(late) => late,
        Unlocked::InTime(_) => panic!("the lease ended"),
    }
}

/// What the office says of the member of staff.
fn told(store: &mut Store, is_active: bool) {
    let values = vec![(staff_fields::active.into(), Value::Boolean(is_active))];
    let intents = vec![Intent::Set { record: STAFF.into(), kind: Staff::KIND.number, values }];
    let bucket = Bucket::Staff(RegionId(1));
    let change = LocalChange { staff: STAFF, bucket, about: None, intents };
    apply_local(store, change, platform::now()).expect("written");
}

#[test]
fn a_lease_ends_and_contact_renews_it() {
    let device = device();
    let store = device.enrolled(&admit(&device.keyring));
    let late = after_days(8);
    assert!(matches!(device.keyring.sign_in(STAFF, &right(), late), Err(SignInError::LeaseEnded)));
    device.keyring.renew_leases(late.plus_milliseconds(1), &store).expect("renewed");
    assert!(device.keyring.sign_in(STAFF, &right(), late).is_ok());
}

#[test]
fn whoever_says_why_goes_on_after_the_lease_and_it_stands_in_the_log() {
    let device = device();
    let key = admit(&device.keyring);
    let store = device.enrolled(&key);
    let now = after_days(8);
    let late = late(&device.keyring, now);
    assert!(store.log_head().expect("read").is_none(), "nobody went on yet");
    let given = late.give(&device.data(), &Reason::NoNetwork, now, &mut platform::SystemEntropy);
    assert_eq!(given.expect("noted"), key);

    let this_device = device::record_of(RegionId(1), DeviceNumber(2));
    let looks = store.facts(this_device, &View::KIND).expect("read");
    let look = View::read(&looks[0]);
    assert_eq!((looks.len(), looks[0].at, look.staff), (1, now, Some(STAFF)));
    assert_eq!(look.screen.as_deref(), Some("break-glass: no-network"));
    let row = store.log_after(Sequence(0), 1 << 20, 8).expect("read").remove(0);
    let change = Envelope::read(&row.envelope).and_then(|envelope| envelope.open()).expect("a change");
    assert!(matches!(change.bucket, Bucket::Route(..)), "its van may always write there");
    assert_eq!(change.staff, STAFF);
}

#[test]
fn a_clock_that_jumps_ten_years_ahead_locks_nobody_out() {
    let device = device();
    let key = admit(&device.keyring);
    let store = device.enrolled(&key);
    let now = after_days(3_652);
    let late = late(&device.keyring, now);
    let given = late.give(&device.data(), &Reason::WrongClock, now, &mut platform::SystemEntropy);
    assert_eq!(given.expect("noted"), key);
    // The next contact is by the same clock.
    device.keyring.renew_leases(now.plus_milliseconds(DAY_MS), &store).expect("renewed");
    assert!(device.keyring.sign_in(STAFF, &right(), now).is_ok());
}

#[test]
fn a_wrong_pin_hears_nothing_of_the_lease_and_counts() {
    let device = device();
    admit(&device.keyring);
    for tries_left in (0..TRIES_MAX).rev() {
        let wrong = device.keyring.unlock(STAFF, &Pin::typed("482916"), after_days(8)).err().expect("wrong");
        assert!(matches!(wrong, SignInError::WrongPin { tries_left: left } if left == tries_left), "{wrong}");
    }
    let answer = device.keyring.unlock(STAFF, &right(), after_days(8)).err().expect("too many");
    assert!(matches!(answer, SignInError::Disabled), "{answer}");
}

#[test]
fn no_reason_lets_in_whose_access_the_office_ended() {
    let device = device();
    let mut store = device.enrolled(&admit(&device.keyring));
    told(&mut store, false);
    device.keyring.renew_leases(after_days(7), &store).expect("renewed");
    for now in [platform::now(), after_days(8)] {
        let answer = device.keyring.unlock(STAFF, &right(), now).err().expect("revoked");
        assert!(matches!(answer, SignInError::Revoked), "{answer}");
    }
    assert_eq!(device.keyring.members().expect("read"), []);
    told(&mut store, true);
    device.keyring.renew_leases(after_days(7), &store).expect("renewed");
    assert!(
        device.keyring.sign_in(STAFF, &right(), platform::now()).is_ok(),
        "until the office says otherwise"
    );
}

#[test]
fn a_reason_in_own_words_is_said_and_not_too_long() {
    assert_eq!(Reason::told("  \n"), None);
    let told = Reason::told(" the mast is down ").expect("a reason");
    assert_eq!(told.code(), "break-glass: the mast is down");
    let long = Reason::told(&"é".repeat(10_000)).expect("a reason");
    assert!(long.code().chars().count() < 300);
}
