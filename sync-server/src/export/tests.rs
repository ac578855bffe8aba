//! The file that goes back after the day, and what the person's consent keeps in it or out of it.

use super::{VisitExportError, charges, remainder, visit};
use crate::import::ImportOptions;
use crate::ledger::{self, Entry};
use crate::planner::ImportKind;
use crate::testing::{NOON, SITE, STAFF, World};
use chrono::NaiveDate;
use shared::change::{Bucket, Operation};
use shared::content::pack::embedded;
use shared::domain::account::Membership;
use shared::domain::care_gap::{CareGap, GapStatus};
use shared::domain::consent::{Consent, Recipient};
use shared::domain::duplicates::SamePerson;
use shared::domain::fee::Charge;
use shared::domain::person::Person;
use shared::domain::route::{Site, Staff};
use shared::domain::screening::{
    self, AnswerList, AnswerValue, FactStatus, Observation, QuestionnaireResponse,
};
use shared::domain::visit::Visit;
use shared::fhir;
use shared::ids::{FactId, MembershipId, PersonId, RecordId, StaffId, VisitId};
use shared::merge::RecordState;
use shared::record::{FieldKey, Kind, Value};
use shared::time::Timestamp;

mod linked;

fn person(byte: u8) -> PersonId {
    PersonId::from_bytes([byte; 16])
}

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

fn edit(kind: &Kind, record: RecordId, values: Vec<(FieldKey, Value)>) -> Operation {
    Operation::Edit(RecordState::new(kind.number).edit(record, values))
}

fn gap(byte: u8, of: PersonId, rule: &str, status: GapStatus, more: CareGap) -> Operation {
    let gap = CareGap {
        person: Some(of),
        rule: Some(rule.into()),
        status: Some(status),
        due_since: Some(day("2026-01-01")),
        claimed_by: Some(more.claimed_by.clone().unwrap_or_else(|| "plan".into())),
        ..more
    };
    edit(&CareGap::KIND, RecordId::from_bytes([byte; 16]), gap.values())
}

fn consent(byte: u8, of: PersonId, care: bool, outreach: bool, minutes: i64) -> Operation {
    let consent = Consent { care: Some(care), outreach: Some(outreach), ..Consent::default() };
    let at = Timestamp::from_milliseconds(NOON + minutes * 60_000);
    Operation::Fact(consent.fact(FactId::from_bytes([byte; 16]), of.into(), at, None))
}

fn by_text_alone(byte: u8, of: PersonId) -> Operation {
    let consent = Consent {
        care: Some(true),
        outreach: Some(true),
        outreach_call: Some(false),
        outreach_text: Some(true),
        outreach_mail: Some(false),
        ..Consent::default()
    };
    let at = Timestamp::from_milliseconds(NOON);
    Operation::Fact(consent.fact(FactId::from_bytes([byte; 16]), of.into(), at, None))
}

async fn write(world: &World, bucket: Bucket, operations: Vec<Operation>) {
    ledger::write(&world.service, STAFF, &[Entry { bucket, operations }]).await.expect("written");
    world.fold().await;
}

