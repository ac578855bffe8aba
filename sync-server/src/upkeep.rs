//! Backup, restore and rebuilding: what an operator does rarely and must be able to trust.

mod swap;

use crate::platform::{Clock, SystemClock};
use crate::projector::Projector;
use crate::register;
use crate::server::{StartError, open};
use crate::settings::{Settings, SettingsError};
use crate::store::sqlite::{Difference, Scratch, SqliteStore, backup as sqlite};
use crate::store::{Store, StoreError};
use shared::time::Timestamp;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;
use std::sync::Arc;
use swap::{STEPS, Swap};

/// The live log may move on while it is compared; then it is copied again.
const COMPARISONS_MAX: usize = 5;

/// Why an operator's wish cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum UpkeepError {
    #[error("a server is running on this folder; stop it first")]
    Running,
    #[error("the log moved on during every comparison; stop the server and try again")]
    MovesOn,
    #[error("{path}: {source}")]
    File { path: String, source: io::Error },
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn file_error(path: &Path) -> impl FnOnce(io::Error) -> UpkeepError {
    let path = path.display().to_string();
    move |source| UpkeepError::File { path, source }
}

/// Held by whoever serves a folder or replaces its database: for as long as the value lives.
pub fn lock(settings: &Settings) -> Result<File, UpkeepError> {
    let path = settings.data.join("server.lock");
    let file = File::create(&path).map_err(file_error(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(UpkeepError::Running),
        Err(TryLockError::Error(error)) => Err(file_error(&path)(error)),
    }
}

/// Copies the database to a new file, whether or not a server runs. The copy opens with the same key, and was read
/// back whole when this returns.
pub fn backup(settings: &Settings, target: &Path) -> Result<(), UpkeepError> {
    Ok(sqlite::backup(&settings.database(), &settings.database_key()?, target)?)
}

/// Puts a backup in the place of the database, in a new epoch: devices see it, start their cursors anew and send again
/// what the backup does not hold. The epoch begins before the file is in its place, so that a kill between leaves
/// either the old database or a restored one, never yesterday's file in today's epoch. The old database stays beside it.
pub async fn restore(settings: &Settings, source: &Path) -> Result<u64, UpkeepError> {
    let _lock = lock(settings)?;
    let (swap, epoch) = prepare(settings, source).await?;
    for step in STEPS {
        step(&swap)?;
    }
    tracing::warn!(epoch, "the database was restored from a backup");
    Ok(epoch)
}

/// The restored database, whole and in its new epoch, beside the old one.
async fn prepare(settings: &Settings, source: &Path) -> Result<(Swap, u64), UpkeepError> {
    let key = settings.database_key()?;
    sqlite::check(source, &key)?;
    let now = SystemClock.now();
    let database = settings.database();
    let swap = Swap::of(&database, key.clone(), now);
    swap.clear_way();
    fs::copy(source, &swap.fresh).map_err(file_error(source))?;
    let before = match database.exists() {
        true => epoch_of(settings).await.ok(),
        false => None,
    };
    let store = SqliteStore::open(&swap.fresh, &key, settings.region)?;
    let epoch = next_epoch(before, store.region_row().await?.epoch, now);
    store.begin_epoch(epoch, now).await?;
    store.readmit(register::read(settings)?).await?;
    Ok((swap, epoch))
}

async fn epoch_of(settings: &Settings) -> Result<u64, UpkeepError> {
    let store: SqliteStore = settings.open_store()?;
    Ok(store.region_row().await?.epoch)
}

/// An epoch that no device ever saw. Where the old database is lost, and with it the number of epochs that there
/// were, the time in seconds is one.
fn next_epoch(before: Option<u64>, of_backup: u64, now: Timestamp) -> u64 {
    match before {
        Some(before) => before.max(of_backup) + 1,
        None => (now.milliseconds().max(0) as u64 / 1000).max(of_backup + 1),
    }
}

/// Folds the whole log anew into a scratch file and tells what differs from the live tables: nothing, if all is well.
pub async fn check_rebuild(settings: &Settings) -> Result<Vec<Difference>, UpkeepError> {
    let service = open(settings)?;
    for _ in 0..COMPARISONS_MAX {
        service.projector.catch_up().await?;
        let scratch = Scratch::make(&settings.database(), &settings.database_key()?, settings.region)?;
        let store: Arc<dyn Store> = Arc::new(scratch.open()?);
        Projector::for_rebuilding(store.clone(), Arc::new(SystemClock)).catch_up().await?;
        drop(store);
        if let Some(differences) = scratch.compare()? {
            return Ok(differences);
        }
    }
    Err(UpkeepError::MovesOn)
}

#[cfg(test)]
mod tests;
