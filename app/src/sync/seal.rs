//! Sealing runs of the log in idle moments: what was captured without a network lies ready, signed and compressed, when
//! there is one, and takes a fraction of its rows' room. Changes no change.

use crate::store::{Identity, LogReads, SealedRun, Store, StoreError};
use ed25519_dalek::SigningKey;
use shared::change::{Batch, Head};
use shared::compress;
use shared::ids::Sequence;
use shared::protocol::limits;

/// A shorter run is not worth a frame of its own: more changes will come.
const SEALED_FROM_BYTES: usize = limits::BATCH_BYTES_AIM / 2;

/// Seals the oldest rows of the log, as many as go in one batch; false when there are too few.
pub fn seal_run(store: &mut Store, identity: &Identity, key: &SigningKey) -> Result<bool, StoreError> {
    let rows = store.unsealed_after(Sequence(0), limits::BATCH_BYTES_AIM, limits::CHANGES_A_BATCH_MAX)?;
    let bytes: usize = rows.iter().map(|row| row.envelope.len()).sum();
    let Some(first) = rows.first().map(|row| row.sequence).filter(|_| bytes >= SEALED_FROM_BYTES) else {
        return Ok(false);
    };
    let before = head_before(store, identity, first)?;
    let changes: Vec<Vec<u8>> = rows.into_iter().map(|row| row.envelope).collect();
    let (batch, head) = Batch::seal(identity.device_id(), identity.device_number(), before, &changes, key);
    let run = SealedRun { first, head, frame: compress::compress(&batch) };
    let write = store.write()?;
    write.seal(&run)?;
    write.commit()?;
    Ok(true)
}

/// Where the chain stood before a change.
pub(super) fn head_before(store: &Store, identity: &Identity, first: Sequence) -> Result<Head, StoreError> {
    let sequence = Sequence(first.0 - 1);
    if sequence == Sequence(0) {
        return Ok(identity.genesis());
    }
    let hash = store.hash_at(sequence)?;
    let hash = hash.ok_or_else(|| StoreError::Damaged(format!("the log has no change {sequence}")))?;
    Ok(Head { sequence, hash })
}
