//! A visit on its way into a transaction bundle: ids, order, and what has no place. Never what a resource says.

use super::elements::{self, Noun, PERSON, VISIT, object};
use super::json::Json;
use super::refusal::Unwritable;
use super::{Mapping, VisitRecord, mapping};
use super::{
    calculated, care, chart, consent, coverage, encounter, gap, observation, panel, patient, pressure,
};
use super::{response, retraction, task};
use crate::content::measurements::Measurement;
use crate::content::pack::Content;
use crate::content::questionnaire::Questionnaire;
use crate::domain::screening::FactStatus;
use crate::ids::{FactId, VisitId};
use crate::record::Fact;
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A visit on its way into resources.
pub(super) struct Writing<'a> {
    pub(super) record: &'a VisitRecord,
    pub(super) content: &'a [&'a Content],
    /// In which resource each fact stands.
    pub(super) homes: BTreeMap<FactId, Uuid>,
    /// Facts that another one amends.
    amended: BTreeSet<FactId>,
    /// Members of a panel that follow from others.
    pub(super) derived: Vec<Derived>,
    entries: Vec<(&'static str, Uuid, Json)>,
    problems: Vec<Unwritable>,
}

/// A value of a panel that no fact holds.
pub(super) struct Derived {
    pub(super) id: Uuid,
    pub(super) panel: String,
    pub(super) at: Timestamp,
    pub(super) reading: Option<u32>,
}

pub(super) fn write(record: &VisitRecord, content: &[&Content]) -> Result<String, Vec<Unwritable>> {
    let entries = entries(record, content)?;
    let entry = |(kind, id, resource): (&'static str, Uuid, Json)| {
        object([
            ("fullUrl", elements::urn(id).into()),
            ("resource", resource),
            ("request", object([("method", "PUT".into()), ("url", format!("{kind}/{id}").into())])),
        ])
    };
    let bundle = object([
        ("resourceType", "Bundle".into()),
        ("type", "transaction".into()),
        ("entry", Json::List(entries.into_iter().map(entry).collect())),
    ]);
    Ok(serde_json::to_string_pretty(&bundle).expect("texts, lists and checked numbers are JSON"))
}

pub(super) fn entries(
    record: &VisitRecord,
    content: &[&Content],
) -> Result<Vec<(&'static str, Uuid, Json)>, Vec<Unwritable>> {
    let amended = record.facts.iter().filter_map(|fact| fact.amends).collect();
    let homes = record.facts.iter().map(|fact| (fact.id, fact.id.uuid())).collect();
    let mut out = Writing {
        record,
        content,
        homes,
        amended,
        derived: Vec::new(),
        entries: Vec::new(),
        problems: Vec::new(),
    };
    patient::write(&mut out);
    chart::write(&mut out);
    coverage::write(&mut out);
    encounter::write(&mut out);
    pressure::write(&mut out);
    observation::write(&mut out);
    calculated::write(&mut out);
    panel::write(&mut out);
    response::write(&mut out);
    consent::write(&mut out);
    care::write(&mut out);
    gap::write(&mut out);
    task::write(&mut out);
    retraction::write(&mut out);
    for fact in &record.facts {
        if fact.subject != record.person_id.into() {
            out.refuse(fact, "subject", "is another person");
        }
        if fact.amends.is_some_and(|amended| !out.homes.contains_key(&amended)) {
            out.refuse(fact, "amends", "names a fact that is not part of the visit");
        }
        if !matches!(mapping(fact.kind), Some(Mapping::Resource(_))) {
            out.refuse(fact, "kind", "has no resource");
        }
    }
    if out.problems.is_empty() { Ok(out.entries) } else { Err(out.problems) }
}

impl<'a> Writing<'a> {
    pub(super) fn put<'n>(
        &mut self,
        kind: &'static str,
        id: Uuid,
        fields: impl IntoIterator<Item = (&'n str, Json)>,
    ) {
        let head = [("resourceType", kind.into()), ("id", id.to_string().into())];
        self.entries.push((kind, id, object(head.into_iter().chain(fields))));
    }

    pub(super) fn refuse(&mut self, fact: &Fact, field: &'static str, reason: impl Into<String>) {
        let what = match mapping(fact.kind) {
            Some(Mapping::Resource(name)) => name,
            _ => "Fact",
        };
        self.refuse_record(what, fact.id.uuid(), field, reason);
    }

    pub(super) fn refuse_record(
        &mut self,
        what: &str,
        id: Uuid,
        field: &'static str,
        reason: impl Into<String>,
    ) {
        self.problems.push(Unwritable { what: format!("{what} {id}"), field, reason: reason.into() });
    }

    pub(super) fn facts_of(&self, kind: crate::record::KindNumber) -> Vec<&'a Fact> {
        self.record.facts.iter().filter(|fact| fact.kind == kind).collect()
    }

    pub(super) fn person(&self) -> Json {
        PERSON.here(self.record.person_id.uuid())
    }

    /// This visit by its place in the bundle, another one by its identifier.
    pub(super) fn visit(&self, id: Option<VisitId>) -> Json {
        match id {
            Some(id) if id == self.record.visit_id => VISIT.here(id.uuid()),
            other => VISIT.elsewhere(other.map(VisitId::uuid)),
        }
    }

    /// A fact's moment, which every resource needs.
    pub(super) fn moment(&mut self, fact: &Fact) -> Json {
        let moment = elements::moment(fact.at);
        if moment.is_none() {
            self.refuse(fact, "at", "is in no year from 1 to 9999");
        }
        moment.into()
    }

    /// Whether a fact still counts: nothing amends it, and it was not itself entered in error.
    pub(super) fn stands(&self, fact: &Fact, status: Option<FactStatus>) -> bool {
        status != Some(FactStatus::EnteredInError) && !self.amended.contains(&fact.id)
    }

    /// What the record system is to think of a fact now: what was amended is in error, whatever was written then.
    pub(super) fn status_now(&self, fact: &Fact, status: Option<FactStatus>) -> FactStatus {
        match self.stands(fact, status) {
            true => status.unwrap_or(FactStatus::Final),
            false => FactStatus::EnteredInError,
        }
    }

    pub(super) fn measurement(&self, loinc: &str) -> Option<&'a Measurement> {
        self.content.iter().find_map(|content| content.catalog.find_loinc(loinc))
    }

    pub(super) fn form(&self, canonical: &str) -> Option<&'a Questionnaire> {
        self.content.iter().find_map(|content| content.form_of(canonical))
    }
}

pub(super) fn amends_extension(fact: &Fact) -> Json {
    elements::extension("amended-fact", "valueUri", fact.amends.map(|id| elements::urn(id.uuid())))
}

/// Every identifier of ours has its noun in the system's name.
pub(super) fn own_identifier(noun: Noun, id: Uuid) -> Json {
    elements::list([elements::identifier(&noun.system(), &id.to_string())])
}
