//! Version vectors: which writes a writer had seen.

use crate::cbor::{Reader, Writer};
use crate::error::Malformed;
use crate::ids::{DeviceNumber, Sequence};
use crdts::{CmRDT, Dot, VClock};

/// One device's part of a clock: every write of it up to this sequence was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClockEntry {
    pub device: DeviceNumber,
    pub sequence: Sequence,
}

/// A version vector as a list of entries, in order of device, each device once.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Clock(Vec<ClockEntry>);

impl Clock {
    pub fn entries(&self) -> &[ClockEntry] {
        &self.0
    }
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// Whether a write had been seen.
    pub fn covers(&self, dot: ClockEntry) -> bool {
        self.0.iter().any(|entry| entry.device == dot.device && entry.sequence >= dot.sequence)
    }
    /// Raises the entry of one device.
    pub fn raise(&mut self, entry: ClockEntry) {
        match self.0.binary_search_by_key(&entry.device, |known| known.device) {
            Ok(at) => self.0[at].sequence = self.0[at].sequence.max(entry.sequence),
            Err(at) => self.0.insert(at, entry),
        }
    }
    pub(super) fn with(&self, entry: ClockEntry) -> VClock<u32> {
        let mut clock = VClock::new();
        for entry in self.0.iter().chain([&entry]) {
            clock.apply(Dot::new(entry.device.0, entry.sequence.0));
        }
        clock
    }
    pub fn write(&self, out: &mut Writer) {
        out.array(self.0.len() * 2);
        for entry in &self.0 {
            out.unsigned(entry.device.0.into()).unsigned(entry.sequence.0);
        }
    }
    pub fn read(input: &mut Reader<'_>) -> Result<Clock, Malformed> {
        let length = input.array("a clock")?;
        if length % 2 != 0 {
            return Err(input.malformed("a clock"));
        }
        let mut entries: Vec<ClockEntry> = Vec::with_capacity((length / 2).min(16));
        for _ in 0..length / 2 {
            let device = DeviceNumber(input.unsigned_32("a device number")?);
            let sequence = Sequence(input.unsigned("a sequence")?);
            if entries.last().is_some_and(|last| last.device >= device)
                || sequence == Sequence(0)
                || sequence > Sequence::LARGEST
            {
                return Err(input.malformed("a clock's entries"));
            }
            entries.push(ClockEntry { device, sequence });
        }
        Ok(Clock(entries))
    }
}
