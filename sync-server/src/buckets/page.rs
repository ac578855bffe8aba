//! One page: what stands to be told first, then members or news of each bucket until the page is full.

use super::cursor::{Cursor, Place};
use super::{Buckets, PullError, visible};
use crate::store::{BucketRow, DeviceRow, DeviceStatus, Item, LogItem, StoreError, StoreResult};
use shared::cbor::Reader;
use shared::change::Bucket;
use shared::merge::{decode_entries, encode_entries};
use shared::protocol::{FactEntry, PullPage, PullRequest, Rejected, Standing, StateEntry, limits};
use shared::record::{Fact, FieldKey};
use std::collections::{BTreeMap, BTreeSet};

/// A page while it is being filled.
struct Filling<'a> {
    buckets: &'a Buckets,
    device: &'a DeviceRow,
    cursor: Cursor,
    states: Vec<StateEntry>,
    facts: Vec<FactEntry>,
    bytes: usize,
}

impl Buckets {
    /// Waits, not for long, until all that is held now is folded; says whether it is.
    pub async fn wait(&self) -> Result<bool, PullError> {
        Ok(self.projector.wait_until_folded(self.rules.patience).await?)
    }

    /// The next page. It is the last only if the projector had caught up before.
    pub async fn pull(
        &self,
        device: &DeviceRow,
        request: &PullRequest,
        is_caught_up: bool,
    ) -> Result<PullPage, PullError> {
        let store = self.store.as_ref();
        let now = self.clock.now();
        let epoch = store.region_row().await?.epoch;
        let rows = store.bucket_rows(visible(store, device, now.day(0)).await?).await?;
        let cursor = match Cursor::read(&request.cursor, &self.cursor_key, device.number, epoch) {
            Some(cursor) => cursor,
            None => Cursor { is_fresh: !device.was_answered, places: BTreeMap::new() },
        };
        if !device.was_answered {
            // Before the page leaves: from then on the device may forget what it wrote itself.
            store.note_answered(device.number).await?;
        }
        let seen: BTreeSet<u32> = rows.iter().map(|row| row.number).collect();
        let gone = cursor.places.keys().copied().filter(|number| !seen.contains(number)).collect();
        let forget = store.bucket_names(gone).await?;
        let forgets = !forget.is_empty();
        let mut filling =
            Filling { buckets: self, device, cursor, states: Vec::new(), facts: Vec::new(), bytes: 0 };
        filling.cursor.places.retain(|number, _| seen.contains(number));
        let is_all = filling.fill(&rows).await?;
        // From the first whole page on, the device may forget: later snapshots bring its own writes too.
        filling.cursor.is_fresh &= !is_all && !forgets;
        let chain = store.chain(device.number).await?;
        let chain = chain.ok_or_else(|| StoreError::Damaged("a device without a chain".into()))?;
        Ok(PullPage {
            server_time: now,
            epoch,
            acknowledged: chain.head,
            standing: match device.status {
                DeviceStatus::Active => Standing::Active,
                DeviceStatus::Retired | DeviceStatus::Revoked => Standing::EnrolAnew,
            },
            cursor: filling.cursor.write(&self.cursor_key, device.number, epoch),
            complete: is_all && is_caught_up,
            states: filling.states,
            facts: filling.facts,
            forget,
            rejected: self.rejected(device, request).await?,
        })
    }

    async fn rejected(&self, device: &DeviceRow, request: &PullRequest) -> StoreResult<Vec<Rejected>> {
        let most = limits::REJECTIONS_A_PAGE_MAX;
        let rows = self.store.rejections(device.number, request.rejections_heard, most).await?;
        Ok(rows.into_iter().map(|row| Rejected { sequence: row.sequence, reason: row.reason }).collect())
    }
}

impl Filling<'_> {
    /// Whether everything fitted.
    async fn fill(&mut self, rows: &[BucketRow]) -> Result<bool, PullError> {
        for row in rows {
            if !self.fill_bucket(row).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn room(&self) -> usize {
        self.buckets.rules.bytes_aim.saturating_sub(self.bytes)
    }

    async fn fill_bucket(&mut self, row: &BucketRow) -> Result<bool, PullError> {
        let place = self.cursor.places.get(&row.number).copied();
        let from = match place {
            Some(Place::Log(sequence)) => sequence,
            Some(Place::Snapshot { head, after }) => match self.members(row, head, Some(after)).await? {
                true => head,
                false => return Ok(false),
            },
            None => match self.members(row, row.sequence, None).await? {
                true => row.sequence,
                false => return Ok(false),
            },
        };
        self.news(row, from).await
    }

    /// Members from `after` on; whether the last was reached.
    async fn members(&mut self, row: &BucketRow, head: u64, after: Option<Item>) -> Result<bool, PullError> {
        if self.room() == 0 {
            return Ok(false);
        }
        let own = self.cursor.is_fresh.then_some(self.device.number);
        let page = self.buckets.store.members(row.number, after, own, self.room()).await?;
        for (item, body) in page.items {
            self.add(row.bucket, item, None, body)?;
        }
        match page.more_after {
            Some(after) => self.cursor.places.insert(row.number, Place::Snapshot { head, after }),
            None => self.cursor.places.insert(row.number, Place::Log(head)),
        };
        Ok(page.more_after.is_none())
    }

    /// What came to the bucket's log; whether its end was reached.
    async fn news(&mut self, row: &BucketRow, from: u64) -> Result<bool, PullError> {
        if from >= row.sequence {
            return Ok(true);
        }
        if self.room() == 0 {
            return Ok(false);
        }
        let page = self.buckets.store.log_after(row.number, from, self.device.number, self.room()).await?;
        for LogItem { item, fields, body } in page.items {
            self.add(row.bucket, item, fields, body)?;
        }
        self.cursor.places.insert(row.number, Place::Log(page.last));
        Ok(!page.more)
    }

    fn add(
        &mut self,
        bucket: Bucket,
        item: Item,
        fields: Option<BTreeSet<FieldKey>>,
        body: Vec<u8>,
    ) -> Result<(), StoreError> {
        self.bytes += body.len();
        match item {
            Item::Record(record) => {
                let state = match fields {
                    None => body,
                    Some(fields) => only(&fields, &body)?,
                };
                self.states.push(StateEntry { bucket, record, state });
            }
            Item::Fact(id) => {
                let fact = Fact::read(&mut Reader::new(&body));
                let fact = fact.map_err(|_| StoreError::Damaged(format!("fact {id} does not open")))?;
                self.facts.push(FactEntry { bucket, fact });
            }
        }
        Ok(())
    }
}

/// The part of a state that is news.
fn only(fields: &BTreeSet<FieldKey>, state: &[u8]) -> Result<Vec<u8>, StoreError> {
    let damaged = |_| StoreError::Damaged("a record's state does not open".into());
    let (kind, entries) = decode_entries(state).map_err(damaged)?;
    let wanted = entries.iter().filter(|(key, _)| fields.contains(key));
    Ok(encode_entries(kind, wanted.map(|(key, written)| (key, written))))
}
