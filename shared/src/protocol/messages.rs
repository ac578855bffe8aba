//! The messages of sync and their bytes. A newer peer may append parts; an older one passes over them.

use super::limits;
use crate::cbor::{Reader, Writer};
use crate::change::{Bucket, Hash, Head, head_message};
use crate::error::Malformed;
use crate::ids::{DeviceId, RecordId, Sequence};
use crate::time::Timestamp;

/// v1, 2026-11: first.
pub const PROTOCOL_VERSION: u16 = 1;

/// What the server signs when it acknowledges a head, through `change::head_message`.
const COUNTERSIGNED_FOR: &str = "caravan 2026-11 head acknowledged by a server";

/// What a device may go on doing, told with every page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Active,
    /// Another installation wrote under this device's name: nothing is lost, and it must enrol anew.
    EnrolAnew,
}

/// Answer to a push: where the chain stands on disk, countersigned by the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushAnswer {
    pub acknowledged: Head,
    pub server_time: Timestamp,
    pub epoch: u64,
    /// Ed25519 over the acknowledged head.
    pub countersignature: [u8; 64],
}

/// Asks for what came since the cursor. The cursor is the server's own bytes, empty the first time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PullRequest {
    pub cursor: Vec<u8>,
    /// The last of its own changes that this device holds as acknowledged.
    pub acknowledged: Sequence,
    /// The last rejection that this device has heard of.
    pub rejections_heard: Sequence,
    /// v1, 2026-11-25: appended. Whoever asks knows the short answer of `PullAnswer::Unchanged`.
    pub takes_unchanged: bool,
}

/// Answer to a pull.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PullAnswer {
    Page(PullPage),
    /// The page would say nothing but the time: everything is as the request says.
    Unchanged {
        server_time: Timestamp,
    },
}

/// A record's merged state, whole or only the fields that came since the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateEntry {
    pub bucket: Bucket,
    pub record: RecordId,
    pub state: Vec<u8>,
}

/// A fact that came since the cursor, as the bytes that were kept of it: `Fact::read` opens them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactEntry {
    pub bucket: Bucket,
    pub fact: Vec<u8>,
}

/// One of the device's own changes that was kept apart, with the reason's code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    pub sequence: Sequence,
    pub reason: String,
}

/// What an operator, or the rest of the log, decided about a change that had been kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is merged now.
    Released,
    /// It will not be merged.
    Closed,
}

/// One of the device's own changes that was kept apart, and what became of it. The note is the operator's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    pub sequence: Sequence,
    pub outcome: Outcome,
    pub note: String,
}

/// One page of a pull. `complete` says that nothing more is waiting; a page's size says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PullPage {
    pub server_time: Timestamp,
    pub epoch: u64,
    pub acknowledged: Head,
    pub standing: Standing,
    pub cursor: Vec<u8>,
    pub complete: bool,
    pub states: Vec<StateEntry>,
    pub facts: Vec<FactEntry>,
    /// Buckets that this device no longer needs; acknowledged data in them is forgotten locally.
    pub forget: Vec<Bucket>,
    pub rejected: Vec<Rejected>,
    /// v1, 2026-11-25: appended to the notices, so that an operator's decision reaches the van.
    pub decided: Vec<Decided>,
    /// v1, 2026-11-25: appended to the notices. The device's certificate ends soon; it is to ask for the next one.
    pub renew_certificate: bool,
}

impl PushAnswer {
    /// What the countersignature covers.
    pub fn signed_message(device: DeviceId, acknowledged: Head) -> Vec<u8> {
        head_message(COUNTERSIGNED_FOR, device, acknowledged)
    }
    pub fn write(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.array(6).unsigned(PROTOCOL_VERSION.into()).unsigned(self.acknowledged.sequence.0);
        out.bytes(&self.acknowledged.hash.0).signed(self.server_time.milliseconds()).unsigned(self.epoch);
        out.bytes(&self.countersignature);
        out.finish()
    }
    pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut input = Reader::new(bytes);
        input.array_of_at_least(6, "a push's answer")?;
        input.unsigned_16("a version")?;
        Ok(Self {
            acknowledged: read_head(&mut input)?,
            server_time: Timestamp::from_milliseconds(input.signed("a time")?),
            epoch: input.unsigned("an epoch")?,
            countersignature: input.bytes_of("a countersignature")?,
        })
    }
}

