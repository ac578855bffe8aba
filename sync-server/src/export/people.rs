//! Who the people of an export are: which entries are one person, by which number the plan knows them on a day, and what
//! they agree to. Every exit asks here, so that none answers otherwise than the next.

use crate::holdings::Holdings;
use chrono::NaiveDate;
use shared::domain::account::{self, Membership};
use shared::domain::consent::{Consent, in_force, strictest};
use shared::domain::duplicates::SamePerson;
use shared::domain::linked::Linked;
use shared::ids::PersonId;
use shared::record::KindNumber;
use std::collections::BTreeMap;

/// The kinds that must be among the holdings.
pub(super) const KINDS: [KindNumber; 3] =
    [Membership::KIND.number, Consent::KIND.number, SamePerson::KIND.number];

pub(super) struct People {
    linked: Linked,
    /// The memberships of all entries of a person, by the entry under which the person leaves.
    memberships: BTreeMap<PersonId, Vec<Membership>>,
    consents: BTreeMap<PersonId, Consent>,
}

impl People {
    pub fn of(held: &Holdings) -> People {
        let linked = Linked::of(held.facts.values().flatten());
        let mut memberships: BTreeMap<PersonId, Vec<Membership>> = BTreeMap::new();
        for state in held.records.values().filter(|state| state.kind == Membership::KIND.number) {
            let membership = Membership::read(state);
            if let Some(person) = membership.person {
                memberships.entry(linked.head(person)).or_default().push(membership);
            }
        }
        let mut decisions: BTreeMap<PersonId, Vec<Consent>> = BTreeMap::new();
        for (entry, facts) in &held.facts {
            decisions.entry(linked.head((*entry).into())).or_default().extend(in_force(facts.iter()));
        }
        let consents = decisions.into_iter().filter_map(|(head, all)| Some((head, strictest(all)?)));
        People { consents: consents.collect(), memberships, linked }
    }

    /// The entry under which a person leaves, whichever entry is asked for.
    pub fn head(&self, entry: PersonId) -> PersonId {
        self.linked.head(entry)
    }

    /// All entries of a person.
    pub fn entries(&self, entry: PersonId) -> Vec<PersonId> {
        self.linked.entries(entry)
    }

    /// The number by which the plan knows the person on a day; empty when it does not.
    pub fn member_number(&self, entry: PersonId, day: NaiveDate) -> String {
        let memberships = self.memberships.get(&self.head(entry)).map(Vec::as_slice).unwrap_or_default();
        account::member_number(memberships, day).unwrap_or_default().to_owned()
    }

    /// The decision in force; of linked entries the strictest.
    pub fn consent(&self, entry: PersonId) -> Option<&Consent> {
        self.consents.get(&self.head(entry))
    }
}
