//! Reads the subset of FHIR R4 Questionnaire that our files use, within bounds, into our own shape.
//! Never guesses: an element, extension or item type it does not know is an error that names the item.

use serde_json::Value;

use super::order::evaluation_order;
use super::{AnswerOption, Behavior, Coding, Condition, Item, Kind, Operand, Questionnaire, Test};
use crate::content::language::{Language, Words};

mod node;

use super::QuestionnaireError as Error;
use node::Node;

/// Elements of the questionnaire itself that are read or that say nothing about what is asked.
const ROOT_FIELDS: [&str; 18] = [
    "resourceType",
    "id",
    "meta",
    "url",
    "version",
    "name",
    "title",
    "status",
    "experimental",
    "subjectType",
    "date",
    "publisher",
    "description",
    "purpose",
    "copyright",
    "language",
    "code",
    "item",
];

const ITEM_FIELDS: [&str; 14] = [
    "linkId",
    "prefix",
    "text",
    "_text",
    "type",
    "code",
    "required",
    "repeats",
    "readOnly",
    "answerOption",
    "enableWhen",
    "enableBehavior",
    "item",
    "extension",
];

/// Extensions of items that change neither what is asked nor when: the unit and formula of a total that
/// `scoring.json` computes, and how a total becomes an observation.
const ITEM_EXTENSIONS: [&str; 3] =
    [UNIT, CALCULATED, "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-observationExtract"];
const UNIT: &str = "http://hl7.org/fhir/StructureDefinition/questionnaire-unit";
const CALCULATED: &str =
    "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression";
const ORDINAL: &str = "http://hl7.org/fhir/StructureDefinition/ordinalValue";
const EXCLUSIVE: &str = "http://hl7.org/fhir/StructureDefinition/questionnaire-optionExclusive";
const TRANSLATION: &str = "http://hl7.org/fhir/StructureDefinition/translation";

/// Reads and checks a whole questionnaire.
pub(super) fn parse(json: &str) -> Result<Questionnaire, Error> {
    if json.len() > Questionnaire::BYTES_MAX {
        return Err(Error::TooLarge { bytes: json.len(), bytes_max: Questionnaire::BYTES_MAX });
    }
    let value: Value =
        serde_json::from_str(json).map_err(|error| Error::NotJson { reason: error.to_string() })?;
    let root = Node::new("questionnaire", "questionnaire", &value)?;
    root.allow(&ROOT_FIELDS)?;
    if root.required_text("resourceType")? != "Questionnaire" {
        return Err(root.unknown("resourceType"));
    }
    let mut budget = Questionnaire::ITEMS_MAX;
    let items = items(&root, 1, &mut budget)?;
    let evaluation_order = evaluation_order(&items)?;
    Ok(Questionnaire {
        url: root.required_text("url")?.to_owned(),
        version: root.required_text("version")?.to_owned(),
        title: root.required_text("title")?.to_owned(),
        copyright: root.text("copyright")?.map(str::to_owned),
        source: root.text("purpose")?.map(str::to_owned),
        codes: codings(&root)?,
        items,
        evaluation_order,
        scoring: None,
    })
}

/// The items below a node; `budget` is how many more the whole questionnaire may have.
fn items(parent: &Node<'_>, depth: usize, budget: &mut usize) -> Result<Vec<Item>, Error> {
    let mut items = Vec::new();
    for value in parent.array("item")? {
        let link_id = value.get("linkId").and_then(Value::as_str);
        let link_id =
            link_id.ok_or(Error::Missing { link_id: parent.link_id.to_owned(), field: "linkId" })?;
        let node = Node::new(link_id, "item", value)?;
        if depth > Questionnaire::DEPTH_MAX {
            return Err(Error::TooDeep { link_id: link_id.to_owned(), depth_max: Questionnaire::DEPTH_MAX });
        }
        *budget = budget.checked_sub(1).ok_or(node.too_many("items", Questionnaire::ITEMS_MAX))?;
        items.push(item(&node, depth, budget)?);
    }
    Ok(items)
}

