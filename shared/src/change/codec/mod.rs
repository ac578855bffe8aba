//! Codecs of a change's payload, by version. An old one is never removed: its fixtures open for ever.

pub mod v1;

use super::Operation;
use crate::error::Malformed;

/// Opens a payload of any version that this build knows.
/// The newest version of a payload that this build reads.
pub const NEWEST_SCHEMA: u16 = v1::SCHEMA;

pub fn decode(schema: u16, payload: &[u8]) -> Result<Vec<Operation>, Malformed> {
    match schema {
        v1::SCHEMA => v1::decode(payload),
        _ => Err(Malformed { what: "a payload of a newer version", position: 0 }),
    }
}
