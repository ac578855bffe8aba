//! Two people wrote one field apart, and both are right: which fields can hold both, and how. A field that is not named
//! here holds one value; sex, birth date, tobacco status and cover are never two. Consent is a fact and never merges.
//! Telephone, e-mail and address never ask a person: their policy shows the latest.

use super::care_gap::{CareGap, care_gap_fields};
use super::visit::{Visit, visit_fields};
use crate::record::{FieldKey, FieldNumber, Kind, KindNumber, Value};

/// A joined text is no longer than staff can type into a note.
const JOINED_CHARACTERS_MAX: usize = 2_000;

/// Fields that hold remarks, and what stands between two of them.
const REMARKS: &[(KindNumber, FieldNumber, &str)] = &[
    (Visit::KIND.number, visit_fields::note, "\n"),
    (Visit::KIND.number, visit_fields::identifiers_confirmed, ", "),
    (CareGap::KIND.number, care_gap_fields::reason, "; "),
];

/// One value that says everything that `values` say, in their order and each thing once; nothing where the field holds
/// one value, where one of them was cleared, or where all would be too long.
pub fn both(kind: &Kind, key: &FieldKey, values: &[Value]) -> Option<Value> {
    let is_meant = |(of, field, _): &&(KindNumber, FieldNumber, &str)| {
        *of == kind.number && *field == key.field && key.member.is_none()
    };
    let (_, _, between) = REMARKS.iter().find(is_meant)?;
    let mut parts: Vec<&str> = Vec::new();
    for value in values {
        let Value::Text(text) = value else { return None };
        for part in text.split(between).map(str::trim).filter(|part| !part.is_empty()) {
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
    }
    let joined = parts.join(between);
    let fits = parts.len() > 1 && joined.chars().count() <= JOINED_CHARACTERS_MAX;
    fits.then_some(Value::Text(joined))
}
