//! Panels of single observations, such as lipids and audiometry: an Observation that names its members.
//! Never blood pressure, whose values stand in one resource.

use super::elements::{FACT, LOINC, concept, list, made_id};
use super::json::Json;
use super::node::Node;
use super::observation::head;
use super::pressure;
use super::reading::Found;
use super::refusal::{Reason, Refusal};
use super::writing::Writing;
use crate::domain::screening::{FactStatus, Observation};
use crate::record::Fact;
use std::collections::BTreeMap;
use uuid::Uuid;

pub(super) fn write(out: &mut Writing<'_>) {
    let mut panels: BTreeMap<_, Vec<&Fact>> = BTreeMap::new();
    for fact in out.facts_of(Observation::KIND.number) {
        let it = Observation::read(fact);
        if let Some(panel) = it.panel.clone().filter(|panel| !panel.is_empty() && !pressure::is_part(&it)) {
            panels.entry((panel, fact.at, it.visit, it.reading)).or_default().push(fact);
        }
    }
    for ((panel, at, visit, reading), members) in panels {
        let first = Observation::read(members[0]);
        let Some(measurement) = first.loinc.as_deref().and_then(|loinc| out.measurement(loinc)) else {
            continue;
        };
        let stands = members.iter().any(|fact| out.stands(fact, Observation::read(fact).status));
        let status = if stands { FactStatus::Final } else { FactStatus::EnteredInError };
        let id = made_id(
            "panel",
            &[
                panel.as_bytes(),
                out.record.person_id.as_bytes(),
                &at.milliseconds().to_be_bytes(),
                visit.as_ref().map_or(&[][..], |visit| visit.as_bytes()),
                &reading.unwrap_or_default().to_be_bytes(),
            ],
        );
        let mut fields = head(out, members[0], &first, measurement, status);
        fields
            .retain(|(name, _)| !matches!(*name, "identifier" | "meta" | "method" | "device" | "performer"));
        fields.push(("code", concept(LOINC, &panel)));
        let follows = out.derived.iter().filter(|it| {
            (&it.panel, it.at, Some(out.record.visit_id), it.reading) == (&panel, at, visit, reading)
        });
        let ids: Vec<Uuid> =
            members.iter().map(|fact| fact.id.uuid()).chain(follows.map(|it| it.id)).collect();
        fields.push(("hasMember", list(ids.into_iter().map(|id| FACT.here(id)))));
        out.put("Observation", id, fields);
    }
}

/// Whether a resource says something about others, so that it is read before them.
pub(super) fn comes_first(resource: &Json) -> bool {
    resource.field("hasMember").is_some() || resource.field("derivedFrom").is_some()
}

pub(super) fn read(node: &Node<'_>, found: &mut Found<'_>) -> Result<(), Refusal> {
    let panel = node.need("code", node.code("code", LOINC)?)?;
    node.without_value()?;
    node.without(&["dataAbsentReason", "component"])?;
    for member in node.list("hasMember")? {
        let id = member.reference_here(super::elements::Noun { name: "fact", fhir: "Observation" })?;
        if found.panels.insert(id, panel.to_owned()).is_some() {
            return Err(member.here(Reason::Twice));
        }
    }
    Ok(())
}
