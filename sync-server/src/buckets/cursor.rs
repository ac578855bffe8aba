//! Where a device stands in each of its buckets, as bytes that only this server reads: `[version, epoch, flags,
//! [bucket, sequence, …], [bucket, head, class, item, …], mark]`. Buckets are named by their short numbers, so that
//! an idle sync stays small. A cursor that was altered, of another device or of another epoch reads as none.

use crate::store::Item;
use shared::cbor::{Reader, Writer};
use shared::error::Malformed;
use shared::ids::{DeviceNumber, FactId, RecordId};
use std::collections::BTreeMap;

const VERSION: u64 = 1;
const MARK_BYTES: usize = 8;

/// How far a device is in one bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Members are being read; then the log follows from `head`, where it stood when the reading began.
    Snapshot {
        head: u64,
        after: Item,
    },
    Log(u64),
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cursor {
    /// The device began with nothing in its hands but what it wrote itself, all of which it still holds.
    pub is_fresh: bool,
    pub places: BTreeMap<u32, Place>,
}

fn mark(key: &[u8; 32], device: DeviceNumber, body: &[u8]) -> [u8; MARK_BYTES] {
    let mut hasher = blake3::Hasher::new_keyed(key);
    hasher.update(b"caravan 2026-11 cursor").update(&device.0.to_be_bytes()).update(body);
    let mut mark = [0; MARK_BYTES];
    mark.copy_from_slice(&hasher.finalize().as_bytes()[..MARK_BYTES]);
    mark
}

impl Cursor {
    pub fn write(&self, key: &[u8; 32], device: DeviceNumber, epoch: u64) -> Vec<u8> {
        let (mut log, mut snapshots) = (Writer::default(), Writer::default());
        let (mut log_count, mut snapshot_count) = (0, 0);
        for (bucket, place) in &self.places {
            match place {
                Place::Log(sequence) => {
                    log_count += 1;
                    log.unsigned((*bucket).into()).unsigned(*sequence);
                }
                Place::Snapshot { head, after } => {
                    snapshot_count += 1;
                    snapshots.unsigned((*bucket).into()).unsigned(*head);
                    match after {
                        Item::Record(id) => snapshots.unsigned(0).bytes(id.as_bytes()),
                        Item::Fact(id) => snapshots.unsigned(1).bytes(id.as_bytes()),
                    };
                }
            }
        }
        let mut out = Writer::default();
        out.unsigned(VERSION).unsigned(epoch).unsigned(self.is_fresh.into());
        out.array(log_count * 2).raw(&log.finish()).array(snapshot_count * 4).raw(&snapshots.finish());
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
            places.insert(bucket, Place::Log(input.unsigned("a sequence")?));
        }
        for _ in 0..input.array("places in snapshots")? / 4 {
            let bucket = input.unsigned_32("a bucket")?;
            let head = input.unsigned("a head")?;
            let after = match input.unsigned("a class")? {
                0 => Item::Record(RecordId::from_bytes(input.bytes_of("an item")?)),
                _ => Item::Fact(FactId::from_bytes(input.bytes_of("an item")?)),
            };
            places.insert(bucket, Place::Snapshot { head, after });
        }
        Ok(Some(Self { is_fresh, places }))
    }
}
