//! What was corrected or taken back is in error for the record system, and comes back as it was written.

use super::sample::*;
use crate::domain::past_care::{CareSource, PastCare};
use crate::domain::screening::{FactStatus, Observation};
use crate::fhir::{VisitRecord, read, write};
use crate::ids::{DeviceNumber, FactId, RecordId, Sequence};
use crate::merge::{Author, RecordState};
use crate::record::Fact;
use crate::time::{PartialDate, Stamp};
use std::collections::BTreeMap;

fn round(record: &VisitRecord) {
    let text = write(record, &content()).expect("written");
    assert_eq!(&read(&text, &content()).expect("read"), record);
}

fn amending(number: u8, observation: &Observation, amended: FactId) -> Fact {
    observation.fact(fact_id(number), PERSON.into(), at(9), Some(amended))
}

fn taken_back(number: u8, amended: FactId) -> Fact {
    let retraction = Observation {
        visit: Some(VISIT),
        status: Some(FactStatus::EnteredInError),
        performer: Some(NURSE),
        ..Observation::default()
    };
    amending(number, &retraction, amended)
}

#[test]
fn a_value_taken_back_is_in_error_and_the_one_who_did_it_is_named() {
    let record = with(vec![fact(1, &measured("weight", 705, 1)), taken_back(2, fact_id(1))]);
    let bundle = bundle(&record);
    assert_eq!(resource(&bundle, fact_id(1))["status"], "entered-in-error");
    let provenance = resource(&bundle, fact_id(2));
    assert_eq!(provenance["resourceType"], "Provenance");
    assert_eq!(provenance["target"][0]["reference"], format!("urn:uuid:{}", fact_id(1)));
    assert_eq!(provenance["agent"][0]["who"]["identifier"]["value"], NURSE.to_string());
    round(&record);
}

#[test]
fn care_that_was_recorded_by_mistake_is_in_error_and_comes_back_as_taken_back() {
    let care = PastCare {
        visit: Some(VISIT),
        service: Some("colonoscopy".into()),
        given_on: Some(PartialDate::Year(2021)),
        source: Some(CareSource::Proof),
        performer: Some(NURSE),
        note: None,
    };
    let nothing = PastCare { visit: Some(VISIT), performer: Some(NURSE), ..PastCare::default() };
    let record = with(vec![
        care.fact(fact_id(1), PERSON.into(), at(0), None),
        nothing.fact(fact_id(2), PERSON.into(), at(5), Some(fact_id(1))),
    ]);
    let bundle = bundle(&record);
    for id in [fact_id(1), fact_id(2)] {
        assert_eq!(resource(&bundle, id)["status"], "entered-in-error");
    }
    round(&record);
}

#[test]
fn a_corrected_value_replaces_the_first_one() {
    let corrected = Observation { status: Some(FactStatus::Amended), ..measured("weight", 750, 1) };
    let record = with(vec![fact(1, &measured("weight", 705, 1)), amending(2, &corrected, fact_id(1))]);
    let bundle = bundle(&record);
    assert_eq!(resource(&bundle, fact_id(1))["status"], "entered-in-error");
    assert_eq!(resource(&bundle, fact_id(2))["status"], "amended");
    let text = resource(&bundle, fact_id(2)).to_string();
    assert!(text.contains("observation-replaces"), "{text}");
    round(&record);
}

