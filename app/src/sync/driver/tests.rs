//! How the sync thread waits: by what the machine asks for, whatever happens to the tablet's clock.

mod disk;

use super::*;
use shared::record::FieldType;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

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
        device: shared::ids::DeviceId::from_bytes([2; 16]).to_string(),
        number: 2,
        region: 1,
        van: shared::ids::VanId::from_bytes([8; 16]).to_string(),
        van_code: "VAN-01".into(),
        label: "tablet".into(),
        server: String::new(),
        authority: String::new(),
        certificate: String::new(),
        certificate_key: String::new(),
        signing_key: text(key.as_bytes()),
        server_signing_key: text(key.verifying_key().as_bytes()),
        server_sealing_key: String::new(),
    }
}

/// A pause is the machine's own, never one on the clock that staff may set.
#[test]
fn a_van_waits_as_long_as_it_was_told_although_its_clock_jumps_ten_years_each_time_it_is_read() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("records.db");
    let mut store = Store::open(&path, &DataKey::new([3; 32])).expect("a new file");
    let write = store.write().expect("a transaction");
    write.set_identity(&identity()).expect("enrolled");
    write.commit().expect("on disk");
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

/// A server with more and more pages. While the second is on its way, a member of staff saves.
#[derive(Clone)]
struct Busy {
    path: std::path::PathBuf,
    pulls: Arc<Mutex<Vec<Sequence>>>,
    pushes: Arc<Mutex<usize>>,
    held: Arc<Mutex<Head>>,
}

impl Busy {
    fn page(&self, complete: bool) -> PullPage {
        PullPage {
            server_time: platform::now(),
            epoch: 1,
            acknowledged: *self.held.lock().expect("nobody panics with it"),
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
}

#[async_trait::async_trait]
impl Transport for Busy {
    async fn push(&self, frame: Vec<u8>) -> Result<PushAnswer, Failure> {
        *self.pushes.lock().expect("nobody panics with it") += 1;
        let bytes = compress::decompress(&frame, limits::BATCH_BYTES_MAX).expect("a frame");
        let batch = Batch::read(&bytes).expect("a batch");
        let head = Head { sequence: batch.last(), hash: *batch.hashes().last().expect("a change") };
        *self.held.lock().expect("nobody panics with it") = head;
        let message = PushAnswer::signed_message(identity().device_id(), head);
        let countersignature =
            ed25519_dalek::Signer::sign(&SigningKey::from_bytes(&[2; 32]), &message).to_bytes();
        Ok(PushAnswer { acknowledged: head, server_time: platform::now(), epoch: 1, countersignature })
    }
    async fn pull(&self, request: &PullRequest) -> Result<PullPage, Failure> {
        let count = {
            let mut pulls = self.pulls.lock().expect("nobody panics with it");
            pulls.push(request.acknowledged);
            pulls.len()
        };
        let page = self.page(count >= 4);
        if count == 2 {
            let mut store = Store::open(&self.path, &DataKey::new([3; 32])).expect("the file");
            let person = shared::ids::PersonId::from_bytes([5; 16]);
            let name =
                (shared::domain::person::person_fields::given_name.into(), "Sample".to_owned().to_value());
            let kind = shared::domain::person::Person::KIND.number;
            let change = crate::apply::LocalChange {
                staff: shared::ids::StaffId::from_bytes([9; 16]),
                bucket: shared::change::Bucket::Site(shared::ids::SiteId::from_bytes([7; 16])),
                about: None,
                intents: vec![crate::apply::Intent::Set { record: person.into(), kind, values: vec![name] }],
            };
            crate::apply::apply_local(&mut store, change, platform::now()).expect("saved");
        }
        Ok(page)
    }
}

/// Such a page says that the server lacks what it was just sent.
#[test]
fn a_page_that_was_fetched_before_a_push_is_not_believed_after_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("records.db");
    let mut store = Store::open(&path, &DataKey::new([3; 32])).expect("a new file");
    let write = store.write().expect("a transaction");
    write.set_identity(&identity()).expect("enrolled");
    write.commit().expect("on disk");
    let server = Busy {
        path,
        pulls: Arc::default(),
        pushes: Arc::default(),
        held: Arc::new(Mutex::new(identity().genesis())),
    };
    let mut driver = Driver::new(store, server.clone()).expect("a driver");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(driver.run_once(&mut |_| {})).expect("a run");
    assert!(driver.report().settled_at.is_some());
    assert_eq!(*server.pushes.lock().expect("nobody panics with it"), 1, "nothing is sent twice");
    assert_eq!(driver.report().log.acknowledged, Sequence(1));
}
