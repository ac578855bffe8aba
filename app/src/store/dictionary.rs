//! Rows at rest are compressed, with a dictionary that was trained on rows of this very file: one visit alone
//! shrinks to 0.55 of its JSON, with a dictionary to about 0.2. The first byte of a row says how it was packed.

use super::{Store, StoreError};
use rusqlite::{Connection, OptionalExtension, params};
use std::cell::RefCell;
use std::collections::BTreeMap;

const PLAIN: u8 = 0;
/// How v1 packed a row before it had a dictionary.
const ZSTD: u8 = 1;
const FIRST_DICTIONARY: u8 = 2;
const LEVEL: i32 = 3;
const DICTIONARY_BYTES: usize = 64 * 1024;
/// Fewer rows than this are not worth a dictionary.
const SAMPLES_MIN: usize = 400;
const SAMPLES_MAX: usize = 1_500;
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
        // Alone a row shrinks little and costs more to pack than to write: it waits for the dictionary.
        let Some(dictionary) = self.newest else { return [&[PLAIN], bytes].concat() };
        let packed = self.pack.borrow_mut().compress(bytes).expect("compressing in memory cannot fail");
        let (mark, body) =
            if packed.len() < bytes.len() { (dictionary, &packed[..]) } else { (PLAIN, bytes) };
        let mut row = Vec::with_capacity(body.len() + 1);
        row.push(mark);
        row.extend_from_slice(body);
        row
    }

    /// A row's bytes. Another connection may have trained the dictionary that it was packed with, a moment ago.
    pub(super) fn unpack_on(&self, connection: &Connection, row: &[u8]) -> Result<Vec<u8>, StoreError> {
        if let Some(mark) = row.first().filter(|mark| **mark >= FIRST_DICTIONARY)
            && !self.unpack.borrow().contains_key(mark)
        {
            let mut statement = connection.prepare_cached("SELECT body FROM dictionary WHERE number = ?")?;
            if let Some(body) = statement.query_row([mark], |row| row.get::<_, Vec<u8>>(0)).optional()? {
                let unpack = zstd::bulk::Decompressor::with_dictionary(&body).map_err(damaged)?;
                self.unpack.borrow_mut().insert(*mark, unpack);
            }
        }
        self.unpack(row)
    }

    fn unpack(&self, row: &[u8]) -> Result<Vec<u8>, StoreError> {
        let (mark, body) = row.split_first().ok_or_else(|| damaged("empty"))?;
        if *mark == PLAIN {
            return Ok(body.to_vec());
        }
        let mut decompressors = self.unpack.borrow_mut();
        let decompressor = decompressors.get_mut(mark).ok_or_else(|| damaged("an unknown dictionary"))?;
        let length = zstd::zstd_safe::get_frame_content_size(body).ok().flatten().unwrap_or(0) as usize;
        decompressor.decompress(body, length.min(ROW_BYTES_MAX)).map_err(damaged)
    }
}

impl Store {
    /// Trains a dictionary when there are rows enough and none yet. Meant for an idle moment. Rows that stand already
    /// stay as they are: packing them anew would leave their pages half empty, not fewer.
    pub fn learn(&mut self) -> Result<(), StoreError> {
        self.learn_dictionaries()?;
        if self.codec.newest.is_some() {
            return Ok(());
        }
        let samples = self.samples()?;
        if samples.len() < SAMPLES_MIN {
            return Ok(());
        }
        let body = zstd::dict::from_samples(&samples, DICTIONARY_BYTES).map_err(damaged)?;
        let write = self.write()?;
        write.transaction.execute(
            "INSERT INTO dictionary (number, body) VALUES (?, ?)",
            params![FIRST_DICTIONARY, body],
        )?;
        write.codec.take(FIRST_DICTIONARY, &body)?;
        write.commit()
    }

    /// Another connection may have trained one.
    pub(crate) fn learn_dictionaries(&mut self) -> Result<(), StoreError> {
        self.revive()?;
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
