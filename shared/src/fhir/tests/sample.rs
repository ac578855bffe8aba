//! One visit with something of every kind in it, and small changes of its bundle.

use crate::content::measurements::Beyond;
use crate::content::pack::{Content, embedded};
use crate::content::questionnaire::{self, Answer, Answers};
use crate::domain::account::{Membership, Payer};
use crate::domain::care_gap::{CareGap, GapStatus};
use crate::domain::consent::{Consent, ConsentMethod};
use crate::domain::fee::{Charge, Eligibility};
use crate::domain::past_care::{CareSource, PastCare};
use crate::domain::person::{Person, Relation, Sex, TobaccoStatus};
use crate::domain::screening::{self, AnswerList, FactStatus, Observation, QuestionnaireResponse};
use crate::domain::task::{Task, TaskStatus};
use crate::domain::visit::{Station, Visit, VisitStatus};
use crate::fhir::VisitRecord;
use crate::ids::*;
use crate::record::{Decimal, Fact};
use crate::time::{PartialDate, Timestamp};
use serde_json::Value;

/// 2026-11-23T12:00:00Z.
pub const NOON: i64 = 1_795_435_200_000;
pub const PERSON: PersonId = PersonId::from_bytes([0x11; 16]);
pub const VISIT: VisitId = VisitId::from_bytes([0x22; 16]);
pub const NURSE: StaffId = StaffId::from_bytes([0x33; 16]);

pub fn content() -> Vec<&'static Content> {
    vec![embedded()]
}

pub fn fact_id(number: u8) -> FactId {
    FactId::from_bytes([number; 16])
}

pub fn at(minutes: i64) -> Timestamp {
    Timestamp::from_milliseconds(NOON + minutes * 60_000 + 7)
}

fn day(text: &str) -> chrono::NaiveDate {
    text.parse().expect("a day")
}

/// A visit of a person, and nothing found yet.
pub fn bare() -> VisitRecord {
    VisitRecord {
        visit_id: VISIT,
        visit: Visit { person: Some(PERSON), ..Visit::default() },
        person_id: PERSON,
        person: Person::default(),
        memberships: Vec::new(),
        gaps: Vec::new(),
        tasks: Vec::new(),
        facts: Vec::new(),
    }
}

pub fn with(facts: Vec<Fact>) -> VisitRecord {
    let mut record = VisitRecord { facts, ..bare() };
    record.facts.sort_by_key(|fact| fact.id);
    record
}

/// An observation as the van writes it.
pub fn measured(key: &str, mantissa: i64, scale: u8) -> Observation {
    let measurement = embedded().catalog.find(key).expect("in the catalog");
    Observation {
        visit: Some(VISIT),
        loinc: Some(measurement.loinc.clone()),
        value: Some(Decimal { mantissa, scale }),
        unit: measurement.unit_ucum.clone(),
        text: None,
        panel: measurement.panel_loinc.clone(),
        reading: Some(1),
        status: Some(FactStatus::Final),
        performer: Some(NURSE),
        method: Some("manual".into()),
        interpretation: None,
        confirmed_unusual: Some(false),
        beyond: None,
    }
}

/// A meter that showed LO.
pub fn off_meter() -> Observation {
    Observation {
        method: Some("Glucometer 3".into()),
        beyond: Some(Beyond::Below),
        ..measured("glucose_random", 20, 0)
    }
}

pub fn chosen(key: &str, choice: &str) -> Observation {
    Observation { value: None, unit: None, text: Some(choice.into()), ..measured(key, 0, 0) }
}

pub fn fact(number: u8, observation: &Observation) -> Fact {
    observation.fact(fact_id(number), PERSON.into(), at(0), None)
}

/// A response to a form with these answers.
pub fn response(form: &str, entries: &[(&str, Answer)]) -> QuestionnaireResponse {
    let form = embedded().form(form).expect("an embedded form");
    let entries = entries.iter().map(|(link_id, answer)| ((*link_id).to_owned(), answer.clone()));
    let answers = Answers::check(form, entries).expect("answers that fit");
    stored(form, &answers)
}

