//! What sync costs: up, down, both sides' edits, on the wire, and when there is nothing to do.

use super::meter::{median, milliseconds};
use super::trees::same_rows;
use super::wire::{Recorder, bare_pull, bare_push, hashed, recorded, unseen};
use super::{RUNS, Row, seeded};
use crate::plain::{self, BUCKET, FIRST_DEVICE, OnlyUp, SITE, STAFF, VAN};
use crate::proxy::Proxy;
use crate::sample::visit;
use app::apply::{Intent, LocalChange, apply_local};
use app::platform;
use app::store::{LogReads, Store};
use app::sync::{Driver, Transport};
use shared::change::Batch;
use shared::compress;
use shared::domain::visit::{Visit, visit_fields};
use shared::ids::{PersonId, VisitId};
use shared::protocol::limits;
use shared::record::FieldType;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Instant;

const VISITS: usize = 10_000;

/// Makes the file of a device with ten thousand visits that were never sent; gives them, and the bytes of their plain
/// JSON.
fn captured(path: &Path) -> (Vec<VisitId>, usize) {
    let mut store = plain::device(path, FIRST_DEVICE, None).expect("a device");
    let mut seeded = seeded();
    let (mut ids, mut json_bytes) = (Vec::new(), 0);
    for _ in 0..VISITS {
        let person = PersonId::new(platform::now(), &mut seeded);
        let visit = visit(&mut seeded, platform::now(), person, SITE, VAN, STAFF);
        json_bytes += visit.json.len();
        ids.push(visit.id);
        let about = Some(visit.id.into());
        let change = LocalChange { staff: STAFF, bucket: BUCKET, about, intents: visit.intents };
        apply_local(&mut store, change, platform::now()).expect("saved");
    }
    plain::tidy(&mut store).expect("tidied");
    (ids, json_bytes)
}

async fn run<T: Transport>(store: Store, transport: T) -> (Store, f64) {
    let start = Instant::now();
    let mut driver = Driver::new(store, transport).expect("a driver");
    driver.run_once(&mut |_| {}).await.expect("synced");
    let elapsed_ms = milliseconds(start);
    (driver.into_store(), elapsed_ms)
}

/// A tenth of the visits, each with two fields changed.
fn edit(store: &mut Store, ids: &[VisitId], skip: usize) {
    for id in ids.iter().skip(skip).step_by(10) {
        let values = vec![
            (visit_fields::note.into(), format!("changed by {skip}").to_value()),
            (visit_fields::walk_up.into(), (skip == 0).to_value()),
        ];
        let intents = vec![Intent::Set { record: (*id).into(), kind: Visit::KIND.number, values }];
        let change = LocalChange { staff: STAFF, bucket: BUCKET, about: None, intents };
        apply_local(store, change, platform::now()).expect("saved");
    }
}

/// Everything about sync, on one server and two devices; turn by turn with its floors.
pub fn sync() -> Vec<Row> {
    let runtime = tokio::runtime::Runtime::new().expect("the machine can run threads");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let sent_from = folder.path().join("captured.db");
    let (ids, json_bytes) = captured(&sent_from);
    let mut figures = Figures::default();
    for _ in 0..RUNS {
        runtime.block_on(measure(&sent_from, &ids, &mut figures));
    }
    figures.rows(json_bytes)
}

/// What the runs found, in milliseconds where nothing else is said.
#[derive(Default)]
struct Figures {
    push: Vec<f64>,
    push_bare: Vec<f64>,
    push_hashed: Vec<f64>,
    pull: Vec<f64>,
    pull_bare: Vec<f64>,
    pull_same_rows: Vec<f64>,
    merge: Vec<f64>,
    lost: usize,
    wire_bytes: usize,
    idle_bytes: f64,
}

impl Figures {
    fn rows(mut self, json_bytes: usize) -> Vec<Row> {
        let (push, pull) = (median(&mut self.push), median(&mut self.pull));
        vec![
            Row::ratio("push of 10,000 visits", RUNS, push, median(&mut self.push_bare), 2.0),
            Row::part(
                "  against a bare handler that unpacks, hashes and checks the signature",
                RUNS,
                push,
                median(&mut self.push_hashed),
            ),
            Row {
                what: "bytes on the wire, of the visits' JSON".into(),
                times: VISITS,
                ours: format!("{} B", self.wire_bytes / VISITS),
                floor: format!("{} B", json_bytes / VISITS),
                figure: self.wire_bytes as f64 / json_bytes as f64,
                aim: Some(0.19),
            },
            Row::ratio("pull of 10,000 visits", RUNS, pull, median(&mut self.pull_bare), 1.5),
            Row::part(
                "  against raw inserts of the same rows into the same trees",
                RUNS,
                pull,
                median(&mut self.pull_same_rows),
            ),
            Row::absolute(
                "two devices edit 10 % each and merge, 10,000",
                RUNS,
                median(&mut self.merge) / 1e3,
                "s",
                0.3,
            ),
            Row::absolute("edits lost in those merges", RUNS, self.lost as f64, "", 0.0),
            Row::absolute("idle sync, bytes both ways with headers", RUNS, self.idle_bytes, "B", 500.0),
        ]
    }
}

