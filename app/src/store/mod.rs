//! The device's store: one encrypted SQLite file. Rows in, rows out; what they mean is `apply`'s and `capture`'s
//! business. Nothing outside this folder writes SQL.

mod dictionary;
mod drafts;
mod error;
mod log;
mod meta;
mod opening;
mod people;
mod projection;
mod records;
mod turns;

pub use drafts::DraftReads;
pub use error::StoreError;
pub use log::{LogReads, LogRow, SealedRun};
pub use meta::{CLOSED, Identity, MetaReads, Writer};
pub use people::Found;
pub use records::{LinkedKind, RecordReads, RecordRow};

use opening::Opening;
pub(crate) use opening::{ERASED_MARKER, make_ready};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use shared::change::Bucket;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use turns::{Turn, Turns};
use zeroize::Zeroizing;

mod migrations {
    refinery::embed_migrations!("src/store/migrations");
}

pub(crate) mod wraps;

/// The key of the file: 256 random bits, wrapped by the keyring, only ever in memory.
pub type DataKey = Zeroizing<[u8; 32]>;

/// One connection to the device's file. The screens' thread and the sync thread have one each, and each commit of either
/// is flushed by itself: what a flush that failed has lost must not stand in the journal before a save that is on disk.
pub struct Store {
    connection: Connection,
    codec: dictionary::RowCodec,
    opening: Opening,
    turns: Arc<Turns>,
}

/// Work inside one write transaction. Dropped without `commit`, nothing of it stays.
pub struct Write<'s> {
    transaction: Transaction<'s>,
    codec: &'s mut dictionary::RowCodec,
    /// The bucket that was asked for last: a page brings one after the other.
    last_bucket: Cell<Option<(Bucket, i64)>>,
    /// Words of people that are to stand in the index when this is committed, or no longer.
    words: RefCell<BTreeMap<(String, i64), bool>>,
    /// Dropped last: the next one begins when the transaction is over.
    turn: Turn,
}

impl Store {
    /// Opens the file, makes it where there is none, and brings its schema up to this build's.
    pub fn open(path: &Path, key: &DataKey) -> Result<Store, StoreError> {
        let opening = Opening::new(path, key);
        let connection = opening.connect()?;
        let codec = dictionary::RowCodec::load(&connection)?;
        Ok(Store { connection, codec, opening, turns: Turns::of(path) })
    }

    /// How much of the file this connection keeps in memory at most, in KiB; 65,536 at first.
    pub fn set_cache_kib(&self, kib: u32) -> Result<(), StoreError> {
        Ok(self.connection.pragma_update(None, "cache_size", -i64::from(kib))?)
    }

    /// Opens the file anew where the connection cannot be used any more; costs nothing where it can.
    fn revive(&mut self) -> Result<(), StoreError> {
        if !opening::is_usable(&self.connection)? {
            let connection = self.opening.connect()?;
            self.codec = dictionary::RowCodec::load(&connection)?;
            self.connection = connection;
        }
        Ok(())
    }

    fn refuse_erased(&self) -> Result<(), StoreError> {
        let is_erased = self.turns.are_erased() || self.opening.is_erased();
        if is_erased { Err(StoreError::Erased) } else { Ok(()) }
    }

    /// Whose turn it is, for work that may be parted.
    pub(crate) fn turns(&self) -> Arc<Turns> {
        self.turns.clone()
    }

    /// Begins a write. Durable when `commit` returns: the file is opened with `synchronous=FULL`. Of a file that was
    /// erased there is none.
    pub fn write(&mut self) -> Result<Write<'_>, StoreError> {
        self.refuse_erased()?;
        self.revive()?;
        let turn = self.turns.take();
        let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate);
        // It may have been erased while this one waited.
        self.refuse_erased()?;
        let transaction = transaction?;
        Ok(Write {
            transaction,
            codec: &mut self.codec,
            last_bucket: Cell::new(None),
            words: RefCell::default(),
            turn,
        })
    }
}

impl Write<'_> {
    /// The file is erased under this write: it is the last one, and whoever waits behind it is refused.
    pub(crate) fn end_erased(self) {
        self.turn.turns().erase();
    }
    pub fn commit(self) -> Result<(), StoreError> {
        self.write_words()?;
        Ok(self.transaction.commit()?)
    }
}

/// What both a connection and a transaction can read.
pub trait Reads {
    fn connection(&self) -> &Connection;
    #[doc(hidden)]
    fn row_codec(&self) -> &dictionary::RowCodec;
    #[doc(hidden)]
    fn unpacked(&self, row: &[u8]) -> Result<Vec<u8>, StoreError> {
        self.row_codec().unpack_on(self.connection(), row)
    }
}

impl Reads for Store {
    fn connection(&self) -> &Connection {
        &self.connection
    }
    fn row_codec(&self) -> &dictionary::RowCodec {
        &self.codec
    }
}

impl Reads for Write<'_> {
    fn connection(&self) -> &Connection {
        &self.transaction
    }
    fn row_codec(&self) -> &dictionary::RowCodec {
        self.codec
    }
}

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;
