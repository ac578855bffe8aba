//! What a person must see: fields whose concurrent values differ and may not be chosen by a clock.

use super::register::Written;
use super::state::RecordState;
use crate::record::{FieldKey, Kind, Policy, Value};

/// A field with more than one value, oldest first. One edit that reads them all settles it everywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    pub key: FieldKey,
    pub candidates: Vec<Written>,
}

/// Every open conflict of a record. People who wrote the same value agree.
pub fn conflicts(kind: &Kind, state: &RecordState) -> Vec<Conflict> {
    state
        .fields()
        .filter(|(key, writes)| {
            writes.len() > 1 && kind.policy(key.field) == Policy::Review && key.member.is_none()
        })
        .filter_map(|(key, writes)| {
            let mut candidates: Vec<Written> = writes.iter().map(|(_, written)| written.clone()).collect();
            let first: &Value = &candidates.first()?.value;
            if candidates.iter().all(|written| written.value == *first) {
                return None;
            }
            candidates.sort_by_key(|written| (written.author.stamp, written.author.device));
            Some(Conflict { key: key.clone(), candidates })
        })
        .collect()
}
