//! The projector opens what the courier holds, in the order of each device's log, checks it and folds it into
//! record states, facts and buckets. A change that does not fit is kept apart with its reason, and the next one
//! goes through. It never writes to the log.

mod by_hand;
mod check;
mod fold;
mod fork;
mod retry;
mod table;
mod wait;
mod work;

pub use by_hand::{OVERRULABLE_REASON, Release};

use crate::platform::Clock;
use crate::store::{FoldInput, QuarantinePlace, Store, StoreError, StoreResult};
use fold::{Fold, Folded, OpenChange};
use shared::change::Batch;
use shared::compress;
use shared::ids::{DeviceNumber, Sequence};
use shared::protocol::limits;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{Mutex, Notify, watch};
use tokio::time::Instant;
use wait::Seen;

/// How often an idle projector looks: another process, such as an import, may have appended.
const LOOK_AGAIN: Duration = Duration::from_millis(200);
const AFTER_AN_ERROR: Duration = Duration::from_secs(1);
/// While batches keep arriving, those who send them come first: folding waits for such a pause, but no longer than
/// this altogether, and not at all once somebody waits for its outcome.
const PAUSE: Duration = Duration::from_millis(20);
const HELD_BACK_MAX: Duration = Duration::from_millis(500);
/// Changes of one fold: what arrives meanwhile waits no longer than one takes.
const CHANGES_A_FOLD_MAX: usize = 1_000;
/// Bytes of opened segments of one fold, beyond which no further one is opened: small bodies may unpack to large ones.
const OPENED_BYTES_A_FOLD: usize = 2 * limits::BATCH_BYTES_MAX;

pub struct Projector {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    arrivals: Arc<Notify>,
    /// Rung by those who wait.
    wanted: Notify,
    /// Counts folds, for those who wait.
    folds: watch::Sender<u64>,
    /// What those who wait saw last.
    seen: Mutex<Option<Seen>>,
    healthy: AtomicBool,
    /// After which change the next go of tries begins, so that many that never fit do not keep the others from theirs.
    retry_after: Mutex<Option<QuarantinePlace>>,
    /// Changes that were kept apart before stay apart: for rebuilding, where the old decision stands.
    keeps_decisions: bool,
}

