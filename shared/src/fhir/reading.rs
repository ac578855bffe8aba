//! A bundle on its way into a visit: what is collected while its resources are read, and whether they agree.
//! Never what a resource says.

use super::elements::{self, PERSON, VISIT};
use super::json::Json;
use super::node::{Modifiers, Node, Place};
use super::refusal::{Reason, Refusal};
use super::{BYTES_MAX, ENTRIES_MAX, VisitRecord};
use super::{care, chart, consent, coverage, encounter, gap, observation, panel, patient, response};
use super::{retraction, score, task, writing};
use crate::content::measurements::Measurement;
use crate::content::pack::Content;
use crate::content::questionnaire::Questionnaire;
use crate::domain::account::Membership;
use crate::domain::care_gap::CareGap;
use crate::domain::person::{Person, TobaccoStatus};
use crate::domain::task::Task;
use crate::domain::visit::Visit;
use crate::ids::{CareGapId, FactId, MembershipId, PersonId, TaskId, VisitId};
use crate::record::Fact;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What was read so far.
pub(super) struct Found<'a> {
    pub(super) content: &'a [&'a Content],
    person: Option<(PersonId, Person)>,
    visit: Option<(VisitId, Visit)>,
    facts: BTreeMap<FactId, Fact>,
    pub(super) tobacco: Option<TobaccoStatus>,
    pub(super) allergies: BTreeSet<String>,
    pub(super) conditions: BTreeSet<String>,
    pub(super) memberships: BTreeMap<MembershipId, Membership>,
    pub(super) gaps: BTreeMap<CareGapId, CareGap>,
    pub(super) tasks: BTreeMap<TaskId, Task>,
    /// The panel of which a resource is a member.
    pub(super) panels: BTreeMap<Uuid, String>,
    /// Scores by their response.
    pub(super) scores: BTreeMap<FactId, score::ReadScore>,
    /// Observations that repeat what a response says.
    pub(super) repeated: BTreeSet<Uuid>,
}

pub(super) fn read(text: &str, content: &[&Content]) -> Result<VisitRecord, Vec<Refusal>> {
    let whole = |reason| vec![Refusal { resource: "Bundle".to_owned(), path: "$".to_owned(), reason }];
    if text.len() > BYTES_MAX {
        return Err(whole(Reason::TooMany { what: "bytes", count: text.len(), count_max: BYTES_MAX }));
    }
    let json = Json::parse(text).map_err(|broken| vec![broken.into()])?;
    let (known, resources) = resources(&json).map_err(|refusal| vec![refusal])?;
    let places: Vec<Place<'_>> = resources
        .iter()
        .map(|(kind, id, _)| {
            let modifiers = Modifiers::of(kind);
            Place { label: format!("{kind}/{id}"), known: &known, modifiers }
        })
        .collect();
    let mut found = Found {
        content,
        person: None,
        visit: None,
        facts: BTreeMap::new(),
        tobacco: None,
        allergies: BTreeSet::new(),
        conditions: BTreeSet::new(),
        memberships: BTreeMap::new(),
        gaps: BTreeMap::new(),
        tasks: BTreeMap::new(),
        panels: BTreeMap::new(),
        scores: BTreeMap::new(),
        repeated: BTreeSet::new(),
    };
    let mut refusals = Vec::new();
    // Panels and scores say something about other resources, so they come first.
    for is_first in [true, false] {
        for ((kind, id, json), place) in resources.iter().zip(&places) {
            if panel::comes_first(json) == is_first {
                let read = Node::new(json, place).and_then(|node| read_one(kind, *id, &node, &mut found));
                refusals.extend(read.err());
            }
        }
    }
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let repeated = std::mem::take(&mut found.repeated);
    let record = found.record()?;
    contradictions(&record, content, &repeated, &resources)?;
    Ok(record)
}

type Resources<'a> = Vec<(String, Uuid, &'a Json)>;

