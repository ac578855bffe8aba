//! What goes down: members of a bucket for a first sync, then the bucket's log.

use super::super::{
    BucketRow, FactKey, LogPage, LogPlace, MemberPage, MemberPlace, News, Parcel, StoreError, StoreResult,
};
use super::columns::{all, bytes, news_from_bytes, one, signed, unsigned};
use super::{fold, state};
use chrono::NaiveDate;
use rusqlite::{Connection, params};
use shared::change::Bucket;
use shared::domain::view::UP_ONLY;
use shared::ids::{DeviceNumber, FactId, RecordId, RegionId, SiteId, VanId};
use std::collections::{BTreeMap, BTreeSet};

/// Rows of a bucket's log that one page looks at, however small they are.
const LOG_ROWS_A_PAGE_MAX: usize = 50_000;

pub(super) fn bucket_rows(
    connection: &Connection,
    region: RegionId,
    buckets: &[Bucket],
) -> StoreResult<Vec<BucketRow>> {
    let mut found = Vec::new();
    for bucket in buckets {
        let sql = include_str!("sql/bucket_get.sql");
        let row = one(connection, sql, params![region.0, bucket.to_string()], |row| {
            let (sequence, trimmed) = (unsigned(row, 1)?, unsigned(row, 2)?);
            Ok(BucketRow { number: row.get(0)?, bucket: *bucket, sequence, trimmed })
        })?;
        found.extend(row);
    }
    Ok(found)
}

pub(super) fn bucket_names(
    connection: &Connection,
    region: RegionId,
    numbers: &[u32],
) -> StoreResult<Vec<Bucket>> {
    let mut found = Vec::new();
    for number in numbers {
        let sql = include_str!("sql/bucket_name.sql");
        let name = one(connection, sql, params![region.0, number], |row| Ok(row.get::<_, String>(0)?))?;
        if let Some(name) = name {
            found.push(name.parse().map_err(|_| StoreError::Damaged("a bucket's name".into()))?);
        }
    }
    Ok(found)
}

/// Facts of one record as they are read, until a page is full.
struct FactsRead {
    bodies: Vec<Vec<u8>>,
    bytes: usize,
    /// The last one that was read, when there may be more.
    cut_after: Option<FactId>,
}

fn facts_after(
    connection: &Connection,
    region: RegionId,
    record: RecordId,
    after: Option<FactId>,
    without: Option<DeviceNumber>,
    bytes_max: usize,
) -> StoreResult<FactsRead> {
    let mut statement = connection.prepare_cached(include_str!("sql/facts_of_subject.sql"))?;
    let from: &[u8] = after.as_ref().map_or(&[], |id| id.as_bytes());
    let mut rows = statement.query(params![region.0, record.as_bytes(), from, UP_ONLY.0])?;
    let mut read = FactsRead { bodies: Vec::new(), bytes: 0, cut_after: None };
    let mut last = None;
    while let Some(row) = rows.next()? {
        if read.bytes >= bytes_max && last.is_some() {
            read.cut_after = last;
            break;
        }
        last = Some(FactId::from_bytes(bytes(row, 0)?));
        if without.is_some_and(|number| row.get::<_, u32>(1) == Ok(number.0)) {
            continue;
        }
        let body: Vec<u8> = row.get(2)?;
        read.bytes += body.len();
        read.bodies.push(body);
    }
    Ok(read)
}

pub(super) fn members(
    connection: &Connection,
    region: RegionId,
    bucket: u32,
    after: Option<MemberPlace>,
    sole_author: Option<DeviceNumber>,
    bytes_max: usize,
) -> StoreResult<MemberPage> {
    let mut page = MemberPage::default();
    let mut size = 0;
    if let Some(MemberPlace { record, fact: Some(fact) }) = after {
        let read = facts_after(connection, region, record, Some(fact), sole_author, bytes_max)?;
        size += read.bytes;
        page.parcels.push(Parcel { record, state: None, fields: None, facts: read.bodies });
        if let Some(fact) = read.cut_after {
            page.more_after = Some(MemberPlace { record, fact: Some(fact) });
            return Ok(page);
        }
    }
    let mut last = after.map(|place| place.record);
    let mut statement = connection.prepare_cached(include_str!("sql/members_of_records.sql"))?;
    let from: &[u8] = after.as_ref().map_or(&[], |place| place.record.as_bytes());
    let mut rows = statement.query(params![region.0, bucket, from])?;
    while let Some(row) = rows.next()? {
        if let Some(record) = last.filter(|_| size >= bytes_max) {
            page.more_after = Some(MemberPlace { record, fact: None });
            return Ok(page);
        }
        let record = RecordId::from_bytes(bytes(row, 0)?);
        last = Some(record);
        let is_own = sole_author.is_some_and(|number| row.get::<_, Option<u32>>(2) == Ok(Some(number.0)));
        // Its writer knows it under one bucket. That it is in others too must be told.
        let is_own = is_own && fold::buckets_of(connection, region, record)?.len() == 1;
        let has_state = !is_own && row.get_ref(1)? != rusqlite::types::ValueRef::Null;
        let state = has_state.then(|| state::open(row.get_ref(1)?)).transpose()?;
        size += state.as_ref().map_or(0, Vec::len);
        let read =
            facts_after(connection, region, record, None, sole_author, bytes_max.saturating_sub(size))?;
        size += read.bytes;
        if state.is_some() || !read.bodies.is_empty() {
            page.parcels.push(Parcel { record, state, fields: None, facts: read.bodies });
        }
        if let Some(fact) = read.cut_after {
            page.more_after = Some(MemberPlace { record, fact: Some(fact) });
            return Ok(page);
        }
    }
    Ok(page)
}

