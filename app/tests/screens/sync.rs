//! Proof of delivery: what waits, what is delivered, what the server keeps apart, and trouble of this very tablet.

use crate::day::{at_the_stop, checked_in};
use crate::finger::*;
use crate::fixture::{NURSE, Tablet, person_id};
use app::apply::{Intent, LocalChange, apply_local};
use app::screens::ui::{Delivered, NavAdapter, SyncAdapter, Tone, VisitDelivery};
use app::store::{LogReads, SealedRun};
use app::sync::SyncReport;
use ed25519_dalek::SigningKey;
use shared::change::{Batch, Bucket, Envelope, Head, Operation};
use shared::compress::compress;
use shared::domain::visit::Visit;
use shared::ids::{DeviceId, DeviceNumber, RegionId, Sequence, VisitId};
use shared::sync::{LogStatus, Phase};
use slint::{ComponentHandle, Model};

/// More visits than the screen lists.
const VISITS: u16 = 260;

fn visit_id(number: u16) -> VisitId {
    let mut bytes = [70; 16];
    bytes[..2].copy_from_slice(&number.to_be_bytes());
    VisitId::from_bytes(bytes)
}

/// Writes so many visits as this tablet's own, one change each.
fn write_visits(tablet: &Tablet) {
    let mut store = tablet.store();
    for number in 0..VISITS {
        let visit = visit_id(number);
        let known = Visit { person: Some(person_id(3)), ..Visit::default() };
        let change = LocalChange {
            staff: NURSE,
            bucket: Bucket::Staff(RegionId(1)),
            about: Some(visit.into()),
            intents: vec![Intent::Set {
                record: visit.into(),
                kind: Visit::KIND.number,
                values: known.values(),
            }],
        };
        apply_local(&mut store, change, crate::fixture::NOW).expect("saved");
    }
}

fn acknowledge(tablet: &Tablet, sequence: u64) {
    let mut store = tablet.store();
    let write = store.write().expect("a write");
    write.set_acknowledged(Sequence(sequence)).expect("noted");
    write.commit().expect("on disk");
}

fn reject(tablet: &Tablet, sequence: Sequence, reason: &str) {
    let mut store = tablet.store();
    let write = store.write().expect("a write");
    write.set_rejected(sequence, reason).expect("noted");
    write.commit().expect("on disk");
}

/// Puts the whole log in one sealed run, as an idle moment does with a long one.
fn seal(tablet: &Tablet) {
    let (device, number) = (DeviceId::from_bytes([2; 16]), DeviceNumber(2));
    let mut store = tablet.store();
    let rows = store.log_after(Sequence(0), usize::MAX, 1_000).expect("read");
    let changes: Vec<Vec<u8>> = rows.into_iter().map(|row| row.envelope).collect();
    let key = SigningKey::from_bytes(&[1; 32]);
    let (batch, head) = Batch::seal(device, number, Head::genesis(device, number), &changes, &key);
    let write = store.write().expect("a write");
    write.seal(&SealedRun { first: Sequence(1), head, frame: compress(&batch) }).expect("sealed");
    write.commit().expect("on disk");
}

/// What stands on the Sync screen, from the top.
fn listed(tablet: &Tablet) -> Vec<VisitDelivery> {
    tap(tablet, "Today");
    tap(tablet, "Sync");
    window(tablet).global::<SyncAdapter>().get_visits().iter().collect()
}

#[test]
fn however_many_visits_there_are_the_one_that_waits_longest_is_on_top() {
    let tablet = signed_in();
    write_visits(&tablet);
    let rows = listed(&tablet);
    assert_eq!(rows[0].id, visit_id(0).to_string(), "the oldest of all");
    sees(&tablet, "260 visits wait for the network");
    // All but the last ten come through.
    acknowledge(&tablet, u64::from(VISITS) - 10);
    let rows = listed(&tablet);
    let ids: Vec<String> = rows.iter().map(|row| row.id.to_string()).collect();
    let waiting = VISITS - 10..VISITS;
    let expected: Vec<u16> = waiting.chain((0..VISITS - 10).rev()).take(rows.len()).collect();
    assert_eq!(ids, expected.into_iter().map(|number| visit_id(number).to_string()).collect::<Vec<_>>());
    let states: Vec<Delivered> = rows.iter().map(|row| row.server).collect();
    assert_eq!(states.iter().filter(|state| **state == Delivered::No).count(), 10);
    assert_eq!((states[9], states[10]), (Delivered::No, Delivered::Yes));
}

/// The visit of Grace, and the first change that names it.
fn first_change_of_a_visit(tablet: &Tablet) -> Sequence {
    let changes = tablet.store().log_after(Sequence(0), usize::MAX, 1_000).expect("read");
    let is_of_a_visit = |envelope: &[u8]| {
        let change = Envelope::read(envelope).and_then(|envelope| envelope.open()).expect("our own");
        change
            .operations
            .iter()
            .any(|operation| matches!(operation, Operation::Edit(edit) if edit.kind == Visit::KIND.number))
    };
    changes.iter().find(|row| is_of_a_visit(&row.envelope)).expect("a visit began").sequence
}

#[test]
fn a_visit_with_a_change_that_is_kept_apart_shows_no_tick_and_says_why_in_both_languages() {
    let tablet = at_the_stop();
    checked_in(&tablet, "okafor", "Grace Okafor-Sample");
    tap(&tablet, "Agreed aloud");
    tap(&tablet, "Start visit");
    let head = tablet.store().log_head().expect("read").expect("changes").sequence;
    acknowledge(&tablet, head.0);
    assert_eq!(listed(&tablet)[0].server, Delivered::Yes);
    reject(&tablet, first_change_of_a_visit(&tablet), "foreign-bucket");
    let kept_apart = |tablet: &Tablet| {
        let row = listed(tablet).remove(0);
        assert_eq!((row.name.as_str(), row.server), ("Grace Okafor-Sample", Delivered::Refused));
        sees(tablet, "Kept apart: it belongs to a place that this van may not write to");
        sees(tablet, "Grace Okafor-Sample · Change");
        sees(tablet, "Tell the office this code: foreign-bucket");
    };
    kept_apart(&tablet);
    picture(&tablet, "61-kept-apart");
    // The same where the change lies sealed in a run of the log.
    seal(&tablet);
    kept_apart(&tablet);
    tap(&tablet, "Settings");
    tap(&tablet, "Español");
    tap(&tablet, "Envíos");
    sees(&tablet, "Guardado aparte: pertenece a un lugar en el que esta unidad no puede escribir");
    picture(&tablet, "61-kept-apart-es");
}

#[test]
fn a_disk_that_refuses_is_said_loudly_and_is_no_missing_network() {
    let tablet = signed_in();
    let log = LogStatus { head: Sequence(3), acknowledged: Sequence(1) };
    let phase = Phase::DiskRefuses { failures: 1 };
    tablet.screens.report(SyncReport { phase, log, entries_received: 0, settled_at: None });
    let nav = window(&tablet).global::<NavAdapter>();
    assert_eq!(nav.get_delivery_tone(), Tone::Caution);
    assert!(nav.get_delivery_text().starts_with("The disk refuses"), "{}", nav.get_delivery_text());
    tap(&tablet, "Sync");
    sees(&tablet, "This device's disk refuses");
    sees(&tablet, "What was said to be saved is safe. Call the office");
    assert_eq!(window(&tablet).global::<SyncAdapter>().get_tone(), Tone::Urgent);
    picture(&tablet, "63-disk");
}
