//! What preventive care is due for one person on one day, by the rules of the pack and from what this device knows:
//! age, sex, conditions, what was measured, asked and given. Never writes a gap and never decides for anybody: it says
//! what is due, what closed it and until when, or what must be known first.
//!
//! In reading order: `history` is what is known, with `answered` for what forms say, `audience` for whom a rule is,
//! `ages` how old somebody surely is, `window` how long evidence counts, `reconcile` how the answer meets the gaps that
//! the plan sent.

mod ages;
mod answered;
mod audience;
mod history;
mod reconcile;
mod window;

pub use answered::{Answered, Smoked};
pub use history::{Given, History, Measured};
pub use reconcile::{Claim, Standing, Suggestion, reconcile};

use crate::content::Words;
use crate::content::gaps::CareGap;
use crate::content::gaps::rule::{Control, Evidence, Part, Rule, What};
use crate::ids::FactId;
use crate::time::PartialDate;
use ages::Ages;
use audience::applies;
use chrono::NaiveDate;

/// What a rule says of one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The rule is not for this person.
    NotFor(Reason),
    /// Whether it is due hangs on something that nobody has asked yet.
    NeedsToKnow(Missing),
    Due {
        /// The first day on which it was due, as far as is known.
        since: NaiveDate,
        /// What is missing, for a rule of several parts.
        parts: Vec<MissingPart>,
        /// The newest evidence, which is too old, beyond the line or not enough.
        newest: Option<Proof>,
        why: Why,
    },
    Met {
        by: Proof,
        /// The last day on which it counts; open when it counts for ever.
        until: Option<NaiveDate>,
        /// A positive answer asks for something to follow by this day.
        follow_up_by: Option<NaiveDate>,
    },
}

/// Why a rule is not for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    Age,
    Sex,
    /// A condition that the rule leaves out.
    Excluded,
    /// None of the conditions that it is for.
    NoCondition,
    Smoking,
    BodyMass,
}

/// What must be known before the rule can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    BirthDate,
    Sex,
    Smoking,
    PackYears,
    /// When somebody who smoked quit.
    QuitDate,
    BodyMass,
}

/// A part of a rule that is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingPart {
    pub name: Words,
    /// Where some doses of a series count: how many.
    pub begun: Option<Doses>,
}

/// Doses of a series that count today, and how many suffice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doses {
    pub given: u8,
    pub of: u8,
}

/// Why it is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    Never,
    TooLongAgo,
    /// Some doses of a series count, and more are missing.
    Begun,
    /// It was measured, and a value is beyond the rule's line.
    NotControlled,
}

/// What closes, or once closed, a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// A measurement's key, a form's id or a service's name.
    pub what: String,
    pub on: NaiveDate,
    /// The fact that says so.
    pub fact: Option<FactId>,
    /// Whether an answered form was positive.
    pub positive: bool,
}

/// What a rule asks for today: one of its parts, or the whole of it, which has no name of its own.
struct Asked<'r> {
    name: Option<&'r Words>,
    met_by: &'r [Evidence],
}

/// What the rule of a gap says of a person on a day.
pub fn judge(gap: &CareGap, history: &History, today: NaiveDate) -> Verdict {
    let rule = &gap.rule;
    if let Some(verdict) = applies(rule, history, today) {
        return verdict;
    }
    let ages = Ages(history.born);
    let asked: Vec<Asked<'_>> = if rule.parts.is_empty() {
        vec![Asked { name: None, met_by: &rule.met_by }]
    } else {
        let is_asked = |part: &&Part| match (part.from, part.to) {
            (None, None) => true,
            (from, to) => ages.within(from.unwrap_or(0), to, today) == Some(true),
        };
        let parts = rule.parts.iter().filter(is_asked);
        parts.map(|part| Asked { name: Some(&part.name), met_by: &part.met_by }).collect()
    };
    let met: Vec<_> = asked.iter().map(|part| newest(part.met_by, history, today)).collect();
    let missing = asked.into_iter().zip(&met).filter(|(_, proof)| proof.is_none());
    let missing: Vec<_> = missing.map(|(part, _)| part).collect();
    if !missing.is_empty() {
        return due(rule, &missing, history, today);
    }
    let mut met: Vec<(Proof, Option<NaiveDate>)> = met.into_iter().flatten().collect();
    if let Some(control) = uncontrolled(&rule.control, history, today) {
        return Verdict::Due {
            since: control.on,
            parts: vec![],
            newest: Some(control),
            why: Why::NotControlled,
        };
    }
    // The part that ends first ends the whole; what counts for ever ends last.
    met.sort_by_key(|(proof, until)| (until.unwrap_or(NaiveDate::MAX), proof.on));
    let until = met.first().and_then(|(_, until)| *until);
    let positive = met.iter().find(|(proof, _)| proof.positive).map(|(proof, _)| proof.on);
    let follow_up_by = rule
        .positive_follow_up_days
        .zip(positive)
        .and_then(|(days, on)| on.checked_add_days(chrono::Days::new(days.into())));
    match met.into_iter().next() {
        Some((by, _)) => Verdict::Met { by, until, follow_up_by },
        // A rule of parts of which none is for this age.
        None => Verdict::NotFor(Reason::Age),
    }
}