impl Projector {
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, arrivals: Arc<Notify>) -> Self {
        let healthy = AtomicBool::new(true);
        Self {
            store,
            clock,
            arrivals,
            wanted: Notify::new(),
            folds: watch::Sender::new(0),
            seen: Mutex::default(),
            healthy,
            retry_after: Mutex::default(),
            keeps_decisions: false,
        }
    }

    /// One that folds a copied log with the decisions that were made when it came.
    pub fn for_rebuilding(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Self {
        Self { keeps_decisions: true, ..Self::new(store, clock, Arc::default()) }
    }

    pub fn is_healthy(&self) -> bool {
        self.healthy.load(Ordering::Relaxed)
    }

    /// Folds for ever, until `stop` changes.
    pub async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut retry_is_due = true;
        while !*stop.borrow() {
            let pause = match self.fold_all().await {
                Ok(0) if retry_is_due => {
                    retry_is_due = false;
                    self.retry_kept_apart().await.map_or(AFTER_AN_ERROR, |_| LOOK_AGAIN)
                }
                Ok(0) => LOOK_AGAIN,
                Ok(_) => {
                    retry_is_due = true;
                    self.let_arrive().await;
                    continue;
                }
                Err(error) => {
                    self.healthy.store(false, Ordering::Relaxed);
                    tracing::error!(%error, "folding failed; it is tried again");
                    AFTER_AN_ERROR
                }
            };
            tokio::select! {
                () = self.arrivals.notified() => self.let_arrive().await,
                () = self.wanted.notified() => {}
                () = tokio::time::sleep(pause) => {}
                told = stop.changed() => if told.is_err() { return },
            }
        }
    }

    /// Waits for a pause in what arrives.
    async fn let_arrive(&self) {
        let latest = Instant::now() + HELD_BACK_MAX;
        let is_arriving = || tokio::time::timeout(PAUSE, self.arrivals.notified());
        loop {
            tokio::select! {
                () = self.wanted.notified() => return,
                arrived = is_arriving() => if arrived.is_err() || Instant::now() >= latest { return },
            }
        }
    }

    /// Folds until nothing lags, and tries again what was kept apart. For programs that write and then end.
    pub async fn catch_up(&self) -> StoreResult<()> {
        if self.keeps_decisions {
            self.fold_servers().await?;
        }
        while self.fold_all().await? > 0 {}
        if !self.keeps_decisions {
            self.retry_kept_apart().await?;
        }
        Ok(())
    }

    /// Everything that servers wrote: the plans by which a device's right to write is judged.
    async fn fold_servers(&self) -> StoreResult<()> {
        let devices = self.store.devices().await?;
        for server in devices.iter().filter(|device| device.van.is_none()) {
            while self
                .store
                .chain(server.number)
                .await?
                .is_some_and(|chain| chain.folded < chain.head.sequence)
            {
                self.fold_one(server.number).await?;
            }
        }
        Ok(())
    }

    /// One fold of every chain that lags; how many there were. One that cannot be folded keeps no other from it.
    async fn fold_all(&self) -> StoreResult<usize> {
        let lagging = self.store.lagging().await?;
        let mut failed = None;
        for chain in &lagging {
            if let Err(error) = self.fold_one(chain.number).await {
                tracing::error!(device = chain.number.0, %error, "a chain was not folded");
                failed = Some(error);
            }
        }
        if let Some(error) = failed {
            return Err(error);
        }
        self.healthy.store(true, Ordering::Relaxed);
        Ok(lagging.len())
    }

    async fn fold_one(&self, number: DeviceNumber) -> StoreResult<()> {
        let Some(input) = self.store.fold_input(number).await? else { return Ok(()) };
        let after = input.chain.folded;
        let opening = tokio::task::spawn_blocking(move || {
            open_segments(&input, after, CHANGES_A_FOLD_MAX).map(|opened| (input, opened))
        });
        let (input, changes) = opening.await.map_err(|_| StoreError::Closed)??;
        let Some(folded) = changes.last().map(OpenChange::sequence) else { return Ok(()) };
        let mut fold = Fold::new(input, changes, folded);
        if self.keeps_decisions {
            let apart = self.kept_apart(number).await?;
            fold.changes.retain(|change| !apart.contains(&change.sequence()));
            fold.decided = self.store.released(number).await?;
        }
        if let Folded::Committed { .. } = fold::run(self.store.as_ref(), fold, self.clock.now()).await? {
            self.folds.send_modify(|folds| *folds += 1);
        }
        Ok(())
    }

    async fn kept_apart(&self, number: DeviceNumber) -> StoreResult<BTreeSet<Sequence>> {
        let rows = self.store.rejections(number, Sequence(0), usize::MAX >> 1).await?;
        Ok(rows.into_iter().map(|row| row.sequence).collect())
    }
}

/// The first changes of a chain's segments after a sequence, opened as far as they open; `most` of them, because the
/// segments of one reading hold several folds, and each fold begins here again.
fn open_segments(input: &FoldInput, after: Sequence, most: usize) -> StoreResult<Vec<OpenChange>> {
    let damaged = || StoreError::Damaged(format!("a segment of device {} does not open", input.chain.number));
    let (mut opened, mut opened_bytes) = (Vec::new(), 0);
    for segment in &input.segments {
        if opened.len() == most || opened_bytes > OPENED_BYTES_A_FOLD {
            break;
        }
        let bytes = compress::decompress(&segment.body, limits::BATCH_BYTES_MAX).map_err(|_| damaged())?;
        opened_bytes += bytes.len();
        let batch = Batch::read(&bytes).map_err(|_| damaged())?;
        let numbered = batch.changes.iter().enumerate();
        let wanted = numbered
            .map(|(position, change)| (Sequence(batch.first.0 + position as u64), change))
            .filter(|(sequence, _)| *sequence > after && *sequence >= segment.first);
        let left = most - opened.len();
        opened.extend(wanted.take(left).map(|(sequence, change)| OpenChange::open(sequence, change)));
    }
    Ok(opened)
}

#[cfg(test)]
mod tests;
