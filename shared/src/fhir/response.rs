//! What was answered: QuestionnaireResponse (US Core 7, SDC), with the exact form and the release that it was asked
//! under. Never its score, and never a single answer as an observation: both are `score`.

use super::elements::{
    self, ABSENT_EXTENSION, FACT, STAFF, absent_extension, coding, extension, list, object,
};
use super::json::Json;
use super::node::Node;
use super::reading::{Found, parts};
use super::refusal::{Reason, Refusal};
use super::score;
use super::writing::{Writing, amends_extension};
use crate::content::questionnaire::{self, Answers, Item, Kind, Questionnaire};
use crate::domain::screening::{self, AnswerList, FactStatus, QuestionnaireResponse};
use crate::ids::{FactId, StaffId};
use uuid::Uuid;

const PROFILE: &str = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-questionnaireresponse";
/// The status of a response of which a required question was put off.
const OPEN: &str = "in-progress";
/// The field of each kind of value.
const VALUES: [&str; 5] = ["valueCoding", "valueInteger", "valueDecimal", "valueDate", "valueString"];

pub(super) fn write(out: &mut Writing<'_>) {
    for fact in out.facts_of(QuestionnaireResponse::KIND.number) {
        let response = QuestionnaireResponse::read(fact);
        let canonical = response.questionnaire.clone().unwrap_or_default();
        let Some(form) = out.form(&canonical) else {
            out.refuse(fact, "questionnaire", format!("\"{canonical}\" is in no release"));
            continue;
        };
        let answers = match checked(form, &response) {
            Ok(answers) => answers,
            Err(reason) => {
                out.refuse(fact, "answers", reason);
                continue;
            }
        };
        let now = out.status_now(fact, response.status);
        let written = response.status.unwrap_or(FactStatus::Final);
        let is_open = now == FactStatus::Final && !form.is_complete(&answers);
        let fields = [
            ("meta", object([("profile", list([PROFILE.into()]))])),
            ("language", response.language.as_ref().into()),
            ("identifier", elements::identifier(&FACT.system(), &fact.id.to_string())),
            ("questionnaire", form.canonical().into()),
            ("status", if is_open { OPEN } else { status_code(now) }.into()),
            ("subject", out.person()),
            ("encounter", out.visit(response.visit)),
            ("authored", out.moment(fact)),
            ("author", STAFF.elsewhere(response.performer.map(StaffId::uuid))),
            ("item", list(items(&form.items, &answers))),
            (
                "extension",
                list([
                    extension("protocol-release", "valueString", response.pack.as_ref()),
                    extension(
                        "status-as-written",
                        "valueCode",
                        Some(written).filter(|written| *written != now).map(status_code),
                    ),
                    amends_extension(fact),
                ]),
            ),
        ];
        out.put("QuestionnaireResponse", fact.id.uuid(), fields);
        score::write(out, fact, &response, form, &answers);
    }
}

pub(super) fn status_code(status: FactStatus) -> &'static str {
    match status {
        FactStatus::Final => "completed",
        FactStatus::Amended => "amended",
        FactStatus::EnteredInError => "entered-in-error",
    }
}

fn status_from_code(code: &str) -> Option<FactStatus> {
    if code == OPEN {
        return Some(FactStatus::Final);
    }
    [FactStatus::Final, FactStatus::Amended, FactStatus::EnteredInError]
        .into_iter()
        .find(|status| status_code(*status) == code)
}

/// The stored answers as answers to the form, or why they are none.
pub(super) fn checked(form: &Questionnaire, response: &QuestionnaireResponse) -> Result<Answers, String> {
    let mut entries = Vec::new();
    for stored in response.answers.iter().flat_map(|list| &list.0) {
        let answer = questionnaire::Answer::try_from(&stored.value);
        let answer = answer.map_err(|error| format!("{}: {error}", stored.link_id))?;
        entries.push((stored.link_id.clone(), answer));
    }
    let told = |errors: Vec<questionnaire::AnswerError>| {
        errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    };
    Answers::check(form, entries).map_err(told)
}

