//! Blood pressure: two facts of the record, one Observation with two components (US Core 7). A half whose other half
//! is in error goes alone besides, with a word on why the other is absent. Never any other measurement.

use super::elements::{ABSENT_REASON, LOINC, coding, concept, extension, list, made_id, object, urn};
use super::json::Json;
use super::node::Node;
use super::observation::{self, head, head_extensions, known, read_head, read_value, value};
use super::reading::{Found, amends};
use super::refusal::{Reason, Refusal};
use super::writing::Writing;
use crate::domain::screening::{FactStatus, Observation};
use crate::ids::{FactId, StaffId, VisitId};
use crate::record::Fact;
use crate::time::Timestamp;
use std::collections::BTreeMap;
use uuid::Uuid;

/// LOINC: blood pressure panel with all children optional.
pub(super) const PANEL: &str = "85354-9";
const HALVES: [&str; 2] = ["8480-6", "8462-4"];

/// What both halves of one reading have in common.
type Key = (Timestamp, Option<VisitId>, Option<u32>, Option<StaffId>, Option<String>, Option<FactStatus>);

pub(super) fn is_part(observation: &Observation) -> bool {
    observation.loinc.as_deref().is_some_and(|loinc| HALVES.contains(&loinc))
}

pub(super) fn write(out: &mut Writing<'_>) {
    let mut readings: BTreeMap<Key, [Vec<&Fact>; 2]> = BTreeMap::new();
    let mut alone: Vec<&Fact> = Vec::new();
    for fact in out.facts_of(Observation::KIND.number) {
        let it = Observation::read(fact);
        let Some(half) = HALVES.iter().position(|loinc| it.loinc.as_deref() == Some(loinc)) else { continue };
        if it.panel.as_deref() != Some(PANEL) {
            out.refuse(fact, "panel", "is not that of a blood pressure");
        }
        if fact.amends.is_some() {
            // A correction never changes which two values were measured together.
            alone.push(fact);
            continue;
        }
        let key = (fact.at, it.visit, it.reading, it.performer, it.method, it.status);
        readings.entry(key).or_default()[half].push(fact);
    }
    for halves in readings.into_values() {
        match [halves[0].as_slice(), halves[1].as_slice()] {
            [[systolic], [diastolic]] => {
                let stands = [*systolic, *diastolic]
                    .map(|fact| (fact, out.stands(fact, Observation::read(fact).status)));
                let id = made_id("blood pressure", &[systolic.id.as_bytes(), diastolic.id.as_bytes()]);
                put(out, id, [Some(systolic), Some(diastolic)], stands.iter().all(|(_, stands)| *stands));
                let standing: Vec<&Fact> =
                    stands.iter().filter(|(_, stands)| *stands).map(|(fact, _)| *fact).collect();
                for fact in [systolic, diastolic] {
                    out.homes.insert(fact.id, id);
                }
                if let [fact] = standing.as_slice() {
                    alone.push(fact);
                    out.homes.insert(fact.id, fact.id.uuid());
                }
            }
            _ => alone.extend(halves.into_iter().flatten()),
        }
    }
    for fact in alone {
        let it = Observation::read(fact);
        let stands = out.stands(fact, it.status);
        let halves = HALVES.map(|loinc| (it.loinc.as_deref() == Some(loinc)).then_some(fact));
        put(out, fact.id.uuid(), halves, stands);
    }
}

fn put(out: &mut Writing<'_>, id: Uuid, halves: [Option<&Fact>; 2], stands: bool) {
    let Some(first) = halves.iter().flatten().next() else { return };
    let common = Observation::read(first);
    let Some(measurement) = known(out, first, &common) else { return };
    let status = match stands {
        true => common.status.unwrap_or(FactStatus::Final),
        false => FactStatus::EnteredInError,
    };
    let mut components = Vec::new();
    for (half, loinc) in halves.iter().zip(HALVES) {
        let mut fields = vec![("code", object([("coding", list([coding(LOINC, loinc, None)]))]))];
        match half {
            Some(fact) => {
                let it = Observation::read(fact);
                let Some(measurement) = known(out, fact, &it) else { continue };
                let (value, extensions) = value(out, fact, &it, measurement);
                fields.extend(value);
                let own = extension("fact", "valueUri", urn(fact.id.uuid()));
                fields.push(("extension", list(extensions.into_iter().chain([own]))));
            }
            None => fields.push(("dataAbsentReason", concept(ABSENT_REASON, "unknown"))),
        }
        components.push(object(fields));
    }
    let mut fields = head(out, first, &common, measurement, status);
    fields.retain(|(name, _)| *name != "identifier");
    fields.push(("code", concept(LOINC, PANEL)));
    fields.push(("component", Json::List(components)));
    fields.push(("extension", list(head_extensions(out, first, &common, status))));
    out.put("Observation", id, fields);
}

pub(super) fn read(node: &Node<'_>, _id: Uuid, found: &mut Found<'_>) -> Result<(), Refusal> {
    // What the panel says of itself could be another value than its components'.
    node.without_value()?;
    node.without(&["dataAbsentReason"])?;
    let head = read_head(node)?;
    let amends = amends(node)?;
    let mut missing: Vec<&str> = HALVES.to_vec();
    let mut facts = Vec::new();
    for component in node.list("component")? {
        let concept = component.need("code", component.object("code")?)?;
        let loinc = concept.code_here(LOINC)?;
        let unknown = || Reason::UnknownCode(loinc.chars().take(64).collect());
        let half = missing.iter().position(|half| *half == loinc);
        let half = half.ok_or_else(|| match HALVES.contains(&loinc) {
            true => component.refuse("code", Reason::Twice),
            false => concept.refuse("coding.code", unknown()),
        })?;
        missing.remove(half);
        if component.code("dataAbsentReason", ABSENT_REASON)?.is_some() {
            component.without(&["valueQuantity"])?;
            continue;
        }
        let own = component.need("extension", component.extension_text("fact", "valueUri")?)?;
        let own = own.strip_prefix("urn:uuid:").and_then(|text| Uuid::parse_str(text).ok());
        let own = own.ok_or_else(|| component.refuse("extension", Reason::WrongShape("a fact's id")))?;
        let measurement = observation::measurement(found, &concept, loinc)?;
        let observation = Observation {
            loinc: Some(loinc.to_owned()),
            panel: Some(PANEL.to_owned()),
            ..read_value(&component, measurement, head.observation.clone())?
        };
        let subject = head.parts.person.into();
        facts.push(observation.fact(FactId::from_uuid(own), subject, head.at, amends));
    }
    if let Some(missing) = missing.first() {
        return Err(node.refuse(&format!("component:{missing}"), Reason::Missing));
    }
    if facts.is_empty() {
        return Err(node.refuse("component", Reason::Missing));
    }
    facts.into_iter().try_for_each(|fact| found.fact(node, fact))
}
