//! A restored database on its way into the old one's place, in steps that each leave a whole database there, the old one
//! or the restored one. What ends between two of them costs nothing. Never what a database holds.

use super::{UpkeepError, file_error};
use crate::store::StoreError;
use crate::store::sqlite::{DatabaseKey, backup as sqlite};
use shared::time::Timestamp;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

type Step = fn(&Swap) -> Result<(), UpkeepError>;

/// SQLite reads a journal into whichever file stands beside it: the old one's must be gone before another file comes, and
/// may not go before all of it is in the old file.
pub(super) const STEPS: [Step; 4] = [Swap::settle, Swap::link_aside, Swap::remove_journal, Swap::replace];

/// SQLite's own files beside a database: the journal, and an index of it that can be made again.
const JOURNAL: &str = "-wal";
const INDEX: &str = "-shm";

pub(super) struct Swap {
    database: PathBuf,
    /// The restored one.
    pub fresh: PathBuf,
    /// The old one's second name, under which it stays.
    aside: PathBuf,
    key: DatabaseKey,
}

impl Swap {
    pub fn of(database: &Path, key: DatabaseKey, now: Timestamp) -> Self {
        let fresh = database.with_extension("restoring");
        let aside = database.with_extension(format!("before-{}", now.milliseconds()));
        Self { database: database.to_owned(), fresh, aside, key }
    }

    /// Removes what a restore left that was ended on its way.
    pub fn clear_way(&self) {
        for suffix in ["", JOURNAL, INDEX] {
            drop(fs::remove_file(with_suffix(&self.fresh, suffix)));
        }
    }

    /// From here on each of the two is one file. An old database that does not open cannot become one: nothing can be
    /// read from it as it is, and it is put aside with its journal.
    fn settle(&self) -> Result<(), UpkeepError> {
        sqlite::settle(&self.fresh, &self.key)?;
        File::open(&self.fresh).and_then(|file| file.sync_all()).map_err(file_error(&self.fresh))?;
        if !self.database.exists() {
            return Ok(());
        }
        match sqlite::settle(&self.database, &self.key) {
            Err(StoreError::Busy) => Err(StoreError::Busy.into()),
            Err(error) => {
                tracing::warn!(%error, "the old database does not open; it is put aside as it is");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    fn link_aside(&self) -> Result<(), UpkeepError> {
        for suffix in ["", JOURNAL] {
            let from = with_suffix(&self.database, suffix);
            if from.exists() {
                fs::hard_link(&from, with_suffix(&self.aside, suffix)).map_err(file_error(&from))?;
            }
        }
        self.sync_folder()
    }

    fn remove_journal(&self) -> Result<(), UpkeepError> {
        for suffix in [JOURNAL, INDEX] {
            let beside = with_suffix(&self.database, suffix);
            if beside.exists() {
                fs::remove_file(&beside).map_err(file_error(&beside))?;
            }
        }
        self.sync_folder()
    }

    fn replace(&self) -> Result<(), UpkeepError> {
        fs::rename(&self.fresh, &self.database).map_err(file_error(&self.fresh))?;
        self.sync_folder()
    }

    fn sync_folder(&self) -> Result<(), UpkeepError> {
        let folder = self.database.parent().expect("a database lies in a data folder");
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(file_error(folder))
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
