//! What a fold reads and what it writes: states, facts, membership and the buckets' logs, in one transaction.

use super::super::{
    FactKey, FactWrite, FoldCommit, FoldInput, News, RecordWrite, StopSites, StoreError, StoreResult,
    StoredFact, Touch,
};
use super::columns::{all, change, news_to_bytes, one, signed, unsigned};
use super::{devices, log, quarantine, state};
use rusqlite::{Connection, params};
use shared::change::Bucket;
use shared::ids::{DeviceNumber, RecordId, RegionId};
use shared::record::KindNumber;
use std::collections::{BTreeMap, BTreeSet};

/// Compressed bytes of segments that one fold takes at most; a larger one goes alone.
const FOLD_BYTES_MAX: usize = 512 * 1024;

pub(super) fn input(
    connection: &Connection,
    region: RegionId,
    number: DeviceNumber,
) -> StoreResult<Option<FoldInput>> {
    let ticket = one(connection, include_str!("sql/region_ticket.sql"), [region.0], |row| unsigned(row, 0))?;
    let Some(chain) = log::chain(connection, region, number)? else { return Ok(None) };
    let device = devices::device(connection, region, chain.root)?;
    Ok(Some(FoldInput {
        ticket: ticket.unwrap_or_default(),
        chain,
        device: device.ok_or_else(|| StoreError::Damaged(format!("chain {number} has no device")))?,
        segments: log::segments(connection, region, number, chain.folded.next(), FOLD_BYTES_MAX)?,
        chains: log::chains(connection, region)?,
    }))
}

pub(super) fn records(
    connection: &Connection,
    region: RegionId,
    ids: &[RecordId],
) -> StoreResult<BTreeMap<RecordId, RecordWrite>> {
    let mut found = BTreeMap::new();
    for id in ids {
        let row =
            one(connection, include_str!("sql/record_get.sql"), params![region.0, id.as_bytes()], |row| {
                Ok(RecordWrite {
                    id: *id,
                    kind: KindNumber(row.get(0)?),
                    sole_author: row.get::<_, Option<u32>>(1)?.map(DeviceNumber),
                    state: state::open(row.get_ref(2)?)?,
                })
            })?;
        found.extend(row.map(|row| (*id, row)));
    }
    Ok(found)
}

pub(super) fn facts(
    connection: &Connection,
    region: RegionId,
    keys: &[FactKey],
) -> StoreResult<BTreeMap<FactKey, StoredFact>> {
    let mut found = BTreeMap::new();
    for key in keys {
        let row = fact_body(connection, region, *key)?;
        found.extend(row.map(|body| (*key, StoredFact { body })));
    }
    Ok(found)
}

pub(super) fn fact_body(
    connection: &Connection,
    region: RegionId,
    FactKey { subject, id }: FactKey,
) -> StoreResult<Option<Vec<u8>>> {
    let parameters = params![region.0, subject.as_bytes(), id.as_bytes()];
    one(connection, include_str!("sql/fact_get.sql"), parameters, |row| Ok(row.get(0)?))
}

pub(super) fn commit(connection: &Connection, region: RegionId, fold: &FoldCommit) -> StoreResult<bool> {
    let ticket = signed(fold.ticket);
    if change(connection, include_str!("sql/region_use_ticket.sql"), params![region.0, ticket])? == 0 {
        return Ok(false);
    }
    for record in &fold.records {
        put_record(connection, region, record)?;
    }
    for fact in &fold.facts {
        put_fact(connection, region, fact)?;
    }
    let mut places = BTreeMap::new();
    fold.touches.iter().for_each(|touch| *places.entry(touch.record).or_insert(0) += 1);
    let (author, begun) = (fold.number, &fold.begun);
    let mut delivery = Delivery { connection, region, author, begun, places, heads: BTreeMap::new() };
    for touch in &fold.touches {
        delivery.deliver(touch)?;
    }
    delivery.finish()?;
    for stop in &fold.stops {
        put_stop(connection, region, stop)?;
    }
    let at = fold.at.milliseconds();
    for row in &fold.quarantined {
        let parameters = params![region.0, fold.number.0, signed(row.sequence.0), row.reason, at];
        change(connection, include_str!("sql/quarantine_insert.sql"), parameters)?;
    }
    for released in &fold.released {
        let because = fold.overruled_because.as_deref();
        quarantine::release(connection, region, fold.number, *released, because, fold.at)?;
    }
    if let Some(offset) = fold.clock_offset_ms {
        change(connection, include_str!("sql/device_clock.sql"), params![region.0, fold.number.0, offset])?;
    }
    let folded = signed(fold.folded.0);
    change(connection, include_str!("sql/chain_fold.sql"), params![region.0, fold.number.0, folded])?;
    Ok(true)
}

