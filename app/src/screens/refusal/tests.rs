//! Every reason of the server has words of its own in both languages.

use super::{told, words};
use crate::store::CLOSED;
use shared::content::Language;
use shared::error::Rejection;
use std::collections::BTreeSet;

#[test]
fn every_reason_has_words_of_its_own_in_both_languages() {
    let reasons = [
        Rejection::Malformed,
        Rejection::NewerApp,
        Rejection::UnknownClock,
        Rejection::OutOfBounds("phone".into()),
        Rejection::Twice("phone".into()),
        Rejection::OtherKind,
        Rejection::ForeignBucket,
        Rejection::FactRewritten,
    ];
    let mut said = BTreeSet::new();
    for language in Language::ALL {
        let unknown = words("a reason of tomorrow", language);
        for reason in &reasons {
            let (code, words) = (reason.to_string(), words(&reason.to_string(), language));
            assert_ne!(words, unknown, "{code}");
            assert!(!words.contains(reason.code()), "{words}");
            assert!(said.insert(words), "{code} says what another says");
            assert!(told(&code, language).ends_with(&code), "the office is told the code");
        }
    }
    assert!(words("out-of-bounds: phone", Language::English).ends_with("(phone)"));
    let closed = format!("{CLOSED}It was a test.");
    assert!(told(&closed, Language::Spanish).ends_with("La oficina dice: It was a test."));
    assert!(words(&closed, Language::English).contains("closed"));
}
