//! Files of unsent changes that a device sealed to this server, taken in by hand: for a tablet whose PINs are all locked,
//! whose key was wiped, or that only its disk is left of. What is inside goes through the courier like any push.

use crate::courier::PushError;
use crate::service::Service;
use crate::store::{DeviceRow, StoreError};
use shared::change::Batch;
use shared::compress;
use shared::ids::{DeviceNumber, Sequence};
use shared::protocol::limits;
use shared::protocol::sealed::{SEALED_BYTES_MAX, SealedName, unwrap};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Why a file was not taken in. Nothing of it was written.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    #[error("{path}: {source}")]
    File { path: String, source: io::Error },
    #[error("{0} holds no files of unsent changes")]
    Empty(String),
    #[error("this is no file of unsent changes")]
    NotSealed,
    #[error("it is larger than such a file may be")]
    TooLarge,
    #[error("it was sealed to another server's key, or it is damaged")]
    NotForThisServer,
    #[error("what was sealed is no batch of changes: {0}")]
    Malformed(String),
    #[error("it is of device {0}, which this server does not know")]
    UnknownDevice(DeviceNumber),
    #[error("device {0} was given up: what others wrote may have taken the place of what this file holds")]
    GivenUp(DeviceNumber),
    #[error("changes {} to {} of device {device} are missing; take in the file that holds them first", held.0 + 1, first.0 - 1)]
    Gap { device: DeviceNumber, held: Sequence, first: Sequence },
    #[error("the batch was refused: {0}")]
    Refused(PushError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What one file brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovered {
    pub device: DeviceNumber,
    pub first: Sequence,
    pub last: Sequence,
    /// Another installation wrote under the device's name: these changes are kept as a branch.
    pub is_branch: bool,
}

/// The files that paths name, a folder's in the order in which they were written.
pub fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, RecoverError> {
    let wrong = |path: &Path| {
        let path = path.display().to_string();
        move |source| RecoverError::File { path, source }
    };
    let mut found = Vec::new();
    for path in paths {
        if !path.is_dir() {
            found.push(path.clone());
            continue;
        }
        let mut named: Vec<(SealedName, PathBuf)> = Vec::new();
        for entry in fs::read_dir(path).map_err(wrong(path))? {
            let entry = entry.map_err(wrong(path))?;
            if let Ok(name) = entry.file_name().to_string_lossy().parse() {
                named.push((name, entry.path()));
            }
        }
        if named.is_empty() {
            return Err(RecoverError::Empty(path.display().to_string()));
        }
        named.sort();
        found.extend(named.into_iter().map(|(_, path)| path));
    }
    Ok(found)
}

/// Reads a file, but never more of it than such a file may hold.
pub fn read(path: &Path) -> Result<Vec<u8>, RecoverError> {
    let wrong = |source| RecoverError::File { path: path.display().to_string(), source };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(wrong)?;
    file.take(SEALED_BYTES_MAX as u64 + 1).read_to_end(&mut bytes).map_err(wrong)?;
    if bytes.len() > SEALED_BYTES_MAX { Err(RecoverError::TooLarge) } else { Ok(bytes) }
}

/// Opens a file with the sealing key's secret half and takes its changes in. Doing it again changes nothing. A device
/// that was revoked is no hindrance: an operator says that its work is wanted.
pub async fn take_in(service: &Service, secret: [u8; 32], file: &[u8]) -> Result<Recovered, RecoverError> {
    let sealed = unwrap(file).ok_or(RecoverError::NotSealed)?;
    let secret = crypto_box::SecretKey::from_bytes(secret);
    let frame = secret.unseal(sealed).map_err(|_| RecoverError::NotForThisServer)?;
    let (device, first, last) = inside(service, &frame).await?;
    if service.store.chain(device.number).await?.is_some_and(|chain| chain.closed) {
        return Err(RecoverError::GivenUp(device.number));
    }
    let is_branch = match service.courier.push(&device, frame).await {
        Ok(_) => false,
        Err(PushError::Fork { .. }) => true,
        Err(PushError::Gap { acknowledged }) => {
            return Err(RecoverError::Gap { device: device.number, held: acknowledged, first });
        }
        Err(PushError::Store(error)) => return Err(error.into()),
        Err(refused) => return Err(RecoverError::Refused(refused)),
    };
    crate::nameplate::write_one(service, device.number).await?;
    Ok(Recovered { device: device.number, first, last, is_branch })
}

/// Whose the batch is and which changes it holds. That it is whole and signed is for the courier to find out.
async fn inside(service: &Service, frame: &[u8]) -> Result<(DeviceRow, Sequence, Sequence), RecoverError> {
    let malformed = |error: String| RecoverError::Malformed(error);
    let bytes = compress::decompress(frame, limits::BATCH_BYTES_MAX);
    let bytes = bytes.map_err(|error| malformed(error.to_string()))?;
    let batch = Batch::read(&bytes).map_err(|error| malformed(error.to_string()))?;
    let device = service.store.device(batch.number).await?.filter(|device| device.id == batch.device);
    Ok((device.ok_or(RecoverError::UnknownDevice(batch.number))?, batch.first, batch.last()))
}

#[cfg(test)]
mod tests;
