//! A device as far as a server can tell: its chain, and the batches that bring it. Never a store of its own.

use super::oracle::{Truth, intents};
use crate::plain::{BUCKET, STAFF};
use crate::sample::Seeded;
use app::apply::Intent;
use ed25519_dalek::SigningKey;
use shared::change::{Batch, Change, Edit, Envelope, Head, Operation};
use shared::compress;
use shared::domain::person::Person;
use shared::ids::{DeviceId, DeviceNumber, RecordId};
use shared::merge::RecordState;
use shared::protocol::PullPage;
use shared::record::{FieldNumber, Value};
use shared::time::{HybridClock, Timestamp};

/// Of a large batch: a field of a newer build, and texts near the longest that a change takes.
const LARGE_FIELD: FieldNumber = FieldNumber(1_000);
const LARGE_TEXT_BYTES: u64 = 60_000;
const CHANGES_OF_A_LARGE_BATCH: u64 = 12;

#[derive(Clone)]
pub struct Writer {
    pub number: u32,
    pub head: Head,
    pub log: Vec<Vec<u8>>,
    pub acknowledged: Head,
    truth: Truth,
    clock: HybridClock,
    pub cursor: Vec<u8>,
}

impl Writer {
    pub fn id(number: u32) -> DeviceId {
        DeviceId::from_bytes([number as u8; 16])
    }
    pub fn key(number: u32) -> SigningKey {
        SigningKey::from_bytes(&[number as u8; 32])
    }
    pub fn new(number: u32) -> Writer {
        let head = Head::genesis(Self::id(number), DeviceNumber(number));
        Writer {
            number,
            head,
            log: Vec::new(),
            acknowledged: head,
            truth: Truth::default(),
            clock: HybridClock::default(),
            cursor: Vec::new(),
        }
    }

    /// One user action, merged at home and appended to the log.
    fn write(&mut self, seeded: &mut Seeded, now: Timestamp) {
        let intents = intents(seeded, now);
        self.take(intents, now);
    }

    fn take(&mut self, intents: Vec<Intent>, now: Timestamp) {
        let mut operations = Vec::new();
        for intent in intents {
            match intent {
                Intent::Set { record, kind, values } => {
                    let known = self.truth.states.get(&record).cloned();
                    let edit: Edit = known.unwrap_or_else(|| RecordState::new(kind)).edit(record, values);
                    if !edit.puts.is_empty() {
                        operations.push(Operation::Edit(edit));
                    }
                }
                Intent::Edit(edit) => operations.push(Operation::Edit(edit)),
                Intent::Record(fact) => operations.push(Operation::Fact(fact)),
            }
        }
        if operations.is_empty() {
            return;
        }
        let change = Change {
            sequence: self.head.sequence.next(),
            stamp: self.clock.tick(now),
            device_clock_offset_ms: 0,
            staff: STAFF,
            bucket: BUCKET,
            operations,
        };
        self.truth.take_change(DeviceNumber(self.number), change.clone());
        let envelope = Envelope::seal(&change);
        self.head = Head { sequence: change.sequence, hash: self.head.hash.after(&envelope) };
        self.log.push(envelope);
    }

    /// A few more actions and the batch that brings them; often some of it was sent before, as when an answer is lost.
    pub fn next_frame(&mut self, seeded: &mut Seeded, now: Timestamp) -> Option<Vec<u8>> {
        for _ in 0..1 + seeded.below(6) {
            self.write(seeded, now);
        }
        let last = (self.log.len() as u64).checked_sub(1)?;
        let overlap = seeded.below(4);
        Some(self.batch_after(self.acknowledged.sequence.0.saturating_sub(overlap).min(last)))
    }

    /// A few actions whose texts do not shrink.
    pub fn write_large(&mut self, seeded: &mut Seeded, now: Timestamp) {
        for _ in 0..CHANGES_OF_A_LARGE_BATCH {
            let text: String =
                (0..LARGE_TEXT_BYTES).map(|_| (b'!' + seeded.below(90) as u8) as char).collect();
            let values = vec![(LARGE_FIELD.into(), Value::Text(text))];
            let record = RecordId::new(now, seeded);
            self.take(vec![Intent::Set { record, kind: Person::KIND.number, values }], now);
        }
    }

    pub fn take_page(&mut self, page: &PullPage) {
        self.truth.take_page(page);
        self.cursor.clone_from(&page.cursor);
    }

    /// All that comes after a sequence, signed and compressed.
    pub fn batch_after(&self, after: u64) -> Vec<u8> {
        let mut before = Head::genesis(Self::id(self.number), DeviceNumber(self.number));
        for change in &self.log[..after as usize] {
            before = Head { sequence: before.sequence.next(), hash: before.hash.after(change) };
        }
        let (number, changes) = (DeviceNumber(self.number), &self.log[after as usize..]);
        compress::compress(
            &Batch::seal(Self::id(self.number), number, before, changes, &Self::key(self.number)).0,
        )
    }
}
