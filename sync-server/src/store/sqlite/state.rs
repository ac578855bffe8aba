//! A record's state at rest: as it is, or as a zstd frame where that saves a page.

use super::super::{StoreError, StoreResult};
use rusqlite::types::ValueRef;
use shared::compress;
use std::borrow::Cow;

/// Below this, compressing one record alone saves less than a page and costs more than writing it.
const COMPRESS_FROM_BYTES: usize = 6 * 1024;
/// A state is CBOR and begins with an array's head, a frame begins with these bytes.
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
const STATE_BYTES_MAX: usize = 16 * 1024 * 1024;

pub(super) fn close(state: &[u8]) -> Cow<'_, [u8]> {
    if state.len() < COMPRESS_FROM_BYTES {
        return Cow::Borrowed(state);
    }
    let frame = compress::compress(state);
    if frame.len() < state.len() { Cow::Owned(frame) } else { Cow::Borrowed(state) }
}

pub(super) fn open(column: ValueRef<'_>) -> StoreResult<Vec<u8>> {
    let damaged = || StoreError::Damaged("a record's state does not open".into());
    let stored = column.as_blob().map_err(|_| damaged())?;
    if !stored.starts_with(&ZSTD_MAGIC) {
        return Ok(stored.to_vec());
    }
    compress::decompress(stored, STATE_BYTES_MAX).map_err(|_| damaged())
}