impl PullRequest {
    pub fn write(&self) -> Vec<u8> {
        let mut out = Writer::default();
        out.array(5).unsigned(PROTOCOL_VERSION.into()).bytes(&self.cursor);
        out.unsigned(self.acknowledged.0).unsigned(self.rejections_heard.0).boolean(self.takes_unchanged);
        out.finish()
    }
    pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut input = Reader::new(bytes);
        let extra = input.array_of_at_least(4, "a pull")?;
        input.unsigned_16("a version")?;
        let cursor = input.bytes("a cursor")?;
        if cursor.len() > limits::CURSOR_BYTES_MAX {
            return Err(input.malformed("a cursor over its limit"));
        }
        Ok(Self {
            cursor: cursor.to_vec(),
            acknowledged: read_sequence(&mut input)?,
            rejections_heard: read_sequence(&mut input)?,
            takes_unchanged: extra > 0 && input.boolean("whether the short answer is known")?,
        })
    }
}

impl PullAnswer {
    /// The bytes of a page, or of the short answer where the request allows it and the page says nothing else.
    pub fn write(page: &PullPage, request: &PullRequest) -> Vec<u8> {
        if !request.takes_unchanged || !page.is_unchanged(request) {
            return page.write();
        }
        let mut out = Writer::default();
        out.array(2).unsigned(PROTOCOL_VERSION.into()).signed(page.server_time.milliseconds());
        out.finish()
    }
    pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut input = Reader::new(bytes);
        if input.array("an answer to a pull")? != 2 {
            return PullPage::read(bytes).map(PullAnswer::Page);
        }
        input.unsigned_16("a version")?;
        let server_time = Timestamp::from_milliseconds(input.signed("a time")?);
        input.end("after a short answer")?;
        Ok(PullAnswer::Unchanged { server_time })
    }
    /// The page that this stands for. Of the head only the sequence is known.
    pub fn into_page(self, request: &PullRequest) -> PullPage {
        match self {
            PullAnswer::Page(page) => page,
            PullAnswer::Unchanged { server_time } => PullPage {
                server_time,
                epoch: 0,
                acknowledged: Head { sequence: request.acknowledged, hash: Hash([0; 32]) },
                standing: Standing::Active,
                cursor: request.cursor.clone(),
                complete: true,
                states: Vec::new(),
                facts: Vec::new(),
                forget: Vec::new(),
                rejected: Vec::new(),
                decided: Vec::new(),
                renew_certificate: false,
            },
        }
    }
}

impl PullPage {
    fn is_unchanged(&self, request: &PullRequest) -> bool {
        let PullPage { states, facts, forget, rejected, decided, .. } = self;
        let is_empty = states.is_empty() && facts.is_empty() && forget.is_empty();
        let is_silent = rejected.is_empty() && decided.is_empty() && !self.renew_certificate;
        let is_settled = self.complete && self.standing == Standing::Active;
        let stands = self.cursor == request.cursor && self.acknowledged.sequence == request.acknowledged;
        is_empty && is_silent && is_settled && stands
    }

    /// Buckets repeat, so they stand once in a table and each entry names its row.
    pub fn write(&self) -> Vec<u8> {
        let mut buckets: Vec<Bucket> = self.states.iter().map(|entry| entry.bucket).collect();
        buckets.extend(self.facts.iter().map(|entry| entry.bucket));
        buckets.sort();
        buckets.dedup();
        let row =
            |bucket: &Bucket| buckets.binary_search(bucket).expect("every bucket is in the table") as u64;
        let states: usize = self.states.iter().map(|entry| entry.state.len() + 24).sum();
        let facts: usize = self.facts.iter().map(|entry| entry.fact.len() + 2).sum();
        let mut out = Writer::with_capacity(states + facts + 256);
        out.array(12).unsigned(PROTOCOL_VERSION.into()).signed(self.server_time.milliseconds());
        out.unsigned(self.epoch).unsigned(self.acknowledged.sequence.0).bytes(&self.acknowledged.hash.0);
        out.unsigned((self.standing == Standing::EnrolAnew).into())
            .bytes(&self.cursor)
            .boolean(self.complete);
        write_buckets(&buckets, &mut out);
        out.array(self.states.len() * 3);
        for entry in &self.states {
            out.unsigned(row(&entry.bucket)).bytes(entry.record.as_bytes()).bytes(&entry.state);
        }
        out.array(self.facts.len() * 2);
        for entry in &self.facts {
            out.unsigned(row(&entry.bucket));
            out.raw(&entry.fact);
        }
        self.write_notices(&mut out);
        out.finish()
    }

    /// Notices that say nothing are left out from the end, so that a page stays as short as it was.
    fn write_notices(&self, out: &mut Writer) {
        let tells_decided = !self.decided.is_empty() || self.renew_certificate;
        out.array(2 + usize::from(tells_decided) + usize::from(self.renew_certificate));
        write_buckets(&self.forget, out);
        out.array(self.rejected.len() * 2);
        for rejected in &self.rejected {
            out.unsigned(rejected.sequence.0).text(&rejected.reason);
        }
        if tells_decided {
            out.array(self.decided.len() * 3);
            for Decided { sequence, outcome, note } in &self.decided {
                out.unsigned(sequence.0).unsigned((*outcome == Outcome::Closed).into()).text(note);
            }
        }
        if self.renew_certificate {
            out.boolean(true);
        }
    }

