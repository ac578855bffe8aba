//! A van's relay: it keeps what the van's tablets send to the office, and brings it there when it comes by, later than
//! anybody waits, in whatever order, some of it again. It understands nothing of what it carries and nobody trusts it: each
//! batch is signed by its device.

use crate::sample::Seeded;
use std::collections::VecDeque;

/// The oldest make room: a relay has little of it, and each tablet sends again what nobody answered.
const KEPT_MAX: usize = 64;
const DELIVERED_AT_ONCE_MAX: u64 = 12;

#[derive(Default)]
pub struct Relay {
    kept: VecDeque<Vec<u8>>,
}

impl Relay {
    /// Keeps a batch as it was sent.
    pub fn keep(&mut self, batch: &[u8]) {
        if self.kept.len() == KEPT_MAX {
            self.kept.pop_front();
        }
        self.kept.push_back(batch.to_vec());
    }

    /// What it brings this time. Half of it stays on the relay and comes again.
    pub fn deliver(&mut self, seeded: &mut Seeded) -> Vec<Vec<u8>> {
        let mut brought = Vec::new();
        for _ in 0..seeded.below(DELIVERED_AT_ONCE_MAX + 1) {
            if self.kept.is_empty() {
                break;
            }
            let place = seeded.below(self.kept.len() as u64) as usize;
            match seeded.below(2) {
                0 => brought.extend(self.kept.remove(place)),
                _ => brought.push(self.kept[place].clone()),
            }
        }
        brought
    }
}
