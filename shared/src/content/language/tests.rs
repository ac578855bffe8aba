//! Stories of languages and words. Never loads data.

use super::{Language, Said, Words};

#[test]
fn tags_are_read_with_and_without_a_region() {
    for (tag, language) in [
        ("en", Some(Language::English)),
        ("es", Some(Language::Spanish)),
        ("es-US", Some(Language::Spanish)),
        ("ES_mx", Some(Language::Spanish)),
        ("fr", None),
        ("", None),
        ("est", None),
    ] {
        assert_eq!(Language::from_tag(tag), language, "{tag}");
    }
}

#[test]
fn words_without_spanish_are_shown_in_english_and_say_so() {
    let words = Words { english: "Mold".into(), spanish: None };
    assert_eq!(words.say(Language::Spanish), Said { text: "Mold", translated: false });
    assert_eq!(words.say(Language::English), Said { text: "Mold", translated: true });
    assert_eq!(Words::both("Weight", "Peso").say(Language::Spanish), Said { text: "Peso", translated: true });
}
