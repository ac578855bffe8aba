//! Signing in, locking, handing over.

use crate::finger::*;
use crate::fixture::{NURSE, PIN, person_id};
use app::screens::ui::NavAdapter;
use app::session::{DataFolder, erase};
use app::store::{LogReads, MetaReads, RecordReads};
use app::sync::SyncReport;
use shared::domain::device;
use shared::domain::view::View;
use shared::ids::{DeviceNumber, RegionId, Sequence};
use shared::sync::{LogStatus, Phase};
use slint::platform::{PointerEventButton, WindowEvent};
use slint::{ComponentHandle, LogicalPosition};

const DAY_MS: i64 = 86_400_000;

#[test]
fn a_wrong_pin_is_counted_and_the_right_one_opens_today() {
    let tablet = start();
    picture(&tablet, "01-crew");
    sees(&tablet, "Works offline until Thursday");
    tap(&tablet, "Jordan Sample");
    type_digits(&tablet, "482916");
    sees(&tablet, "This PIN is not right.");
    sees(&tablet, "9 tries left");
    picture(&tablet, "02-wrong-pin");
    type_digits(&tablet, PIN);
    sees(&tablet, "Monday, November 23");
    sees(&tablet, "Sample Steel Mill");
    sees(&tablet, "Gate 3 opens at 5:45");
    sees(&tablet, "0 seen of 4 expected");
    picture(&tablet, "03-today");
}

#[test]
fn two_minutes_without_a_touch_lock_the_screen_and_what_was_typed_stays() {
    let tablet = signed_in();
    tap(&tablet, "Open this stop");
    tap(&tablet, "Find");
    type_text(&tablet, "nuñez");
    sees(&tablet, "Ana Núñez-Sample");
    pass(121.0);
    let texts = texts(&tablet);
    for name in ["Núñez", "Rivera", "Okafor", "Conflict"] {
        assert!(!texts.contains(name), "{name} is in sight on a locked screen:\n{texts}");
    }
    sees(&tablet, "Enter your PIN");
    picture(&tablet, "04-locked");
    type_digits(&tablet, PIN);
    sees(&tablet, "Ana Núñez-Sample");
    assert_eq!(typed(&tablet, "Search people"), "nuñez");
}

/// Somebody does something whenever something short of the lock's time has passed.
fn stays_open_by(tablet: &crate::fixture::Tablet, what: &str, act: impl Fn()) {
    for _ in 0..3 {
        act();
        pass(90.0);
    }
    assert!(!has(tablet, "Not me"), "{what} counts as activity");
}

#[test]
fn whatever_somebody_does_keeps_the_screen_open_and_nothing_locks_it() {
    let tablet = signed_in();
    let window = window(&tablet).window();
    let at = |x, y| LogicalPosition::new(x, y);
    tap(&tablet, "Open this stop");
    let nowhere = at(1200.0, 420.0);
    stays_open_by(&tablet, "a touch of nothing", || {
        let button = PointerEventButton::Left;
        window.dispatch_event(WindowEvent::PointerPressed { position: nowhere, button });
        window.dispatch_event(WindowEvent::PointerReleased { position: nowhere, button });
        pass(0.05);
        window.dispatch_event(WindowEvent::PointerExited);
        pass(0.05);
    });
    stays_open_by(&tablet, "a key that no field takes", || {
        for event in [
            WindowEvent::KeyPressed { text: slint::platform::Key::RightArrow.into() },
            WindowEvent::KeyReleased { text: slint::platform::Key::RightArrow.into() },
        ] {
            window.dispatch_event(event);
        }
    });
    tap(&tablet, "Sync");
    tap(&tablet, "Settings");
    let place = at(700.0, 400.0);
    stays_open_by(&tablet, "a moving finger", || {
        for step in 0..3 {
            let position = at(place.x, place.y + step as f32 * 20.0);
            window.dispatch_event(WindowEvent::PointerMoved { position });
        }
        pass(0.05);
        window.dispatch_event(WindowEvent::PointerExited);
        pass(0.05);
    });
    pass(121.0);
    assert!(has(&tablet, "Not me"), "and nothing at all locks it");
}