/// One run: a new server, the captured visits pushed, pulled, edited on both devices and merged.
async fn measure(sent_from: &Path, ids: &[VisitId], figures: &mut Figures) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server =
        plain::serve(&folder.path().join("server"), 2, ([127, 0, 0, 1], 0).into()).await.expect("a server");
    let line = Proxy::start(server.address).await.expect("a relay");
    let direct = format!("http://{}", server.address);
    let counted = format!("http://{}", line.address);
    let key = plain::server_key(&server);
    let path = folder.path().join("one.db");
    std::fs::copy(sent_from, &path).expect("copied");
    let one = plain::device(&path, FIRST_DEVICE, Some(key)).expect("a device");
    let bodies = batches(&one);
    figures.wire_bytes = bodies.iter().map(Vec::len).sum();

    let (one, push_ms) = run(one, OnlyUp(plain::transport(&direct, FIRST_DEVICE))).await;
    figures.push.push(push_ms);
    server.service.projector.catch_up().await.expect("folded");
    let bare = tempfile::tempdir().expect("a temporary folder");
    figures.push_bare.push(bare_push(bare.path(), &bodies, unseen).await);
    let bare = tempfile::tempdir().expect("a temporary folder");
    figures.push_hashed.push(bare_push(bare.path(), &bodies, hashed).await);

    let two_path = folder.path().join("two.db");
    let two = plain::device(&two_path, FIRST_DEVICE + 1, Some(key)).expect("a device");
    let pages = Arc::new(Mutex::new(Vec::new()));
    let recorder = Recorder { inner: plain::transport(&direct, FIRST_DEVICE + 1), pages: pages.clone() };
    let (mut two, pull_ms) = run(two, recorder).await;
    figures.pull.push(pull_ms);
    figures.pull_bare.push(bare_pull(folder.path(), recorded(&pages)).await);
    figures.pull_same_rows.push(same_rows(&two_path));

    let (mut one, _) = run(one, plain::transport(&direct, FIRST_DEVICE)).await;
    edit(&mut one, ids, 0);
    edit(&mut two, ids, 5);
    let start = Instant::now();
    let (one, _) = run(one, plain::transport(&direct, FIRST_DEVICE)).await;
    let (two, _) = run(two, plain::transport(&direct, FIRST_DEVICE + 1)).await;
    let (one, _) = run(one, plain::transport(&direct, FIRST_DEVICE)).await;
    figures.merge.push(milliseconds(start));
    figures.lost += count_lost(&one, ids) + count_lost(&two, ids);

    let (one, _) = run(one, plain::transport(&counted, FIRST_DEVICE)).await;
    line.traffic();
    let _ = run(one, plain::transport(&counted, FIRST_DEVICE)).await;
    let idle = line.traffic();
    figures.idle_bytes = figures.idle_bytes.max((idle.up_bytes + idle.down_bytes) as f64);
    server.shutdown().await;
}

/// The device's batches as they go over the wire.
fn batches(store: &Store) -> Vec<Vec<u8>> {
    let (identity, key) = (plain::identity(FIRST_DEVICE, None), plain::signing_key(FIRST_DEVICE));
    let (mut head, mut bodies) = (identity.genesis(), Vec::new());
    loop {
        if let Some(run) = store.sealed_after(head.sequence).expect("the log reads") {
            head = run.head;
            bodies.push(run.frame);
            continue;
        }
        let rows = store
            .unsealed_after(head.sequence, limits::BATCH_BYTES_AIM, limits::CHANGES_A_BATCH_MAX)
            .expect("the log reads");
        let changes: Vec<Vec<u8>> = rows.into_iter().map(|row| row.envelope).collect();
        if changes.is_empty() {
            return bodies;
        }
        let (batch, after) =
            Batch::seal(identity.device_id(), identity.device_number(), head, &changes, &key);
        head = after;
        bodies.push(compress::compress(&batch));
    }
}

/// Visits that do not show the edit that was made to them.
fn count_lost(store: &Store, ids: &[VisitId]) -> usize {
    use app::store::RecordReads;
    let edited = ids.iter().enumerate().filter(|(position, _)| position % 5 == 0);
    let shows = |(position, id): &(usize, &VisitId)| {
        let expected = format!("changed by {}", position % 10);
        let state = store.state((**id).into()).expect("read");
        state.is_some_and(|state| Visit::read(&state).note == Some(expected))
    };
    edited.filter(|visit| !shows(visit)).count()
}
