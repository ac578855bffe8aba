//! Whatever a van may write goes to FHIR and comes back equal.

use super::sample::*;
use crate::content::Quantity;
use crate::content::measurements::{Beyond, Measurement};
use crate::content::pack::embedded;
use crate::content::questionnaire::{Answer, Answers, Item, Kind};
use crate::domain::consent::{Consent, ConsentMethod};
use crate::domain::screening::{FactStatus, Observation};
use crate::domain::visit::Visit;
use crate::fhir::{Mapping, VisitRecord, mapping, read, write};
use crate::ids::StaffId;
use crate::record::{Decimal, Fact, KindNumber};
use crate::time::{PartialDate, Timestamp};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn comes_back(record: &VisitRecord) {
    let text = write(record, &content()).expect("written");
    let back = read(&text, &content()).expect("read");
    assert_eq!(&back, record);
    assert_eq!(write(&back, &content()).expect("written again"), text, "the same visit is the same bundle");
}

#[test]
fn a_visit_with_every_field_comes_back() {
    comes_back(&full());
    comes_back(&bare());
}

#[test]
fn every_kind_of_record_and_fact_has_its_place() {
    let record = full();
    let mut written: BTreeSet<KindNumber> = record.facts.iter().map(|fact| fact.kind).collect();
    written.extend([1, 2, 10, 11, 13].map(KindNumber));
    let bundle = bundle(&record);
    for kind in crate::domain::RECORD_KINDS.iter().chain(crate::domain::FACT_KINDS) {
        match mapping(kind.number).unwrap_or_else(|| panic!("{} has no place in fhir/kinds.rs", kind.name)) {
            Mapping::Resource(resource) => {
                assert!(written.contains(&kind.number), "{} is not in the sample", kind.name);
                assert!(!resources(&bundle, resource).is_empty(), "no {resource} in the bundle");
            }
            Mapping::Named(_) => {}
            Mapping::Stays(reason) => assert!(!reason.is_empty()),
        }
    }
}

/// The fields of the sample are all filled, so that none is forgotten in silence when a kind gets a new one.
#[test]
fn the_sample_fills_every_field() {
    let record = full();
    for fact in &record.facts {
        let kind = crate::domain::FACT_KINDS.iter().find(|kind| kind.number == fact.kind).expect("known");
        let seen: BTreeSet<_> = record
            .facts
            .iter()
            .filter(|other| other.kind == fact.kind)
            .flat_map(|other| other.fields.iter().map(|(number, _)| *number))
            .collect();
        for field in kind.fields {
            // What was not asked is left out on purpose.
            let is_left_out = (kind.name, field.name) == ("Consent", "outreach");
            assert!(is_left_out || seen.contains(&field.number), "{}.{}", kind.name, field.name);
        }
    }
    let fields = |values: Vec<(crate::record::FieldKey, crate::record::Value)>| {
        values.into_iter().map(|(key, _)| key.field).collect::<BTreeSet<_>>().len()
    };
    assert_eq!(fields(record.visit.values()), Visit::KIND.fields.len());
    assert_eq!(fields(record.person.values()), crate::domain::person::Person::KIND.fields.len());
    assert_eq!(fields(record.gaps[0].1.values()), crate::domain::care_gap::CareGap::KIND.fields.len());
    assert_eq!(fields(record.tasks[0].1.values()), crate::domain::task::Task::KIND.fields.len());
    assert_eq!(
        fields(record.memberships[0].1.values()),
        crate::domain::account::Membership::KIND.fields.len()
    );
}

#[test]
fn every_measurement_comes_back_at_both_ends_of_its_limits() {
    for measurement in &embedded().catalog.measurements {
        let ends: Vec<Observation> = match measurement.hard_limits {
            Some(limits) => [limits.low, limits.high]
                .map(|end| measured(&measurement.key, end.mantissa(), end.scale()))
                .into(),
            None => measurement.choices.iter().map(|choice| chosen(&measurement.key, choice)).collect(),
        };
        for observation in ends {
            comes_back(&with(vec![fact(1, &observation)]));
        }
    }
}

#[test]
fn a_clock_that_runs_backwards_loses_no_moment() {
    let visit = Visit { checked_in_at: Some(at(5)), finished_at: Some(at(0)), ..bare().visit };
    let record = VisitRecord { visit, ..bare() };
    assert!(resources(&bundle(&record), "Encounter")[0].get("period").is_none());
    comes_back(&record);
}

#[test]
fn names_come_back_where_some_are_unknown() {
    let texts = [None, Some("Ana".to_owned())];
    for family in &texts {
        for given in &texts {
            for middle in &texts {
                let mut record = bare();
                record.person.family_name = family.clone();
                record.person.given_name = given.clone();
                record.person.middle_name = middle.clone();
                comes_back(&record);
            }
        }
    }
}

