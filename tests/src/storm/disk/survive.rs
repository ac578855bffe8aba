//! What a power cut leaves of a disk: all that was synced, and of the rest whichever 512-byte sectors the seed says,
//! whole or torn, in whatever order they were written. Never what SQLite makes of it.

use super::flush::put;
use super::medium::{Disk, Pending};
use crate::sample::Seeded;
use std::collections::BTreeMap;

const SECTOR_BYTES: usize = 512;
/// One sector in so many is torn: only its beginning, or only its end, was written.
const TORN_ONE_IN: u64 = 12;

/// Files by name, as they lie on a disk that nobody uses.
#[derive(Clone, Debug, Default)]
pub struct Image(pub BTreeMap<String, Vec<u8>>);

impl Image {
    /// Turns one bit of a file over.
    pub fn flip(&mut self, name: &str, bit: usize) {
        if let Some(bytes) = self.0.get_mut(name)
            && let Some(byte) = bytes.get_mut(bit / 8)
        {
            *byte ^= 1 << (bit % 8);
        }
    }
    pub fn bytes(&self, name: &str) -> usize {
        self.0.get(name).map_or(0, Vec::len)
    }
}

impl Disk {
    /// What is left when the power goes now.
    pub fn survivors(&self, seeded: &mut Seeded) -> Image {
        let state = self.state();
        // How much of what was not synced comes through differs from cut to cut: nothing, some, nearly all, all.
        let kept_of_16 = [0, 2, 8, 12, 15, 16][seeded.below(6) as usize];
        let mut names = state.durable_names.clone();
        // File systems bring names to disk in order.
        let renamed = seeded.below(state.renamed.len() as u64 + 1) as usize;
        for renamed in &state.renamed[..renamed] {
            match renamed.file {
                Some(file) => drop(names.insert(renamed.name.clone(), file)),
                None => drop(names.remove(&renamed.name)),
            }
        }
        let mut image = Image::default();
        for (name, file) in names {
            let file = &state.files[file];
            let mut bytes = file.durable.clone();
            for pending in &file.pending {
                match pending {
                    Pending::Truncate(size) if seeded.below(16) < kept_of_16 => bytes.resize(*size, 0),
                    Pending::Truncate(_) => {}
                    Pending::Write { offset, bytes: written } => {
                        survive_write(&mut bytes, *offset, written, kept_of_16, seeded)
                    }
                }
            }
            image.0.insert(name, bytes);
        }
        image
    }
}

fn survive_write(bytes: &mut Vec<u8>, offset: usize, written: &[u8], kept_of_16: u64, seeded: &mut Seeded) {
    let mut from = 0;
    while from < written.len() {
        let to = written.len().min((offset + from) / SECTOR_BYTES * SECTOR_BYTES + SECTOR_BYTES - offset);
        if seeded.below(16) < kept_of_16 {
            let (mut first, mut last) = (from, to);
            if kept_of_16 < 16 && seeded.below(TORN_ONE_IN) == 0 {
                let middle = from + seeded.below((to - from) as u64) as usize;
                if seeded.below(2) == 0 { first = middle } else { last = middle }
            }
            put(bytes, offset + first, &written[first..last]);
        }
        from = to;
    }
}
