//! What a device must hold, kept apart from its stores: what was acknowledged, and what others wrote, as pages that the
//! server would hand down. Everything comes from a seed.

use crate::plain::{BUCKET, FIRST_DEVICE, STAFF};
use crate::sample::{self, Seeded};
use app::apply::Intent;
use app::store::LogRow;
use shared::change::{Change, Edit, Envelope, Hash, Head, Operation};
use shared::domain::person::{Person, TobaccoStatus, person_fields};
use shared::ids::{DeviceNumber, EmployerId, FactId, PersonId, RecordId, Sequence, SiteId, VanId};
use shared::merge::{Author, RecordState, decode_entries};
use shared::protocol::{FactEntry, PullPage, Standing, StateEntry};
use shared::record::{Fact, FieldType};
use shared::time::{HybridClock, Timestamp};
use std::collections::BTreeMap;

/// 2026-11-23T12:00:00Z.
pub const NOON: Timestamp = Timestamp::from_milliseconds(1_795_435_200_000);
pub const SITE: SiteId = crate::plain::SITE;
pub const VAN: VanId = crate::plain::VAN;
/// So few people that everybody edits the same ones.
const PEOPLE: u64 = 24;
/// Numbers of the devices that write elsewhere.
const OTHERS: u32 = 900;

pub fn person(number: u64) -> PersonId {
    PersonId::from_uuid(uuid::Uuid::from_u128(0x7000_0000_0000 + u128::from(number)))
}

pub fn any_person(seeded: &mut Seeded) -> PersonId {
    person(seeded.below(PEOPLE))
}

/// One user action on a person, or a whole visit.
pub fn intents(seeded: &mut Seeded, now: Timestamp) -> Vec<Intent> {
    let whose = any_person(seeded);
    if seeded.below(2) == 0 {
        return sample::visit(seeded, now, whose, SITE, VAN, STAFF).intents;
    }
    let mut all = sample::person(seeded, seeded.0 % 1000, EmployerId::from_bytes([5; 16])).values();
    let status = TobaccoStatus::ALL[seeded.below(TobaccoStatus::ALL.len() as u64) as usize];
    all.push((person_fields::tobacco_status.into(), status.to_value()));
    let from = seeded.below(all.len() as u64) as usize;
    let to = (from + 1 + seeded.below(4) as usize).min(all.len());
    let values = all.drain(from..to).collect();
    vec![Intent::Set { record: whose.into(), kind: Person::KIND.number, values }]
}

/// States and facts by id.
#[derive(Clone, Default)]
pub struct Truth {
    pub states: BTreeMap<RecordId, RecordState>,
    pub facts: BTreeMap<FactId, Fact>,
}

impl Truth {
    fn edit(&mut self, author: Author, edit: Edit) {
        let state = self.states.entry(edit.record).or_insert_with(|| RecordState::new(edit.kind));
        edit.puts.into_iter().for_each(|put| state.apply(author, put));
    }

    pub fn take_page(&mut self, page: &PullPage) {
        for entry in &page.states {
            let (kind, writes) = decode_entries(&entry.state).expect("the storm's own pages decode");
            let state = self.states.entry(entry.record).or_insert_with(|| RecordState::new(kind));
            writes.into_iter().for_each(|(key, written)| state.take(key, written));
        }
        for entry in &page.facts {
            let fact = Fact::from_bytes(&entry.fact).expect("the storm's own pages decode");
            self.facts.insert(fact.id, fact);
        }
    }

    /// Takes a device's own log in; says what is wrong with it.
    pub fn take_log(&mut self, number: DeviceNumber, rows: &[LogRow]) -> Result<(), String> {
        let mut last_stamp = None;
        for row in rows {
            let opened = Envelope::read(&row.envelope).and_then(|envelope| envelope.open());
            let change = opened.map_err(|error| format!("change {} does not open: {error}", row.sequence))?;
            if change.sequence != row.sequence {
                return Err(format!("change {} says that it is {}", row.sequence, change.sequence));
            }
            if last_stamp.is_some_and(|last| last >= change.stamp) {
                return Err(format!("the stamp of change {} is not later than the one before", row.sequence));
            }
            last_stamp = Some(change.stamp);
            self.take_change(number, change);
        }
        Ok(())
    }