fn put_record(connection: &Connection, region: RegionId, record: &RecordWrite) -> StoreResult<()> {
    let body = state::close(&record.state);
    let author = record.sole_author.map(|number| number.0);
    let parameters = params![region.0, record.id.as_bytes(), record.kind.0, author, body.as_ref()];
    change(connection, include_str!("sql/record_put.sql"), parameters).map(drop)
}

fn put_fact(connection: &Connection, region: RegionId, fact: &FactWrite) -> StoreResult<()> {
    let FactWrite { id, kind, subject, author, body } = fact;
    let parameters = params![region.0, subject.as_bytes(), id.as_bytes(), kind.0, author.0, body];
    change(connection, include_str!("sql/fact_put.sql"), parameters).map(drop)
}

fn put_stop(connection: &Connection, region: RegionId, stop: &StopSites) -> StoreResult<()> {
    let id = stop.stop.as_bytes();
    change(connection, include_str!("sql/stop_site_clear.sql"), params![region.0, id])?;
    for site in &stop.sites {
        let parameters = params![region.0, id, site.as_bytes(), stop.van.as_bytes(), stop.day.to_string()];
        change(connection, include_str!("sql/stop_site_insert.sql"), parameters)?;
    }
    for site in stop.sites.iter().chain(&stop.named) {
        let parameters = params![region.0, stop.van.as_bytes(), site.as_bytes()];
        change(connection, include_str!("sql/van_site_insert.sql"), parameters)?;
    }
    Ok(())
}

/// A log longer than twice its members tells more than the members themselves; so long it may be at least.
const LOG_ROWS_MIN: u64 = 1_000;

/// Where a bucket stands while a fold brings records to it.
#[derive(Clone, Copy)]
struct BucketHead {
    number: u32,
    sequence: u64,
    trimmed: u64,
    members: u64,
    joined: u64,
}

/// Brings records to buckets. Each bucket's head is read when it is first touched and written once at the end;
/// an engine with many writers locks the heads it needs in ascending order first.
struct Delivery<'c> {
    connection: &'c Connection,
    region: RegionId,
    author: DeviceNumber,
    /// Records that had no state before this fold.
    begun: &'c BTreeSet<RecordId>,
    /// To how many buckets this fold brings a record.
    places: BTreeMap<RecordId, usize>,
    heads: BTreeMap<Bucket, BucketHead>,
}