#[test]
fn a_text_that_was_cleared_is_no_text() {
    let mut record = full();
    let empty = Some(String::new());
    let (person, visit) = (&mut record.person, &mut record.visit);
    for text in [
        &mut person.family_name,
        &mut person.given_name,
        &mut person.middle_name,
        &mut person.language,
        &mut person.phone,
        &mut person.email,
        &mut person.address_line,
        &mut person.city,
        &mut person.state,
        &mut person.postal_code,
        &mut person.employee_number,
        &mut person.pronouns,
        &mut visit.note,
        &mut visit.identifiers_confirmed,
    ] {
        text.clone_from(&empty);
    }
    let (gap, task) = (&mut record.gaps[0].1, &mut record.tasks[0].1);
    for text in [
        &mut gap.rule,
        &mut gap.reason,
        &mut gap.claimed_by,
        &mut task.reason,
        &mut task.found,
        &mut task.action,
    ] {
        text.clone_from(&empty);
    }
    record.memberships[0].1.plan.clone_from(&empty);
    person.allergies = Some(Vec::new());
    let odd = Observation {
        text: empty.clone(),
        method: empty.clone(),
        interpretation: empty.clone(),
        ..measured("weight", 70, 0)
    };
    let consent = Consent {
        text_version: empty.clone(),
        language: empty.clone(),
        signature: empty,
        ..Consent::default()
    };
    record.facts = vec![fact(1, &odd), consent.fact(fact_id(2), PERSON.into(), at(0), None)];
    let text = write(&record, &content()).expect("written");
    let back = read(&text, &content()).expect("read");
    assert_eq!((back.person.phone, back.person.allergies, back.visit.note), (None, None, None));
    assert_eq!(Observation::read(&back.facts[0]).method, None);
}

fn words() -> impl Strategy<Value = String> {
    "[a-zñA-Z0-9<&\"\\\\][ \\PC]{0,30}[a-zé.]"
}

fn number_within(measurement: &Measurement, at: u32, scale: u8) -> Decimal {
    let limits = measurement.hard_limits.expect("a number has limits");
    let power = 10i128.pow(u32::from(Quantity::SCALE_MAX));
    let full = |end: Quantity| i128::from(end.mantissa()) * power / 10i128.pow(u32::from(end.scale()));
    let (low, high) = (full(limits.low), full(limits.high));
    let exact = low + (high - low) * i128::from(at) / i128::from(u32::MAX);
    let coarse = Quantity::from_ratio(exact, power, scale).expect("fits");
    let value = coarse.clamp(limits.low, limits.high);
    Decimal { mantissa: value.mantissa(), scale: value.scale() }
}

prop_compose! {
    fn any_measured()(
        which in 0..embedded().catalog.measurements.len(),
        at in any::<u32>(),
        scale in 0u8..=9,
        status in prop::sample::select(FactStatus::ALL),
        method in prop::option::of(prop_oneof![Just("manual".to_owned()), words()]),
        interpretation in prop::option::of(words()),
        reading in prop::option::of(0u32..=i32::MAX as u32),
        unusual in any::<Option<bool>>(),
        performer in any::<Option<[u8; 16]>>(),
        visit in any::<bool>(),
        beside in prop::option::of(words()),
        beyond in prop::option::of(prop::sample::select(Beyond::ALL)),
    ) -> Observation {
        let measurement = &embedded().catalog.measurements[which];
        let mut observation = match measurement.hard_limits {
            Some(_) => {
                let value = number_within(measurement, at, scale);
                Observation { text: beside, beyond, ..measured(&measurement.key, value.mantissa, value.scale) }
            }
            None => chosen(&measurement.key, &measurement.choices[at as usize % measurement.choices.len()]),
        };
        observation.status = Some(status);
        observation.method = method;
        observation.interpretation = interpretation;
        observation.reading = reading;
        observation.confirmed_unusual = unusual;
        observation.performer = performer.map(StaffId::from_bytes);
        observation.visit = visit.then_some(VISIT);
        observation
    }
}

prop_compose! {
    fn any_facts()(
        drawn in prop::collection::vec((any_measured(), -900_000_000_000i64..900_000_000_000), 1..12),
        together in any::<bool>(),
    ) -> Vec<Fact> {
        let moment = |milliseconds| Timestamp::from_milliseconds(if together { NOON } else { NOON + milliseconds });
        let facts = drawn.iter().enumerate();
        facts.map(|(place, (observation, milliseconds))| {
            observation.fact(fact_id(place as u8 + 1), PERSON.into(), moment(*milliseconds), None)
        }).collect()
    }
}