async fn lines(world: &World, closed: bool) -> (Vec<String>, usize) {
    let export = remainder(&world.service, closed).await.expect("exported");
    let text = String::from_utf8(export.csv()).expect("text");
    assert_eq!(text.lines().count(), export.gaps.len() + 1);
    (text.lines().skip(1).map(str::to_owned).collect(), export.left_out)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_remainder_goes_back_with_its_owner_and_its_day() {
    let world = World::new().await;
    let nurse = StaffId::from_bytes([0xc9; 16]);
    let staff = Staff { code: Some("S-101".into()), ..Staff::default() };
    let member =
        Membership { person: Some(person(1)), member_number: Some("M-1".into()), ..Membership::default() };
    write(
        &world,
        Bucket::Staff(crate::testing::REGION),
        vec![edit(&Staff::KIND, nurse.into(), staff.values())],
    )
    .await;
    let follow_up = CareGap {
        follow_up_on: Some(day("2026-12-07")),
        follow_up_owner: Some(nurse),
        reason: Some("=HYPERLINK(\"x\")".into()),
        visit: Some(VisitId::from_bytes([8; 16])),
        ..CareGap::default()
    };
    let operations = vec![
        edit(&Membership::KIND, MembershipId::from_bytes([0x51; 16]).into(), member.values()),
        gap(0x61, person(1), "COL", GapStatus::FollowUp, follow_up),
        gap(0x62, person(1), "BCS", GapStatus::Open, CareGap::default()),
        gap(0x63, person(1), "DSF", GapStatus::Closed, CareGap::default()),
        consent(0x71, person(1), true, true, 0),
    ];
    write(&world, Bucket::Site(SITE), operations).await;
    let id = person(1).to_string();
    let (remainder, left_out) = lines(&world, false).await;
    assert_eq!(
        remainder,
        [
            format!("M-1,{id},BCS,open-gap,2026-01-01,plan,,,,call text mail,yes"),
            format!(
                "M-1,{id},COL,follow-up,2026-01-01,plan,\"'=HYPERLINK(\"\"x\"\")\",2026-12-07,S-101,call text mail,yes"
            ),
        ]
    );
    assert_eq!(left_out, 0);
    let (all, _) = lines(&world, true).await;
    assert!(
        all.contains(&format!("M-1,{id},DSF,closed-gap,2026-01-01,plan,,,,call text mail,yes")),
        "{all:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_decides_what_leaves_and_whom_anybody_calls() {
    let world = World::new().await;
    let van = || CareGap { claimed_by: Some("van".into()), ..CareGap::default() };
    let operations = vec![
        gap(0x61, person(1), "COL", GapStatus::Open, CareGap::default()),
        gap(0x62, person(2), "COL", GapStatus::Open, van()),
        gap(0x63, person(3), "COL", GapStatus::Open, CareGap::default()),
        gap(0x64, person(4), "COL", GapStatus::Open, van()),
        gap(0x65, person(5), "COL", GapStatus::Open, van()),
        by_text_alone(0x75, person(5)),
        // Agreed to care, not to be called.
        consent(0x72, person(2), true, false, 0),
        // Withdrew later: the newest decision is in force.
        consent(0x73, person(3), true, true, 0),
        consent(0x74, person(3), false, false, 30),
    ];
    write(&world, Bucket::Site(SITE), operations).await;
    let (rows, left_out) = lines(&world, false).await;
    let of = |byte: u8| rows.iter().find(|row| row.contains(&person(byte).to_string()));
    assert!(of(1).is_some_and(|row| row.ends_with(",no")), "the plan's own gap of somebody whom no van met");
    assert!(of(2).is_some_and(|row| row.ends_with(",,no")), "no outreach without consent to it");
    assert!(of(5).is_some_and(|row| row.ends_with(",text,yes")), "by the channel that was agreed to");
    assert_eq!((of(3), of(4)), (None, None), "withdrawn, and never asked");
    assert_eq!((rows.len(), left_out), (3, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_s_number_is_that_of_the_day_where_the_vans_stop() {
    let world = World::new().await;
    let site = Site { time_zone: Some("America/Los_Angeles".into()), ..Site::default() };
    let cover = |number: &str, from: &str, to: Option<&str>| Membership {
        person: Some(person(1)),
        member_number: Some(number.into()),
        covered_from: Some(day(from)),
        covered_to: to.map(day),
        ..Membership::default()
    };
    let (before, after) = (cover("M-1", "2026-01-01", Some("2026-12-31")), cover("M-2", "2027-01-01", None));
    let operations = vec![
        edit(&Site::KIND, SITE.into(), site.values()),
        edit(&Membership::KIND, MembershipId::from_bytes([0x51; 16]).into(), before.values()),
        edit(&Membership::KIND, MembershipId::from_bytes([0x52; 16]).into(), after.values()),
        gap(0x61, person(1), "COL", GapStatus::Open, CareGap::default()),
        consent(0x71, person(1), true, true, 0),
    ];
    write(&world, Bucket::Site(SITE), operations).await;
    // 17:30 on New Year's Eve at the site, when it is next year in Greenwich.
    world.advance(3331800000);
    let number =
        async || remainder(&world.service, false).await.expect("exported").gaps[0].member_number.clone();
    assert_eq!(number().await, "M-1", "covered until midnight");
    world.advance(7 * 3_600_000);
    assert_eq!(number().await, "M-2", "half past midnight");
}

const VISIT: VisitId = VisitId::from_bytes([0x81; 16]);

/// A visit with a weight and a named need.
fn met(of: PersonId) -> Vec<Operation> {
    let at = Timestamp::from_milliseconds(NOON);
    let named = Person { family_name: Some("Sample".into()), ..Person::default() };
    let visit = Visit { person: Some(of), site: Some(SITE), ..Visit::default() };
    let weight = Observation {
        visit: Some(VISIT),
        loinc: Some("29463-7".into()),
        value: Some(shared::record::Decimal { mantissa: 7050, scale: 2 }),
        unit: Some("kg".into()),
        status: Some(FactStatus::Final),
        ..Observation::default()
    };
    let form = embedded().form("ahc-hrsn-core").expect("embedded");
    let answers = vec![screening::Answer {
        link_id: "/71802-3".into(),
        value: AnswerValue::Codes(vec!["LA31994-9".into()]),
    }];
    let response = QuestionnaireResponse {
        visit: Some(VISIT),
        questionnaire: Some(form.canonical()),
        answers: Some(AnswerList(answers)),
        status: Some(FactStatus::Final),
        ..QuestionnaireResponse::default()
    };
    vec![
        edit(&Person::KIND, of.into(), named.values()),
        edit(&Visit::KIND, VISIT.into(), visit.values()),
        Operation::Fact(weight.fact(FactId::from_bytes([0x91; 16]), of.into(), at, None)),
        Operation::Fact(response.fact(FactId::from_bytes([0x92; 16]), of.into(), at, None)),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_leaves_for_whom_the_person_agrees_to_and_comes_back_equal() {
    let world = World::new().await;
    write(&world, Bucket::Site(SITE), met(person(1))).await;
    let to = [Recipient::RecordSystem, Recipient::Partner];
    let refused = async |recipient| match visit(&world.service, VISIT, recipient).await {
        Err(VisitExportError::NoConsent(of)) => of == recipient,
        _ => false,
    };
    assert!(refused(to[0]).await && refused(to[1]).await, "never asked");
    let said = |byte, care, share, minutes: i64| {
        let consent = Consent { care: Some(care), share_with_partners: Some(share), ..Consent::default() };
        let at = Timestamp::from_milliseconds(NOON + minutes * 60_000);
        vec![Operation::Fact(consent.fact(FactId::from_bytes([byte; 16]), person(1).into(), at, None))]
    };
    write(&world, Bucket::Site(SITE), said(0xa1, true, false, 0)).await;
    let export = visit(&world.service, VISIT, to[0]).await.expect("agreed to care");
    let back = fhir::read(&export.bundle, &[embedded()]).expect("read");
    assert_eq!(back.person.family_name.as_deref(), Some("Sample"));
    assert_eq!((back.facts.len(), export.facts), (3, 3));
    assert!(export.bundle.contains("\"value\": 70.50,"));
    assert!(refused(to[1]).await, "sharing was not agreed to");
    write(&world, Bucket::Site(SITE), said(0xa2, true, true, 10)).await;
    let shared = visit(&world.service, VISIT, to[1]).await.expect("agreed to sharing").bundle;
    assert!(shared.contains("LA31994-9") && !shared.contains("29463-7"), "the need, not the weight");
    // Withdrawn: nothing leaves any more, wherever it goes.
    write(&world, Bucket::Site(SITE), said(0xa3, false, false, 20)).await;
    assert!(refused(to[0]).await && refused(to[1]).await, "withdrawn");
    let nobody = visit(&world.service, VisitId::from_bytes([0x82; 16]), to[0]).await;
    assert!(matches!(nobody, Err(VisitExportError::NoVisit(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_with_two_values_goes_nowhere_until_it_is_settled() {
    let world = World::new().await;
    let of = person(1);
    let mut operations = met(of);
    operations.push(consent(0xa1, of, true, false, 0));
    write(&world, Bucket::Site(SITE), operations).await;
    let mut van = world.device(crate::testing::VAN).await;
    van.edit(of.into(), &[(1, "Simple")]);
    world.plan(crate::testing::VAN, SITE, "2026-11-23").await;
    world.push(&mut van).await.expect("pushed");
    world.fold().await;
    let unsettled = visit(&world.service, VISIT, Recipient::RecordSystem).await;
    match unsettled {
        Err(VisitExportError::Unsettled { record, count: 1 }) => assert_eq!(record, of.into()),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_leaves_as_fhir_is_read_back_as_the_same_gaps() {
    let world = World::new().await;
    let import = async |kind, bytes: Vec<u8>| {
        let report = crate::import::run(&world.service, kind, bytes, Default::default()).await.expect("read");
        assert!(report.is_written, "{report}");
        (report.new, report.changed, report.unchanged)
    };
    for (kind, file) in [
        (ImportKind::Staff, include_str!("../../../tests/demo/staff.csv")),
        (ImportKind::Employers, include_str!("../../../tests/demo/employers.csv")),
        (ImportKind::Schedule, include_str!("../../../tests/demo/schedule.csv")),
        (ImportKind::Roster, include_str!("../../../tests/demo/roster.csv")),
        (ImportKind::Gaps, include_str!("../../../tests/demo/gaps.csv")),
    ] {
        import(kind, file.into()).await;
    }
    let before = remainder(&world.service, true).await.expect("exported");
    assert_eq!(before.gaps.len(), 1_073);
    let file = before.fhir();
    assert_eq!(import(ImportKind::Gaps, file.clone().into_bytes()).await, (0, 0, 1_073), "nothing is new");
    // To a server that knows the people alone, the file brings the very gaps that it was made of.
    let other = World::new().await;
    for (kind, file) in [
        (ImportKind::Employers, include_str!("../../../tests/demo/employers.csv")),
        (ImportKind::Staff, include_str!("../../../tests/demo/staff.csv")),
        (ImportKind::Schedule, include_str!("../../../tests/demo/schedule.csv")),
        (ImportKind::Roster, include_str!("../../../tests/demo/roster.csv")),
    ] {
        crate::import::run(&other.service, kind, file.into(), Default::default()).await.expect("read");
    }
    let dry = ImportOptions { dry_run: true, ..Default::default() };
    let report = crate::import::run(&other.service, ImportKind::Gaps, file.clone().into(), dry).await;
    let report = report.expect("read");
    assert_eq!((report.is_written, report.new), (false, 1_073));
    let bad = file.replacen("\"M000100001\"", "\"M-NOBODY\"", 1);
    let report = crate::import::run(&other.service, ImportKind::Gaps, bad.clone().into(), Default::default());
    let report = report.await.expect("read");
    assert!(!report.is_written, "nothing is written beside a bad one: {report}");
    assert!(report.to_string().contains("Bundle.entry["), "{report}");
    let skip = ImportOptions { skip_bad: true, ..Default::default() };
    let report = crate::import::run(&other.service, ImportKind::Gaps, bad.into(), skip).await.expect("read");
    assert_eq!((report.is_written, report.new), (true, 1_072), "{report}");
    let report =
        crate::import::run(&other.service, ImportKind::Gaps, file.clone().into(), Default::default());
    assert_eq!(report.await.expect("read").new, 1);
    assert_eq!(remainder(&other.service, true).await.expect("exported").fhir(), file, "byte for byte");
}
