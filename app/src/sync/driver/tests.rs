//! How the sync thread waits: by what the machine asks for, whatever happens to the tablet's clock.

mod ahead;
mod disk;

use super::*;
use crate::store::{DataKey, sample};
use crate::sync::thread::keep_syncing;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// What the server of these tests asks for. It says seconds; a machine is not told from which unit they came.
const RETRY_AFTER_MS: u64 = 700;
const YEARS_10_MS: i64 = 3_652 * 86_400_000;

/// A server that has no place left, and notes when it was asked.
#[derive(Clone, Default)]
struct Full(Arc<Mutex<Vec<Instant>>>);

#[async_trait::async_trait]
impl Transport for Full {
    async fn push(&self, _: Vec<u8>) -> Result<PushAnswer, Failure> {
        unreachable!("nothing was written")
    }
    async fn pull(&self, _: &PullRequest) -> Result<PullPage, Failure> {
        self.0.lock().expect("nobody panics with it").push(Instant::now());
        Err(Failure::Busy { retry_after_ms: Some(RETRY_AFTER_MS) })
    }
}

fn identity() -> Identity {
    let key = SigningKey::from_bytes(&[2; 32]);
    let text = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    Identity {
        signing_key: text(key.as_bytes()),
        server_signing_key: text(key.verifying_key().as_bytes()),
        ..sample::identity(2)
    }
}

/// A new file of that device.
fn enrolled(path: &std::path::Path) -> Store {
    sample::enrolled(path, &DataKey::new([3; 32]), &identity())
}

/// A page with nothing in it, of a server that holds so much of the device.
fn page(acknowledged: Head, complete: bool) -> PullPage {
    PullPage {
        server_time: platform::now(),
        epoch: 1,
        acknowledged,
        standing: Standing::Active,
        cursor: vec![1],
        complete,
        states: vec![],
        facts: vec![],
        forget: vec![],
        rejected: vec![],
        decided: vec![],
        renew_certificate: false,
    }
}

/// A pause is the machine's own, never one on the clock that staff may set.
#[test]
fn a_van_waits_as_long_as_it_was_told_although_its_clock_jumps_ten_years_each_time_it_is_read() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("records.db");
    let store = enrolled(&path);
    let looks = AtomicI64::new(0);
    let clock = move || {
        let look = looks.fetch_add(1, Ordering::Relaxed);
        platform::now().plus_milliseconds(if look % 2 == 0 { YEARS_10_MS } else { -YEARS_10_MS })
    };
    let server = Full::default();
    let driver = Driver::new(store, server.clone()).expect("a driver").by_clock(Box::new(clock));
    let (tell, told) = watch::channel(driver.report());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let syncing = keep_syncing(driver, tell, Arc::default());
        drop(tokio::time::timeout(Duration::from_millis(RETRY_AFTER_MS * 8), syncing).await);
    });
    drop(told);
    let asked = server.0.lock().expect("nobody panics with it").clone();
    assert!(asked.len() >= 3, "it comes back: {} times", asked.len());
    for pair in asked.windows(2) {
        let waited = pair[1].duration_since(pair[0]);
        assert!(waited >= Duration::from_millis(RETRY_AFTER_MS), "it waited {waited:?}");
    }
}
