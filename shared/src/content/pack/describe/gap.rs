//! What a kind of care says in a clinician's terms: for whom it is due, and what meets it.

use super::{ITEM, Lines, ages_words, both, lines, yes_or_no};
use crate::content::gaps::CareGap;
use crate::content::gaps::rule::{AgeAt, Control, Evidence, Part, Rule, What, Window};

pub(super) fn gap_lines(gap: &CareGap) -> Lines {
    lines([
        (ITEM, gap.name.english.clone()),
        ("name", both(&gap.name)),
        ("for", gap.who.clone()),
        ("met by", gap.met_by.clone()),
        ("how often", gap.interval.clone().unwrap_or_default()),
        ("not for", gap.exclude.clone().unwrap_or_default()),
        ("what a van does", gap.van.clone()),
        ("codes", gap.loinc.join(", ")),
        ("rule: for", audience_words(&gap.rule)),
        ("rule: met by", evidence_words(&gap.rule)),
        ("rule: after a positive answer", follow_up_words(&gap.rule)),
        ("source", format!("{} ({})", gap.source, gap.year)),
        ("grade", gap.grade.clone().unwrap_or_default()),
        ("basis", gap.basis.label().english),
        ("may be switched off by a region", yes_or_no(gap.local)),
    ])
}

fn audience_words(rule: &Rule) -> String {
    let at = match rule.ages.at {
        AgeAt::Today => "on the day",
        AgeAt::YearStart => "at the year's beginning",
        AgeAt::YearEnd => "at the year's end",
    };
    let mut words = vec![format!("ages {} {at}", ages_words(Some(rule.ages.from), rule.ages.to))];
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

fn evidence_words(rule: &Rule) -> String {
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
        .map(|part| format!("{}{}: {}", both(&part.name), ages(part), any(&part.met_by)))
        .collect();
    if !rule.met_by.is_empty() {
        parts.push(any(&rule.met_by));
    }
    let line = |line: &Control| {
        let below = line.below.map(|limit| format!("{} below {limit}", line.key));
        below.into_iter().chain(line.at_most.map(|limit| format!("{} at most {limit}", line.key)))
    };
    parts.extend(rule.control.iter().flat_map(line));
    parts.join(" / ")
}

fn follow_up_words(rule: &Rule) -> String {
    rule.positive_follow_up_days.map(|days| format!("followed up within {days} days")).unwrap_or_default()
}
