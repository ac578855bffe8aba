//! Caravan's pure middle: records, changes, merge, sync and rules. Nothing in here reads a clock, a disk, a
//! network or a source of randomness; each arrives as an argument. In reading order.

pub mod ids;
pub mod time;

pub mod record;

pub mod merge;

pub mod change;

pub mod domain;

pub mod content;

pub mod draft;

pub mod project;

pub mod fhir;

pub mod protocol;

pub mod sync;

pub mod cbor;
pub mod compress;
pub mod error;