fn item(node: &Node<'_>, depth: usize, budget: &mut usize) -> Result<Item, Error> {
    node.allow(&ITEM_FIELDS)?;
    let (mut has_unit, mut is_calculated) = (false, false);
    for extension in node.array("extension")? {
        let extension = Node::new(node.link_id, "extension", extension)?;
        let url = extension.required_text("url")?;
        has_unit |= url == UNIT;
        is_calculated |= url == CALCULATED;
        if !ITEM_EXTENSIONS.contains(&url) {
            return Err(node.unknown(url));
        }
        if url == CALCULATED {
            calculable(node, &extension)?;
        }
    }
    let kind = match node.required_text("type")? {
        "group" => Kind::Group,
        "display" => Kind::Display,
        "choice" => Kind::Choice,
        "integer" => Kind::Integer,
        "decimal" => Kind::Decimal,
        "date" => Kind::Date,
        "string" | "text" => Kind::Text,
        other => return Err(node.unknown(&format!("type {other}"))),
    };
    let item = Item {
        link_id: node.link_id.to_owned(),
        prefix: node.text("prefix")?.map(str::to_owned),
        text: words(node, "text", "_text")?,
        kind,
        codes: codings(node)?,
        required: node.flag("required")?,
        repeats: node.flag("repeats")?,
        read_only: node.flag("readOnly")?,
        has_unit,
        is_calculated,
        options: options(node)?,
        conditions: conditions(node)?,
        behavior: behavior(node)?,
        items: items(node, depth + 1, budget)?,
    };
    fits_its_kind(node, &item)?;
    Ok(item)
}

/// The formula of a total is for other programs: ours adds by `scoring.json`. A formula that divides says something
/// that no rule of ours does, and might divide by zero there.
fn calculable(node: &Node<'_>, extension: &Node<'_>) -> Result<(), Error> {
    let expression = extension.object("valueExpression")?;
    let formula = expression.required_text("expression")?;
    // What stands between quotation marks is a link id or a code.
    let code: String = formula.split('\'').step_by(2).collect::<Vec<_>>().join(" ");
    let divides = code.contains('/') || code.split_whitespace().any(|word| word == "div" || word == "mod");
    if divides { Err(node.unknown("a calculatedExpression that divides")) } else { Ok(()) }
}

/// Refuses elements that FHIR allows only on other types, or that would never have an effect here.
fn fits_its_kind(node: &Node<'_>, item: &Item) -> Result<(), Error> {
    match item.kind {
        Kind::Choice if item.options.is_empty() => {
            return Err(Error::Missing { link_id: item.link_id.clone(), field: "answerOption" });
        }
        kind if kind != Kind::Choice && !item.options.is_empty() => {
            return Err(node.unknown("answerOption on this type"));
        }
        _ => {}
    }
    if item.kind != Kind::Group && !item.items.is_empty() {
        return Err(node.unknown("item below a question"));
    }
    if item.repeats && matches!(item.kind, Kind::Group | Kind::Display) {
        return Err(node.unknown("repeats on this type"));
    }
    if item.is_question() && item.text.english.is_empty() {
        return Err(Error::Missing { link_id: item.link_id.clone(), field: "text" });
    }
    Ok(())
}

fn options(node: &Node<'_>) -> Result<Vec<AnswerOption>, Error> {
    let values = node.array("answerOption")?;
    if values.len() > Questionnaire::OPTIONS_MAX {
        return Err(node.too_many("options", Questionnaire::OPTIONS_MAX));
    }
    let mut options: Vec<AnswerOption> = Vec::with_capacity(values.len());
    for value in values {
        let option = Node::new(node.link_id, "answerOption", value)?;
        option.allow(&["valueCoding", "extension"])?;
        let value = option.object("valueCoding")?;
        value.allow(&["system", "code", "display", "_display"])?;
        let coding = coding(&value)?;
        if options.iter().any(|earlier| earlier.coding.code == coding.code) {
            return Err(Error::Twice { link_id: node.link_id.to_owned(), value: coding.code });
        }
        let (mut ordinal, mut exclusive) = (None, false);
        for extension in option.array("extension")? {
            let extension = Node::new(node.link_id, "extension", extension)?;
            match extension.required_text("url")? {
                ORDINAL => ordinal = Some(extension.whole("valueDecimal")?),
                EXCLUSIVE => exclusive = extension.flag("valueBoolean")?,
                other => return Err(node.unknown(other)),
            }
        }
        let text = words(&value, "display", "_display")?;
        if text.english.is_empty() {
            return Err(Error::Missing { link_id: node.link_id.to_owned(), field: "display" });
        }
        options.push(AnswerOption { coding, text, ordinal, exclusive });
    }
    Ok(options)
}

