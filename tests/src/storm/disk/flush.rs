//! What a flush brings from memory to the platters, and what one that fails loses for good. Linux marks the pages of a
//! flush that failed as clean: programs go on reading what they wrote, and the next flush, which succeeds, knows nothing
//! of it. Never when a flush fails.

use super::medium::{File, Pending};
use crate::sample::Seeded;
use std::collections::BTreeSet;
use std::ops::Range;

/// As the system keeps files in memory.
const PAGE_BYTES: usize = 4096;

/// The pages that a part of a file lies on.
fn pages(offset: usize, length: usize) -> Range<usize> {
    offset / PAGE_BYTES..(offset + length).div_ceil(PAGE_BYTES)
}

impl File {
    pub fn write(&mut self, offset: usize, bytes: &[u8]) {
        put(&mut self.now, offset, bytes);
        for page in pages(offset, bytes.len()) {
            // Written to again, a page is flushed whole, with what was lost of it.
            if self.lost.remove(&page) {
                let (from, to) = (page * PAGE_BYTES, self.now.len().min((page + 1) * PAGE_BYTES));
                self.pending.push(Pending::Write { offset: from, bytes: self.now[from..to].to_vec() });
            }
        }
        self.pending.push(Pending::Write { offset, bytes: bytes.to_vec() });
    }

    pub fn truncate(&mut self, size: usize) {
        self.now.resize(size, 0);
        self.lost.retain(|page| page * PAGE_BYTES < size);
        self.pending.push(Pending::Truncate(size));
    }

    pub fn flush(&mut self) {
        for pending in std::mem::take(&mut self.pending) {
            match pending {
                Pending::Write { offset, bytes } => put(&mut self.durable, offset, &bytes),
                Pending::Truncate(size) => self.durable.resize(size, 0),
            }
        }
    }

    /// Some of the pages that were to be flushed, or all of them, never will be; the others wait for the next flush.
    pub fn fail_to_flush(&mut self, chance: &mut Seeded) {
        let lost_of_4 = 1 + chance.below(4);
        let written = self.pending.iter().flat_map(|pending| match pending {
            Pending::Write { offset, bytes } => pages(*offset, bytes.len()),
            Pending::Truncate(_) => 0..0,
        });
        let dirty: BTreeSet<usize> = written.collect();
        let lost: BTreeSet<usize> = dirty.into_iter().filter(|_| chance.below(4) < lost_of_4).collect();
        for pending in std::mem::take(&mut self.pending) {
            match pending {
                Pending::Truncate(size) => self.pending.push(Pending::Truncate(size)),
                Pending::Write { offset, bytes } => {
                    for page in pages(offset, bytes.len()).filter(|page| !lost.contains(page)) {
                        let from = (page * PAGE_BYTES).max(offset);
                        let to = ((page + 1) * PAGE_BYTES).min(offset + bytes.len());
                        let bytes = bytes[from - offset..to - offset].to_vec();
                        self.pending.push(Pending::Write { offset: from, bytes });
                    }
                }
            }
        }
        self.lost.extend(lost);
    }
}

pub(super) fn put(bytes: &mut Vec<u8>, offset: usize, piece: &[u8]) {
    let end = offset + piece.len();
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    bytes[offset..end].copy_from_slice(piece);
}
