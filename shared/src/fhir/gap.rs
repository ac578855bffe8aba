//! A gap in care: DetectedIssue (DEQM) with the gap's status, the rule, who claims it and what closed it.
//! Never the rule's own logic.

use super::elements::{ACT_CODE, FACT, Noun, PERSON, STAFF, concept, extension, list, object};
use super::json::Json;
use super::node::Node;
use super::reading::Found;
use super::refusal::{Reason, Refusal};
use super::writing::{Writing, own_identifier};
use crate::domain::care_gap::{CareGap, GapStatus};
use crate::ids::{CareGapId, FactId, PersonId, StaffId, VisitId};
use crate::record::coded_values;
use uuid::Uuid;

pub(super) const GAP: Noun = Noun { name: "care-gap", fhir: "DetectedIssue" };
const PROFILE: &str = "http://hl7.org/fhir/uv/deqm/StructureDefinition/deqm-gapsincaredetectedissue";
const STATUS: &str = "http://hl7.org/fhir/uv/deqm/StructureDefinition/deqm-gapStatus";
const STATUS_SYSTEM: &str = "http://hl7.org/fhir/uv/deqm/CodeSystem/deqm-gaps-status";
pub(super) const RULE: &str = "https://caravan.invalid/fhir/CodeSystem/care-gap-rule";

pub(super) fn write(out: &mut Writing<'_>) {
    let record = out.record;
    for (id, gap) in &record.gaps {
        if gap.person != Some(record.person_id) {
            out.refuse_record("DetectedIssue", id.uuid(), "person", "is another person");
        }
        let evidence = |by: FactId| match out.homes.get(&by) {
            Some(home) => FACT.here(*home),
            None => FACT.elsewhere(Some(by.uuid())),
        };
        let around = Around {
            patient: out.person(),
            visit: out.visit(gap.visit),
            evidence: gap.closed_by.map(evidence).into(),
            owner: STAFF.elsewhere(gap.follow_up_owner.map(StaffId::uuid)),
        };
        out.put("DetectedIssue", id.uuid(), fields(*id, gap, around));
    }
}

/// References from a gap to what is around it, as its bundle names it.
pub(super) struct Around {
    pub(super) patient: Json,
    pub(super) visit: Json,
    pub(super) evidence: Json,
    pub(super) owner: Json,
}

pub(super) fn fields(id: CareGapId, gap: &CareGap, around: Around) -> [(&'static str, Json); 11] {
    // DEQM knows open and closed; what a van did about an open one is ours.
    let deqm = match gap.status {
        Some(GapStatus::Closed) => GapStatus::Closed,
        _ => GapStatus::Open,
    };
    let status =
        object([("url", STATUS.into()), ("valueCodeableConcept", concept(STATUS_SYSTEM, deqm.code()))]);
    let follow_up = extension("follow-up-on", "valueDate", gap.follow_up_on.map(|day| day.to_string()));
    [
        ("meta", object([("profile", list([PROFILE.into()]))])),
        ("identifier", own_identifier(GAP, id.uuid())),
        ("modifierExtension", list([status])),
        ("status", "final".into()),
        (
            "code",
            object([(
                "coding",
                list([super::elements::coding(ACT_CODE, "CAREGAP", None), rule(gap.rule.as_ref())]),
            )]),
        ),
        ("patient", around.patient),
        ("identifiedDateTime", gap.due_since.map(|day| day.to_string()).into()),
        ("author", object([("display", gap.claimed_by.as_ref().into())])),
        ("evidence", list([object([("detail", list([around.evidence]))])])),
        ("detail", gap.reason.as_ref().into()),
        (
            "extension",
            list([
                extension("gap-status", "valueCode", gap.status.map(GapStatus::code)),
                extension("visit", "valueReference", around.visit),
                extension("closed-by", "valueReference", FACT.elsewhere(gap.closed_by.map(FactId::uuid))),
                follow_up,
                extension("follow-up-owner", "valueReference", around.owner),
            ]),
        ),
    ]
}

fn rule(rule: Option<&String>) -> Json {
    rule.filter(|rule| !rule.is_empty()).map(|rule| super::elements::coding(RULE, rule, None)).into()
}

pub(super) fn read(node: &Node<'_>, id: Uuid, found: &mut Found<'_>) -> Result<(), Refusal> {
    let deqm = deqm_status(node)?;
    let own = node.extension_text("gap-status", "valueCode")?;
    let status = node.known("extension", own, GapStatus::from_code)?;
    let is_closed = status == Some(GapStatus::Closed);
    if deqm != if is_closed { DeqmStatus::Closed } else { DeqmStatus::Open } {
        return Err(node.refuse("modifierExtension", Reason::Contradicts("the gap's own status".to_owned())));
    }
    let person = node.need("patient", node.reference("patient", PERSON)?)?;
    let follow_up = node.extension("follow-up-on")?.map(|node| node.day("valueDate")).transpose()?;
    let rule = own_rule(node)?.map(|(_, rule)| rule);
    let gap = CareGap {
        person: Some(PersonId::from_uuid(person)),
        rule,
        due_since: node.day("identifiedDateTime")?,
        claimed_by: node.object("author")?.map(|author| author.string("display")).transpose()?.flatten(),
        status,
        closed_by: node.extension_reference("closed-by", FACT)?.map(FactId::from_uuid),
        visit: node.extension_reference("visit", super::elements::VISIT)?.map(VisitId::from_uuid),
        reason: node.string("detail")?,
        follow_up_on: follow_up.flatten(),
        follow_up_owner: node.extension_reference("follow-up-owner", STAFF)?.map(StaffId::from_uuid),
    };
    found.gaps.insert(CareGapId::from_uuid(id), gap);
    Ok(())
}

coded_values! {
    /// Where the plan says that a gap stands (DEQM gaps-status).
    DeqmStatus { Open = "open-gap", Closed = "closed-gap", Prospective = "prospective-gap" }
}

/// The status of a resource that must be a gap in care, and final.
pub(super) fn deqm_status(node: &Node<'_>) -> Result<DeqmStatus, Refusal> {
    node.fixed("status", "final")?;
    if node.code("code", ACT_CODE)? != Some("CAREGAP") {
        return Err(node.refuse("code", Reason::NotThis("CAREGAP".to_owned())));
    }
    let modifier = node.need("modifierExtension", node.only("modifierExtension")?)?;
    modifier.fixed("url", STATUS)?;
    let code = modifier.code("valueCodeableConcept", STATUS_SYSTEM)?;
    let known = modifier.known("valueCodeableConcept", code, DeqmStatus::from_code)?;
    modifier.need("valueCodeableConcept", known)
}

/// The rule by its own code, and the place of the coding among others.
pub(super) fn own_rule(node: &Node<'_>) -> Result<Option<(usize, String)>, Refusal> {
    let codings = node.object("code")?.map(|code| code.list("coding")).transpose()?.unwrap_or_default();
    let mut found = None;
    for (place, coding) in codings.iter().enumerate() {
        if coding.text("system")? == Some(RULE) {
            let rule = coding.need("code", coding.string("code")?)?;
            if found.replace((place, rule)).is_some() {
                return Err(coding.refuse("system", Reason::Twice));
            }
        }
    }
    Ok(found)
}