/// As capture stores it.
pub fn stored(form: &questionnaire::Questionnaire, answers: &Answers) -> QuestionnaireResponse {
    let score = questionnaire::score(form, answers, crate::content::Sex::Unknown);
    let list = answers
        .iter()
        .map(|(link_id, answer)| screening::Answer { link_id: link_id.to_owned(), value: answer.into() });
    QuestionnaireResponse {
        visit: Some(VISIT),
        questionnaire: Some(form.canonical()),
        answers: Some(AnswerList(list.collect())),
        score: score.as_ref().map(|score| score.value.into()),
        outcome: score.as_ref().and_then(|score| score.band).map(|band| band.name.english.clone()),
        language: Some("es".into()),
        performer: Some(NURSE),
        status: Some(FactStatus::Final),
        pack: Some("caravan-core 2026.11.1 + gulf-sample 1.0.0".into()),
    }
}

/// Something of every kind that has a resource, each field filled.
pub fn full() -> VisitRecord {
    let phq: Vec<(&str, Answer)> =
        vec![("/44250-9", Answer::code("LA6570-1")), ("/44255-8", Answer::code("LA6571-9"))];
    let hrsn: Vec<(&str, Answer)> = vec![
        ("/71802-3", Answer::Declined),
        ("/96778-6", Answer::Codes(vec!["LA31996-4".into(), "LA28580-1".into()])),
        ("/88122-7", Answer::NotAsked),
    ];
    let consent = Consent {
        visit: Some(VISIT),
        text_version: Some("2026-11".into()),
        language: Some("en".into()),
        care: Some(true),
        share_with_partners: Some(false),
        outreach: None,
        outreach_call: Some(false),
        outreach_text: Some(false),
        outreach_mail: Some(false),
        research: Some(false),
        method: Some(ConsentMethod::Signature),
        signature: Some("1,2 3,4;5,6".into()),
        witness: Some(NURSE),
    };
    let charge = Charge {
        visit: Some(VISIT),
        payer: Some(Payer::Employer),
        fee_cents: Some(2_505),
        rule: Some("employer-agreement".into()),
        day: Some(day("2026-11-23")),
        eligibility: Some(Eligibility::Dependent),
        walk_up: Some(true),
    };
    let care = PastCare {
        visit: Some(VISIT),
        service: Some("colonoscopy".into()),
        given_on: Some(PartialDate::Month(2019, 4)),
        source: Some(CareSource::Person),
        performer: Some(NURSE),
        note: Some("nothing found".into()),
    };
    let subject = PERSON.into();
    let stage = Some("High, stage 1".to_owned());
    let scored = QuestionnaireResponse { outcome: Some("positive".into()), ..response("phq-2", &phq) };
    let facts = vec![
        fact(1, &Observation { interpretation: stage.clone(), ..measured("bp_systolic", 132, 0) }),
        fact(2, &Observation { interpretation: stage, ..measured("bp_diastolic", 84, 0) }),
        fact(3, &measured("spo2", 97, 0)),
        fact(4, &measured("body_temp", 3700, 2)),
        fact(5, &measured("chol_total", 190, 0)),
        fact(6, &measured("chol_hdl", 51, 0)),
        fact(7, &chosen("va_left", "20/40")),
        fact(8, &off_meter()),
        scored.fact(fact_id(20), subject, at(3), None),
        response("ahc-hrsn-core", &hrsn).fact(fact_id(21), subject, at(4), None),
        consent.fact(fact_id(30), subject, at(1), None),
        charge.fact(fact_id(31), subject, at(9), None),
        care.fact(fact_id(32), subject, at(5), None),
    ];
    let membership = Membership {
        person: Some(PERSON),
        member_number: Some("M-1".into()),
        plan: Some("Silver".into()),
        covered_from: Some(day("2026-01-01")),
        covered_to: Some(day("2026-12-31")),
    };
    VisitRecord {
        visit: visit(),
        person: person(),
        memberships: vec![(MembershipId::from_bytes([0x41; 16]), membership)],
        gaps: vec![(CareGapId::from_bytes([0x42; 16]), gap())],
        tasks: vec![(TaskId::from_bytes([0x43; 16]), task())],
        ..with(facts)
    }
}

