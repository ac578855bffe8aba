//! What a completed instrument says: its score, band, alerts and the needs that its answers name.
//! Never advice, and never a score from half an instrument.

mod rules;

use std::ops::RangeInclusive;

use super::{Answer, Answers, Item, Questionnaire};
use crate::content::language::Words;
use crate::content::sex::Sex;
pub use rules::{AnyItem, CutOff, Instrument, Rule, ScoringError, parse};

/// The result of an instrument by its published rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Score<'q> {
    /// The instrument's name, which may be shorter than the questionnaire's (`HITS` within the AHC tool).
    pub instrument: &'q str,
    /// Points, or 1 for at risk and 0 for not where the instrument only tells these apart.
    pub value: u32,
    pub range: RangeInclusive<u32>,
    pub positive: bool,
    /// The value from which the result is positive for this person; none where no value is.
    pub positive_at: Option<u32>,
    pub band: Option<&'q ScoreBand>,
    /// The item of the questionnaire that takes the result, if it has one.
    pub result_link_id: Option<&'q str>,
    /// The code of the result, for instruments whose result is a code and not a number.
    pub result_code: Option<&'q str>,
    pub alerts: Vec<Alert<'q>>,
    /// The id of the questionnaire that follows a positive result.
    pub then: Option<&'q str>,
    /// Where the score, its cut-off and its bands were published.
    pub source: &'q str,
}

/// A named range of a score, both ends included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScoreBand {
    pub low: u32,
    pub high: u32,
    pub name: Words,
}

/// An answer that demands an action whatever the score is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert<'q> {
    /// The question whose answer raised it.
    pub link_id: &'q str,
    pub action: &'q Words,
    /// What staff say that they did, one of these.
    pub choices: &'q [Words],
}

/// A social need that an answer or a positive score names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Need<'q> {
    /// The kind of need, such as `food-insecurity`.
    pub need: &'q str,
    /// The question that told of it, or the item of the score.
    pub link_id: &'q str,
}

/// The score of the questionnaire's instrument. `None` when it has no rules, or when a question that counts
/// was skipped: half an instrument has no published meaning.
///
/// Questions that the instrument itself skips count nothing (AUDIT-C after "Never"). For an unknown sex the
/// lower of two cut-offs is used, because a second look harms less than a missed one.
pub fn score<'q>(questionnaire: &'q Questionnaire, answers: &Answers, sex: Sex) -> Option<Score<'q>> {
    let instrument = questionnaire.scoring.as_deref()?;
    let (value, range, positive_at, result_code) = match &instrument.rule {
        Rule::Sum { items, minimum, maximum, positive_at } => {
            let value = sum(questionnaire, answers, items)?;
            (value, *minimum..=*maximum, Some(positive_at.for_sex(sex)), None)
        }
        Rule::Scaled { items, multiply_by, divide_by, maximum } => {
            let points = u64::from(sum(questionnaire, answers, items)?) * u64::from(*multiply_by);
            let value = points.checked_div(u64::from(*divide_by))?;
            (u32::try_from(value).ok()?, 0..=*maximum, None, None)
        }
        Rule::Any { items, positive_code, negative_code } => {
            let is_at_risk = any(questionnaire, answers, items)?;
            let code = if is_at_risk { positive_code } else { negative_code };
            (u32::from(is_at_risk), 0..=1, Some(1), code.as_deref())
        }
    };
    let positive = positive_at.is_some_and(|positive_at| value >= positive_at);
    Some(Score {
        instrument: &instrument.name,
        value,
        range,
        positive,
        positive_at,
        band: instrument.bands.iter().find(|band| (band.low..=band.high).contains(&value)),
        result_link_id: instrument.result_link_id.as_deref(),
        result_code,
        alerts: alerts(questionnaire, answers),
        then: instrument.then.as_deref().filter(|_| positive),
        source: &instrument.source,
    })
}

/// The alerts that the answers raise. They do not wait for the score: one answer is enough.
pub fn alerts<'q>(questionnaire: &'q Questionnaire, answers: &Answers) -> Vec<Alert<'q>> {
    let Some(instrument) = questionnaire.scoring.as_deref() else { return Vec::new() };
    let asked = questionnaire.questions(answers);
    let is_raised = |rule: &&rules::AlertRule| {
        let points =
            asked.iter().find(|item| item.link_id == rule.link_id).and_then(|item| points(item, answers));
        points.is_some_and(|points| points >= rule.ordinal_at_least)
    };
    let raised = instrument.alerts.iter().filter(is_raised);
    raised
        .map(|rule| Alert { link_id: &rule.link_id, action: &rule.action, choices: &rule.choices })
        .collect()
}

