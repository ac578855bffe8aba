//! Which entries are one person, by the decisions of staff (`SamePerson`). Read wherever data leaves, so that two
//! entries leave as one; no id is ever written anew, and a later decision parts them again.

use super::duplicates::SamePerson;
use crate::ids::PersonId;
use crate::record::Fact;
use std::collections::{BTreeMap, BTreeSet};

/// Entries that are one person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Linked {
    /// Every linked entry, with all entries of its person: itself too, in order of id.
    groups: BTreeMap<PersonId, Vec<PersonId>>,
}

impl Linked {
    /// Of two entries the newest decision counts, by when it was made, then by id; whoever is linked to a third entry
    /// over a second is one person with both.
    pub fn of<'f>(facts: impl IntoIterator<Item = &'f Fact>) -> Linked {
        let mut newest: BTreeMap<(PersonId, PersonId), (&Fact, bool)> = BTreeMap::new();
        for fact in facts.into_iter().filter(|fact| fact.kind == SamePerson::KIND.number) {
            let decision = SamePerson::read(fact);
            let (Some(other), Some(same)) = (decision.other, decision.same) else { continue };
            let first = PersonId::from(fact.subject);
            let pair = (first.min(other), first.max(other));
            let known = newest.entry(pair).or_insert((fact, same));
            if (known.0.at, known.0.id) < (fact.at, fact.id) {
                *known = (fact, same);
            }
        }
        let mut neighbours: BTreeMap<PersonId, BTreeSet<PersonId>> = BTreeMap::new();
        for ((left, right), _) in newest.into_iter().filter(|(_, (_, same))| *same) {
            neighbours.entry(left).or_default().insert(right);
            neighbours.entry(right).or_default().insert(left);
        }
        let mut groups: BTreeMap<PersonId, Vec<PersonId>> = BTreeMap::new();
        for start in neighbours.keys() {
            if groups.contains_key(start) {
                continue;
            }
            let (mut group, mut open) = (BTreeSet::from([*start]), vec![*start]);
            while let Some(entry) = open.pop() {
                open.extend(neighbours[&entry].iter().filter(|next| group.insert(**next)));
            }
            let group: Vec<PersonId> = group.into_iter().collect();
            groups.extend(group.iter().map(|entry| (*entry, group.clone())));
        }
        Linked { groups }
    }

    /// All entries of a person, in order of id: the entry alone when nobody linked it.
    pub fn entries(&self, entry: PersonId) -> Vec<PersonId> {
        self.groups.get(&entry).cloned().unwrap_or_else(|| vec![entry])
    }

    /// The entry under which a person leaves: the first of all by id.
    pub fn head(&self, entry: PersonId) -> PersonId {
        self.groups.get(&entry).and_then(|group| group.first()).copied().unwrap_or(entry)
    }
}

#[cfg(test)]
mod tests;
