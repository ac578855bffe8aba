//! Waiting for a fold. Of a thousand vans that wait, all look together, and each more and more rarely: their looks would
//! take the time that folding needs.

use super::Projector;
use crate::store::{ChainRow, StoreResult};
use shared::ids::DeviceNumber;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// How often who waits for a fold looks whether it is there: at once, and then more and more rarely.
const LOOK_FIRST: Duration = Duration::from_millis(1);
const LOOK_LAST: Duration = Duration::from_millis(400);
/// Another process may fold: nobody waits longer for news of our own.
const FOLD_AWAITED_MAX: Duration = Duration::from_millis(50);
/// Who looks at the same time looks once for all; looks of a crowd are so far apart.
const LOOKS_APART: Duration = Duration::from_millis(10);

/// Which chains lagged at a moment.
pub(super) struct Seen {
    began: Instant,
    lagging: Arc<BTreeMap<DeviceNumber, ChainRow>>,
}

impl Projector {
    /// Waits until all that is held now is folded, or until the time is up; says which.
    pub async fn wait_until_folded(&self, patience: Duration) -> StoreResult<bool> {
        let deadline = Instant::now() + patience;
        let mut folds = self.folds.subscribe();
        let goal = self.look().await?;
        let mut behind: Vec<&ChainRow> = goal.values().collect();
        let mut pause = LOOK_FIRST;
        while !behind.is_empty() {
            self.wanted.notify_one();
            let look = async {
                tokio::time::sleep(pause).await;
                drop(tokio::time::timeout(FOLD_AWAITED_MAX, folds.changed()).await);
                self.look().await
            };
            let Ok(lagging) = tokio::time::timeout_at(deadline, look).await else { return Ok(false) };
            let lagging = lagging?;
            behind.retain(|chain| {
                lagging.get(&chain.number).is_some_and(|now| now.folded < chain.head.sequence)
            });
            pause = (pause * 2).min(LOOK_LAST);
        }
        Ok(true)
    }

    /// Which chains lag, as read after this call began: every chain is read, so a crowd shares its readings.
    async fn look(&self) -> StoreResult<Arc<BTreeMap<DeviceNumber, ChainRow>>> {
        let asked = Instant::now();
        let (mut seen, is_crowd) = match self.seen.try_lock() {
            Ok(seen) => (seen, false),
            Err(_) => (self.seen.lock().await, true),
        };
        if let Some(last) = seen.as_ref().filter(|_| is_crowd) {
            if last.began >= asked {
                return Ok(last.lagging.clone());
            }
            tokio::time::sleep_until(last.began + LOOKS_APART).await;
        }
        let began = Instant::now();
        let lagging = self.store.lagging().await?;
        let lagging: Arc<BTreeMap<_, _>> =
            Arc::new(lagging.into_iter().map(|chain| (chain.number, chain)).collect());
        *seen = Some(Seen { began, lagging: lagging.clone() });
        Ok(lagging)
    }
}
