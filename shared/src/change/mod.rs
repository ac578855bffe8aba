//! The unit of replication: one user action, atomic, one or many field edits and facts. Its envelope is what
//! the courier sees, its payload is what the projector opens, and its chain is what nobody can alter unseen.
//! Bytes are stored as they were written and never written again.

mod batch;
mod bucket;
mod chain;
pub mod codec;
mod envelope;
mod payload;

pub use batch::{BATCH_VERSION, Batch, BatchError};
pub use bucket::Bucket;
pub use chain::{Hash, Head, head_message};
pub use envelope::Envelope;
pub use payload::{Change, Edit, Operation, Put};

#[cfg(test)]
mod tests;
