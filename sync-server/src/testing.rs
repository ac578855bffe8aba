//! A small world for tests: a server in a temporary folder with a clock that one sets, and devices that write.

use crate::auth::DeviceIdentity;
use crate::buckets::PageRules;
use crate::enrol::secret_hash;
use crate::ledger::{self, Entry};
use crate::platform::Clock;
use crate::register::Register;
use crate::router::router_for;
use crate::service::{ServerKeys, Service};
use crate::store::sqlite::{DatabaseKey, SqliteStore};
use crate::store::{DeviceRow, Enrolment, NewDevice, Store};
use crate::tls::Authority;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use ed25519_dalek::SigningKey;
use shared::change::{Batch, Bucket, Change, Edit, Envelope, Head, Operation, Put};
use shared::compress;
use shared::domain::route::{Route, Stop, StopStatus};
use shared::ids::{
    DeviceId, FactId, PersonId, RecordId, RegionId, RouteId, Sequence, SiteId, StaffId, StopId, VanId,
};
use shared::merge::{Clock as VersionClock, RecordState};
use shared::protocol::{Problem, PullPage, PullRequest, PushAnswer};
use shared::record::{Fact, FieldNumber, KindNumber, Value};
use shared::time::{Stamp, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tower::ServiceExt;

pub const REGION: RegionId = RegionId(1);
/// 2026-11-23T12:00:00Z.
pub const NOON: i64 = 1_795_435_200_000;
pub const VAN: VanId = VanId::from_bytes([0xa1; 16]);
pub const OTHER_VAN: VanId = VanId::from_bytes([0xa2; 16]);
pub const SITE: SiteId = SiteId::from_bytes([0xb1; 16]);
pub const OTHER_SITE: SiteId = SiteId::from_bytes([0xb2; 16]);
pub const STAFF: StaffId = StaffId::from_bytes([0xc1; 16]);
pub const PERSON: KindNumber = KindNumber(1);

pub struct SetClock(pub AtomicI64);

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_milliseconds(self.0.load(Ordering::Relaxed))
    }
}

pub struct World {
    /// Goes when the world goes.
    folder: tempfile::TempDir,
    pub clock: Arc<SetClock>,
    pub store: Arc<SqliteStore>,
    pub service: Arc<Service>,
}

pub const KEY: DatabaseKey = DatabaseKey([7; 32]);

impl World {
    pub async fn new() -> Self {
        Self::with_pages(PageRules::default()).await
    }

