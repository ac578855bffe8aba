//! Changes that are kept apart and what was decided about them.

use super::super::{
    Decision, DecisionOutcome, DecisionRow, QuarantineEntry, QuarantinePlace, QuarantineRow, StoreError,
    StoreResult,
};
use super::columns::{all, change, moment, number, one, sequence, signed, unsigned};
use rusqlite::{Connection, Row, params};
use shared::ids::{DeviceNumber, RegionId, Sequence};
use shared::time::Timestamp;
use std::collections::BTreeSet;

fn outcome_text(outcome: DecisionOutcome) -> &'static str {
    match outcome {
        DecisionOutcome::Released => "released",
        DecisionOutcome::Overruled => "overruled",
        DecisionOutcome::Closed => "closed",
    }
}

fn read_outcome(row: &Row<'_>, column: usize) -> StoreResult<DecisionOutcome> {
    match row.get_ref(column)?.as_str().unwrap_or_default() {
        "released" => Ok(DecisionOutcome::Released),
        "overruled" => Ok(DecisionOutcome::Overruled),
        "closed" => Ok(DecisionOutcome::Closed),
        _ => Err(StoreError::Damaged("a decision has the wrong shape".into())),
    }
}

fn read(row: &Row<'_>) -> StoreResult<QuarantineRow> {
    Ok(QuarantineRow {
        number: number(row, 0)?,
        sequence: sequence(row, 1)?,
        reason: row.get(2)?,
        at: moment(row, 3)?,
    })
}

pub(super) fn open(connection: &Connection, region: RegionId) -> StoreResult<Vec<QuarantineRow>> {
    all(connection, include_str!("sql/quarantine_list.sql"), [region.0], read)
}

pub(super) fn open_after(
    connection: &Connection,
    region: RegionId,
    after: Option<QuarantinePlace>,
    reasons: &[&str],
    most: usize,
) -> StoreResult<Vec<QuarantineRow>> {
    // No change has the sequence 0.
    let after = after.unwrap_or(QuarantinePlace { number: DeviceNumber(0), sequence: Sequence(0) });
    let reasons = serde_json::to_string(reasons).expect("names are plain text");
    let parameters = params![region.0, after.number.0, signed(after.sequence.0), reasons, most as i64];
    all(connection, include_str!("sql/quarantine_open_after.sql"), parameters, read)
}

pub(super) fn rejections(
    connection: &Connection,
    region: RegionId,
    number: DeviceNumber,
    after: Sequence,
    most: usize,
) -> StoreResult<Vec<QuarantineRow>> {
    let parameters = params![region.0, number.0, signed(after.0), most as i64];
    all(connection, include_str!("sql/quarantine_after.sql"), parameters, read)
}

pub(super) fn entry(
    connection: &Connection,
    region: RegionId,
    number: DeviceNumber,
    sequence: Sequence,
) -> StoreResult<Option<QuarantineEntry>> {
    let parameters = params![region.0, number.0, signed(sequence.0)];
    one(connection, include_str!("sql/quarantine_get.sql"), parameters, |row| {
        let decision = match row.get_ref(3)? {
            rusqlite::types::ValueRef::Null => None,
            _ => Some(Decision { outcome: read_outcome(row, 3)?, note: row.get(4)?, at: moment(row, 5)? }),
        };
        Ok(QuarantineEntry {
            reason: row.get(0)?,
            at: moment(row, 1)?,
            released_at: row.get::<_, Option<i64>>(2)?.map(Timestamp::from_milliseconds),
            decision,
        })
    })
}

pub(super) fn released(
    connection: &Connection,
    region: RegionId,
    number: DeviceNumber,
) -> StoreResult<BTreeSet<Sequence>> {
    let sql = include_str!("sql/quarantine_released.sql");
    let rows = all(connection, sql, params![region.0, number.0], |row| sequence(row, 0))?;
    Ok(rows.into_iter().collect())
}

/// A fold merged what was kept apart.
pub(super) fn release(
    connection: &Connection,
    region: RegionId,
    number: DeviceNumber,
    sequence: Sequence,
    overruled_because: Option<&str>,
    at: Timestamp,
) -> StoreResult<()> {
    let parameters = params![region.0, number.0, signed(sequence.0), at.milliseconds()];
    change(connection, include_str!("sql/quarantine_release.sql"), parameters)?;
    let outcome = match overruled_because {
        None => DecisionOutcome::Released,
        Some(_) => DecisionOutcome::Overruled,
    };
    decide(connection, region, number, sequence, outcome, overruled_because.unwrap_or_default(), at)
}

pub(super) fn close(
    connection: &Connection,
    region: RegionId,
    number: DeviceNumber,
    sequence: Sequence,
    note: &str,
    at: Timestamp,
) -> StoreResult<bool> {
    let parameters = params![region.0, number.0, signed(sequence.0)];
    if one(connection, include_str!("sql/quarantine_is_open.sql"), parameters, |_| Ok(()))?.is_none() {
        return Ok(false);
    }
    decide(connection, region, number, sequence, DecisionOutcome::Closed, note, at)?;
    Ok(true)
}

fn decide(
    connection: &Connection,
    region: RegionId,
    number: DeviceNumber,
    sequence: Sequence,
    outcome: DecisionOutcome,
    note: &str,
    at: Timestamp,
) -> StoreResult<()> {
    let sequence = signed(sequence.0);
    let parameters = params![region.0, number.0, sequence, outcome_text(outcome), note, at.milliseconds()];
    change(connection, include_str!("sql/decision_insert.sql"), parameters).map(drop)
}

pub(super) fn decisions(
    connection: &Connection,
    region: RegionId,
    number: DeviceNumber,
    after: u64,
    most: usize,
) -> StoreResult<Vec<DecisionRow>> {
    let parameters = params![region.0, number.0, signed(after), most as i64];
    all(connection, include_str!("sql/decision_after.sql"), parameters, |row| {
        Ok(DecisionRow {
            ordinal: unsigned(row, 0)?,
            sequence: sequence(row, 1)?,
            outcome: read_outcome(row, 2)?,
            note: row.get(3)?,
        })
    })
}
