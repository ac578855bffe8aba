//! This device's own changes, in order, as they were written: the newest as rows, the older ones in sealed runs.

use super::{Reads, Store, StoreError, Write};
use rusqlite::{OptionalExtension, Row, params};
use shared::change::{Batch, Hash, Head};
use shared::compress;
use shared::ids::{RecordId, Sequence};
use shared::protocol::limits;
use shared::time::Stamp;

/// One change of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRow {
    pub sequence: Sequence,
    pub hash: Hash,
    /// The envelope's bytes.
    pub envelope: Vec<u8>,
}

/// A run of the log as it goes to the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedRun {
    pub first: Sequence,
    /// After its last change.
    pub head: Head,
    /// The compressed, signed batch.
    pub frame: Vec<u8>,
}

fn hash(bytes: Vec<u8>) -> Result<Hash, StoreError> {
    bytes.try_into().map(Hash).map_err(|_| StoreError::Damaged("a hash of the log".into()))
}

fn read_head(row: &Row<'_>) -> rusqlite::Result<(i64, Vec<u8>)> {
    Ok((row.get(0)?, row.get(1)?))
}

fn read_run(row: &Row<'_>) -> Result<SealedRun, StoreError> {
    let head = Head { sequence: Sequence(row.get::<_, i64>(1)? as u64), hash: hash(row.get(2)?)? };
    Ok(SealedRun { first: Sequence(row.get::<_, i64>(0)? as u64), head, frame: row.get(3)? })
}

impl SealedRun {
    /// Its changes, hashed anew: a run that does not lead to its own head is damage.
    fn open(&self) -> Result<Vec<LogRow>, StoreError> {
        let damaged = || StoreError::Damaged("a sealed run of the log".into());
        let bytes = compress::decompress(&self.frame, limits::BATCH_BYTES_MAX).map_err(|_| damaged())?;
        let batch = Batch::read(&bytes).map_err(|_| damaged())?;
        let rows = batch.changes.iter().zip(batch.hashes()).enumerate().map(|(place, (change, hash))| {
            LogRow { sequence: Sequence(batch.first.0 + place as u64), hash, envelope: change.to_vec() }
        });
        let rows: Vec<LogRow> = rows.collect();
        let fits = rows
            .last()
            .is_some_and(|last| (last.sequence, last.hash) == (self.head.sequence, self.head.hash));
        if fits { Ok(rows) } else { Err(damaged()) }
    }
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
        let sequence = head.sequence.0 as i64;
        let (hash, body) = (head.hash.0.as_slice(), self.row_codec().pack(envelope));
        let about = about.map(|id| id.as_bytes().to_vec());
        self.transaction
            .prepare_cached("INSERT INTO log (sequence, hash, stamp, about, body) VALUES (?, ?, ?, ?, ?)")?
            .execute(params![sequence, hash, stamp.bits() as i64, about, body])?;
        Ok(())
    }

    /// Puts a sealed run in the place of its rows, which must be the oldest ones.
    pub fn seal(&self, run: &SealedRun) -> Result<(), StoreError> {
        let (first, last) = (run.first.0 as i64, run.head.sequence.0 as i64);
        let sealed = self
            .transaction
            .prepare_cached(
                "INSERT INTO segment (first, last, hash, stamp, frame)
                 SELECT ?1, ?2, ?3, stamp, ?4 FROM log WHERE sequence = ?2 AND hash = ?3",
            )?
            .execute(params![first, last, run.head.hash.0.as_slice(), run.frame])?;
        self.transaction
            .prepare_cached(
                "INSERT OR REPLACE INTO about (record, sequence) SELECT about, max(sequence) FROM log
                 WHERE sequence <= ? AND about IS NOT NULL GROUP BY about",
            )?
            .execute([last])?;
        let gone = self.transaction.prepare_cached("DELETE FROM log WHERE sequence <= ?")?.execute([last])?;
        if sealed == 1 && gone as i64 == last - first + 1 {
            Ok(())
        } else {
            Err(StoreError::Damaged("a run that is not the beginning of the log".into()))
        }
    }
}

/// Reads of the log.
pub trait LogReads: Reads {
    /// The stamp of the last own change.
    fn log_stamp(&self) -> Result<Stamp, StoreError> {
        let newest = |statement: &str| -> Result<Option<i64>, StoreError> {
            let mut statement = self.connection().prepare_cached(statement)?;
            Ok(statement.query_row([], |row| row.get(0)).optional()?)
        };
        let bits = match newest("SELECT stamp FROM log ORDER BY sequence DESC LIMIT 1")? {
            Some(bits) => Some(bits),
            None => newest("SELECT stamp FROM segment ORDER BY last DESC LIMIT 1")?,
        };
        Ok(Stamp::from_bits(bits.unwrap_or(0) as u64))
    }

