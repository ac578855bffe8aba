//! What follows from the values of a visit, such as the body mass index: an Observation that names what it is derived from.
//! It is made of the visit by the newest release, so nothing of it is read back, but it must agree. Never a value that an
//! earlier release stored as a fact: that goes as it stands.

use super::elements::{FACT, LOINC, Noun, list, made_id};
use super::node::Node;
use super::observation::{code, head, value};
use super::reading::Found;
use super::refusal::{Reason, Refusal};
use super::writing::{Derived, Writing};
use crate::content::Sex;
use crate::content::measurements::{Whom, gravest_name};
use crate::domain::calculated::{Calculated, Seen, calculated};
use crate::domain::screening::{FactStatus, Observation};
use crate::record::Fact;
use uuid::Uuid;

const METHOD: &str = "calculated";

pub(super) fn write(out: &mut Writing<'_>) {
    let Some(release) = out.content.first().copied() else { return };
    let stored: Vec<(&Fact, Observation)> = out
        .facts_of(Observation::KIND.number)
        .into_iter()
        .map(|fact| (fact, Observation::read(fact)))
        .filter(|(fact, it)| it.visit == Some(out.record.visit_id) && out.stands(fact, it.status))
        .collect();
    let seen: Vec<Seen<'_>> =
        stored.iter().map(|(fact, observation)| Seen { fact: fact.id, at: fact.at, observation }).collect();
    for made in calculated(&release.catalog, &seen) {
        let is_stored = |it: &Observation| it.loinc.as_ref() == Some(&made.measurement.loinc);
        if !stored.iter().any(|(_, it)| is_stored(it)) {
            put(out, &made, &stored);
        }
    }
}

fn put(out: &mut Writing<'_>, made: &Calculated<'_>, stored: &[(&Fact, Observation)]) {
    let parts = stored.iter().filter(|(fact, _)| made.from.contains(&fact.id));
    let Some((newest, part)) = parts.max_by_key(|(fact, _)| (fact.at, fact.id)) else { return };
    let measurement = made.measurement;
    let observation = Observation {
        visit: part.visit,
        loinc: Some(measurement.loinc.clone()),
        value: Some(made.value.into()),
        unit: measurement.unit_ucum.clone(),
        panel: measurement.panel_loinc.clone(),
        reading: part.reading,
        status: Some(FactStatus::Final),
        performer: part.performer,
        method: Some(METHOD.to_owned()),
        interpretation: interpretation(out, made, newest),
        ..Observation::default()
    };
    let facts = made.from.iter().map(|fact| fact.as_bytes().as_slice());
    let named: Vec<&[u8]> = std::iter::once(measurement.loinc.as_bytes()).chain(facts).collect();
    let id = made_id("calculated value", &named);
    let mut fields = head(out, newest, &observation, measurement, FactStatus::Final);
    fields.retain(|(name, _)| *name != "identifier");
    fields.push(("code", code(measurement)));
    fields.extend(value(out, newest, &observation, measurement).0);
    fields.push(("derivedFrom", list(made.from.iter().map(|fact| FACT.here(fact.uuid())))));
    out.put("Observation", id, fields);
    if let Some(panel) = observation.panel {
        out.derived.push(Derived { id, panel, at: newest.at, reading: part.reading });
    }
}

/// What the release calls the value, for a person of an age at which it says anything.
fn interpretation(out: &Writing<'_>, made: &Calculated<'_>, newest: &Fact) -> Option<String> {
    let person = &out.record.person;
    let age_years = person.birth_date.map(|born| born.age_years_on(newest.at.day(0)));
    if !made.formula.is_judged_at(age_years) {
        return None;
    }
    let whom = Whom { sex: person.sex.map_or(Sex::Unknown, Into::into), age_years };
    gravest_name(made.measurement, made.value, whom).map(|named| named.name.english.clone())
}

/// Whether an observation with `derivedFrom` is worked out of values, and not of a response.
pub(super) fn is_one(node: &Node<'_>, found: &Found<'_>) -> Result<bool, Refusal> {
    let Some(concept) = node.object("code")? else { return Ok(false) };
    for coding in concept.list("coding")? {
        if coding.text("system")? == Some(LOINC)
            && let Some(code) = coding.text("code")?
            && found.measurement(code).is_some_and(|known| known.calculated.is_some())
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// That it agrees with its parts is compared when the whole visit is read.
pub(super) fn read(node: &Node<'_>, id: Uuid, found: &mut Found<'_>) -> Result<(), Refusal> {
    node.without(&["component", "hasMember"])?;
    let parts = node.list("derivedFrom")?;
    if parts.is_empty() {
        return Err(node.refuse("derivedFrom", Reason::Missing));
    }
    for part in parts {
        part.reference_here(Noun { name: "fact", fhir: "Observation" })?;
    }
    found.repeated.insert(id);
    Ok(())
}
