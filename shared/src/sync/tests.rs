//! The machine's stories: what it does when the world misbehaves.

use super::*;
use crate::change::{Hash, Head};
use crate::ids::Sequence;
use crate::protocol::{ProblemCode, Standing};

fn log(head: u64, acknowledged: u64) -> LogStatus {
    LogStatus { head: Sequence(head), acknowledged: Sequence(acknowledged) }
}

fn pulled(complete: bool, server_holds: u64, log: LogStatus) -> Event {
    let server_holds = Head { sequence: Sequence(server_holds), hash: Hash([0; 32]) };
    Event::Pulled(Ok(Pulled { complete, server_holds, standing: Standing::Active, log }))
}

#[test]
fn an_idle_sync_is_one_pull() {
    let mut machine = Machine::default();
    assert_eq!(machine.step(Event::Wake(log(5, 5))), [Action::Pull]);
    assert_eq!(machine.step(pulled(true, 5, log(5, 5))), [Action::Settled]);
}

#[test]
fn own_changes_go_up_before_states_come_down() {
    let mut machine = Machine::default();
    assert_eq!(machine.step(Event::Wake(log(9, 5))), [Action::PushAfter(Sequence(5))]);
    assert_eq!(machine.step(Event::Wake(log(10, 5))), []);
    assert_eq!(machine.step(Event::Pushed(Ok(log(10, 9)))), [Action::PushAfter(Sequence(9))]);
    assert_eq!(machine.step(Event::Pushed(Ok(log(10, 10)))), [Action::Pull]);
    assert_eq!(machine.step(pulled(false, 10, log(10, 10))), [Action::Pull]);
    assert_eq!(machine.step(pulled(true, 10, log(10, 10))), [Action::Settled]);
}

#[test]
fn a_server_restored_from_yesterday_gets_everything_again() {
    let mut machine = Machine::default();
    machine.step(Event::Wake(log(9, 9)));
    let again = machine.step(pulled(true, 4, log(9, 9)));
    assert_eq!(again, [Action::Rewind(Sequence(4)), Action::PushAfter(Sequence(4))]);
}

#[test]
fn a_gap_is_closed_from_what_the_server_holds_and_not_for_ever() {
    let mut machine = Machine::default();
    machine.step(Event::Wake(log(9, 8)));
    let gap =
        Event::Pushed(Err(Failure::Refused { code: ProblemCode::Gap, acknowledged: Some(Sequence(2)) }));
    assert_eq!(machine.step(gap), [Action::Rewind(Sequence(2)), Action::PushAfter(Sequence(2))]);
    machine.step(gap);
    assert!(matches!(machine.step(gap)[..], [Action::Wait { .. }]));
}

#[test]
fn pauses_grow_to_a_bound_and_a_save_ends_them() {
    let mut machine = Machine::default();
    machine.step(Event::Wake(log(1, 0)));
    let mut last = 0;
    for _ in 0..40 {
        let actions = machine.step(Event::Pushed(Err(Failure::Transport)));
        let [Action::Wait { delay_ms }] = actions[..] else { panic!("{actions:?}") };
        assert!(delay_ms >= last && delay_ms <= RETRY_MS_MAX);
        last = delay_ms;
    }
    assert_eq!(last, RETRY_MS_MAX);
    assert_eq!(machine.step(Event::Wake(log(2, 0))), [Action::PushAfter(Sequence(0))]);
}

#[test]
fn who_is_told_when_to_come_back_does_not_come_earlier() {
    let mut machine = Machine::default();
    machine.step(Event::Wake(log(1, 0)));
    let mut refused = |retry_after_ms| {
        let actions = machine.step(Event::Pushed(Err(Failure::Busy { retry_after_ms })));
        let [Action::Wait { delay_ms }] = actions[..] else { panic!("{actions:?}") };
        delay_ms
    };
    assert_eq!(refused(None), 1_000, "told nothing: as after any failure");
    assert_eq!(refused(Some(5_000)), 10_000, "half of a pause is the driver's, and five seconds remain");
    assert_eq!(refused(Some(u64::MAX)), RETRY_MS_MAX, "no server sends a van away for a year");
    refused(None);
    assert_eq!(refused(Some(5_000)), 16_000, "a server that stays busy is asked more and more rarely");
}

#[test]
fn a_copy_delivers_its_whole_branch_before_it_is_asked_to_enrol_anew() {
    let mut machine = Machine::default();
    machine.step(Event::Wake(log(9, 4)));
    let fork = |held| {
        let acknowledged = Some(Sequence(held));
        Event::Pushed(Err(Failure::Refused { code: ProblemCode::Fork, acknowledged }))
    };
    assert_eq!(machine.step(fork(6)), [Action::EnrolAnew, Action::PushAfter(Sequence(6))]);
    assert!(matches!(machine.step(fork(9))[..], [Action::EnrolAnew, Action::Wait { .. }]));
    machine.step(Event::Wake(log(9, 4)));
    machine.step(fork(6));
    assert!(
        matches!(machine.step(fork(6))[..], [Action::EnrolAnew, Action::Wait { .. }]),
        "no progress, no loop"
    );
}

#[test]
fn a_copied_device_is_asked_to_enrol_anew() {
    let mut machine = Machine::default();
    machine.step(Event::Wake(log(1, 0)));
    let fork = Event::Pushed(Err(Failure::Refused { code: ProblemCode::Fork, acknowledged: None }));
    assert_eq!(machine.step(fork)[0], Action::EnrolAnew);
    assert_eq!(machine.phase(), Phase::EnrolAnew);
}

#[test]
fn a_wipe_waits_until_the_server_holds_everything() {
    let wipe = |held| Failure::WipeOrdered { acknowledged: Sequence(held) };
    let mut machine = Machine::default();
    assert_eq!(machine.step(Event::Wake(log(9, 5))), [Action::PushAfter(Sequence(5))]);
    machine.step(Event::Pushed(Ok(log(9, 9))));
    assert_eq!(machine.step(Event::Pulled(Err(wipe(9)))), [Action::Wipe { held: Sequence(9) }]);
    assert_eq!(machine.phase(), Phase::Wiped);
    assert_eq!(
        machine.step(Event::Wake(log(10, 9))),
        [Action::PushAfter(Sequence(9))],
        "a save came meanwhile"
    );

    let mut restored = Machine::default();
    restored.step(Event::Wake(log(9, 9)));
    let again = restored.step(Event::Pulled(Err(wipe(4))));
    assert_eq!(again, [Action::PushAfter(Sequence(4))], "a restored server wants the rest first");
    let stuck = restored.step(Event::Pulled(Err(wipe(4))));
    assert!(matches!(stuck.as_slice(), [Action::Wait { .. }]), "{stuck:?}");
    assert_ne!(restored.phase(), Phase::Wiped);
}

#[test]
fn a_disk_that_refuses_is_no_missing_network() {
    let mut machine = Machine::default();
    machine.step(Event::Wake(log(1, 0)));
    let actions = machine.step(Event::Pushed(Err(Failure::Store)));
    assert!(matches!(actions[..], [Action::Wait { .. }]), "{actions:?}");
    assert_eq!(machine.phase(), Phase::DiskRefuses { failures: 1 });
    assert_eq!(machine.step(Event::Wake(log(1, 0))), [Action::PushAfter(Sequence(0))]);
    machine.step(Event::Pushed(Err(Failure::Transport)));
    assert_eq!(machine.phase(), Phase::Offline { failures: 2 });
}
