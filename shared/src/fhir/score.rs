//! What a response says once more as observations that a record system can count: its score, and each answer that has
//! a LOINC code (US Core screening assessment; SDOHCC screening response where the form asks about needs). They are
//! made of the response: the score is read back, the rest must agree with it.

use super::elements::{
    self, ABSENT_REASON, FACT, LOINC, OBSERVATION_CATEGORY, UCUM, concept, list, made_id, object,
};
use super::json::Json;
use super::node::Node;
use super::reading::Found;
use super::refusal::{Reason, Refusal};
use super::response::{absent_reason, values};
use super::writing::Writing;
use crate::content::questionnaire::{Answer, Answers, Item, Questionnaire, Rule};
use crate::domain::screening::QuestionnaireResponse;
use crate::ids::FactId;
use crate::record::Fact;
use uuid::Uuid;

const PROFILE: &str =
    "http://hl7.org/fhir/us/core/StructureDefinition/us-core-observation-screening-assessment";
const SOCIAL_PROFILE: &str =
    "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-ObservationScreeningResponse";
const US_CATEGORY: &str = "http://hl7.org/fhir/us/core/CodeSystem/us-core-category";
const SCORE_CODE: &str = "https://caravan.invalid/fhir/CodeSystem/score";

/// What was read of a score.
pub(super) struct ReadScore {
    pub(super) value: Option<i64>,
    pub(super) outcome: Option<String>,
}

fn score_id(response: FactId) -> Uuid {
    made_id("score", &[response.as_bytes()])
}

fn answer_id(response: FactId, link_id: &str) -> Uuid {
    made_id("answer", &[response.as_bytes(), link_id.as_bytes()])
}

pub(super) fn write(
    out: &mut Writing<'_>,
    fact: &Fact,
    response: &QuestionnaireResponse,
    form: &Questionnaire,
    answers: &Answers,
) {
    let asks_needs = form
        .instrument()
        .is_some_and(|instrument| !instrument.needs.is_empty() || instrument.positive_need.is_some());
    let status = out.status_now(fact, response.status);
    let mut common = vec![
        ("status", status.code().into()),
        ("subject", out.person()),
        ("encounter", out.visit(response.visit)),
        ("effectiveDateTime", out.moment(fact)),
        ("derivedFrom", list([FACT.here(fact.id.uuid())])),
    ];
    let mut categories = vec![concept(OBSERVATION_CATEGORY, "survey")];
    if asks_needs {
        categories.push(concept(US_CATEGORY, "sdoh"));
    }
    common.push(("category", list(categories)));
    for (link_id, answer) in answers.iter() {
        let Some(item) = form.item(link_id) else { continue };
        let Some(code) = loinc(item) else { continue };
        let profile = if asks_needs { SOCIAL_PROFILE } else { PROFILE };
        let fields =
            [("meta", object([("profile", list([profile.into()]))])), ("code", concept(LOINC, code))];
        let all = fields.into_iter().chain(common.clone()).chain(answered(item, code, answer));
        out.put("Observation", answer_id(fact.id, link_id), all);
    }
    if response.score.is_none() && response.outcome.as_deref().is_none_or(str::is_empty) {
        return;
    }
    let fields = [
        ("meta", object([("profile", list([PROFILE.into()]))])),
        ("code", code(form)),
        ("interpretation", list([elements::concept_text(response.outcome.as_ref())])),
    ];
    let value = value(form, response.score);
    out.put("Observation", score_id(fact.id), fields.into_iter().chain(common).chain([value]));
}

fn loinc(item: &Item) -> Option<&str> {
    item.codes.iter().find(|coding| coding.system == LOINC).map(|coding| coding.code.as_str())
}