/// The resources of the bundle, each with its id; every id once.
fn resources(json: &Json) -> Result<(BTreeMap<Uuid, String>, Resources<'_>), Refusal> {
    let nothing = BTreeMap::new();
    let place = Place { label: "Bundle".to_owned(), known: &nothing, modifiers: Modifiers::ComeAgain };
    let bundle = Node::new(json, &place)?;
    bundle.fixed("resourceType", "Bundle")?;
    bundle.fixed("type", "transaction")?;
    let Some(Json::List(entries)) = json.field("entry") else {
        return Err(bundle.refuse("entry", Reason::Missing));
    };
    if entries.len() > ENTRIES_MAX {
        let reason = Reason::TooMany { what: "resources", count: entries.len(), count_max: ENTRIES_MAX };
        return Err(bundle.refuse("entry", reason));
    }
    let (mut known, mut resources) = (BTreeMap::new(), Vec::new());
    for (number, entry_json) in entries.iter().enumerate() {
        let entry = bundle.item("entry", number, entry_json)?;
        let resource = entry.need("resource", entry.object("resource")?)?;
        let kind = resource.need("resourceType", resource.text("resourceType")?)?;
        let id = resource.need("id", resource.text("id")?)?;
        let id = Uuid::parse_str(id).map_err(|_| resource.refuse("id", Reason::WrongShape("an id")))?;
        entry.fixed("fullUrl", &elements::urn(id))?;
        let request = entry.need("request", entry.object("request")?)?;
        request.fixed("method", "PUT")?;
        request.fixed("url", &format!("{kind}/{id}"))?;
        if known.insert(id, kind.to_owned()).is_some() {
            return Err(resource.refuse("id", Reason::Twice));
        }
        let json = entry_json.field("resource");
        resources.push((kind.to_owned(), id, json.expect("it was read just now")));
    }
    Ok((known, resources))
}

fn read_one(kind: &str, id: Uuid, node: &Node<'_>, found: &mut Found<'_>) -> Result<(), Refusal> {
    match kind {
        "Patient" => patient::read(node, id, found),
        "AllergyIntolerance" => chart::read_allergy(node, found),
        "Condition" => chart::read_condition(node, found),
        "Coverage" => coverage::read(node, id, found),
        "Encounter" => encounter::read(node, id, found),
        "Observation" => observation::read(node, id, found),
        "QuestionnaireResponse" => response::read(node, id, found),
        "Consent" => consent::read(node, id, found),
        "Procedure" => care::read_procedure(node, id, found),
        "ChargeItem" => care::read_charge(node, id, found),
        "DetectedIssue" => gap::read(node, id, found),
        "Task" => task::read(node, id, found),
        "Provenance" => retraction::read(node, id, found),
        _ => Err(node.refuse("resourceType", Reason::NotUnderstood)),
    }
}

/// What an observation that is derived from something repeats of it.
const FIELDS_REPEATED: [&str; 7] =
    ["status", "code", "valueCodeableConcept", "value", "component", "dataAbsentReason", "derivedFrom"];

/// What an observation repeats of a response must be what the response says, and what follows from values must follow.
fn contradictions(
    record: &VisitRecord,
    content: &[&Content],
    repeated: &BTreeSet<Uuid>,
    resources: &Resources<'_>,
) -> Result<(), Vec<Refusal>> {
    if repeated.is_empty() {
        return Ok(());
    }
    let ours = writing::entries(record, content).unwrap_or_default();
    let mut refusals = Vec::new();
    for (kind, id, theirs) in resources.iter().filter(|(_, id, _)| repeated.contains(id)) {
        let ours = ours.iter().find(|(_, other, _)| other == id).map(|(_, _, json)| json);
        for field in FIELDS_REPEATED {
            let field = if field == "value" { value_field(theirs) } else { field };
            let agrees = |ours: &Json| match (ours.field(field), theirs.field(field)) {
                (Some(ours), Some(theirs)) => ours.same(theirs),
                (ours, theirs) => ours.is_none() && theirs.is_none(),
            };
            if !ours.is_some_and(agrees) {
                let reason = Reason::Contradicts("what it is derived from".to_owned());
                refusals.push(Refusal { resource: format!("{kind}/{id}"), path: field.to_owned(), reason });
            }
        }
    }
    if refusals.is_empty() { Ok(()) } else { Err(refusals) }
}

fn value_field(json: &Json) -> &str {
    match json {
        Json::Object(fields) => fields
            .iter()
            .map(|(name, _)| name.as_str())
            .find(|name| name.starts_with("value") && *name != "valueCodeableConcept")
            .unwrap_or("value"),
        _ => "value",
    }
}

