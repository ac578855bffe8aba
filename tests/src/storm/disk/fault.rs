//! What goes wrong with a disk, and at which operation. Never what is left of it.

use crate::sample::Seeded;
use rusqlite::ffi;
use std::ffi::c_int;

/// What SQLite asked for.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    Open,
    /// Whether a file is there.
    Look,
    /// How large a file is.
    Size,
    /// A lock of a file or of a slot of its shared memory.
    Lock,
    Read,
    Write,
    /// A write past the end of the file.
    Grow,
    Truncate,
    Sync,
    Delete,
    /// A new region of shared memory, which is a file on disk as well.
    Map,
}

impl Operation {
    /// Whether it changes what is, or will be, on the platters.
    fn changes(self) -> bool {
        match self {
            Operation::Write
            | Operation::Grow
            | Operation::Truncate
            | Operation::Sync
            | Operation::Delete => true,
            Operation::Open
            | Operation::Look
            | Operation::Size
            | Operation::Lock
            | Operation::Read
            | Operation::Map => false,
        }
    }
    fn needs_room(self) -> bool {
        matches!(self, Operation::Grow | Operation::Map)
    }
    fn io_error(self) -> c_int {
        match self {
            Operation::Open => ffi::SQLITE_CANTOPEN,
            Operation::Look => ffi::SQLITE_IOERR_ACCESS,
            Operation::Size => ffi::SQLITE_IOERR_FSTAT,
            Operation::Lock => ffi::SQLITE_IOERR_LOCK,
            Operation::Read => ffi::SQLITE_IOERR_READ,
            Operation::Write | Operation::Grow => ffi::SQLITE_IOERR_WRITE,
            Operation::Truncate => ffi::SQLITE_IOERR_TRUNCATE,
            Operation::Sync => ffi::SQLITE_IOERR_FSYNC,
            Operation::Delete => ffi::SQLITE_IOERR_DELETE,
            Operation::Map => ffi::SQLITE_IOERR_SHMMAP,
        }
    }
}

/// The plan, and how far it has come.
#[derive(Clone, Copy, Default)]
pub struct Fault {
    kind: Kind,
    /// The operation at which it happens, counted from 1.
    at: u64,
    pub count: u64,
    pub has_struck: bool,
    /// Decides which pages a flush that fails loses.
    luck: u64,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    None,
    /// The power goes with the n-th change; nothing works after it.
    Cut,
    /// The n-th operation fails, once.
    Broken,
    /// Every operation from the n-th on fails, until it is mended.
    BrokenForGood,
    /// From the n-th operation on nothing grows, until there is room.
    Full,
}

/// How much of an operation takes place.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    Whole,
    /// It is on its way when the power goes.
    Cut,
}

impl Fault {
    fn new(kind: Kind, at: u64) -> Fault {
        Fault { kind, at, count: 0, has_struck: false, luck: at }
    }
    pub fn none() -> Fault {
        Fault::default()
    }
    pub fn cut(at: u64) -> Fault {
        Fault::new(Kind::Cut, at)
    }
    pub fn broken(at: u64) -> Fault {
        Fault::new(Kind::Broken, at)
    }
    pub fn broken_for_good(at: u64) -> Fault {
        Fault::new(Kind::BrokenForGood, at)
    }
    pub fn full(at: u64) -> Fault {
        Fault::new(Kind::Full, at)
    }

    /// The same fault with other luck.
    pub fn drawn_by(self, seeded: &mut Seeded) -> Fault {
        Fault { luck: seeded.draw(), ..self }
    }

    /// What chance decides at the operation that was judged last.
    pub(super) fn chance(&self) -> Seeded {
        Seeded(self.luck ^ self.count.wrapping_mul(0xA24B_AED4_963E_E407))
    }

    pub fn is_dead(&self) -> bool {
        self.kind == Kind::Cut && self.has_struck
    }

    /// Whether an operation takes place, and how far.
    pub(super) fn judge(&mut self, operation: Operation) -> Result<Verdict, c_int> {
        if self.is_dead() {
            return Err(ffi::SQLITE_IOERR);
        }
        if self.kind != Kind::Cut || operation.changes() {
            self.count += 1;
        }
        let is_due = self.count >= self.at;
        match self.kind {
            Kind::None => {}
            Kind::Cut if operation.changes() && is_due => {
                self.has_struck = true;
                return Ok(Verdict::Cut);
            }
            Kind::Broken if self.count == self.at => {
                self.has_struck = true;
                return Err(operation.io_error());
            }
            Kind::BrokenForGood if is_due => {
                self.has_struck = true;
                return Err(operation.io_error());
            }
            Kind::Full if is_due && operation.needs_room() => {
                self.has_struck = true;
                return Err(ffi::SQLITE_FULL);
            }
            Kind::Cut | Kind::Broken | Kind::BrokenForGood | Kind::Full => {}
        }
        Ok(Verdict::Whole)
    }

    /// What the caller hears of an operation that took place.
    pub(super) fn end(&self, verdict: Verdict) -> Result<(), c_int> {
        match verdict {
            Verdict::Whole => Ok(()),
            Verdict::Cut => Err(ffi::SQLITE_IOERR),
        }
    }
}
