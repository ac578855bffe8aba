//! For whom a rule is: age, sex, conditions, smoking and body mass, each known or still to be asked.

use super::ages::Ages;
use super::{History, Missing, Reason, Verdict};
use crate::content::gaps::rule::{AgeAt, Rule, RuleSex, Smoking};
use crate::content::{Quantity, Sex};
use crate::time::PartialDate;
use chrono::{Datelike, Months, NaiveDate};

/// Nothing when the rule is for this person.
pub(super) fn applies(rule: &Rule, history: &History, today: NaiveDate) -> Option<Verdict> {
    let not_for = |reason| Some(Verdict::NotFor(reason));
    let needs = |missing| Some(Verdict::NeedsToKnow(missing));
    let year = today.year();
    let at = match rule.ages.at {
        AgeAt::Today => Some(today),
        AgeAt::YearStart => NaiveDate::from_ymd_opt(year, 1, 1),
        AgeAt::YearEnd => NaiveDate::from_ymd_opt(year, 12, 31),
    }
    .unwrap_or(today);
    let ages = Ages(history.born);
    match ages.within(rule.ages.from, rule.ages.to, at) {
        Some(false) => return not_for(Reason::Age),
        None => return needs(Missing::BirthDate),
        Some(true) => {}
    }
    match (rule.sex, history.sex) {
        (Some(RuleSex::Female), Sex::Male) | (Some(RuleSex::Male), Sex::Female) => {
            return not_for(Reason::Sex);
        }
        (Some(_), Sex::Unknown) => return needs(Missing::Sex),
        _ => {}
    }
    if let Some(from) = rule.female_from
        && ages.within(from, None, at) == Some(false)
    {
        match history.sex {
            Sex::Female => return not_for(Reason::Age),
            Sex::Unknown => return needs(Missing::Sex),
            Sex::Male => {}
        }
    }
    let has = |name: &String| history.conditions.contains(name);
    if rule.has_not.iter().any(has) {
        return not_for(Reason::Excluded);
    }
    if !rule.has.is_empty() && !rule.has.iter().any(has) {
        match history.smokes.filter(|_| rule.or_smokes) {
            Some(true) => {}
            None if rule.or_smokes => return needs(Missing::Smoking),
            _ => return not_for(Reason::NoCondition),
        }
    }
    let enough = |from| history.body_mass.map(|index| index >= Quantity::whole(from));
    smoking(rule, history, today).or_else(|| match rule.body_mass_from.map(enough) {
        Some(None) => needs(Missing::BodyMass),
        Some(Some(false)) => not_for(Reason::BodyMass),
        _ => None,
    })
}

/// Whether and how much the person smokes or smoked, and since when no more.
fn smoking(rule: &Rule, history: &History, today: NaiveDate) -> Option<Verdict> {
    let needs = |missing| Some(Verdict::NeedsToKnow(missing));
    let not_for = Some(Verdict::NotFor(Reason::Smoking));
    match (rule.smoking, history.smokes, history.ever_smoked) {
        (None, ..) => {}
        (Some(Smoking::Now), Some(true), _) | (Some(Smoking::Ever), _, Some(true)) => {}
        (Some(Smoking::Now), Some(false), _) | (Some(Smoking::Ever), _, Some(false)) => return not_for,
        (Some(_), ..) => return needs(Missing::Smoking),
    }
    match rule.pack_years_from.map(|from| history.pack_years.map(|years| years >= from)) {
        Some(None) => return needs(Missing::PackYears),
        Some(Some(false)) => return not_for,
        _ => {}
    }
    let years = rule.quit_within_years.filter(|_| history.smokes != Some(true))?;
    match history.quit_on.and_then(|quit_on| is_within(quit_on, years, today)) {
        None => needs(Missing::QuitDate),
        Some(false) => not_for,
        Some(true) => None,
    }
}

/// Whether less than so many years passed since a date; nothing when it is too vague to say.
fn is_within(since: PartialDate, years: u16, today: NaiveDate) -> Option<bool> {
    let holds = |day: NaiveDate| {
        let end = day.checked_add_months(Months::new(u32::from(years) * 12));
        end.is_none_or(|end| today < end)
    };
    let (first, last) = (holds(since.earliest()), holds(since.latest()));
    (first == last).then_some(first)
}
