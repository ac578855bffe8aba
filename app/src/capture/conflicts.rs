//! Fields that two people changed apart: every value with who, where and when, and the choice that settles them.

use super::desk::{CaptureError, Desk};
use crate::apply::Intent;
use crate::store::{MetaReads, RecordReads};
use shared::change::{Edit, Put};
use shared::domain::account::Membership;
use shared::domain::both::both;
use shared::domain::care_gap::CareGap;
use shared::domain::device::{Device, record_of};
use shared::domain::person::Person;
use shared::domain::record_kind;
use shared::domain::route::{Staff, Van};
use shared::domain::task::Task;
use shared::domain::visit::Visit;
use shared::ids::{DeviceNumber, PersonId, RecordId};
use shared::merge::{Clock, RecordState, Written, conflicts};
use shared::record::{FieldKey, Value};
use shared::time::Timestamp;

/// Whose record it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    pub record: RecordId,
    pub kind: &'static str,
    pub person: Option<PersonId>,
    pub person_name: Option<String>,
}

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    ThisDevice,
    /// Another tablet: its label, its van's code, and whether a copy of it wrote.
    Tablet {
        label: String,
        van_code: Option<String>,
        is_copy: bool,
    },
    /// The server itself, such as by an import.
    Office,
    /// A tablet whose name has not come here yet.
    Unnamed,
}

/// One of the values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub value: Value,
    pub by: Option<String>,
    pub place: Place,
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
    /// All that these values had seen, and they themselves: what a choice between them settles.
    pub shown: Clock,
    /// What says all of them, where the field can hold it.
    pub both: Option<Value>,
}

/// Whose record it is, as far as it says so.
fn person_behind(record: RecordId, state: &RecordState) -> Option<PersonId> {
    if state.kind == Person::KIND.number {
        Some(record.into())
    } else if state.kind == Visit::KIND.number {
        Visit::read(state).person
    } else if state.kind == CareGap::KIND.number {
        CareGap::read(state).person
    } else if state.kind == Task::KIND.number {
        Task::read(state).person
    } else if state.kind == Membership::KIND.number {
        Membership::read(state).person
    } else {
        None
    }
}

impl Desk {
    /// Every conflict on this device.
    pub fn conflicts(&self) -> Result<Vec<ConflictView>, CaptureError> {
        let mut views = Vec::new();
        for (record, state) in self.store.conflicted()? {
            let Some(kind) = record_kind(state.kind) else { continue };
            for conflict in conflicts(kind, &state) {
                let person = person_behind(record, &state);
                let named = person.map(|person| self.store.state(person.into())).transpose()?.flatten();
                let person_name = named.map(|state| Person::read(&state).spoken_name());
                let subject = Subject { record, kind: kind.name, person, person_name };
                let values: Vec<Value> =
                    conflict.candidates.iter().map(|written| written.value.clone()).collect();
                let both = both(kind, &conflict.key, &values);
                let candidates = conflict.candidates.into_iter().map(|written| self.candidate(written));
                let candidates = candidates.collect::<Result<Vec<_>, _>>()?;
                let field = kind.field(conflict.key.field).map_or("", |field| field.name);
                let shown = state.clock(&conflict.key);
                views.push(ConflictView { subject, key: conflict.key, field, candidates, shown, both });
            }
        }
        Ok(views)
    }

    fn candidate(&self, written: Written) -> Result<Candidate, CaptureError> {
        let staff = self.store.state(written.author.staff.into())?;
        Ok(Candidate {
            by: staff.and_then(|state| Staff::read(&state).name),
            place: self.place(written.author.device)?,
            at: written.author.stamp.moment(),
            seen: written.read,
            value: written.value,
        })
    }

    /// The device behind a number of a clock.
    fn place(&self, number: DeviceNumber) -> Result<Place, CaptureError> {
        if number == self.identity.device_number() {
            return Ok(Place::ThisDevice);
        }
        let record = record_of(self.identity.region_id(), number);
        let device = self.store.state(record)?.map(|state| Device::read(&state)).unwrap_or_default();
        if device.is_server == Some(true) {
            return Ok(Place::Office);
        }
        let van = match device.van {
            Some(van) => self.store.state(van.into())?.map(|state| Van::read(&state)),
            None => None,
        };
        Ok(match device.label {
            Some(label) => Place::Tablet {
                label,
                van_code: van.and_then(|van| van.code),
                is_copy: device.copy_of.is_some(),
            },
            None => Place::Unnamed,
        })
    }

    /// One choice between the values that were shown ends the conflict everywhere. A value that came since stands beside
    /// it, as a conflict of its own.
    pub fn settle(&mut self, view: &ConflictView, value: Value) -> Result<(), CaptureError> {
        let record = view.subject.record;
        let kind = self.state(record)?.kind;
        let bucket = self.store.bucket_of(record)?.ok_or(CaptureError::Gone)?;
        let put = Put { key: view.key.clone(), read: view.shown.clone(), value };
        self.write(bucket, None, vec![Intent::Edit(Edit { record, kind, puts: vec![put] })]).map(drop)
    }

    /// Whether the office asks this device to enrol anew, because a copy of it exists.
    pub fn must_enrol(&self) -> Result<bool, CaptureError> {
        Ok(self.store.must_enrol()?)
    }
}