/// Groups as the form nests them, and of the questions those with which something happened.
fn items(form_items: &[Item], answers: &Answers) -> Vec<Json> {
    let mut written = Vec::new();
    for item in form_items {
        let link_id = ("linkId", item.link_id.as_str().into());
        if item.kind == Kind::Group {
            let below = items(&item.items, answers);
            if !below.is_empty() {
                written.push(object([
                    link_id,
                    ("text", item.text.english.as_str().into()),
                    ("item", list(below)),
                ]));
            }
        } else if let Some(answer) = answers.get(&item.link_id) {
            let skipped = absent_reason(answer).map(absent_extension);
            let values = values(item, answer).into_iter().map(|(field, value)| object([(field, value)]));
            written.push(object([
                link_id,
                ("extension", list([skipped.into()])),
                ("text", item.text.english.as_str().into()),
                ("answer", list(values)),
            ]));
        }
    }
    written
}

/// Why a question has no answer, by the HL7 codes.
pub(super) fn absent_reason(answer: &questionnaire::Answer) -> Option<&'static str> {
    match answer {
        questionnaire::Answer::Declined => Some("asked-declined"),
        questionnaire::Answer::NotAsked => Some("not-asked"),
        _ => None,
    }
}

/// The values of an answer, each with the name of its field.
pub(super) fn values(item: &Item, answer: &questionnaire::Answer) -> Vec<(&'static str, Json)> {
    match answer {
        questionnaire::Answer::Codes(codes) => {
            let options = codes.iter().filter_map(|code| item.option(code));
            let value = |option: &questionnaire::AnswerOption| {
                let display = Some(option.text.english.as_str());
                ("valueCoding", coding(&option.coding.system, &option.coding.code, display))
            };
            options.map(value).collect()
        }
        questionnaire::Answer::Integer(number) => vec![("valueInteger", i64::from(*number).into())],
        questionnaire::Answer::Decimal(number) => vec![("valueDecimal", Json::Number(number.to_string()))],
        questionnaire::Answer::Date(date) => vec![("valueDate", date.to_string().into())],
        questionnaire::Answer::Text(text) => vec![("valueString", text.into())],
        questionnaire::Answer::Several(answers) => {
            answers.iter().flat_map(|answer| values(item, answer)).collect()
        }
        questionnaire::Answer::Declined | questionnaire::Answer::NotAsked => Vec::new(),
    }
}

pub(super) fn read(node: &Node<'_>, id: Uuid, found: &mut Found<'_>) -> Result<(), Refusal> {
    let parts = parts(node, "subject", "encounter")?;
    let canonical = node.need("questionnaire", node.text("questionnaire")?)?;
    let unknown = || node.refuse("questionnaire", Reason::UnknownCode(canonical.chars().take(120).collect()));
    if !canonical.contains('|') {
        return Err(node.refuse("questionnaire", Reason::WrongShape("an address with its version")));
    }
    let form = found.form(canonical).ok_or_else(unknown)?;
    let mut answers = Answers::new();
    read_items(node, form, &mut answers)?;
    let status = node.need("status", node.text("status")?)?;
    if status == OPEN && form.is_complete(&answers) {
        return Err(node.refuse("status", Reason::Contradicts("the answers, which are whole".to_owned())));
    }
    let status = node.known("status", Some(status), status_from_code)?;
    let written = node.extension_text("status-as-written", "valueCode")?;
    let score = found.scores.get(&FactId::from_uuid(id));
    let list = answers
        .iter()
        .map(|(link_id, answer)| screening::Answer { link_id: link_id.to_owned(), value: answer.into() });
    let response = QuestionnaireResponse {
        visit: parts.visit,
        questionnaire: Some(canonical.to_owned()),
        answers: Some(AnswerList(list.collect())),
        score: score.and_then(|score| score.value),
        outcome: score.and_then(|score| score.outcome.clone()),
        language: node.string("language")?,
        performer: node.reference("author", STAFF)?.map(StaffId::from_uuid),
        status: node.known("extension", written, status_from_code)?.or(status),
        pack: node.extension_text("protocol-release", "valueString")?,
    };
    let at = node.need("authored", node.moment("authored")?)?;
    found.fact(node, response.fact(FactId::from_uuid(id), parts.person.into(), at, parts.amends))
}

