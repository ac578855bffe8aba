//! The languages a van speaks, and words that may exist in one or both of them.
//! Never the words of screens, which belong to the app's translations.

use serde::{Deserialize, Serialize};

/// A language that staff or the person being screened can choose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Language {
    #[default]
    #[serde(rename = "en")]
    English,
    #[serde(rename = "es")]
    Spanish,
}

impl Language {
    /// All languages, in the order in which a chooser lists them.
    pub const ALL: [Language; 2] = [Language::English, Language::Spanish];

    /// The BCP 47 tag, as used in FHIR and in files: `en` or `es`.
    pub fn tag(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Spanish => "es",
        }
    }

    /// The language of a BCP 47 tag, with or without a region (`es`, `es-US`); `None` for any other.
    pub fn from_tag(tag: &str) -> Option<Language> {
        let primary = tag.split(['-', '_']).next().unwrap_or(tag);
        Language::ALL.into_iter().find(|language| primary.eq_ignore_ascii_case(language.tag()))
    }
}

/// English words, with Spanish ones only where somebody was entitled to write them.
///
/// The wording of a questionnaire is part of the instrument: without an official translation the English
/// wording is shown and marked, and nobody improvises one on a screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    pub english: String,
    pub spanish: Option<String>,
}

/// What is to be shown, and whether it is in the language that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said<'a> {
    pub text: &'a str,
    /// `false` when the words exist only in English and Spanish was asked for.
    pub translated: bool,
}

impl Words {
    /// Words in both languages.
    pub fn both(english: impl Into<String>, spanish: impl Into<String>) -> Words {
        Words { english: english.into(), spanish: Some(spanish.into()) }
    }

    /// The words in a language, or the English ones marked as not translated.
    pub fn say(&self, language: Language) -> Said<'_> {
        match (language, &self.spanish) {
            (Language::English, _) => Said { text: &self.english, translated: true },
            (Language::Spanish, Some(spanish)) => Said { text: spanish, translated: true },
            (Language::Spanish, None) => Said { text: &self.english, translated: false },
        }
    }

    /// The words in a language, for places where the mark is shown elsewhere.
    pub fn text(&self, language: Language) -> &str {
        self.say(language).text
    }
}

#[cfg(test)]
mod tests;
