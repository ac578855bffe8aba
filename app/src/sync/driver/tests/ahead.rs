//! The page that is fetched while the one before it is merged.

use super::*;
use crate::apply::{Intent, LocalChange, apply_local};
use shared::domain::person::{Person, person_fields};
use shared::record::FieldType;

/// A server with more and more pages. While the second is on its way, a member of staff saves.
#[derive(Clone)]
struct Busy {
    path: std::path::PathBuf,
    pulls: Arc<Mutex<Vec<Sequence>>>,
    pushes: Arc<Mutex<usize>>,
    held: Arc<Mutex<Head>>,
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
        let page = page(*self.held.lock().expect("nobody panics with it"), count >= 4);
        if count == 2 {
            let mut store = Store::open(&self.path, &DataKey::new([3; 32])).expect("the file");
            let person = shared::ids::PersonId::from_bytes([5; 16]);
            let name = (person_fields::given_name.into(), "Sample".to_owned().to_value());
            let kind = Person::KIND.number;
            let change = LocalChange {
                staff: shared::ids::StaffId::from_bytes([9; 16]),
                bucket: shared::change::Bucket::Site(shared::ids::SiteId::from_bytes([7; 16])),
                about: None,
                intents: vec![Intent::Set { record: person.into(), kind, values: vec![name] }],
            };
            apply_local(&mut store, change, platform::now()).expect("saved");
        }
        Ok(page)
    }
}

/// Such a page says that the server lacks what it was just sent.
#[test]
fn a_page_that_was_fetched_before_a_push_is_not_believed_after_it() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("records.db");
    let store = enrolled(&path);
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
