//! The shape of `handout.json` and its conversion, where every text and place is checked once. Never used after loading.

use super::{Contact, HandoutText, Silent, Tone, When};
use crate::content::blood_pressure::Category;
use crate::content::language::Words;
use crate::content::pack::protocol::Grounds;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::content::pack) struct HandoutFile {
    #[serde(default, rename = "note")]
    _note: Option<String>,
    pub texts: Vec<serde_json::Value>,
    #[serde(default)]
    pub contacts: Vec<serde_json::Value>,
    /// Needs about which the page says nothing, on purpose.
    #[serde(default)]
    pub silent: Vec<Silent>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TextRow {
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
    #[serde(default)]
    unless_found: Vec<String>,
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
pub(super) struct ContactRow {
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

const ONE_CONDITION: &str = "its condition is one of always, pressure, measured (with found and unless_found), positive, scored with found, \
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
        let may_except = row.measured.is_some() && row.found.is_some();
        if !row.unless_found.is_empty() && !may_except {
            return Err(ONE_CONDITION);
        }
        let unless = row.unless_found;
        let when = match (row.pressure, row.measured, row.scored, row.found) {
            (Some(of), _, _, None) => When::Pressure(of.into_iter().map(category).collect()),
            (_, Some(measured), _, Some(names)) => When::Found { measured, names, unless },
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