fn state_of(connection: &Connection, region: RegionId, record: RecordId) -> StoreResult<Option<Vec<u8>>> {
    let parameters = params![region.0, record.as_bytes()];
    one(connection, include_str!("sql/record_get.sql"), parameters, |row| state::open(row.get_ref(2)?))
}

/// A page of news while it is being read. Each record stands in it once.
struct Reading<'c> {
    connection: &'c Connection,
    region: RegionId,
    page: LogPage,
    places: BTreeMap<RecordId, usize>,
    size: usize,
    bytes_max: usize,
}

impl Reading<'_> {
    fn parcel(&mut self, record: RecordId) -> &mut Parcel {
        let place = *self.places.entry(record).or_insert_with(|| {
            let fields = Some(BTreeSet::new());
            self.page.parcels.push(Parcel { record, state: None, fields, facts: Vec::new() });
            self.page.parcels.len() - 1
        });
        &mut self.page.parcels[place]
    }

    /// The whole record, its facts after one of them; whether all of it fitted.
    fn whole(&mut self, record: RecordId, after: Option<FactId>) -> StoreResult<Option<FactId>> {
        let state = match after {
            None => state_of(self.connection, self.region, record)?,
            Some(_) => None,
        };
        self.size += state.as_ref().map_or(0, Vec::len);
        let room = self.bytes_max.saturating_sub(self.size);
        let read = facts_after(self.connection, self.region, record, after, None, room)?;
        self.size += read.bytes;
        let parcel = self.parcel(record);
        *parcel = Parcel { record, state, fields: None, facts: read.bodies };
        Ok(read.cut_after)
    }

    /// What is news of a record, its facts after one of them; the last one when not all of it fitted.
    fn some(&mut self, record: RecordId, news: News, after: Option<FactId>) -> StoreResult<Option<FactId>> {
        if self.parcel(record).fields.is_none() {
            return Ok(None);
        }
        let needs_state = !news.fields.is_empty() && self.parcel(record).state.is_none();
        if needs_state {
            let state = state_of(self.connection, self.region, record)?;
            let state = state.ok_or_else(|| StoreError::Damaged("a bucket's news of no record".into()))?;
            self.size += state.len();
            self.parcel(record).state = Some(state);
        }
        self.parcel(record).fields.get_or_insert_default().extend(news.fields);
        let mut last = None;
        for id in news.facts.into_iter().filter(|id| after.is_none_or(|after| *id > after)) {
            if self.size >= self.bytes_max && last.is_some() {
                return Ok(last);
            }
            let body = fold::fact_body(self.connection, self.region, FactKey { subject: record, id })?;
            let body = body.ok_or_else(|| StoreError::Damaged("a bucket's news of no fact".into()))?;
            self.size += body.len();
            self.parcel(record).facts.push(body);
            last = Some(id);
        }
        Ok(None)
    }
}

pub(super) fn log_after(
    connection: &Connection,
    region: RegionId,
    bucket: u32,
    after: LogPlace,
    author: DeviceNumber,
    bytes_max: usize,
) -> StoreResult<LogPage> {
    let trimmed =
        one(connection, include_str!("sql/bucket_trimmed.sql"), params![region.0, bucket], |row| {
            unsigned(row, 0)
        })?;
    if trimmed.is_some_and(|trimmed| after.sequence < trimmed) {
        return Ok(LogPage { last: after, more: true, is_cut: true, ..LogPage::default() });
    }
    let mut statement = connection.prepare_cached(include_str!("sql/log_after.sql"))?;
    let mut rows = statement.query(params![region.0, bucket, signed(after.sequence)])?;
    let page = LogPage { last: after, ..LogPage::default() };
    let mut reading = Reading { connection, region, page, places: BTreeMap::new(), size: 0, bytes_max };
    let (mut within, mut looked_at) = (after.fact, 0);
    while let Some(row) = rows.next()? {
        if reading.size >= bytes_max || looked_at >= LOG_ROWS_A_PAGE_MAX {
            reading.page.more = true;
            break;
        }
        looked_at += 1;
        let sequence = unsigned(row, 0)?;
        let is_own = row.get::<_, Option<u32>>(2)? == Some(author.0);
        if !is_own {
            let record = RecordId::from_bytes(bytes(row, 1)?);
            let news =
                row.get_ref(3)?.as_blob_or_null().map_err(|_| StoreError::Damaged("a row's news".into()))?;
            let cut_after = match news {
                Some(news) => reading.some(record, news_from_bytes(news)?, within)?,
                None => reading.whole(record, within)?,
            };
            if cut_after.is_some() {
                reading.page.last.fact = cut_after;
                reading.page.more = true;
                break;
            }
        }
        within = None;
        reading.page.last = LogPlace { sequence, fact: None };
    }
    Ok(reading.page)
}

pub(super) fn sites_of_van(
    connection: &Connection,
    region: RegionId,
    van: VanId,
    days: Option<(NaiveDate, NaiveDate)>,
) -> StoreResult<BTreeSet<SiteId>> {
    let read = |row: &rusqlite::Row<'_>| Ok(SiteId::from_bytes(bytes(row, 0)?));
    let sites = match days {
        // Days are compared as text, which dates of four-digit years order rightly.
        Some((from, to)) => {
            let parameters = params![region.0, van.as_bytes(), from.to_string(), to.to_string()];
            all(connection, include_str!("sql/sites_of_van.sql"), parameters, read)?
        }
        None => all(connection, include_str!("sql/sites_ever.sql"), params![region.0, van.as_bytes()], read)?,
    };
    Ok(sites.into_iter().collect())
}
