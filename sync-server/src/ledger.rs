//! The server's own chain. What the server writes goes through the same log as what a device writes, so that history,
//! audit and rebuilding know one kind of change.

use crate::service::Service;
use crate::store::{Append, Appended, StoreError, StoreResult};
use shared::change::{Batch, Bucket, Change, Envelope, Operation};
use shared::compress;
use shared::ids::{Sequence, StaffId};
use shared::protocol::limits;
use shared::time::HybridClock;

/// One change that is to be written.
pub struct Entry {
    pub bucket: Bucket,
    pub operations: Vec<Operation>,
}

/// Somebody else, such as a second import, may write between; after so many tries something else is wrong.
const TRIES_MAX: usize = 16;

/// Appends entries, in as many batches as they need. Durable when it returns; folded soon after.
pub async fn write(service: &Service, staff: StaffId, entries: &[Entry]) -> StoreResult<()> {
    let mut rest = entries;
    let mut tries = 0;
    while !rest.is_empty() {
        let written = write_batch(service, staff, rest).await?;
        rest = &rest[written..];
        tries = if written == 0 { tries + 1 } else { 0 };
        if tries >= TRIES_MAX {
            return Err(StoreError::Busy);
        }
    }
    Ok(())
}

/// How many entries went into one batch; none when the chain moved meanwhile.
async fn write_batch(service: &Service, staff: StaffId, entries: &[Entry]) -> StoreResult<usize> {
    let region = service.store.region_row().await?;
    let chain = service.store.chain(region.server_number).await?;
    let chain = chain.ok_or_else(|| StoreError::Damaged("the server's own chain is missing".into()))?;
    let now = service.clock.now();
    let mut clock = HybridClock::default();
    let mut changes = Vec::new();
    let mut bytes = 0;
    for entry in entries.iter().take(limits::CHANGES_A_BATCH_MAX) {
        let change = Change {
            sequence: Sequence(chain.head.sequence.0 + changes.len() as u64 + 1),
            stamp: clock.tick(now),
            device_clock_offset_ms: 0,
            staff,
            bucket: entry.bucket,
            operations: entry.operations.clone(),
        };
        let envelope = Envelope::seal(&change);
        bytes += envelope.len();
        if bytes > limits::BATCH_BYTES_AIM && !changes.is_empty() {
            break;
        }
        changes.push(envelope);
    }
    let (batch, head) =
        Batch::seal(region.server_device, chain.number, chain.head, &changes, &service.keys.signing);
    let append = Append {
        number: chain.number,
        expected: chain.head,
        head,
        signature: signature_of(&batch)?,
        body: compress::compress(&batch),
        at: now,
    };
    match service.store.append(append).await? {
        Appended::Moved => Ok(0),
        Appended::Durable => {
            service.courier.arrivals.notify_one();
            Ok(changes.len())
        }
    }
}

fn signature_of(batch: &[u8]) -> StoreResult<[u8; 64]> {
    let read =
        Batch::read(batch).map_err(|_| StoreError::Damaged("the server's own batch does not read".into()))?;
    Ok(read.signature)
}
