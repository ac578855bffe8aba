//! The comparison at the end of the day: byte for byte, record for record.

use app::store::{RecordReads, Store, StoreError};
use shared::domain::view::View;
use shared::ids::{FactId, RecordId};
use std::collections::{BTreeMap, BTreeSet};

/// Everything one device holds.
pub struct Holdings {
    pub states: BTreeMap<RecordId, Vec<u8>>,
    pub facts: BTreeSet<FactId>,
}

impl Holdings {
    /// Without who looked at what: that goes up only, and no two devices share it.
    pub fn of(store: &Store) -> Result<Holdings, StoreError> {
        let states: BTreeMap<RecordId, Vec<u8>> = store.every_state()?.into_iter().collect();
        let mut facts: BTreeSet<FactId> = store.every_fact()?.into_iter().collect();
        for id in states.keys() {
            for look in store.facts(*id, &View::KIND)? {
                facts.remove(&look.id);
            }
        }
        Ok(Holdings { states, facts })
    }
}

/// How two devices differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Records that both hold.
    pub shared_records: usize,
    /// Of these, how many are not the same bytes.
    pub different_records: usize,
    /// Records of the first that the second lacks.
    pub missing_records: usize,
    /// Facts of the first that the second lacks.
    pub missing_facts: usize,
}

/// Compares what `one` holds with what `other` holds.
pub fn compare(one: &Holdings, other: &Holdings) -> Difference {
    let mut difference = Difference::default();
    for (id, state) in &one.states {
        match other.states.get(id) {
            None => difference.missing_records += 1,
            Some(theirs) => {
                difference.shared_records += 1;
                difference.different_records += usize::from(theirs != state);
            }
        }
    }
    difference.missing_facts = one.facts.difference(&other.facts).count();
    difference
}
