//! Which records and facts belong to one visit. Never whether they may leave.

use super::VisitRecord;
use crate::domain::account::Membership;
use crate::domain::care_gap::{CareGap, GapStatus};
use crate::domain::consent::Consent;
use crate::domain::fee::Charge;
use crate::domain::linked::Linked;
use crate::domain::past_care::PastCare;
use crate::domain::person::Person;
use crate::domain::screening::{Observation, QuestionnaireResponse};
use crate::domain::task::Task;
use crate::domain::visit::Visit;
use crate::ids::{FactId, PersonId, RecordId, VisitId};
use crate::merge::RecordState;
use crate::record::Fact;
use std::collections::{BTreeMap, BTreeSet};

impl VisitRecord {
    /// A visit with its person, the person's cover, what was found and said, every decision of the person about
    /// consent, gaps that are open or were decided then, and what a fact amends or is amended by. Nothing when there is
    /// no such visit, or nobody it is of. What stands under other entries that are linked to the person is read as the
    /// person's: cover, gaps, decisions, allergies, conditions.
    pub fn gather(
        id: VisitId,
        states: &BTreeMap<RecordId, RecordState>,
        facts: &BTreeMap<RecordId, Vec<Fact>>,
    ) -> Option<VisitRecord> {
        let of_kind = |number| states.iter().filter(move |(_, state)| state.kind == number);
        let visit = Visit::read(states.get(&id.into()).filter(|state| state.kind == Visit::KIND.number)?);
        let person_id: PersonId = visit.person?;
        let entries = Linked::of(facts.values().flatten()).entries(person_id);
        let is_theirs = |person: Option<PersonId>| person.is_some_and(|person| entries.contains(&person));
        let mut person = Person::read(states.get(&person_id.into())?);
        for other in entries.iter().filter(|entry| **entry != person_id) {
            let known = states.get(&(*other).into()).map(Person::read).unwrap_or_default();
            join(&mut person.allergies, known.allergies);
            join(&mut person.conditions, known.conditions);
        }
        let memberships = of_kind(Membership::KIND.number)
            .map(|(id, state)| ((*id).into(), Membership::read(state)))
            .filter(|(_, membership)| is_theirs(membership.person))
            .map(|(id, membership)| (id, Membership { person: Some(person_id), ..membership }))
            .collect();
        let gaps = of_kind(CareGap::KIND.number)
            .map(|(id, state)| ((*id).into(), CareGap::read(state)))
            .filter(|(_, gap)| is_theirs(gap.person))
            .filter(|(_, gap)| gap.visit == Some(id) || gap.status != Some(GapStatus::Closed))
            .map(|(id, gap)| (id, CareGap { person: Some(person_id), ..gap }))
            .collect();
        let tasks = of_kind(Task::KIND.number)
            .map(|(id, state)| ((*id).into(), Task::read(state)))
            .filter(|(_, task)| task.person == Some(person_id) && task.visit == Some(id))
            .collect();
        let held = facts.get(&person_id.into()).map(Vec::as_slice).unwrap_or_default();
        let others = entries.iter().filter(|entry| **entry != person_id);
        let said = others.flat_map(|entry| facts.get(&(*entry).into()).into_iter().flatten());
        let said = said.filter(|fact| fact.kind == Consent::KIND.number);
        let said = said.map(|fact| Fact { subject: person_id.into(), ..fact.clone() });
        let mut record = VisitRecord {
            visit_id: id,
            visit,
            person_id,
            person,
            memberships,
            gaps,
            tasks,
            facts: of_visit(id, held).into_iter().chain(said).collect(),
        };
        record.facts.sort_by_key(|fact| fact.id);
        Some(record)
    }
}

/// Adds the members that are not there.
fn join(known: &mut Option<Vec<String>>, more: Option<Vec<String>>) {
    let all: BTreeSet<String> = known.take().into_iter().chain(more).flatten().collect();
    *known = if all.is_empty() { None } else { Some(all.into_iter().collect()) };
}

fn of_visit(id: VisitId, held: &[Fact]) -> Vec<Fact> {
    let mut ids: BTreeSet<FactId> =
        held.iter().filter(|fact| is_of_visit(fact, id)).map(|fact| fact.id).collect();
    // A correction of a correction: until nothing more is named.
    loop {
        let before = ids.len();
        for fact in held {
            if let Some(amended) = fact.amends.filter(|amended| held.iter().any(|fact| fact.id == *amended)) {
                if ids.contains(&fact.id) {
                    ids.insert(amended);
                } else if ids.contains(&amended) {
                    ids.insert(fact.id);
                }
            }
        }
        if ids.len() == before {
            break;
        }
    }
    held.iter().filter(|fact| ids.contains(&fact.id)).cloned().collect()
}

fn is_of_visit(fact: &Fact, id: VisitId) -> bool {
    let visit = match fact.kind {
        kind if kind == Consent::KIND.number => return true,
        kind if kind == Observation::KIND.number => Observation::read(fact).visit,
        kind if kind == QuestionnaireResponse::KIND.number => QuestionnaireResponse::read(fact).visit,
        kind if kind == Charge::KIND.number => Charge::read(fact).visit,
        kind if kind == PastCare::KIND.number => PastCare::read(fact).visit,
        _ => None,
    };
    visit == Some(id)
}
