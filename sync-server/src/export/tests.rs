//! The file that goes back after the day, and what the person's consent keeps in it or out of it.

use super::gaps;
use crate::ledger::{self, Entry};
use crate::testing::{NOON, SITE, STAFF, World};
use chrono::NaiveDate;
use shared::change::{Bucket, Operation};
use shared::domain::account::Membership;
use shared::domain::care_gap::{CareGap, GapStatus};
use shared::domain::consent::Consent;
use shared::domain::route::Staff;
use shared::ids::{FactId, MembershipId, PersonId, RecordId, StaffId, VisitId};
use shared::merge::RecordState;
use shared::record::{FieldKey, Kind, Value};
use shared::time::Timestamp;

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

async fn write(world: &World, bucket: Bucket, operations: Vec<Operation>) {
    ledger::write(&world.service, STAFF, &[Entry { bucket, operations }]).await.expect("written");
    world.fold().await;
}

async fn lines(world: &World, closed: bool) -> (Vec<String>, usize) {
    let export = gaps(&world.service, closed).await.expect("exported");
    let text = String::from_utf8(export.csv).expect("text");
    assert_eq!(text.lines().count(), export.rows + 1);
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
            format!("M-1,{id},BCS,open-gap,2026-01-01,plan,,,,yes"),
            format!("M-1,{id},COL,follow-up,2026-01-01,plan,\"'=HYPERLINK(\"\"x\"\")\",2026-12-07,S-101,yes"),
        ]
    );
    assert_eq!(left_out, 0);
    let (all, _) = lines(&world, true).await;
    assert!(all.contains(&format!("M-1,{id},DSF,closed-gap,2026-01-01,plan,,,,yes")), "{all:?}");
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
    assert!(of(2).is_some_and(|row| row.ends_with(",no")), "no outreach without consent to it");
    assert_eq!((of(3), of(4)), (None, None), "withdrawn, and never asked");
    assert_eq!((rows.len(), left_out), (2, 2));
}
