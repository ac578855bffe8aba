//! What a fold reads and what it writes: states, facts, membership and the buckets' logs, in one transaction.

use super::super::{
    FactWrite, FoldCommit, FoldInput, Item, QuarantineRow, RecordWrite, StopSites, StoreError, StoreResult,
    StoredFact, Touch,
};
use super::columns::{
    CLASS_RECORD, all, change, class, fields_to_bytes, item_bytes, moment, number, one, sequence, signed,
    unsigned,
};
use super::{devices, log, state};
use rusqlite::{Connection, Row, params};
use shared::change::Bucket;
use shared::ids::{DeviceNumber, FactId, RecordId, RegionId, Sequence};
use shared::record::{FieldKey, KindNumber};
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
    ids: &[FactId],
) -> StoreResult<BTreeMap<FactId, StoredFact>> {
    let mut found = BTreeMap::new();
    for id in ids {
        let row =
            one(connection, include_str!("sql/fact_get.sql"), params![region.0, id.as_bytes()], |row| {
                Ok(StoredFact { body: row.get(0)? })
            })?;
        found.extend(row.map(|row| (*id, row)));
    }
    Ok(found)
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
    let mut delivery = Delivery {
        connection,
        region,
        author: fold.number,
        heads: BTreeMap::new(),
        followed: BTreeMap::new(),
    };
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
        let parameters = params![region.0, fold.number.0, signed(released.0), at];
        change(connection, include_str!("sql/quarantine_release.sql"), parameters)?;
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
    let parameters = params![region.0, id.as_bytes(), kind.0, subject.as_bytes(), author.0, body];
    change(connection, include_str!("sql/fact_put.sql"), parameters).map(drop)
}

fn put_stop(connection: &Connection, region: RegionId, stop: &StopSites) -> StoreResult<()> {
    let id = stop.stop.as_bytes();
    change(connection, include_str!("sql/stop_site_clear.sql"), params![region.0, id])?;
    for site in &stop.sites {
        let parameters = params![region.0, id, site.as_bytes(), stop.van.as_bytes(), stop.day.to_string()];
        change(connection, include_str!("sql/stop_site_insert.sql"), parameters)?;
        let parameters = params![region.0, stop.van.as_bytes(), site.as_bytes()];
        change(connection, include_str!("sql/van_site_insert.sql"), parameters)?;
    }
    Ok(())
}

/// Brings items to buckets. Each bucket's head is read when it is first touched and written once at the end;
/// an engine with many writers locks the heads it needs in ascending order first.
struct Delivery<'c> {
    connection: &'c Connection,
    region: RegionId,
    author: DeviceNumber,
    /// By name: number and head.
    heads: BTreeMap<Bucket, (u32, u64)>,
    /// The buckets of records that were asked for, until they change.
    followed: BTreeMap<RecordId, Vec<Bucket>>,
}

