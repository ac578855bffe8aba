//! What is asked, measured and said under one release of packs: a core with its overlays, composed and whole.

use super::handout::{Contact, HandoutText, Silent};
use super::manifest::Version;
use super::protocol::{AlertRule, Ask, Does, Step};
use crate::content::consent::ConsentText;
use crate::content::gaps::GapCatalog;
use crate::content::language::Language;
use crate::content::measurements::Catalog;
use crate::content::quantity::Quantity;
use crate::content::questionnaire::Questionnaire;
use std::fmt;

/// One composed content. It is whole: whatever one part names, another part has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The core, then its overlays in order.
    pub packs: Vec<PackName>,
    pub catalog: Catalog,
    pub forms: Vec<Questionnaire>,
    pub gaps: GapCatalog,
    /// In the order of a visit.
    pub steps: Vec<Step>,
    pub alerts: Vec<AlertRule>,
    pub consent: Vec<ConsentText>,
    pub handout: Vec<HandoutText>,
    /// Public places that help, in the order of the packs.
    pub contacts: Vec<Contact>,
    /// Needs about which the page that a person takes home says nothing, on purpose.
    pub silent: Vec<Silent>,
    /// All that overlays changed.
    pub differences: Vec<Difference>,
}

/// One pack of a content, by what it is called and by what is in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PackName {
    pub id: String,
    pub version: Version,
    /// BLAKE3 of its files.
    pub hash: [u8; 32],
}

/// One thing that an overlay changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub pack: String,
    pub what: What,
    pub item: String,
    pub detail: String,
    /// In the region's words; empty for what is added.
    pub reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    Added,
    Tightened,
    SwitchedOff,
    /// Nothing changed, but somebody should look.
    Noted,
}

impl Content {
    /// How a response names what it was asked under: `caravan-core 2026.11.1 + gulf-sample 1.0.0`.
    pub fn name(&self) -> String {
        let names: Vec<String> =
            self.packs.iter().map(|pack| format!("{} {}", pack.id, pack.version)).collect();
        names.join(" + ")
    }

    /// The questionnaire of an id.
    pub fn form(&self, id: &str) -> Option<&Questionnaire> {
        self.forms.iter().find(|form| form.id() == Some(id))
    }

    /// The questionnaire of a canonical address; with a `|version` behind it, only that version.
    pub fn form_of(&self, canonical: &str) -> Option<&Questionnaire> {
        let (url, version) =
            canonical.split_once('|').map_or((canonical, None), |(url, version)| (url, Some(version)));
        self.forms
            .iter()
            .find(|form| form.url == url && version.is_none_or(|version| form.version == version))
    }

    pub fn handout_text(&self, id: &str) -> Option<&HandoutText> {
        self.handout.iter().find(|text| text.id == id)
    }

    pub fn contact(&self, id: &str) -> Option<&Contact> {
        self.contacts.iter().find(|contact| contact.id == id)
    }

    /// Forms that a visit of somebody of this age asks, in order. One that a positive answer brings is not among them.
    pub fn forms_asked(&self, age_years: Option<i32>) -> impl Iterator<Item = &Questionnaire> {
        self.forms_of(Ask::Always, age_years)
    }

    /// Forms that staff may choose beside, in order.
    pub fn forms_offered(&self, age_years: Option<i32>) -> impl Iterator<Item = &Questionnaire> {
        self.forms_of(Ask::Offered, age_years)
    }

    fn forms_of(&self, ask: Ask, age_years: Option<i32>) -> impl Iterator<Item = &Questionnaire> {
        let steps = self.steps.iter().filter(move |step| step.ask == ask && step.audience.holds(age_years));
        steps.filter_map(|step| match &step.does {
            Does::Form(id) => self.form(id),
            Does::Measure(_) => None,
        })
    }

    /// The alerts that values raise, by their measurements' keys.
    pub fn alerts_raised(&self, values: &[(&str, Quantity)]) -> Vec<&AlertRule> {
        self.alerts.iter().filter(|alert| alert.is_raised(values)).collect()
    }

    /// The newest consent text, which new consents are taken on.
    pub fn consent_text(&self, language: Language) -> Option<&ConsentText> {
        self.consent.iter().filter(|text| text.language == language).max_by_key(|text| &text.version)
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.what {
            What::Added => "adds",
            What::Tightened => "tightens",
            What::SwitchedOff => "switches off",
            What::Noted => "note",
        };
        write!(out, "{} {what}: {}", self.pack, self.item)?;
        for part in [&self.detail, &self.reason].into_iter().filter(|part| !part.is_empty()) {
            write!(out, "; {part}")?;
        }
        Ok(())
    }
}
