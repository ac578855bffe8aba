//! How writes that were made apart come together. The `crdts` crate is wrapped in the names of this project
//! here, and nothing outside this folder imports it. Only its safe subset is used: stand-alone `MVReg`s, one a
//! field, where the dot of a write is its change's sequence number.

mod bytes;
mod clock;
mod conflict;
mod register;
mod state;

pub use bytes::{decode_entries, encode_entries};
pub(crate) use bytes::{read_key, write_key};
pub use clock::{Clock, ClockEntry};
pub use conflict::{Conflict, conflicts};
pub use register::{Author, Written};
pub use state::RecordState;

#[cfg(test)]
mod tests;