impl Delivery<'_> {
    fn deliver(&mut self, touch: &Touch) -> StoreResult<()> {
        self.head(touch.bucket)?;
        let is_new = self.join(touch.bucket, &touch.item)?;
        // The writer holds what it wrote. Only what it may never have seen must come back to it: the rest of a
        // record that somebody else began and that is new in this bucket.
        let author = (!is_new || !touch.existed).then_some(self.author);
        if is_new {
            self.log(touch.bucket, &touch.item, author, None)?;
        } else if !touch.fields.is_empty() {
            self.log(touch.bucket, &touch.item, author, Some(&touch.fields))?;
        }
        let followed = match (&touch.subject, &touch.item) {
            (Some(subject), _) => *subject,
            (None, Item::Record(id)) if touch.existed => *id,
            _ => return Ok(()),
        };
        for other in self.buckets_of(followed)? {
            if other == touch.bucket {
                continue;
            }
            if self.join(other, &touch.item)? {
                self.log(other, &touch.item, (!touch.existed).then_some(self.author), None)?;
            } else if !touch.fields.is_empty() {
                self.log(other, &touch.item, Some(self.author), Some(&touch.fields))?;
            }
        }
        Ok(())
    }

    fn head(&mut self, bucket: Bucket) -> StoreResult<(u32, u64)> {
        if let Some(head) = self.heads.get(&bucket) {
            return Ok(*head);
        }
        let name = bucket.to_string();
        let sql = include_str!("sql/bucket_get.sql");
        let found = one(self.connection, sql, params![self.region.0, name], |row| {
            Ok((row.get(0)?, unsigned(row, 1)?))
        })?;
        let head = match found {
            Some(head) => head,
            None => {
                let sql = include_str!("sql/bucket_insert.sql");
                let made =
                    one(self.connection, sql, params![self.region.0, name], |row| Ok(row.get::<_, u32>(0)?))?;
                (made.ok_or_else(|| StoreError::Damaged("a bucket was not made".into()))?, 0)
            }
        };
        self.heads.insert(bucket, head);
        Ok(head)
    }

    /// Whether the item was not in the bucket before.
    fn join(&mut self, bucket: Bucket, item: &Item) -> StoreResult<bool> {
        let (number, _) = self.head(bucket)?;
        let parameters = params![self.region.0, number, class(item), item_bytes(item)];
        let joined = change(self.connection, include_str!("sql/member_insert.sql"), parameters)? > 0;
        if let (true, Item::Record(id)) = (joined, item) {
            self.followed.remove(id);
        }
        Ok(joined)
    }

    fn log(
        &mut self,
        bucket: Bucket,
        item: &Item,
        author: Option<DeviceNumber>,
        fields: Option<&BTreeSet<FieldKey>>,
    ) -> StoreResult<()> {
        let (number, sequence) = self.head(bucket)?;
        let next = sequence + 1;
        self.heads.insert(bucket, (number, next));
        let author = author.map(|number| number.0);
        let fields = fields.map(fields_to_bytes);
        let parameters =
            params![self.region.0, number, signed(next), class(item), item_bytes(item), author, fields];
        change(self.connection, include_str!("sql/bucket_log_insert.sql"), parameters).map(drop)
    }

    fn buckets_of(&mut self, record: RecordId) -> StoreResult<Vec<Bucket>> {
        if let Some(known) = self.followed.get(&record) {
            return Ok(known.clone());
        }
        let found = buckets_of(self.connection, self.region, record)?;
        self.followed.insert(record, found.clone());
        Ok(found)
    }

    fn finish(self) -> StoreResult<()> {
        for (number, sequence) in self.heads.into_values() {
            let parameters = params![self.region.0, number, signed(sequence)];
            change(self.connection, include_str!("sql/bucket_advance.sql"), parameters)?;
        }
        Ok(())
    }
}

pub(super) fn buckets_of(
    connection: &Connection,
    region: RegionId,
    record: RecordId,
) -> StoreResult<Vec<Bucket>> {
    let sql = include_str!("sql/member_buckets.sql");
    let parameters = params![region.0, record.as_bytes(), CLASS_RECORD];
    let numbers = all(connection, sql, parameters, |row| Ok(row.get::<_, u32>(0)?))?;
    super::pull::bucket_names(connection, region, &numbers)
}

fn read_quarantine(row: &Row<'_>) -> StoreResult<QuarantineRow> {
    Ok(QuarantineRow {
        number: number(row, 0)?,
        sequence: sequence(row, 1)?,
        reason: row.get(2)?,
        at: moment(row, 3)?,
    })
}

pub(super) fn quarantine(connection: &Connection, region: RegionId) -> StoreResult<Vec<QuarantineRow>> {
    all(connection, include_str!("sql/quarantine_list.sql"), [region.0], read_quarantine)
}

pub(super) fn rejections(
    connection: &Connection,
    region: RegionId,
    number: DeviceNumber,
    after: Sequence,
    most: usize,
) -> StoreResult<Vec<QuarantineRow>> {
    let parameters = params![region.0, number.0, signed(after.0), most as i64];
    all(connection, include_str!("sql/quarantine_after.sql"), parameters, read_quarantine)
}
