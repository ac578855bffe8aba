//! The least that a community partner needs of a visit: who the person is, how to reach them, and which needs they named.
//! Never a measured value, a gap, a finding, an allergy or an answer that names no need.

use super::VisitRecord;
use crate::content::pack::Content;
use crate::content::questionnaire;
use crate::domain::consent::Consent;
use crate::domain::person::Person;
use crate::domain::screening::{AnswerList, QuestionnaireResponse};
use crate::domain::visit::Visit;
use crate::record::Fact;
use std::collections::BTreeSet;

impl VisitRecord {
    /// What of a visit may go to a partner. The person's decisions go with it; a signature stays.
    pub fn for_partner(&self, content: &[&Content]) -> VisitRecord {
        let (person, visit) = (&self.person, &self.visit);
        let amended: BTreeSet<_> = self.facts.iter().filter_map(|fact| fact.amends).collect();
        let standing = self.facts.iter().filter(|fact| !amended.contains(&fact.id));
        VisitRecord {
            visit_id: self.visit_id,
            visit: Visit {
                person: visit.person,
                site: visit.site,
                status: visit.status,
                checked_in_at: visit.checked_in_at,
                ..Visit::default()
            },
            person_id: self.person_id,
            person: Person {
                family_name: person.family_name.clone(),
                given_name: person.given_name.clone(),
                language: person.language.clone(),
                phone: person.phone.clone(),
                email: person.email.clone(),
                address_line: person.address_line.clone(),
                city: person.city.clone(),
                state: person.state.clone(),
                postal_code: person.postal_code.clone(),
                ..Person::default()
            },
            memberships: Vec::new(),
            gaps: Vec::new(),
            tasks: Vec::new(),
            facts: standing.filter_map(|fact| shared(fact, content)).collect(),
        }
    }
}

fn shared(fact: &Fact, content: &[&Content]) -> Option<Fact> {
    if fact.kind == Consent::KIND.number {
        let consent = Consent { signature: None, witness: None, ..Consent::read(fact) };
        return Some(consent.fact(fact.id, fact.subject, fact.at, None));
    }
    if fact.kind != QuestionnaireResponse::KIND.number {
        return None;
    }
    let response = QuestionnaireResponse::read(fact);
    let canonical = response.questionnaire.clone()?;
    let form = content.iter().find_map(|content| content.form_of(&canonical))?;
    let answers = super::response::checked(form, &response).ok()?;
    let needs = questionnaire::needs(form, &answers);
    let names_need = |link_id: &str| needs.iter().any(|need| need.link_id == link_id);
    let named: Vec<_> = response
        .answers
        .iter()
        .flat_map(|list| &list.0)
        .filter(|answer| names_need(&answer.link_id))
        .cloned()
        .collect();
    if named.is_empty() {
        return None;
    }
    let least = QuestionnaireResponse {
        answers: Some(AnswerList(named)),
        score: None,
        outcome: None,
        performer: None,
        ..response
    };
    Some(least.fact(fact.id, fact.subject, fact.at, None))
}