#[test]
fn turning_pages_keeps_the_screen_open() {
    let tablet = signed_in();
    crate::fixture::crowd(&tablet);
    tap(&tablet, "Open this stop");
    tap(&tablet, "Find");
    type_text(&tablet, "crowd");
    sees(&tablet, "1 of ");
    for _ in 0..2 {
        pass(90.0);
        tap(&tablet, "Next page of results");
        pass(90.0);
        tap(&tablet, "Previous page of results");
    }
    pass(90.0);
    assert!(has(&tablet, "Next page of results"));
}

#[test]
fn a_colleague_without_a_pin_chooses_one_when_somebody_who_is_signed_in_hands_over() {
    let tablet = signed_in();
    tap(&tablet, "Who acts: Jordan Sample");
    tap(&tablet, "Lock");
    tap(&tablet, "Not me");
    assert_eq!(find(&tablet, "Robin Sample").accessible_enabled(), Some(false));
    sees(&tablet, "a colleague signs in");
    tap(&tablet, "Jordan Sample");
    type_digits(&tablet, PIN);
    tap(&tablet, "Who acts: Jordan Sample");
    tap(&tablet, "Switch person");
    picture(&tablet, "05-hand-over");
    tap(&tablet, "Robin Sample");
    type_digits(&tablet, "123456");
    sees(&tablet, "Too easy to guess");
    type_digits(&tablet, "907218");
    type_digits(&tablet, "907219");
    sees(&tablet, "The two PINs differ");
    type_digits(&tablet, "907218");
    type_digits(&tablet, "907218");
    assert!(has(&tablet, "Who acts: Robin Sample"));
    tap(&tablet, "Who acts: Robin Sample");
    tap(&tablet, "Lock");
    type_digits(&tablet, "907218");
    assert!(has(&tablet, "Who acts: Robin Sample"));
}

#[test]
fn whoever_handed_over_does_not_vouch_for_ever() {
    let tablet = signed_in();
    tap(&tablet, "Who acts: Jordan Sample");
    tap(&tablet, "Switch person");
    assert_eq!(find(&tablet, "Robin Sample").accessible_enabled(), Some(true));
    pass(130.0);
    assert_eq!(find(&tablet, "Robin Sample").accessible_enabled(), Some(false));
}

/// Why somebody went on after their lease, as this device's log says.
fn reasons(tablet: &crate::fixture::Tablet) -> Vec<String> {
    let identity = tablet.store().identity().expect("read").expect("enrolled");
    let this_device = device::record_of(RegionId(identity.region), DeviceNumber(identity.number));
    let looks = tablet.store().facts(this_device, &View::KIND).expect("read");
    let looks = looks.iter().map(View::read);
    looks.inspect(|look| assert_eq!(look.staff, Some(NURSE))).filter_map(|look| look.screen).collect()
}

#[test]
fn after_the_lease_the_right_pin_and_a_reason_open_the_work_and_the_reason_is_kept() {
    let tablet = start();
    tablet.wait(4 * DAY_MS);
    tap(&tablet, "Jordan Sample");
    type_digits(&tablet, "482916");
    sees(&tablet, "This PIN is not right.");
    sees(&tablet, "9 tries left");
    type_digits(&tablet, PIN);
    sees(&tablet, "Why do you go on?");
    sees(&tablet, "Too long without the server");
    assert_eq!(find(&tablet, "Go on").accessible_enabled(), Some(false));
    crate::targets::check(&tablet, "reason", Some("Go on"));
    picture(&tablet, "63-late");
    tap(&tablet, "No network for days");
    picture(&tablet, "64-late-chosen");
    assert!(reasons(&tablet).is_empty(), "nobody went on yet");
    tap(&tablet, "Go on");
    assert!(has(&tablet, "Who acts: Jordan Sample"));
    assert_eq!(reasons(&tablet), ["break-glass: no-network"]);

    // After a lock the same reason stands, and each entry is noted; after a shift it is asked for anew.
    pass(121.0);
    type_digits(&tablet, PIN);
    assert!(has(&tablet, "Who acts: Jordan Sample"));
    assert_eq!(reasons(&tablet).len(), 2);
    tablet.wait(DAY_MS / 2);
    pass(121.0);
    type_digits(&tablet, PIN);
    sees(&tablet, "Why do you go on?");
}

