//! How a batch relates to a chain that is held: continues it, lies beyond it, or parts from it.

use super::Checked;
use crate::store::{ChainRow, Store, StoreError, StoreResult};
use shared::change::{Batch, Hash, Head};
use shared::compress;
use shared::ids::Sequence;
use shared::protocol::limits;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    /// All that both have is the same, and nothing between is missing. The batch may hold nothing new.
    Continues,
    /// Changes between the chain's head and the batch are missing.
    Beyond,
    /// Both are the same up to here, and then they differ.
    PartsAfter(Head),
    /// They have nothing in common that can be seen.
    Stranger,
}

/// Compressed bytes of segments that are looked at in one go.
const SEGMENT_BYTES_MAX: usize = 4 * 1024 * 1024;

pub(super) async fn relate(store: &dyn Store, chain: &ChainRow, batch: &Checked) -> StoreResult<Relation> {
    let before = Sequence(batch.first.0 - 1);
    if before > chain.head.sequence {
        return Ok(Relation::Beyond);
    }
    // A branch holds nothing from before its fork: there, both are compared where the branch begins.
    let start = before.max(chain.base.sequence);
    let end = batch.last().sequence.min(chain.head.sequence);
    if end < start {
        return Ok(Relation::Stranger);
    }
    if start == chain.head.sequence {
        let same = batch.hash_at(start) == Some(chain.head.hash);
        return Ok(if same { Relation::Continues } else { Relation::Stranger });
    }
    let mut common = None;
    for (sequence, held) in held_hashes(store, chain, start, end).await? {
        if batch.hash_at(sequence) != Some(held) {
            return Ok(common.map_or(Relation::Stranger, Relation::PartsAfter));
        }
        common = Some(Head { sequence, hash: held });
    }
    Ok(Relation::Continues)
}

/// The hashes that the chain holds from `start` through `end`, made again from its segments.
async fn held_hashes(
    store: &dyn Store,
    chain: &ChainRow,
    start: Sequence,
    end: Sequence,
) -> StoreResult<Vec<(Sequence, Hash)>> {
    let damaged = || StoreError::Damaged(format!("the log of device {} has a hole", chain.number));
    let mut hashes = Vec::new();
    if start == chain.base.sequence {
        hashes.push((start, chain.base.hash));
    }
    let mut next = start.max(chain.base.sequence.next());
    while next <= end {
        let reached = next;
        let segments = store.segments(chain.number, next, SEGMENT_BYTES_MAX).await?;
        for segment in segments {
            let bytes =
                compress::decompress(&segment.body, limits::BATCH_BYTES_MAX).map_err(|_| damaged())?;
            let batch = Batch::read(&bytes).map_err(|_| damaged())?;
            for (position, hash) in batch.hashes().into_iter().enumerate() {
                let sequence = Sequence(batch.first.0 + position as u64);
                if sequence == next && sequence <= end && sequence >= segment.first {
                    hashes.push((sequence, hash));
                    next = next.next();
                }
            }
        }
        if next == reached {
            return Err(damaged());
        }
    }
    Ok(hashes)
}
