//! A branch's clocks. After a fork two installations count under one number: the change 41 of one is not the
//! change 41 of the other. So the branch is folded under a number of its own, and what it had read of its own
//! writes since the fork is renamed with it. What it read of others stays.

use crate::store::ChainRow;
use shared::ids::Sequence;
use shared::merge::{Clock, ClockEntry};

/// The clock as it reads under the chain's own number.
pub(super) fn renamed(chain: &ChainRow, sequence: Sequence, read: &Clock) -> Clock {
    let mut clock = Clock::default();
    for entry in read.entries() {
        let is_own = entry.device == chain.root && entry.sequence > chain.base.sequence;
        if !is_own {
            clock.raise(*entry);
            continue;
        }
        // Up to the fork both installations wrote the same, and all of it had been read.
        if chain.base.sequence > Sequence(0) {
            clock.raise(ClockEntry { device: chain.root, sequence: chain.base.sequence });
        }
        // A branch that merged the other installation's states may name sequences that it never wrote itself.
        // Claiming less than was read is safe: at worst two values stand that a person settles.
        let own = entry.sequence.min(Sequence(sequence.0 - 1));
        if own > chain.base.sequence {
            clock.raise(ClockEntry { device: chain.number, sequence: own });
        }
    }
    clock
}
