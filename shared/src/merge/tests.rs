//! The laws of merging over generated histories, and the odd cases by name.
//!
//! A history: devices write to one record's fields, send their changes up in order (some twice), and take merged
//! states down at any moment. An oracle that knows what each write had seen says which values must stand.

use super::*;
use crate::change::Put;
use crate::ids::{DeviceNumber, Sequence, StaffId};
use crate::record::{FieldKey, FieldNumber, KindNumber, Value};
use crate::time::Stamp;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const KIND: KindNumber = KindNumber(1);

fn author(device: u32, sequence: u64) -> Author {
    let stamp = Stamp::from_bits(sequence << 16);
    Author {
        device: DeviceNumber(device),
        sequence: Sequence(sequence),
        stamp,
        staff: StaffId::from_bytes([1; 16]),
    }
}

fn key(field: u16) -> FieldKey {
    FieldNumber(field).into()
}

/// Writes `value` over all that the state holds.
fn write(state: &mut RecordState, author: Author, field: u16, value: i64) -> Put {
    let read = state.clock(&key(field));
    let put = Put { key: key(field), read, value: Value::Integer(value) };
    state.apply(author, put.clone());
    put
}

fn standing(state: &RecordState, field: u16) -> BTreeSet<i64> {
    let integer = |written: &Written| match written.value {
        Value::Integer(number) => number,
        ref other => panic!("{other:?}"),
    };
    state.values(&key(field)).iter().map(integer).collect()
}

#[derive(Clone, Debug)]
enum Step {
    Write { device: usize, field: u16, skip: u64 },
    Up { device: usize, repeat: bool },
    Down { device: usize },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let device = 0..3_usize;
    let step = prop_oneof![
        (device.clone(), 1..4_u16, 1..4_u64).prop_map(|(device, field, skip)| Step::Write {
            device,
            field,
            skip
        }),
        (device.clone(), any::<bool>()).prop_map(|(device, repeat)| Step::Up { device, repeat }),
        device.prop_map(|device| Step::Down { device }),
    ];
    prop::collection::vec(step, 1..40)
}

struct Device {
    state: RecordState,
    sequence: u64,
    log: Vec<(Author, Put)>,
    sent: usize,
}

/// For each field, every written value with all the values it had seen.
type Oracle = BTreeMap<u16, BTreeMap<i64, BTreeSet<i64>>>;

fn expected(oracle: &Oracle, field: u16) -> BTreeSet<i64> {
    let Some(writes) = oracle.get(&field) else { return BTreeSet::new() };
    let superseded: BTreeSet<i64> = writes.values().flatten().copied().collect();
    writes.keys().copied().filter(|value| !superseded.contains(value)).collect()
}

fn play(steps: &[Step]) -> (Vec<RecordState>, Oracle) {
    let device = || Device { state: RecordState::new(KIND), sequence: 0, log: vec![], sent: 0 };
    let mut devices = [device(), device(), device()];
    let mut server = RecordState::new(KIND);
    let mut oracle = Oracle::new();
    let mut next_value = 0;
    for step in steps {
        match *step {
            Step::Write { device, field, skip } => {
                let number = device as u32 + 1;
                let device = &mut devices[device];
                device.sequence += skip;
                next_value += 1;
                let seen_now = standing(&device.state, field);
                let writes = oracle.entry(field).or_default();
                let seen =
                    seen_now.iter().flat_map(|value| writes[value].iter().copied().chain([*value])).collect();
                writes.insert(next_value, seen);
                let author = author(number, device.sequence);
                let put = write(&mut device.state, author, field, next_value);
                device.log.push((author, put));
            }
            Step::Up { device, repeat } => {
                let device = &mut devices[device];
                let from = if repeat { 0 } else { device.sent };
                for (author, put) in &device.log[from..] {
                    server.apply(*author, put.clone());
                }
                device.sent = device.log.len();
            }
            Step::Down { device } => {
                let down = RecordState::decode(&server.encode()).expect("own bytes");
                devices[device].state.merge(down);
            }
        }
    }
    for device in &devices {
        device.log.iter().for_each(|(author, put)| server.apply(*author, put.clone()));
    }
    let mut replicas = vec![server.clone()];
    for mut device in devices {
        device.state.merge(server.clone());
        replicas.push(device.state);
    }
    (replicas, oracle)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn every_replica_ends_with_every_value_that_nobody_superseded(steps in steps()) {
        let (replicas, oracle) = play(&steps);
        for replica in &replicas {
            prop_assert_eq!(replica.encode(), replicas[0].encode());
            for field in 1..4 {
                prop_assert_eq!(standing(replica, field), expected(&oracle, field), "field {}", field);
            }
        }
    }

    #[test]
    fn merging_is_commutative_associative_and_idempotent(steps in steps(), cut in 0..40_usize) {
        let early = play(&steps[..cut.min(steps.len())]).0.remove(1);
        let replicas = play(&steps).0;
        let (left, right) = (early, replicas[2].clone());
        let merged = |one: &RecordState, other: &RecordState| {
            let mut merged = one.clone();
            merged.merge(other.clone());
            merged
        };
        let both = merged(&left, &right);
        prop_assert_eq!(both.encode(), merged(&right, &left).encode());
        prop_assert_eq!(both.encode(), merged(&both, &right).encode());
        let third = replicas[3].clone();
        prop_assert_eq!(merged(&both, &third).encode(), merged(&left, &merged(&right, &third)).encode());
    }

    #[test]
    fn any_bytes_decode_or_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(state) = RecordState::decode(&bytes) {
            let again = RecordState::decode(&state.encode()).map(|state| state.encode());
            prop_assert_eq!(again, Ok(state.encode()));
        }
    }
}

