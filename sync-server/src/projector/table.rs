//! Everything that one fold has on the table: the records it works on, the facts it adds, and where each of them is
//! shown. A change is taken whole or not at all.

use super::check::Rules;
use super::fold::OpenChange;
use super::fork::renamed;
use super::work::{Work, check_room};
use crate::store::{
    ChainRow, FactKey, FactWrite, FoldCommit, News, Quarantined, RecordWrite, StopSites, StoreError,
    StoreResult, StoredFact, Touch,
};
use shared::change::{Bucket, Change, Edit, Operation};
use shared::domain::route::{Stop, stop_fields};
use shared::domain::view::goes_up_only;
use shared::error::Rejection;
use shared::ids::{FactId, RecordId, Sequence, SiteId};
use shared::merge::Author;
use shared::record::{Fact, KindNumber, Value};
use shared::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

pub(super) struct Table {
    chain: ChainRow,
    rules: Rules,
    is_retry: bool,
    /// An operator answers for the bucket, for this reason.
    pub overruled_because: Option<String>,
    /// Changes that were judged before: they are merged as they were.
    pub decided: BTreeSet<Sequence>,
    /// What was tried again and does not fit now either.
    pub refused: Vec<Quarantined>,
    stored: BTreeMap<RecordId, RecordWrite>,
    stored_facts: BTreeMap<FactKey, StoredFact>,
    records: BTreeMap<RecordId, Work>,
    changed: BTreeSet<RecordId>,
    facts: BTreeMap<FactKey, FactWrite>,
    touches: BTreeMap<(RecordId, Bucket), News>,
    /// Stops whose sites may be others now, with their route's bucket and every site that a write of this fold named.
    stops: BTreeMap<RecordId, (Bucket, BTreeSet<SiteId>)>,
    quarantined: Vec<Quarantined>,
    released: Vec<Sequence>,
    clock_offset_ms: Option<i64>,
}

/// Why a change is not merged, or why nobody can say.
enum Refusal {
    Change(Rejection),
    Store(StoreError),
}

impl From<Rejection> for Refusal {
    fn from(rejection: Rejection) -> Self {
        Refusal::Change(rejection)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Refusal::Store(error)
    }
}

fn site_of(value: &Value) -> Option<SiteId> {
    match value {
        Value::Id(uuid) => Some(SiteId::from_uuid(*uuid)),
        _ => None,
    }
}

fn key_of(fact: &Fact) -> FactKey {
    FactKey { subject: fact.subject, id: fact.id }
}

impl Table {
    pub fn new(
        chain: ChainRow,
        rules: Rules,
        stored: BTreeMap<RecordId, RecordWrite>,
        stored_facts: BTreeMap<FactKey, StoredFact>,
        is_retry: bool,
    ) -> Self {
        Self {
            chain,
            rules,
            is_retry,
            overruled_because: None,
            decided: BTreeSet::new(),
            refused: Vec::new(),
            stored,
            stored_facts,
            records: BTreeMap::new(),
            changed: BTreeSet::new(),
            facts: BTreeMap::new(),
            touches: BTreeMap::new(),
            stops: BTreeMap::new(),
            quarantined: Vec::new(),
            released: Vec::new(),
            clock_offset_ms: None,
        }
    }

    /// Merges a change or keeps it apart. A change that was kept apart before is released when it fits now.
    pub fn take(&mut self, change: OpenChange) -> StoreResult<()> {
        let sequence = change.sequence();
        let verdict = match change {
            OpenChange::Closed(_, reason) => Err(Refusal::Change(reason)),
            OpenChange::Opened(change) => self.merge(change),
        };
        match verdict {
            Ok(()) if self.is_retry => self.released.push(sequence),
            Ok(()) => {}
            Err(Refusal::Change(reason)) if self.is_retry => {
                self.refused.push(Quarantined { sequence, reason: reason.to_string() });
            }
            Err(Refusal::Change(reason)) => {
                self.quarantined.push(Quarantined { sequence, reason: reason.to_string() });
            }
            Err(Refusal::Store(error)) => return Err(error),
        }
        Ok(())
    }

    fn merge(&mut self, mut change: Change) -> Result<(), Refusal> {
        if self.chain.number != self.chain.root {
            for operation in &mut change.operations {
                let Operation::Edit(edit) = operation else { continue };
                for put in &mut edit.puts {
                    put.read = renamed(&self.chain, change.sequence, &put.read);
                }
            }
        }
        if !self.decided.contains(&change.sequence) {
            self.check(&change)?;
        }
        if !self.is_retry {
            self.clock_offset_ms = Some(change.device_clock_offset_ms);
        }
        let author = change.author(self.chain.number);
        for operation in change.operations {
            match operation {
                Operation::Edit(edit) => self.write(change.bucket, author, edit)?,
                Operation::Fact(fact) => self.add(change.bucket, author, &fact),
                Operation::Unknown(_) => {}
            }
        }
        Ok(())
    }

