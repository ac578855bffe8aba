//! What a hostile van has: a real credential, its chain, and any bytes it likes.

use shared::cbor::Writer;
use shared::change::{Batch, Bucket, Change, Edit, Envelope, Hash, Head, Operation, Put};
use shared::compress;
use shared::domain::person::{Person, person_fields};
use shared::ids::{DeviceNumber, FactId, RecordId, Sequence};
use shared::merge::{Clock, ClockEntry};
use shared::record::{Fact, FieldKey, FieldNumber, KindNumber, Value};
use shared::time::{Stamp, Timestamp};
use tests::plain::{self, BUCKET, STAFF};

/// Stands in everything that must never be merged.
pub const FORGED: &str = "forged";
/// Whom the first honest change registers; lower ones are taken by the plan.
pub const FIRST_HONEST: u8 = 20;
const STAMP: u64 = 0x01a1_93f5_1800_0003;

pub struct Hostile {
    pub number: u32,
    pub head: Head,
    honest: u8,
}

pub fn record(byte: u8) -> RecordId {
    RecordId::from_bytes([byte; 16])
}

pub fn put(field: FieldNumber, read: Clock, value: Value) -> Put {
    Put { key: field.into(), read, value }
}

/// An edit of one person's name.
pub fn named(id: RecordId, name: &str, read: Clock) -> Operation {
    let puts = vec![put(person_fields::given_name, read, Value::Text(name.into()))];
    Operation::Edit(Edit { record: id, kind: Person::KIND.number, puts })
}

pub fn forged(read: Clock) -> Operation {
    named(record(200), FORGED, read)
}

/// The same value under so many fields, all of them of a newer build.
pub fn wide(fields: u16, value: &Value) -> Operation {
    let puts = (0..fields).map(|field| put(FieldNumber(1_000 + field), Clock::default(), value.clone()));
    Operation::Edit(Edit { record: record(201), kind: Person::KIND.number, puts: puts.collect() })
}

pub fn members(count: u32) -> Operation {
    let member = |number: u32| FieldKey::member(FieldNumber(18), &format!("{number:08}"));
    let put = |number| Put { key: member(number), read: Clock::default(), value: Value::Boolean(true) };
    let edit = Edit { record: record(202), kind: Person::KIND.number, puts: (0..count).map(put).collect() };
    Operation::Edit(edit)
}

pub fn fact(id: u8, value: &str) -> Operation {
    Operation::Fact(Fact {
        id: FactId::from_bytes([id; 16]),
        kind: KindNumber(101),
        subject: record(FIRST_HONEST),
        at: Timestamp::from_milliseconds(0),
        amends: None,
        fields: vec![(FieldNumber(2), Value::Text(value.into()))],
    })
}

pub fn clock(device: u32, sequence: u64) -> Clock {
    let mut clock = Clock::default();
    clock.raise(ClockEntry { device: DeviceNumber(device), sequence: Sequence(sequence) });
    clock
}

/// Arrays in arrays in arrays.
pub fn nest(depth: usize) -> Vec<u8> {
    let mut bytes = vec![0x81; depth];
    bytes.push(0xf6);
    bytes
}

impl Hostile {
    pub fn new(number: u32) -> Self {
        let head = Head::genesis(plain::device_id(number), DeviceNumber(number));
        Self { number, head, honest: 0 }
    }

    /// An envelope with its sequence, bucket and payload as they are given.
    pub fn envelope(sequence: u64, bucket: &str, payload: &[u8]) -> Vec<u8> {
        let mut out = Writer::default();
        out.array(7).unsigned(sequence).unsigned(STAMP).signed(0).bytes(STAFF.as_bytes()).text(bucket);
        out.unsigned(1).bytes(payload);
        out.finish()
    }

    /// The next change of the chain, not yet taken into it.
    pub fn change(&self, bucket: Bucket, operations: Vec<Operation>) -> Vec<u8> {
        let sequence = self.head.sequence.next();
        let stamp = Stamp::from_bits(STAMP + sequence.0);
        Envelope::seal(&Change {
            sequence,
            stamp,
            device_clock_offset_ms: 0,
            staff: STAFF,
            bucket,
            operations,
        })
    }

    /// A change that any van might write, and the person whom it registers.
    pub fn honest(&mut self) -> (Vec<u8>, RecordId) {
        self.honest += 1;
        let id = record(FIRST_HONEST - 1 + self.honest);
        (self.change(BUCKET, vec![named(id, "Sample", Clock::default())]), id)
    }

    pub fn took(&mut self, change: &[u8]) {
        self.head = Head { sequence: self.head.sequence.next(), hash: self.head.hash.after(change) };
    }

    /// A batch after the chain's head, signed by this device.
    pub fn batch(&self, changes: &[Vec<u8>]) -> Vec<u8> {
        self.batch_after(self.head, changes)
    }

    pub fn batch_after(&self, before: Head, changes: &[Vec<u8>]) -> Vec<u8> {
        let key = plain::signing_key(self.number);
        Batch::seal(plain::device_id(self.number), DeviceNumber(self.number), before, changes, &key).0
    }

    /// A batch whose head says what it likes, without a signature that fits.
    pub fn raw_batch(&self, first: u64, count: usize, body: &[u8]) -> Vec<u8> {
        let mut out = Writer::default();
        out.array(7).unsigned(1).bytes(plain::device_id(self.number).as_bytes()).unsigned(self.number.into());
        out.unsigned(first).bytes(&self.head.hash.0).array(count).raw(body).bytes(&[0; 64]);
        out.finish()
    }

    pub fn frame(&self, changes: &[Vec<u8>]) -> Vec<u8> {
        compress::compress(&self.batch(changes))
    }

    /// A head that nobody ever had.
    pub fn invented(&self, sequence: u64) -> Head {
        Head { sequence: Sequence(sequence), hash: Hash([0xee; 32]) }
    }
}
