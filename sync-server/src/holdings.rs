//! Everything that stands in the buckets that are asked for, once each. Never what it means.

use crate::service::Service;
use crate::store::{MemberPlace, Parcel, StoreError, StoreResult};
use shared::change::Bucket;
use shared::ids::RecordId;
use shared::merge::RecordState;
use shared::record::{Fact, KindNumber};
use std::collections::BTreeMap;

const PAGE_BYTES: usize = 1024 * 1024;
const NAMES_AT_ONCE: u32 = 256;

/// Records by id, and facts by their subject.
#[derive(Default)]
pub(crate) struct Holdings {
    pub records: BTreeMap<RecordId, RecordState>,
    pub facts: BTreeMap<RecordId, Vec<Fact>>,
}

/// Reads every bucket that `wanted` names, keeping the records and facts that `keep` names by kind.
pub(crate) async fn read(
    service: &Service,
    wanted: impl Fn(&Bucket) -> bool,
    kinds: &[KindNumber],
) -> StoreResult<Holdings> {
    service.projector.catch_up().await?;
    let mut holdings = Holdings::default();
    for bucket in all_buckets(service).await?.into_iter().filter(wanted) {
        for row in service.store.bucket_rows(vec![bucket]).await? {
            let mut after: Option<MemberPlace> = None;
            loop {
                let page = service.store.members(row.number, after, None, PAGE_BYTES).await?;
                for parcel in page.parcels {
                    holdings.take(parcel, kinds)?;
                }
                after = page.more_after;
                if after.is_none() {
                    break;
                }
            }
        }
    }
    Ok(holdings)
}

/// Buckets are numbered from 1 without a gap.
async fn all_buckets(service: &Service) -> StoreResult<Vec<Bucket>> {
    let mut buckets = Vec::new();
    for first in (1..).step_by(NAMES_AT_ONCE as usize) {
        let names = service.store.bucket_names((first..first + NAMES_AT_ONCE).collect()).await?;
        if names.is_empty() {
            break;
        }
        buckets.extend(names);
    }
    Ok(buckets)
}

impl Holdings {
    fn take(&mut self, parcel: Parcel, kinds: &[KindNumber]) -> StoreResult<()> {
        let Parcel { record, state, facts, .. } = parcel;
        let damaged = |what: &str| StoreError::Damaged(format!("{what} of record {record} does not open"));
        if let Some(state) = state.filter(|_| !self.records.contains_key(&record)) {
            let state = RecordState::decode(&state).map_err(|_| damaged("the state"))?;
            if kinds.contains(&state.kind) {
                self.records.insert(record, state);
            }
        }
        for body in facts {
            let fact = Fact::from_bytes(&body).map_err(|_| damaged("a fact"))?;
            if !kinds.contains(&fact.kind) {
                continue;
            }
            let known = self.facts.entry(record).or_default();
            if !known.iter().any(|other| other.id == fact.id) {
                known.push(fact);
            }
        }
        Ok(())
    }
}
