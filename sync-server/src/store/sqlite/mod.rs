//! The embedded store: one encrypted SQLite file, one thread that writes, a few connections that read.
//! Statements live in `sql/` beside their callers. Nothing outside this folder imports rusqlite.

pub mod backup;
mod columns;
mod connection;
mod devices;
mod fold;
mod import;
mod log;
mod pull;
mod quarantine;
mod readers;
mod rebuild;
mod state;
mod writer;

pub use connection::DatabaseKey;
pub use rebuild::{Difference, Scratch};

use super::{
    Append, Appended, Branch, BucketRow, ChainRow, DecisionRow, DeviceRow, DeviceStatus, Enrolled, Enrolment,
    FactKey, FoldCommit, FoldInput, LogPage, LogPlace, MemberPage, MemberPlace, NewDevice, QuarantineEntry,
    QuarantinePlace, QuarantineRow, RecordWrite, Refused, RefusedRow, RegionRow, Renewal, Segment, Store,
    StoreResult, StoredFact,
};
use async_trait::async_trait;
use chrono::NaiveDate;
use readers::Readers;
use shared::change::Bucket;
use shared::ids::{DeviceId, DeviceNumber, RecordId, RegionId, Sequence, SiteId, VanId};
use shared::record::KindNumber;
use shared::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use writer::Writer;

const WRITER_CACHE_KIB: u32 = 64 * 1024;

pub struct SqliteStore {
    region: RegionId,
    readers: Readers,
    writer: Writer,
}

impl SqliteStore {
    /// Opens or makes the file and brings it up to this build.
    pub fn open(path: &Path, key: &DatabaseKey, region: RegionId) -> StoreResult<Self> {
        let mut connection = connection::open(path, key, WRITER_CACHE_KIB)?;
        connection::migrate(&mut connection)?;
        let (reopened_path, reopened_key) = (path.to_owned(), key.clone());
        let reopen = move || connection::open(&reopened_path, &reopened_key, WRITER_CACHE_KIB);
        Ok(Self { region, readers: Readers::new(path, key), writer: Writer::start(connection, reopen)? })
    }

    /// Makes the region and the server's own device, once; later calls change nothing.
    pub async fn initialise(
        &self,
        server: DeviceId,
        signing_key: [u8; 32],
        now: Timestamp,
    ) -> StoreResult<()> {
        let region = self.region;
        self.writer.write(move |c| devices::initialise(c, region, server, signing_key, now)).await
    }
}

/// Each method runs one function of a neighbouring file, on a reader or on the writer.
macro_rules! on {
    ($self:ident.$how:ident, $module:ident::$function:ident($($argument:expr),*)) => {{
        let region = $self.region;
        on!(@ $self, $how, move |connection| $module::$function(connection, region $(, $argument)*))
    }};
    (@ $self:ident, read, $job:expr) => { $self.readers.read($job).await };
    (@ $self:ident, write, $job:expr) => { $self.writer.write($job).await };
}

#[async_trait]
impl Store for SqliteStore {
    fn region(&self) -> RegionId {
        self.region
    }
    async fn region_row(&self) -> StoreResult<RegionRow> {
        on!(self.read, devices::region_row())
    }
    async fn begin_epoch(&self, epoch: u64, now: Timestamp) -> StoreResult<RegionRow> {
        on!(self.write, devices::begin_epoch(epoch, now))
    }

