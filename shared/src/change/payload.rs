//! What a change says: edits of fields and new facts.

use crate::ids::{RecordId, Sequence, StaffId};
use crate::merge::{Author, Clock};
use crate::record::{Fact, FieldKey, KindNumber, Value};
use crate::time::Stamp;

use super::Bucket;

/// One field's new value, with the clock of what its writer had read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Put {
    pub key: FieldKey,
    pub read: Clock,
    pub value: Value,
}

/// New values of some fields of one record. The first edit of a record makes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub record: RecordId,
    pub kind: KindNumber,
    pub puts: Vec<Put>,
}

/// One part of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    Edit(Edit),
    Fact(Fact),
    /// An operation of a newer build, by its number. Its bytes stay in the log; nothing is merged from it here.
    Unknown(u16),
}

/// One user action, opened. `device_clock_offset_ms` is the writer's wall clock less the server's, measured
/// at the last sync.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub sequence: Sequence,
    pub stamp: Stamp,
    pub device_clock_offset_ms: i64,
    pub staff: StaffId,
    pub bucket: Bucket,
    pub operations: Vec<Operation>,
}

impl Change {
    pub fn author(&self, device: crate::ids::DeviceNumber) -> Author {
        Author { device, sequence: self.sequence, stamp: self.stamp, staff: self.staff }
    }
}
