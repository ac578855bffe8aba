//! Finding a person, and finding who a new entry may be before it is made.

use super::day::VISITS_AT_STOP;
use super::desk::{CaptureError, Desk};
use super::person::MEMBERSHIPS_OF_PERSON;
use crate::store::RecordReads;
use chrono::NaiveDate;
use shared::domain::account::{Employer, Membership};
use shared::domain::duplicates::{Likeness, WORTH_SHOWING_BITS, likeness};
use shared::domain::names::phone_digits;
use shared::domain::person::Person;
use shared::domain::visit::Visit;
use shared::draft::PersonDraft;
use shared::ids::{PersonId, StopId};
use shared::project::WhyFound;
use shared::time::Timestamp;

/// A person in a list of results.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonHit {
    pub id: PersonId,
    pub person: Person,
    pub employer: Option<String>,
    /// The employee whose dependent this is.
    pub dependent_of: Option<String>,
    pub is_member: bool,
    /// When the person checked in at the stop, if so.
    pub checked_in_at: Option<Timestamp>,
    pub why: WhyFound,
}

/// Somebody who may be the person that is being typed in.
#[derive(Clone, Debug, PartialEq)]
pub struct Alike {
    pub id: PersonId,
    pub person: Person,
    pub likeness: Likeness,
}

impl Desk {
    /// People who fit what was typed, the best first.
    pub fn find(
        &self,
        typed: &str,
        stop: Option<StopId>,
        limit: usize,
    ) -> Result<Vec<PersonHit>, CaptureError> {
        let found = self.store.find_people(typed, limit)?;
        let (visits, today) = (self.visits_at(stop)?, self.local_day()?);
        found.into_iter().map(|found| self.hit(found.person, found.fits.why, &visits, today)).collect()
    }

    /// One person as a row of results, such as somebody seen a moment ago.
    pub fn known(&self, id: PersonId, stop: Option<StopId>) -> Result<PersonHit, CaptureError> {
        self.hit(id, WhyFound::Name, &self.visits_at(stop)?, self.local_day()?)
    }

    fn visits_at(&self, stop: Option<StopId>) -> Result<Vec<Visit>, CaptureError> {
        let Some(stop) = stop else { return Ok(vec![]) };
        let visits = self.store.linked(stop.into(), VISITS_AT_STOP)?;
        Ok(visits.iter().map(|(_, state)| Visit::read(state)).collect())
    }

    fn hit(
        &self,
        id: PersonId,
        why: WhyFound,
        visits: &[Visit],
        today: NaiveDate,
    ) -> Result<PersonHit, CaptureError> {
        let person = Person::read(&self.state(id.into())?);
        let employer = self.employer_of(&person)?.and_then(|employer| employer.name);
        let dependent_of = match person.dependent_of {
            Some(employee) => {
                self.store.state(employee.into())?.map(|state| Person::read(&state).spoken_name())
            }
            None => None,
        };
        let visit = visits.iter().find(|visit| visit.person == Some(id));
        let memberships = self.store.linked(id.into(), MEMBERSHIPS_OF_PERSON)?;
        let is_member = memberships.iter().any(|(_, state)| Membership::read(state).covers(today));
        let checked_in_at = visit.and_then(|visit| visit.checked_in_at);
        Ok(PersonHit { id, person, employer, dependent_of, is_member, checked_in_at, why })
    }

    pub(super) fn employer_of(&self, person: &Person) -> Result<Option<Employer>, CaptureError> {
        let Some(employer) = person.employer else { return Ok(None) };
        Ok(self.store.state(employer.into())?.map(|state| Employer::read(&state)))
    }

    /// Who the person being typed in may be, the likeliest first.
    pub fn alike(&self, draft: &PersonDraft, limit: usize) -> Result<Vec<Alike>, CaptureError> {
        let typed = draft.so_far();
        let names = format!("{} {}", draft.family_name, draft.given_name);
        let mut numbers: Vec<String> = Vec::new();
        numbers.extend(typed.phone.as_deref().map(phone_digits).filter(|digits| digits.len() >= 7));
        numbers.extend(typed.employee_number.clone());
        let family = draft.family_name.clone();
        let mut alike = Vec::new();
        let mut candidates = self.store.find_alike(&names, &numbers, 40)?;
        for person in self.store.find_alike(&family, &[], 40)? {
            if !candidates.contains(&person) {
                candidates.push(person);
            }
        }
        for id in candidates {
            let person = Person::read(&self.state(id.into())?);
            let likeness = likeness(&typed, &person);
            if likeness.total_bits >= WORTH_SHOWING_BITS {
                alike.push(Alike { id, person, likeness });
            }
        }
        alike.sort_by(|a, b| b.likeness.total_bits.total_cmp(&a.likeness.total_bits));
        alike.truncate(limit);
        Ok(alike)
    }
}
