//! One record while a fold works on it.

use super::check::{field_name, weight};
use crate::store::{RecordWrite, StoreError, StoreResult};
use shared::change::Edit;
use shared::error::Rejection;
use shared::ids::{DeviceNumber, RecordId};
use shared::merge::{Author, Clock, RecordState, Written};
use shared::record::{FieldKey, KindNumber, Value};

/// A record grows no larger than a page that a device accepts.
const RECORD_BYTES_MAX: usize = 1024 * 1024;
const RECORD_FIELDS_MAX: usize = 4_096;
/// About what a write takes beside its value and what it had read, and what one entry of that clock takes.
const ENTRY_BYTES: usize = 24;
const CLOCK_ENTRY_BYTES: usize = 8;

fn put_weight(value: &Value, read: &Clock) -> usize {
    weight(value) + read.entries().len() * CLOCK_ENTRY_BYTES + ENTRY_BYTES
}

/// Whether an edit's writes fit beside what stands.
pub(super) fn check_room(work: Option<&mut Work>, edit: &Edit) -> Result<(), Rejection> {
    let Some(work) = work else { return fits((0, 0), edit) };
    let rough = fits((work.state.len(), work.bytes), edit);
    // The count only ever grows while a fold works; a record that is edited often is counted again.
    rough.or_else(|_| {
        let weigh = |(_, written): &(FieldKey, Written)| put_weight(&written.value, &written.read);
        work.bytes = work.state.fields().flat_map(|(_, writes)| writes).map(weigh).sum();
        fits((work.state.len(), work.bytes), edit)
    })
}

fn fits((mut fields, mut bytes): (usize, usize), edit: &Edit) -> Result<(), Rejection> {
    for put in &edit.puts {
        fields += 1;
        bytes += put_weight(&put.value, &put.read);
        if fields > RECORD_FIELDS_MAX || bytes > RECORD_BYTES_MAX {
            return Err(Rejection::OutOfBounds(field_name(edit.kind, put.key.field)));
        }
    }
    Ok(())
}

pub(super) struct Work {
    sole_author: Option<DeviceNumber>,
    state: RecordState,
    /// At least the bytes of what stands.
    bytes: usize,
}

impl Work {
    pub fn begin(kind: KindNumber, author: DeviceNumber) -> Self {
        Self { sole_author: Some(author), state: RecordState::new(kind), bytes: 0 }
    }

    pub fn open(stored: &RecordWrite) -> StoreResult<Self> {
        let damaged = |_| StoreError::Damaged(format!("the state of record {} does not open", stored.id));
        let state = RecordState::decode(&stored.state).map_err(damaged)?;
        Ok(Self { sole_author: stored.sole_author, state, bytes: stored.state.len() })
    }

    pub fn kind(&self) -> KindNumber {
        self.state.kind
    }

    pub fn apply(&mut self, author: Author, edit: Edit) {
        if self.sole_author != Some(author.device) && !edit.puts.is_empty() {
            self.sole_author = None;
        }
        for put in edit.puts {
            self.bytes += put_weight(&put.value, &put.read);
            self.state.apply(author, put);
        }
    }

    /// The values of a field that stand.
    pub fn values(&self, key: &FieldKey) -> impl Iterator<Item = &Written> {
        self.state.standing(key)
    }

    pub fn close(&self, id: RecordId) -> RecordWrite {
        RecordWrite { id, kind: self.state.kind, sole_author: self.sole_author, state: self.state.encode() }
    }
}
