//! The page that a person takes home: what a finding means, what to do about it, and which public places help. Words
//! and conditions are data of a pack; choosing among them is here. Never a person's name, and never a diagnosis.

mod rows;

use super::content::Content;
use super::findings::Findings;
use super::protocol::{Grounds, Step};
use crate::content::blood_pressure::Category;
use crate::content::language::Words;
use crate::content::measurements::Measurement;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fmt;

pub(super) use rows::HandoutFile;
use rows::{ContactRow, TextRow};

/// Plain words about one finding. It stands on the grounds of the step that names it, unless it has its own.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "TextRow")]
pub struct HandoutText {
    pub id: String,
    pub when: When,
    pub tone: Tone,
    /// The finding in a few words.
    pub title: Option<Words>,
    /// What it means.
    pub text: Words,
    /// What the person does next.
    pub todo: Option<Words>,
    /// Ids of the places that help with it.
    pub contacts: Vec<String>,
    pub grounds: Option<Grounds>,
}

/// When a text is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum When {
    /// Whenever anything of its step was done.
    #[default]
    Done,
    /// On every page, whatever was found.
    Always,
    /// The blood pressure of the visit is in one of these categories.
    Pressure(Vec<Category>),
    /// One of the measurements has a value that the catalog gives one of these names, by band or flag, and none has one
    /// of `unless`: graver words say what to do then.
    Found { measured: Vec<String>, names: Vec<String>, unless: Vec<String> },
    /// All that was taken of these measurements has a value that the catalog flags in no way.
    Plain { measured: Vec<String> },
    /// The first of these forms that was answered is positive.
    Positive(Vec<String>),
    /// The score of one of these forms lies in a band of one of these names.
    Scored { forms: Vec<String>, names: Vec<String> },
    /// One ear hears less than at the person's first test, by the rule for noisy work.
    HearingShift,
    /// One of these needs was named.
    Need(Vec<String>),
}

/// How a text sounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    Good,
    #[default]
    Info,
    Caution,
    Urgent,
}

/// A public place that helps.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "ContactRow")]
pub struct Contact {
    pub id: String,
    pub name: Words,
    pub what: Words,
    /// The number to dial, by the language that is spoken there.
    pub phone: Option<Words>,
    pub address: Option<String>,
    /// A page that everybody may read, `https` only.
    pub web: Option<String>,
    /// Whether the code on the page leads here; the last one that says so counts, so that a region's own place comes
    /// before the nation's.
    pub on_code: bool,
    pub grounds: Grounds,
}

impl When {
    /// Whether it is so; `step` is the one that names the text.
    fn holds(&self, found: &Findings, step: &Step) -> bool {
        match self {
            When::Done => found.has_any_of(step),
            When::Always => true,
            When::Pressure(categories) => found.pressure.is_some_and(|now| categories.contains(&now)),
            When::Found { measured, names, unless } => {
                let said = || measured.iter().filter_map(|key| found.measured.get(key)).flatten();
                said().any(|name| names.contains(name)) && !said().any(|name| unless.contains(name))
            }
            When::Plain { measured } => {
                let mut said = measured.iter().filter_map(|key| found.measured.get(key)).peekable();
                said.peek().is_some() && said.all(|names| names.is_empty())
            }
            When::Positive(forms) => {
                forms.iter().find_map(|form| found.forms.get(form).copied()).unwrap_or(false)
            }
            When::Scored { forms, names } => {
                forms.iter().filter_map(|form| found.bands.get(form)).any(|band| names.contains(band))
            }
            When::HearingShift => found.hearing_shift,
            When::Need(needs) => needs.iter().any(|need| found.needs.contains(need)),
        }
    }

    /// Whether a text is about what lies outside the normal, and not about having been measured at all.
    pub fn is_about_a_finding(&self) -> bool {
        !matches!(self, When::Done | When::Always | When::Plain { .. })
    }
}

impl Content {
    /// What is said about these findings, in the order of the visit, each text once.
    pub fn handout_said(&self, found: &Findings) -> Vec<&HandoutText> {
        let mut said: Vec<&HandoutText> = Vec::new();
        for step in &self.steps {
            let texts = step.handout.iter().filter_map(|id| self.handout_text(id));
            for text in texts.filter(|text| text.when.holds(found, step)) {
                if !said.iter().any(|other| other.id == text.id) {
                    said.push(text);
                }
            }
        }
        said
    }

