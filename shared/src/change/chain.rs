//! The hash chain of one device's log, BLAKE3: each hash covers the change before it and the change's bytes.
//! Heads are signed, not every change: a signature over a head covers all that came before.

use crate::ids::{DeviceId, DeviceNumber, Sequence};
use std::fmt;
use std::sync::LazyLock;

/// A link of the chain.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash(pub [u8; 32]);

impl fmt::Debug for Hash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in &self.0[..8] {
            write!(out, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl Hash {
    /// What stands before a device's first change.
    pub fn genesis(device: DeviceId, number: DeviceNumber) -> Hash {
        let mut hasher = blake3::Hasher::new_derive_key("caravan 2026-11 genesis of a device's chain");
        hasher.update(device.as_bytes()).update(&number.0.to_be_bytes());
        Hash(*hasher.finalize().as_bytes())
    }
    /// The hash after one more change.
    pub fn after(self, envelope: &[u8]) -> Hash {
        // Deriving the key anew for each link would cost a fifth of it.
        static LINK: LazyLock<blake3::Hasher> =
            LazyLock::new(|| blake3::Hasher::new_derive_key("caravan 2026-11 link of a device's chain"));
        let mut hasher = LINK.clone();
        hasher.update(&self.0).update(envelope);
        Hash(*hasher.finalize().as_bytes())
    }
}

/// Where a chain stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    pub sequence: Sequence,
    pub hash: Hash,
}

impl Head {
    pub fn genesis(device: DeviceId, number: DeviceNumber) -> Head {
        Head { sequence: Sequence(0), hash: Hash::genesis(device, number) }
    }
}

/// The bytes that a head's signature covers; `purpose` keeps one kind of signature from passing as another.
pub fn head_message(purpose: &str, device: DeviceId, head: Head) -> Vec<u8> {
    let mut message = Vec::with_capacity(purpose.len() + 57);
    message.extend_from_slice(purpose.as_bytes());
    message.push(0);
    message.extend_from_slice(device.as_bytes());
    message.extend_from_slice(&head.sequence.0.to_be_bytes());
    message.extend_from_slice(&head.hash.0);
    message
}
