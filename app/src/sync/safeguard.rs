//! What is kept beside the device's file for the day on which the file is not enough: the mark by which a copy is
//! noticed, and the sealed changes that nobody has yet. Failing to keep them stops no work.

use super::unsent::Unsent;
use crate::platform;
use crate::session::{Checked, CopyReason, DataFolder, FolderError, Marker, MarkerError};
use crate::store::{LogReads, MetaReads, Store, StoreError};
use shared::change::Head;

/// The files beside one device's file.
pub struct Safeguard {
    /// Nothing where the file is a copy.
    marker: Option<Marker>,
    unsent: Option<Unsent>,
    copied: Option<CopyReason>,
}

impl Safeguard {
    /// Looks whether the file is this device's own.
    pub fn open(folder: &DataFolder, store: &mut Store) -> Result<Safeguard, MarkerError> {
        let identity = store
            .identity()?
            .ok_or_else(|| StoreError::Damaged("a device that was never enrolled".into()))?;
        let unsent = Unsent::open(folder, &identity);
        let machine = platform::machine(folder.path());
        Ok(match Marker::check(folder, store, &machine)? {
            Checked::Own(marker) => Safeguard { marker: Some(marker), unsent, copied: None },
            Checked::Copy(reason) => Safeguard { marker: None, unsent, copied: Some(reason) },
        })
    }

    pub fn copied(&self) -> Option<CopyReason> {
        self.copied
    }

    /// Before a change leaves the device: whoever puts back an older file is noticed from now on.
    pub fn before_sending(&mut self, head: Head) -> Result<(), FolderError> {
        self.marker.as_mut().map_or(Ok(()), |marker| marker.reach(head))
    }

    /// In a pause: mark and sealed files are brought up to the log.
    pub fn at_rest(&mut self, store: &Store) {
        let marked = match store.log_head() {
            Ok(Some(head)) => self.before_sending(head).map_err(|error| error.to_string()),
            Ok(None) => Ok(()),
            Err(error) => Err(error.to_string()),
        };
        let sealed = self.unsent.as_ref().map_or(Ok(false), |unsent| unsent.keep(store));
        if let Err(error) = marked.and(sealed.map_err(|error| error.to_string())) {
            tracing::warn!(%error, "what is kept beside the device's file could not be brought up to it");
        }
    }
}