impl Delivery<'_> {
    fn deliver(&mut self, touch: &Touch) -> StoreResult<()> {
        let elsewhere = buckets_of(self.connection, self.region, touch.record)?;
        if elsewhere.contains(&touch.bucket) {
            self.tell_news(touch.bucket, touch)?;
        } else {
            self.join(touch.bucket, touch.record)?;
            // The writer holds what it wrote, under the bucket to which it wrote it first. What it may not know must
            // come back to it: the rest of a record that stood before and is new in this bucket, and that a record
            // is in more buckets than one, or it would forget all of it with the first of them.
            let is_known = elsewhere.is_empty() && self.places.get(&touch.record) == Some(&1);
            let author = is_known.then_some(self.author);
            self.log(touch.bucket, touch.record, author, None)?;
        }
        for other in elsewhere.into_iter().filter(|other| *other != touch.bucket) {
            self.tell_news(other, touch)?;
        }
        Ok(())
    }

    fn tell_news(&mut self, bucket: Bucket, touch: &Touch) -> StoreResult<()> {
        if touch.news.is_empty() {
            return Ok(());
        }
        // A record that was only facts so far: its writer has yet to hear that it is in this bucket.
        let author = (!self.begun.contains(&touch.record)).then_some(self.author);
        self.log(bucket, touch.record, author, Some(&touch.news))
    }

    fn head(&mut self, bucket: Bucket) -> StoreResult<&mut BucketHead> {
        if !self.heads.contains_key(&bucket) {
            let name = bucket.to_string();
            let sql = include_str!("sql/bucket_get.sql");
            let found = one(self.connection, sql, params![self.region.0, name], |row| {
                Ok(BucketHead {
                    number: row.get(0)?,
                    sequence: unsigned(row, 1)?,
                    trimmed: unsigned(row, 2)?,
                    members: unsigned(row, 3)?,
                    joined: 0,
                })
            })?;
            let head = match found {
                Some(head) => head,
                None => {
                    let number = make_bucket(self.connection, self.region, &name)?;
                    BucketHead { number, sequence: 0, trimmed: 0, members: 0, joined: 0 }
                }
            };
            self.heads.insert(bucket, head);
        }
        Ok(self.heads.get_mut(&bucket).expect("it was put there in the lines before"))
    }

    fn join(&mut self, bucket: Bucket, record: RecordId) -> StoreResult<()> {
        let (connection, region) = (self.connection, self.region.0);
        let head = self.head(bucket)?;
        head.joined += 1;
        let parameters = params![region, head.number, record.as_bytes()];
        change(connection, include_str!("sql/member_insert.sql"), parameters).map(drop)
    }

    /// Without news, the whole record came.
    fn log(
        &mut self,
        bucket: Bucket,
        record: RecordId,
        author: Option<DeviceNumber>,
        news: Option<&News>,
    ) -> StoreResult<()> {
        let (connection, region) = (self.connection, self.region.0);
        let head = self.head(bucket)?;
        head.sequence += 1;
        let author = author.map(|number| number.0);
        let news = news.map(news_to_bytes);
        let parameters = params![region, head.number, signed(head.sequence), record.as_bytes(), author, news];
        change(connection, include_str!("sql/bucket_log_insert.sql"), parameters).map(drop)
    }

    fn finish(self) -> StoreResult<()> {
        for head in self.heads.into_values() {
            let members = head.members + head.joined;
            let mut trimmed = head.trimmed;
            if head.sequence - trimmed > LOG_ROWS_MIN.max(2 * members) {
                trimmed = head.sequence - (LOG_ROWS_MIN / 2).max(members);
                let parameters = params![self.region.0, head.number, signed(trimmed)];
                change(self.connection, include_str!("sql/bucket_log_trim.sql"), parameters)?;
            }
            let (sequence, joined) = (signed(head.sequence), signed(head.joined));
            let parameters = params![self.region.0, head.number, sequence, joined, signed(trimmed)];
            change(self.connection, include_str!("sql/bucket_advance.sql"), parameters)?;
        }
        Ok(())
    }
}

fn make_bucket(connection: &Connection, region: RegionId, name: &str) -> StoreResult<u32> {
    let sql = include_str!("sql/bucket_insert.sql");
    let made = one(connection, sql, params![region.0, name], |row| Ok(row.get::<_, u32>(0)?))?;
    made.ok_or_else(|| StoreError::Damaged("a bucket was not made".into()))
}

pub(super) fn make_buckets(connection: &Connection, region: RegionId, buckets: &[Bucket]) -> StoreResult<()> {
    for bucket in buckets {
        // Another pull may have made it meanwhile.
        if super::pull::bucket_rows(connection, region, &[*bucket])?.is_empty() {
            make_bucket(connection, region, &bucket.to_string())?;
        }
    }
    Ok(())
}

pub(super) fn buckets_of(
    connection: &Connection,
    region: RegionId,
    record: RecordId,
) -> StoreResult<Vec<Bucket>> {
    let sql = include_str!("sql/member_buckets.sql");
    let parameters = params![region.0, record.as_bytes()];
    let numbers = all(connection, sql, parameters, |row| Ok(row.get::<_, u32>(0)?))?;
    super::pull::bucket_names(connection, region, &numbers)
}
