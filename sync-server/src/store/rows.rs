//! The shapes that cross the store's door. They are neither the wire's nor the domain's.

use chrono::NaiveDate;
use shared::change::{Bucket, Head};
use shared::ids::{DeviceId, DeviceNumber, FactId, RecordId, Sequence, SiteId, StaffId, StopId, VanId};
use shared::record::{FieldKey, KindNumber};
use shared::time::Timestamp;
use std::collections::BTreeSet;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RegionRow {
    pub epoch: u64,
    /// Who the server is when it writes itself.
    pub server_device: DeviceId,
    pub server_number: DeviceNumber,
}

/// What a device may do here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceStatus {
    Active,
    /// Another installation wrote under its name: it still delivers what it has, and must enrol anew.
    Retired,
    /// An operator shut it out.
    Revoked,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceRow {
    pub number: DeviceNumber,
    pub id: DeviceId,
    /// Missing for the server itself.
    pub van: Option<VanId>,
    pub label: String,
    /// Of the certificate in use where the device is looked up by one, else of the newest.
    pub certificate_expires_at: Timestamp,
    pub signing_key: [u8; 32],
    pub status: DeviceStatus,
    pub enrolled_at: Timestamp,
    pub last_seen_at: Option<Timestamp>,
    pub clock_offset_ms: Option<i64>,
    pub app_version: Option<String>,
    /// Whether a page was ever sent to it.
    pub was_answered: bool,
    /// Since when it is to erase itself. Only where it is revoked.
    pub wipe_ordered_at: Option<Timestamp>,
    /// When it was told so, with nothing left that it had not delivered.
    pub wipe_told_at: Option<Timestamp>,
}

/// A certificate that a device was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// SHA-256.
    pub fingerprint: [u8; 32],
    pub expires_at: Timestamp,
    pub made_at: Timestamp,
}

/// All that is needed to know a tablet again, without what it delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolled {
    pub number: DeviceNumber,
    pub id: DeviceId,
    pub van: VanId,
    pub label: String,
    pub signing_key: [u8; 32],
    pub status: DeviceStatus,
    pub wipe_ordered_at: Option<Timestamp>,
    pub enrolled_at: Timestamp,
    pub enrolled_by: Option<StaffId>,
    /// Its first one first.
    pub certificates: Vec<Certificate>,
}

/// A certificate that follows another of the same device.
#[derive(Clone, Copy, Debug)]
pub struct Renewal {
    pub number: DeviceNumber,
    /// The one that it used to ask, where it is not its first.
    pub used: Option<[u8; 32]>,
    pub fingerprint: [u8; 32],
    pub expires_at: Timestamp,
    pub at: Timestamp,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolment {
    pub secret_hash: [u8; 32],
    pub expires_at: Timestamp,
    pub used_at: Option<Timestamp>,
    pub van: VanId,
    pub staff: StaffId,
}

#[derive(Clone, Debug)]
pub struct NewDevice {
    pub id: DeviceId,
    pub label: String,
    /// SHA-256 of its certificate.
    pub fingerprint: [u8; 32],
    pub certificate_expires_at: Timestamp,
    pub signing_key: [u8; 32],
}

/// A chain of changes: `number` stands in clocks, `root` is the device that signed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainRow {
    pub number: DeviceNumber,
    pub root: DeviceNumber,
    /// What stands before its first change: the genesis, or where it forked.
    pub base: Head,
    pub head: Head,
    pub folded: Sequence,
    pub closed: bool,
}

/// One batch of the log. `body` is the compressed batch as it came; it may begin before `first`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    pub first: Sequence,
    pub last: Sequence,
    pub body: Vec<u8>,
}

#[derive(Clone, Debug)]
pub struct Append {
    pub number: DeviceNumber,
    pub expected: Head,
    pub head: Head,
    pub signature: [u8; 64],
    pub body: Vec<u8>,
    pub at: Timestamp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    Durable,
    /// The chain is not where it was expected; nothing was written.
    Moved,
}

#[derive(Clone, Debug)]
pub struct Branch {
    pub root: DeviceNumber,
    pub base: Head,
    pub head: Head,
    pub signature: [u8; 64],
    pub body: Vec<u8>,
    pub reason: &'static str,
    pub at: Timestamp,
}

#[derive(Clone, Debug)]
pub struct Refused {
    pub number: DeviceNumber,
    /// Begins with a name that stays the same.
    pub reason: String,
    /// All of it, or its beginning where the rest would say no more.
    pub body: Vec<u8>,
    pub at: Timestamp,
}

/// A batch that was refused whole, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedRow {
    pub number: DeviceNumber,
    pub at: Timestamp,
    pub reason: String,
    /// How much of it is kept.
    pub bytes: u64,
}