    async fn device(&self, number: DeviceNumber) -> StoreResult<Option<DeviceRow>> {
        on!(self.read, devices::device(number))
    }
    async fn device_by_fingerprint(&self, fingerprint: [u8; 32]) -> StoreResult<Option<DeviceRow>> {
        on!(self.read, devices::device_by_fingerprint(fingerprint))
    }
    async fn devices(&self) -> StoreResult<Vec<DeviceRow>> {
        on!(self.read, devices::devices())
    }
    async fn set_device_status(&self, number: DeviceNumber, status: DeviceStatus) -> StoreResult<bool> {
        on!(self.write, devices::set_status(number, status))
    }
    async fn order_wipe(&self, number: DeviceNumber, at: Timestamp) -> StoreResult<bool> {
        on!(self.write, devices::order_wipe(number, at))
    }
    async fn note_wipe_told(&self, number: DeviceNumber, at: Timestamp) -> StoreResult<()> {
        on!(self.write, devices::note_wipe_told(number, at))
    }
    async fn add_certificate(&self, renewal: Renewal) -> StoreResult<()> {
        on!(self.write, devices::add_certificate(renewal))
    }
    async fn extend_certificates(&self, number: DeviceNumber, until: Timestamp) -> StoreResult<()> {
        on!(self.write, devices::extend_certificates(number, until))
    }
    async fn note_seen(
        &self,
        number: DeviceNumber,
        at: Timestamp,
        app_version: Option<String>,
    ) -> StoreResult<()> {
        on!(self.write, devices::note_seen(number, at, app_version.as_deref()))
    }
    async fn note_answered(&self, number: DeviceNumber) -> StoreResult<()> {
        on!(self.write, devices::note_answered(number))
    }
    async fn add_enrolment(&self, enrolment: Enrolment) -> StoreResult<()> {
        on!(self.write, devices::add_enrolment(&enrolment))
    }
    async fn enrolment(&self, secret_hash: [u8; 32]) -> StoreResult<Option<Enrolment>> {
        on!(self.read, devices::enrolment(secret_hash))
    }
    async fn enrolled(&self) -> StoreResult<Vec<Enrolled>> {
        on!(self.read, devices::enrolled())
    }
    async fn readmit(&self, devices: Vec<Enrolled>) -> StoreResult<()> {
        on!(self.write, devices::readmit(&devices))
    }
    async fn close_chain(&self, number: DeviceNumber) -> StoreResult<bool> {
        on!(self.write, log::close(number))
    }
    async fn redeem(
        &self,
        secret_hash: [u8; 32],
        now: Timestamp,
        device: NewDevice,
    ) -> StoreResult<Option<DeviceRow>> {
        on!(self.write, devices::redeem(secret_hash, now, &device))
    }

    async fn chain(&self, number: DeviceNumber) -> StoreResult<Option<ChainRow>> {
        on!(self.read, log::chain(number))
    }
    async fn family(&self, root: DeviceNumber) -> StoreResult<Vec<ChainRow>> {
        on!(self.read, log::family(root))
    }
    async fn segments(
        &self,
        number: DeviceNumber,
        from: Sequence,
        bytes_max: usize,
    ) -> StoreResult<Vec<Segment>> {
        on!(self.read, log::segments(number, from, bytes_max))
    }
    async fn append(&self, append: Append) -> StoreResult<Appended> {
        on!(self.write, log::append(&append))
    }
    async fn branch(&self, branch: Branch) -> StoreResult<Option<ChainRow>> {
        on!(self.write, log::branch(branch))
    }
    async fn keep_refused(&self, refused: Refused) -> StoreResult<()> {
        on!(self.write, log::keep_refused(&refused))
    }
    async fn refused(&self) -> StoreResult<Vec<RefusedRow>> {
        on!(self.read, log::refused())
    }

