//! What a form asks for that the page of questions does not show. It shows one question after the other, each under the
//! last line of text before it, and of groups what they hold. Never asked when a form is read, only before it is handed
//! out: a device opens what was handed out before.

use super::{Item, Kind, Questionnaire};
use crate::content::language::Language;

/// An item with the groups that it stands in, the outermost first.
struct Placed<'q> {
    item: &'q Item,
    groups: Vec<&'q Item>,
}

impl Questionnaire {
    /// Features that the page lacks, each with the link id of its item.
    ///
    /// The number that is printed before a question (`prefix`) is none of them, though it is not shown: the forms of every
    /// build have it, and the page says in its place which question of how many it is.
    pub fn unshown(&self) -> Vec<(&str, &'static str)> {
        let mut placed = Vec::new();
        place(&self.items, &[], &mut placed);
        let mut unshown = Vec::new();
        for (at, Placed { item, .. }) in placed.iter().enumerate() {
            let line = if item.kind == Kind::Display { line_lacks(&placed, at) } else { None };
            let features = lacks(item).into_iter().chain(line);
            unshown.extend(features.map(|feature| (item.link_id.as_str(), feature)));
        }
        unshown
    }
}

fn place<'q>(items: &'q [Item], groups: &[&'q Item], placed: &mut Vec<Placed<'q>>) {
    for item in items {
        placed.push(Placed { item, groups: groups.to_vec() });
        place(&item.items, &[groups, &[item]].concat(), placed);
    }
}

/// What is said of one item and has no effect.
fn lacks(item: &Item) -> Vec<&'static str> {
    let has_text = !item.text.english.is_empty() || item.text.spanish.is_some();
    let said = match item.kind {
        Kind::Group => vec![
            (has_text, "text of a group"),
            (item.prefix.is_some(), "prefix of a group"),
            (item.required, "required on a group"),
            (item.read_only, "readOnly on a group"),
        ],
        Kind::Display => vec![
            (item.prefix.is_some(), "prefix of a line of text"),
            (item.required, "required on a line of text"),
            (item.read_only, "readOnly on a line of text"),
            (!item.conditions.is_empty(), "enableWhen on a line of text"),
        ],
        _ if item.is_question() => vec![
            (item.has_unit, "questionnaire-unit on a question"),
            (item.is_calculated, "calculatedExpression on a question"),
        ],
        _ => Vec::new(),
    };
    said.into_iter().filter_map(|(is_said, feature)| is_said.then_some(feature)).collect()
}

/// Why a line of text would be shown nowhere, or where it does not belong.
fn line_lacks(placed: &[Placed<'_>], at: usize) -> Option<&'static str> {
    let (line, behind) = (&placed[at], &placed[at + 1..]);
    let is_under = |other: &&Placed<'_>| other.item.kind != Kind::Display;
    let mut under = behind.iter().take_while(is_under).filter(|other| other.item.is_question()).peekable();
    let Some(first) = under.peek() else {
        let is_last = !behind.iter().any(|other| other.item.is_question());
        return Some(if is_last {
            "a line of text after the last question"
        } else {
            "more than one line of text before a question"
        });
    };
    // The page takes such a question for a whole one, which needs no line before it.
    if Language::ALL.into_iter().any(|language| first.item.text.text(language).ends_with('?')) {
        return Some("a line of text before a question that ends with a question mark");
    }
    let mut sometimes = line.groups.iter().filter(|group| !group.conditions.is_empty());
    let is_within = |question: &Placed<'_>, group: &Item| {
        question.groups.iter().any(|other| other.link_id == group.link_id)
    };
    let under: Vec<_> = under.collect();
    let leaves = sometimes.any(|group| !under.iter().all(|question| is_within(question, group)));
    leaves.then_some("a line of text in a group with enableWhen, before a question outside of it")
}

#[cfg(test)]
mod tests;
