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

/// The same randomness, as the sealing of messages asks for it.
impl RngCore for SystemEntropy {
    fn next_u32(&mut self) -> u32 {
        u32::from_be_bytes(random())
    }
    fn next_u64(&mut self) -> u64 {
        u64::from_be_bytes(random())
    }
    fn fill_bytes(&mut self, bytes: &mut [u8]) {
        self.fill(bytes);
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), rand_core::Error> {
        self.fill(bytes);
        Ok(())
    }
}

impl CryptoRng for SystemEntropy {}

/// Which machine and which disk a folder lies on, as one number: the system's own id, the board's serial number and the
/// disk's. Only what every account may read is asked, so that the answer does not depend on who asks; what a machine
/// does not tell counts as nothing.
pub fn machine(folder: &Path) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_derive_key("caravan 2026-11 which machine this is");
    let mut take = |path: &Path| {
        let told = fs::read(path).unwrap_or_default();
        hasher.update(&(told.len() as u64).to_be_bytes()).update(&told);
    };
    take(Path::new("/etc/machine-id"));
    take(Path::new("/proc/device-tree/serial-number"));
    if let Some(disk) = disk_of(folder) {
        for name in ["device/cid", "device/serial", "device/wwid", "wwid"] {
            take(&disk.join(name));
        }
    }
    *hasher.finalize().as_bytes()
}

/// The kernel's page about the whole disk that holds a folder.
fn disk_of(folder: &Path) -> Option<std::path::PathBuf> {
    let number = fs::metadata(folder).ok()?.dev();
    let (major, minor) = ((number >> 8) & 0xfff, (number & 0xff) | ((number >> 12) & 0xfff00));
    let page = fs::canonicalize(format!("/sys/dev/block/{major}:{minor}")).ok()?;
    // A partition's page lies in its disk's.
    if page.join("partition").exists() { page.parent().map(Path::to_owned) } else { Some(page) }
}

/// `LENGTH` random bytes.
pub fn random<const LENGTH: usize>() -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    SystemEntropy.fill(&mut bytes);
    bytes
}
