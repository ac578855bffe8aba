//! What a person is asked to agree to, in words they understand: one version in two languages.
//! Never a decision that somebody made, which is a fact of the visit and names the version it was made on.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::language::Language;

/// One version of the text in one language.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsentText {
    /// Year and month in which the version came into use, `2026-11`. A released version never changes.
    pub version: String,
    pub language: Language,
    pub title: String,
    /// Paragraphs, in order.
    pub body: Vec<String>,
    /// Every scope once, in the order in which they are asked.
    pub scopes: Vec<ScopeText>,
}

/// One thing that a person agrees to or not, in one plain sentence.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeText {
    pub scope: Scope,
    pub sentence: String,
    /// What the switch shows before anybody touched it. Only care is on: a person says yes to the rest, and
    /// nobody has to find out how to say no.
    #[serde(rename = "default")]
    pub default_on: bool,
}

/// What can be agreed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// To be screened today and the care team to see the results.
    Care,
    /// To give community partners what a referral needs.
    ShareWithPartners,
    /// To be called about care that is still missing.
    OutreachCall,
    /// To get text messages about it.
    OutreachText,
    /// To get e-mail about it.
    OutreachMail,
    /// To use answers without the name for studies.
    Research,
}

/// Why a file of texts was refused; it arises only when a changed file is loaded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConsentError {
    /// The file is not JSON of texts; the reason names line and field.
    #[error("the consent texts cannot be read: {reason}")]
    Unreadable { reason: String },
    /// A text is missing, stands twice, does not ask for every scope, or takes more than care for granted.
    #[error("consent {version} in {}: {reason}", language.tag())]
    Wrong { version: String, language: Language, reason: &'static str },
}

#[derive(Deserialize)]
struct TextFile {
    texts: Vec<ConsentText>,
}

impl Scope {
    /// Every scope, in the order in which they are asked.
    pub const ALL: [Scope; 6] = [
        Scope::Care,
        Scope::ShareWithPartners,
        Scope::OutreachCall,
        Scope::OutreachText,
        Scope::OutreachMail,
        Scope::Research,
    ];

    /// The stable key, as in records and files: such as `share_with_partners`.
    pub fn key(self) -> &'static str {
        match self {
            Scope::Care => "care",
            Scope::ShareWithPartners => "share_with_partners",
            Scope::OutreachCall => "outreach_call",
            Scope::OutreachText => "outreach_text",
            Scope::OutreachMail => "outreach_mail",
            Scope::Research => "research",
        }
    }

    /// The scope of a key.
    pub fn from_key(key: &str) -> Option<Scope> {
        Scope::ALL.into_iter().find(|scope| scope.key() == key)
    }
}

/// Reads texts in the shape of `consent.json`. Every version must exist once in each language, ask for
/// every scope, and take nothing but care for granted.
pub fn parse(json: &str) -> Result<Vec<ConsentText>, ConsentError> {
    let file: TextFile =
        serde_json::from_str(json).map_err(|error| ConsentError::Unreadable { reason: error.to_string() })?;
    let versions: BTreeSet<&str> = file.texts.iter().map(|text| text.version.as_str()).collect();
    for version in versions {
        for language in Language::ALL {
            let wrong = |reason| ConsentError::Wrong { version: version.to_owned(), language, reason };
            let mut same =
                file.texts.iter().filter(|text| text.version == version && text.language == language);
            let text = same.next().ok_or_else(|| wrong("is missing"))?;
            if same.next().is_some() {
                return Err(wrong("stands twice"));
            }
            if !text.scopes.iter().map(|scope| scope.scope).eq(Scope::ALL) {
                return Err(wrong("must ask for every scope once and in order"));
            }
            if text.scopes.iter().any(|scope| scope.default_on != (scope.scope == Scope::Care)) {
                return Err(wrong("has another default than care alone"));
            }
        }
    }
    Ok(file.texts)
}

/// Every embedded text.
pub fn texts() -> &'static [ConsentText] {
    &super::pack::embedded().consent
}

/// The newest version, which new consents are taken on.
pub fn current(language: Language) -> &'static ConsentText {
    let newest = texts().iter().filter(|text| text.language == language).max_by_key(|text| &text.version);
    newest.expect("parsing refuses a file without a text in each language, and the embedded file has one")
}

/// The text that an earlier consent was taken on, for showing what was agreed to.
pub fn find(version: &str, language: Language) -> Option<&'static ConsentText> {
    texts().iter().find(|text| text.version == version && text.language == language)
}

#[cfg(test)]
mod tests;
