//! Two entries that are one person leave as one, under the strictest word on either, with the member number of the day.

use super::*;

fn linked(byte: u8, same: bool, minutes: i64) -> Operation {
    let decision = SamePerson { other: Some(person(2)), same: Some(same), decided_by: None };
    let at = Timestamp::from_milliseconds(NOON + minutes * 60_000);
    Operation::Fact(decision.fact(FactId::from_bytes([byte; 16]), person(1).into(), at, None))
}

fn member(byte: u8, of: PersonId, number: &str, from: &str, to: Option<&str>) -> Operation {
    let membership = Membership {
        person: Some(of),
        member_number: Some(number.into()),
        covered_from: Some(day(from)),
        covered_to: to.map(day),
        ..Membership::default()
    };
    edit(&Membership::KIND, MembershipId::from_bytes([byte; 16]).into(), membership.values())
}

#[tokio::test(flavor = "multi_thread")]
async fn linked_entries_go_back_as_one_person_until_they_are_parted() {
    let world = World::new().await;
    let closed = CareGap { claimed_by: Some("van".into()), ..CareGap::default() };
    let operations = vec![
        member(0x51, person(2), "M-2", "2026-01-01", None),
        gap(0x61, person(1), "COL", GapStatus::Closed, closed),
        gap(0x62, person(2), "COL", GapStatus::Open, CareGap::default()),
        gap(0x63, person(1), "BCS", GapStatus::Open, CareGap::default()),
        consent(0x71, person(1), true, true, 0),
    ];
    write(&world, Bucket::Site(SITE), operations).await;
    let (before, _) = lines(&world, false).await;
    assert_eq!(before.len(), 2, "two people, each with a gap");
    write(&world, Bucket::Site(SITE), vec![linked(0x81, true, 0)]).await;
    let (rows, _) = lines(&world, false).await;
    let id = person(1);
    assert_eq!(
        rows,
        [format!("M-2,{id},BCS,open-gap,2026-01-01,plan,,,,call text mail,yes")],
        "the care that was given counts for both, and the number is the other entry's"
    );
    let (all, _) = lines(&world, true).await;
    assert!(
        all.contains(&format!("M-2,{id},COL,closed-gap,2026-01-01,plan,,,,call text mail,yes")),
        "{all:?}"
    );
    write(&world, Bucket::Site(SITE), vec![linked(0x82, false, 10)]).await;
    assert_eq!(lines(&world, false).await.0, before, "parted again, everything is as it was");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_strictest_word_on_any_linked_entry_holds_for_gaps() {
    let world = World::new().await;
    let operations = vec![
        gap(0x61, person(1), "COL", GapStatus::Open, CareGap::default()),
        gap(0x62, person(2), "BCS", GapStatus::Open, CareGap::default()),
        consent(0x71, person(1), true, true, 0),
        linked(0x81, true, 0),
    ];
    write(&world, Bucket::Site(SITE), operations).await;
    assert_eq!(lines(&world, false).await.0.len(), 2, "nobody asked at the other entry");
    write(&world, Bucket::Site(SITE), vec![by_text_alone(0x72, person(2))]).await;
    let (rows, _) = lines(&world, false).await;
    assert!(rows.iter().all(|row| row.ends_with(",text,yes")), "both agreed to texts alone: {rows:?}");
    // Withdrawn on one entry, and agreed to anew on the other, later: the withdrawal holds.
    let later = vec![consent(0x73, person(2), false, false, 20), consent(0x74, person(1), true, true, 30)];
    write(&world, Bucket::Site(SITE), later).await;
    assert_eq!(lines(&world, false).await, (vec![], 1));
    write(&world, Bucket::Site(SITE), vec![linked(0x82, false, 40)]).await;
    assert_eq!(lines(&world, false).await.0.len(), 1, "parted, each word is for its own entry");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_and_a_gap_name_the_membership_in_force_on_the_day() {
    let world = World::new().await;
    let charged = |byte: u8, of: PersonId, on: &str| {
        let charge = Charge { day: Some(day(on)), ..Charge::default() };
        let at = Timestamp::from_milliseconds(NOON);
        Operation::Fact(charge.fact(FactId::from_bytes([byte; 16]), of.into(), at, None))
    };
    let operations = vec![
        // The ids run against the days, so that no order of theirs gives the right answer by chance.
        member(0x59, person(1), "M-OLD", "2024-01-01", Some("2025-12-31")),
        member(0x55, person(2), "M-NOW", "2026-01-01", Some("2026-12-31")),
        member(0x52, person(1), "M-NEXT", "2027-01-01", None),
        gap(0x61, person(1), "COL", GapStatus::Open, CareGap::default()),
        charged(0x91, person(1), "2025-06-01"),
        charged(0x92, person(1), "2026-06-01"),
        charged(0x93, person(2), "2023-06-01"),
        linked(0x81, true, 0),
    ];
    write(&world, Bucket::Site(SITE), operations).await;
    let text = String::from_utf8(charges(&world.service).await.expect("exported").csv).expect("text");
    let told: Vec<Vec<&str>> = text.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let of = person(1).to_string();
    let told: Vec<_> = told.iter().map(|line| (line[0], line[2], line[3])).collect();
    assert_eq!(
        told,
        [
            ("2023-06-01", of.as_str(), "M-OLD"),
            ("2025-06-01", of.as_str(), "M-OLD"),
            ("2026-06-01", of.as_str(), "M-NOW")
        ]
    );
    let (rows, _) = lines(&world, false).await;
    assert!(rows[0].starts_with("M-NOW,"), "today is 2026-11-23: {rows:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visit_of_linked_entries_leaves_whole_and_only_if_both_agree() {
    let world = World::new().await;
    let mut operations = met(person(1));
    let other = Person { allergies: Some(vec!["penicillin".into()]), ..Person::default() };
    operations.extend([
        consent(0xa1, person(1), true, false, 0),
        edit(&Person::KIND, person(2).into(), other.values()),
        member(0x51, person(2), "M-2", "2026-01-01", None),
        gap(0x61, person(2), "COL", GapStatus::Open, CareGap::default()),
        linked(0x81, true, 0),
    ]);
    write(&world, Bucket::Site(SITE), operations).await;
    let to = Recipient::RecordSystem;
    let export = visit(&world.service, VISIT, to).await.expect("agreed to care");
    let back = fhir::read(&export.bundle, &[embedded()]).expect("one person's bundle");
    assert_eq!(
        back.person.allergies,
        Some(vec!["penicillin".into()]),
        "an allergy of either is the person's"
    );
    assert_eq!((back.memberships.len(), back.gaps.len(), back.person_id), (1, 1, person(1)));
    write(&world, Bucket::Site(SITE), vec![consent(0xa2, person(2), false, false, -10)]).await;
    let refused = visit(&world.service, VISIT, to).await;
    assert!(
        matches!(refused, Err(VisitExportError::NoConsent(_))),
        "refused at the other entry, even before"
    );
    write(&world, Bucket::Site(SITE), vec![linked(0x82, false, 10)]).await;
    let export = visit(&world.service, VISIT, to).await.expect("parted");
    assert!(!export.bundle.contains("penicillin") && !export.bundle.contains("M-2"));
}