/// What a fold starts from.
#[derive(Clone, Debug)]
pub struct FoldInput {
    /// Folding commits only if nobody folded since.
    pub ticket: u64,
    pub chain: ChainRow,
    /// The device that signed the chain.
    pub device: DeviceRow,
    pub segments: Vec<Segment>,
    /// Where every chain stands.
    pub chains: Vec<ChainRow>,
}

/// Where a fact is kept: beside the other facts of its subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactKey {
    pub subject: RecordId,
    pub id: FactId,
}

/// A record's merged state as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordWrite {
    pub id: RecordId,
    pub kind: KindNumber,
    /// The one chain that wrote all of it, if one did.
    pub sole_author: Option<DeviceNumber>,
    pub state: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactWrite {
    pub id: FactId,
    pub kind: KindNumber,
    pub subject: RecordId,
    pub author: DeviceNumber,
    pub body: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFact {
    pub body: Vec<u8>,
}

/// What a fold brought to a record in a bucket. Facts go wherever their subject is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touch {
    pub bucket: Bucket,
    pub record: RecordId,
    pub news: News,
}

/// What is new about a record that stood before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    pub fields: BTreeSet<FieldKey>,
    pub facts: BTreeSet<FactId>,
}

impl News {
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.facts.is_empty()
    }
}

/// Where a stop is, whichever values of it stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StopSites {
    pub stop: StopId,
    pub van: VanId,
    pub day: NaiveDate,
    pub sites: Vec<SiteId>,
    /// Every site that was written, also those that do not stand any more: the van was sent there.
    pub named: BTreeSet<SiteId>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantined {
    pub sequence: Sequence,
    pub reason: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarantineRow {
    pub number: DeviceNumber,
    pub sequence: Sequence,
    pub reason: String,
    pub at: Timestamp,
}

/// A place among the changes that are kept apart: after one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct QuarantinePlace {
    pub number: DeviceNumber,
    pub sequence: Sequence,
}

impl QuarantineRow {
    pub fn place(&self) -> QuarantinePlace {
        QuarantinePlace { number: self.number, sequence: self.sequence }
    }
}

/// What became of a change that was kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecisionOutcome {
    /// It fitted when it was tried again.
    Released,
    /// An operator answered for what the rules refuse.
    Overruled,
    /// An operator closed it for good.
    Closed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub outcome: DecisionOutcome,
    pub note: String,
    pub at: Timestamp,
}

/// All that is known of one change that was ever kept apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarantineEntry {
    pub reason: String,
    pub at: Timestamp,
    pub released_at: Option<Timestamp>,
    pub decision: Option<Decision>,
}

/// A decision as its device is told of it. The ordinal rises over the region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionRow {
    pub ordinal: u64,
    pub sequence: Sequence,
    pub outcome: DecisionOutcome,
    pub note: String,
}

/// Everything that one fold of one chain writes.
#[derive(Clone, Debug)]
pub struct FoldCommit {
    pub ticket: u64,
    pub number: DeviceNumber,
    pub folded: Sequence,
    pub records: Vec<RecordWrite>,
    /// Those of them that had no state before: of such a record nobody was told in which buckets it is, though there
    /// may be facts about it.
    pub begun: BTreeSet<RecordId>,
    pub facts: Vec<FactWrite>,
    pub touches: Vec<Touch>,
    pub stops: Vec<StopSites>,
    pub quarantined: Vec<Quarantined>,
    /// Changes of this chain that were kept apart and fit now.
    pub released: Vec<Sequence>,
    /// The operator's reason, where the release is one against the rules.
    pub overruled_because: Option<String>,
    pub clock_offset_ms: Option<i64>,
    pub at: Timestamp,
}

/// A bucket that exists; `sequence` is the head of its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BucketRow {
    pub number: u32,
    pub bucket: Bucket,
    pub sequence: u64,
    /// The log was cut up to here: who stands before it reads the members anew.
    pub trimmed: u64,
}

/// Something of one record on its way down, as it stands now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    pub record: RecordId,
    pub state: Option<Vec<u8>>,
    /// Only these fields of the state are news; without them all of it is.
    pub fields: Option<BTreeSet<FieldKey>>,
    /// Facts about it, each as its bytes.
    pub facts: Vec<Vec<u8>>,
}

/// A place among a bucket's members: after a record, or still within its facts, after one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemberPlace {
    pub record: RecordId,
    pub fact: Option<FactId>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemberPage {
    pub parcels: Vec<Parcel>,
    /// Where the next page goes on; nothing at the end.
    pub more_after: Option<MemberPlace>,
}

/// A place in a bucket's log: after a row, and of the row after it some facts were told already, up to one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogPlace {
    pub sequence: u64,
    pub fact: Option<FactId>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogPage {
    pub parcels: Vec<Parcel>,
    /// Where the next page goes on.
    pub last: LogPlace,
    pub more: bool,
    /// The log was cut after `last` since its bucket was looked at: its members tell what is missing.
    pub is_cut: bool,
}
