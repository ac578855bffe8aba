//! What an operator does with changes that were kept apart: look, try again, answer for one, or close it for good.
//! Every decision is kept with its reason and told to the device.

use crate::projector::{OVERRULABLE_REASON, Release};
use crate::service::Service;
use crate::store::{DecisionOutcome, QuarantineEntry, QuarantineRow, RefusedRow, StoreError, StoreResult};
use shared::change::Change;
use shared::ids::{DeviceNumber, Sequence};

/// The operator's words travel to the van.
pub const NOTE_CHARACTERS_MAX: usize = 500;

/// Why an operator's wish cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum QuarantineError {
    #[error("there is no device {0}")]
    NoDevice(DeviceNumber),
    #[error("change {1} of device {0} was never kept apart; see `quarantine list`")]
    NotKeptApart(DeviceNumber, Sequence),
    #[error("change {1} of device {0} is released already")]
    Released(DeviceNumber, Sequence),
    #[error("change {1} of device {0} is closed for good: {2}")]
    Closed(DeviceNumber, Sequence, String),
    #[error("change {1} of device {0} still does not fit: {2}{hint}", hint = hint(.2))]
    StillRefused(DeviceNumber, Sequence, String),
    #[error("give the reason in words: --reason \"…\"")]
    NoReason,
    #[error("a reason has {NOTE_CHARACTERS_MAX} characters at most")]
    LongReason,
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn hint(reason: &str) -> &'static str {
    match reason {
        OVERRULABLE_REASON => "; if it is right all the same: --overrule --reason \"…\"",
        _ => "; this reason cannot be overruled, `quarantine reject` closes the change",
    }
}

/// A change that was kept apart, for an operator.
#[derive(Debug)]
pub struct Shown {
    pub entry: QuarantineEntry,
    /// Missing where it does not decode.
    pub change: Option<Change>,
}

pub async fn list(service: &Service) -> StoreResult<Vec<QuarantineRow>> {
    service.projector.catch_up().await?;
    service.store.quarantine().await
}

/// Batches that were refused whole: nothing of them was read, and their devices still hold what they sent.
pub async fn refused(service: &Service) -> StoreResult<Vec<RefusedRow>> {
    service.store.refused().await
}

async fn entry(
    service: &Service,
    number: DeviceNumber,
    sequence: Sequence,
) -> Result<QuarantineEntry, QuarantineError> {
    if service.store.chain(number).await?.is_none() {
        return Err(QuarantineError::NoDevice(number));
    }
    service.projector.catch_up().await?;
    let entry = service.store.quarantined(number, sequence).await?;
    entry.ok_or(QuarantineError::NotKeptApart(number, sequence))
}

/// One that nothing was decided about yet.
async fn open(
    service: &Service,
    number: DeviceNumber,
    sequence: Sequence,
) -> Result<QuarantineEntry, QuarantineError> {
    let entry = entry(service, number, sequence).await?;
    match &entry.decision {
        Some(decision) if decision.outcome == DecisionOutcome::Closed => {
            Err(QuarantineError::Closed(number, sequence, decision.note.clone()))
        }
        _ if entry.released_at.is_some() => Err(QuarantineError::Released(number, sequence)),
        _ => Ok(entry),
    }
}

fn note(reason: &str) -> Result<String, QuarantineError> {
    let reason = reason.trim();
    match reason.chars().count() {
        0 => Err(QuarantineError::NoReason),
        1..=NOTE_CHARACTERS_MAX => Ok(reason.to_owned()),
        _ => Err(QuarantineError::LongReason),
    }
}

pub async fn show(
    service: &Service,
    number: DeviceNumber,
    sequence: Sequence,
) -> Result<Shown, QuarantineError> {
    let entry = entry(service, number, sequence).await?;
    let change = service.projector.change(number, sequence).await?.flatten();
    Ok(Shown { entry, change })
}

/// Tries a change again under today's rules. With a reason to overrule, the operator answers for its bucket.
pub async fn release(
    service: &Service,
    number: DeviceNumber,
    sequence: Sequence,
    overrule: Option<&str>,
) -> Result<(), QuarantineError> {
    let overrule = overrule.map(note).transpose()?;
    open(service, number, sequence).await?;
    match service.projector.release(number, sequence, overrule).await? {
        Release::Merged => {
            tracing::info!(device = number.0, sequence = sequence.0, "a change was released by hand");
            Ok(())
        }
        Release::Refused(reason) => Err(QuarantineError::StillRefused(number, sequence, reason)),
    }
}

/// Closes a change for good. It stays in the log and is never merged.
pub async fn reject(
    service: &Service,
    number: DeviceNumber,
    sequence: Sequence,
    reason: &str,
) -> Result<(), QuarantineError> {
    let note = note(reason)?;
    open(service, number, sequence).await?;
    if !service.store.close_quarantined(number, sequence, note, service.clock.now()).await? {
        // Somebody decided in this very moment.
        open(service, number, sequence).await?;
    }
    tracing::info!(device = number.0, sequence = sequence.0, "a change was closed by hand");
    Ok(())
}

#[cfg(test)]
mod tests;
