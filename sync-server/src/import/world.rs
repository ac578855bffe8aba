//! What the planner's room asks, answered from the store. The planner is plain code on a thread of its own, so each
//! question waits; answers are remembered, because rosters ask for one site nine hundred times.

use crate::planner::World;
use crate::store::{Store, StoreError, StoreResult};
use shared::change::Bucket;
use shared::content::gaps::GapCatalog;
use shared::ids::RecordId;
use shared::merge::RecordState;
use shared::record::KindNumber;
use std::cell::RefCell;
use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use tokio::runtime::Handle;

pub(super) struct StoreWorld {
    store: Arc<dyn Store>,
    runtime: Handle,
    states: RefCell<HashMap<RecordId, Option<RecordState>>>,
    /// The gap rules of the release in force; nothing when none was published.
    gap_rules: Option<GapCatalog>,
    /// A question that failed has no answer; whatever was read from it does not count.
    failed: RefCell<Option<StoreError>>,
}

impl StoreWorld {
    pub fn new(store: Arc<dyn Store>, gap_rules: Option<GapCatalog>) -> Self {
        let (states, failed) = (RefCell::default(), RefCell::default());
        Self { store, runtime: Handle::current(), states, gap_rules, failed }
    }

    pub fn into_result<T>(self, value: T) -> StoreResult<T> {
        match self.failed.into_inner() {
            None => Ok(value),
            Some(error) => Err(error),
        }
    }

    fn ask<T: Default>(&self, answer: impl Future<Output = StoreResult<T>>) -> T {
        self.runtime.block_on(answer).unwrap_or_else(|error| {
            self.failed.replace(Some(error));
            T::default()
        })
    }

    fn decoded(&self, id: RecordId, state: &[u8]) -> Option<RecordState> {
        let state = RecordState::decode(state).ok();
        if state.is_none() {
            self.failed.replace(Some(StoreError::Damaged(format!("the state of record {id} does not open"))));
        }
        state
    }
}

impl World for StoreWorld {
    fn state(&self, record: RecordId) -> Option<RecordState> {
        if let Some(known) = self.states.borrow().get(&record) {
            return known.clone();
        }
        let row = self.ask(self.store.records(vec![record])).remove(&record);
        let state = row.and_then(|row| self.decoded(record, &row.state));
        self.states.borrow_mut().insert(record, state.clone());
        state
    }

    fn gap_rules(&self) -> &GapCatalog {
        self.gap_rules.as_ref().unwrap_or_else(|| shared::content::gaps::embedded())
    }

    fn buckets(&self, record: RecordId) -> Vec<Bucket> {
        self.ask(self.store.buckets_of(vec![record])).remove(&record).unwrap_or_default()
    }

    fn members(&self, bucket: Bucket, kind: KindNumber) -> Vec<(RecordId, RecordState)> {
        let rows = self.ask(self.store.members_of_kind(bucket, kind));
        rows.into_iter().filter_map(|row| Some((row.id, self.decoded(row.id, &row.state)?))).collect()
    }
}
