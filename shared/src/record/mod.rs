//! What a record is made of: values, fields with their declared merge policy, kinds, and immutable facts.
//! How concurrent writes are merged lives in `merge`; what the kinds mean lives in `domain`.

mod declare;
mod fact;
mod field;
mod value;

pub use declare::{FieldType, push_values};
pub use fact::Fact;
pub use field::{FieldDefinition, FieldKey, FieldNumber, Kind, KindNumber, Policy};
pub use value::{Decimal, LIST_DEPTH_MAX, TEXT_BYTES_MAX, Value};

pub(crate) use declare::{coded_values, fact_kind, record_kind};

#[cfg(test)]
mod tests;
