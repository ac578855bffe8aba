//! The log: chains and their segments, exactly as they came.

use super::super::{Append, Appended, Branch, ChainRow, Refused, RefusedRow, Segment, StoreResult};
use super::columns::{all, chain as read_chain, change, moment, number, one, sequence, signed, unsigned};
use super::devices;
use rusqlite::{Connection, params};
use shared::change::Head;
use shared::ids::{DeviceNumber, RegionId, Sequence};
use shared::time::Timestamp;

/// More branches than anybody could explain: a program gone wrong, not a restored tablet.
const BRANCHES_A_DEVICE_MAX: usize = 16;
/// Refused batches that are kept of one device.
const REFUSED_A_DEVICE_MAX: usize = 16;

pub(super) struct NewChain {
    pub number: DeviceNumber,
    pub root: DeviceNumber,
    pub base: Head,
    pub head: Head,
    pub reason: Option<&'static str>,
    pub at: Timestamp,
}

pub(super) fn insert_chain(connection: &Connection, region: RegionId, new: NewChain) -> StoreResult<()> {
    change(
        connection,
        include_str!("sql/chain_insert.sql"),
        params![
            region.0,
            new.number.0,
            new.root.0,
            signed(new.base.sequence.0),
            new.base.hash.0,
            signed(new.head.sequence.0),
            new.head.hash.0,
            new.reason,
            new.at.milliseconds()
        ],
    )
    .map(drop)
}

pub(super) fn chain(
    connection: &Connection,
    region: RegionId,
    number: DeviceNumber,
) -> StoreResult<Option<ChainRow>> {
    one(connection, include_str!("sql/chain_get.sql"), params![region.0, number.0], read_chain)
}

pub(super) fn family(
    connection: &Connection,
    region: RegionId,
    root: DeviceNumber,
) -> StoreResult<Vec<ChainRow>> {
    all(connection, include_str!("sql/chain_family.sql"), params![region.0, root.0], read_chain)
}

pub(super) fn chains(connection: &Connection, region: RegionId) -> StoreResult<Vec<ChainRow>> {
    all(connection, include_str!("sql/chain_list.sql"), [region.0], read_chain)
}

pub(super) fn lagging(connection: &Connection, region: RegionId) -> StoreResult<Vec<ChainRow>> {
    all(connection, include_str!("sql/chain_lagging.sql"), [region.0], read_chain)
}

pub(super) fn segments(
    connection: &Connection,
    region: RegionId,
    number: DeviceNumber,
    from: Sequence,
    bytes_max: usize,
) -> StoreResult<Vec<Segment>> {
    let mut statement = connection.prepare_cached(include_str!("sql/segment_from.sql"))?;
    let mut rows = statement.query(params![region.0, number.0, signed(from.0)])?;
    let mut found = Vec::new();
    let mut size = 0;
    while let Some(row) = rows.next()? {
        let body: Vec<u8> = row.get(2)?;
        if !found.is_empty() && size + body.len() > bytes_max {
            break;
        }
        size += body.len();
        found.push(Segment { first: sequence(row, 0)?, last: sequence(row, 1)?, body });
    }
    Ok(found)
}

fn insert_segment(
    connection: &Connection,
    region: RegionId,
    number: DeviceNumber,
    after: Sequence,
    append: &Append,
) -> StoreResult<()> {
    change(
        connection,
        include_str!("sql/segment_insert.sql"),
        params![
            region.0,
            number.0,
            signed(after.0 + 1),
            signed(append.head.sequence.0),
            append.head.hash.0,
            append.signature,
            append.at.milliseconds(),
            append.body
        ],
    )
    .map(drop)
}

pub(super) fn close(connection: &Connection, region: RegionId, number: DeviceNumber) -> StoreResult<bool> {
    Ok(change(connection, include_str!("sql/chain_close.sql"), params![region.0, number.0])? > 0)
}

pub(super) fn append(connection: &Connection, region: RegionId, append: &Append) -> StoreResult<Appended> {
    let advanced = change(
        connection,
        include_str!("sql/chain_advance.sql"),
        params![
            region.0,
            append.number.0,
            signed(append.expected.sequence.0),
            append.expected.hash.0,
            signed(append.head.sequence.0),
            append.head.hash.0
        ],
    )?;
    if advanced == 0 {
        return Ok(Appended::Moved);
    }
    insert_segment(connection, region, append.number, append.expected.sequence, append)?;
    devices::note_seen(connection, region, append.number, append.at, None)?;
    Ok(Appended::Durable)
}

pub(super) fn branch(
    connection: &Connection,
    region: RegionId,
    branch: Branch,
) -> StoreResult<Option<ChainRow>> {
    if family(connection, region, branch.root)?.len() > BRANCHES_A_DEVICE_MAX {
        return Ok(None);
    }
    let number = devices::take_number(connection, region)?;
    let Branch { root, base, head, signature, body, reason, at } = branch;
    insert_chain(connection, region, NewChain { number, root, base, head, reason: Some(reason), at })?;
    let append = Append { number, expected: base, head, signature, body, at };
    insert_segment(connection, region, number, base.sequence, &append)?;
    devices::retire(connection, region, root)?;
    chain(connection, region, number)
}

pub(super) fn keep_refused(connection: &Connection, region: RegionId, refused: &Refused) -> StoreResult<()> {
    let Refused { number, reason, body, at } = refused;
    let sql = include_str!("sql/refused_insert.sql");
    change(connection, sql, params![region.0, number.0, at.milliseconds(), reason, body])?;
    let trim = include_str!("sql/refused_trim.sql");
    change(connection, trim, params![region.0, number.0, REFUSED_A_DEVICE_MAX as i64]).map(drop)
}

pub(super) fn refused(connection: &Connection, region: RegionId) -> StoreResult<Vec<RefusedRow>> {
    all(connection, include_str!("sql/refused_list.sql"), [region.0], |row| {
        Ok(RefusedRow {
            number: number(row, 0)?,
            at: moment(row, 1)?,
            reason: row.get(2)?,
            bytes: unsigned(row, 3)?,
        })
    })
}
