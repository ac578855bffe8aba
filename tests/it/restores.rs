//! Drills of a server that is restored from a backup under live vans.

use crate::drills::{serve, world};
use crate::stories::{named, people, person, save, shown};
use app::store::MetaReads;
use shared::ids::DeviceNumber;
use shared::protocol::ProblemCode;
use shared::sync::Phase;
use sync_server::{Server, device, upkeep};
use tests::office::{Office, capture};
use tests::plain::FIRST_DEVICE;
use tests::van::is_settled;

#[tokio::test(flavor = "multi_thread")]
async fn a_server_restored_from_yesterdays_backup_has_everything_again_from_live_devices() {
    let mut world = world().await;
    let [before, both, after, unsent] = [0, 1, 2, 3].map(|offset| FIRST_DEVICE + offset);
    save(&mut world.device(before), person(1), named("Before"));
    save(&mut world.device(both), person(2), named("Before too"));
    for number in [before, both] {
        world.sync(number).await;
    }
    let copy = world.folder.path().join("yesterday.db");
    upkeep::backup(&world.settings(), &copy).expect("a backup beside a running server");
    for (number, id) in [(both, 3), (after, 4)] {
        save(&mut world.device(number), person(id), named("After the backup"));
        assert!(is_settled(&world.sync(number).await));
    }
    save(&mut world.device(after), person(1), named("Edited after the backup"));
    save(&mut world.device(unsent), person(5), named("Not sent yet"));

    let running = upkeep::lock(&world.settings()).expect("a plain server takes no lock");
    assert!(upkeep::restore(&world.settings(), &copy).await.is_err(), "never under a running server");
    drop(running);
    let settings = world.settings();
    world.server.shutdown().await;
    assert_eq!(upkeep::restore(&settings, &copy).await.expect("restored"), 2);
    world.server = serve(world.folder.path()).await;
    for round in 0..2 {
        for number in [after, before, unsent, both] {
            let report = world.sync(number).await;
            assert!(is_settled(&report), "round {round}, device {number}: {report:?}");
        }
    }
    let all = people(&world.device(before));
    assert_eq!(all.len(), 5);
    for number in [both, after, unsent] {
        assert_eq!(people(&world.device(number)), all, "device {number}");
        assert_eq!(world.device(number).rejected().expect("read"), []);
    }
    assert_eq!(shown(&world.device(both), person(4)).given_name.as_deref(), Some("After the backup"));
    assert_eq!(upkeep::check_rebuild(&world.settings()).await.expect("compared"), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_server_knows_who_came_and_who_was_shut_out_after_the_backup() {
    let work = tempfile::tempdir().expect("a temporary folder");
    let mut office = Office::open(work.path()).await.expect("an office");
    let [mut old, mut stolen] =
        [office.enrol("old").await, office.enrol("stolen").await].map(|van| van.expect("enrolled"));
    capture(&old, person(1), "Before the backup").expect("captured");
    assert!(is_settled(&old.settle(5).await.expect("synced")));
    let copy = work.path().join("yesterday.db");
    upkeep::backup(&office.settings, &copy).expect("a backup beside a running server");
    let mut new = office.enrol("new").await.expect("enrolled after the backup");
    capture(&new, person(2), "On a tablet of today").expect("captured");
    assert!(is_settled(&new.settle(5).await.expect("synced")));
    let stolen_number = stolen.desk.identity().device_number();
    device::revoke(&office.server.service, stolen_number).await.expect("revoked");

    office.server.shutdown().await;
    assert_eq!(upkeep::restore(&office.settings, &copy).await.expect("restored"), 2);
    office.server = Server::start_at(office.settings.clone(), office.clock.clone()).await.expect("it starts");
    for van in [&mut old, &mut new, &mut stolen] {
        van.through = Some(office.server.address);
    }
    assert!(is_settled(&new.settle(5).await.expect("synced")), "its certificate is known");
    let came = office.person(person(2)).await.expect("sent again by itself");
    assert_eq!(came.given_name.as_deref(), Some("On a tablet of today"));
    assert!(is_settled(&old.settle(5).await.expect("synced")));
    assert!(
        shown(&old.store().expect("open"), person(2)).given_name.is_some(),
        "and it goes on to the others"
    );
    capture(&stolen, person(3), "Of a thief").expect("captured");
    assert_eq!(stolen.sync().await.expect("a run").phase, Phase::Refused(ProblemCode::Revoked));
    assert!(office.person(person(3)).await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_destroyed_tablet_that_is_given_up_keeps_nobody_waiting_after_a_restore() {
    let mut world = world().await;
    let [kept, destroyed] = [0, 1].map(|offset| FIRST_DEVICE + offset);
    let copy = world.folder.path().join("yesterday.db");
    upkeep::backup(&world.settings(), &copy).expect("a backup");
    save(&mut world.device(destroyed), person(1), named("Written by the one that is gone"));
    world.sync(destroyed).await;
    world.sync(kept).await;
    save(&mut world.device(kept), person(1), named("Corrected by the one that is left"));
    world.sync(kept).await;
    let settings = world.settings();
    world.server.shutdown().await;
    upkeep::restore(&settings, &copy).await.expect("restored");
    world.server = serve(world.folder.path()).await;
    world.sync(kept).await;
    let apart = world.server.service.store.quarantine().await.expect("read");
    assert_eq!(apart.iter().map(|row| row.reason.as_str()).collect::<Vec<_>>(), ["unknown-clock"]);
    let (service, number) = (world.server.service.clone(), DeviceNumber(destroyed));
    let early = device::give_up(&service, number).await.expect_err("it may still deliver");
    assert!(early.to_string().contains("revoke it first"), "{early}");
    device::revoke(&service, number).await.expect("revoked");
    device::give_up(&service, number).await.expect("given up");
    assert_eq!(service.store.quarantine().await.expect("read"), []);
    let row = service.store.records(vec![person(1).into()]).await.expect("read").remove(&person(1).into());
    let state = shared::merge::RecordState::decode(&row.expect("there").state).expect("a state");
    let name = shared::domain::person::Person::read(&state).given_name;
    assert_eq!(name.as_deref(), Some("Corrected by the one that is left"));
}
