//! Where a case's randomness comes from: the run's seed and the case's number, and nothing else.

use crate::sample::Seeded;

/// One case of a storm.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    pub seed: u64,
    pub number: u64,
    /// How much of its storm's unit a case tries that can be of any size.
    pub size: u64,
}

impl Case {
    /// A source of its own for this case; `purpose` keeps draws for one thing from moving those for another.
    pub fn seeded(&self, purpose: u64) -> Seeded {
        let mut mixed = Seeded(self.seed);
        let first = mixed.draw() ^ self.number.wrapping_mul(0xD6E8_FEB8_6659_FD93);
        let mut mixed = Seeded(first);
        Seeded(mixed.draw() ^ purpose.wrapping_mul(0xA24B_AED4_963E_E407))
    }
}
