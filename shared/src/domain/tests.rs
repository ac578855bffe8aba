//! The rules of the nouns, each with its boundary.

use super::account::{Employer, Membership, Payer};
use super::duplicates::{NEAR_CERTAIN_BITS, Reason, WORTH_SHOWING_BITS, likeness};
use super::fee::Eligibility;
use super::person::{Person, Relation, Sex, person_fields};
use super::screening::{Answer, AnswerList, AnswerValue};
use super::*;
use crate::change::Operation;
use crate::ids::{DeviceNumber, RecordId, Sequence, StaffId};
use crate::merge::{Author, RecordState};
use crate::record::{Decimal, FieldType};
use crate::time::Stamp;
use chrono::NaiveDate;
use std::collections::BTreeSet;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn person(family: &str, given: &str, birth_date: &str) -> Person {
    Person {
        family_name: Some(family.into()),
        given_name: Some(given.into()),
        birth_date: Some(birth_date.parse().expect("a date")),
        ..Person::default()
    }
}

#[test]
fn numbers_of_kinds_and_fields_are_given_once() {
    let mut kinds = BTreeSet::new();
    for kind in RECORD_KINDS.iter().chain(FACT_KINDS) {
        assert!(kinds.insert(kind.number), "{}", kind.name);
        let mut fields = BTreeSet::new();
        for field in kind.fields {
            assert!(fields.insert(field.number), "{} {}", kind.name, field.name);
        }
    }
}

#[test]
fn a_person_reads_back_from_what_was_written() {
    let mut written = person("Núñez-Sample", "Ana", "1975-04");
    written.sex = Some(Sex::Female);
    written.allergies = Some(vec!["latex".into(), "penicillin".into()]);
    let edit = RecordState::new(Person::KIND.number).edit(RecordId::from_bytes([1; 16]), written.values());
    let mut state = RecordState::new(Person::KIND.number);
    let author = Author {
        device: DeviceNumber(2),
        sequence: Sequence(1),
        stamp: Stamp::default(),
        staff: StaffId::from_bytes([9; 16]),
    };
    let operations = crate::change::codec::v1::encode(&[Operation::Edit(edit.clone())]);
    assert_eq!(crate::change::codec::decode(1, &operations), Ok(vec![Operation::Edit(edit.clone())]));
    for put in edit.puts {
        state.apply(author, put);
    }
    let mut read = Person::read(&RecordState::decode(&state.encode()).expect("own bytes"));
    assert_eq!(read.conditions.take(), Some(vec![]));
    assert_eq!(read, written);
    assert_eq!(state.edit(RecordId::from_bytes([1; 16]), written.values()).puts, []);
    assert_eq!(person_fields::family_name.0, 1);
}

