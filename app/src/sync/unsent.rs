//! What is not delivered yet, sealed to the server's public key in files beside the device's own: a lost PIN or a wiped key takes
//! nothing with it that was captured. Each file is a batch as a push would carry it. Files go when the server has what
//! they hold.

use super::seal::head_before;
use crate::platform::SystemEntropy;
use crate::session::{DataFolder, FolderError, write_private};
use crate::store::{Identity, LogReads, MetaReads, Store, StoreError};
use crypto_box::PublicKey;
use ed25519_dalek::SigningKey;
use shared::change::Batch;
use shared::compress;
use shared::ids::Sequence;
use shared::protocol::limits;
use shared::protocol::sealed::{SealedName, wrap};
use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;

/// The newest file is written anew with what came since, until it is this large; so there are few, and none grows.
const REWRITTEN_BYTES_MAX: u64 = 128 * 1024;
/// Files written in one go; the rest follow with the next.
const FILES_AT_ONCE_MAX: usize = 8;

/// Why the files could not be brought up to the log.
#[derive(Debug, thiserror::Error)]
pub enum UnsentError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Folder(#[from] FolderError),
}

/// Keeps one device's undelivered changes in sealed files.
pub struct Unsent {
    folder: PathBuf,
    identity: Identity,
    signing_key: SigningKey,
    server: PublicKey,
}

/// The files that hold undelivered changes without a gap, from the first of them on.
struct Held {
    files: Vec<(SealedName, u64)>,
    /// Not needed any more: delivered, or of another chain.
    stale: Vec<SealedName>,
}

impl Unsent {
    /// Nothing for a device whose server told no key.
    pub fn open(folder: &DataFolder, identity: &Identity) -> Option<Unsent> {
        let server = super::key_bytes(&identity.server_sealing_key)?;
        let signing_key = super::key_bytes(&identity.signing_key)?;
        Some(Unsent {
            folder: folder.unsent(),
            identity: identity.clone(),
            signing_key: SigningKey::from_bytes(&signing_key),
            server: PublicKey::from_bytes(server),
        })
    }

    /// Brings the files up to what is undelivered now. On disk when it returns; true when there may be more to do.
    pub fn keep(&self, store: &Store) -> Result<bool, UnsentError> {
        let acknowledged = store.acknowledged()?;
        let head = store.log_head()?.map_or(Sequence(0), |head| head.sequence);
        let Held { files, mut stale } = self.held(acknowledged)?;
        let mut after = files.last().map_or(acknowledged, |(name, _)| name.last);
        let mut written = 0;
        if after < head {
            if let Some((newest, _)) = files.last().filter(|(_, bytes)| *bytes < REWRITTEN_BYTES_MAX) {
                after = Sequence(newest.first.0 - 1);
                stale.push(*newest);
            }
            self.make_folder()?;
            while after < head && written < FILES_AT_ONCE_MAX {
                after = self.write_after(store, after, &mut stale)?;
                written += 1;
            }
        }
        for name in stale {
            let path = self.folder.join(name.to_string());
            // The screens' thread and the sync thread may both have meant to remove it.
            if let Err(error) = fs::remove_file(&path)
                && error.kind() != std::io::ErrorKind::NotFound
            {
                return Err(self.wrong(error).into());
            }
        }
        Ok(after < head)
    }

    fn wrong(&self, error: std::io::Error) -> FolderError {
        FolderError { path: self.folder.display().to_string(), error }
    }

    fn make_folder(&self) -> Result<(), FolderError> {
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder);
        made.map_err(|error| self.wrong(error))
    }

    fn held(&self, acknowledged: Sequence) -> Result<Held, FolderError> {
        let mut held = Held { files: vec![], stale: vec![] };
        let entries = match fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(held),
            Err(error) => return Err(self.wrong(error)),
        };
        let mut found: Vec<(SealedName, u64)> = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| self.wrong(error))?;
            let name = entry.file_name().to_string_lossy().parse::<SealedName>();
            if let Ok(name) = name {
                found.push((name, entry.metadata().map_or(0, |file| file.len())));
            }
        }
        // Of two that begin at one change the longer one came later: a kill left the shorter.
        found.sort_by_key(|(name, _)| (name.device, name.first, std::cmp::Reverse(name.last)));
        let mut reached = acknowledged;
        for (name, bytes) in found {
            let is_own = name.device == self.identity.device_number();
            if is_own && name.first.0 <= reached.0 + 1 && name.last > reached {
                reached = name.last;
                held.files.push((name, bytes));
            } else if is_own {
                held.stale.push(name);
            }
        }
        Ok(held)
    }

    /// Writes one file with what follows `after`, and says how far it came.
    fn write_after(
        &self,
        store: &Store,
        after: Sequence,
        stale: &mut Vec<SealedName>,
    ) -> Result<Sequence, UnsentError> {
        let before = head_before(store, &self.identity, after.next())?;
        let rows = store.log_after(after, limits::BATCH_BYTES_AIM, limits::CHANGES_A_BATCH_MAX)?;
        let changes: Vec<Vec<u8>> = rows.into_iter().map(|row| row.envelope).collect();
        if changes.is_empty() {
            return Err(StoreError::Damaged(format!("the log has no change after {after}")).into());
        }
        let number = self.identity.device_number();
        let (batch, head) =
            Batch::seal(self.identity.device_id(), number, before, &changes, &self.signing_key);
        let sealed = self.server.seal(&mut SystemEntropy, &compress::compress(&batch));
        let sealed = sealed.expect("sealing in memory cannot fail");
        let name = SealedName { device: number, first: after.next(), last: head.sequence };
        write_private(&self.folder, &name.to_string(), &wrap(&sealed))?;
        stale.retain(|old| *old != name);
        Ok(head.sequence)
    }
}
