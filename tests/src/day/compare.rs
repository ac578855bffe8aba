//! The comparison at the end of the day: byte for byte, record for record, fact for fact.

use app::store::{RecordReads, Store, StoreError};
use shared::domain::view::View;
use shared::ids::{FactId, RecordId};
use std::collections::{BTreeMap, BTreeSet};

/// Everything one device holds.
pub struct Holdings {
    pub states: BTreeMap<RecordId, Vec<u8>>,
    /// Facts by the record that they are about.
    facts: BTreeMap<RecordId, BTreeSet<FactId>>,
}

impl Holdings {
    /// Without who looked at what: that goes up only, and no two devices share it.
    pub fn of(store: &Store) -> Result<Holdings, StoreError> {
        let states: BTreeMap<RecordId, Vec<u8>> = store.every_state()?.into_iter().collect();
        let mut facts: BTreeMap<RecordId, BTreeSet<FactId>> = BTreeMap::new();
        for (subject, id) in store.every_fact()? {
            facts.entry(subject).or_default().insert(id);
        }
        for (subject, known) in &mut facts {
            for look in store.facts(*subject, &View::KIND)? {
                known.remove(&look.id);
            }
        }
        facts.retain(|_, known| !known.is_empty());
        Ok(Holdings { states, facts })
    }

    pub fn fact_count(&self) -> usize {
        self.facts.values().map(BTreeSet::len).sum()
    }
}

/// How two devices differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Records that both hold.
    pub shared_records: usize,
    /// Of these, how many are not the same bytes.
    pub different_records: usize,
    /// Of these, facts that only one of the two holds.
    pub different_facts: usize,
    /// Records that only one of the two holds.
    pub records_apart: usize,
    /// Facts about records that only one of the two holds.
    pub facts_apart: usize,
}

/// Compares two devices; the answer is the same whichever comes first.
pub fn compare(one: &Holdings, other: &Holdings) -> Difference {
    let mut difference = Difference::default();
    let none = BTreeSet::new();
    let subjects: BTreeSet<&RecordId> =
        [one, other].iter().flat_map(|held| held.states.keys().chain(held.facts.keys())).collect();
    for id in subjects {
        let facts = [one, other].map(|held| held.facts.get(id).unwrap_or(&none));
        let facts_of_one = facts[0].symmetric_difference(facts[1]).count();
        match (one.states.get(id), other.states.get(id)) {
            (Some(ours), Some(theirs)) => {
                difference.shared_records += 1;
                difference.different_records += usize::from(ours != theirs);
                difference.different_facts += facts_of_one;
            }
            (ours, theirs) => {
                difference.records_apart += usize::from(ours.is_some() || theirs.is_some());
                difference.facts_apart += facts_of_one;
            }
        }
    }
    difference
}
