//! Raw input on its way in. `check` gives either values that nobody checks again, or every field's error at once,
//! in the person's language. What was typed stays with the screen; a draft with errors writes nothing.

mod person;
mod vitals;
mod words;

pub use person::{PersonDraft, PersonRules};
pub use vitals::{CheckedVital, VitalDraft, VitalError, VitalValue};
pub use words::{FieldError, Reason};

#[cfg(test)]
mod tests;
