//! What goes down: members of a bucket for a first sync, then the bucket's log.

use super::super::{BucketRow, Item, LogItem, LogPage, MemberPage, StoreError, StoreResult};
use super::columns::{
    CLASS_FACT, CLASS_RECORD, all, bytes, fields_from_bytes, item, item_bytes, one, signed, unsigned,
};
use super::state;
use chrono::NaiveDate;
use rusqlite::{Connection, params};
use shared::change::Bucket;
use shared::ids::{DeviceNumber, RegionId, SiteId, VanId};
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
            Ok(BucketRow { number: row.get(0)?, bucket: *bucket, sequence: unsigned(row, 1)? })
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

pub(super) fn members(
    connection: &Connection,
    region: RegionId,
    bucket: u32,
    after: Option<Item>,
    sole_author: Option<DeviceNumber>,
    bytes_max: usize,
) -> StoreResult<MemberPage> {
    let mut page = MemberPage::default();
    let mut size = 0;
    let author = sole_author.map(|number| number.0);
    let classes = [
        (CLASS_RECORD, include_str!("sql/members_of_records.sql")),
        (CLASS_FACT, include_str!("sql/members_of_facts.sql")),
    ];
    for (class, sql) in classes {
        let from: &[u8] = match &after {
            Some(Item::Fact(_)) if class == CLASS_RECORD => continue,
            Some(Item::Record(_)) if class == CLASS_FACT => &[],
            Some(item) => item_bytes(item),
            None => &[],
        };
        let mut statement = connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![region.0, bucket, from, author])?;
        while let Some(row) = rows.next()? {
            if size >= bytes_max {
                page.more_after = page.items.last().map(|(item, _)| *item);
                return Ok(page);
            }
            let body = state::open(row.get_ref(1)?)?;
            size += body.len();
            page.items.push((item(class, bytes(row, 0)?)?, body));
        }
    }
    Ok(page)
}

/// The bytes of an item as they stand now.
fn body_of(connection: &Connection, region: RegionId, item: &Item) -> StoreResult<Vec<u8>> {
    let id = item_bytes(item);
    let found = match item {
        Item::Record(_) => {
            let sql = include_str!("sql/record_get.sql");
            one(connection, sql, params![region.0, id], |row| state::open(row.get_ref(2)?))?
        }
        Item::Fact(_) => {
            one(connection, include_str!("sql/fact_get.sql"), params![region.0, id], |row| Ok(row.get(0)?))?
        }
    };
    found.ok_or_else(|| StoreError::Damaged("a bucket names an item that is not there".into()))
}

pub(super) fn log_after(
    connection: &Connection,
    region: RegionId,
    bucket: u32,
    after: u64,
    author: DeviceNumber,
    bytes_max: usize,
) -> StoreResult<LogPage> {
    let mut statement = connection.prepare_cached(include_str!("sql/log_after.sql"))?;
    let mut rows = statement.query(params![region.0, bucket, signed(after)])?;
    let mut page = LogPage { last: after, ..LogPage::default() };
    let mut places: BTreeMap<Item, usize> = BTreeMap::new();
    let (mut size, mut looked_at) = (0, 0);
    while let Some(row) = rows.next()? {
        if size >= bytes_max || looked_at >= LOG_ROWS_A_PAGE_MAX {
            page.more = true;
            break;
        }
        looked_at += 1;
        page.last = unsigned(row, 0)?;
        if row.get::<_, Option<u32>>(3)? == Some(author.0) {
            continue;
        }
        let item = item(row.get(1)?, bytes(row, 2)?)?;
        let fields =
            row.get_ref(4)?.as_blob_or_null().map_err(|_| StoreError::Damaged("a row's fields".into()))?;
        let fields = fields.map(fields_from_bytes).transpose()?;
        if let Some(place) = places.get(&item) {
            let known = &mut page.items[*place];
            known.fields = match (known.fields.take(), fields) {
                (Some(known), Some(more)) => Some(&known | &more),
                _ => None,
            };
        } else {
            let body = body_of(connection, region, &item)?;
            size += body.len();
            places.insert(item, page.items.len());
            page.items.push(LogItem { item, fields, body });
        }
    }
    Ok(page)
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