fn visit() -> Visit {
    Visit {
        person: Some(PERSON),
        stop: Some(StopId::from_bytes([0x51; 16])),
        site: Some(SiteId::from_bytes([0x52; 16])),
        van: Some(VanId::from_bytes([0x53; 16])),
        station: Some(Station::Done),
        status: Some(VisitStatus::Finished),
        checked_in_at: Some(at(-5)),
        finished_at: Some(at(20)),
        identifiers_confirmed: Some("name, birth date".into()),
        checked_in_by: Some(NURSE),
        note: Some("Hears better on the left.\nSpeaks slowly.".into()),
        walk_up: Some(true),
    }
}

fn person() -> Person {
    let text = |text: &str| Some(text.to_owned());
    Person {
        family_name: text("Sample-Núñez"),
        given_name: text("Ana María"),
        middle_name: text("Q."),
        birth_date: Some(PartialDate::Month(1975, 4)),
        sex: Some(Sex::Female),
        language: text("es-US"),
        phone: text("+15550100"),
        email: text("ana@example.invalid"),
        address_line: text("1 Sample Street"),
        city: text("Sampleton"),
        state: text("TX"),
        postal_code: text("00001"),
        employer: Some(EmployerId::from_bytes([0x61; 16])),
        relation: Some(Relation::Spouse),
        dependent_of: Some(PersonId::from_bytes([0x62; 16])),
        employee_number: text("E-77"),
        tobacco_status: Some(TobaccoStatus::Former),
        allergies: Some(vec!["bee sting".into(), "penicillin".into()]),
        conditions: Some(vec!["38341003".into(), "44054006".into()]),
        pronouns: text("she/her"),
    }
}

fn gap() -> CareGap {
    CareGap {
        person: Some(PERSON),
        rule: Some("CBP".into()),
        due_since: Some(day("2026-01-01")),
        claimed_by: Some("plan".into()),
        status: Some(GapStatus::Closed),
        closed_by: Some(fact_id(1)),
        visit: Some(VISIT),
        reason: Some("measured on the van".into()),
        follow_up_on: Some(day("2026-12-07")),
        follow_up_owner: Some(NURSE),
    }
}

fn task() -> Task {
    Task {
        person: Some(PERSON),
        visit: Some(VISIT),
        reason: Some("bp-crisis".into()),
        found: Some("Systolic blood pressure 190 mmHg".into()),
        raised_at: Some(at(0)),
        action: Some("Clinician called".into()),
        acted: Some(true),
        acknowledged_by: Some(NURSE),
        acknowledged_at: Some(at(1)),
        status: Some(TaskStatus::Requested),
        due_on: Some(day("2026-11-30")),
        owner: Some(NURSE),
        closed_by: Some(NURSE),
    }
}

pub fn bundle(record: &VisitRecord) -> Value {
    let text = crate::fhir::write(record, &content()).expect("written");
    serde_json::from_str(&text).expect("JSON")
}

/// The resources of a type, in order.
pub fn resources<'v>(bundle: &'v Value, kind: &str) -> Vec<&'v Value> {
    let entries = bundle["entry"].as_array().expect("entries");
    entries
        .iter()
        .map(|entry| &entry["resource"])
        .filter(|resource| resource["resourceType"] == kind)
        .collect()
}

pub fn resource(bundle: &Value, id: FactId) -> &Value {
    let entries = bundle["entry"].as_array().expect("entries");
    let found =
        entries.iter().map(|entry| &entry["resource"]).find(|resource| resource["id"] == id.to_string());
    found.expect("the fact's resource")
}

/// The observation of a code.
pub fn of_code<'v>(bundle: &'v Value, code: &str) -> Vec<&'v Value> {
    let is_of = |resource: &&&Value| {
        resource["code"]["coding"]
            .as_array()
            .is_some_and(|all| all.iter().any(|coding| coding["code"] == code))
    };
    resources(bundle, "Observation").iter().filter(is_of).copied().collect()
}
