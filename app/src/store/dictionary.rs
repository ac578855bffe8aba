//! Rows at rest are compressed, with a dictionary that was trained on rows of this very file: one visit alone
//! shrinks to 0.55 of its JSON, with a dictionary to about 0.2. The first byte of a row says how it was packed.

use super::{Reads, Store, StoreError, Write};
use rusqlite::{Connection, params};
use std::cell::RefCell;
use std::collections::BTreeMap;

const PLAIN: u8 = 0;
const ZSTD: u8 = 1;
const FIRST_DICTIONARY: u8 = 2;
const LEVEL: i32 = 3;
const DICTIONARY_BYTES: usize = 64 * 1024;
/// Fewer rows than this are not worth a dictionary.
const SAMPLES_MIN: usize = 400;
const SAMPLES_MAX: usize = 1_500;
/// Without a dictionary a short row does not shrink.
const WORTH_PACKING_ALONE_BYTES: usize = 384;
/// A row of the store is never larger than this when unpacked.
const ROW_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Packs and unpacks rows.
pub struct RowCodec {
    newest: Option<u8>,
    pack: RefCell<zstd::bulk::Compressor<'static>>,
    unpack: RefCell<BTreeMap<u8, zstd::bulk::Decompressor<'static>>>,
}

fn damaged(error: impl std::fmt::Display) -> StoreError {
    StoreError::Damaged(format!("a packed row: {error}"))
}

impl RowCodec {
    pub(super) fn load(connection: &Connection) -> Result<RowCodec, StoreError> {
        let mut statement = connection.prepare("SELECT number, body FROM dictionary ORDER BY number")?;
        let rows = statement.query_map([], |row| Ok((row.get::<_, u8>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
        let mut codec = RowCodec {
            newest: None,
            pack: RefCell::new(zstd::bulk::Compressor::new(LEVEL).map_err(damaged)?),
            unpack: RefCell::new(BTreeMap::from([(ZSTD, zstd::bulk::Decompressor::new().map_err(damaged)?)])),
        };
        for row in rows {
            let (number, body) = row?;
            codec.take(number, &body)?;
        }
        Ok(codec)
    }

    fn take(&mut self, number: u8, body: &[u8]) -> Result<(), StoreError> {
        self.pack = RefCell::new(zstd::bulk::Compressor::with_dictionary(LEVEL, body).map_err(damaged)?);
        let unpack = zstd::bulk::Decompressor::with_dictionary(body).map_err(damaged)?;
        self.unpack.borrow_mut().insert(number, unpack);
        self.newest = Some(number);
        Ok(())
    }

    pub(super) fn pack(&self, bytes: &[u8]) -> Vec<u8> {
        if self.newest.is_none() && bytes.len() < WORTH_PACKING_ALONE_BYTES {
            return [&[PLAIN], bytes].concat();
        }
        let packed = self.pack.borrow_mut().compress(bytes).expect("compressing in memory cannot fail");
        let (mark, body) = if packed.len() < bytes.len() {
            (self.newest.unwrap_or(ZSTD), &packed[..])
        } else {
            (PLAIN, bytes)
        };
        let mut row = Vec::with_capacity(body.len() + 1);
        row.push(mark);
        row.extend_from_slice(body);
        row
    }

    pub(super) fn unpack(&self, row: &[u8]) -> Result<Vec<u8>, StoreError> {
        let (mark, body) = row.split_first().ok_or_else(|| damaged("empty"))?;
        if *mark == PLAIN {
            return Ok(body.to_vec());
        }
        let mut decompressors = self.unpack.borrow_mut();
        let decompressor = decompressors.get_mut(mark).ok_or_else(|| damaged("an unknown dictionary"))?;
        let length = zstd::zstd_safe::get_frame_content_size(body).ok().flatten().unwrap_or(0) as usize;
        decompressor.decompress(body, length.min(ROW_BYTES_MAX)).map_err(damaged)
    }

    fn packs_with_a_dictionary(&self, row: &[u8]) -> bool {
        row.first().is_some_and(|mark| *mark >= FIRST_DICTIONARY || *mark == PLAIN)
    }
}

impl Store {
    /// Trains a dictionary when there are rows enough and none yet, and packs some older rows anew. Meant for idle
    /// moments; short, so that a save never waits long. True when there may be more to do.
    pub fn tidy(&mut self) -> Result<bool, StoreError> {
        self.learn_dictionaries()?;
        if self.codec.newest.is_none() {
            let samples = self.samples()?;
            if samples.len() < SAMPLES_MIN {
                return Ok(false);
            }
            let body = zstd::dict::from_samples(&samples, DICTIONARY_BYTES).map_err(damaged)?;
            let write = self.write()?;
            write.transaction.execute(
                "INSERT INTO dictionary (number, body) VALUES (?, ?)",
                params![FIRST_DICTIONARY, body],
            )?;
            write.codec.take(FIRST_DICTIONARY, &body)?;
            write.commit()?;
            return Ok(true);
        }
        let write = self.write()?;
        let packed =
            write.pack_anew("log", "sequence", "body")? + write.pack_anew("record", "row", "state")?;
        write.commit()?;
        Ok(packed > 0)
    }

    /// Another connection may have trained one.
    pub(crate) fn learn_dictionaries(&mut self) -> Result<(), StoreError> {
        let newest: Option<u8> = self
            .connection
            .prepare_cached("SELECT max(number) FROM dictionary")?
            .query_row([], |row| row.get(0))?;
        if newest != self.codec.newest {
            self.codec = RowCodec::load(&self.connection)?;
        }
        Ok(())
    }

    fn samples(&self) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut samples = Vec::new();
        for statement in [
            "SELECT body FROM log ORDER BY sequence DESC LIMIT ?",
            "SELECT state FROM record ORDER BY row DESC LIMIT ?",
            "SELECT body FROM fact ORDER BY id DESC LIMIT ?",
        ] {
            let mut statement = self.connection.prepare(statement)?;
            let rows = statement.query_map([(SAMPLES_MAX / 3) as i64], |row| row.get::<_, Vec<u8>>(0))?;
            for row in rows {
                samples.push(self.codec.unpack(&row?)?);
            }
        }
        Ok(samples)
    }
}

impl Write<'_> {
    /// Packs up to a hundred rows that have no dictionary yet. Table and column names are this file's own words.
    fn pack_anew(&self, table: &str, key: &str, column: &str) -> Result<usize, StoreError> {
        let find =
            format!("SELECT {key}, {column} FROM {table} WHERE substr({column}, 1, 1) = x'01' LIMIT 100");
        let mut statement = self.transaction.prepare_cached(&find)?;
        let rows: Vec<(i64, Vec<u8>)> =
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        let change = format!("UPDATE {table} SET {column} = ? WHERE {key} = ?");
        let mut packed = 0;
        for (at, row) in &rows {
            if !self.codec.packs_with_a_dictionary(row) {
                let body = self.row_codec().unpack(row)?;
                self.transaction
                    .prepare_cached(&change)?
                    .execute(params![self.row_codec().pack(&body), at])?;
                packed += 1;
            }
        }
        Ok(packed)
    }
}