    /// What stands on every page.
    pub fn handout_always(&self) -> impl Iterator<Item = &HandoutText> {
        self.handout.iter().filter(|text| text.when == When::Always)
    }

    /// Where the code on the page leads: a page for everybody, else a telephone number. It depends on the packs alone,
    /// so it can tell nothing about whoever carries it.
    pub fn handout_code(&self) -> Option<(String, &Contact)> {
        let contact = self.contacts.iter().rfind(|contact| contact.on_code)?;
        let dialled = |phone: &Words| {
            let digits = phone.english.chars().filter(|letter| letter.is_ascii_digit() || *letter == '+');
            format!("tel:{}", digits.collect::<String>())
        };
        let leads_to = contact.web.clone().or(contact.phone.as_ref().map(dialled))?;
        Some((leads_to, contact))
    }
}

impl HandoutText {
    /// What it names and the content does not have.
    pub(super) fn faults(&self, content: &Content) -> Vec<String> {
        let mut missing: Vec<String> = Vec::new();
        let mut lacks =
            |what: &str, name: &str| missing.push(format!("names {what} {name:?}, which is not there"));
        self.contacts.iter().filter(|id| content.contact(id).is_none()).for_each(|id| lacks("contact", id));
        match &self.when {
            When::Done | When::Always | When::Pressure(_) | When::HearingShift => {}
            When::Found { measured, .. } | When::Plain { measured } => {
                let known = |key: &&String| content.catalog.find(key).is_none();
                measured.iter().filter(known).for_each(|key| lacks("measurement", key));
            }
            When::Positive(forms) | When::Scored { forms, .. } => {
                forms
                    .iter()
                    .filter(|id| content.form(id).is_none())
                    .for_each(|id| lacks("questionnaire", id));
            }
            When::Need(needs) => {
                let instruments = content.forms.iter().filter_map(|form| form.instrument());
                let known: BTreeSet<&str> = instruments
                    .flat_map(|rule| rule.needs.iter().map(|need| &need.need).chain(&rule.positive_need))
                    .map(String::as_str)
                    .collect();
                needs
                    .iter()
                    .filter(|need| !known.contains(need.as_str()))
                    .for_each(|need| lacks("need", need));
            }
        }
        if let When::Found { measured, names, unless } = &self.when {
            let of: Vec<&Measurement> = measured.iter().filter_map(|key| content.catalog.find(key)).collect();
            let is_known = |name: &str| {
                of.iter().any(|measurement| {
                    let bands = measurement.bands.iter().map(|band| &band.name);
                    bands
                        .chain(measurement.flags.iter().map(|flag| &flag.name))
                        .any(|own| own.english == name)
                })
            };
            let all = names.iter().chain(unless);
            all.filter(|name| !is_known(name)).for_each(|name| lacks("band or flag", name));
        }
        if let When::Scored { forms, names } = &self.when {
            let instruments = forms.iter().filter_map(|id| content.form(id)?.instrument());
            let bands: Vec<&str> =
                instruments.flat_map(|rule| &rule.bands).map(|band| band.name.english.as_str()).collect();
            names
                .iter()
                .filter(|name| !bands.contains(&name.as_str()))
                .for_each(|name| lacks("band of a score", name));
        }
        missing
    }
}

impl fmt::Display for When {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            When::Done => out.write_str("with its step"),
            When::Always => out.write_str("on every page"),
            When::Pressure(categories) => {
                let names: Vec<String> = categories.iter().map(|category| category.name().english).collect();
                write!(out, "when the blood pressure is {}", names.join(" or "))
            }
            When::Found { measured, names, unless } => {
                write!(out, "when {} is {}", measured.join(" or "), names.join(" or "))?;
                if unless.is_empty() { Ok(()) } else { write!(out, " and not {}", unless.join(" or ")) }
            }
            When::Plain { measured } => write!(out, "when nothing is flagged in {}", measured.join(" and ")),
            When::Positive(forms) => write!(out, "when {} is positive", forms.join(", else ")),
            When::Scored { forms, names } => {
                write!(out, "when {} is {}", forms.join(" or "), names.join(" or "))
            }
            When::HearingShift => out.write_str("when hearing has shifted"),
            When::Need(needs) => write!(out, "when {} is named", needs.join(" or ")),
        }
    }
}

/// A need about which the page says nothing: whoever looks over a shoulder may read it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Silent {
    pub need: String,
    pub reason: String,
}

#[cfg(test)]
mod tests;