    /// Where the chain stands, or nothing when the log is empty here.
    fn log_head(&self) -> Result<Option<Head>, StoreError> {
        let newest = |statement: &str| -> Result<Option<(i64, Vec<u8>)>, StoreError> {
            let mut statement = self.connection().prepare_cached(statement)?;
            Ok(statement.query_row([], read_head).optional()?)
        };
        let row = match newest("SELECT sequence, hash FROM log ORDER BY sequence DESC LIMIT 1")? {
            Some(row) => Some(row),
            None => newest("SELECT last, hash FROM segment ORDER BY last DESC LIMIT 1")?,
        };
        row.map(|(sequence, bytes)| Ok(Head { sequence: Sequence(sequence as u64), hash: hash(bytes)? }))
            .transpose()
    }

    /// The hash after one change.
    fn hash_at(&self, sequence: Sequence) -> Result<Option<Hash>, StoreError> {
        for statement in
            ["SELECT hash FROM log WHERE sequence = ?", "SELECT hash FROM segment WHERE last = ?"]
        {
            let mut statement = self.connection().prepare_cached(statement)?;
            let row = statement.query_row([sequence.0 as i64], |row| row.get(0)).optional()?;
            if let Some(bytes) = row {
                return Ok(Some(hash(bytes)?));
            }
        }
        let Some(run) = self.sealed_after(Sequence(sequence.0.saturating_sub(1)))? else { return Ok(None) };
        Ok(run.open()?.into_iter().find(|row| row.sequence == sequence).map(|row| row.hash))
    }

    /// The sealed run that holds the change after a sequence; it may begin earlier.
    fn sealed_after(&self, after: Sequence) -> Result<Option<SealedRun>, StoreError> {
        let mut statement = self.connection().prepare_cached(
            "SELECT first, last, hash, frame FROM segment WHERE last > ? ORDER BY last LIMIT 1",
        )?;
        let mut rows = statement.query([after.0 as i64])?;
        rows.next()?.map(read_run).transpose()
    }

    /// The changes after a sequence that are not sealed, until their bytes reach `bytes_aim` or their number
    /// `count_max`.
    fn unsealed_after(
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
            let envelope = self.unpacked(row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?)?;
            bytes += envelope.len() + 5;
            if bytes > bytes_aim && !changes.is_empty() {
                break;
            }
            let sequence = Sequence(row.get::<_, i64>(0)? as u64);
            changes.push(LogRow { sequence, hash: hash(row.get(1)?)?, envelope });
        }
        Ok(changes)
    }

    /// The changes after a sequence, sealed or not, until their bytes reach `bytes_aim` or their number `count_max`.
    fn log_after(
        &self,
        after: Sequence,
        bytes_aim: usize,
        count_max: usize,
    ) -> Result<Vec<LogRow>, StoreError> {
        let Some(run) = self.sealed_after(after)? else {
            return self.unsealed_after(after, bytes_aim, count_max);
        };
        let mut bytes = 0;
        let rows = run.open()?.into_iter().filter(|row| row.sequence > after).take(count_max);
        let fitting = rows.take_while(|row| {
            let is_first = bytes == 0;
            bytes += row.envelope.len() + 5;
            is_first || bytes <= bytes_aim
        });
        let mut changes: Vec<LogRow> = fitting.collect();
        let reached = changes.last().map_or(after, |last| last.sequence);
        if reached == run.head.sequence && bytes < bytes_aim && changes.len() < count_max {
            changes.extend(self.log_after(reached, bytes_aim - bytes, count_max - changes.len())?);
        }
        Ok(changes)
    }

    /// Some changes, by their sequences in order; those that are not here are left out. A sealed run is opened once.
    fn changes_at(&self, sequences: &[Sequence]) -> Result<Vec<LogRow>, StoreError> {
        let (mut found, mut opened): (Vec<LogRow>, Vec<LogRow>) = (Vec::new(), Vec::new());
        for sequence in sequences {
            let before = Sequence(sequence.0.saturating_sub(1));
            if opened.last().is_none_or(|last| last.sequence < *sequence) {
                opened = match self.sealed_after(before)? {
                    Some(run) => run.open()?,
                    None => self.unsealed_after(before, usize::MAX, 1)?,
                };
            }
            found.extend(opened.iter().find(|row| row.sequence == *sequence).cloned());
        }
        Ok(found)
    }

    /// For each visit that this device wrote to, the last change about it. Those that wait for the network come first, the
    /// oldest of them first; then those that the server acknowledged, the newest first.
    fn last_changes_about(
        &self,
        acknowledged: Sequence,
        limit: usize,
    ) -> Result<Vec<(RecordId, Sequence)>, StoreError> {
        let mut statement = self.connection().prepare_cached(include_str!("sql/last_changes_about.sql"))?;
        let bounds = params![acknowledged.0 as i64, limit as i64];
        let rows = statement
            .query_map(bounds, |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, i64>(1)?)))?
            .collect::<Result<Vec<_>, _>>()?;
        let about = |(bytes, sequence): (Vec<u8>, i64)| {
            RecordId::from_slice(&bytes).map(|id| (id, Sequence(sequence as u64)))
        };
        Ok(rows.into_iter().filter_map(about).collect())
    }
}

impl LogReads for Store {}
impl LogReads for Write<'_> {}
