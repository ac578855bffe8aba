//! What sync costs: up, down, both sides' edits, on the wire, and when there is nothing to do.

use super::{Row, seeded};
use crate::plain::{self, BUCKET, FIRST_DEVICE, OnlyUp, SITE, STAFF, VAN};
use crate::proxy::Proxy;
use crate::sample::visit;
use app::apply::{Intent, LocalChange, apply_local};
use app::platform;
use app::store::{LogReads, Store};
use app::sync::{Driver, HttpTransport, Transport};
use axum::body::Bytes;
use axum::routing::{get, post};
use shared::compress;
use shared::domain::visit::{Visit, visit_fields};
use shared::ids::{PersonId, Sequence, VisitId};
use shared::protocol::{PullPage, PullRequest, PushAnswer, limits};
use shared::record::FieldType;
use shared::sync::Failure;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Instant;

const VISITS: usize = 10_000;

/// A device with ten thousand visits that were never sent, and the bytes of their plain JSON.
fn captured(path: &Path, server_key: [u8; 32]) -> (Store, Vec<VisitId>, usize) {
    let mut store = plain::device(path, FIRST_DEVICE, Some(server_key)).expect("a device");
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
    (store, ids, json_bytes)
}

async fn run<T: Transport>(store: Store, transport: T) -> (Store, f64) {
    let start = Instant::now();
    let mut driver = Driver::new(store, transport).expect("a driver");
    driver.run_once(&mut |_| {}).await.expect("synced");
    let elapsed_ms = start.elapsed().as_secs_f64() * 1e3;
    (driver.into_store().expect("the file is given back"), elapsed_ms)
}

/// The same bytes to a bare handler that appends each request's to SQLite in one transaction.
async fn bare_push(folder: &Path, bodies: &[Vec<u8>]) -> f64 {
    let connection = Arc::new(Mutex::new(super::floor(&folder.join("bare-server.db"))));
    let append = move |body: Bytes| {
        let connection = connection.clone();
        async move {
            let stored = tokio::task::spawn_blocking(move || {
                let connection = connection.lock().expect("no handler panics");
                let mut statement =
                    connection.prepare_cached("INSERT INTO floor VALUES (?, ?)").expect("prepared");
                statement.execute((blake3::hash(&body).as_bytes().as_slice(), body.as_ref())).expect("stored")
            });
            stored.await.expect("stored").to_string()
        }
    };
    let routes = axum::Router::new().route("/", post(append));
    let base = listen(routes).await;
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let start = Instant::now();
    for body in bodies {
        client.post(&base).body(body.clone()).send().await.expect("sent").text().await.expect("answered");
    }
    start.elapsed().as_secs_f64() * 1e3
}

async fn listen(routes: axum::Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, routes).await });
    format!("http://{address}/")
}

/// Fetching the same pages from a bare handler and storing each entry's bytes.
async fn bare_pull(folder: &Path, pages: Vec<(Vec<u8>, Vec<Vec<u8>>)>) -> f64 {
    let count = pages.len();
    let bodies: Arc<Vec<Vec<u8>>> = Arc::new(pages.iter().map(|(body, _)| body.clone()).collect());
    let give = move |axum::extract::Path(number): axum::extract::Path<usize>| {
        let bodies = bodies.clone();
        async move { bodies[number].clone() }
    };
    let base = listen(axum::Router::new().route("/{number}", get(give))).await;
    let mut connection = super::floor(&folder.join("bare-device.db"));
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let start = Instant::now();
    let mut row = 0_u64;
    for (number, (_, entries)) in pages.iter().enumerate().take(count) {
        let body =
            client.get(format!("{base}{number}")).send().await.expect("sent").bytes().await.expect("a page");
        compress::decompress(&body, limits::PAGE_BYTES_MAX).expect("unpacked");
        let write = connection.transaction().expect("a write");
        for entry in entries {
            row += 1;
            write
                .prepare_cached("INSERT INTO floor VALUES (?, ?)")
                .and_then(|mut statement| statement.execute((row.to_be_bytes().as_slice(), entry)))
                .expect("stored");
        }
        write.commit().expect("committed");
    }
    start.elapsed().as_secs_f64() * 1e3
}

/// A transport that keeps what came down.
struct Recorder {
    inner: HttpTransport,
    pages: Arc<Mutex<Vec<PullPage>>>,
}