/// The proof that counts longest of any one evidence that holds today, with the last day on which it counts.
fn newest(evidence: &[Evidence], history: &History, today: NaiveDate) -> Option<(Proof, Option<NaiveDate>)> {
    let held = |evidence: &Evidence| {
        let proofs = proofs(evidence, history, today);
        // With more than one dose the last of the fewest that suffice decides how long it counts.
        let last = proofs.get(usize::from(evidence.doses) - 1)?;
        evidence.within.holds(last.on, today).then(|| (proofs[0].clone(), evidence.within.until(last.on)))
    };
    let until = |(proof, until): &(Proof, Option<NaiveDate>)| (until.unwrap_or(NaiveDate::MAX), proof.on);
    evidence.iter().filter_map(held).max_by_key(until)
}

/// All that may count for an evidence up to today, the newest first, one a day.
fn proofs(evidence: &Evidence, history: &History, today: NaiveDate) -> Vec<Proof> {
    let ages = Ages(history.born);
    let is_of_age = |on: PartialDate| {
        evidence.age_from.is_none_or(|from| ages.surely_at_least(from, on))
            && evidence.age_days_from.is_none_or(|days| ages.surely_days_old(days, on))
            && evidence.before_age.is_none_or(|age| ages.surely_below(age, on))
            && evidence.until_birthday.is_none_or(|age| ages.surely_by_birthday(age, on))
    };
    let mut proofs = match &evidence.what {
        What::Services(names) => history.given_any(names, is_of_age),
        What::Asked { forms, items } => history.answered_any(forms, items),
        What::Measured(keys) => history.measured_all(keys),
    };
    // What was asked and measured is of one day.
    proofs.retain(|proof| {
        let of_a_day = !matches!(evidence.what, What::Services(_));
        proof.on <= today && (!of_a_day || is_of_age(PartialDate::Day(proof.on)))
    });
    proofs.sort_by_key(|proof| std::cmp::Reverse((proof.on, proof.fact)));
    proofs.dedup_by_key(|proof| proof.on);
    proofs
}

fn due(rule: &Rule, missing: &[Asked<'_>], history: &History, today: NaiveDate) -> Verdict {
    let falls_short = |part: &Asked<'_>| {
        let short = part.met_by.iter().filter_map(|evidence| Shortfall::of(evidence, history, today));
        short.max_by_key(Shortfall::nearness)
    };
    let short: Vec<_> = missing.iter().map(falls_short).collect();
    let named = |(part, short): (&Asked<'_>, &Option<Shortfall>)| {
        let begun = short.as_ref().and_then(|short| short.begun);
        Some(MissingPart { name: part.name?.clone(), begun })
    };
    let parts = missing.iter().zip(&short).filter_map(named).collect();
    let began = Ages(history.born).reached(rule.ages.from).unwrap_or(today).min(today);
    // What ran out last is what made it due; a series that was begun was due all the time.
    let ended = short.iter().flatten().filter_map(|short| short.ended).max();
    let newest = short.into_iter().flatten().max_by_key(|short| (short.ended.is_some(), short.newest.on));
    let why = match (&newest, ended) {
        (None, _) => Why::Never,
        (Some(_), Some(_)) => Why::TooLongAgo,
        (Some(_), None) => Why::Begun,
    };
    let since = ended.unwrap_or(began).min(today);
    Verdict::Due { since, parts, newest: newest.map(|short| short.newest), why }
}

/// Evidence that was there and does not suffice today.
struct Shortfall {
    newest: Proof,
    /// It still counts, and more doses are missing.
    begun: Option<Doses>,
    /// The day after the last on which it counted.
    ended: Option<NaiveDate>,
}

impl Shortfall {
    fn of(evidence: &Evidence, history: &History, today: NaiveDate) -> Option<Shortfall> {
        let proofs = proofs(evidence, history, today);
        let given = proofs.iter().filter(|proof| evidence.within.holds(proof.on, today)).count();
        let given = u8::try_from(given).unwrap_or(u8::MAX);
        let newest = proofs.into_iter().next()?;
        let begun = (1..evidence.doses).contains(&given).then_some(Doses { given, of: evidence.doses });
        let until = evidence.within.until(newest.on).filter(|_| begun.is_none());
        Some(Shortfall { newest, begun, ended: until.and_then(|until| until.succ_opt()) })
    }

    /// Of several series the one that lacks the fewest, then the one with the most, then the newest.
    fn nearness(&self) -> impl Ord + use<> {
        let doses = self.begun.map(|doses| (std::cmp::Reverse(doses.of - doses.given), doses.given));
        (doses, self.newest.on)
    }
}

/// A value of the newest day that is beyond the rule's line. Of several readings of that day the lowest counts.
fn uncontrolled(control: &[Control], history: &History, today: NaiveDate) -> Option<Proof> {
    control.iter().find_map(|line| {
        let of_key = || history.measured.iter().filter(|value| value.key == line.key && value.on <= today);
        let day = of_key().map(|value| value.on).max()?;
        let lowest = of_key().filter(|value| value.on == day).min_by_key(|value| value.value)?;
        (!line.holds(lowest.value)).then(|| lowest.proof())
    })
}

#[cfg(test)]
mod tests;
