//! A walk-up becomes a person of this plan.

use super::desk::{CaptureError, Desk, set};
use shared::change::Bucket;
use shared::domain::person::Person;
use shared::draft::{FieldError, PersonDraft, PersonRules};
use shared::ids::{PersonId, SiteId};

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
        let rules = PersonRules { today: self.day_at(0) };
        let person = draft.check(&rules).map_err(RegisterError::Fields)?;
        let id: PersonId = self.new_id();
        self.write(Self::bucket_of_site(site), None, vec![set(&Person::KIND, id, person.values())])?;
        Ok(id)
    }

    /// Changes a person's identity or contact. A field that was emptied is cleared.
    pub fn edit_person(&mut self, id: PersonId, draft: &PersonDraft, bucket: Bucket) -> Result<super::Undo, RegisterError> {
        let rules = PersonRules { today: self.day_at(0) };
        let checked = draft.check(&rules).map_err(RegisterError::Fields)?;
        let before = Person::read(&self.state(id.into())?);
        let after = Person {
            employer: before.employer,
            dependent_of: before.dependent_of,
            tobacco_status: before.tobacco_status,
            allergies: None,
            conditions: None,
            pronouns: before.pronouns.clone(),
            ..checked
        };
        let mut values = after.values();
        for (key, _) in before.values() {
            if key.member.is_none() && !values.iter().any(|(kept, _)| *kept == key) {
                values.push((key, shared::record::Value::Null));
            }
        }
        Ok(self.write(bucket, None, vec![set(&Person::KIND, id, values)])?)
    }
}
