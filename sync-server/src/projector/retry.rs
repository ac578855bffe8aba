//! Changes that were kept apart for a reason that passes are tried again, a few in each quiet moment. However many there
//! are, no more of them are in memory than one fold takes.

use super::fold::{self, Fold};
use super::{OPENED_BYTES_A_FOLD, Projector, open_segments};
use crate::store::{QuarantineRow, StoreResult};
use shared::ids::{DeviceNumber, Sequence};
use shared::protocol::limits;
use std::collections::{BTreeMap, BTreeSet};

/// Changes kept apart that are tried again in one go.
pub(super) const RETRIED_MAX: usize = 256;
/// Of them those of one fold: each may be as large as a change may be.
const RETRIED_A_FOLD: usize = OPENED_BYTES_A_FOLD / limits::CHANGE_BYTES_MAX;
/// Reasons that pass when more of the log arrives, such as after a server was restored from an old backup, or with a
/// newer build of the server.
const PASSING_REASONS: &[&str] = &["unknown-clock", "foreign-bucket", "newer-app"];

impl Projector {
    /// Tries again what failed for a reason that passes. What fits now is merged and no longer kept apart.
    pub(super) async fn retry_kept_apart(&self) -> StoreResult<usize> {
        let mut waiting: BTreeMap<DeviceNumber, BTreeSet<Sequence>> = BTreeMap::new();
        for row in self.next_to_retry().await? {
            waiting.entry(row.number).or_default().insert(row.sequence);
        }
        let mut tried = 0;
        for (number, sequences) in waiting {
            let sequences: Vec<Sequence> = sequences.into_iter().collect();
            for some in sequences.chunks(RETRIED_A_FOLD) {
                tried += self.retry(number, some).await?;
            }
        }
        Ok(tried)
    }

    /// One fold of changes of one chain that were kept apart.
    async fn retry(&self, number: DeviceNumber, sequences: &[Sequence]) -> StoreResult<usize> {
        let Some(mut input) = self.store.fold_input(number).await? else { return Ok(0) };
        let mut changes = Vec::new();
        for sequence in sequences {
            input.segments = self.store.segments(number, *sequence, 1).await?;
            let before = Sequence(sequence.0 - 1);
            let opened = open_segments(&input, before, 1)?;
            changes.extend(opened.into_iter().find(|change| change.sequence() == *sequence));
        }
        let (tried, folded) = (changes.len(), input.chain.folded);
        let fold = Fold { is_retry: true, ..Fold::new(input, changes, folded) };
        fold::run(self.store.as_ref(), fold, self.clock.now()).await?;
        Ok(tried)
    }

    /// The next go: on from where the last one ended and, past the end, round to there again, so that each go tries all
    /// of them where they are few.
    pub(super) async fn next_to_retry(&self) -> StoreResult<Vec<QuarantineRow>> {
        let mut place = self.retry_after.lock().await;
        let rows_after = |after, most| self.store.quarantine_after(after, PASSING_REASONS, most);
        let mut rows = rows_after(*place, RETRIED_MAX).await?;
        if let Some(begun) = *place {
            let round = rows_after(None, RETRIED_MAX - rows.len()).await?;
            rows.extend(round.into_iter().take_while(|row| row.place() <= begun));
        }
        *place = rows.last().map(QuarantineRow::place);
        Ok(rows)
    }
}
