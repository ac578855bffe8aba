//! This device's own changes, in order, as they were written.

use super::{Reads, Store, StoreError, Write};
use rusqlite::{OptionalExtension, params};
use shared::change::{Hash, Head};
use shared::ids::{RecordId, Sequence};
use shared::time::Stamp;

/// One change of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRow {
    pub sequence: Sequence,
    pub hash: Hash,
    /// The envelope's bytes.
    pub envelope: Vec<u8>,
}

fn hash(bytes: Vec<u8>) -> Result<Hash, StoreError> {
    bytes.try_into().map(Hash).map_err(|_| StoreError::Damaged("a hash of the log".into()))
}

impl Write<'_> {
    /// Appends a change. `about` is the visit that it belongs to.
    pub fn append(
        &self,
        head: Head,
        stamp: Stamp,
        about: Option<RecordId>,
        envelope: &[u8],
    ) -> Result<(), StoreError> {
        let mut statement = self
            .transaction
            .prepare_cached("INSERT INTO log (sequence, hash, stamp, about, body) VALUES (?, ?, ?, ?, ?)")?;
        let about = about.map(|id| id.as_bytes().to_vec());
        let (hash, body) = (head.hash.0.as_slice(), self.codec.pack(envelope));
        statement.execute(params![head.sequence.0 as i64, hash, stamp.bits() as i64, about, body])?;
        Ok(())
    }
}

/// Reads of the log.
pub trait LogReads: Reads {
    /// The stamp of the last own change.
    fn log_stamp(&self) -> Result<Stamp, StoreError> {
        let mut statement =
            self.connection().prepare_cached("SELECT stamp FROM log ORDER BY sequence DESC LIMIT 1")?;
        let bits: Option<i64> = statement.query_row([], |row| row.get(0)).optional()?;
        Ok(Stamp::from_bits(bits.unwrap_or(0) as u64))
    }

    /// Where the chain stands, or nothing when the log is empty here.
    fn log_head(&self) -> Result<Option<Head>, StoreError> {
        let mut statement = self
            .connection()
            .prepare_cached("SELECT sequence, hash FROM log ORDER BY sequence DESC LIMIT 1")?;
        let row = statement
            .query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?)))
            .optional()?;
        row.map(|(sequence, bytes)| Ok(Head { sequence: Sequence(sequence as u64), hash: hash(bytes)? }))
            .transpose()
    }

    /// The hash after one change.
    fn hash_at(&self, sequence: Sequence) -> Result<Option<Hash>, StoreError> {
        let mut statement = self.connection().prepare_cached("SELECT hash FROM log WHERE sequence = ?")?;
        let row = statement.query_row([sequence.0 as i64], |row| row.get::<_, Vec<u8>>(0)).optional()?;
        row.map(hash).transpose()
    }

    /// The changes after a sequence, until their bytes reach `bytes_aim` or their number `count_max`.
    fn log_after(
        &self,
        after: Sequence,
        bytes_aim: usize,
        count_max: usize,
    ) -> Result<Vec<LogRow>, StoreError> {
        let mut statement = self.connection().prepare_cached(
            "SELECT sequence, hash, body FROM log WHERE sequence > ? ORDER BY sequence LIMIT ?",
        )?;
        let mut rows = statement.query(params![after.0 as i64, count_max as i64])?;
        let (mut changes, mut bytes) = (Vec::new(), 0);
        while let Some(row) = rows.next()? {
            let envelope =
                self.row_codec().unpack(row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?)?;
            bytes += envelope.len() + 5;
            if bytes > bytes_aim && !changes.is_empty() {
                break;
            }
            let sequence = Sequence(row.get::<_, i64>(0)? as u64);
            changes.push(LogRow { sequence, hash: hash(row.get(1)?)?, envelope });
        }
        Ok(changes)
    }

    /// For each visit that this device wrote to, the last change about it; the oldest undelivered first.
    fn last_changes_about(&self, limit: usize) -> Result<Vec<(RecordId, Sequence)>, StoreError> {
        let mut statement = self.connection().prepare_cached(
            "SELECT about, max(sequence) FROM log WHERE about IS NOT NULL GROUP BY about ORDER BY 2 DESC LIMIT ?",
        )?;
        let rows = statement
            .query_map([limit as i64], |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, i64>(1)?)))?
            .collect::<Result<Vec<_>, _>>()?;
        let about = |(bytes, sequence): (Vec<u8>, i64)| {
            RecordId::from_slice(&bytes).map(|id| (id, Sequence(sequence as u64)))
        };
        Ok(rows.into_iter().filter_map(about).collect())
    }
}

impl LogReads for Store {}
impl LogReads for Write<'_> {}
