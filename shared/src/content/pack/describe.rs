//! What changed between two contents, in a clinician's terms: item by item, line by line. Never how it is stored.

mod form;
mod gap;

use super::content::Content;
use super::handout::{Contact, HandoutText};
use super::protocol::{AlertRule, Ask, Does, Grounds, Step};
use crate::content::language::Words;
use crate::content::measurements::{Band, Flag, FlagTest, Limits, Measurement, Repeat};
use form::form_lines;
use gap::gap_lines;
use std::collections::BTreeMap;
use std::fmt;

/// One line that differs. An item that only one of the two has differs as a whole, in its line `item`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Such as `measurement heart_rate`.
    pub item: String,
    /// Such as `soft limits`.
    pub line: String,
    pub was: Option<String>,
    pub now: Option<String>,
}

impl fmt::Display for Change {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Change { item, line, was, now } = self;
        match (was, now) {
            (None, Some(now)) if line == ITEM => write!(out, "new: {item}: {now}"),
            (Some(was), None) if line == ITEM => write!(out, "gone: {item}: {was}"),
            (was, now) => {
                let said = |text: &Option<String>| text.clone().unwrap_or_else(|| "nothing".to_owned());
                write!(out, "{item}, {line}: was {}; now {}", said(was), said(now))
            }
        }
    }
}

const ITEM: &str = "item";

type Lines = BTreeMap<String, String>;

/// Everything that differs, by item and line.
pub fn diff(before: &Content, after: &Content) -> Vec<Change> {
    let (before, after) = (describe(before), describe(after));
    let mut changes = Vec::new();
    for (item, lines) in &before {
        match after.get(item) {
            None => changes.push(whole(item, Some(lines), None)),
            Some(now) => lines_differ(item, lines, now, &mut changes),
        }
    }
    let new = after.iter().filter(|(item, _)| !before.contains_key(*item));
    changes.extend(new.map(|(item, lines)| whole(item, None, Some(lines))));
    changes.sort_by(|left, right| (&left.item, &left.line).cmp(&(&right.item, &right.line)));
    changes
}

fn whole(item: &str, was: Option<&Lines>, now: Option<&Lines>) -> Change {
    let title = |lines: &Lines| lines.get(ITEM).cloned().unwrap_or_default();
    Change { item: item.to_owned(), line: ITEM.to_owned(), was: was.map(title), now: now.map(title) }
}

fn lines_differ(item: &str, before: &Lines, after: &Lines, changes: &mut Vec<Change>) {
    let lines = before.keys().chain(after.keys().filter(|line| !before.contains_key(*line)));
    for line in lines.filter(|line| before.get(*line) != after.get(*line)) {
        let (was, now) = (before.get(line).cloned(), after.get(line).cloned());
        changes.push(Change { item: item.to_owned(), line: line.clone(), was, now });
    }
}

fn describe(content: &Content) -> BTreeMap<String, Lines> {
    let mut items = BTreeMap::new();
    for form in &content.forms {
        items.insert(format!("questionnaire {}", form.id().unwrap_or_default()), form_lines(form));
    }
    for measurement in &content.catalog.measurements {
        items.insert(format!("measurement {}", measurement.key), measurement_lines(measurement));
    }
    for gap in &content.gaps.gaps {
        items.insert(format!("gap {}", gap.id), gap_lines(gap));
    }
    for (name, codes) in &content.gaps.conditions {
        let words = content.gaps.condition_names.get(name).map(both).unwrap_or_default();
        items.insert(format!("condition {name}"), lines([(ITEM, codes.join(", ")), ("name", words)]));
    }
    for (id, words) in &content.gaps.services {
        items.insert(format!("service {id}"), lines([(ITEM, both(words))]));
    }
    for (place, step) in content.steps.iter().enumerate() {
        items.insert(format!("step {}", step.id), step_lines(place, step));
    }
    for alert in &content.alerts {
        items.insert(format!("alert {}", alert.id), alert_lines(alert));
    }
    for text in &content.handout {
        items.insert(format!("handout {}", text.id), handout_lines(text));
    }
    for silent in &content.silent {
        items.insert(format!("silence about {}", silent.need), lines([(ITEM, silent.reason.clone())]));
    }
    for contact in &content.contacts {
        items.insert(format!("contact {}", contact.id), contact_lines(contact));
    }
    for text in &content.consent {
        let scopes: Vec<&str> = text.scopes.iter().map(|scope| scope.sentence.as_str()).collect();
        let said = lines([
            (ITEM, text.title.clone()),
            ("text", text.body.join(" / ")),
            ("sentences", scopes.join(" / ")),
        ]);
        items.insert(format!("consent {} {}", text.version, text.language.tag()), said);
    }
    items
}