    /// The whole change, before any of it is merged.
    fn check(&mut self, change: &Change) -> Result<(), Refusal> {
        if self.overruled_because.is_none() {
            self.rules.bucket(change.bucket)?;
        }
        Rules::once(&change.operations)?;
        let mut kinds: BTreeMap<RecordId, KindNumber> = BTreeMap::new();
        let mut bodies: BTreeMap<FactId, Vec<u8>> = BTreeMap::new();
        for operation in &change.operations {
            self.rules.operation(change.sequence, operation)?;
            match operation {
                Operation::Edit(edit) => {
                    let mut known = self.known(edit.record)?;
                    check_room(known.as_deref_mut(), edit)?;
                    let kind = known.map(|work| work.kind()).or_else(|| kinds.get(&edit.record).copied());
                    if kind.is_some_and(|kind| kind != edit.kind) {
                        return Err(Rejection::OtherKind.into());
                    }
                    kinds.insert(edit.record, edit.kind);
                }
                Operation::Fact(fact) => {
                    let body = fact.to_bytes();
                    let earlier = bodies.get(&fact.id).map(Vec::as_slice);
                    let earlier = earlier.or_else(|| self.fact_body(key_of(fact)));
                    if earlier.is_some_and(|earlier| earlier != body) {
                        return Err(Rejection::FactRewritten.into());
                    }
                    bodies.insert(fact.id, body);
                }
                Operation::Unknown(_) => {}
            }
        }
        Ok(())
    }

    /// The record on the table, brought there from the store if need be.
    fn known(&mut self, id: RecordId) -> StoreResult<Option<&mut Work>> {
        if !self.records.contains_key(&id) {
            let Some(stored) = self.stored.get(&id) else { return Ok(None) };
            self.records.insert(id, Work::open(stored)?);
        }
        Ok(self.records.get_mut(&id))
    }

    fn fact_body(&self, key: FactKey) -> Option<&[u8]> {
        let new = self.facts.get(&key).map(|fact| fact.body.as_slice());
        new.or_else(|| self.stored_facts.get(&key).map(|fact| fact.body.as_slice()))
    }

    fn write(&mut self, bucket: Bucket, author: Author, edit: Edit) -> StoreResult<()> {
        let (record, kind) = (edit.record, edit.kind);
        if self.known(record)?.is_none() {
            self.records.insert(record, Work::begin(kind, author.device));
        }
        let work = self.records.get_mut(&record).expect("it was put on the table in the line before");
        let news = self.touches.entry((record, bucket)).or_default();
        news.fields.extend(edit.puts.iter().map(|put| put.key.clone()));
        self.changed.insert(record);
        if kind == Stop::KIND.number && matches!(bucket, Bucket::Route(..)) {
            let stop = self.stops.entry(record).or_insert((bucket, BTreeSet::new()));
            stop.0 = bucket;
            let sites = edit.puts.iter().filter(|put| put.key == stop_fields::site.into());
            stop.1.extend(sites.filter_map(|put| site_of(&put.value)));
        }
        work.apply(author, edit);
        Ok(())
    }

    fn add(&mut self, bucket: Bucket, author: Author, fact: &Fact) {
        let key = key_of(fact);
        let is_new = !self.stored_facts.contains_key(&key);
        if !goes_up_only(fact.kind) {
            let news = self.touches.entry((fact.subject, bucket)).or_default();
            if is_new {
                news.facts.insert(fact.id);
            }
        }
        if is_new {
            let Fact { id, kind, subject, .. } = *fact;
            let write = || FactWrite { id, kind, subject, author: author.device, body: fact.to_bytes() };
            self.facts.entry(key).or_insert_with(write);
        }
    }

    fn sites_of(&self, stop: RecordId) -> Vec<SiteId> {
        let Some(work) = self.records.get(&stop) else { return Vec::new() };
        work.values(&stop_fields::site.into()).filter_map(|written| site_of(&written.value)).collect()
    }

    pub fn commit(self, ticket: u64, folded: Sequence, at: Timestamp) -> FoldCommit {
        let stop_sites = |(stop, (bucket, named)): (&RecordId, &(Bucket, BTreeSet<SiteId>))| match bucket {
            Bucket::Route(van, day) => Some(StopSites {
                stop: (*stop).into(),
                van: *van,
                day: *day,
                sites: self.sites_of(*stop),
                named: named.clone(),
            }),
            _ => None,
        };
        let touch = |((record, bucket), news)| Touch { bucket, record, news };
        let stops = self.stops.iter().filter_map(stop_sites).collect();
        let begun = self.changed.iter().filter(|id| !self.stored.contains_key(*id)).copied().collect();
        let records = self.changed.iter().map(|id| self.records[id].close(*id)).collect();
        FoldCommit {
            ticket,
            number: self.chain.number,
            folded,
            records,
            begun,
            facts: self.facts.into_values().collect(),
            touches: self.touches.into_iter().map(touch).collect(),
            stops,
            quarantined: self.quarantined,
            released: self.released,
            overruled_because: self.overruled_because,
            clock_offset_ms: self.clock_offset_ms,
            at,
        }
    }
}
