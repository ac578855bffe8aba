//! One change that was kept apart, looked at or tried again because an operator asks.

use super::fold::{self, Fold, Folded, OpenChange};
use super::{Projector, open_segments};
use crate::store::{FoldInput, StoreError, StoreResult};
use shared::change::Change;
use shared::ids::{DeviceNumber, Sequence};

/// What an operator may answer for. The other reasons guard the records themselves: a forged clock makes honest
/// writes vanish, and a fact or a kind that is written twice has no right answer.
pub const OVERRULABLE_REASON: &str = "foreign-bucket";

/// Somebody else may fold between; after so many tries something else is wrong.
const TRIES_MAX: usize = 16;

/// What came of trying a change again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Release {
    Merged,
    /// It still does not fit, for this reason.
    Refused(String),
}

impl Projector {
    /// A change of the log. `None` inside where it does not decode, outside where the log has no such change.
    pub async fn change(
        &self,
        number: DeviceNumber,
        sequence: Sequence,
    ) -> StoreResult<Option<Option<Change>>> {
        let Some(input) = self.input_for(number, sequence).await? else { return Ok(None) };
        Ok(one(&input, sequence)?.map(|change| match change {
            OpenChange::Opened(change) => Some(change),
            OpenChange::Closed(..) => None,
        }))
    }

    /// Tries a change again that was kept apart, under today's rules; with `overruled_because` its bucket is the
    /// operator's to answer for. The decision is committed together with what it merges.
    pub async fn release(
        &self,
        number: DeviceNumber,
        sequence: Sequence,
        overruled_because: Option<String>,
    ) -> StoreResult<Release> {
        for _ in 0..TRIES_MAX {
            let missing = || StoreError::Damaged(format!("change {sequence} of device {number} is missing"));
            let input = self.input_for(number, sequence).await?.ok_or_else(missing)?;
            let change = one(&input, sequence)?.ok_or_else(missing)?;
            let folded = input.chain.folded;
            let overruled_because = overruled_because.clone();
            let fold = Fold { is_retry: true, overruled_because, ..Fold::new(input, vec![change], folded) };
            match fold::run(self.store.as_ref(), fold, self.clock.now()).await? {
                Folded::Outrun => {}
                Folded::Committed { refused } => {
                    let refused = refused.into_iter().next();
                    return Ok(refused.map_or(Release::Merged, |row| Release::Refused(row.reason)));
                }
            }
        }
        Err(StoreError::Busy)
    }

    async fn input_for(&self, number: DeviceNumber, sequence: Sequence) -> StoreResult<Option<FoldInput>> {
        let Some(mut input) = self.store.fold_input(number).await? else { return Ok(None) };
        input.segments = self.store.segments(number, sequence, 1).await?;
        Ok(Some(input))
    }
}

fn one(input: &FoldInput, sequence: Sequence) -> StoreResult<Option<OpenChange>> {
    let opened = open_segments(input, Sequence(sequence.0 - 1), 1)?;
    Ok(opened.into_iter().find(|change| change.sequence() == sequence))
}
