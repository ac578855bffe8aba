//! That something was taken back as entered in error: Provenance with who did it and when. What it names carries the
//! status itself. Never a new value, which is an observation that replaces another.

use super::elements::{FACT, PERSON, STAFF, VISIT, concept, extension, list, object};
use super::node::Node;
use super::reading::{Found, amends};
use super::refusal::Refusal;
use super::writing::{Writing, amends_extension};
use crate::domain::screening::{FactStatus, Observation};
use crate::ids::{FactId, PersonId, StaffId, VisitId};
use crate::record::Fact;
use uuid::Uuid;

const OPERATION: &str = "http://terminology.hl7.org/CodeSystem/v3-DataOperation";

/// Whether a fact says nothing but that another one was an error.
pub(super) fn is_one(fact: &Fact, observation: &Observation) -> bool {
    let bare = Observation {
        visit: observation.visit,
        status: Some(FactStatus::EnteredInError),
        performer: observation.performer,
        ..Observation::default()
    };
    fact.amends.is_some() && *observation == bare
}

pub(super) fn write(out: &mut Writing<'_>) {
    for fact in out.facts_of(Observation::KIND.number) {
        let observation = Observation::read(fact);
        if !is_one(fact, &observation) {
            continue;
        }
        // A fact that it names and that is not there is told by the bundle.
        let home = fact.amends.and_then(|amended| out.homes.get(&amended).copied());
        let who = match observation.performer {
            Some(staff) => STAFF.elsewhere(Some(staff.uuid())),
            None => object([("display", "unknown".into())]),
        };
        let fields = [
            ("target", list([home.map(|home| FACT.here(home)).into()])),
            ("recorded", out.moment(fact)),
            ("activity", concept(OPERATION, "NULLIFY")),
            ("agent", list([object([("who", who)])])),
            (
                "extension",
                list([
                    extension("person", "valueReference", out.person()),
                    extension("visit", "valueReference", out.visit(observation.visit)),
                    amends_extension(fact),
                ]),
            ),
        ];
        out.put("Provenance", fact.id.uuid(), fields);
    }
}

pub(super) fn read(node: &Node<'_>, id: Uuid, found: &mut Found<'_>) -> Result<(), Refusal> {
    if node.code("activity", OPERATION)? != Some("NULLIFY") {
        return Err(node.refuse("activity", super::Reason::NotThis("NULLIFY".to_owned())));
    }
    node.need("target", node.only("target")?)?.reference_here(FACT)?;
    let amended = node.need("extension", amends(node)?)?;
    let agent = node.need("agent", node.only("agent")?)?;
    let who = agent.need("who", agent.object("who")?)?;
    let performer =
        if who.has("display") { None } else { Some(StaffId::from_uuid(who.reference_here(STAFF)?)) };
    let observation = Observation {
        visit: node.extension_reference("visit", VISIT)?.map(VisitId::from_uuid),
        status: Some(FactStatus::EnteredInError),
        performer,
        ..Observation::default()
    };
    let person = node.need("extension", node.extension_reference("person", PERSON)?)?;
    let at = node.need("recorded", node.moment("recorded")?)?;
    found.fact(
        node,
        observation.fact(FactId::from_uuid(id), PersonId::from_uuid(person).into(), at, Some(amended)),
    )
}
