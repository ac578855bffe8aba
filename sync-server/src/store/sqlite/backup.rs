//! Copying the whole file while it is in use, and putting a copy back. The copy is encrypted with the same key.

use super::super::{StoreError, StoreResult};
use super::connection::{self, DatabaseKey};
use std::path::Path;

const CACHE_KIB: u32 = 16 * 1024;

/// Writes a consistent copy to `target`, which must not exist yet, and checks that it opens and is whole.
pub fn backup(source: &Path, key: &DatabaseKey, target: &Path) -> StoreResult<()> {
    if target.exists() {
        return Err(StoreError::Database("the backup's file exists already".into()));
    }
    connection::make_private(target).map_err(|error| StoreError::Database(error.to_string()))?;
    let connection = connection::open(source, key, CACHE_KIB)?;
    connection.execute(
        &format!("ATTACH DATABASE ?1 AS copy KEY {}", key.literal()),
        [target.to_str().ok_or_else(|| StoreError::Database("the backup's name is not text".into()))?],
    )?;
    // One read transaction over the export: the copy is the file at one moment, whoever writes meanwhile.
    connection.execute_batch(include_str!("sql/backup.sql"))?;
    drop(connection);
    check(target, key)
}

/// Brings the journal into the file, which is the whole database by itself then. `Busy` where another program reads or
/// writes for too long.
pub fn settle(path: &Path, key: &DatabaseKey) -> StoreResult<()> {
    let connection = connection::open(path, key, CACHE_KIB)?;
    let is_busy: bool = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    if is_busy { Err(StoreError::Busy) } else { Ok(()) }
}

/// Whether a file opens with the key and every page of it is what was written.
pub fn check(path: &Path, key: &DatabaseKey) -> StoreResult<()> {
    if !path.exists() {
        return Err(StoreError::Database(format!("there is no {}", path.display())));
    }
    let connection = connection::open(path, key, CACHE_KIB)?;
    let verdict: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" { Ok(()) } else { Err(StoreError::Damaged(verdict)) }
}