    pub fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut input = Reader::new(bytes);
        input.array_of_at_least(12, "a page")?;
        input.unsigned_16("a version")?;
        let server_time = Timestamp::from_milliseconds(input.signed("a time")?);
        let epoch = input.unsigned("an epoch")?;
        let acknowledged = read_head(&mut input)?;
        let standing =
            if input.unsigned("a standing")? == 0 { Standing::Active } else { Standing::EnrolAnew };
        let cursor = input.bytes("a cursor")?.to_vec();
        let complete = input.boolean("whether a page is the last")?;
        let buckets = read_buckets(&mut input)?;
        let states = read_states(&mut input, &buckets)?;
        let facts = read_facts(&mut input, &buckets)?;
        let notices = input.array_of_at_least(2, "a page's notices")?;
        let forget = read_buckets(&mut input)?;
        let rejected = read_rejected(&mut input)?;
        let decided = if notices > 0 { read_decided(&mut input)? } else { Vec::new() };
        let renew_certificate = notices > 1 && input.boolean("whether to renew")?;
        input.skip(notices.saturating_sub(2), "newer notices")?;
        Ok(Self {
            server_time,
            epoch,
            acknowledged,
            standing,
            cursor,
            complete,
            states,
            facts,
            forget,
            rejected,
            decided,
            renew_certificate,
        })
    }
}

fn read_sequence(input: &mut Reader<'_>) -> Result<Sequence, Malformed> {
    let sequence = Sequence(input.unsigned("a sequence")?);
    if sequence <= Sequence::LARGEST { Ok(sequence) } else { Err(input.malformed("a sequence")) }
}

fn read_head(input: &mut Reader<'_>) -> Result<Head, Malformed> {
    Ok(Head { sequence: read_sequence(input)?, hash: Hash(input.bytes_of("a head's hash")?) })
}

fn read_rejected(input: &mut Reader<'_>) -> Result<Vec<Rejected>, Malformed> {
    let count = input.array("rejections")?;
    (0..count / 2)
        .map(|_| {
            let sequence = read_sequence(input)?;
            Ok(Rejected { sequence, reason: input.text("a reason")?.to_owned() })
        })
        .collect()
}

/// An outcome of a newer server is passed over: the change stays on the list of those that are kept apart.
fn read_decided(input: &mut Reader<'_>) -> Result<Vec<Decided>, Malformed> {
    let mut decided = Vec::new();
    for _ in 0..input.array("decisions")? / 3 {
        let sequence = read_sequence(input)?;
        let outcome = match input.unsigned("an outcome")? {
            0 => Some(Outcome::Released),
            1 => Some(Outcome::Closed),
            _ => None,
        };
        let note = input.text("a note")?.to_owned();
        decided.extend(outcome.map(|outcome| Decided { sequence, outcome, note }));
    }
    Ok(decided)
}

fn write_buckets(buckets: &[Bucket], out: &mut Writer) {
    out.array(buckets.len());
    for bucket in buckets {
        bucket.write(out);
    }
}

fn read_buckets(input: &mut Reader<'_>) -> Result<Vec<Bucket>, Malformed> {
    let count = input.array("buckets")?;
    (0..count).map(|_| Bucket::read(input)).collect()
}

fn read_row(input: &mut Reader<'_>, buckets: &[Bucket]) -> Result<Bucket, Malformed> {
    let row = input.unsigned("a bucket's row")? as usize;
    buckets.get(row).copied().ok_or_else(|| input.malformed("a bucket's row"))
}

fn read_states(input: &mut Reader<'_>, buckets: &[Bucket]) -> Result<Vec<StateEntry>, Malformed> {
    let count = input.array("states")?;
    (0..count / 3)
        .map(|_| {
            Ok(StateEntry {
                bucket: read_row(input, buckets)?,
                record: RecordId::from_bytes(input.bytes_of("a record's id")?),
                state: input.bytes("a state")?.to_vec(),
            })
        })
        .collect()
}

fn read_facts(input: &mut Reader<'_>, buckets: &[Bucket]) -> Result<Vec<FactEntry>, Malformed> {
    let count = input.array("facts")?;
    (0..count / 2)
        .map(|_| Ok(FactEntry { bucket: read_row(input, buckets)?, fact: input.raw("a fact")?.to_vec() }))
        .collect()
}
