//! What the office asks: who is where already, what the last import said, what more than one device wrote.

use super::super::{RecordWrite, StoreResult};
use super::columns::{all, bytes, change, one};
use super::{fold, pull, state};
use rusqlite::{Connection, Row, params};
use shared::change::Bucket;
use shared::ids::{DeviceNumber, RecordId, RegionId};
use shared::record::KindNumber;
use std::collections::{BTreeMap, BTreeSet};

fn number_of(connection: &Connection, region: RegionId, bucket: Bucket) -> StoreResult<Option<u32>> {
    Ok(pull::bucket_rows(connection, region, &[bucket])?.first().map(|row| row.number))
}

pub(super) fn members_of_kind(
    connection: &Connection,
    region: RegionId,
    bucket: Bucket,
    kind: KindNumber,
) -> StoreResult<Vec<RecordWrite>> {
    let Some(number) = number_of(connection, region, bucket)? else { return Ok(Vec::new()) };
    let parameters = params![region.0, number, kind.0];
    all(connection, include_str!("sql/members_of_kind.sql"), parameters, read_record)
}

fn read_record(row: &Row<'_>) -> StoreResult<RecordWrite> {
    Ok(RecordWrite {
        id: RecordId::from_bytes(bytes(row, 0)?),
        kind: KindNumber(row.get(1)?),
        sole_author: row.get::<_, Option<u32>>(2)?.map(DeviceNumber),
        state: state::open(row.get_ref(3)?)?,
    })
}

pub(super) fn records_shared(
    connection: &Connection,
    region: RegionId,
    after: Option<RecordId>,
    most: usize,
) -> StoreResult<Vec<RecordWrite>> {
    let after = after.map(|id| id.as_bytes().to_vec()).unwrap_or_default();
    let parameters = params![region.0, after, most as i64];
    all(connection, include_str!("sql/records_shared.sql"), parameters, read_record)
}

pub(super) fn members_among(
    connection: &Connection,
    region: RegionId,
    bucket: Bucket,
    ids: &[RecordId],
) -> StoreResult<BTreeSet<RecordId>> {
    let Some(number) = number_of(connection, region, bucket)? else { return Ok(BTreeSet::new()) };
    let mut found = BTreeSet::new();
    for id in ids {
        let parameters = params![region.0, number, id.as_bytes()];
        found.extend(one(connection, include_str!("sql/member_has.sql"), parameters, |_| Ok(*id))?);
    }
    Ok(found)
}

pub(super) fn buckets_of(
    connection: &Connection,
    region: RegionId,
    ids: &[RecordId],
) -> StoreResult<BTreeMap<RecordId, Vec<Bucket>>> {
    ids.iter().map(|id| Ok((*id, fold::buckets_of(connection, region, *id)?))).collect()
}

pub(super) fn memory(
    connection: &Connection,
    region: RegionId,
    ids: &[RecordId],
) -> StoreResult<BTreeMap<RecordId, Vec<u8>>> {
    let mut found = BTreeMap::new();
    for id in ids {
        let sql = include_str!("sql/import_memory_get.sql");
        found.extend(one(connection, sql, params![region.0, id.as_bytes()], |row| Ok((*id, row.get(0)?)))?);
    }
    Ok(found)
}

pub(super) fn remember(
    connection: &Connection,
    region: RegionId,
    rows: &[(RecordId, Vec<u8>)],
) -> StoreResult<()> {
    for (id, fields) in rows {
        change(
            connection,
            include_str!("sql/import_memory_put.sql"),
            params![region.0, id.as_bytes(), fields],
        )?;
    }
    Ok(())
}