#[test]
fn whoever_leaves_the_question_why_is_asked_for_the_pin_again() {
    let tablet = start();
    tablet.wait(10 * 365 * DAY_MS);
    tap(&tablet, "Español");
    tap(&tablet, "Jordan Sample");
    type_digits(&tablet, PIN);
    sees(&tablet, "¿Por qué sigue?");
    tap(&tablet, "La fecha o la hora de este dispositivo está mal");
    picture(&tablet, "65-late-es");
    pass(121.0);
    sees(&tablet, "Escriba su PIN");
    type_digits(&tablet, PIN);
    tap(&tablet, "No soy yo");
    tap(&tablet, "Jordan Sample");
    sees(&tablet, "Escriba su PIN");
    assert!(reasons(&tablet).is_empty());
    type_digits(&tablet, PIN);
    tap(&tablet, "La fecha o la hora de este dispositivo está mal");
    tap(&tablet, "Seguir");
    assert_eq!(reasons(&tablet), ["break-glass: wrong-clock"]);
}

#[test]
fn a_device_that_the_office_erased_says_so_and_shows_nobody() {
    let tablet = signed_in();
    tap(&tablet, "Open this stop");
    erase(&DataFolder::open(tablet.folder.path()).expect("a folder"), Sequence(3)).expect("erased");
    let log = LogStatus { head: Sequence(3), acknowledged: Sequence(3) };
    let report = SyncReport { phase: Phase::Wiped, log, entries_received: 0, settled_at: None };
    tablet.screens.report(report);
    sees(&tablet, "This device was erased");
    sees(&tablet, "was delivered before");
    tap(&tablet, "Understood");
    sees(&tablet, "Erased by the office");
    let texts = texts(&tablet);
    for name in ["Jordan", "Núñez", "Rivera", "Okafor", "Sample Steel Mill"] {
        assert!(!texts.contains(name), "{name} is in sight on an erased device:\n{texts}");
    }
}

#[test]
fn looking_at_a_person_is_noted_once_in_a_quarter_of_an_hour_and_worries_nobody() {
    let tablet = signed_in();
    let looks = || {
        let facts = tablet.store().facts(person_id(2).into(), &View::KIND).expect("read");
        facts.iter().map(View::read).collect::<Vec<_>>()
    };
    let look = || {
        tap(&tablet, "Luis Rivera-Sample");
        sees(&tablet, "Allergies: Penicillin");
        tap(&tablet, "Back");
    };
    tap(&tablet, "Find");
    type_text(&tablet, "rivera");
    sees(&tablet, "Luis Rivera-Sample");
    assert!(looks().is_empty(), "a line of a list is no look at the record");
    look();
    look();
    assert_eq!(looks().len(), 1);
    assert_eq!((looks()[0].staff, looks()[0].screen.as_deref()), (Some(NURSE), Some("person")));
    let texts = texts(&tablet);
    assert!(!texts.contains("waiting"), "nobody waits for its delivery:\n{texts}");
    assert_eq!(tablet.store().log_head().expect("read").expect("a change").sequence, Sequence(1));
    tablet.wait(16 * 60_000);
    look();
    assert_eq!(looks().len(), 2);
    tap(&tablet, "Sync");
    sees(&tablet, "Everything is delivered");
}

#[test]
fn a_copied_device_says_so_and_work_goes_on() {
    let tablet = start();
    let mark = r#"{"machine":"00","file_number":1,"file_born_ns":null,"nonce":"00","sequence":0,"hash":""}"#;
    std::fs::write(tablet.folder.path().join("device.mark"), mark).expect("as if copied from elsewhere");
    tap(&tablet, "Jordan Sample");
    type_digits(&tablet, PIN);
    sees(&tablet, "Enroll this device again");
    tap(&tablet, "Sync");
    sees(&tablet, "This is a copy: enroll it again");
    sees(&tablet, "what you capture is kept and delivered");
    picture(&tablet, "62-copy");
    tap(&tablet, "Find");
    type_text(&tablet, "rivera");
    tap(&tablet, "Luis Rivera-Sample");
    tap(&tablet, "Contact");
    tap(&tablet, "Change: Telephone");
    fill(&tablet, "Telephone", "555-010-2244");
    tap(&tablet, "Save");
    sees(&tablet, "Telephone: saved");
    tap(&tablet, "Sync");
    let delivery = window(&tablet).global::<NavAdapter>().get_delivery_text();
    assert_eq!(delivery.replace('\u{a0}', " "), "Enroll this device again · 1 change waiting");
}
