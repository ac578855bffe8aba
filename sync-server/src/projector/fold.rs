//! One fold: opened changes of one chain, in order, into one commit.

use super::check::Rules;
use super::table::Table;
use crate::store::{FactKey, FoldCommit, FoldInput, Quarantined, Store, StoreError, StoreResult};
use shared::change::codec::NEWEST_SCHEMA;
use shared::change::{Change, Envelope, Operation};
use shared::error::Rejection;
use shared::ids::Sequence;
use shared::time::Timestamp;
use std::collections::BTreeSet;

/// A change of the log, or why it does not open.
pub(super) enum OpenChange {
    Opened(Change),
    Closed(Sequence, Rejection),
}

impl OpenChange {
    pub fn open(sequence: Sequence, bytes: &[u8]) -> Self {
        let closed = |reason| OpenChange::Closed(sequence, reason);
        match Envelope::read(bytes) {
            Ok(envelope) if envelope.schema > NEWEST_SCHEMA => closed(Rejection::NewerApp),
            Ok(envelope) => envelope.open().map_or(closed(Rejection::Malformed), OpenChange::Opened),
            Err(_) => closed(Rejection::Malformed),
        }
    }
    pub fn sequence(&self) -> Sequence {
        match self {
            OpenChange::Opened(change) => change.sequence,
            OpenChange::Closed(sequence, _) => *sequence,
        }
    }
}

pub(super) struct Fold {
    pub input: FoldInput,
    pub changes: Vec<OpenChange>,
    pub folded: Sequence,
    /// The changes were kept apart before: those that fit are released, the others stay as they are.
    pub is_retry: bool,
    /// An operator answers for the bucket, for this reason.
    pub overruled_because: Option<String>,
    /// Changes that were judged before and stand: for rebuilding.
    pub decided: BTreeSet<Sequence>,
}

impl Fold {
    /// By today's rules alone.
    pub fn new(input: FoldInput, changes: Vec<OpenChange>, folded: Sequence) -> Self {
        let (overruled_because, decided) = (None, BTreeSet::new());
        Self { input, changes, folded, is_retry: false, overruled_because, decided }
    }
}

/// How a fold ended.
pub(super) enum Folded {
    /// Committed, with why what was tried again is still kept apart.
    Committed { refused: Vec<Quarantined> },
    /// Somebody else folded meanwhile; nothing was written.
    Outrun,
}

/// Folds and commits.
pub(super) async fn run(store: &dyn Store, fold: Fold, now: Timestamp) -> StoreResult<Folded> {
    let operations = fold.changes.iter().filter_map(|change| match change {
        OpenChange::Opened(change) => Some(&change.operations),
        OpenChange::Closed(..) => None,
    });
    let (mut records, mut facts) = (BTreeSet::new(), BTreeSet::new());
    for operation in operations.flatten() {
        match operation {
            Operation::Edit(edit) => drop(records.insert(edit.record)),
            Operation::Fact(fact) => drop(facts.insert(FactKey { subject: fact.subject, id: fact.id })),
            Operation::Unknown(_) => {}
        }
    }
    let stored_records = store.records(records.into_iter().collect()).await?;
    let stored_facts = store.facts(facts.into_iter().collect()).await?;
    let sites = match fold.input.device.van {
        Some(van) => store.sites_of_van(van, None).await?,
        None => BTreeSet::new(),
    };
    let work = move || -> StoreResult<(FoldCommit, Vec<Quarantined>)> {
        let Fold { input, changes, folded, is_retry, overruled_because, decided } = fold;
        let rules = Rules::new(&input, sites);
        let mut table = Table::new(input.chain, rules, stored_records, stored_facts, is_retry);
        (table.overruled_because, table.decided) = (overruled_because, decided);
        for change in changes {
            table.take(change)?;
        }
        let refused = std::mem::take(&mut table.refused);
        Ok((table.commit(input.ticket, folded, now), refused))
    };
    let (commit, refused) = tokio::task::spawn_blocking(work).await.map_err(|_| StoreError::Closed)??;
    for row in &commit.quarantined {
        let (device, sequence, reason) = (commit.number.0, row.sequence.0, row.reason.as_str());
        tracing::warn!(device, sequence, reason, "a change was kept apart");
    }
    match store.commit_fold(commit).await? {
        true => Ok(Folded::Committed { refused }),
        false => Ok(Folded::Outrun),
    }
}
