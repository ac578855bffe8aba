//! The thread that syncs: a run whenever somebody saved or a pause is over, tidying and resting between. What a run does
//! is the driver's.

use super::client::{HttpTransport, Transport};
use super::driver::{Driver, SyncReport};
use super::{IDLE_INTERVAL_MS, Safeguard};
use crate::platform;
use crate::session::DataFolder;
use crate::store::{DataKey, MetaReads, Store, StoreError};
use shared::sync::Phase;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, watch};

/// While saves come in a row, what is kept beside the file follows no oftener than this.
const REST_INTERVAL: Duration = Duration::from_secs(20);

/// How far the sync thread, and what it starts, stands behind the screens' where both want one core (as `nice` counts).
const BEHIND_SCREENS: i32 = 10;

/// Starts the sync thread of an enrolled device. `wake` starts a run at once, such as after a save.
pub fn start(
    folder: &DataFolder,
    key: DataKey,
    wake: Arc<Notify>,
) -> Result<watch::Receiver<SyncReport>, StoreError> {
    let mut store = Store::open(&folder.records(), &key)?;
    let identity =
        store.identity()?.ok_or_else(|| StoreError::Damaged("a device that was never enrolled".into()))?;
    let transport = HttpTransport::enrolled(&identity, store.server_time()?)
        .map_err(|error| StoreError::Damaged(format!("the device's certificates: {error}")))?;
    let safeguard = Safeguard::open(folder, &mut store)
        .map_err(|error| StoreError::Damaged(format!("the device's mark: {error}")))?;
    let driver = Driver::new(store, transport)?.erasing(folder).guarded(safeguard);
    let (tell, report) = watch::channel(driver.report());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| StoreError::Damaged(format!("no runtime for sync: {error}")))?;
    std::thread::Builder::new()
        .name("sync".into())
        .spawn(move || {
            if let Err(error) = rustix::process::nice(BEHIND_SCREENS) {
                tracing::warn!(%error, "sync runs before the screens");
            }
            runtime.block_on(keep_syncing(driver, tell, wake));
        })
        .map_err(|error| StoreError::Damaged(format!("no thread for sync: {error}")))?;
    Ok(report)
}

/// Runs until nobody listens any more.
pub(super) async fn keep_syncing<T: Transport>(
    mut driver: Driver<T>,
    tell: watch::Sender<SyncReport>,
    wake: Arc<Notify>,
) {
    let mut rested_at: Option<tokio::time::Instant> = None;
    while !tell.is_closed() {
        let pause_ms = match driver
            .run_once(&mut |report| {
                tell.send_replace(report);
            })
            .await
        {
            Ok(None) => IDLE_INTERVAL_MS,
            Ok(Some(delay_ms)) => jittered(delay_ms, u64::from_be_bytes(platform::random())),
            Err(error) => {
                tracing::error!(permanent = error.is_permanent(), "sync cannot use the device's file");
                shared::sync::RETRY_MS_MAX
            }
        };
        if driver.report().phase == Phase::Wiped {
            return;
        }
        if let Err(error) = driver.tidy() {
            tracing::warn!(permanent = error.is_permanent(), "the device's file cannot be tidied");
        }
        let is_settled = driver.report().log.acknowledged == driver.report().log.head;
        if is_settled || rested_at.is_none_or(|rested| rested.elapsed() >= REST_INTERVAL) {
            driver.rest();
            rested_at = Some(tokio::time::Instant::now());
        }
        let pause = tokio::time::sleep(Duration::from_millis(pause_ms));
        tokio::select! {
            () = pause => {}
            () = wake.notified() => {}
        }
    }
}

/// Half to all of a pause, so that a thousand vans do not come back in one second.
pub fn jittered(delay_ms: u64, random: u64) -> u64 {
    delay_ms / 2 + random % (delay_ms / 2 + 1)
}
