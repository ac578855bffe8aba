//! The person's cover by the plan: Coverage (US Core 7). Never what a visit costs, which is `care`.

use super::elements::{Noun, PERSON, concept, extension, list, object};
use super::node::Node;
use super::reading::Found;
use super::refusal::{Reason, Refusal};
use super::writing::{Writing, own_identifier};
use crate::domain::account::Membership;
use crate::ids::{MembershipId, PersonId};
use uuid::Uuid;

const MEMBERSHIP: Noun = Noun { name: "membership", fhir: "Coverage" };
const PROFILE: &str = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-coverage";
const RELATION: &str = "http://terminology.hl7.org/CodeSystem/subscriber-relationship";

pub(super) fn write(out: &mut Writing<'_>) {
    let record = out.record;
    for (id, membership) in &record.memberships {
        if membership.person != Some(record.person_id) {
            out.refuse_record("Coverage", id.uuid(), "person", "is another person");
        }
        let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string());
        let period =
            [("start", day(membership.covered_from).into()), ("end", day(membership.covered_to).into())];
        let person = out.person();
        out.put(
            "Coverage",
            id.uuid(),
            [
                ("meta", object([("profile", list([PROFILE.into()]))])),
                ("identifier", own_identifier(MEMBERSHIP, id.uuid())),
                ("status", "active".into()),
                ("subscriberId", membership.member_number.as_ref().into()),
                ("beneficiary", person),
                (
                    "relationship",
                    concept(RELATION, record.person.relation.map_or("other", |relation| relation.code())),
                ),
                ("period", object(period)),
                // Who pays is named in words alone: the plan knows itself.
                ("payor", list([object([("display", "health plan".into())])])),
                ("extension", list([extension("plan", "valueString", membership.plan.as_ref())])),
            ],
        );
    }
}

pub(super) fn read(node: &Node<'_>, id: Uuid, found: &mut Found<'_>) -> Result<(), Refusal> {
    node.fixed("status", "active")?;
    let person = node.need("beneficiary", node.reference("beneficiary", PERSON)?)?;
    let mut membership = Membership {
        person: Some(PersonId::from_uuid(person)),
        member_number: node.string("subscriberId")?,
        plan: node.extension_text("plan", "valueString")?,
        ..Membership::default()
    };
    if let Some(period) = node.object("period")? {
        membership.covered_from = period.day("start")?;
        membership.covered_to = period.day("end")?;
        if membership.covered_from > membership.covered_to && membership.covered_to.is_some() {
            return Err(node.refuse("period", Reason::WrongShape("a period that starts before it ends")));
        }
    }
    found.memberships.insert(MembershipId::from_uuid(id), membership);
    Ok(())
}
