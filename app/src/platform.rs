//! The only room that asks the machine: what time it is, for randomness, and which machine it is.

use crypto_box::aead::rand_core::{self, CryptoRng, RngCore};
use shared::ids::Entropy;
use shared::time::Timestamp;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// The machine's wall clock.
pub fn now() -> Timestamp {
    Timestamp::from_milliseconds(chrono::Utc::now().timestamp_millis())
}

/// The operating system's randomness.
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&mut self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives randomness");
    }
}

/// `LENGTH` random bytes.
pub fn random<const LENGTH: usize>() -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    SystemEntropy.fill(&mut bytes);
    bytes
}
