//! Proof of delivery: for each visit, whether what this device wrote about it has reached the server.

use super::desk::{CaptureError, Desk};
use crate::store::{LogReads, MetaReads, RecordReads};
use shared::change::{Change, Envelope, Operation};
use shared::domain::person::Person;
use shared::domain::visit::Visit;
use shared::ids::{RecordId, Sequence, VisitId};
use shared::record::Value;
use shared::time::Timestamp;

/// More visits than a van sees in a week without a network.
const VISITS_COUNTED_MAX: usize = 2_000;

/// One visit's way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub visit: VisitId,
    pub person_name: String,
    pub checked_in_at: Option<Timestamp>,
    /// The last change of this device about the visit.
    pub last_change: Sequence,
    /// The server has it on disk and signed for it.
    pub on_server: bool,
    /// The first of its changes that the server keeps apart, on disk and not merged.
    pub refused: Option<Refusal>,
}

/// What waits for the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Undelivered {
    pub visits: usize,
    /// All of them, also those about no visit, such as somebody who was registered. That a record was looked at is none.
    pub changes: usize,
}

/// What this device knows of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceFacts {
    /// This device's clock less the server's at the last contact.
    pub clock_offset_ms: i64,
    /// The server's time at the last contact.
    pub server_time: Option<Timestamp>,
    pub people: usize,
    /// A copy of this device exists: the office asks to enrol it anew.
    pub must_enrol: bool,
    /// This is that copy: its file was another device's, or is older than what this device wrote.
    pub is_copy: bool,
}

/// A change that the server keeps apart, with the reason's code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub sequence: Sequence,
    pub reason: String,
    /// The records that the change names; empty where it is not on this device any more.
    pub names: Vec<RecordId>,
}

/// The records that a change edits, and those that its facts are about or point at.
fn names(change: &Change) -> Vec<RecordId> {
    let mut names = Vec::new();
    for operation in &change.operations {
        let (subject, values): (RecordId, Vec<&Value>) = match operation {
            Operation::Edit(edit) => (edit.record, edit.puts.iter().map(|put| &put.value).collect()),
            Operation::Fact(fact) => (fact.subject, fact.fields.iter().map(|(_, value)| value).collect()),
            Operation::Unknown(_) => continue,
        };
        names.push(subject);
        names.extend(values.into_iter().filter_map(|value| match value {
            Value::Id(id) => Some(RecordId::from_uuid(*id)),
            _ => None,
        }));
    }
    names
}

impl Desk {
    /// Visits that this device wrote to: those of which something was refused, then what waits, the oldest first, then
    /// what is delivered, the newest first.
    pub fn deliveries(&self, limit: usize) -> Result<Vec<Delivery>, CaptureError> {
        let acknowledged = self.store.acknowledged()?;
        let refusals = self.refusals()?;
        let refused_of = |visit: RecordId| refusals.iter().find(|refusal| refusal.names.contains(&visit));
        let mut visits = self.store.last_changes_about(acknowledged, VISITS_COUNTED_MAX)?;
        visits.sort_by_key(|(visit, _)| refused_of(*visit).is_none());
        visits.truncate(limit);
        let mut deliveries = Vec::new();
        for (visit, last_change) in visits {
            let visit_read = self.store.state(visit)?.map(|state| Visit::read(&state)).unwrap_or_default();
            let person = match visit_read.person {
                Some(person) => self.store.state(person.into())?,
                None => None,
            };
            deliveries.push(Delivery {
                visit: visit.into(),
                person_name: person.map(|state| Person::read(&state).spoken_name()).unwrap_or_default(),
                checked_in_at: visit_read.checked_in_at,
                last_change,
                on_server: last_change <= acknowledged,
                refused: refused_of(visit).cloned(),
            });
        }
        Ok(deliveries)
    }

    /// What is not on the server yet.
    pub fn undelivered(&self) -> Result<Undelivered, CaptureError> {
        let acknowledged = self.store.acknowledged()?;
        let head = self.store.log_head()?.map_or(Sequence(0), |head| head.sequence);
        if head <= acknowledged {
            return Ok(Undelivered::default());
        }
        let views = self.store.views()?.iter().filter(|view| **view > acknowledged && **view <= head).count();
        let changes = ((head.0 - acknowledged.0) as usize).saturating_sub(views);
        let visits = self.store.last_changes_about(acknowledged, VISITS_COUNTED_MAX)?;
        let visits = visits.iter().take_while(|(_, last_change)| *last_change > acknowledged).count();
        Ok(Undelivered { visits, changes })
    }

    /// What the server refused.
    pub fn refusals(&self) -> Result<Vec<Refusal>, CaptureError> {
        let refused = self.store.rejected()?;
        let sequences: Vec<Sequence> = refused.iter().map(|(sequence, _)| *sequence).collect();
        let changes = self.store.changes_at(&sequences)?;
        let named = |sequence: Sequence| -> Option<Vec<RecordId>> {
            let row = changes.iter().find(|row| row.sequence == sequence)?;
            // What cannot be opened, the server could not open either: it names nobody.
            let change = Envelope::read(&row.envelope).and_then(|envelope| envelope.open()).ok()?;
            Some(names(&change))
        };
        let refusal =
            |(sequence, reason)| Refusal { sequence, reason, names: named(sequence).unwrap_or_default() };
        Ok(refused.into_iter().map(refusal).collect())
    }

    /// How this device stands.
    pub fn device_facts(&self) -> Result<DeviceFacts, CaptureError> {
        Ok(DeviceFacts {
            clock_offset_ms: self.store.clock_offset_ms()?,
            server_time: self.store.server_time()?,
            people: self.store.count_people()?,
            must_enrol: self.store.must_enrol()?,
            is_copy: crate::session::copied(&self.store)?.is_some(),
        })
    }
}
