//! What a questionnaire says in a clinician's terms: each question with all that an answer depends on and counts for, and
//! how its score comes about.

use super::{ITEM, Lines, all, both, lines};
use crate::content::questionnaire::{
    AnswerOption, AnyItem, Behavior, Coding, Condition, Instrument, Item, Operand, Questionnaire, Rule, Test,
};

pub(super) fn form_lines(form: &Questionnaire) -> Lines {
    let order: Vec<&str> = form.walk().into_iter().map(|item| item.link_id.as_str()).collect();
    let mut said = lines([
        (ITEM, form.title.clone()),
        ("title", form.title.clone()),
        ("version", form.version.clone()),
        ("codes", codes_words(&form.codes)),
        ("notice", form.copyright.clone().unwrap_or_default()),
        ("source of the wording", form.source.clone().unwrap_or_default()),
        ("order", order.join(", ")),
    ]);
    said.extend(form.walk().into_iter().map(|item| (format!("question {}", item.link_id), item_words(item))));
    if let Some(instrument) = form.instrument() {
        said.extend(score_lines(instrument));
    }
    said
}

fn codes_words(codes: &[Coding]) -> String {
    codes.iter().map(|coding| format!("{} {}", coding.system, coding.code)).collect::<Vec<_>>().join(", ")
}

/// Such as `2. How often? [Never = a1, 0 points | …] (choice, required)`.
fn item_words(item: &Item) -> String {
    let mut words: Vec<String> = item.prefix.iter().map(|prefix| format!("{prefix}.")).collect();
    words.push(both(&item.text));
    if !item.options.is_empty() {
        let options: Vec<String> = item.options.iter().map(option_words).collect();
        words.push(format!("[{}]", options.join(" | ")));
    }
    let mut kind = vec![format!("{:?}", item.kind).to_lowercase()];
    let also = [
        (item.required, "required"),
        (item.repeats, "several answers"),
        (item.read_only, "filled in by the program"),
        (item.has_unit, "with a unit"),
        (item.is_calculated, "with a formula"),
    ];
    kind.extend(also.into_iter().filter(|(is_so, _)| *is_so).map(|(_, said)| said.to_owned()));
    words.push(format!("({})", kind.join(", ")));
    if !item.codes.is_empty() {
        words.push(format!("(code {})", codes_words(&item.codes)));
    }
    if !item.conditions.is_empty() {
        let joined = if item.behavior == Behavior::Any { " or " } else { " and " };
        let conditions: Vec<String> = item.conditions.iter().map(condition_words).collect();
        words.push(format!("(asked if {})", conditions.join(joined)));
    }
    if !item.items.is_empty() {
        let held: Vec<&str> = item.items.iter().map(|held| held.link_id.as_str()).collect();
        words.push(format!("(holds {})", held.join(", ")));
    }
    words.join(" ").trim_start().to_owned()
}

fn option_words(option: &AnswerOption) -> String {
    let Coding { system, code } = &option.coding;
    let points = option.ordinal.map(|points| format!(", {points} points")).unwrap_or_default();
    let alone = if option.exclusive { ", alone" } else { "" };
    format!("{} = {system} {code}{points}{alone}", both(&option.text))
}

fn condition_words(condition: &Condition) -> String {
    let (how, operand) = match &condition.test {
        Test::Exists(true) => return format!("{} is answered", condition.question),
        Test::Exists(false) => return format!("{} is not answered", condition.question),
        Test::Equals(operand) => ("is", operand),
        Test::Differs(operand) => ("is not", operand),
        Test::Above(operand) => ("is above", operand),
        Test::AtLeast(operand) => ("is at least", operand),
        Test::Below(operand) => ("is below", operand),
        Test::AtMost(operand) => ("is at most", operand),
    };
    let operand = match operand {
        Operand::Code(text) | Operand::Text(text) => text.clone(),
        Operand::Integer(number) => number.to_string(),
        Operand::Decimal(number) => number.to_string(),
        Operand::Date(date) => date.to_string(),
    };
    format!("{} {how} {operand}", condition.question)
}

fn score_lines(instrument: &Instrument) -> Lines {
    let bands =
        instrument.bands.iter().map(|band| format!("{} {} to {}", both(&band.name), band.low, band.high));
    let alerts = instrument.alerts.iter().map(|alert| {
        let (action, choices) = (both(&alert.action), all(&alert.choices));
        format!("{} from {}: {action} [{choices}]", alert.link_id, alert.ordinal_at_least)
    });
    let needs = instrument
        .needs
        .iter()
        .map(|need| format!("{} by {} of {}", need.need, need.positive.join(" or "), need.link_id));
    let need = instrument.positive_need.iter().map(|need| format!("{need} by a positive score"));
    lines([
        ("score", instrument.name.clone()),
        ("score made of", made_of(&instrument.rule)),
        ("score positive", positive(&instrument.rule)),
        ("score bands", bands.collect::<Vec<_>>().join(", ")),
        ("score written to", instrument.result_link_id.clone().unwrap_or_default()),
        ("alerts", alerts.collect::<Vec<_>>().join("; ")),
        ("needs", needs.chain(need).collect::<Vec<_>>().join("; ")),
        ("followed by", instrument.then.clone().unwrap_or_default()),
        ("source of the score", instrument.source.clone()),
    ])
}

fn made_of(rule: &Rule) -> String {
    match rule {
        Rule::Sum { items, minimum, maximum, .. } => {
            format!("the sum of {}, {minimum} to {maximum}", items.join(", "))
        }
        Rule::Scaled { items, multiply_by, divide_by, maximum } => {
            format!("the sum of {}, times {multiply_by} by {divide_by}, up to {maximum}", items.join(", "))
        }
        Rule::Any { items, positive_code, negative_code } => {
            let item = |item: &AnyItem| {
                let (yes, no) = (item.positive.join(" or "), item.negative.join(" or "));
                format!("{} positive by {yes}, negative by {no}", item.link_id)
            };
            let codes = [("positive", positive_code), ("negative", negative_code)];
            let codes =
                codes.into_iter().filter_map(|(what, code)| Some(format!("{what} is {}", code.as_ref()?)));
            items.iter().map(item).chain(codes).collect::<Vec<_>>().join("; ")
        }
    }
}

fn positive(rule: &Rule) -> String {
    match rule {
        Rule::Sum { positive_at, .. } => match positive_at.by_sex() {
            (male, female) if male == female => format!("from {male}"),
            (male, female) => format!("from {male} (men), {female} (women)"),
        },
        Rule::Any { .. } => "one positive answer".to_owned(),
        Rule::Scaled { .. } => String::new(),
    }
}