/// A choice as a concept, several as components of the same question, what was skipped with its reason.
fn answered(item: &Item, code: &str, answer: &Answer) -> Vec<(&'static str, Json)> {
    if let Some(reason) = absent_reason(answer) {
        return vec![("dataAbsentReason", concept(ABSENT_REASON, reason))];
    }
    let as_value = |(field, value): (&'static str, Json)| match field {
        "valueCoding" => ("valueCodeableConcept", object([("coding", list([value]))])),
        "valueDecimal" => {
            ("valueQuantity", object([("value", value), ("system", UCUM.into()), ("code", "1".into())]))
        }
        "valueDate" => ("valueDateTime", value),
        other => (other, value),
    };
    let mut values: Vec<_> = values(item, answer).into_iter().map(as_value).collect();
    match values.len() {
        1 => vec![values.remove(0)],
        _ => {
            let component = |value| object([("code", concept(LOINC, code)), value]);
            vec![("component", Json::List(values.into_iter().map(component).collect()))]
        }
    }
}

/// The code of the form's own result, else that of the form.
fn code(form: &Questionnaire) -> Json {
    let result = form.instrument().and_then(|instrument| instrument.result_link_id.as_deref());
    match result.and_then(|link_id| form.item(link_id)).and_then(loinc) {
        Some(code) => concept(LOINC, code),
        None => concept(SCORE_CODE, form.id().unwrap_or("score")),
    }
}

/// The codes of a result that is a code and not a number: at risk, and not.
fn result_codes(form: &Questionnaire) -> Option<(&str, &str)> {
    match &form.instrument()?.rule {
        Rule::Any { positive_code, negative_code, .. } => {
            positive_code.as_deref().zip(negative_code.as_deref())
        }
        _ => None,
    }
}

fn value(form: &Questionnaire, score: Option<i64>) -> (&'static str, Json) {
    match (score, result_codes(form)) {
        (None, _) => ("dataAbsentReason", concept(ABSENT_REASON, "unknown")),
        (Some(1), Some((at_risk, _))) => ("valueCodeableConcept", concept(LOINC, at_risk)),
        (Some(0), Some((_, not))) => ("valueCodeableConcept", concept(LOINC, not)),
        (Some(score), _) => (
            "valueQuantity",
            object([
                ("value", score.into()),
                ("unit", "score".into()),
                ("system", UCUM.into()),
                ("code", "{score}".into()),
            ]),
        ),
    }
}

pub(super) fn read(node: &Node<'_>, id: Uuid, found: &mut Found<'_>) -> Result<(), Refusal> {
    let noun = elements::Noun { name: "fact", fhir: "QuestionnaireResponse" };
    let response = node.need("derivedFrom", node.only("derivedFrom")?)?.reference_here(noun)?;
    let response = FactId::from_uuid(response);
    if id != score_id(response) {
        found.repeated.insert(id);
        return Ok(());
    }
    let outcome =
        node.only("interpretation")?.map(|said| said.need("text", said.string("text")?)).transpose()?;
    let value = if node.has("dataAbsentReason") {
        None
    } else if let Some(quantity) = node.object("valueQuantity")? {
        quantity.fixed("system", UCUM)?;
        quantity.fixed("code", "{score}")?;
        quantity.without(&["comparator"])?;
        let value = quantity.need("value", quantity.number("value")?)?;
        let whole = value.rounded(0).filter(|whole| *whole == value);
        Some(whole.ok_or_else(|| quantity.refuse("value", Reason::WrongShape("a whole number")))?.mantissa())
    } else {
        let code = node.need("value[x]", node.code("valueCodeableConcept", LOINC)?)?;
        let codes = found.content.iter().flat_map(|content| &content.forms).filter_map(result_codes);
        let score = codes.into_iter().find_map(|(at_risk, not)| match code {
            _ if code == at_risk => Some(1),
            _ if code == not => Some(0),
            _ => None,
        });
        let unknown = || Reason::UnknownCode(code.chars().take(64).collect());
        Some(score.ok_or_else(|| node.refuse("valueCodeableConcept.coding.code", unknown()))?)
    };
    // Its code and status are the response's, as the other observations that repeat it.
    found.repeated.insert(id);
    found.scores.insert(response, ReadScore { value, outcome });
    Ok(())
}
