//! Proof of delivery: for each visit, whether what this device wrote about it has reached the server.

use super::desk::{CaptureError, Desk};
use crate::store::{LogReads, MetaReads, RecordReads};
use shared::domain::person::Person;
use shared::domain::visit::Visit;
use shared::ids::{Sequence, VisitId};
use shared::time::Timestamp;

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
}

/// A change that the server keeps apart, with the reason's code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub sequence: Sequence,
    pub reason: String,
}

impl Desk {
    /// Visits that this device wrote to: the undelivered first, the oldest of them first; then the delivered.
    pub fn deliveries(&self, limit: usize) -> Result<Vec<Delivery>, CaptureError> {
        let acknowledged = self.store.acknowledged()?;
        let mut deliveries = Vec::new();
        for (visit, last_change) in self.store.last_changes_about(limit)? {
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
            });
        }
        deliveries.sort_by_key(|delivery| {
            let newest_last = if delivery.on_server { u64::MAX - delivery.last_change.0 } else { delivery.last_change.0 };
            (delivery.on_server, newest_last)
        });
        Ok(deliveries)
    }

    /// What the server refused.
    pub fn refusals(&self) -> Result<Vec<Refusal>, CaptureError> {
        let refused = self.store.rejected()?;
        Ok(refused.into_iter().map(|(sequence, reason)| Refusal { sequence, reason }).collect())
    }
}
