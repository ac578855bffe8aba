//! One way into every target: its seeds, what is kept of it, and inputs near both.

mod near;

use super::memory::peak_of;
use std::path::{Path, PathBuf};

/// What a decoder may allocate for each byte of its input, and beside that.
const BYTES_A_BYTE_MAX: usize = 256;
const BYTES_BESIDE_MAX: usize = 256 * 1024;

/// One reader of bytes that nobody vouches for, and what must hold whatever it is given.
struct Target<'t> {
    /// Also its folder's name.
    name: &'static str,
    seeds: Vec<Vec<u8>>,
    /// So many bytes are read beside every input, and may take their share of memory.
    beside: usize,
    check: &'t dyn Fn(&[u8]),
}

pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// What is kept of a target: `corpus`, and `crashes`, which once failed.
fn kept_of(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/__fuzz__").join(name)
}

/// Runs `check` over everything that is kept of `name`, its seeds as they are, and more.
pub fn run(name: &'static str, seeds: Vec<Vec<u8>>, check: impl Fn(&[u8])) {
    run_beside(0, name, seeds, check);
}

/// The same where so many bytes are read with every input, which may take their share of memory.
pub fn run_beside(beside: usize, name: &'static str, seeds: Vec<Vec<u8>>, check: impl Fn(&[u8])) {
    near::run(&Target { name, seeds, beside, check: &check });
}

impl Target<'_> {
    /// Whatever the input says, memory follows its length.
    fn bounded(&self, bytes: &[u8]) {
        let ((), peak) = peak_of(|| (self.check)(bytes));
        let most = (bytes.len() + self.beside) * BYTES_A_BYTE_MAX + BYTES_BESIDE_MAX;
        assert!(peak <= most, "{} bytes of input took {peak} bytes of memory", bytes.len());
    }
}
