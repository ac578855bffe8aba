//! Where a device stands in each of its buckets, as bytes that only this server reads: `version, epoch, flags,
//! [bucket, sequence, …], [bucket, sequence, fact, …], [bucket, head, record, fact, …], (decisions told), mark`. Buckets are named by their short numbers, so that
//! an idle sync stays small. A cursor that was altered, of another device or of another epoch reads as none.

use crate::store::{LogPlace, MemberPlace};
use shared::cbor::{Reader, Writer};
use shared::error::Malformed;
use shared::ids::{DeviceNumber, FactId, RecordId};
use std::collections::BTreeMap;

/// v2, 2026-11: facts go with their subject.
const VERSION: u64 = 2;
const MARK_BYTES: usize = 8;

/// How far a device is in one bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Members are being read; then the log follows from `head`, where it stood when the reading began.
    Snapshot {
        head: u64,
        after: MemberPlace,
    },
    Log(LogPlace),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The device began with nothing in its hands but what it wrote itself, all of which it still holds.
    pub is_fresh: bool,
    pub places: BTreeMap<u32, Place>,
    /// The last decision about its changes that the device was told of.
    pub decisions_told: u64,
}

/// What tells that this server gave a cursor's bytes to this device.
pub fn mark(key: &[u8; 32], device: DeviceNumber, body: &[u8]) -> [u8; MARK_BYTES] {
    let mut hasher = blake3::Hasher::new_keyed(key);
    hasher.update(b"caravan 2026-11 cursor").update(&device.0.to_be_bytes()).update(body);
    let mut mark = [0; MARK_BYTES];
    mark.copy_from_slice(&hasher.finalize().as_bytes()[..MARK_BYTES]);
    mark
}

impl Cursor {
    pub fn write(&self, key: &[u8; 32], device: DeviceNumber, epoch: u64) -> Vec<u8> {
        let mut lists = [Writer::default(), Writer::default(), Writer::default()];
        let mut counts = [0; 3];
        let [logs, within, snapshots] = &mut lists;
        for (bucket, place) in &self.places {
            let bucket = u64::from(*bucket);
            match place {
                Place::Log(LogPlace { sequence, fact: None }) => {
                    counts[0] += 2;
                    logs.unsigned(bucket).unsigned(*sequence);
                }
                Place::Log(LogPlace { sequence, fact: Some(fact) }) => {
                    counts[1] += 3;
                    within.unsigned(bucket).unsigned(*sequence).bytes(fact.as_bytes());
                }
                Place::Snapshot { head, after } => {
                    counts[2] += 4;
                    snapshots.unsigned(bucket).unsigned(*head).bytes(after.record.as_bytes());
                    match after.fact {
                        None => snapshots.null(),
                        Some(fact) => snapshots.bytes(fact.as_bytes()),
                    };
                }
            }
        }
        let mut out = Writer::default();
        out.unsigned(VERSION).unsigned(epoch).unsigned(self.is_fresh.into());
        for (count, list) in counts.into_iter().zip(lists) {
            out.array(count).raw(&list.finish());
        }
        if self.decisions_told > 0 {
            out.unsigned(self.decisions_told);
        }
        let mut bytes = out.finish();
        let mark = mark(key, device, &bytes);
        bytes.extend_from_slice(&mark);
        bytes
    }

    /// The cursor, or nothing when these are not bytes that this server gave to this device in this epoch.
    pub fn read(bytes: &[u8], key: &[u8; 32], device: DeviceNumber, epoch: u64) -> Option<Self> {
        let (body, given) = bytes.split_at_checked(bytes.len().checked_sub(MARK_BYTES)?)?;
        if mark(key, device, body) != given {
            return None;
        }
        Self::read_body(body, epoch).ok().flatten()
    }

    fn read_body(body: &[u8], epoch: u64) -> Result<Option<Self>, Malformed> {
        let mut input = Reader::new(body);
        if input.unsigned("a version")? != VERSION || input.unsigned("an epoch")? != epoch {
            return Ok(None);
        }
        let is_fresh = input.unsigned("flags")? == 1;
        let mut places = BTreeMap::new();
        for _ in 0..input.array("places in logs")? / 2 {
            let bucket = input.unsigned_32("a bucket")?;
            let sequence = input.unsigned("a sequence")?;
            places.insert(bucket, Place::Log(LogPlace { sequence, fact: None }));
        }
        for _ in 0..input.array("places within rows of logs")? / 3 {
            let bucket = input.unsigned_32("a bucket")?;
            let sequence = input.unsigned("a sequence")?;
            let fact = Some(FactId::from_bytes(input.bytes_of("a fact")?));
            places.insert(bucket, Place::Log(LogPlace { sequence, fact }));
        }
        for _ in 0..input.array("places in snapshots")? / 4 {
            let bucket = input.unsigned_32("a bucket")?;
            let head = input.unsigned("a head")?;
            let record = RecordId::from_bytes(input.bytes_of("a record")?);
            let fact = match input.is_null() {
                true => input.null("no fact").map(|()| None)?,
                false => Some(FactId::from_bytes(input.bytes_of("a fact")?)),
            };
            places.insert(bucket, Place::Snapshot { head, after: MemberPlace { record, fact } });
        }
        // A cursor from before 2026-11-25 ends here.
        let decisions_told = if input.is_at_end() { 0 } else { input.unsigned("decisions")? };
        Ok(Some(Self { is_fresh, places, decisions_told }))
    }
}
