//! One field: a multi-value register. Concurrent writes are all kept until one write that saw them all.

use super::clock::{Clock, ClockEntry};
use crate::ids::{DeviceNumber, Sequence, StaffId};
use crate::record::Value;
use crate::time::Stamp;
use crdts::{CmRDT, MVReg, mvreg};

/// Who wrote: the dot (device and sequence), when by the hybrid clock, and which member of staff.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Author {
    pub device: DeviceNumber,
    pub sequence: Sequence,
    pub stamp: Stamp,
    pub staff: StaffId,
}

impl Author {
    pub fn dot(&self) -> ClockEntry {
        ClockEntry { device: self.device, sequence: self.sequence }
    }
}

/// One write of one field: its author, what had been read, the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    pub author: Author,
    pub read: Clock,
    pub value: Value,
}

/// A field's register.
#[derive(Clone, Debug, Default)]
pub(super) struct Register(MVReg<Written, u32>);

impl Register {
    /// Takes one write in. Repeating it changes nothing.
    pub fn apply(&mut self, written: Written) {
        let clock = written.read.with(written.author.dot());
        self.0.apply(mvreg::Op::Put { clock, val: written });
    }
    /// The writes that no other write has superseded, in order of device and sequence.
    pub fn values(&self) -> Vec<Written> {
        let mut values = self.0.read().val;
        values.sort_by_key(|written| written.author.dot());
        values
    }
}
