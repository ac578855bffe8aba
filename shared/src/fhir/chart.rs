//! What a van keeps of a person's health beside the visit: allergies, conditions and the smoking status, each as a
//! resource made of the person. Never a measured value.

use super::elements::{
    self, LOINC, OBSERVATION_CATEGORY, PERSON, SNOMED, absent_extension, concept, concept_text, list, object,
};
use super::json::Json;
use super::node::Node;
use super::reading::Found;
use super::refusal::{Reason, Refusal};
use super::writing::Writing;
use crate::domain::person::TobaccoStatus;

const SMOKING_PROFILE: &str = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-smokingstatus";
const ALLERGY_STATUS: &str = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical";
const ALLERGY_VERIFICATION: &str = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification";
const CONDITION_STATUS: &str = "http://terminology.hl7.org/CodeSystem/condition-clinical";
const CONDITION_CATEGORY: &str = "http://terminology.hl7.org/CodeSystem/condition-category";
/// LOINC: tobacco smoking status.
pub(super) const SMOKING: &str = "72166-2";

pub(super) fn write(out: &mut Writing<'_>) {
    let (id, person) = (out.record.person_id.uuid(), &out.record.person);
    smoking(out);
    for allergy in person.allergies.iter().flatten().filter(|text| !text.is_empty()) {
        let made = elements::made_id("allergy", &[id.as_bytes(), allergy.as_bytes()]);
        out.put(
            "AllergyIntolerance",
            made,
            [
                ("clinicalStatus", concept(ALLERGY_STATUS, "active")),
                ("verificationStatus", concept(ALLERGY_VERIFICATION, "unconfirmed")),
                ("code", concept_text(Some(allergy))),
                ("patient", PERSON.here(id)),
            ],
        );
    }
    for condition in person.conditions.iter().flatten().filter(|code| !code.is_empty()) {
        let made = elements::made_id("condition", &[id.as_bytes(), condition.as_bytes()]);
        out.put(
            "Condition",
            made,
            [
                ("clinicalStatus", concept(CONDITION_STATUS, "active")),
                ("category", list([concept(CONDITION_CATEGORY, "problem-list-item")])),
                ("code", concept(SNOMED, condition)),
                ("subject", PERSON.here(id)),
            ],
        );
    }
}

/// The status has no moment of its own: it is what was known when the visit began.
fn smoking(out: &mut Writing<'_>) {
    let Some(status) = out.record.person.tobacco_status else { return };
    let id = out.record.person_id.uuid();
    let made = elements::made_id("smoking status", &[id.as_bytes()]);
    let at = out.record.visit.checked_in_at.and_then(elements::moment);
    let absent = object([("extension", list([absent_extension("unknown")]))]);
    out.put(
        "Observation",
        made,
        [
            ("meta", object([("profile", list([SMOKING_PROFILE.into()]))])),
            ("status", "final".into()),
            ("category", list([concept(OBSERVATION_CATEGORY, "social-history")])),
            ("code", concept(LOINC, SMOKING)),
            ("subject", PERSON.here(id)),
            ("_effectiveDateTime", if at.is_none() { absent } else { Json::Null }),
            ("effectiveDateTime", at.into()),
            ("valueCodeableConcept", concept(SNOMED, status.code())),
        ],
    );
}

pub(super) fn read_smoking(node: &Node<'_>, found: &mut Found) -> Result<(), Refusal> {
    node.fixed("status", "final")?;
    let code = node.need("valueCodeableConcept", node.code("valueCodeableConcept", SNOMED)?)?;
    found.tobacco = node.known("valueCodeableConcept.coding", Some(code), TobaccoStatus::from_code)?;
    Ok(())
}

pub(super) fn read_allergy(node: &Node<'_>, found: &mut Found) -> Result<(), Refusal> {
    if node.code("clinicalStatus", ALLERGY_STATUS)? != Some("active") {
        return Err(node.refuse("clinicalStatus", Reason::NotThis("active".into())));
    }
    let verification = node.code("verificationStatus", ALLERGY_VERIFICATION)?;
    if !matches!(verification, Some("unconfirmed" | "confirmed")) {
        return Err(node.refuse("verificationStatus", Reason::NotThis("unconfirmed".into())));
    }
    let code = node.need("code", node.object("code")?)?;
    found.allergies.insert(code.need("text", code.string("text")?)?);
    Ok(())
}

pub(super) fn read_condition(node: &Node<'_>, found: &mut Found) -> Result<(), Refusal> {
    if node.code("clinicalStatus", CONDITION_STATUS)? != Some("active") {
        return Err(node.refuse("clinicalStatus", Reason::NotThis("active".into())));
    }
    node.without(&["verificationStatus"])?;
    found.conditions.insert(node.need("code", node.code("code", SNOMED)?)?.to_owned());
    Ok(())
}
