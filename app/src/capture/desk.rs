//! Who works here now, on which file, with which clock; and the way every action is written.

use super::packs::Shelf;
use super::views::Looks;
use crate::apply::{Intent, LocalChange, apply_local};
use crate::platform;
use crate::store::{Identity, MetaReads, RecordReads, Store, StoreError};
use shared::change::{Bucket, Edit};
use shared::ids::{Entropy, FactId, RecordId, SiteId, StaffId, StopId};
use shared::merge::RecordState;
use shared::record::{FieldKey, Kind, Value};
use shared::time::Timestamp;
use std::sync::{Arc, Mutex};
use tokio::sync::Notify;

/// An action that could not be done.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// What is on the screen is not in the file any more, such as a record of a bucket that was forgotten.
    #[error("this is no longer on this device")]
    Gone,
    /// A dangerous value or answer of the visit waits for somebody to say what was done.
    #[error("a dangerous finding of this visit is not answered")]
    Unanswered,
    /// The consent in force does not agree to care, such as after a withdrawal.
    #[error("the person does not agree to be cared for")]
    NotAgreed,
    /// A gap cannot be closed in words while a value of today is beyond its rule's line.
    #[error("what was measured today says otherwise")]
    Contradicted,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a desk needs beside its file.
pub struct DeskOptions {
    pub now: Box<dyn Fn() -> Timestamp + Send>,
    pub entropy: Box<dyn Entropy + Send>,
    /// Rung after each save, so that sync starts at once.
    pub saved: Arc<Notify>,
}

impl Default for DeskOptions {
    fn default() -> Self {
        Self {
            now: Box::new(platform::now),
            entropy: Box::new(platform::SystemEntropy),
            saved: Arc::default(),
        }
    }
}

/// What brings an action's fields back to what they were.
#[derive(Clone, Debug, Default)]
pub struct Undo {
    bucket: Option<Bucket>,
    about: Option<RecordId>,
    edits: Vec<Edit>,
}

/// One member of staff at one device.
pub struct Desk {
    pub(super) store: Store,
    pub(super) identity: Identity,
    pub(super) staff: StaffId,
    pub(super) looks: Looks,
    /// Where days are told; see `place`.
    pub(super) open_stop: Option<StopId>,
    options: DeskOptions,
    pub(super) shelf: Mutex<Shelf>,
}

impl Desk {
    /// A device that was never enrolled has no desk.
    pub fn open(store: Store, staff: StaffId, options: DeskOptions) -> Result<Desk, StoreError> {
        let identity = store
            .identity()?
            .ok_or_else(|| StoreError::Damaged("a device that was never enrolled".into()))?;
        let (looks, shelf) = (Looks::default(), Mutex::default());
        Ok(Desk { store, identity, staff, looks, open_stop: None, options, shelf })
    }

    pub fn identity(&self) -> &Identity {
        &self.identity
    }
    pub fn staff(&self) -> StaffId {
        self.staff
    }
    /// Another colleague takes over at the same device.
    pub fn hand_over(&mut self, staff: StaffId) {
        self.staff = staff;
    }
    pub fn store(&mut self) -> &mut Store {
        &mut self.store
    }
    pub fn now(&self) -> Timestamp {
        (self.options.now)()
    }

    pub(super) fn new_id<T: From<RecordId>>(&mut self) -> T {
        RecordId::new(self.now(), &mut *self.options.entropy).into()
    }
    pub(super) fn new_fact_id(&mut self) -> FactId {
        FactId::new(self.now(), &mut *self.options.entropy)
    }

    /// Writes one action. Durable when it returns.
    pub(super) fn write(
        &mut self,
        bucket: Bucket,
        about: Option<RecordId>,
        intents: Vec<Intent>,
    ) -> Result<Undo, CaptureError> {
        let change = LocalChange { staff: self.staff, bucket, about, intents };
        let now = self.now();
        let Some(applied) = apply_local(&mut self.store, change, now)? else { return Ok(Undo::default()) };
        self.options.saved.notify_one();
        Ok(Undo { bucket: Some(bucket), about, edits: applied.back })
    }

    /// Brings back what an action changed. What others changed since stays; facts are amended, not removed.
    pub fn undo(&mut self, undo: Undo) -> Result<(), CaptureError> {
        let Some(bucket) = undo.bucket else { return Ok(()) };
        self.write(bucket, undo.about, undo.edits.into_iter().map(Intent::Edit).collect())?;
        Ok(())
    }

    pub(super) fn state(&self, id: RecordId) -> Result<RecordState, CaptureError> {
        self.store.state(id)?.ok_or(CaptureError::Gone)
    }

    /// The bucket in which changes at a stop are shown: its site's.
    pub(super) fn bucket_of_stop(&self, stop: StopId) -> Result<Bucket, CaptureError> {
        let stop = shared::domain::route::Stop::read(&self.state(stop.into())?);
        stop.site.map(Bucket::Site).ok_or(CaptureError::Gone)
    }

    pub(super) fn bucket_of_site(site: SiteId) -> Bucket {
        Bucket::Site(site)
    }
}

/// New values of a record as an intent.
pub(super) fn set(kind: &Kind, record: impl Into<RecordId>, values: Vec<(FieldKey, Value)>) -> Intent {
    Intent::Set { record: record.into(), kind: kind.number, values }
}
