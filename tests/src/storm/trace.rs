//! What happened in a case, as one number: two runs that did the same in the same order have the same. Bytes have no
//! part in it where chance outside of the seed has: stores encrypt with salts of their own.

use std::hash::{DefaultHasher, Hash, Hasher};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trace {
    hash: u64,
    pub events: u64,
}

impl Trace {
    pub fn note(&mut self, what: impl Hash) {
        // Without keys of the process: the same in every run.
        let mut hasher = DefaultHasher::new();
        (self.hash, what).hash(&mut hasher);
        self.hash = hasher.finish();
        self.events += 1;
    }
    /// What happened beside it, in no order.
    pub fn join(&mut self, other: Trace) {
        self.hash = self.hash.wrapping_add(other.hash);
        self.events += other.events;
    }
    /// What happened within it, as its next event.
    pub fn follow(&mut self, other: Trace) {
        self.note(other.hash);
        self.events += other.events;
    }
}
