//! The courier makes batches durable in the order of each device's chain, and signs what it holds. It reads the
//! outside of changes and never opens one.

mod relate;

use crate::body::{BEGINNING_BYTES_MAX, Beginning};
use crate::platform::Clock;
use crate::store::{Append, Appended, Branch, ChainRow, DeviceRow, Refused, Store, StoreError};
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use relate::{Relation, relate};
use shared::change::{Batch, BatchError, Hash, Head};
use shared::compress::{self, DecompressError};
use shared::ids::Sequence;
use shared::protocol::{PushAnswer, limits};
use std::sync::Arc;
use tokio::sync::Notify;

/// The chain moved while a batch was being compared; after this many tries something else is wrong.
const TRIES_MAX: usize = 8;

/// Why a batch was not taken, or was taken apart.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PushError {
    #[error("larger than a request may be")]
    TooLarge,
    #[error("{0}")]
    Malformed(String),
    #[error("the batch names another device than its credential")]
    OtherDevice,
    #[error("the signature does not fit the batch")]
    Signature,
    #[error("the chain does not continue from what is held")]
    Gap { acknowledged: Sequence },
    /// The batch is durable all the same, on a branch that ends at `acknowledged`.
    #[error("another installation wrote under this name")]
    Fork { acknowledged: Sequence },
    #[error("this device forked more often than can be kept")]
    TooManyForks,
    #[error(transparent)]
    Store(#[from] StoreError),
}

pub struct Courier {
    store: Arc<dyn Store>,
    signing_key: SigningKey,
    clock: Arc<dyn Clock>,
    /// Rung after every append.
    pub arrivals: Arc<Notify>,
}

/// A batch that was read, hashed and checked against its signature.
struct Checked {
    first: Sequence,
    before: Hash,
    hashes: Vec<Hash>,
    signature: [u8; 64],
}

impl Checked {
    fn last(&self) -> Head {
        let sequence = Sequence(self.first.0 + self.hashes.len() as u64 - 1);
        Head { sequence, hash: *self.hashes.last().unwrap_or(&self.before) }
    }
    /// The hash after a sequence of this batch, or before its first.
    fn hash_at(&self, sequence: Sequence) -> Option<Hash> {
        let place = (sequence.0 + 1).checked_sub(self.first.0)?;
        match place {
            0 => Some(self.before),
            place => self.hashes.get(place as usize - 1).copied(),
        }
    }
}

impl Courier {
    pub fn new(store: Arc<dyn Store>, signing_key: SigningKey, clock: Arc<dyn Clock>) -> Self {
        Self { store, signing_key, clock, arrivals: Arc::default() }
    }

    /// Takes a compressed batch from an authenticated device. The answer is given after the commit.
    pub async fn push(&self, device: &DeviceRow, frame: Vec<u8>) -> Result<PushAnswer, PushError> {
        let (whose, key) = ((device.id, device.number), device.signing_key);
        let task = tokio::task::spawn_blocking(move || {
            let checked = check(&frame, whose, key);
            (frame, checked)
        });
        let (frame, checked) = task.await.map_err(|_| StoreError::Closed)?;
        let checked = match checked {
            Ok(checked) => checked,
            Err(error) => {
                self.keep_evidence(device, &error, frame).await?;
                return Err(error);
            }
        };
        match self.append(device, &checked, &frame).await {
            Ok(held) => self.acknowledge(device, held).await,
            Err(error @ (PushError::Gap { .. } | PushError::TooManyForks)) => {
                // Its device may be honest, and needs the answer more than the office needs the evidence.
                let beginning = frame[..frame.len().min(BEGINNING_BYTES_MAX)].to_vec();
                if let Err(why) = self.keep_evidence(device, &error, beginning).await {
                    tracing::warn!(device = device.number.0, %why, "a refused batch was not kept as evidence");
                }
                Err(error)
            }
            Err(error) => Err(error),
        }
    }

    /// Evidence of a request that was over its limit: how large, and how it began.
    pub async fn keep_beginning(&self, device: &DeviceRow, beginning: Beginning) -> Result<(), StoreError> {
        let reason = match beginning.told_bytes {
            Some(bytes) => format!("too-large: {bytes} bytes"),
            None => format!("too-large: more than {} bytes", limits::REQUEST_BYTES_MAX),
        };
        self.keep(device, reason, beginning.bytes).await
    }

    async fn keep_evidence(
        &self,
        device: &DeviceRow,
        error: &PushError,
        body: Vec<u8>,
    ) -> Result<(), StoreError> {
        let reason = match error {
            PushError::TooLarge => "too-large".to_owned(),
            PushError::Malformed(_) => "malformed".to_owned(),
            PushError::OtherDevice => "other-device".to_owned(),
            PushError::Signature => "signature".to_owned(),
            PushError::Gap { acknowledged } => format!("gap: {acknowledged} changes are held"),
            PushError::TooManyForks => "too-many-forks".to_owned(),
            PushError::Fork { .. } | PushError::Store(_) => return Ok(()),
        };
        self.keep(device, reason, body).await
    }

    async fn keep(&self, device: &DeviceRow, reason: String, body: Vec<u8>) -> Result<(), StoreError> {
        self.store.keep_refused(Refused { number: device.number, reason, body, at: self.clock.now() }).await
    }