fn step_lines(place: usize, step: &Step) -> Lines {
    let does = match &step.does {
        Does::Form(id) => format!("asks {id}"),
        Does::Measure(keys) => format!("measures {}", keys.join(", ")),
    };
    let asked = if step.ask == Ask::Always { "of everybody it is for" } else { "when staff choose it" };
    let mut said = lines([
        (ITEM, does.clone()),
        ("does", does),
        ("place in the visit", (place + 1).to_string()),
        ("asked", asked.to_owned()),
        ("ages", ages_words(step.audience.age_from, step.audience.age_to)),
        ("may be switched off by a region", yes_or_no(step.local)),
        ("answered alone", yes_or_no(step.self_administered)),
        ("handout", step.handout.join(", ")),
    ]);
    said.extend(grounds_lines(&step.grounds));
    said
}

fn alert_lines(alert: &AlertRule) -> Lines {
    let line = |line: &super::protocol::Line| {
        let above = line.above.map(|above| format!("{} above {above}", line.key));
        above.or(line.below.map(|below| format!("{} below {below}", line.key))).unwrap_or_default()
    };
    let shift = alert.hearing_shift.then(|| "a standard threshold shift".to_owned());
    let any: Vec<String> = alert.any.iter().map(line).chain(shift).collect();
    let mut said = lines([
        (ITEM, alert.title.english.clone()),
        ("title", both(&alert.title)),
        ("raised", any.join(", or ")),
        ("action", both(&alert.action)),
        ("what staff may say they did", all(&alert.choices)),
        ("somebody comes back", format!("within {} days", alert.due_days)),
        ("may be switched off by a region", yes_or_no(alert.local)),
    ]);
    said.extend(grounds_lines(&alert.grounds));
    said
}

fn handout_lines(text: &HandoutText) -> Lines {
    let said = |words: &Option<Words>| words.as_ref().map(both).unwrap_or_default();
    let mut lines = lines([
        (ITEM, both(&text.text)),
        ("finding", said(&text.title)),
        ("what to do", said(&text.todo)),
        ("tone", format!("{:?}", text.tone).to_lowercase()),
        ("said", text.when.to_string()),
        ("names", text.contacts.join(", ")),
    ]);
    lines.extend(text.grounds.iter().flat_map(grounds_lines));
    lines
}

fn contact_lines(contact: &Contact) -> Lines {
    let mut lines = lines([
        (ITEM, both(&contact.name)),
        ("what for", both(&contact.what)),
        ("telephone", contact.phone.as_ref().map(both).unwrap_or_default()),
        ("address", contact.address.clone().unwrap_or_default()),
        ("page", contact.web.clone().unwrap_or_default()),
        ("on the code", yes_or_no(contact.on_code)),
    ]);
    lines.extend(grounds_lines(&contact.grounds));
    lines
}

fn lines<const N: usize>(pairs: [(&str, String); N]) -> Lines {
    pairs
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(line, text)| (line.to_owned(), text))
        .collect()
}

fn both(words: &Words) -> String {
    match &words.spanish {
        Some(spanish) => format!("{} / {spanish}", words.english),
        None => words.english.clone(),
    }
}

/// Words of several, one after the other.
fn all<'w>(words: impl IntoIterator<Item = &'w Words>) -> String {
    words.into_iter().map(both).collect::<Vec<_>>().join(" | ")
}