    pub fn take_change(&mut self, number: DeviceNumber, change: Change) {
        let author = change.author(number);
        for operation in change.operations {
            match operation {
                Operation::Edit(edit) => self.edit(author, edit),
                Operation::Fact(fact) => drop(self.facts.insert(fact.id, fact)),
                Operation::Unknown(_) => {}
            }
        }
    }
}

/// Follows a log from its genesis and gives the head, if every link holds.
pub fn follow(genesis: Head, rows: &[LogRow]) -> Result<Head, String> {
    let mut head = genesis;
    for row in rows {
        head = Head { sequence: head.sequence.next(), hash: head.hash.after(&row.envelope) };
        if (row.sequence, row.hash) != (head.sequence, head.hash) {
            return Err(format!(
                "change {} is no link of the chain after {}",
                row.sequence,
                head.sequence.0 - 1
            ));
        }
    }
    Ok(head)
}

/// The hash that a followed log had after a sequence.
pub fn hash_at(genesis: Head, rows: &[LogRow], sequence: Sequence) -> Option<Hash> {
    match sequence.0 {
        0 => Some(genesis.hash),
        place => rows.get(place as usize - 1).map(|row| row.hash),
    }
}

/// What other devices write, and the pages in which it comes.
#[derive(Clone, Default)]
pub struct Elsewhere {
    truth: Truth,
    sequence: u64,
    clock: HybridClock,
    pub pages: Vec<PullPage>,
}

impl Elsewhere {
    /// The next page: a few actions of others, on the people that this device edits too.
    pub fn write_page(&mut self, seeded: &mut Seeded, now: Timestamp) {
        let (mut states, mut facts) = (Vec::new(), Vec::new());
        for _ in 0..1 + seeded.below(12) {
            self.sequence += 1;
            let author = Author {
                device: DeviceNumber(OTHERS + seeded.below(3) as u32),
                sequence: Sequence(self.sequence),
                stamp: self.clock.tick(now),
                staff: STAFF,
            };
            for intent in intents(seeded, now) {
                match intent {
                    Intent::Set { record, kind, values } => {
                        let known = self.truth.states.entry(record).or_insert_with(|| RecordState::new(kind));
                        let edit = known.edit(record, values);
                        edit.puts.into_iter().for_each(|put| known.apply(author, put));
                        states.push(StateEntry { bucket: BUCKET, record, state: known.encode() });
                    }
                    Intent::Edit(edit) => {
                        let Edit { record, kind, puts } = edit;
                        let known = self.truth.states.entry(record).or_insert_with(|| RecordState::new(kind));
                        puts.into_iter().for_each(|put| known.apply(author, put));
                        states.push(StateEntry { bucket: BUCKET, record, state: known.encode() });
                    }
                    Intent::Record(fact) => facts.push(FactEntry { bucket: BUCKET, fact: fact.to_bytes() }),
                }
            }
        }
        let cursor = (self.pages.len() as u64 + 1).to_be_bytes().to_vec();
        self.pages.push(PullPage {
            server_time: now,
            epoch: 1,
            acknowledged: crate::plain::identity(FIRST_DEVICE, None).genesis(),
            standing: Standing::Active,
            cursor,
            complete: true,
            states,
            facts,
            forget: vec![],
            rejected: vec![],
            decided: vec![],
            renew_certificate: false,
        });
    }

    /// How many pages a cursor stands for.
    pub fn pages_at(cursor: &[u8]) -> Option<usize> {
        match cursor {
            [] => Some(0),
            bytes => Some(u64::from_be_bytes(bytes.try_into().ok()?) as usize),
        }
    }
}