    /// Where the batch is durable now. A resend of what is held is no error and writes nothing.
    async fn append(&self, device: &DeviceRow, batch: &Checked, body: &[u8]) -> Result<Head, PushError> {
        for _ in 0..TRIES_MAX {
            let family = self.store.family(device.number).await?;
            let mut relations = Vec::with_capacity(family.len());
            for chain in &family {
                relations.push((chain, relate(self.store.as_ref(), chain, batch).await?));
            }
            // A branch holds nothing from before its fork. A batch that begins earlier fits only if another chain
            // holds that part of it.
            let is_held_to = |base: Sequence| {
                batch.first > base
                    || relations.iter().any(|(_, relation)| {
                        matches!(relation, Relation::PartsAfter(head) if head.sequence >= base)
                    })
            };
            let fits = relations.iter().find_map(|(chain, relation)| {
                (*relation == Relation::Continues && is_held_to(chain.base.sequence)).then_some(*chain)
            });
            let Some(chain) = fits else {
                return match self.fork(device, &relations, batch, body).await? {
                    Some(acknowledged) => Err(PushError::Fork { acknowledged }),
                    None => continue,
                };
            };
            let held = match self.extend(chain, batch, body).await? {
                Some(held) => held,
                None => continue,
            };
            return match chain.number == chain.root {
                true => Ok(held),
                false => Err(PushError::Fork { acknowledged: held.sequence }),
            };
        }
        Err(StoreError::Busy.into())
    }

    /// Appends what the chain lacks of the batch; nothing when the chain moved meanwhile.
    async fn extend(
        &self,
        chain: &ChainRow,
        batch: &Checked,
        body: &[u8],
    ) -> Result<Option<Head>, PushError> {
        let head = batch.last();
        if head.sequence <= chain.head.sequence {
            return Ok(Some(chain.head));
        }
        let append = Append {
            number: chain.number,
            expected: chain.head,
            head,
            signature: batch.signature,
            body: body.to_vec(),
            at: self.clock.now(),
        };
        match self.store.append(append).await? {
            Appended::Moved => Ok(None),
            Appended::Durable => {
                self.arrivals.notify_one();
                Ok(Some(head))
            }
        }
    }

    /// No chain of the device continues with this batch. Either something between is missing, or two
    /// installations wrote under one name: then what came is kept as a branch, from the last change that both
    /// have. It gets a device number of its own, because two writers under one number would silently drop each
    /// other's values when they are merged.
    async fn fork(
        &self,
        device: &DeviceRow,
        relations: &[(&ChainRow, Relation)],
        batch: &Checked,
        body: &[u8],
    ) -> Result<Option<Sequence>, PushError> {
        let own = relations.first().ok_or_else(|| StoreError::Damaged("a device without a chain".into()))?;
        let parted = relations.iter().filter_map(|(_, relation)| match relation {
            Relation::PartsAfter(head) => Some(*head),
            _ => None,
        });
        let base = match parted.max_by_key(|head| head.sequence) {
            Some(head) => head,
            None if own.1 == Relation::Beyond => {
                return Err(PushError::Gap { acknowledged: own.0.head.sequence });
            }
            // Already the change before the batch is another one: all of the batch is the branch's own.
            None => Head { sequence: Sequence(batch.first.0 - 1), hash: batch.before },
        };
        let branch = Branch {
            root: device.number,
            base,
            head: batch.last(),
            signature: batch.signature,
            body: body.to_vec(),
            reason: "fork",
            at: self.clock.now(),
        };
        let made = self.store.branch(branch).await?.ok_or(PushError::TooManyForks)?;
        tracing::warn!(
            device = device.number.0,
            branch = made.number.0,
            after = base.sequence.0,
            "a device forked"
        );
        self.arrivals.notify_one();
        Ok(Some(made.head.sequence))
    }

    async fn acknowledge(&self, device: &DeviceRow, acknowledged: Head) -> Result<PushAnswer, PushError> {
        let message = PushAnswer::signed_message(device.id, acknowledged);
        Ok(PushAnswer {
            acknowledged,
            server_time: self.clock.now(),
            epoch: self.store.region_row().await?.epoch,
            countersignature: self.signing_key.sign(&message).to_bytes(),
        })
    }
}

/// Everything about a batch that does not depend on what is held. Decompression is bounded.
fn check(
    frame: &[u8],
    whose: (shared::ids::DeviceId, shared::ids::DeviceNumber),
    signing_key: [u8; 32],
) -> Result<Checked, PushError> {
    let bytes = compress::decompress(frame, limits::BATCH_BYTES_MAX).map_err(|error| match error {
        DecompressError::TooLarge(_) => PushError::TooLarge,
        DecompressError::Malformed => PushError::Malformed(error.to_string()),
    })?;
    let batch = Batch::read(&bytes).map_err(|error| PushError::Malformed(error.to_string()))?;
    if (batch.device, batch.number) != whose {
        return Err(PushError::OtherDevice);
    }
    if batch.changes.iter().any(|change| change.len() > limits::CHANGE_BYTES_MAX) {
        return Err(PushError::TooLarge);
    }
    let hashes = batch.hashes();
    let key = VerifyingKey::from_bytes(&signing_key).map_err(|_| PushError::Signature)?;
    let last = *hashes.last().ok_or(PushError::Malformed(BatchError::Empty.to_string()))?;
    batch.verify(last, &key).map_err(|_| PushError::Signature)?;
    Ok(Checked { first: batch.first, before: batch.before, hashes, signature: batch.signature })
}

#[cfg(test)]
mod tests;