fn yes_or_no(yes: bool) -> String {
    if yes { "yes" } else { "no" }.to_owned()
}

fn ages_words(from: Option<u8>, to: Option<u8>) -> String {
    match (from, to) {
        (None, None) => "all".to_owned(),
        (from, None) => format!("from {}", from.unwrap_or(0)),
        (from, Some(to)) => format!("{} to {to}", from.unwrap_or(0)),
    }
}

fn grounds_lines(grounds: &Grounds) -> Lines {
    lines([
        ("guideline", format!("{} ({})", grounds.guideline, grounds.year)),
        ("grade", grounds.grade.clone().unwrap_or_default()),
        ("basis", grounds.basis.label().english),
    ])
}

fn limits_words(limits: Option<Limits>) -> String {
    limits.map(|limits| format!("{} to {}", limits.low, limits.high)).unwrap_or_default()
}

fn band_words(band: &Band) -> String {
    let from = band.from.map_or("lowest".to_owned(), |from| from.to_string());
    let normal = if band.is_normal { " (normal)" } else { "" };
    format!("{} from {from}{normal}", both(&band.name))
}

fn flag_words(flag: &Flag) -> String {
    let when = match &flag.when {
        FlagTest::AtLeast(limit) => format!("from {limit}"),
        FlagTest::Above(limit) => format!("above {limit}"),
        FlagTest::Below(limit) => format!("below {limit}"),
        FlagTest::WorseThan(choice) => format!("worse than {choice}"),
    };
    let sex = flag.sex.map(|sex| format!(" for {sex:?}").to_lowercase()).unwrap_or_default();
    let ages = flag.from_age.map(|age| format!(" from age {age}")).unwrap_or_default();
    format!("{} {when}{sex}{ages}", both(&flag.name))
}

fn repeat_words(rule: &Repeat) -> String {
    let Repeat { at_least, readings, minutes_apart, mean_of_last, source } = rule;
    format!(
        "{readings} readings from {at_least}, {minutes_apart} minutes apart, mean of {mean_of_last}; {source}"
    )
}

fn measurement_lines(measurement: &Measurement) -> Lines {
    let bands: Vec<String> = measurement.bands.iter().map(band_words).collect();
    let flags: Vec<String> = measurement.flags.iter().map(flag_words).collect();
    let codes: Vec<&str> =
        std::iter::once(&measurement.loinc).chain(&measurement.loinc_extra).map(String::as_str).collect();
    let meter = measurement.meter.as_ref().map(|meter| {
        let (low, high) = (meter.range.low, meter.range.high);
        format!("{} below {low}, {} above {high}; {}", meter.low_word, meter.high_word, meter.source)
    });
    lines([
        (ITEM, measurement.name.english.clone()),
        ("name", both(&measurement.name)),
        ("short name", both(&measurement.short_name)),
        ("code", codes.join(", ")),
        ("part of", measurement.panel_loinc.clone().unwrap_or_default()),
        ("kind", format!("{:?}", measurement.category)),
        ("unit", measurement.unit_ucum.clone().unwrap_or_default()),
        ("typed in", measurement.typed_in.join(", ")),
        ("decimals", measurement.decimals.to_string()),
        ("steps of", measurement.step.map(|step| step.to_string()).unwrap_or_default()),
        ("worked out as", measurement.calculated.clone().unwrap_or_default()),
        ("beyond the meter", meter.unwrap_or_default()),
        ("hard limits", limits_words(measurement.hard_limits)),
        ("soft limits", limits_words(measurement.soft_limits)),
        ("basis of the limits", measurement.limit_basis.clone()),
        ("bands", bands.join(", ")),
        ("source of the bands", measurement.bands_source.clone().unwrap_or_default()),
        ("flags", flags.join(", ")),
        ("source of the flags", measurement.flags_source.clone().unwrap_or_default()),
        ("choices", measurement.choices.join(", ")),
        ("repeat", measurement.repeat.as_ref().map(repeat_words).unwrap_or_default()),
    ])
}

#[cfg(test)]
mod tests;