#[test]
fn the_fee_follows_the_agreement_and_its_dates() {
    let employer = Employer {
        fee_payer: Some(Payer::Employer),
        fee_cents: Some(1_500),
        agreement_from: Some(day("2026-01-01")),
        agreement_to: Some(day("2026-12-31")),
        ..Employer::default()
    };
    let member = Membership {
        member_number: Some("M-1".into()),
        covered_to: Some(day("2026-06-30")),
        ..Membership::default()
    };
    let no_family = Employer { covers_dependents: Some(false), ..employer.clone() };
    let cases = [
        ("2025-12-31", true, Relation::Employee, Payer::Plan, 2_500, "plan-cover"),
        ("2026-01-01", true, Relation::Employee, Payer::Employer, 1_500, "employer-agreement"),
        ("2026-12-31", false, Relation::Employee, Payer::Employer, 1_500, "employer-agreement"),
        ("2026-12-31", false, Relation::Child, Payer::Employer, 1_500, "employer-agreement-dependent"),
        ("2027-01-01", true, Relation::Employee, Payer::Person, 2_500, "no-agreement-no-cover"),
        ("2025-12-31", false, Relation::Employee, Payer::Person, 2_500, "no-agreement-no-cover"),
    ];
    for (on, is_member, relation, payer, cents, rule) in cases {
        let parties = fee::Parties {
            employer: Some(&employer),
            membership: is_member.then_some(&member),
            relation: Some(relation),
        };
        let line = fee::attribute(&parties, day(on));
        assert_eq!((line.payer, line.cents, line.rule), (payer, cents, rule), "{on}");
    }
    // An agreement for the employees alone leaves the family to the plan, or to themselves.
    let of = |membership, relation, on| {
        let parties = fee::Parties { employer: Some(&no_family), membership, relation: Some(relation) };
        let line = fee::attribute(&parties, day(on));
        (line.rule, line.eligibility)
    };
    assert_eq!(of(None, Relation::Employee, "2026-05-01"), ("employer-agreement", Eligibility::NonMember));
    assert_eq!(
        of(Some(&member), Relation::Employee, "2026-05-01"),
        ("employer-agreement", Eligibility::Member)
    );
    assert_eq!(of(Some(&member), Relation::Spouse, "2026-05-01"), ("plan-cover", Eligibility::Dependent));
    assert_eq!(of(None, Relation::Child, "2026-05-01"), ("no-agreement-no-cover", Eligibility::Dependent));
    let alone = fee::attribute(&fee::Parties::default(), day("2026-05-01"));
    assert_eq!((alone.payer, alone.eligibility), (Payer::Person, Eligibility::NonMember));
}

#[test]
fn one_person_written_twice_is_found_and_neighbours_are_not() {
    let ana = person("Lopez-Sample", "Maria", "1980-03-05");
    let found = [
        (person("Lopez-Sample", "Maria", "1980-03-05"), Reason::SameName),
        (person("Maria", "Lopez-Sample", "1980-03-05"), Reason::NamesSwapped),
        (person("López Sample", "María", "1980-05-03"), Reason::SameName),
        (person("Lopes-Sample", "Maria", "1980-03-05"), Reason::SimilarName),
        (person("Lopez-Sample", "Mary", "1980"), Reason::ShortForm),
    ];
    for (other, reason) in &found {
        let likeness = likeness(&ana, other);
        assert!(likeness.total_bits >= WORTH_SHOWING_BITS, "{other:?} {likeness:?}");
        assert_eq!(likeness.evidence[0].what, *reason, "{likeness:?}");
    }
    assert!(likeness(&ana, &found[0].0).total_bits >= NEAR_CERTAIN_BITS);
    for other in [person("Sample", "Robert", "1980-03-05"), person("Lopez-Sample", "Maria", "1951-11-30")] {
        assert!(likeness(&ana, &other).total_bits < WORTH_SHOWING_BITS, "{other:?}");
    }
}

#[test]
fn names_fold_and_sound() {
    assert_eq!(names::fold("  Núñez–O'Brien, JOSÉ "), "nunez obrien jose");
    assert_eq!(names::fold("n\u{303}"), "n");
    assert_eq!(names::sound("Smith"), names::sound("Smyth"));
    assert_eq!(names::phone_digits("+1 (555) 555-0100"), "5555550100");
    assert!(names::same_given_name("robert", "bob"));
}

#[test]
fn answers_of_every_shape_read_back() {
    let answers = AnswerList(vec![
        Answer { link_id: "/1".into(), value: AnswerValue::Codes(vec!["LA33-6".into()]) },
        Answer { link_id: "/2".into(), value: AnswerValue::Integer(3) },
        Answer { link_id: "/3".into(), value: AnswerValue::Text("x".into()) },
        Answer { link_id: "/4".into(), value: AnswerValue::Declined },
        Answer { link_id: "/6".into(), value: AnswerValue::Decimal(Decimal { mantissa: 75, scale: 1 }) },
        Answer { link_id: "/7".into(), value: AnswerValue::Date("1998-04".parse().expect("a date")) },
        Answer { link_id: "/5".into(), value: AnswerValue::NotAsked },
        Answer { link_id: "/8".into(), value: AnswerValue::Several(vec![AnswerValue::Text("x".into())]) },
        Answer {
            link_id: "/9".into(),
            value: AnswerValue::Several(vec![AnswerValue::Integer(3), AnswerValue::Integer(4)]),
        },
    ]);
    let mut out = crate::cbor::Writer::default();
    answers.to_value().write(&mut out);
    let bytes = out.finish();
    let back = crate::record::Value::read(&mut crate::cbor::Reader::new(&bytes)).expect("within its depth");
    assert_eq!(AnswerList::from_value(&back), Some(answers));
}