    pub async fn with_pages(pages: PageRules) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let clock = Arc::new(SetClock(AtomicI64::new(NOON)));
        let store = SqliteStore::open(&folder.path().join("caravan.db"), &KEY, REGION).expect("a new store");
        let store = Arc::new(store);
        let signing = SigningKey::from_bytes(&[9; 32]);
        let public = signing.verifying_key().to_bytes();
        store.initialise(DeviceId::from_bytes([1; 16]), public, clock.now()).await.expect("a region");
        let authority = Authority::make(clock.now()).expect("an authority");
        let keys = ServerKeys { authority, signing, sealing_public: [0; 32] };
        let service = Service::new(store.clone(), clock.clone(), keys, pages, Register::nowhere());
        Self { folder, clock, store, service }
    }

    pub fn database(&self) -> std::path::PathBuf {
        self.folder.path().join("caravan.db")
    }

    pub fn advance(&self, milliseconds: i64) {
        self.clock.0.fetch_add(milliseconds, Ordering::Relaxed);
    }

    /// Folds all that is held.
    pub async fn fold(&self) {
        self.service.projector.catch_up().await.expect("folding");
    }

    /// A van's day with one stop at a site, written by the server as an import would.
    pub async fn plan(&self, van: VanId, site: SiteId, day: &str) -> Bucket {
        let bucket = Bucket::Route(van, day.parse().expect("a day"));
        let mut id = *site.uuid().as_bytes();
        id[0] = van.as_bytes()[0];
        let (route, stop) = (RouteId::from_bytes([id[0]; 16]), StopId::from_bytes(id));
        let stop_values = Stop {
            route: Some(route),
            site: Some(site),
            status: Some(StopStatus::Planned),
            position: Some(1),
            ..Stop::default()
        };
        let route_values = Route { van: Some(van), ..Route::default() };
        let operations = vec![
            Operation::Edit(RecordState::new(Route::KIND.number).edit(route.into(), route_values.values())),
            Operation::Edit(RecordState::new(Stop::KIND.number).edit(stop.into(), stop_values.values())),
        ];
        ledger::write(&self.service, STAFF, &[Entry { bucket, operations }]).await.expect("an import");
        self.fold().await;
        bucket
    }

    /// An enrolled device of a van.
    pub async fn device(&self, van: VanId) -> TestDevice {
        let number = self.store.devices().await.expect("devices").len() as u8 + 1;
        let secret_hash = secret_hash(&[number; 16]);
        let now = self.clock.now();
        let expires_at = now.plus_milliseconds(1000);
        let code = Enrolment { secret_hash, expires_at, used_at: None, van, staff: STAFF };
        self.store.add_enrolment(code).await.expect("a code");
        let key = SigningKey::from_bytes(&[number; 32]);
        let new = NewDevice {
            id: DeviceId::from_bytes([number; 16]),
            label: format!("tablet {number}"),
            fingerprint: [number; 32],
            certificate_expires_at: now.plus_milliseconds(365 * 86_400_000),
            signing_key: key.verifying_key().to_bytes(),
        };
        let row = self.store.redeem(secret_hash, now, new).await.expect("a store").expect("a fresh code");
        let head = Head::genesis(row.id, row.number);
        TestDevice {
            row,
            key,
            acknowledged: head,
            head,
            log: Vec::new(),
            states: BTreeMap::new(),
            facts: BTreeSet::new(),
            cursor: Vec::new(),
        }
    }

    pub async fn request(
        &self,
        identity: DeviceIdentity,
        request: Request<Body>,
    ) -> (StatusCode, HeaderMap, Vec<u8>) {
        let answer = router_for(self.service.clone(), identity).oneshot(request).await.expect("an answer");
        let (parts, body) = answer.into_parts();
        let body = to_bytes(body, 64 << 20).await.expect("a whole answer");
        (parts.status, parts.headers, body.to_vec())
    }

    pub async fn post(&self, identity: DeviceIdentity, path: &str, body: Vec<u8>) -> (StatusCode, Vec<u8>) {
        let request = Request::post(path).body(Body::from(body)).expect("a request");
        let (status, _, body) = self.request(identity, request).await;
        (status, body)
    }

    pub async fn push_bytes(&self, device: &TestDevice, frame: Vec<u8>) -> Result<PushAnswer, Problem> {
        let (status, body) = self.post(device.identity(), "/v1/sync/push", frame).await;
        if status == StatusCode::OK {
            Ok(PushAnswer::read(&body).expect("an answer"))
        } else {
            Err(problem(&body))
        }
    }

    /// Sends all that the device wrote since `after`.
    pub async fn push_after(&self, device: &TestDevice, after: u64) -> Result<PushAnswer, Problem> {
        self.push_bytes(device, compress::compress(&device.batch_after(after))).await
    }

    pub async fn push(&self, device: &mut TestDevice) -> Result<PushAnswer, Problem> {
        let answer = self.push_after(device, device.acknowledged.sequence.0).await?;
        device.acknowledged = answer.acknowledged;
        Ok(answer)
    }

    pub async fn pull_page(&self, device: &TestDevice) -> Result<PullPage, Problem> {
        let request = PullRequest {
            cursor: device.cursor.clone(),
            acknowledged: Sequence(0),
            rejections_heard: Sequence(0),
            takes_unchanged: false,
        };
        let (status, body) = self.post(device.identity(), "/v1/sync/pull", request.write()).await;
        if status == StatusCode::OK {
            Ok(PullPage::read(&body).expect("a page"))
        } else {
            Err(problem(&body))
        }
    }

    /// Pulls until the server says that nothing is waiting, merging each page; how many pages there were.
    pub async fn pull(&self, device: &mut TestDevice) -> usize {
        self.fold().await;
        for pages in 1..10_000 {
            let page = self.pull_page(device).await.expect("a page");
            device.merge(&page);
            if page.complete {
                return pages;
            }
        }
        panic!("the pull never ended");
    }

    /// The server's own view of a record.
    pub async fn record(&self, id: RecordId) -> Option<RecordState> {
        let row = self.store.records(vec![id]).await.expect("records").remove(&id)?;
        Some(RecordState::decode(&row.state).expect("a state"))
    }

    pub async fn quarantine(&self) -> Vec<(u32, u64, String)> {
        let rows = self.store.quarantine().await.expect("quarantine");
        rows.into_iter().map(|row| (row.number.0, row.sequence.0, row.reason)).collect()
    }
}

pub fn problem(body: &[u8]) -> Problem {
    serde_json::from_slice(body)
        .unwrap_or_else(|_| panic!("a problem, not {:?}", String::from_utf8_lossy(body)))
}

pub fn small_pages(bytes_aim: usize) -> PageRules {
    PageRules { bytes_aim, patience: Duration::from_millis(200) }
}

pub fn record(byte: u8) -> RecordId {
    PersonId::from_bytes([byte; 16]).into()
}

