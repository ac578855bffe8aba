//! The questionnaires of the core pack that every build carries.
//! Never one of a region or a release, which come with a content of their own.

use super::Questionnaire;
use crate::content::pack::embedded;

/// The canonical address of our questionnaires, before the id. `.invalid` belongs to nobody (RFC 2606): a
/// plan that publishes them puts its own address in the files.
pub const CANONICAL_BASE: &str = "https://caravan.invalid/fhir/Questionnaire/";

/// Every embedded questionnaire, in the order in which a chooser lists them.
pub fn all() -> &'static [Questionnaire] {
    &embedded().forms
}

/// The embedded questionnaire of an id, such as `phq-2`.
pub fn by_id(id: &str) -> Option<&'static Questionnaire> {
    embedded().form(id)
}

/// The embedded questionnaire of a canonical address. With a `|version` behind it, only that version.
pub fn by_url(canonical: &str) -> Option<&'static Questionnaire> {
    embedded().form_of(canonical)
}
