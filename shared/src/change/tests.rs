//! The chain, the envelope and the batch: what is written reads back, and nothing altered passes.

use super::*;
use crate::ids::{DeviceId, DeviceNumber, FactId, RecordId, RegionId, Sequence, StaffId};
use crate::merge::{Clock, ClockEntry};
use crate::record::{Fact, FieldKey, FieldNumber, KindNumber, Value};
use crate::time::{Stamp, Timestamp};
use ed25519_dalek::SigningKey;

const DEVICE: DeviceId = DeviceId::from_bytes([5; 16]);
const NUMBER: DeviceNumber = DeviceNumber(7);

fn change(sequence: u64) -> Change {
    let mut read = Clock::default();
    read.raise(ClockEntry { device: DeviceNumber(2), sequence: Sequence(3) });
    let put = |key: FieldKey, read: Clock, value: Value| Put { key, read, value };
    Change {
        sequence: Sequence(sequence),
        stamp: Stamp::from_bits(9 << 16),
        device_clock_offset_ms: -40,
        staff: StaffId::from_bytes([1; 16]),
        bucket: Bucket::Staff(RegionId(1)),
        operations: vec![
            Operation::Edit(Edit {
                record: RecordId::from_bytes([2; 16]),
                kind: KindNumber(1),
                puts: vec![
                    put(FieldNumber(1).into(), Clock::default(), Value::Text("a".into())),
                    put(FieldKey::member(FieldNumber(18), "latex"), read, Value::Boolean(true)),
                ],
            }),
            Operation::Fact(Fact {
                id: FactId::from_bytes([3; 16]),
                kind: KindNumber(101),
                subject: RecordId::from_bytes([2; 16]),
                at: Timestamp::from_milliseconds(4),
                amends: None,
                fields: vec![],
            }),
        ],
    }
}

fn sealed(count: u64, key: &SigningKey) -> Vec<u8> {
    let changes: Vec<Vec<u8>> = (1..=count).map(|sequence| Envelope::seal(&change(sequence))).collect();
    Batch::seal(DEVICE, NUMBER, Head::genesis(DEVICE, NUMBER), &changes, key).0
}

#[test]
fn a_change_reads_back_from_its_envelope() {
    let bytes = Envelope::seal(&change(4));
    assert_eq!(Envelope::read(&bytes).and_then(|envelope| envelope.open()), Ok(change(4)));
    for length in 0..bytes.len() {
        assert!(Envelope::read(&bytes[..length]).and_then(|envelope| envelope.open()).is_err(), "{length}");
    }
}

#[test]
fn no_bit_of_a_signed_batch_can_be_changed() {
    let key = SigningKey::from_bytes(&[8; 32]);
    let accepts = |bytes: &[u8]| {
        Batch::read(bytes).is_ok_and(|batch| {
            let genesis = Head::genesis(batch.device, batch.number);
            let last = *batch.hashes().last().expect("a batch is never empty");
            batch.first == Sequence(1)
                && batch.before == genesis.hash
                && batch.verify(last, &key.verifying_key()).is_ok()
        })
    };
    let bytes = sealed(3, &key);
    assert!(accepts(&bytes));
    for position in 0..bytes.len() {
        let mut altered = bytes.clone();
        altered[position] ^= 1;
        assert!(!accepts(&altered), "byte {position}");
    }
    assert!(!accepts(&sealed(3, &SigningKey::from_bytes(&[9; 32]))));
}

#[test]
fn a_batch_with_a_hole_is_refused_before_its_signature() {
    let key = SigningKey::from_bytes(&[8; 32]);
    let changes = vec![Envelope::seal(&change(1)), Envelope::seal(&change(3))];
    let (bytes, _) = Batch::seal(DEVICE, NUMBER, Head::genesis(DEVICE, NUMBER), &changes, &key);
    let expected = BatchError::OutOfOrder { expected: Sequence(2), found: Sequence(3) };
    assert_eq!(Batch::read(&bytes), Err(expected));
}

#[test]
fn operations_and_parts_of_a_newer_build_are_passed_over() {
    let mut out = crate::cbor::Writer::default();
    out.array(2).array(3).unsigned(77).text("newer").null();
    out.array(5)
        .unsigned(0)
        .bytes(&[2; 16])
        .unsigned(1)
        .array(3)
        .unsigned(1)
        .unsigned(0)
        .null()
        .text("newer part");
    let operations = codec::decode(1, &out.finish()).expect("newer parts are no error");
    assert_eq!(operations[0], Operation::Unknown(77));
    assert!(matches!(&operations[1], Operation::Edit(edit) if edit.puts.len() == 1));
    assert!(codec::decode(2, &[0x80]).is_err());
}

#[test]
fn buckets_read_as_they_are_written() {
    for text in [
        "site/00000000-0000-7000-8000-000000000001",
        "staff/3",
        "route/00000000-0000-7000-8000-000000000001/2026-11-23",
    ] {
        assert_eq!(text.parse::<Bucket>().map(|bucket| bucket.to_string()).as_deref(), Ok(text));
    }
    for text in ["", "site/", "staff/99999", "route/x/2026-11-23", "site/1/2", "planet/1"] {
        assert!(text.parse::<Bucket>().is_err(), "{text}");
    }
}
