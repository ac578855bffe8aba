//! What a save costs in time and on disk.

use super::meter::milliseconds;
use super::{BUCKET, Row, SITE, STAFF, VAN, device, floor, percentile, seeded};
use crate::plain;
use crate::sample::visit;
use app::apply::{LocalChange, apply_local};
use app::platform;
use app::store::LogReads;
use shared::ids::{PersonId, Sequence};
use std::time::Instant;

const SAVES: usize = 1_000;

/// A 40-field visit through the one door, against one raw commit of the same bytes; turn by turn, so that a slow
/// moment of the disk hits both.
pub fn save() -> Vec<Row> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut store = device(folder.path(), 2);
    let raw = floor(&folder.path().join("floor.db"));
    let mut seeded = seeded();
    let (mut ours, mut floors) = (Vec::new(), Vec::new());
    for number in 0..SAVES {
        let person = PersonId::new(platform::now(), &mut seeded);
        let visit = visit(&mut seeded, platform::now(), person, SITE, VAN, STAFF);
        let about = Some(visit.id.into());
        let change = LocalChange { staff: STAFF, bucket: BUCKET, about, intents: visit.intents };
        let start = Instant::now();
        apply_local(&mut store, change, platform::now()).expect("saved");
        ours.push(milliseconds(start));
        let envelope = store.log_after(Sequence(number as u64), 1, 1).expect("read").remove(0).envelope;
        let start = Instant::now();
        raw.prepare_cached("INSERT INTO floor VALUES (?, ?)")
            .and_then(|mut statement| statement.execute((visit.id.as_bytes(), &envelope)))
            .expect("saved");
        floors.push(milliseconds(start));
    }
    let row = |what: &str, share: f64, ours: &mut Vec<f64>, floors: &mut Vec<f64>| {
        Row::ratio(what, SAVES, percentile(ours, share), percentile(floors, share), 1.5)
    };
    vec![
        row("save of a 40-field visit, p50", 0.5, &mut ours, &mut floors),
        row("save of a 40-field visit, p99", 0.99, &mut ours, &mut floors),
    ]
}

/// Bytes on disk for each of 10,000 visits, against their plain JSON.
pub fn disk() -> Vec<Row> {
    const VISITS: usize = 10_000;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut store = device(folder.path(), 2);
    let mut seeded = seeded();
    let mut json_bytes = 0;
    for number in 0..VISITS {
        let person = PersonId::new(platform::now(), &mut seeded);
        let visit = visit(&mut seeded, platform::now(), person, SITE, VAN, STAFF);
        json_bytes += visit.json.len();
        let about = Some(visit.id.into());
        let change = LocalChange { staff: STAFF, bucket: BUCKET, about, intents: visit.intents };
        apply_local(&mut store, change, platform::now()).expect("saved");
        if number % 1_000 == 999 {
            plain::tidy(&mut store).expect("tidied");
        }
    }
    drop(store);
    let bytes: u64 = std::fs::read_dir(folder.path())
        .expect("the folder")
        .filter_map(|entry| entry.ok()?.metadata().ok())
        .map(|file| file.len())
        .sum();
    let ratio = bytes as f64 / json_bytes as f64;
    vec![Row {
        what: "disk a visit, of its JSON".into(),
        times: VISITS,
        ours: format!("{} B", bytes as usize / VISITS),
        floor: format!("{} B", json_bytes / VISITS),
        figure: ratio,
        aim: Some(0.65),
    }]
}
