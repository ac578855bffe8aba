//! A van in memory: days that it worked without a network, sealed as its tablet seals them, and how far the server
//! holds them. It keeps no device's file, so that a thousand of them are made in seconds.

use crate::plain::{FIRST_DEVICE, STAFF, device_id, signing_key};
use crate::sample::{Seeded, person, visit};
use app::apply::Intent;
use shared::change::{Batch, Bucket, Change, Envelope, Head, Operation};
use shared::compress;
use shared::domain::person::Person;
use shared::ids::{DeviceNumber, EmployerId, PersonId, RecordId, Sequence, SiteId, VanId};
use shared::merge::RecordState;
use shared::protocol::limits;
use shared::sync::LogStatus;
use shared::time::{HybridClock, Timestamp};
use sync_server::store::FactKey;
use uuid::Uuid;

const DAY_MS: i64 = 86_400_000;
const VISIT_MS: i64 = 8 * 60_000;
const VISITS_A_DAY_MIN: u64 = 15;
const VISITS_A_DAY_MAX: u64 = 60;
const EMPLOYER: EmployerId = EmployerId::from_bytes([5; 16]);

/// An id of the fleet; `kind` keeps a van's from being its site's.
fn id(kind: u8, place: u32) -> Uuid {
    Uuid::from_u128(u128::from(kind) << 120 | u128::from(place))
}

pub fn van_id(place: u32) -> VanId {
    VanId::from_uuid(id(1, place))
}

pub fn site_id(place: u32) -> SiteId {
    SiteId::from_uuid(id(2, place))
}

/// A batch as it goes over the wire.
pub struct Frame {
    pub after: Sequence,
    pub head: Head,
    pub body: Vec<u8>,
}

pub struct Van {
    /// Its place in the fleet.
    pub place: u32,
    pub head: Head,
    pub acknowledged: Sequence,
    pub rejections_heard: Sequence,
    pub cursor: Vec<u8>,
    /// What it wrote, and the server is to hold.
    pub records: Vec<RecordId>,
    pub facts: Vec<FactKey>,
    frames: Vec<Frame>,
    clock: HybridClock,
}

impl Van {
    pub fn new(place: u32) -> Van {
        let number = FIRST_DEVICE + place;
        Van {
            place,
            head: Head::genesis(device_id(number), DeviceNumber(number)),
            acknowledged: Sequence(0),
            rejections_heard: Sequence(0),
            cursor: Vec::new(),
            records: Vec::new(),
            facts: Vec::new(),
            frames: Vec::new(),
            clock: HybridClock::default(),
        }
    }

    pub fn number(&self) -> u32 {
        FIRST_DEVICE + self.place
    }

    pub fn log(&self) -> LogStatus {
        LogStatus { head: self.head.sequence, acknowledged: self.acknowledged }
    }

    /// Works so many days, the last of which ends now; gives how many visits that were.
    pub fn work(&mut self, seeded: &mut Seeded, now: Timestamp, days: i64) -> u64 {
        // What was delivered is not sent again.
        self.frames.clear();
        let (mut changes, mut sequence, mut visits) = (Vec::new(), self.head.sequence, 0);
        for day in (0..days).rev() {
            let today = VISITS_A_DAY_MIN + seeded.below(VISITS_A_DAY_MAX - VISITS_A_DAY_MIN + 1);
            for left in (0..today as i64).rev() {
                let moment = now.plus_milliseconds(-day * DAY_MS - left * VISIT_MS);
                for intents in self.visit(seeded, moment) {
                    sequence = sequence.next();
                    changes.push(self.change(sequence, intents, moment));
                }
            }
            visits += today;
        }
        self.seal(&changes);
        visits
    }

    /// What one visit saves: one in four walks up and is registered first.
    fn visit(&mut self, seeded: &mut Seeded, moment: Timestamp) -> Vec<Vec<Intent>> {
        let who = PersonId::new(moment, seeded);
        let mut saves = Vec::new();
        if seeded.below(4) == 0 {
            let values = person(seeded, self.head.sequence.0, EMPLOYER).values();
            saves.push(vec![Intent::Set { record: who.into(), kind: Person::KIND.number, values }]);
        }
        saves.push(visit(seeded, moment, who, site_id(self.place), van_id(self.place), STAFF).intents);
        saves
    }

    fn change(&mut self, sequence: Sequence, intents: Vec<Intent>, moment: Timestamp) -> Vec<u8> {
        let mut operations = Vec::with_capacity(intents.len());
        for intent in intents {
            operations.push(match intent {
                Intent::Set { record, kind, values } => {
                    self.records.push(record);
                    Operation::Edit(RecordState::new(kind).edit(record, values))
                }
                Intent::Edit(edit) => {
                    self.records.push(edit.record);
                    Operation::Edit(edit)
                }
                Intent::Record(fact) => {
                    self.facts.push(FactKey { subject: fact.subject, id: fact.id });
                    Operation::Fact(fact)
                }
            });
        }
        Envelope::seal(&Change {
            sequence,
            stamp: self.clock.tick(moment),
            device_clock_offset_ms: 0,
            staff: STAFF,
            bucket: Bucket::Site(site_id(self.place)),
            operations,
        })
    }

    /// In batches as large as a tablet makes them.
    fn seal(&mut self, changes: &[Vec<u8>]) {
        let (device, number) = (device_id(self.number()), DeviceNumber(self.number()));
        let mut rest = changes;
        while !rest.is_empty() {
            let mut bytes = 0;
            let fits = rest.iter().take_while(|change| {
                bytes += change.len();
                bytes <= limits::BATCH_BYTES_AIM
            });
            let (run, after) = rest.split_at(fits.count().clamp(1, limits::CHANGES_A_BATCH_MAX));
            let (batch, head) = Batch::seal(device, number, self.head, run, &signing_key(self.number()));
            let body = compress::compress(&batch);
            self.frames.push(Frame { after: self.head.sequence, head, body });
            self.head = head;
            rest = after;
        }
    }

    /// The batch with the change that follows this sequence.
    pub fn frame_after(&self, after: Sequence) -> Option<&Frame> {
        self.frames.iter().find(|frame| frame.after <= after && after < frame.head.sequence)
    }
}
