//! One page: what stands to be told first, then members or news of each bucket until the page is full.

use super::cursor::{Cursor, Place};
use super::{Buckets, PullError, left, rows_of, visible};
use crate::store::{
    BucketRow, DecisionOutcome, DecisionRow, DeviceRow, DeviceStatus, LogPlace, MemberPlace, Parcel,
    StoreError, StoreResult,
};
use shared::change::Bucket;
use shared::ids::Sequence;
use shared::merge::{decode_entries, encode_entries};
use shared::protocol::{
    Decided, FactEntry, Outcome, PullPage, PullRequest, Rejected, Standing, StateEntry, limits,
};
use shared::record::FieldKey;
use std::collections::BTreeSet;

/// A device asks for its next certificate a season before the one in use ends: vans may be parked for long.
const RENEW_BEFORE_MS: i64 = 90 * 86_400_000;

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
        let visible = visible(store, device, now.day(0)).await?;
        let rows = rows_of(store, visible.clone()).await?;
        // A device without a cursor, or with that of another epoch, is told all that a cursor would remember: what it may
        // hold and no longer sees, and every change that is kept apart.
        let known = Cursor::read(&request.cursor, &self.cursor_key, device.number, epoch);
        let (mut forget, heard) = match &known {
            Some(_) => (Vec::new(), request.rejections_heard),
            None => (left(store, device, &visible).await?, Sequence(0)),
        };
        let fresh = || Cursor { is_fresh: !device.was_answered, ..Cursor::default() };
        let cursor = known.unwrap_or_else(fresh);
        if !device.was_answered {
            // Before the page leaves: from then on the device may forget what it wrote itself.
            store.note_answered(device.number).await?;
        }
        let seen: BTreeSet<u32> = rows.iter().map(|row| row.number).collect();
        let gone = cursor.places.keys().copied().filter(|number| !seen.contains(number)).collect();
        forget.extend(store.bucket_names(gone).await?);
        let forgets = !forget.is_empty();
        let mut filling =
            Filling { buckets: self, device, cursor, states: Vec::new(), facts: Vec::new(), bytes: 0 };
        filling.cursor.places.retain(|number, _| seen.contains(number));
        let is_all = filling.fill(&rows).await?;
        // From the first whole page on, the device may forget: later snapshots bring its own writes too.
        filling.cursor.is_fresh &= !is_all && !forgets;
        let decided = filling.decided().await?;
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
            rejected: self.rejected(device, heard).await?,
            decided,
            renew_certificate: device.certificate_expires_at <= now.plus_milliseconds(RENEW_BEFORE_MS),
        })
    }

    async fn rejected(&self, device: &DeviceRow, heard: Sequence) -> StoreResult<Vec<Rejected>> {
        let rows = self.store.rejections(device.number, heard, limits::REJECTIONS_A_PAGE_MAX).await?;
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

    /// What became of changes that the device heard were kept apart. A page holds so many; the next pull tells more.
    async fn decided(&mut self) -> StoreResult<Vec<Decided>> {
        let (number, told) = (self.device.number, self.cursor.decisions_told);
        let rows = self.buckets.store.decisions(number, told, limits::REJECTIONS_A_PAGE_MAX).await?;
        self.cursor.decisions_told = rows.last().map_or(told, |row| row.ordinal);
        let outcome = |outcome| match outcome {
            DecisionOutcome::Released | DecisionOutcome::Overruled => Outcome::Released,
            DecisionOutcome::Closed => Outcome::Closed,
        };
        let decided = |row: DecisionRow| Decided {
            sequence: row.sequence,
            outcome: outcome(row.outcome),
            note: row.note,
        };
        Ok(rows.into_iter().map(decided).collect())
    }

    fn room(&self) -> usize {
        self.buckets.rules.bytes_aim.saturating_sub(self.bytes)
    }

    async fn fill_bucket(&mut self, row: &BucketRow) -> Result<bool, PullError> {
        let from = match self.place(row) {
            Some(Place::Log(place)) => place,
            Some(Place::Snapshot { head, after }) => match self.members(row, head, Some(after)).await? {
                true => LogPlace { sequence: head, fact: None },
                false => return Ok(false),
            },
            None => match self.members(row, row.sequence, None).await? {
                true => LogPlace { sequence: row.sequence, fact: None },
                false => return Ok(false),
            },
        };
        self.news(row, from).await
    }

    /// Where the device stands, unless the log that it would go on in was cut meanwhile.
    fn place(&self, row: &BucketRow) -> Option<Place> {
        let place = self.cursor.places.get(&row.number).copied()?;
        let (Place::Log(LogPlace { sequence, .. }) | Place::Snapshot { head: sequence, .. }) = place;
        (sequence >= row.trimmed).then_some(place)
    }

    /// Members from `after` on; whether the last was reached.
    async fn members(
        &mut self,
        row: &BucketRow,
        head: u64,
        after: Option<MemberPlace>,
    ) -> Result<bool, PullError> {
        if self.room() == 0 {
            return Ok(false);
        }
        let own = self.cursor.is_fresh.then_some(self.device.number);
        let page = self.buckets.store.members(row.number, after, own, self.room()).await?;
        for parcel in page.parcels {
            self.add(row.bucket, parcel)?;
        }
        let place = match page.more_after {
            Some(after) => Place::Snapshot { head, after },
            None => Place::Log(LogPlace { sequence: head, fact: None }),
        };
        self.cursor.places.insert(row.number, place);
        Ok(page.more_after.is_none())
    }

    /// What came to the bucket's log; whether its end was reached.
    async fn news(&mut self, row: &BucketRow, from: LogPlace) -> Result<bool, PullError> {
        if from.sequence >= row.sequence {
            return Ok(true);
        }
        if self.room() == 0 {
            return Ok(false);
        }
        let page = self.buckets.store.log_after(row.number, from, self.device.number, self.room()).await?;
        if page.is_cut {
            self.cursor.places.remove(&row.number);
            return Ok(false);
        }
        for parcel in page.parcels {
            self.add(row.bucket, parcel)?;
        }
        self.cursor.places.insert(row.number, Place::Log(page.last));
        Ok(!page.more)
    }

    fn add(&mut self, bucket: Bucket, parcel: Parcel) -> Result<(), StoreError> {
        let Parcel { record, state, fields, facts } = parcel;
        if let Some(state) = state {
            let state = match fields {
                None => state,
                Some(fields) => only(&fields, &state)?,
            };
            self.bytes += state.len();
            self.states.push(StateEntry { bucket, record, state });
        }
        self.bytes += facts.iter().map(Vec::len).sum::<usize>();
        self.facts.extend(facts.into_iter().map(|fact| FactEntry { bucket, fact }));
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
