//! The log folded anew into a scratch file, and what differs between it and the live one.

use super::super::{StoreError, StoreResult};
use super::SqliteStore;
use super::connection::{self, DatabaseKey};
use shared::ids::RegionId;
use std::path::{Path, PathBuf};

const CACHE_KIB: u32 = 32 * 1024;

/// A table whose rows are not the same; `rows` counts those that only one side has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub table: &'static str,
    pub rows: u64,
}

/// A second file beside the live one that holds the same log and nothing made from it.
pub struct Scratch {
    live: PathBuf,
    path: PathBuf,
    key: DatabaseKey,
    region: RegionId,
}

/// Every table that is made from the log, as rows that two files may be compared by. A state is the same bytes
/// whatever order its writes came in.
const PROJECTIONS: &[(&str, &str)] = &[
    ("record", include_str!("sql/compare_record.sql")),
    ("fact", include_str!("sql/compare_fact.sql")),
    ("member", include_str!("sql/compare_member.sql")),
    ("stop_site", include_str!("sql/compare_stop_site.sql")),
    ("van_site", include_str!("sql/compare_van_site.sql")),
    ("quarantine", include_str!("sql/compare_quarantine.sql")),
];

impl Scratch {
    pub fn make(live: &Path, key: &DatabaseKey, region: RegionId) -> StoreResult<Self> {
        let scratch =
            Self { live: live.to_owned(), path: live.with_extension("rebuild"), key: key.clone(), region };
        scratch.remove();
        let mut connection = connection::open(&scratch.path, key, CACHE_KIB)?;
        connection::migrate(&mut connection)?;
        scratch.attach(&connection)?;
        connection.execute_batch(include_str!("sql/rebuild_copy.sql"))?;
        Ok(scratch)
    }

    pub fn open(&self) -> StoreResult<SqliteStore> {
        SqliteStore::open(&self.path, &self.key, self.region)
    }

    /// What differs, once the scratch is folded; nothing when the live log has moved on and says no more.
    pub fn compare(&self) -> StoreResult<Option<Vec<Difference>>> {
        let connection = connection::open(&self.path, &self.key, CACHE_KIB)?;
        self.attach(&connection)?;
        let transaction = connection.unchecked_transaction()?;
        let moved: i64 =
            transaction.query_row(include_str!("sql/compare_heads.sql"), [], |row| row.get(0))?;
        if moved > 0 {
            return Ok(None);
        }
        let mut differences = Vec::new();
        for (table, rows_of) in PROJECTIONS {
            let rows_of = rows_of.trim().trim_end_matches(';');
            let (here, there) = (rows_of.replace("{side}", "main"), rows_of.replace("{side}", "live"));
            let mut rows = 0;
            for (left, right) in [(&here, &there), (&there, &here)] {
                let sql = format!("SELECT count(*) FROM ({left} EXCEPT {right})");
                rows += transaction.query_row(&sql, [], |row| {
                    super::columns::unsigned(row, 0).map_err(|_| rusqlite::Error::InvalidQuery)
                })?;
            }
            if rows > 0 {
                differences.push(Difference { table, rows });
            }
        }
        Ok(Some(differences))
    }

    fn attach(&self, connection: &rusqlite::Connection) -> StoreResult<()> {
        let live =
            self.live.to_str().ok_or_else(|| StoreError::Database("the file's name is not text".into()))?;
        connection.execute(&format!("ATTACH DATABASE ?1 AS live KEY {}", self.key.literal()), [live])?;
        Ok(())
    }

    fn remove(&self) {
        for suffix in ["rebuild", "rebuild-wal", "rebuild-shm"] {
            drop(std::fs::remove_file(self.live.with_extension(suffix)));
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        self.remove();
    }
}