#[test]
fn a_write_over_what_was_shown_leaves_what_came_since_beside_it() {
    let mut one = RecordState::new(KIND);
    write(&mut one, author(1, 1), 1, 10);
    let shown = one.clock(&key(1));
    let mut other = one.clone();
    write(&mut other, author(2, 1), 1, 20);
    one.merge(other);
    let put = Put { key: key(1), read: shown, value: Value::Integer(30) };
    one.apply(author(1, 2), put);
    assert_eq!(standing(&one, 1), BTreeSet::from([20, 30]), "nobody had seen 20");
}

#[test]
fn two_fields_edited_apart_both_survive() {
    let mut one = RecordState::new(KIND);
    write(&mut one, author(1, 1), 1, 10);
    write(&mut one, author(1, 1), 2, 20);
    let mut other = one.clone();
    write(&mut one, author(1, 2), 1, 11);
    write(&mut other, author(2, 1), 2, 21);
    one.merge(other);
    assert_eq!((standing(&one, 1), standing(&one, 2)), (BTreeSet::from([11]), BTreeSet::from([21])));
}

#[test]
fn one_field_edited_apart_keeps_both_until_somebody_settles_it() {
    let kind = crate::domain::person::Person::KIND;
    let field = crate::domain::person::person_fields::birth_date.0;
    let mut one = RecordState::new(KIND);
    write(&mut one, author(1, 1), field, 10);
    let mut other = one.clone();
    write(&mut one, author(1, 2), field, 11);
    write(&mut other, author(2, 1), field, 12);
    one.merge(other.clone());
    let open = conflicts(&kind, &one);
    assert_eq!(open[0].candidates.len(), 2);
    let settled = write(&mut one, author(1, 3), field, 12);
    assert!(conflicts(&kind, &one).is_empty());
    other.apply(author(1, 3), settled);
    assert!(conflicts(&kind, &other).is_empty());
    assert_eq!(other.encode(), one.encode());
}

#[test]
fn people_who_wrote_the_same_value_apart_agree() {
    let kind = crate::domain::person::Person::KIND;
    let mut one = RecordState::new(KIND);
    let mut other = RecordState::new(KIND);
    write(&mut one, author(1, 1), 4, 7);
    write(&mut other, author(2, 1), 4, 7);
    one.merge(other);
    assert_eq!(one.values(&key(4)).len(), 2);
    assert!(conflicts(&kind, &one).is_empty());
}

#[test]
fn an_allergy_that_somebody_added_is_not_lost_to_none_known() {
    let allergy = FieldKey::member(FieldNumber(18), "latex");
    let put = |value: bool, read: Clock| Put { key: allergy.clone(), read, value: Value::Boolean(value) };
    let mut one = RecordState::new(KIND);
    one.apply(author(1, 1), put(true, Clock::default()));
    one.apply(author(2, 1), put(false, Clock::default()));
    assert_eq!(one.members(FieldNumber(18)), ["latex"]);
    let read = one.clock(&allergy);
    one.apply(author(2, 2), put(false, read));
    assert!(one.members(FieldNumber(18)).is_empty());
}

#[test]
fn a_clock_at_the_largest_counter_does_not_decode() {
    let mut out = crate::cbor::Writer::default();
    out.array(2).unsigned(1).unsigned(u64::MAX);
    assert!(Clock::read(&mut crate::cbor::Reader::new(&out.finish())).is_err());
}
