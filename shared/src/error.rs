//! Errors, named by who must act. Code asks `is_permanent`; it never reads an error's text.

use std::fmt;

/// Bytes that are not what they should be. The peer or the disk that gave them must act.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} at byte {position}")]
pub struct Malformed {
    pub what: &'static str,
    pub position: usize,
}

/// Why a change, though whole and signed, is kept apart and not merged. Travels back to its device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rejection {
    /// The payload does not decode.
    Malformed,
    /// The payload is of a version that this build does not read. A newer build may.
    NewerApp,
    /// A clock entry names a device or a sequence that the server never saw.
    UnknownClock,
    /// A field's value breaks a bound: the field's name.
    OutOfBounds(String),
    /// One field is written twice by one change, under one dot: the field's name.
    Twice(String),
    /// The record exists and is of another kind.
    OtherKind,
    /// The change names a bucket that the device may not write to.
    ForeignBucket,
    /// A fact's id was used before for another fact.
    FactRewritten,
}

impl Rejection {
    pub fn code(&self) -> &'static str {
        match self {
            Rejection::Malformed => "malformed",
            Rejection::NewerApp => "newer-app",
            Rejection::UnknownClock => "unknown-clock",
            Rejection::OutOfBounds(_) => "out-of-bounds",
            Rejection::Twice(_) => "twice",
            Rejection::OtherKind => "other-kind",
            Rejection::ForeignBucket => "foreign-bucket",
            Rejection::FactRewritten => "fact-rewritten",
        }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rejection::OutOfBounds(field) | Rejection::Twice(field) => {
                write!(out, "{}: {field}", self.code())
            }
            other => out.write_str(other.code()),
        }
    }
}
