//! Checks that it can always be decided which items are asked, and in which order to decide it.
//! Never reads an answer.

use std::collections::BTreeMap;

use super::{Condition, Item, Kind, Operand, QuestionnaireError as Error, Test};

/// An item and the group that holds it.
pub(super) type Placed<'a> = BTreeMap<&'a str, (&'a Item, Option<&'a str>)>;

/// Every item by link id, with its group. The first link id that stands twice is the error.
pub(super) fn placed(items: &[Item]) -> Result<Placed<'_>, Error> {
    let mut placed = Placed::new();
    let mut waiting: Vec<(&Item, Option<&str>)> = items.iter().rev().map(|item| (item, None)).collect();
    while let Some((item, group)) = waiting.pop() {
        if placed.insert(&item.link_id, (item, group)).is_some() {
            return Err(Error::Twice { link_id: item.link_id.clone(), value: item.link_id.clone() });
        }
        waiting.extend(item.items.iter().rev().map(|child| (child, Some(item.link_id.as_str()))));
    }
    Ok(placed)
}

/// Link ids in an order in which each comes after its group and after every question that decides about it.
///
/// Items are taken as soon as nothing they wait for is left (Kahn's method), so that neither a cycle nor a
/// long chain costs more than the number of items and conditions.
pub(super) fn evaluation_order(items: &[Item]) -> Result<Vec<String>, Error> {
    let placed = placed(items)?;
    let mut waits_for_count: BTreeMap<&str, usize> = BTreeMap::new();
    let mut decides_about: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (link_id, (item, group)) in &placed {
        let questions = item.conditions.iter().map(|condition| condition.question.as_str());
        for condition in &item.conditions {
            decidable(item, condition, &placed)?;
        }
        let awaited: Vec<&str> = questions.chain(*group).collect();
        waits_for_count.insert(link_id, awaited.len());
        for question in awaited {
            decides_about.entry(question).or_default().push(link_id);
        }
    }
    let mut free: Vec<&str> =
        waits_for_count.iter().filter(|(_, count)| **count == 0).map(|(link_id, _)| *link_id).collect();
    let mut order = Vec::with_capacity(placed.len());
    while let Some(link_id) = free.pop() {
        order.push(link_id.to_owned());
        waits_for_count.remove(link_id);
        for follower in decides_about.remove(link_id).unwrap_or_default() {
            let count = waits_for_count.get_mut(follower).expect("whoever waits is counted until it is free");
            *count -= 1;
            if *count == 0 {
                free.push(follower);
            }
        }
    }
    match waits_for_count.keys().next() {
        Some(stuck) => Err(Error::Cycle { link_id: (*stuck).to_owned() }),
        None => Ok(order),
    }
}

/// Refuses a condition on a question that does not exist or that can never give such an answer.
fn decidable(item: &Item, condition: &Condition, placed: &Placed<'_>) -> Result<(), Error> {
    let question = placed.get(condition.question.as_str()).map(|(question, _)| *question);
    let is_decidable = question.is_some_and(|question| match &condition.test {
        Test::Exists(_) => question.is_question(),
        Test::Equals(operand) | Test::Differs(operand) => operand.fits(question),
        Test::Above(operand) | Test::AtLeast(operand) | Test::Below(operand) | Test::AtMost(operand) => {
            operand.fits(question)
        }
    });
    if is_decidable {
        return Ok(());
    }
    Err(Error::Undecidable { link_id: item.link_id.clone(), question: condition.question.clone() })
}

impl Operand {
    /// Whether an answer to this question can be compared with it.
    fn fits(&self, question: &Item) -> bool {
        match self {
            Operand::Code(code) => question.option(code).is_some(),
            Operand::Integer(_) => question.kind == Kind::Integer,
            Operand::Decimal(_) => question.kind == Kind::Decimal,
            Operand::Date(_) => question.kind == Kind::Date,
            Operand::Text(_) => question.kind == Kind::Text,
        }
    }

    /// Whether one can be above another.
    pub(super) fn is_ordered(&self) -> bool {
        matches!(self, Operand::Integer(_) | Operand::Decimal(_) | Operand::Date(_))
    }
}