#[async_trait::async_trait]
impl Transport for Recorder {
    async fn push(&self, body: Vec<u8>) -> Result<PushAnswer, Failure> {
        self.inner.push(body).await
    }
    async fn pull(&self, request: &PullRequest) -> Result<PullPage, Failure> {
        let page = self.inner.pull(request).await?;
        self.pages.lock().expect("no reader panics").push(page.clone());
        Ok(page)
    }
}

fn recorded(pages: &Mutex<Vec<PullPage>>) -> Vec<(Vec<u8>, Vec<Vec<u8>>)> {
    let entries = |page: &PullPage| {
        let mut entries: Vec<Vec<u8>> = page.states.iter().map(|entry| entry.state.clone()).collect();
        entries.extend(page.facts.iter().map(|entry| entry.fact.clone()));
        entries
    };
    let pages = pages.lock().expect("no writer panics");
    pages.iter().map(|page| (compress::compress(&page.write()), entries(page))).collect()
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

/// Everything about sync, on one server and two devices.
pub fn sync() -> Vec<Row> {
    tokio::runtime::Runtime::new().expect("the machine can run threads").block_on(measure())
}

async fn measure() -> Vec<Row> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server =
        plain::serve(&folder.path().join("server"), 2, ([127, 0, 0, 1], 0).into()).await.expect("a server");
    let line = Proxy::start(server.address).await.expect("a relay");
    let direct = format!("http://{}", server.address);
    let counted = format!("http://{}", line.address);
    let key = plain::server_key(&server);
    let (one, ids, json_bytes) = captured(&folder.path().join("one.db"), key);
    let bodies = batches(&one);
    let wire_bytes: usize = bodies.iter().map(Vec::len).sum();

    let (one, push_ms) = run(one, OnlyUp(plain::transport(&direct, FIRST_DEVICE))).await;
    let push_floor_ms = bare_push(folder.path(), &bodies).await;
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;

    let two = plain::device(&folder.path().join("two.db"), FIRST_DEVICE + 1, Some(key)).expect("a device");
    let pages = Arc::new(Mutex::new(Vec::new()));
    let recorder = Recorder { inner: plain::transport(&direct, FIRST_DEVICE + 1), pages: pages.clone() };
    let (two, pull_ms) = run(two, recorder).await;
    let pull_floor_ms = bare_pull(folder.path(), recorded(&pages)).await;

    let (mut one, _) = run(one, plain::transport(&direct, FIRST_DEVICE)).await;
    let mut two = two;
    edit(&mut one, &ids, 0);
    edit(&mut two, &ids, 5);
    let start = Instant::now();
    let (one, _) = run(one, plain::transport(&direct, FIRST_DEVICE)).await;
    let (two, _) = run(two, plain::transport(&direct, FIRST_DEVICE + 1)).await;
    let (one, _) = run(one, plain::transport(&direct, FIRST_DEVICE)).await;
    let merge_seconds = start.elapsed().as_secs_f64();
    let lost = count_lost(&one, &ids) + count_lost(&two, &ids);

    let (one, _) = run(one, plain::transport(&counted, FIRST_DEVICE)).await;
    line.traffic();
    let _ = run(one, plain::transport(&counted, FIRST_DEVICE)).await;
    let idle = line.traffic();
    vec![
        Row::ratio("push of 10,000 visits", push_ms, push_floor_ms, 2.0),
        Row {
            what: "bytes on the wire, of the visits' JSON".into(),
            ours: format!("{} B", wire_bytes / VISITS),
            floor: format!("{} B", json_bytes / VISITS),
            figure: wire_bytes as f64 / json_bytes as f64,
            aim: 0.19,
        },
        Row::ratio("pull of 10,000 visits", pull_ms, pull_floor_ms, 1.5),
        Row::absolute("two devices edit 10 % each and merge, 10,000", merge_seconds, "s", 0.3),
        Row::absolute("edits lost in that merge", lost as f64, "", 0.0),
        Row::absolute(
            "idle sync, bytes both ways with headers",
            (idle.up_bytes + idle.down_bytes) as f64,
            "B",
            500.0,
        ),
    ]
}

/// The device's changes in the bodies of its batches.
fn batches(store: &Store) -> Vec<Vec<u8>> {
    let (mut after, mut bodies) = (Sequence(0), Vec::new());
    loop {
        let rows = store
            .log_after(after, limits::BATCH_BYTES_AIM, limits::CHANGES_A_BATCH_MAX)
            .expect("the log reads");
        let Some(last) = rows.last() else { return bodies };
        after = last.sequence;
        let changes: Vec<u8> = rows.iter().flat_map(|row| row.envelope.iter().copied()).collect();
        bodies.push(compress::compress(&changes));
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