    async fn lagging(&self) -> StoreResult<Vec<ChainRow>> {
        on!(self.read, log::lagging())
    }
    async fn fold_input(&self, number: DeviceNumber) -> StoreResult<Option<FoldInput>> {
        on!(self.read, fold::input(number))
    }
    async fn records(&self, ids: Vec<RecordId>) -> StoreResult<BTreeMap<RecordId, RecordWrite>> {
        on!(self.read, fold::records(&ids))
    }
    async fn records_shared(&self, after: Option<RecordId>, most: usize) -> StoreResult<Vec<RecordWrite>> {
        on!(self.read, import::records_shared(after, most))
    }
    async fn facts(&self, keys: Vec<FactKey>) -> StoreResult<BTreeMap<FactKey, StoredFact>> {
        on!(self.read, fold::facts(&keys))
    }
    async fn commit_fold(&self, fold: FoldCommit) -> StoreResult<bool> {
        on!(self.write, fold::commit(&fold))
    }
    async fn quarantine(&self) -> StoreResult<Vec<QuarantineRow>> {
        on!(self.read, quarantine::open())
    }
    async fn quarantine_after(
        &self,
        after: Option<QuarantinePlace>,
        reasons: &'static [&'static str],
        most: usize,
    ) -> StoreResult<Vec<QuarantineRow>> {
        on!(self.read, quarantine::open_after(after, reasons, most))
    }
    async fn quarantined(
        &self,
        number: DeviceNumber,
        sequence: Sequence,
    ) -> StoreResult<Option<QuarantineEntry>> {
        on!(self.read, quarantine::entry(number, sequence))
    }
    async fn released(&self, number: DeviceNumber) -> StoreResult<BTreeSet<Sequence>> {
        on!(self.read, quarantine::released(number))
    }
    async fn close_quarantined(
        &self,
        number: DeviceNumber,
        sequence: Sequence,
        note: String,
        at: Timestamp,
    ) -> StoreResult<bool> {
        on!(self.write, quarantine::close(number, sequence, &note, at))
    }

    async fn bucket_rows(&self, buckets: Vec<Bucket>) -> StoreResult<Vec<BucketRow>> {
        on!(self.read, pull::bucket_rows(&buckets))
    }
    async fn make_buckets(&self, buckets: Vec<Bucket>) -> StoreResult<()> {
        on!(self.write, fold::make_buckets(&buckets))
    }
    async fn bucket_names(&self, numbers: Vec<u32>) -> StoreResult<Vec<Bucket>> {
        on!(self.read, pull::bucket_names(&numbers))
    }
    async fn members(
        &self,
        bucket: u32,
        after: Option<MemberPlace>,
        sole_author: Option<DeviceNumber>,
        bytes_max: usize,
    ) -> StoreResult<MemberPage> {
        on!(self.read, pull::members(bucket, after, sole_author, bytes_max))
    }
    async fn log_after(
        &self,
        bucket: u32,
        after: LogPlace,
        author: DeviceNumber,
        bytes_max: usize,
    ) -> StoreResult<LogPage> {
        on!(self.read, pull::log_after(bucket, after, author, bytes_max))
    }
    async fn rejections(
        &self,
        number: DeviceNumber,
        after: Sequence,
        most: usize,
    ) -> StoreResult<Vec<QuarantineRow>> {
        on!(self.read, quarantine::rejections(number, after, most))
    }
    async fn decisions(
        &self,
        number: DeviceNumber,
        after: u64,
        most: usize,
    ) -> StoreResult<Vec<DecisionRow>> {
        on!(self.read, quarantine::decisions(number, after, most))
    }
    async fn sites_of_van(
        &self,
        van: VanId,
        days: Option<(NaiveDate, NaiveDate)>,
    ) -> StoreResult<BTreeSet<SiteId>> {
        on!(self.read, pull::sites_of_van(van, days))
    }

    async fn members_of_kind(&self, bucket: Bucket, kind: KindNumber) -> StoreResult<Vec<RecordWrite>> {
        on!(self.read, import::members_of_kind(bucket, kind))
    }
    async fn members_among(&self, bucket: Bucket, ids: Vec<RecordId>) -> StoreResult<BTreeSet<RecordId>> {
        on!(self.read, import::members_among(bucket, &ids))
    }
    async fn buckets_of(&self, records: Vec<RecordId>) -> StoreResult<BTreeMap<RecordId, Vec<Bucket>>> {
        on!(self.read, import::buckets_of(&records))
    }
    async fn import_memory(&self, records: Vec<RecordId>) -> StoreResult<BTreeMap<RecordId, Vec<u8>>> {
        on!(self.read, import::memory(&records))
    }
    async fn remember_import(&self, rows: Vec<(RecordId, Vec<u8>)>) -> StoreResult<()> {
        on!(self.write, import::remember(&rows))
    }
}