fn conditions(node: &Node<'_>) -> Result<Vec<Condition>, Error> {
    let values = node.array("enableWhen")?;
    if values.len() > Questionnaire::OPTIONS_MAX {
        return Err(node.too_many("conditions", Questionnaire::OPTIONS_MAX));
    }
    let mut conditions = Vec::with_capacity(values.len());
    for value in values {
        let condition = Node::new(node.link_id, "enableWhen", value)?;
        condition.allow(&[
            "question",
            "operator",
            "answerBoolean",
            "answerInteger",
            "answerDecimal",
            "answerDate",
            "answerString",
            "answerCoding",
        ])?;
        let question = condition.required_text("question")?.to_owned();
        conditions.push(Condition { question, test: test(&condition)? });
    }
    Ok(conditions)
}

fn test(condition: &Node<'_>) -> Result<Test, Error> {
    let operator = condition.required_text("operator")?;
    if operator == "exists" {
        return Ok(Test::Exists(condition.required_flag("answerBoolean")?));
    }
    let operand = if condition.has("answerCoding") {
        Operand::Code(coding(&condition.object("answerCoding")?)?.code)
    } else if condition.has("answerInteger") {
        Operand::Integer(condition.integer("answerInteger")?)
    } else if condition.has("answerDecimal") {
        Operand::Decimal(condition.decimal("answerDecimal")?)
    } else if condition.has("answerDate") {
        let date = condition.required_text("answerDate")?.parse();
        Operand::Date(date.map_err(|_| condition.wrong_shape("answerDate"))?)
    } else {
        Operand::Text(condition.required_text("answerString")?.to_owned())
    };
    match (operator, operand) {
        ("=", operand) => Ok(Test::Equals(operand)),
        ("!=", operand) => Ok(Test::Differs(operand)),
        (">", operand) if operand.is_ordered() => Ok(Test::Above(operand)),
        (">=", operand) if operand.is_ordered() => Ok(Test::AtLeast(operand)),
        ("<", operand) if operand.is_ordered() => Ok(Test::Below(operand)),
        ("<=", operand) if operand.is_ordered() => Ok(Test::AtMost(operand)),
        (other, _) => Err(condition.unknown(&format!("operator {other} on this answer"))),
    }
}

/// FHIR demands the behaviour only where more than one condition makes it matter.
fn behavior(node: &Node<'_>) -> Result<Behavior, Error> {
    match node.text("enableBehavior")? {
        Some("all") => Ok(Behavior::All),
        Some("any") => Ok(Behavior::Any),
        Some(other) => Err(node.unknown(&format!("enableBehavior {other}"))),
        None if node.array("enableWhen")?.len() > 1 => {
            Err(Error::Missing { link_id: node.link_id.to_owned(), field: "enableBehavior" })
        }
        None => Ok(Behavior::All),
    }
}

fn codings(node: &Node<'_>) -> Result<Vec<Coding>, Error> {
    node.array("code")?.iter().map(|value| coding(&Node::new(node.link_id, "code", value)?)).collect()
}

fn coding(node: &Node<'_>) -> Result<Coding, Error> {
    Ok(Coding {
        system: node.required_text("system")?.to_owned(),
        code: node.required_text("code")?.to_owned(),
    })
}

/// A text and its translation, which FHIR keeps in an extension of the text's shadow element.
fn words(node: &Node<'_>, field: &str, shadow: &'static str) -> Result<Words, Error> {
    let english = node.text(field)?.unwrap_or_default().to_owned();
    let mut spanish = None;
    if node.has(shadow) {
        let shadow = node.object(shadow)?;
        shadow.allow(&["extension"])?;
        for extension in shadow.array("extension")? {
            let extension = Node::new(node.link_id, "extension", extension)?;
            let url = extension.required_text("url")?;
            if url != TRANSLATION {
                return Err(node.unknown(url));
            }
            let (language, content) = translation(&extension)?;
            if Language::from_tag(language) == Some(Language::Spanish) {
                spanish = Some(content.to_owned());
            }
        }
    }
    Ok(Words { english, spanish })
}

/// The language tag and the text of one translation extension.
fn translation<'a>(extension: &Node<'a>) -> Result<(&'a str, &'a str), Error> {
    let (mut language, mut content) = (None, None);
    for part in extension.array("extension")? {
        let part = Node::new(extension.link_id, "extension", part)?;
        match part.required_text("url")? {
            "lang" => language = Some(part.required_text("valueCode")?),
            "content" => content = Some(part.required_text("valueString")?),
            other => return Err(extension.unknown(other)),
        }
    }
    let missing = |field| Error::Missing { link_id: extension.link_id.to_owned(), field };
    Ok((language.ok_or(missing("lang"))?, content.ok_or(missing("content"))?))
}
