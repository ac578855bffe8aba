//! What every store promises of changes that are kept apart, and of what was decided about them.

use super::*;

pub(super) async fn kept_apart(store: &dyn Store) {
    let device = enrol(store, 60).await;
    let row = |sequence| Quarantined { sequence: Sequence(sequence), reason: "malformed".into() };
    let quarantined = vec![row(2), row(5), row(7)];
    let commit = FoldCommit { quarantined, ..fold(ticket(store, device.number).await, device.number, 0) };
    assert_eq!(store.commit_fold(commit).await, Ok(true));
    let told = async |after, most| -> Vec<u64> {
        let rows = store.rejections(device.number, Sequence(after), most).await.expect("rows");
        rows.into_iter().map(|row| row.sequence.0).collect()
    };
    assert_eq!(
        (told(0, 10).await, told(2, 10).await, told(0, 1).await),
        (vec![2, 5, 7], vec![5, 7], vec![2])
    );
    let released = vec![Sequence(5)];
    let commit = FoldCommit { released, ..fold(ticket(store, device.number).await, device.number, 0) };
    assert_eq!(store.commit_fold(commit).await, Ok(true));
    assert_eq!(told(0, 10).await, [2, 7]);
    assert_eq!(store.quarantine().await.expect("rows").len(), 2);
    kept_apart_after(store, device.number).await;
    decisions(store, device.number).await;
}

/// Of two chains with changes 2 and 7 here and 1 there that are kept apart, each place, limit and reason.
async fn kept_apart_after(store: &dyn Store, number: DeviceNumber) {
    let next = enrol(store, 61).await.number;
    let passes = Quarantined { sequence: Sequence(1), reason: "newer-app".into() };
    let commit = FoldCommit { quarantined: vec![passes], ..fold(ticket(store, next).await, next, 0) };
    assert_eq!(store.commit_fold(commit).await, Ok(true));
    let apart = async |after: Option<(DeviceNumber, u64)>, reasons, most| -> Vec<(DeviceNumber, u64)> {
        let place = |(number, sequence)| QuarantinePlace { number, sequence: Sequence(sequence) };
        let rows = store.quarantine_after(after.map(place), reasons, most).await.expect("rows");
        rows.into_iter().map(|row| (row.number, row.sequence.0)).collect()
    };
    let all = [(number, 2), (number, 7), (next, 1)];
    let any: &[&str] = &["malformed", "newer-app"];
    assert_eq!(apart(None, any, 9).await, all);
    assert_eq!(apart(None, any, 2).await, all[..2]);
    assert_eq!(apart(Some((number, 2)), any, 9).await, all[1..]);
    assert_eq!(apart(Some((number, 7)), any, 9).await, all[2..]);
    assert_eq!(apart(Some((next, 1)), any, 9).await, []);
    assert_eq!(apart(None, &["newer-app"], 9).await, all[2..]);
    assert_eq!(apart(None, &[], 9).await, []);
    let commit = FoldCommit { released: vec![Sequence(1)], ..fold(ticket(store, next).await, next, 0) };
    assert_eq!(store.commit_fold(commit).await, Ok(true));
    assert_eq!(apart(None, &["newer-app"], 9).await, [], "what is released is not kept apart");
}

async fn decisions(store: &dyn Store, number: DeviceNumber) {
    let entry = async |sequence| store.quarantined(number, Sequence(sequence)).await.expect("a row");
    assert_eq!(entry(3).await, None);
    assert!(entry(2).await.is_some_and(|entry| entry.decision.is_none() && entry.released_at.is_none()));
    let close =
        async |sequence: u64| store.close_quarantined(number, Sequence(sequence), "note".into(), NOW).await;
    assert_eq!(close(7).await, Ok(true));
    for decided in [3, 5, 7] {
        assert_eq!(close(decided).await, Ok(false), "{decided}");
    }
    let closed = entry(7).await.expect("it").decision.expect("closed");
    assert_eq!((closed.outcome, closed.note.as_str()), (DecisionOutcome::Closed, "note"));
    assert_eq!(store.quarantine().await.expect("rows").len(), 1, "what is closed is no longer open");
    assert_eq!(store.rejections(number, Sequence(0), 9).await.expect("rows").len(), 2, "and never merged");
    let overruled_because = Some("why".to_owned());
    let commit = fold(ticket(store, number).await, number, 0);
    let commit = FoldCommit { released: vec![Sequence(2)], overruled_because, ..commit };
    assert_eq!(store.commit_fold(commit).await, Ok(true));
    assert_eq!(store.released(number).await, Ok(BTreeSet::from([Sequence(2), Sequence(5)])));
    let told = async |after| -> Vec<(u64, DecisionOutcome)> {
        let rows = store.decisions(number, after, 9).await.expect("rows");
        rows.into_iter().map(|row| (row.sequence.0, row.outcome)).collect()
    };
    let all = [(5, DecisionOutcome::Released), (7, DecisionOutcome::Closed), (2, DecisionOutcome::Overruled)];
    assert_eq!(told(0).await, all);
    let first = store.decisions(number, 0, 1).await.expect("rows")[0].ordinal;
    assert_eq!(told(first).await, all[1..]);
}
