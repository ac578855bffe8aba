//! Stories of the consent texts: both languages, plain words, safe defaults.

use super::{ConsentError, Scope, current, find, parse, texts};
use crate::content::Language;

#[test]
fn the_current_version_exists_in_both_languages_with_only_care_on() {
    for language in Language::ALL {
        let text = current(language);
        assert_eq!(text.version, "2026-11");
        let on: Vec<Scope> =
            text.scopes.iter().filter(|scope| scope.default_on).map(|scope| scope.scope).collect();
        assert_eq!(on, [Scope::Care], "a person says yes to the rest");
        assert_eq!(find("2026-11", language), Some(text));
    }
    assert_eq!(find("1999-01", Language::English), None);
}

/// Short sentences are the part of a reading level that a test can hold.
#[test]
fn no_sentence_is_longer_than_a_sixth_grader_reads() {
    for text in texts() {
        let sentences = text.body.iter().chain(text.scopes.iter().map(|scope| &scope.sentence));
        for sentence in sentences.flat_map(|paragraph| paragraph.split(['.', '?', '!'])) {
            assert!(sentence.split_whitespace().count() <= 20, "{sentence}");
        }
    }
}

#[test]
fn scopes_have_stable_keys() {
    assert_eq!(
        Scope::ALL.map(Scope::key),
        ["care", "share_with_partners", "outreach_call", "outreach_text", "outreach_mail", "research"]
    );
    assert!(Scope::ALL.into_iter().all(|scope| Scope::from_key(scope.key()) == Some(scope)));
    assert_eq!(Scope::from_key("marketing"), None);
}

#[test]
fn a_file_that_lacks_a_language_or_a_scope_or_differs_is_refused() {
    let embedded = include_str!("../../../content/core/consent.json");
    let wrong = |from: &str, to: &str| {
        assert!(embedded.contains(from), "{from}");
        match parse(&embedded.replacen(from, to, 1)) {
            Err(ConsentError::Wrong { reason, .. }) => reason,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(wrong("\"language\": \"es\"", "\"language\": \"en\""), "stands twice");
    assert_eq!(wrong("\"version\": \"2026-11\"", "\"version\": \"2026-10\""), "is missing");
    assert_eq!(wrong("\"outreach_call\"", "\"research\""), "must ask for every scope once and in order");
    assert_eq!(wrong("\"default\": false", "\"default\": true"), "has another default than care alone");
    assert_eq!(wrong("\"default\": true", "\"default\": false"), "has another default than care alone");
    let research = embedded.lines().map(|line| match line.contains("\"research\"") {
        true => line.replace("false", "true"),
        false => line.to_owned(),
    });
    assert!(parse(&research.collect::<String>()).is_err(), "agreed to in both languages by nobody");
    assert!(matches!(parse("{\"texts\": 7}"), Err(ConsentError::Unreadable { .. })));
}
