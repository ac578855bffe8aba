//! What the server keeps, as one trait that every engine speaks. A handle belongs to one region, and each method
//! is one transaction. No method knows HTTP, merging or the inside of a change.

mod rows;
pub mod sqlite;

#[cfg(test)]
pub mod contract;

pub use rows::{
    Append, Appended, Branch, BucketRow, Certificate, ChainRow, Decision, DecisionOutcome, DecisionRow,
    DeviceRow, DeviceStatus, Enrolled, Enrolment, FactKey, FactWrite, FoldCommit, FoldInput, LogPage,
    LogPlace, MemberPage, MemberPlace, NewDevice, News, Parcel, QuarantineEntry, QuarantinePlace,
    QuarantineRow, Quarantined, RecordWrite, Refused, RefusedRow, RegionRow, Renewal, Segment, StopSites,
    StoredFact, Touch,
};

use async_trait::async_trait;
use chrono::NaiveDate;
use shared::change::Bucket;
use shared::ids::{DeviceNumber, RecordId, RegionId, Sequence, SiteId, VanId};
use shared::record::KindNumber;
use shared::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Why a store could not do its work. The operator must act, except on `Busy`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Another process holds the file for longer than is patient.
    #[error("the database is busy")]
    Busy,
    /// The key does not open the file, or it is no database.
    #[error("the database does not open with this key")]
    WrongKey,
    /// The store is shutting down.
    #[error("the store is closed")]
    Closed,
    /// What was read is not what was written.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    #[error("the database failed: {0}")]
    Database(String),
}

pub type StoreResult<T> = Result<T, StoreError>;

#[async_trait]
pub trait Store: Send + Sync {
    fn region(&self) -> RegionId;

    // The region.
    async fn region_row(&self) -> StoreResult<RegionRow>;
    /// After a restore: a new epoch, a fresh number for the server's own writes (the old one is closed), and a
    /// leap in device numbers past all that the lost days may have given out.
    async fn begin_epoch(&self, epoch: u64, now: Timestamp) -> StoreResult<RegionRow>;

    // Devices.
    async fn device(&self, number: DeviceNumber) -> StoreResult<Option<DeviceRow>>;
    async fn device_by_fingerprint(&self, fingerprint: [u8; 32]) -> StoreResult<Option<DeviceRow>>;
    async fn devices(&self) -> StoreResult<Vec<DeviceRow>>;
    async fn set_device_status(&self, number: DeviceNumber, status: DeviceStatus) -> StoreResult<bool>;
    /// Revokes a device that is to erase itself at its next contact.
    async fn order_wipe(&self, number: DeviceNumber, at: Timestamp) -> StoreResult<bool>;
    async fn note_wipe_told(&self, number: DeviceNumber, at: Timestamp) -> StoreResult<()>;
    /// Adds a certificate, and drops those that were never used.
    async fn add_certificate(&self, renewal: Renewal) -> StoreResult<()>;
    /// Lets a device's certificates work until then at least.
    async fn extend_certificates(&self, number: DeviceNumber, until: Timestamp) -> StoreResult<()>;
    async fn note_seen(
        &self,
        number: DeviceNumber,
        at: Timestamp,
        app_version: Option<String>,
    ) -> StoreResult<()>;
    /// From now on the device may have forgotten things that it wrote itself.
    async fn note_answered(&self, number: DeviceNumber) -> StoreResult<()>;
    async fn add_enrolment(&self, enrolment: Enrolment) -> StoreResult<()>;
    async fn enrolment(&self, secret_hash: [u8; 32]) -> StoreResult<Option<Enrolment>>;
    /// Every tablet, for the register beside the database.
    async fn enrolled(&self) -> StoreResult<Vec<Enrolled>>;
    /// Knows again whom a backup does not know, with an empty chain; whoever was shut out since is shut out.
    async fn readmit(&self, devices: Vec<Enrolled>) -> StoreResult<()>;
    /// Nothing more will come from a device: any sequence of it may stand in a clock. `false` where there is no chain.
    async fn close_chain(&self, number: DeviceNumber) -> StoreResult<bool>;
    /// Uses a code up and gives the device its number; nothing when the code was used, is too old or unknown.
    async fn redeem(
        &self,
        secret_hash: [u8; 32],
        now: Timestamp,
        device: NewDevice,
    ) -> StoreResult<Option<DeviceRow>>;

