//! What changed between two contents, in a clinician's terms: item by item, line by line. Never how it is stored.

use super::content::Content;
use super::handout::{Contact, HandoutText};
use super::protocol::{Ask, Does, Grounds};
use crate::content::gaps::CareGap;
use crate::content::gaps::rule::{Evidence, Part, Rule as GapRule, What, Window};
use crate::content::language::Words;
use crate::content::measurements::{FlagTest, Limits, Measurement};
use crate::content::questionnaire::{Instrument, Questionnaire, Rule};
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
    for (place, step) in content.steps.iter().enumerate() {
        let does = match &step.does {
            Does::Form(id) => format!("asks {id}"),
            Does::Measure(keys) => format!("measures {}", keys.join(", ")),
        };
        let ages = (step.audience.age_from, step.audience.age_to);
        let mut said = lines([
            (ITEM, does.clone()),
            ("does", does),
            ("place in the visit", (place + 1).to_string()),
            (
                "asked",
                if step.ask == Ask::Always { "of everybody it is for" } else { "when staff choose it" }
                    .into(),
            ),
            ("ages", ages_words(ages.0, ages.1)),
            ("may be switched off by a region", yes_or_no(step.local)),
            ("answered alone", yes_or_no(step.self_administered)),
            ("handout", step.handout.join(", ")),
        ]);
        said.extend(grounds_lines(&step.grounds));
        items.insert(format!("step {}", step.id), said);
    }
    for alert in &content.alerts {
        let line = |line: &super::protocol::Line| {
            let above = line.above.map(|above| format!("{} above {above}", line.key));
            above.or(line.below.map(|below| format!("{} below {below}", line.key))).unwrap_or_default()
        };
        let shift = alert.hearing_shift.then(|| "a standard threshold shift".to_owned());
        let any: Vec<String> = alert.any.iter().map(line).chain(shift).collect();
        let mut said = lines([
            (ITEM, alert.title.english.clone()),
            ("raised", any.join(", or ")),
            ("action", both(&alert.action)),
            ("somebody comes back", format!("within {} days", alert.due_days)),
        ]);
        said.extend(grounds_lines(&alert.grounds));
        items.insert(format!("alert {}", alert.id), said);
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

fn handout_lines(text: &HandoutText) -> Lines {
    let said = |words: &Option<Words>| words.as_ref().map(both).unwrap_or_default();
    let mut lines = lines([
        (ITEM, both(&text.text)),
        ("finding", said(&text.title)),
        ("what to do", said(&text.todo)),
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

fn measurement_lines(measurement: &Measurement) -> Lines {
    let band = |band: &crate::content::measurements::Band| {
        let from = band.from.map_or("lowest".to_owned(), |from| from.to_string());
        let normal = if band.is_normal { " (normal)" } else { "" };
        format!("{} from {from}{normal}", band.name.english)
    };
    let flag = |flag: &crate::content::measurements::Flag| {
        let when = match &flag.when {
            FlagTest::AtLeast(limit) => format!("from {limit}"),
            FlagTest::Above(limit) => format!("above {limit}"),
            FlagTest::Below(limit) => format!("below {limit}"),
            FlagTest::WorseThan(choice) => format!("worse than {choice}"),
        };
        let ages = flag.from_age.map(|age| format!(" from age {age}")).unwrap_or_default();
        format!("{} {when}{ages}", flag.name.english)
    };
    let bands: Vec<String> = measurement.bands.iter().map(band).collect();
    let flags: Vec<String> = measurement.flags.iter().map(flag).collect();
    let repeat = measurement.repeat.as_ref();
    let meter = measurement.meter.as_ref().map(|meter| {
        let (low, high) = (meter.range.low, meter.range.high);
        format!("{} below {low}, {} above {high}; {}", meter.low_word, meter.high_word, meter.source)
    });
    lines([
        (ITEM, measurement.name.english.clone()),
        ("name", both(&measurement.name)),
        ("short name", both(&measurement.short_name)),
        ("code", measurement.loinc.clone()),
        ("unit", measurement.unit_ucum.clone().unwrap_or_default()),
        ("typed in", measurement.typed_in.join(", ")),
        ("decimals", measurement.decimals.to_string()),
        ("beyond the meter", meter.unwrap_or_default()),
        ("hard limits", limits_words(measurement.hard_limits)),
        ("soft limits", limits_words(measurement.soft_limits)),
        ("basis of the limits", measurement.limit_basis.clone()),
        ("bands", bands.join(", ")),
        ("source of the bands", measurement.bands_source.clone().unwrap_or_default()),
        ("flags", flags.join(", ")),
        ("source of the flags", measurement.flags_source.clone().unwrap_or_default()),
        ("choices", measurement.choices.join(", ")),
        (
            "repeat",
            repeat
                .map(|rule| {
                    format!(
                        "{} readings from {}, mean of {}",
                        rule.readings, rule.at_least, rule.mean_of_last
                    )
                })
                .unwrap_or_default(),
        ),
    ])
}

fn form_lines(form: &Questionnaire) -> Lines {
    let mut said =
        lines([(ITEM, form.title.clone()), ("title", form.title.clone()), ("version", form.version.clone())]);
    for item in form.walk() {
        let options: Vec<String> = item.options.iter().map(|option| both(&option.text)).collect();
        let mut text = both(&item.text);
        if !options.is_empty() {
            text.push_str(&format!(" [{}]", options.join(" | ")));
        }
        if item.required {
            text.push_str(" (required)");
        }
        if !item.conditions.is_empty() {
            let on: Vec<&str> = item.conditions.iter().map(|condition| condition.question.as_str()).collect();
            text.push_str(&format!(" (asked by {})", on.join(", ")));
        }
        said.insert(format!("question {}", item.link_id), text);
    }
    if let Some(instrument) = form.instrument() {
        said.extend(score_lines(instrument));
    }
    said
}

fn score_lines(instrument: &Instrument) -> Lines {
    let positive = match &instrument.rule {
        Rule::Sum { positive_at, .. } => {
            let (male, female) = positive_at.by_sex();
            if male == female {
                format!("from {male}")
            } else {
                format!("from {male} (men), {female} (women)")
            }
        }
        Rule::Any { .. } => "one positive answer".to_owned(),
        Rule::Scaled { .. } => String::new(),
    };
    let bands =
        instrument.bands.iter().map(|band| format!("{} {} to {}", band.name.english, band.low, band.high));
    let alerts = instrument
        .alerts
        .iter()
        .map(|alert| format!("{} from {}: {}", alert.link_id, alert.ordinal_at_least, both(&alert.action)));
    lines([
        ("score positive", positive),
        ("score bands", bands.collect::<Vec<_>>().join(", ")),
        ("alerts", alerts.collect::<Vec<_>>().join("; ")),
        ("followed by", instrument.then.clone().unwrap_or_default()),
        ("source of the score", instrument.source.clone()),
    ])
}

fn gap_lines(gap: &CareGap) -> Lines {
    lines([
        (ITEM, gap.name.english.clone()),
        ("name", both(&gap.name)),
        ("for", gap.who.clone()),
        ("met by", gap.met_by.clone()),
        ("rule: for", audience_words(&gap.rule)),
        ("rule: met by", evidence_words(&gap.rule)),
        ("source", format!("{} ({})", gap.source, gap.year)),
        ("grade", gap.grade.clone().unwrap_or_default()),
        ("basis", gap.basis.label().english),
        ("may be switched off by a region", yes_or_no(gap.local)),
    ])
}

fn audience_words(rule: &GapRule) -> String {
    let mut words = vec![format!("ages {}", ages_words(Some(rule.ages.from), rule.ages.to))];
    words.extend(rule.sex.map(|sex| format!("{sex:?}").to_lowercase()));
    words.extend(rule.female_from.map(|from| format!("women from {from}")));
    if !rule.has.is_empty() {
        let smokes = if rule.or_smokes { " or smoking now" } else { "" };
        words.push(format!("with {}{smokes}", rule.has.join(" or ")));
    }
    if !rule.has_not.is_empty() {
        words.push(format!("without {}", rule.has_not.join(", ")));
    }
    words.extend(rule.smoking.map(|smoking| format!("smoking {smoking:?}").to_lowercase()));
    words.extend(rule.pack_years_from.map(|from| format!("pack-years from {from}")));
    words.extend(rule.quit_within_years.map(|years| format!("quit less than {years} years ago")));
    words.extend(rule.body_mass_from.map(|from| format!("body mass index from {from}")));
    words.join(", ")
}

fn evidence_words(rule: &GapRule) -> String {
    let one = |evidence: &Evidence| {
        let names = evidence.what.names();
        let names = match &evidence.what {
            What::Measured(_) => names.join(" and "),
            What::Services(_) => names.join(" or "),
            What::Asked { items, .. } if items.is_empty() => names.join(" or "),
            What::Asked { items, .. } => format!("{} with {}", names.join(" or "), items.join(" and ")),
        };
        let within = match evidence.within {
            Window::Years(1) => "this year".to_owned(),
            Window::Years(years) => format!("this year or {} before", years - 1),
            Window::Months(months) => format!("within {months} months"),
            Window::MonthsBeforeYearEnd(months) => format!("within {months} months before the year's end"),
            Window::Season => "this season".to_owned(),
            Window::Ever => "ever".to_owned(),
        };
        let doses = if evidence.doses > 1 { format!("{} times ", evidence.doses) } else { String::new() };
        let ages = [
            evidence.age_days_from.map(|days| format!(", from {days} days after birth")),
            evidence.age_from.map(|age| format!(", from age {age}")),
            evidence.before_age.map(|age| format!(", before age {age}")),
            evidence.until_birthday.map(|age| format!(", up to birthday {age}")),
        ];
        format!("{names} {doses}{within}{}", ages.into_iter().flatten().collect::<String>())
    };
    let any = |evidence: &[Evidence]| evidence.iter().map(one).collect::<Vec<_>>().join("; ");
    let ages = |part: &Part| match (part.from, part.to) {
        (None, None) => String::new(),
        (from, to) => format!(" (ages {})", ages_words(from, to)),
    };
    let mut parts: Vec<String> = rule
        .parts
        .iter()
        .map(|part| format!("{}{}: {}", part.name.english, ages(part), any(&part.met_by)))
        .collect();
    if !rule.met_by.is_empty() {
        parts.push(any(&rule.met_by));
    }
    let line = |line: &crate::content::gaps::rule::Control| {
        let below = line.below.map(|limit| format!("{} below {limit}", line.key));
        below.or(line.at_most.map(|limit| format!("{} at most {limit}", line.key))).unwrap_or_default()
    };
    parts.extend(rule.control.iter().map(line));
    parts.join(" / ")
}
