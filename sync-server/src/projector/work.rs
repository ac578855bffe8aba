//! One record while a fold works on it: every write that stands, in order of field and author. Only the fields
//! that an edit touches pass through a register; the rest is carried as it is.

use super::check::{field_name, weight};
use crate::store::{RecordWrite, StoreError, StoreResult};
use shared::change::Edit;
use shared::error::Rejection;
use shared::ids::{DeviceNumber, RecordId};
use shared::merge::{Register, Written, decode_entries, encode_entries};
use shared::record::{FieldKey, KindNumber};

/// A record grows no larger than a page that a device accepts.
const RECORD_BYTES_MAX: usize = 1024 * 1024;
const RECORD_FIELDS_MAX: usize = 4_096;
/// About what a field takes beside its value.
const ENTRY_BYTES: usize = 8;

/// Whether an edit's writes fit beside what stands.
pub(super) fn check_room(work: Option<&mut Work>, edit: &Edit) -> Result<(), Rejection> {
    let Some(work) = work else { return fits((0, 0), edit) };
    let rough = fits((work.entries.len(), work.bytes), edit);
    // The count only ever grows while a fold works; a record that is edited often is counted again.
    rough.or_else(|_| {
        work.bytes = work.entries.iter().map(|(_, written)| weight(&written.value) + ENTRY_BYTES).sum();
        fits((work.entries.len(), work.bytes), edit)
    })
}

fn fits((mut fields, mut bytes): (usize, usize), edit: &Edit) -> Result<(), Rejection> {
    for put in &edit.puts {
        fields += 1;
        bytes += weight(&put.value) + ENTRY_BYTES;
        if fields > RECORD_FIELDS_MAX || bytes > RECORD_BYTES_MAX {
            return Err(Rejection::OutOfBounds(field_name(edit.kind, put.key.field)));
        }
    }
    Ok(())
}

pub(super) struct Work {
    pub kind: KindNumber,
    pub existed: bool,
    sole_author: Option<DeviceNumber>,
    entries: Vec<(FieldKey, Written)>,
    /// At least the bytes of the entries.
    bytes: usize,
}

impl Work {
    pub fn begin(kind: KindNumber, author: DeviceNumber) -> Self {
        Self { kind, existed: false, sole_author: Some(author), entries: Vec::new(), bytes: 0 }
    }

    pub fn open(stored: &RecordWrite) -> StoreResult<Self> {
        let damaged = |_| StoreError::Damaged(format!("the state of record {} does not open", stored.id));
        let (kind, entries) = decode_entries(&stored.state).map_err(damaged)?;
        Ok(Self { kind, existed: true, sole_author: stored.sole_author, entries, bytes: stored.state.len() })
    }

    /// Takes writes in, which come in order of key. A record that holds nothing takes them as they are: what
    /// stands alone needs no register.
    pub fn apply(&mut self, author: DeviceNumber, writes: Vec<(FieldKey, Written)>) {
        if self.sole_author != Some(author) && !writes.is_empty() {
            self.sole_author = None;
        }
        self.bytes += writes.iter().map(|(_, written)| weight(&written.value) + ENTRY_BYTES).sum::<usize>();
        if self.entries.is_empty() {
            self.entries = writes;
            return;
        }
        for (key, written) in writes {
            let from = self.entries.partition_point(|(known, _)| *known < key);
            let to = from + self.entries[from..].iter().take_while(|(known, _)| *known == key).count();
            if from == to {
                self.entries.insert(from, (key, written));
                continue;
            }
            let mut register = Register::default();
            let standing = self.entries.drain(from..to).map(|(_, written)| written);
            standing.for_each(|written| register.apply(written));
            register.apply(written);
            let values = register.values().into_iter().map(|written| (key.clone(), written));
            self.entries.splice(from..from, values);
        }
    }

    /// The values of a field that stand.
    pub fn values(&self, key: &FieldKey) -> impl Iterator<Item = &Written> {
        self.entries.iter().filter(move |(known, _)| known == key).map(|(_, written)| written)
    }

    pub fn close(&self, id: RecordId) -> RecordWrite {
        let state = encode_entries(self.kind, self.entries.iter().map(|(key, written)| (key, written)));
        RecordWrite { id, kind: self.kind, sole_author: self.sole_author, state }
    }
}
