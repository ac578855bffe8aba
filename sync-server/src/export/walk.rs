//! Everything that stands in the buckets of sites, once each. Never what it means.

use crate::service::Service;
use crate::store::{Item, StoreError, StoreResult};
use shared::cbor::Reader;
use shared::change::Bucket;
use shared::ids::RecordId;
use shared::merge::RecordState;
use shared::record::Fact;
use std::collections::BTreeMap;

const PAGE_BYTES: usize = 1024 * 1024;
const NAMES_AT_ONCE: u32 = 256;

/// Records by id, and facts by their subject.
#[derive(Default)]
pub(super) struct Holdings {
    pub records: BTreeMap<RecordId, RecordState>,
    pub facts: BTreeMap<RecordId, Vec<Fact>>,
}

/// Reads every bucket that `wanted` names, keeping the records and facts that `keep` names by kind.
pub(super) async fn read(
    service: &Service,
    wanted: impl Fn(&Bucket) -> bool,
    kinds: &[shared::record::KindNumber],
) -> StoreResult<Holdings> {
    service.projector.catch_up().await?;
    let mut holdings = Holdings::default();
    for bucket in all_buckets(service).await?.into_iter().filter(wanted) {
        for row in service.store.bucket_rows(vec![bucket]).await? {
            let mut after: Option<Item> = None;
            loop {
                let page = service.store.members(row.number, after, None, PAGE_BYTES).await?;
                for (item, body) in page.items {
                    holdings.take(item, &body, kinds)?;
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
    fn take(&mut self, item: Item, body: &[u8], kinds: &[shared::record::KindNumber]) -> StoreResult<()> {
        let damaged = |what: &str| StoreError::Damaged(format!("{what} does not open"));
        match item {
            Item::Record(id) => {
                if self.records.contains_key(&id) {
                    return Ok(());
                }
                let state = RecordState::decode(body).map_err(|_| damaged(&format!("record {id}")))?;
                if kinds.contains(&state.kind) {
                    self.records.insert(id, state);
                }
            }
            Item::Fact(id) => {
                let fact = Fact::read(&mut Reader::new(body)).map_err(|_| damaged(&format!("fact {id}")))?;
                let known = self.facts.entry(fact.subject).or_default();
                if kinds.contains(&fact.kind) && !known.iter().any(|other| other.id == fact.id) {
                    known.push(fact);
                }
            }
        }
        Ok(())
    }
}
