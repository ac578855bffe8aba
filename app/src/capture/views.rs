//! Looks at a person's record are part of the audit trail: who, whom, when, on which screen, in the same chain as what
//! was written. One look in a quarter of an hour is enough, and nobody waits for its delivery.

use super::desk::{CaptureError, Desk};
use crate::apply::{Intent, LocalChange, apply_local};
use crate::store::RecordReads;
use shared::domain::view::{SAME_LOOK_MS, View};
use shared::ids::{PersonId, StaffId, VisitId};
use shared::time::Timestamp;
use std::collections::HashMap;

/// When each member of staff last looked at each person, as far as this start knows.
pub(super) type Looks = HashMap<(PersonId, StaffId), Timestamp>;

/// More is not kept in memory; what was forgotten is looked up.
const LOOKS_MAX: usize = 4_096;

impl Desk {
    /// Notes that whoever works here looked at a person; true when it was written. `screen` says why it was shown.
    pub fn note_look(
        &mut self,
        person: PersonId,
        visit: Option<VisitId>,
        screen: &str,
    ) -> Result<bool, CaptureError> {
        let (now, key) = (self.now(), (person, self.staff));
        // A clock that was set back makes another look, never none.
        let is_same = |at: Timestamp| (0..SAME_LOOK_MS).contains(&(now.milliseconds() - at.milliseconds()));
        if self.looks.get(&key).is_some_and(|at| is_same(*at)) {
            return Ok(false);
        }
        if self.last_look(person)?.is_some_and(is_same) {
            return Ok(false);
        }
        let bucket = self.bucket_for(person)?;
        let view = View { staff: Some(self.staff), visit, screen: Some(screen.to_owned()) };
        let fact = view.fact(self.new_fact_id(), person.into(), now, None);
        let intents = vec![Intent::Record(fact)];
        // Sync is not woken for it: it goes with whatever goes next.
        let change = LocalChange { staff: self.staff, bucket, about: None, intents };
        apply_local(&mut self.store, change, now)?;
        if self.looks.len() >= LOOKS_MAX {
            self.looks.clear();
        }
        self.looks.insert(key, now);
        Ok(true)
    }

    /// When this member of staff last looked at a person, from the file: a restart makes no second look.
    fn last_look(&self, person: PersonId) -> Result<Option<Timestamp>, CaptureError> {
        let looks = self.store.facts(person.into(), &View::KIND)?;
        let own = looks.iter().find(|fact| View::read(fact).staff == Some(self.staff));
        Ok(own.map(|fact| fact.at))
    }
}