impl Found<'_> {
    pub(super) fn person(&mut self, node: &Node<'_>, id: PersonId, person: Person) -> Result<(), Refusal> {
        match self.person.replace((id, person)) {
            None => Ok(()),
            Some(_) => Err(node.here(Reason::Twice)),
        }
    }

    pub(super) fn visit(&mut self, node: &Node<'_>, id: VisitId, visit: Visit) -> Result<(), Refusal> {
        match self.visit.replace((id, visit)) {
            None => Ok(()),
            Some(_) => Err(node.here(Reason::Twice)),
        }
    }

    /// Takes a fact. It may stand in two resources, which must say the same.
    pub(super) fn fact(&mut self, node: &Node<'_>, fact: Fact) -> Result<(), Refusal> {
        match self.facts.get(&fact.id) {
            Some(other) if *other != fact => {
                Err(node.here(Reason::Contradicts(format!("another resource of the fact {}", fact.id))))
            }
            _ => {
                self.facts.insert(fact.id, fact);
                Ok(())
            }
        }
    }

    pub(super) fn measurement(&self, loinc: &str) -> Option<&Measurement> {
        self.content.iter().find_map(|content| content.catalog.find_loinc(loinc))
    }

    pub(super) fn form(&self, canonical: &str) -> Option<&Questionnaire> {
        self.content.iter().find_map(|content| content.form_of(canonical))
    }

    fn record(self) -> Result<VisitRecord, Vec<Refusal>> {
        let missing = |resource: &str| {
            vec![Refusal { resource: resource.to_owned(), path: "$".to_owned(), reason: Reason::Missing }]
        };
        let (person_id, mut person) = self.person.ok_or_else(|| missing("Patient"))?;
        let (visit_id, visit) = self.visit.ok_or_else(|| missing("Encounter"))?;
        person.tobacco_status = self.tobacco;
        let set = |members: BTreeSet<String>| {
            if members.is_empty() { None } else { Some(members.into_iter().collect::<Vec<_>>()) }
        };
        person.allergies = set(self.allergies);
        person.conditions = set(self.conditions);
        let facts: Vec<Fact> = self.facts.into_values().collect();
        for fact in &facts {
            if let Some(amended) = fact.amends.filter(|amended| !facts.iter().any(|fact| fact.id == *amended))
            {
                let reason = Reason::Unresolved(format!("the fact {amended}"));
                return Err(vec![Refusal {
                    resource: format!("fact {}", fact.id),
                    path: "$".to_owned(),
                    reason,
                }]);
            }
        }
        // One bundle is of one person: what names another is refused, whatever it is.
        let strangers = facts.iter().map(|fact| ("fact", fact.id.uuid(), PersonId::from(fact.subject)));
        let stranger = strangers
            .chain(
                self.memberships
                    .iter()
                    .filter_map(|(id, cover)| Some(("Coverage", id.uuid(), cover.person?))),
            )
            .chain(self.gaps.iter().filter_map(|(id, gap)| Some(("DetectedIssue", id.uuid(), gap.person?))))
            .chain(self.tasks.iter().filter_map(|(id, task)| Some(("Task", id.uuid(), task.person?))))
            .find(|(_, _, person)| *person != person_id);
        if let Some((resource, id, person)) = stranger {
            let reason = Reason::Contradicts(format!("the Patient: it is about {person}"));
            return Err(vec![Refusal { resource: format!("{resource} {id}"), path: "$".to_owned(), reason }]);
        }
        Ok(VisitRecord {
            visit_id,
            visit,
            person_id,
            person,
            memberships: self.memberships.into_iter().collect(),
            gaps: self.gaps.into_iter().collect(),
            tasks: self.tasks.into_iter().collect(),
            facts,
        })
    }
}

/// What every resource of a fact says of it: whose, of which visit, and what it amends.
pub(super) struct Parts {
    pub(super) person: PersonId,
    pub(super) visit: Option<VisitId>,
    pub(super) amends: Option<FactId>,
}

pub(super) fn parts(node: &Node<'_>, person_field: &str, visit_field: &str) -> Result<Parts, Refusal> {
    let person = node.need(person_field, node.reference(person_field, PERSON)?)?;
    let visit = if visit_field.starts_with("http") || visit_field == "visit" {
        node.extension_reference(visit_field, VISIT)?
    } else {
        node.reference(visit_field, VISIT)?
    };
    Ok(Parts {
        person: PersonId::from_uuid(person),
        visit: visit.map(VisitId::from_uuid),
        amends: amends(node)?,
    })
}

/// The extension that names the amended fact itself, which may be one half of an observation.
pub(super) fn amends(node: &Node<'_>) -> Result<Option<FactId>, Refusal> {
    let Some(extension) = node.extension("amended-fact")? else { return Ok(None) };
    let text = extension.need("valueUri", extension.text("valueUri")?)?;
    let id = text.strip_prefix("urn:uuid:").and_then(|text| Uuid::parse_str(text).ok());
    let id = id.ok_or_else(|| extension.refuse("valueUri", Reason::WrongShape("an id")))?;
    Ok(Some(FactId::from_uuid(id)))
}