    // The log.
    async fn chain(&self, number: DeviceNumber) -> StoreResult<Option<ChainRow>>;
    /// A device's own chain, then its branches.
    async fn family(&self, root: DeviceNumber) -> StoreResult<Vec<ChainRow>>;
    /// Whole segments that hold `from` and what follows: at least one if there is any, then until `bytes_max`.
    async fn segments(
        &self,
        number: DeviceNumber,
        from: Sequence,
        bytes_max: usize,
    ) -> StoreResult<Vec<Segment>>;
    async fn append(&self, append: Append) -> StoreResult<Appended>;
    /// Keeps a forked batch as a chain with a number of its own and retires the device. Nothing when the device
    /// has more branches than anybody could explain.
    async fn branch(&self, branch: Branch) -> StoreResult<Option<ChainRow>>;
    async fn keep_refused(&self, refused: Refused) -> StoreResult<()>;
    /// The evidence that is kept of batches that were refused whole, by device and time.
    async fn refused(&self) -> StoreResult<Vec<RefusedRow>>;

    // Folding.
    /// Chains that hold more than was folded.
    async fn lagging(&self) -> StoreResult<Vec<ChainRow>>;
    /// The next segments to fold of one chain, with what a check needs to know.
    async fn fold_input(&self, number: DeviceNumber) -> StoreResult<Option<FoldInput>>;
    async fn records(&self, ids: Vec<RecordId>) -> StoreResult<BTreeMap<RecordId, RecordWrite>>;
    /// Records that more than one chain wrote, after an id, in order.
    async fn records_shared(&self, after: Option<RecordId>, most: usize) -> StoreResult<Vec<RecordWrite>>;
    async fn facts(&self, keys: Vec<FactKey>) -> StoreResult<BTreeMap<FactKey, StoredFact>>;
    /// All of it or, when somebody else folded meanwhile, nothing and `false`.
    async fn commit_fold(&self, fold: FoldCommit) -> StoreResult<bool>;
    /// Changes that are kept apart, neither released nor closed, by device and sequence.
    async fn quarantine(&self) -> StoreResult<Vec<QuarantineRow>>;
    /// `most` of them after a place, in the same order, of those that are kept apart for one of these reasons.
    async fn quarantine_after(
        &self,
        after: Option<QuarantinePlace>,
        reasons: &'static [&'static str],
        most: usize,
    ) -> StoreResult<Vec<QuarantineRow>>;
    async fn quarantined(
        &self,
        number: DeviceNumber,
        sequence: Sequence,
    ) -> StoreResult<Option<QuarantineEntry>>;
    /// Changes of a chain that were kept apart once and are merged now.
    async fn released(&self, number: DeviceNumber) -> StoreResult<BTreeSet<Sequence>>;
    /// Closes a change that is kept apart for good; `false` when it is not kept apart any more.
    async fn close_quarantined(
        &self,
        number: DeviceNumber,
        sequence: Sequence,
        note: String,
        at: Timestamp,
    ) -> StoreResult<bool>;

    // Buckets.
    async fn bucket_rows(&self, buckets: Vec<Bucket>) -> StoreResult<Vec<BucketRow>>;
    /// Makes those that there are not yet, with nothing in them.
    async fn make_buckets(&self, buckets: Vec<Bucket>) -> StoreResult<()>;
    async fn bucket_names(&self, numbers: Vec<u32>) -> StoreResult<Vec<Bucket>>;
    /// Members after a place, in order, each with its facts, without what `sole_author` wrote alone; stops past
    /// `bytes_max`.
    async fn members(
        &self,
        bucket: u32,
        after: Option<MemberPlace>,
        sole_author: Option<DeviceNumber>,
        bytes_max: usize,
    ) -> StoreResult<MemberPage>;
    /// What came after a place, each record once, without what `author` wrote; stops past `bytes_max`.
    async fn log_after(
        &self,
        bucket: u32,
        after: LogPlace,
        author: DeviceNumber,
        bytes_max: usize,
    ) -> StoreResult<LogPage>;
    async fn rejections(
        &self,
        number: DeviceNumber,
        after: Sequence,
        most: usize,
    ) -> StoreResult<Vec<QuarantineRow>>;
    /// What was decided about a device's changes after an ordinal, in order.
    async fn decisions(&self, number: DeviceNumber, after: u64, most: usize)
    -> StoreResult<Vec<DecisionRow>>;
    /// Sites of a van's stops from a day through another; without days, every site that it was ever sent to.
    async fn sites_of_van(
        &self,
        van: VanId,
        days: Option<(NaiveDate, NaiveDate)>,
    ) -> StoreResult<BTreeSet<SiteId>>;

    // Imports.
    async fn members_of_kind(&self, bucket: Bucket, kind: KindNumber) -> StoreResult<Vec<RecordWrite>>;
    async fn members_among(&self, bucket: Bucket, ids: Vec<RecordId>) -> StoreResult<BTreeSet<RecordId>>;
    async fn buckets_of(&self, records: Vec<RecordId>) -> StoreResult<BTreeMap<RecordId, Vec<Bucket>>>;
    async fn import_memory(&self, records: Vec<RecordId>) -> StoreResult<BTreeMap<RecordId, Vec<u8>>>;
    async fn remember_import(&self, rows: Vec<(RecordId, Vec<u8>)>) -> StoreResult<()>;
}
