//! Fields that two people changed apart, for the office: where they are, and the one edit that settles one. The
//! settling edit is the server's own change, in the log like any other.

use crate::device::{DeviceError, member_of_staff};
use crate::ledger::{self, Entry};
use crate::service::Service;
use crate::store::{RecordWrite, StoreError};
use shared::change::Operation;
use shared::domain::record_kind;
use shared::ids::{DeviceNumber, RecordId, Sequence};
use shared::merge::{Conflict, RecordState, conflicts};
use shared::record::{FieldNumber, Kind, KindNumber};
use shared::time::Timestamp;
use std::collections::BTreeSet;

/// Records that are looked at in one go.
const RECORDS_A_PAGE: usize = 512;

/// Why an operator's wish cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum ConflictError {
    #[error("there is no record {0} with a conflict; see `conflicts list`")]
    NoRecord(RecordId),
    #[error("no field \"{field}\" of record {record} has more than one value")]
    NoConflict { record: RecordId, field: String },
    #[error("no value of that field was written by change {sequence} of device {device}")]
    NoValue { device: DeviceNumber, sequence: Sequence },
    #[error(transparent)]
    Staff(#[from] DeviceError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// One field with more than one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenConflict {
    pub record: RecordId,
    pub kind: KindNumber,
    /// The values, the oldest first.
    pub conflict: Conflict,
}

impl OpenConflict {
    pub fn field(&self) -> FieldNumber {
        self.conflict.key.field
    }
    /// It began when the second of its values was written.
    pub fn since(&self) -> Timestamp {
        let second = self.conflict.candidates.get(1).or(self.conflict.candidates.last());
        second.map_or(Timestamp::from_milliseconds(0), |written| written.author.stamp.moment())
    }
    pub fn devices(&self) -> BTreeSet<DeviceNumber> {
        self.conflict.candidates.iter().map(|written| written.author.device).collect()
    }
}

/// A kind of a newer build: every field of it is treated with the most care.
fn kind_of(number: KindNumber) -> Kind {
    record_kind(number).copied().unwrap_or(Kind { number, name: "", fields: &[] })
}

fn of_record(row: &RecordWrite) -> Result<Vec<OpenConflict>, StoreError> {
    let state = open(row)?;
    let found = conflicts(&kind_of(state.kind), &state);
    let conflict = |conflict| OpenConflict { record: row.id, kind: state.kind, conflict };
    Ok(found.into_iter().map(conflict).collect())
}

fn open(row: &RecordWrite) -> Result<RecordState, StoreError> {
    let damaged = |_| StoreError::Damaged(format!("the state of record {} does not open", row.id));
    RecordState::decode(&row.state).map_err(damaged)
}

/// Every open conflict, by record. Reads each record that more than one device wrote.
pub async fn list(service: &Service) -> Result<Vec<OpenConflict>, ConflictError> {
    service.projector.catch_up().await?;
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let rows = service.store.records_shared(after, RECORDS_A_PAGE).await?;
        let Some(last) = rows.last() else { return Ok(found) };
        after = Some(last.id);
        for row in &rows {
            found.extend(of_record(row)?);
        }
    }
}

/// Whose value is to stand.
#[derive(Clone, Copy, Debug)]
pub struct Choice {
    pub device: DeviceNumber,
    pub sequence: Sequence,
}

/// Settles one field: the chosen value supersedes all that stand now. What a van writes meanwhile, without having
/// seen this, stands beside it.
pub async fn settle(
    service: &Service,
    record: RecordId,
    field: &str,
    choice: Choice,
    staff: &str,
) -> Result<(), ConflictError> {
    service.projector.catch_up().await?;
    let staff = member_of_staff(service, staff).await?;
    let row = service.store.records(vec![record]).await?.remove(&record);
    let row = row.ok_or(ConflictError::NoRecord(record))?;
    let state = open(&row)?;
    let kind = kind_of(state.kind);
    let is_meant = |number: FieldNumber| {
        kind.field(number).is_some_and(|known| known.name == field) || number.0.to_string() == field
    };
    let found = of_record(&row)?.into_iter().find(|conflict| is_meant(conflict.field()));
    let found = found.ok_or_else(|| ConflictError::NoConflict { record, field: field.to_owned() })?.conflict;
    let Choice { device, sequence } = choice;
    let chosen = found
        .candidates
        .into_iter()
        .find(|written| (written.author.device, written.author.sequence) == (device, sequence))
        .ok_or(ConflictError::NoValue { device, sequence })?;
    let buckets = service.store.buckets_of(vec![record]).await?.remove(&record).unwrap_or_default();
    let bucket = buckets.into_iter().next().ok_or(ConflictError::NoRecord(record))?;
    let operations = vec![Operation::Edit(state.edit(record, [(found.key, chosen.value)]))];
    ledger::write(service, staff, &[Entry { bucket, operations }]).await?;
    service.projector.catch_up().await?;
    Ok(())
}

#[cfg(test)]
mod tests;
