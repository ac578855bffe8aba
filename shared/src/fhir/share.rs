//! The least that a community partner needs of a visit: who the person is, how to reach them, and which needs they named.
//! Never a measured value, a gap, a finding, an allergy or an answer that names no need, and never what somebody said of
//! violence at home.

use super::VisitRecord;
use crate::content::pack::Content;
use crate::content::questionnaire::{self, Questionnaire, Rule};
use crate::domain::consent::Consent;
use crate::domain::person::Person;
use crate::domain::screening::{Answer, AnswerList, AnswerValue, QuestionnaireResponse};
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
    let needs: Vec<_> = needs.iter().filter(|need| need.need != WITHHELD_NEED).collect();
    // A need that stands on the score is told by the score, and by the answers that alone made it positive.
    let result = form.instrument().and_then(|instrument| instrument.result_link_id.as_deref());
    let tells_score = result.is_some_and(|result| needs.iter().any(|need| need.link_id == result));
    let names_need = |answer: &Answer| {
        let is_named = needs.iter().any(|need| need.link_id == answer.link_id);
        is_named || (tells_score && makes_positive(form, answer))
    };
    let named: Vec<_> = response
        .answers
        .iter()
        .flat_map(|list| &list.0)
        .filter(|answer| !is_withheld(form, &answer.link_id) && names_need(answer))
        .cloned()
        .collect();
    let tells_score = tells_score && !result.is_some_and(|result| is_withheld(form, result));
    if named.is_empty() && !tells_score {
        return None;
    }
    let least = QuestionnaireResponse {
        answers: Some(AnswerList(named)),
        score: response.score.filter(|_| tells_score),
        outcome: response.outcome.clone().filter(|_| tells_score),
        performer: None,
        ..response
    };
    Some(least.fact(fact.id, fact.subject, fact.at, None))
}

/// A partner's file may be seen by whoever the person fears, so violence goes to nobody with the other needs: the crew
/// refers such a person by voice. Whatever a pack calls a need on these questions, their answers stay.
const WITHHELD_NEED: &str = "intimate-partner-violence";
/// LOINC: the four items of HITS as the AHC tool asks them, and their total (CMS, AHC HRSN screening tool, safety).
const WITHHELD: [&str; 5] = ["95618-5", "95617-7", "95616-9", "95615-1", "95614-4"];

fn is_withheld(form: &Questionnaire, link_id: &str) -> bool {
    let is_one = |code: &str| WITHHELD.contains(&code);
    let item = form.item(link_id);
    is_one(link_id.trim_start_matches('/'))
        || item.is_some_and(|item| item.codes.iter().any(|coding| is_one(&coding.code)))
}

/// Whether one answer is enough for the form's result to be positive.
fn makes_positive(form: &Questionnaire, answer: &Answer) -> bool {
    let Some(Rule::Any { items, .. }) = form.instrument().map(|instrument| &instrument.rule) else {
        return false;
    };
    let AnswerValue::Codes(codes) = &answer.value else { return false };
    let item = items.iter().find(|item| item.link_id == answer.link_id);
    item.is_some_and(|item| codes.iter().any(|code| item.positive.contains(code)))
}
