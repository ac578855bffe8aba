//! A run of one device's log on its way up: `[version, device, number, first sequence, hash before, [change, …],
//! signature]`. Hashes are computed by the receiver, never sent; the signature covers the last one.

use super::chain::{Hash, Head, head_message};
use super::envelope::Envelope;
use crate::cbor::{Reader, Writer};
use crate::error::Malformed;
use crate::ids::{DeviceId, DeviceNumber, Sequence};
use crate::protocol::limits;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

pub const BATCH_VERSION: u16 = 1;
const SIGNED_FOR: &str = "caravan 2026-11 head of a batch";

/// A batch with its changes still closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch<'b> {
    pub device: DeviceId,
    pub number: DeviceNumber,
    pub first: Sequence,
    /// The chain before the first change.
    pub before: Hash,
    pub changes: Vec<&'b [u8]>,
    pub signature: [u8; 64],
}

/// Why a whole batch is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    #[error("the batch is malformed: {0}")]
    Malformed(#[from] Malformed),
    #[error("the batch is of version {0}; this build reads version 1")]
    Version(u16),
    #[error("the batch holds no change")]
    Empty,
    #[error("change {found} stands where change {expected} should")]
    OutOfOrder { expected: Sequence, found: Sequence },
    #[error("the signature does not fit the batch")]
    Signature,
}

impl<'b> Batch<'b> {
    /// The bytes of a signed batch, and the head it brings the chain to.
    pub fn seal(
        device: DeviceId,
        number: DeviceNumber,
        before: Head,
        changes: &[Vec<u8>],
        key: &SigningKey,
    ) -> (Vec<u8>, Head) {
        let hash = changes.iter().fold(before.hash, |hash, change| hash.after(change));
        let head = Head { sequence: Sequence(before.sequence.0 + changes.len() as u64), hash };
        let signature = key.sign(&head_message(SIGNED_FOR, device, head));
        let length: usize = changes.iter().map(|change| change.len() + 5).sum();
        let mut out = Writer::with_capacity(length + 160);
        out.array(7).unsigned(BATCH_VERSION.into()).bytes(device.as_bytes()).unsigned(number.0.into());
        out.unsigned(before.sequence.0 + 1).bytes(&before.hash.0).array(changes.len());
        for change in changes {
            out.bytes(change);
        }
        out.bytes(&signature.to_bytes());
        (out.finish(), head)
    }

    pub fn read(bytes: &'b [u8]) -> Result<Batch<'b>, BatchError> {
        let mut input = Reader::new(bytes);
        let extra = input.array_of_at_least(7, "a batch")?;
        let version = input.unsigned_16("a batch's version")?;
        if version != BATCH_VERSION {
            return Err(BatchError::Version(version));
        }
        let device = DeviceId::from_bytes(input.bytes_of("a device's id")?);
        let number = DeviceNumber(input.unsigned_32("a device number")?);
        let first = Sequence(input.unsigned("a sequence")?);
        if first == Sequence(0) || first > Sequence::LARGEST {
            return Err(input.malformed("a sequence").into());
        }
        let before = Hash(input.bytes_of("a hash")?);
        let count = input.array("changes")?;
        if count > limits::CHANGES_A_BATCH_MAX {
            return Err(input.malformed("more changes than a batch may hold").into());
        }
        let mut changes = Vec::with_capacity(count.min(1024));
        for _ in 0..count {
            changes.push(input.bytes("a change")?);
        }
        let signature = input.bytes_of("a signature")?;
        input.skip(extra, "a batch's newer parts")?;
        input.end("after a batch")?;
        let batch = Batch { device, number, first, before, changes, signature };
        batch.check_order()?;
        Ok(batch)
    }

    fn check_order(&self) -> Result<(), BatchError> {
        if self.changes.is_empty() {
            return Err(BatchError::Empty);
        }
        for (position, change) in self.changes.iter().enumerate() {
            let expected = Sequence(self.first.0.saturating_add(position as u64));
            let found = Envelope::read_sequence(change)?;
            if found != expected {
                return Err(BatchError::OutOfOrder { expected, found });
            }
        }
        Ok(())
    }

    /// The hash after each change.
    pub fn hashes(&self) -> Vec<Hash> {
        let mut hash = self.before;
        self.changes
            .iter()
            .map(|change| {
                hash = hash.after(change);
                hash
            })
            .collect()
    }

    pub fn last(&self) -> Sequence {
        Sequence(self.first.0 + self.changes.len() as u64 - 1)
    }

    /// Whether the device signed the chain that ends at `last_hash`.
    pub fn verify(&self, last_hash: Hash, key: &VerifyingKey) -> Result<(), BatchError> {
        let head = Head { sequence: self.last(), hash: last_hash };
        let message = head_message(SIGNED_FOR, self.device, head);
        key.verify_strict(&message, &Signature::from_bytes(&self.signature))
            .map_err(|_| BatchError::Signature)
    }
}