/// Reads items at every depth, which the bound on nesting keeps small.
fn read_items(node: &Node<'_>, form: &Questionnaire, answers: &mut Answers) -> Result<(), Refusal> {
    for item in node.list("item")? {
        let link_id = item.need("linkId", item.text("linkId")?)?;
        let unknown = || item.refuse("linkId", Reason::UnknownCode(link_id.chars().take(64).collect()));
        let asked = form.item(link_id).ok_or_else(unknown)?;
        if asked.kind == Kind::Group {
            item.without(&["answer"])?;
            read_items(&item, form, answers)?;
            continue;
        }
        item.without(&["item"])?;
        if answers.get(link_id).is_some() {
            return Err(item.refuse("linkId", Reason::Twice));
        }
        let answer = read_answer(&item, asked)?;
        let refused =
            |error: questionnaire::AnswerError| item.refuse("answer", Reason::NotAnAnswer(error.to_string()));
        answers.record(form, link_id, answer).map_err(refused)?;
    }
    Ok(())
}

fn read_answer(item: &Node<'_>, asked: &Item) -> Result<questionnaire::Answer, Refusal> {
    let given = item.list("answer")?;
    if let Some(reason) = item.extension(ABSENT_EXTENSION)? {
        item.without(&["answer"])?;
        return match reason.text("valueCode")? {
            Some("asked-declined") => Ok(questionnaire::Answer::Declined),
            Some("not-asked") => Ok(questionnaire::Answer::NotAsked),
            _ => Err(reason.refuse("valueCode", Reason::NotUnderstood)),
        };
    }
    let (mut codes, mut several) = (Vec::new(), Vec::new());
    for (place, answer) in given.iter().enumerate() {
        answer.without(&["item"])?;
        let field = VALUES.into_iter().find(|field| answer.has(field));
        let single = match answer.need("value[x]", field)? {
            "valueCoding" => {
                let coding = answer.need("valueCoding", answer.object("valueCoding")?)?;
                let code = coding.need("code", coding.text("code")?)?;
                let unknown = || coding.refuse("code", Reason::UnknownCode(code.chars().take(64).collect()));
                let option = asked.option(code).ok_or_else(unknown)?;
                if coding.text("system")? != Some(&option.coding.system) {
                    return Err(coding.refuse("system", Reason::NotThis(option.coding.system.clone())));
                }
                codes.push(code.to_owned());
                continue;
            }
            "valueInteger" => answer.integer("valueInteger")?.map(questionnaire::Answer::Integer),
            "valueDecimal" => answer.number("valueDecimal")?.map(questionnaire::Answer::Decimal),
            "valueDate" => answer.date("valueDate")?.map(questionnaire::Answer::Date),
            _ => answer.string("valueString")?.map(questionnaire::Answer::Text),
        };
        if asked.is_list() {
            several.push(answer.need("value[x]", single)?);
            continue;
        }
        if place > 0 || given.len() > 1 {
            return Err(
                item.refuse("answer", Reason::TooMany { what: "answers", count: given.len(), count_max: 1 })
            );
        }
        return answer.need("value[x]", single);
    }
    match (codes.is_empty(), several.is_empty()) {
        (true, true) => Err(item.refuse("answer", Reason::Missing)),
        (false, true) => Ok(questionnaire::Answer::Codes(codes)),
        (true, false) => Ok(questionnaire::Answer::Several(several)),
        (false, false) => Err(item.refuse("answer", Reason::WrongShape("answers of one kind"))),
    }
}
