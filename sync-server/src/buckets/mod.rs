//! What goes down: which buckets a device sees, and pages of what came to them since its cursor. Reads what the
//! projector made and never merges anything itself.

pub mod cursor;
mod page;

use crate::platform::Clock;
use crate::projector::Projector;
use crate::store::{BucketRow, DeviceRow, Store, StoreError, StoreResult};
use chrono::{Days, NaiveDate};
use shared::change::Bucket;
use shared::error::Malformed;
use shared::ids::{RegionId, VanId};
use shared::protocol::limits;
use std::sync::Arc;
use std::time::Duration;

/// A device holds its van's days from yesterday, which in the west is still today, to two weeks from now.
const DAYS_BACK: u64 = 1;
const DAYS_AHEAD: u64 = 14;

/// Why a page cannot be given.
#[derive(Debug, thiserror::Error)]
pub enum PullError {
    #[error("{0}")]
    Malformed(#[from] Malformed),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How pages are cut and how long one waits for the projector. Tests take smaller ones.
#[derive(Clone, Copy, Debug)]
pub struct PageRules {
    pub bytes_aim: usize,
    pub patience: Duration,
}

impl Default for PageRules {
    fn default() -> Self {
        Self { bytes_aim: limits::PAGE_BYTES_AIM, patience: Duration::from_secs(2) }
    }
}

pub struct Buckets {
    store: Arc<dyn Store>,
    projector: Arc<Projector>,
    clock: Arc<dyn Clock>,
    /// Keeps a device from making cursors of its own.
    cursor_key: [u8; 32],
    pub rules: PageRules,
}

impl Buckets {
    pub fn new(
        store: Arc<dyn Store>,
        projector: Arc<Projector>,
        clock: Arc<dyn Clock>,
        cursor_key: [u8; 32],
        rules: PageRules,
    ) -> Self {
        Self { store, projector, clock, cursor_key, rules }
    }
}

/// The days that a device sees around today.
fn window(today: NaiveDate) -> (NaiveDate, NaiveDate) {
    let from = today.checked_sub_days(Days::new(DAYS_BACK)).unwrap_or(today);
    (from, today.checked_add_days(Days::new(DAYS_AHEAD)).unwrap_or(today))
}

/// Every bucket that a device of a van sees, the small ones that a day begins with first.
async fn visible(store: &dyn Store, device: &DeviceRow, today: NaiveDate) -> StoreResult<Vec<Bucket>> {
    let region: RegionId = store.region();
    let mut buckets = vec![Bucket::Staff(region), Bucket::Content(region)];
    let Some(van): Option<VanId> = device.van else { return Ok(buckets) };
    let (from, to) = window(today);
    buckets.extend(from.iter_days().take_while(|day| *day <= to).map(|day| Bucket::Route(van, day)));
    buckets.extend(store.sites_of_van(van, Some((from, to))).await?.into_iter().map(Bucket::Site));
    Ok(buckets)
}

/// What a device may hold that it does not see any more, whatever its cursor knew: every site that its van was ever sent to.
async fn left(store: &dyn Store, device: &DeviceRow, visible: &[Bucket]) -> StoreResult<Vec<Bucket>> {
    let Some(van) = device.van else { return Ok(Vec::new()) };
    let ever = store.sites_of_van(van, None).await?.into_iter().map(Bucket::Site);
    Ok(ever.filter(|bucket| !visible.contains(bucket)).collect())
}

/// The rows of what a device sees. A site has one from the moment that somebody sees it, so that the device's cursor
/// knows it: what it writes there may be the first, and arrive when the van is sent there no more.
async fn rows_of(store: &dyn Store, visible: Vec<Bucket>) -> StoreResult<Vec<BucketRow>> {
    let rows = store.bucket_rows(visible.clone()).await?;
    let is_known = |bucket: &Bucket| rows.iter().any(|row| row.bucket == *bucket);
    let unknown: Vec<Bucket> = visible
        .iter()
        .filter(|bucket| matches!(bucket, Bucket::Site(_)) && !is_known(bucket))
        .copied()
        .collect();
    if unknown.is_empty() {
        return Ok(rows);
    }
    store.make_buckets(unknown).await?;
    store.bucket_rows(visible).await
}

#[cfg(test)]
mod tests;
