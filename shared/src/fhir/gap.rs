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
use uuid::Uuid;

const GAP: Noun = Noun { name: "care-gap", fhir: "DetectedIssue" };
const PROFILE: &str = "http://hl7.org/fhir/uv/deqm/StructureDefinition/deqm-gapsincaredetectedissue";
const STATUS: &str = "http://hl7.org/fhir/uv/deqm/StructureDefinition/deqm-gapStatus";
const STATUS_SYSTEM: &str = "http://hl7.org/fhir/uv/deqm/CodeSystem/deqm-gaps-status";
const RULE: &str = "https://caravan.invalid/fhir/CodeSystem/care-gap-rule";

pub(super) fn write(out: &mut Writing<'_>) {
    let record = out.record;
    for (id, gap) in &record.gaps {
        if gap.person != Some(record.person_id) {
            out.refuse_record("DetectedIssue", id.uuid(), "person", "is another person");
        }
        // DEQM knows open and closed; what a van did about an open one is ours.
        let deqm = match gap.status {
            Some(GapStatus::Closed) => GapStatus::Closed,
            _ => GapStatus::Open,
        };
        let status =
            object([("url", STATUS.into()), ("valueCodeableConcept", concept(STATUS_SYSTEM, deqm.code()))]);
        let evidence = |by: FactId| match out.homes.get(&by) {
            Some(home) => FACT.here(*home),
            None => FACT.elsewhere(Some(by.uuid())),
        };
        let evidence = gap.closed_by.map(|by| object([("detail", list([evidence(by)]))]));
        let follow_up = extension("follow-up-on", "valueDate", gap.follow_up_on.map(|day| day.to_string()));
        let fields = [
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
            ("patient", out.person()),
            ("identifiedDateTime", gap.due_since.map(|day| day.to_string()).into()),
            ("author", object([("display", gap.claimed_by.as_ref().into())])),
            ("evidence", list([evidence.into()])),
            ("detail", gap.reason.as_ref().into()),
            (
                "extension",
                list([
                    extension("gap-status", "valueCode", gap.status.map(GapStatus::code)),
                    extension("visit", "valueReference", out.visit(gap.visit)),
                    extension("closed-by", "valueReference", FACT.elsewhere(gap.closed_by.map(FactId::uuid))),
                    follow_up,
                    extension(
                        "follow-up-owner",
                        "valueReference",
                        STAFF.elsewhere(gap.follow_up_owner.map(StaffId::uuid)),
                    ),
                ]),
            ),
        ];
        out.put("DetectedIssue", id.uuid(), fields);
    }
}

fn rule(rule: Option<&String>) -> Json {
    rule.filter(|rule| !rule.is_empty()).map(|rule| super::elements::coding(RULE, rule, None)).into()
}

pub(super) fn read(node: &Node<'_>, id: Uuid, found: &mut Found<'_>) -> Result<(), Refusal> {
    node.fixed("status", "final")?;
    if node.code("code", ACT_CODE)? != Some("CAREGAP") {
        return Err(node.refuse("code", Reason::NotThis("CAREGAP".to_owned())));
    }
    let modifier = node.need("modifierExtension", node.only("modifierExtension")?)?;
    modifier.fixed("url", STATUS)?;
    let deqm =
        modifier.need("valueCodeableConcept", modifier.code("valueCodeableConcept", STATUS_SYSTEM)?)?;
    let own = node.extension_text("gap-status", "valueCode")?;
    let status = node.known("extension", own, GapStatus::from_code)?;
    let agrees = match deqm {
        "closed-gap" => status == Some(GapStatus::Closed),
        "open-gap" => status != Some(GapStatus::Closed),
        _ => {
            return Err(
                modifier.refuse("valueCodeableConcept", Reason::UnknownCode(deqm.chars().take(64).collect()))
            );
        }
    };
    if !agrees {
        return Err(node.refuse("modifierExtension", Reason::Contradicts("the gap's own status".to_owned())));
    }
    let person = node.need("patient", node.reference("patient", PERSON)?)?;
    let follow_up = node.extension("follow-up-on")?.map(|node| node.day("valueDate")).transpose()?;
    let codes = node.object("code")?.map(|code| code.list("coding")).transpose()?.unwrap_or_default();
    let mut rule = None;
    for coding in codes {
        if coding.text("system")? == Some(RULE) {
            rule = coding.string("code")?;
        }
    }
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
