//! What a running server is made of: the store, the courier, the projector, the buckets and the keys. Everything is
//! handed in, so that a test makes one without a folder, a socket or a clock.

use crate::buckets::{Buckets, PageRules};
use crate::courier::Courier;
use crate::platform::Clock;
use crate::projector::Projector;
use crate::register::Register;
use crate::store::Store;
use crate::tls::Authority;
use ed25519_dalek::SigningKey;
use std::sync::Arc;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

/// Requests of devices that are under way at once, most of them on slow links; each holds a megabyte at most.
pub const SEATS: usize = 512;
/// Enrolments that are under way at once. Anybody may ask for one, so they are few, small and short.
pub const ENROLMENT_PLACES: usize = 16;
/// Requests that are worked on at once; each holds a few megabytes at most.
const TURNS: usize = 64;

/// The server's own keys.
pub struct ServerKeys {
    pub authority: Authority,
    pub signing: SigningKey,
    /// X25519, public: devices seal unsent work to it. Its secret half is for recovery and stays in its file.
    pub sealing_public: [u8; 32],
}

pub struct Service {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub keys: ServerKeys,
    pub register: Register,
    pub courier: Courier,
    pub projector: Arc<Projector>,
    pub buckets: Buckets,
    pub seats: Semaphore,
    pub enrolment_places: Semaphore,
    pub turns: Semaphore,
}

impl Service {
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        keys: ServerKeys,
        pages: PageRules,
        register: Register,
    ) -> Arc<Self> {
        let courier = Courier::new(store.clone(), keys.signing.clone(), clock.clone());
        let projector = Arc::new(Projector::new(store.clone(), clock.clone(), courier.arrivals.clone()));
        let cursor_key = blake3::derive_key("caravan 2026-11 key of cursors", keys.signing.as_bytes());
        let buckets = Buckets::new(store.clone(), projector.clone(), clock.clone(), cursor_key, pages);
        Arc::new(Self {
            store,
            clock,
            keys,
            register,
            courier,
            projector,
            buckets,
            seats: Semaphore::new(SEATS),
            enrolment_places: Semaphore::new(ENROLMENT_PLACES),
            turns: Semaphore::new(TURNS),
        })
    }

    /// Starts folding in the background, until `stop` is told so.
    pub fn start_projector(&self, stop: watch::Receiver<bool>) -> JoinHandle<()> {
        tokio::spawn(self.projector.clone().run(stop))
    }
}
