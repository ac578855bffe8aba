//! Fields that two people changed apart: every value with who, where and when, and the choice that settles them.

use super::desk::{CaptureError, Desk, Undo};
use crate::apply::Intent;
use crate::store::{MetaReads, RecordReads};
use shared::domain::person::Person;
use shared::domain::record_kind;
use shared::domain::route::Staff;
use shared::domain::visit::Visit;
use shared::ids::{DeviceNumber, RecordId};
use shared::merge::{Clock, conflicts};
use shared::record::{FieldKey, Value};
use shared::time::Timestamp;

/// Whose record it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    pub record: RecordId,
    pub kind: &'static str,
    pub person_name: Option<String>,
}

/// One of the values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub value: Value,
    pub by: Option<String>,
    pub device: DeviceNumber,
    pub is_this_device: bool,
    pub at: Timestamp,
    /// What its writer had seen.
    pub seen: Clock,
}

/// One field with more than one value, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConflictView {
    pub subject: Subject,
    pub key: FieldKey,
    pub field: &'static str,
    pub candidates: Vec<Candidate>,
}

impl Desk {
    /// Every conflict on this device.
    pub fn conflicts(&self) -> Result<Vec<ConflictView>, CaptureError> {
        let mut views = Vec::new();
        for (record, state) in self.store.conflicted()? {
            let Some(kind) = record_kind(state.kind) else { continue };
            for conflict in conflicts(kind, &state) {
                let subject = Subject { record, kind: kind.name, person_name: self.name_behind(record)? };
                let mut candidates: Vec<Candidate> = Vec::new();
                for written in conflict.candidates {
                    let staff = self.store.state(written.author.staff.into())?;
                    candidates.push(Candidate {
                        by: staff.and_then(|state| Staff::read(&state).name),
                        device: written.author.device,
                        is_this_device: written.author.device == self.identity.device_number(),
                        at: written.author.stamp.moment(),
                        seen: written.read,
                        value: written.value,
                    });
                }
                let field = kind.field(conflict.key.field).map_or("", |field| field.name);
                views.push(ConflictView { subject, key: conflict.key, field, candidates });
            }
        }
        Ok(views)
    }

    fn name_behind(&self, record: RecordId) -> Result<Option<String>, CaptureError> {
        let state = self.state(record)?;
        if state.kind == Person::KIND.number {
            return Ok(Some(Person::read(&state).spoken_name()));
        }
        let person = Visit::read(&state).person.filter(|_| state.kind == Visit::KIND.number);
        match person {
            Some(person) => {
                Ok(self.store.state(person.into())?.map(|state| Person::read(&state).spoken_name()))
            }
            None => Ok(None),
        }
    }

    /// One choice that read every value ends the conflict everywhere.
    pub fn settle(&mut self, record: RecordId, key: &FieldKey, value: Value) -> Result<Undo, CaptureError> {
        let state = self.state(record)?;
        let bucket = self.store.bucket_of(record)?.ok_or(CaptureError::Gone)?;
        let values = vec![(key.clone(), value)];
        let intents = vec![Intent::Set { record, kind: state.kind, values }];
        self.write(bucket, None, intents)
    }

    /// Whether the office asks this device to enrol anew, because a copy of it exists.
    pub fn must_enrol(&self) -> Result<bool, CaptureError> {
        Ok(self.store.must_enrol()?)
    }
}