fn answer_of(item: &Item, draw: u32, text: &str) -> Option<Answer> {
    match draw % 7 {
        0 => return None,
        1 => return Some(Answer::Declined),
        2 => return Some(Answer::NotAsked),
        _ => {}
    }
    let draw = draw as usize / 7;
    let several = 1 + draw % 3;
    let list = |one: Answer| if item.is_list() { Answer::Several(vec![one; several]) } else { one };
    Some(list(match item.kind {
        Kind::Choice => {
            let first = &item.options[draw % item.options.len()];
            let second = &item.options[(draw / 31) % item.options.len()];
            let mut codes = vec![first.coding.code.clone()];
            if item.repeats && !first.exclusive && !second.exclusive && first.coding != second.coding {
                codes.push(second.coding.code.clone());
            }
            Answer::Codes(codes)
        }
        Kind::Integer => Answer::Integer(draw as i32),
        Kind::Decimal => Answer::Decimal(Quantity::new(draw as i64, (draw % 10) as u8).expect("a quantity")),
        Kind::Date => Answer::Date(PartialDate::Month(1900 + (draw % 200) as i32, 1 + (draw % 12) as u32)),
        Kind::Text => Answer::Text(text.to_owned()),
        Kind::Group | Kind::Display => return None,
    }))
}

/// A form with what no embedded one has: groups, a decimal, a date, an integer, and lists of them.
fn odd_form() -> crate::content::pack::Content {
    let form = r#"{"resourceType":"Questionnaire","url":"https://caravan.invalid/fhir/Questionnaire/odd","version":"1",
        "title":"Odd","item":[
        {"linkId":"z","type":"group","text":"Outer","item":[{"linkId":"y","type":"group","text":"Inner","item":[
            {"linkId":"sleep","type":"decimal","text":"Hours?"},{"linkId":"born","type":"date","text":"When?"}]},
            {"linkId":"count","type":"integer","text":"How many?"}]},
        {"linkId":"a","type":"text","text":"What else?"},
        {"linkId":"m","type":"string","text":"Which medicines?","repeats":true},
        {"linkId":"n","type":"integer","text":"Which counts?","repeats":true},
        {"linkId":"o","type":"decimal","text":"Which hours?","repeats":true},
        {"linkId":"p","type":"date","text":"Which days?","repeats":true}]}"#;
    let form = crate::content::questionnaire::Questionnaire::parse(form).expect("a form");
    crate::content::pack::Content { forms: vec![form], ..embedded().clone() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_measurement_of_the_catalog_comes_back(facts in any_facts()) {
        comes_back(&with(facts));
    }

    #[test]
    fn any_response_to_any_form_comes_back(
        which in 0..embedded().forms.len() + 1,
        draws in prop::collection::vec(any::<u32>(), 40),
        text in words(),
        score in prop::option::of(-1i64..30),
        outcome in prop::option::of(words()),
        status in prop::sample::select(FactStatus::ALL),
        is_scored in any::<bool>(),
    ) {
        let odd = odd_form();
        let form = embedded().forms.get(which).unwrap_or(&odd.forms[0]);
        let questions: Vec<&Item> = form.walk().into_iter().filter(|item| item.is_question()).collect();
        let entries = questions.iter().zip(&draws).filter_map(|(item, draw)| {
            Some((item.link_id.clone(), answer_of(item, *draw, &text)?))
        });
        let answers = Answers::check(form, entries).expect("answers that fit");
        let mut response = stored(form, &answers);
        if !is_scored {
            (response.score, response.outcome) = (score, outcome);
        }
        response.status = Some(status);
        let record = with(vec![response.fact(fact_id(1), PERSON.into(), at(2), None)]);
        let content = [embedded(), &odd];
        let text = write(&record, &content).expect("written");
        prop_assert_eq!(read(&text, &content).expect("read"), record);
    }

    #[test]
    fn any_consent_comes_back(
        answers in prop::collection::vec(any::<[Option<bool>; 7]>(), 1..4),
        texts in any::<bool>(),
        method in prop::option::of(prop::sample::select(ConsentMethod::ALL)),
        signature in prop::option::of("[0-9]{1,3},[0-9]{1,3}( [0-9]{1,3},[0-9]{1,3}){0,9}"),
        witness in any::<Option<[u8; 16]>>(),
    ) {
        let facts = answers.iter().enumerate().map(|(place, [care, share_with_partners, outreach, research, call, text, mail])| {
            let consent = Consent {
                visit: texts.then_some(VISIT),
                text_version: texts.then(|| "2026-11".to_owned()),
                language: texts.then(|| "es".to_owned()),
                care: *care,
                share_with_partners: *share_with_partners,
                outreach: *outreach,
                research: *research,
                method,
                signature: signature.clone(),
                witness: witness.map(StaffId::from_bytes),
                outreach_call: *call,
                outreach_text: *text,
                outreach_mail: *mail,
            };
            consent.fact(fact_id(place as u8 + 1), PERSON.into(), at(place as i64), None)
        });
        comes_back(&with(facts.collect()));
    }
}
