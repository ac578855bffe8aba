//! Floors of sync: bare handlers and bare clients that move the same bytes and store them, and what came down.

use super::meter::milliseconds;
use app::sync::{HttpTransport, Transport};
use axum::body::Bytes;
use axum::routing::{get, post};
use ed25519_dalek::VerifyingKey;
use shared::change::Batch;
use shared::compress;
use shared::protocol::{PullPage, PullRequest, PushAnswer, limits};
use shared::sync::Failure;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// What a bare handler does with a body before it stores it.
pub(super) type Look = fn(&[u8]);

/// Nothing at all.
pub(super) fn unseen(_: &[u8]) {}

/// Unpacks it, goes along its hash chain and checks the signature: what keeps a batch honest costs this much at least.
pub(super) fn hashed(body: &[u8]) {
    let bytes = compress::decompress(body, limits::BATCH_BYTES_MAX).expect("a frame");
    let batch = Batch::read(&bytes).expect("a batch");
    let last = *batch.hashes().last().expect("a change");
    let key: VerifyingKey = crate::plain::signing_key(batch.number.0).verifying_key();
    batch.verify(last, &key).expect("the device's signature");
}

/// The same bytes to a bare handler that appends each request's to SQLite in one transaction.
pub(super) async fn bare_push(folder: &Path, bodies: &[Vec<u8>], look: Look) -> f64 {
    let connection = Arc::new(Mutex::new(super::floor(&folder.join("bare-server.db"))));
    let append = move |body: Bytes| {
        let connection = connection.clone();
        async move {
            let stored = tokio::task::spawn_blocking(move || {
                look(&body);
                let connection = connection.lock().expect("no handler panics");
                let mut statement =
                    connection.prepare_cached("INSERT INTO floor VALUES (?, ?)").expect("prepared");
                statement.execute((blake3::hash(&body).as_bytes().as_slice(), body.as_ref())).expect("stored")
            });
            stored.await.expect("stored").to_string()
        }
    };
    let base = listen(axum::Router::new().route("/", post(append))).await;
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let start = Instant::now();
    for body in bodies {
        client.post(&base).body(body.clone()).send().await.expect("sent").text().await.expect("answered");
    }
    milliseconds(start)
}

async fn listen(routes: axum::Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, routes).await });
    format!("http://{address}/")
}

/// Fetching the same pages from a bare handler and storing each entry's bytes.
pub(super) async fn bare_pull(folder: &Path, pages: Vec<(Vec<u8>, Vec<Vec<u8>>)>) -> f64 {
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
    milliseconds(start)
}

/// A transport that keeps what came down.
pub(super) struct Recorder {
    pub inner: HttpTransport,
    pub pages: Arc<Mutex<Vec<PullPage>>>,
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

/// Each page as it goes over the wire, with the bytes of its entries.
pub(super) fn recorded(pages: &Mutex<Vec<PullPage>>) -> Vec<(Vec<u8>, Vec<Vec<u8>>)> {
    let entries = |page: &PullPage| {
        let mut entries: Vec<Vec<u8>> = page.states.iter().map(|entry| entry.state.clone()).collect();
        entries.extend(page.facts.iter().map(|entry| entry.fact.clone()));
        entries
    };
    let pages = pages.lock().expect("no writer panics");
    pages.iter().map(|page| (compress::compress(&page.write()), entries(page))).collect()
}
