//! The page that a person takes home: what a finding means, what to do about it, and which public places help. Words
//! and conditions are data of a pack; choosing among them is here. Never a person's name, and never a diagnosis.

use super::content::Content;
use super::findings::Findings;
use super::protocol::{Grounds, Step};
use crate::content::blood_pressure::Category;
use crate::content::language::Words;
use crate::content::measurements::Measurement;
use serde::Deserialize;
use std::collections::BTreeSet;
use std::fmt;

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
    /// One of the measurements has a value that the catalog gives one of these names, by band or flag.
    Found { measured: Vec<String>, names: Vec<String> },
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
            When::Found { measured, names } => {
                let mut said = measured.iter().filter_map(|key| found.measured.get(key)).flatten();
                said.any(|name| names.contains(name))
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
        if let When::Found { measured, names } = &self.when {
            let of: Vec<&Measurement> = measured.iter().filter_map(|key| content.catalog.find(key)).collect();
            let is_known = |name: &str| {
                of.iter().any(|measurement| {
                    let bands = measurement.bands.iter().map(|band| &band.name);
                    bands
                        .chain(measurement.flags.iter().map(|flag| &flag.name))
                        .any(|own| own.english == name)
                })
            };
            names.iter().filter(|name| !is_known(name)).for_each(|name| lacks("band or flag", name));
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
            When::Found { measured, names } => {
                write!(out, "when {} is {}", measured.join(" or "), names.join(" or "))
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HandoutFile {
    #[serde(default, rename = "note")]
    _note: Option<String>,
    pub texts: Vec<serde_json::Value>,
    #[serde(default)]
    pub contacts: Vec<serde_json::Value>,
    /// Needs about which the page says nothing, on purpose.
    #[serde(default)]
    pub silent: Vec<Silent>,
}

/// A need about which the page says nothing: whoever looks over a shoulder may read it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Silent {
    pub need: String,
    pub reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TextRow {
    id: String,
    when: Option<WhenRow>,
    #[serde(default)]
    tone: Tone,
    title: Option<String>,
    title_es: Option<String>,
    text: String,
    text_es: String,
    todo: Option<String>,
    todo_es: Option<String>,
    #[serde(default)]
    contacts: Vec<String>,
    evidence: Option<Grounds>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WhenRow {
    #[serde(default)]
    always: bool,
    pressure: Option<Vec<PressureRow>>,
    measured: Option<Vec<String>>,
    found: Option<Vec<String>>,
    positive: Option<Vec<String>>,
    scored: Option<Vec<String>>,
    #[serde(default)]
    hearing_shift: bool,
    need: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum PressureRow {
    Normal,
    Elevated,
    #[serde(rename = "stage-1")]
    StageOne,
    #[serde(rename = "stage-2")]
    StageTwo,
    Crisis,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ContactRow {
    id: String,
    name: String,
    name_es: String,
    what: String,
    what_es: String,
    phone: Option<String>,
    phone_es: Option<String>,
    address: Option<String>,
    web: Option<String>,
    #[serde(default)]
    on_code: bool,
    evidence: Grounds,
}

/// The longest address of a page: a code that is read from paper at arm's length holds no more.
const WEB_CHARACTERS_MAX: usize = 80;
const PHONE_CHARACTERS_MAX: usize = 30;

const ONE_CONDITION: &str = "its condition is one of always, pressure, measured (with found), positive, scored with found, \
     hearing_shift, need";

fn both(english: Option<String>, spanish: Option<String>) -> Result<Option<Words>, &'static str> {
    match (english, spanish) {
        (None, None) => Ok(None),
        (Some(english), Some(spanish)) if !english.trim().is_empty() && !spanish.trim().is_empty() => {
            Ok(Some(Words::both(english, spanish)))
        }
        _ => Err("a translation is missing"),
    }
}

impl TryFrom<WhenRow> for When {
    type Error = &'static str;

    fn try_from(row: WhenRow) -> Result<When, &'static str> {
        let category = |row: PressureRow| match row {
            PressureRow::Normal => Category::Normal,
            PressureRow::Elevated => Category::Elevated,
            PressureRow::StageOne => Category::StageOne,
            PressureRow::StageTwo => Category::StageTwo,
            PressureRow::Crisis => Category::Crisis,
        };
        let given = [
            row.always,
            row.hearing_shift,
            row.pressure.is_some(),
            row.measured.is_some(),
            row.positive.is_some(),
            row.scored.is_some(),
            row.need.is_some(),
        ];
        if given.into_iter().filter(|given| *given).count() != 1 {
            return Err(ONE_CONDITION);
        }
        let when = match (row.pressure, row.measured, row.scored, row.found) {
            (Some(of), _, _, None) => When::Pressure(of.into_iter().map(category).collect()),
            (_, Some(measured), _, Some(names)) => When::Found { measured, names },
            (_, Some(measured), _, None) => When::Plain { measured },
            (_, _, Some(forms), Some(names)) => When::Scored { forms, names },
            (None, None, None, None) => match (row.positive, row.need) {
                (Some(forms), _) => When::Positive(forms),
                (_, Some(needs)) => When::Need(needs),
                _ if row.hearing_shift => When::HearingShift,
                _ => When::Always,
            },
            _ => return Err(ONE_CONDITION),
        };
        Ok(when)
    }
}

impl TryFrom<TextRow> for HandoutText {
    type Error = &'static str;

    fn try_from(row: TextRow) -> Result<HandoutText, &'static str> {
        Ok(HandoutText {
            id: row.id,
            when: row.when.map(When::try_from).transpose()?.unwrap_or_default(),
            tone: row.tone,
            title: both(row.title, row.title_es)?,
            text: both(Some(row.text), Some(row.text_es))?.ok_or("a translation is missing")?,
            todo: both(row.todo, row.todo_es)?,
            contacts: row.contacts,
            grounds: row.evidence,
        })
    }
}

impl TryFrom<ContactRow> for Contact {
    type Error = &'static str;

    fn try_from(row: ContactRow) -> Result<Contact, &'static str> {
        let needed = |english, spanish| both(Some(english), Some(spanish));
        let is_dialled = |phone: &String| {
            let is_short = phone.chars().count() <= PHONE_CHARACTERS_MAX;
            let is_plain = |letter: char| letter.is_ascii_digit() || "+-() ".contains(letter);
            is_short && phone.chars().all(is_plain) && phone.chars().any(|letter| letter.is_ascii_digit())
        };
        if ![&row.phone, &row.phone_es].into_iter().flatten().all(is_dialled) {
            return Err("its telephone is no number to dial");
        }
        let is_page = |web: &String| {
            let is_plain = web.chars().all(|letter| letter.is_ascii_graphic());
            web.len() <= WEB_CHARACTERS_MAX && is_plain && web.starts_with("https://") && !web.contains('?')
        };
        if row.web.as_ref().is_some_and(|web| !is_page(web)) {
            return Err("its page is no short https address without a query");
        }
        let phone = row.phone.map(|english| Words { english, spanish: row.phone_es });
        if phone.is_none() && row.address.is_none() && row.web.is_none() {
            return Err("it has no telephone, no address and no page");
        }
        if row.on_code && phone.is_none() && row.web.is_none() {
            return Err("a code leads to a telephone or a page");
        }
        const MISSING: &str = "a translation is missing";
        Ok(Contact {
            id: row.id,
            name: needed(row.name, row.name_es)?.ok_or(MISSING)?,
            what: needed(row.what, row.what_es)?.ok_or(MISSING)?,
            phone,
            address: row.address,
            web: row.web,
            on_code: row.on_code,
            grounds: row.evidence,
        })
    }
}

#[cfg(test)]
mod tests;
