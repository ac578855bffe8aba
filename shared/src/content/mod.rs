//! What the vans ask, measure and say: data files and their typed loaders, all embedded in the program.
//! Never a person's data, never a rule of who may see what, never a read from disk.
//!
//! In reading order: the two languages, exact numbers, what is measured and how a value is judged, what follows from
//! values, what is asked and how an answer is scored, what is consented to, which care may be missing, and the packs that
//! all of it comes in. Where each figure
//! and text comes from is in `shared/content/core/README.md`.

pub mod language;
pub mod quantity;
pub mod sex;

pub mod measurements;

pub mod blood_pressure;
pub mod body_mass;
pub mod calculated;
pub mod hearing;
pub mod lipids;
pub mod units;

pub mod questionnaire;

pub mod consent;
pub mod gaps;

pub mod pack;

pub use language::{Language, Said, Words};
pub use quantity::{Quantity, QuantityError};
pub use sex::Sex;