/// A device as far as the server can tell: a signed log, merged states, a cursor.
#[derive(Clone)]
pub struct TestDevice {
    pub row: DeviceRow,
    pub key: SigningKey,
    pub acknowledged: Head,
    pub head: Head,
    pub log: Vec<Vec<u8>>,
    pub states: BTreeMap<RecordId, RecordState>,
    pub facts: BTreeSet<FactId>,
    pub cursor: Vec<u8>,
}

impl TestDevice {
    pub fn identity(&self) -> DeviceIdentity {
        DeviceIdentity::Device(self.row.number)
    }

    pub fn site(&self) -> Bucket {
        Bucket::Site(SITE)
    }

    /// Writes a change as the app would: merged at home, appended to the log.
    pub fn write(&mut self, bucket: Bucket, operations: Vec<Operation>) -> u64 {
        let sequence = self.head.sequence.next();
        let change = Change {
            sequence,
            stamp: Stamp::from_bits(((NOON as u64) << 16) + sequence.0),
            device_clock_offset_ms: 250,
            staff: STAFF,
            bucket,
            operations,
        };
        let author = change.author(self.row.number);
        for operation in &change.operations {
            match operation {
                Operation::Edit(edit) => {
                    let state = self.states.entry(edit.record).or_insert_with(|| RecordState::new(edit.kind));
                    edit.puts.iter().for_each(|put| state.apply(author, put.clone()));
                }
                Operation::Fact(fact) => drop(self.facts.insert(fact.id)),
                Operation::Unknown(_) => {}
            }
        }
        self.append(Envelope::seal(&change));
        sequence.0
    }

    pub fn append(&mut self, envelope: Vec<u8>) {
        self.head = Head { sequence: self.head.sequence.next(), hash: self.head.hash.after(&envelope) };
        self.log.push(envelope);
    }

    /// Sets fields of a person's record to texts, reading what the device holds.
    pub fn edit(&mut self, id: RecordId, values: &[(u16, &str)]) -> u64 {
        let state = self.states.get(&id).cloned().unwrap_or_else(|| RecordState::new(PERSON));
        let values =
            values.iter().map(|(field, text)| (FieldNumber(*field).into(), Value::Text((*text).into())));
        let edit = state.edit(id, values);
        self.write(self.site(), vec![Operation::Edit(edit)])
    }

    /// One put with a clock of one's own making.
    pub fn put_reading(&mut self, id: RecordId, field: u16, text: &str, read: VersionClock) -> u64 {
        let put = Put { key: FieldNumber(field).into(), read, value: Value::Text(text.into()) };
        self.write(self.site(), vec![Operation::Edit(Edit { record: id, kind: PERSON, puts: vec![put] })])
    }

    pub fn fact(&mut self, byte: u8, subject: RecordId, number: i64) -> u64 {
        let fact = Fact {
            id: FactId::from_bytes([byte; 16]),
            kind: KindNumber(101),
            subject,
            at: Timestamp::from_milliseconds(NOON),
            amends: None,
            fields: vec![(FieldNumber(1), Value::Integer(number))],
        };
        self.write(self.site(), vec![Operation::Fact(fact)])
    }

    pub fn batch_after(&self, after: u64) -> Vec<u8> {
        let genesis = Head::genesis(self.row.id, self.row.number);
        let known = self.log[..after as usize].iter().fold(genesis, |head, change| Head {
            sequence: head.sequence.next(),
            hash: head.hash.after(change),
        });
        Batch::seal(self.row.id, self.row.number, known, &self.log[after as usize..], &self.key).0
    }

    pub fn merge(&mut self, page: &PullPage) {
        for entry in &page.states {
            let state = RecordState::decode(&entry.state).expect("a state");
            match self.states.get_mut(&entry.record) {
                Some(known) => known.merge(state),
                None => drop(self.states.insert(entry.record, state)),
            }
        }
        let opened = |bytes: &Vec<u8>| Fact::from_bytes(bytes).expect("a fact").id;
        self.facts.extend(page.facts.iter().map(|entry| opened(&entry.fact)));
        self.cursor.clone_from(&page.cursor);
    }

    pub fn texts(&self, id: RecordId, field: u16) -> Vec<String> {
        self.states.get(&id).map(|state| texts(state, field)).unwrap_or_default()
    }
}

/// The values of a field that stand, in order of text.
pub fn texts(state: &RecordState, field: u16) -> Vec<String> {
    let text = |value: Value| match value {
        Value::Text(text) => text,
        other => format!("{other:?}"),
    };
    let mut texts: Vec<String> =
        state.values(&FieldNumber(field).into()).into_iter().map(|written| text(written.value)).collect();
    texts.sort();
    texts
}