/// The alert that an item can raise, whatever was answered.
pub fn alert_of<'q>(questionnaire: &'q Questionnaire, link_id: &str) -> Option<Alert<'q>> {
    let alerts = &questionnaire.scoring.as_deref()?.alerts;
    let rule = alerts.iter().find(|rule| rule.link_id == link_id)?;
    Some(Alert { link_id: &rule.link_id, action: &rule.action, choices: &rule.choices })
}

/// The social needs that the answers name, each question once, in the order of the rules. They do not wait
/// for the rest of the questionnaire.
pub fn needs<'q>(questionnaire: &'q Questionnaire, answers: &Answers) -> Vec<Need<'q>> {
    let Some(instrument) = questionnaire.scoring.as_deref() else { return Vec::new() };
    let asked = questionnaire.questions(answers);
    let mut needs: Vec<Need<'q>> = Vec::new();
    for rule in &instrument.needs {
        let item = asked.iter().find(|item| item.link_id == rule.link_id);
        if item.is_some_and(|item| chosen(item, answers).iter().any(|code| rule.positive.contains(code))) {
            needs.push(Need { need: &rule.need, link_id: &rule.link_id });
        }
    }
    needs.extend(need_of_score(questionnaire, answers, instrument));
    needs
}

/// The need that a positive score stands for; its cut-off is the same for everybody.
fn need_of_score<'q>(
    questionnaire: &'q Questionnaire,
    answers: &Answers,
    instrument: &'q Instrument,
) -> Option<Need<'q>> {
    let need = instrument.positive_need.as_deref()?;
    let score = score(questionnaire, answers, Sex::Unknown)?;
    score.positive.then_some(Need { need, link_id: score.result_link_id? })
}

/// Whether a question has an answer that says something: it was given, and where the instrument tells positive from
/// negative answers to it, it is one of these. "Don't know" says nothing.
pub fn is_known(questionnaire: &Questionnaire, answers: &Answers, link_id: &str) -> bool {
    if !answers.get(link_id).is_some_and(Answer::is_given) {
        return false;
    }
    let Some(Rule::Any { items, .. }) = questionnaire.instrument().map(|instrument| &instrument.rule) else {
        return true;
    };
    let codes = questionnaire.item(link_id).map(|item| chosen(item, answers)).unwrap_or_default();
    let says = |item: &AnyItem| {
        codes.iter().any(|code| item.positive.contains(code) || item.negative.contains(code))
    };
    items.iter().filter(|item| item.link_id == link_id).all(says)
}

/// The points of all items that are asked; `None` when none is or when one has no answer with points.
fn sum(questionnaire: &Questionnaire, answers: &Answers, link_ids: &[String]) -> Option<u32> {
    let asked = questionnaire.questions(answers);
    let mut counted = link_ids.iter().map(|link_id| asked.iter().find(|item| item.link_id == *link_id));
    // The first item is always asked; an instrument whose items are all missing from the file has no score.
    let first = points(counted.next()??, answers)?;
    counted.flatten().try_fold(first, |total, item| total.checked_add(points(item, answers)?))
}

/// Whether any answer is a positive one. `None` when none is and one is neither positive nor negative:
/// "Don't know" is no reassurance.
fn any(questionnaire: &Questionnaire, answers: &Answers, items: &[AnyItem]) -> Option<bool> {
    let codes = |item: &AnyItem| questionnaire.item(&item.link_id).map(|asked| chosen(asked, answers));
    let is_in = |item: &AnyItem, wanted: &[String]| {
        codes(item).is_some_and(|codes| codes.iter().any(|code| wanted.contains(code)))
    };
    if items.iter().any(|item| is_in(item, &item.positive)) {
        return Some(true);
    }
    items.iter().all(|item| is_in(item, &item.negative)).then_some(false)
}

/// The points of the chosen option.
fn points(item: &Item, answers: &Answers) -> Option<u32> {
    item.option(chosen(item, answers).first()?)?.ordinal
}

/// The codes of the chosen options, none if the question was skipped.
fn chosen<'a>(item: &Item, answers: &'a Answers) -> &'a [String] {
    match answers.get(&item.link_id) {
        Some(Answer::Codes(codes)) => codes,
        _ => &[],
    }
}

#[cfg(test)]
mod tests;
