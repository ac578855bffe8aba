//! A walk-up becomes a person of this plan.

use super::desk::{CaptureError, Desk, set};
use crate::apply::Intent;
use crate::store::RecordReads;
use shared::change::Bucket;
use shared::domain::account::Employer;
use shared::domain::person::Person;
use shared::domain::route::Site;
use shared::draft::{FieldError, PersonDraft, PersonRules};
use shared::ids::{EmployerId, PersonId, SiteId};
use shared::merge::RecordState;

/// Why nobody was registered. What was typed stays on the screen.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    #[error("{} fields are wrong", .0.len())]
    Fields(Vec<FieldError>),
    #[error(transparent)]
    Capture(#[from] CaptureError),
}

impl Desk {
    /// Registers a person at a site. Who it may be already was shown before: see `alike`.
    pub fn register(&mut self, draft: &PersonDraft, site: SiteId) -> Result<PersonId, RegisterError> {
        let rules = PersonRules { today: self.local_day()? };
        let person = draft.check(&rules).map_err(RegisterError::Fields)?;
        let id: PersonId = self.new_id();
        self.write(Self::bucket_of_site(site), None, vec![set(&Person::KIND, id, person.values())])?;
        Ok(id)
    }

    /// Changes a person's identity or contact as it was shown: what others changed since stands, beside what is written
    /// here where it is the same field. A field that was emptied is cleared.
    pub fn edit_person(
        &mut self,
        id: PersonId,
        seen: &RecordState,
        draft: &PersonDraft,
        bucket: Bucket,
    ) -> Result<super::Undo, RegisterError> {
        let rules = PersonRules { today: self.local_day()? };
        let checked = draft.check(&rules).map_err(RegisterError::Fields)?;
        self.state(id.into())?;
        let before = Person::read(seen);
        let after = Person {
            employer: before.employer,
            dependent_of: before.dependent_of,
            tobacco_status: before.tobacco_status,
            allergies: None,
            conditions: None,
            pronouns: before.pronouns.clone(),
            ..checked
        };
        // Only what this person changed: writing a field anew would settle somebody else's conflict about it.
        let standing = before.values();
        let mut values = after.values();
        for (key, _) in &standing {
            if key.member.is_none() && !values.iter().any(|(kept, _)| kept == key) {
                values.push((key.clone(), shared::record::Value::Null));
            }
        }
        values.retain(|value| !standing.contains(value));
        Ok(self.write(bucket, None, vec![Intent::Edit(seen.edit(id.into(), values))])?)
    }

    /// Employers by name, those of a site first.
    pub fn employers(&self, site: Option<SiteId>) -> Result<Vec<(EmployerId, Employer)>, CaptureError> {
        let here = match site {
            Some(site) => self.store.state(site.into())?.and_then(|state| Site::read(&state).employer),
            None => None,
        };
        let states = self.store.states_of(&Employer::KIND)?;
        let mut employers: Vec<(EmployerId, Employer)> =
            states.iter().map(|(id, state)| ((*id).into(), Employer::read(state))).collect();
        employers.sort_by(|(a, left), (b, right)| {
            (Some(*a) != here, &left.name).cmp(&(Some(*b) != here, &right.name))
        });
        Ok(employers)
    }

    /// The employer whose people a site expects.
    pub fn employer_at(&self, site: SiteId) -> Result<Option<EmployerId>, CaptureError> {
        Ok(self.store.state(site.into())?.and_then(|state| Site::read(&state).employer))
    }

    /// Where a change about a person belongs: the bucket that brought them here.
    pub fn bucket_for(&self, person: PersonId) -> Result<Bucket, CaptureError> {
        self.store.bucket_of(person.into())?.ok_or(CaptureError::Gone)
    }
}