#[test]
fn half_of_a_blood_pressure_taken_back_leaves_the_other_half_standing() {
    let pair = vec![fact(1, &measured("bp_systolic", 132, 0)), fact(2, &measured("bp_diastolic", 84, 0))];
    let before = bundle(&with(pair.clone()));
    assert_eq!(of_code(&before, "85354-9").len(), 1);
    let corrected = Observation { status: Some(FactStatus::Amended), ..measured("bp_systolic", 123, 0) };
    let all = pair.into_iter().chain([amending(3, &corrected, fact_id(1)), taken_back(4, fact_id(3))]);
    let record = with(all.collect());
    let after = bundle(&record);
    let panels = of_code(&after, "85354-9");
    let together = panels.iter().find(|panel| panel["id"] == of_code(&before, "85354-9")[0]["id"]);
    assert_eq!(together.expect("put over the first one")["status"], "entered-in-error");
    let half = resource(&after, fact_id(2));
    assert_eq!(half["status"], "final");
    assert_eq!(half["component"][0]["dataAbsentReason"]["coding"][0]["code"], "unknown");
    assert_eq!(half["component"][1]["valueQuantity"]["value"], 84);
    assert_eq!(resource(&after, fact_id(3))["status"], "entered-in-error");
    round(&record);
}

#[test]
fn a_response_that_was_amended_is_in_error_with_all_that_was_made_of_it() {
    use crate::content::questionnaire::Answer;
    let first =
        response("phq-2", &[("/44250-9", Answer::code("LA6570-1")), ("/44255-8", Answer::code("LA6568-5"))]);
    let mut second =
        response("phq-2", &[("/44250-9", Answer::code("LA6568-5")), ("/44255-8", Answer::code("LA6568-5"))]);
    second.status = Some(FactStatus::Amended);
    let record = with(vec![
        first.fact(fact_id(1), PERSON.into(), at(0), None),
        second.fact(fact_id(2), PERSON.into(), at(5), Some(fact_id(1))),
    ]);
    let bundle = bundle(&record);
    assert_eq!(resource(&bundle, fact_id(1))["status"], "entered-in-error");
    let statuses: Vec<_> = of_code(&bundle, "55758-7").iter().map(|score| score["status"].clone()).collect();
    assert!(
        statuses.contains(&"entered-in-error".into()) && statuses.contains(&"amended".into()),
        "{statuses:?}"
    );
    round(&record);
}

#[test]
fn a_visit_is_gathered_with_what_corrects_it_and_without_what_is_of_another() {
    let wanted = full();
    let other = crate::ids::VisitId::from_bytes([0x99; 16]);
    let mut states: BTreeMap<RecordId, RecordState> = BTreeMap::new();
    let mut put = |id: RecordId, kind: crate::record::Kind, values| {
        let mut state = RecordState::new(kind.number);
        let author = Author {
            device: DeviceNumber(1),
            sequence: Sequence(1),
            stamp: Stamp::from_bits(1),
            staff: NURSE,
        };
        state.edit(id, values).puts.into_iter().for_each(|put| state.apply(author, put));
        states.insert(id, state);
    };
    put(wanted.visit_id.into(), crate::domain::visit::Visit::KIND, wanted.visit.values());
    put(wanted.person_id.into(), crate::domain::person::Person::KIND, wanted.person.values());
    put(
        wanted.memberships[0].0.into(),
        crate::domain::account::Membership::KIND,
        wanted.memberships[0].1.values(),
    );
    put(wanted.gaps[0].0.into(), crate::domain::care_gap::CareGap::KIND, wanted.gaps[0].1.values());
    put(wanted.tasks[0].0.into(), crate::domain::task::Task::KIND, wanted.tasks[0].1.values());
    let of_another = Observation { visit: Some(other), ..measured("weight", 70, 0) };
    let mut held = wanted.facts.clone();
    held.push(fact(90, &of_another));
    let facts = BTreeMap::from([(RecordId::from(PERSON), held.clone())]);
    assert_eq!(VisitRecord::gather(VISIT, &states, &facts), Some(wanted.clone()));
    let correction = amending(91, &Observation { visit: None, ..measured("spo2", 98, 0) }, fact_id(3));
    held.push(correction.clone());
    let facts = BTreeMap::from([(RecordId::from(PERSON), held)]);
    let gathered = VisitRecord::gather(VISIT, &states, &facts).expect("the visit");
    assert!(gathered.facts.contains(&correction));
    assert_eq!(gathered.facts.len(), wanted.facts.len() + 1);
    assert_eq!(VisitRecord::gather(other, &states, &facts), None);
}