#[test]
fn remarks_can_both_be_right_and_what_is_one_never_is() {
    use super::both::both;
    use super::care_gap::{CareGap, care_gap_fields};
    use super::visit::{Visit, visit_fields};
    use crate::record::{FieldNumber, Kind, Value};
    let text = |text: &str| Value::Text(text.into());
    let join = |kind: &Kind, field: FieldNumber, values: &[Value]| both(kind, &field.into(), values);
    let note = visit_fields::note;
    assert_eq!(join(&Visit::KIND, note, &[text("a"), text("b")]), Some(text("a\nb")));
    assert_eq!(join(&Visit::KIND, note, &[text("a\nb"), text("b\nc")]), Some(text("a\nb\nc")), "each once");
    assert_eq!(join(&Visit::KIND, note, &[text("a"), text("a ")]), None, "they agree");
    assert_eq!(join(&Visit::KIND, note, &[text("a"), Value::Null]), None, "cleared and written contradict");
    assert_eq!(join(&Visit::KIND, note, &[text(&"a".repeat(1_000)), text(&"b".repeat(1_000))]), None);
    let reason = care_gap_fields::reason;
    assert_eq!(join(&CareGap::KIND, reason, &[text("cost"), text("fear")]), Some(text("cost; fear")));
    let one = [
        (&Person::KIND, person_fields::sex),
        (&Person::KIND, person_fields::birth_date),
        (&Person::KIND, person_fields::tobacco_status),
        (&Person::KIND, person_fields::family_name),
        (&Membership::KIND, super::account::membership_fields::member_number),
        (&CareGap::KIND, care_gap_fields::status),
        (&Visit::KIND, FieldNumber(999)),
    ];
    for (kind, field) in one {
        assert_eq!(join(kind, field, &[text("a"), text("b")]), None, "{} {}", kind.name, field.0);
    }
}

#[test]
fn the_plan_knows_a_person_by_the_membership_in_force_on_the_day() {
    use super::account::member_number;
    let day = |text: &str| text.parse().expect("a day");
    let cover = |number: &str, from: &str, to: Option<&str>| Membership {
        member_number: Some(number.into()),
        covered_from: Some(day(from)),
        covered_to: to.map(day),
        ..Membership::default()
    };
    let all = [
        cover("M-3", "2026-01-01", Some("2026-06-30")),
        cover("M-1", "2024-01-01", Some("2024-12-31")),
        cover("M-4", "2026-06-01", Some("2026-12-31")),
        cover("M-2", "2025-01-01", Some("2025-06-30")),
        Membership::default(),
    ];
    let cases = [
        ("2024-12-31", "M-1"),
        ("2025-01-01", "M-2"),
        ("2025-12-31", "M-2"),
        ("2026-01-01", "M-3"),
        ("2026-06-15", "M-4"),
        ("2027-03-01", "M-4"),
        ("2023-12-31", "M-1"),
    ];
    for (on, expected) in cases {
        assert_eq!(member_number(&all, day(on)), Some(expected), "{on}");
        assert_eq!(member_number(all.iter().rev(), day(on)), Some(expected), "{on}, in another order");
    }
    assert_eq!(member_number(&all[4..], day("2026-01-01")), None);
}
