//! A tablet that was enrolled over TLS and lives on while the server is killed: the app's own store, its machine, its
//! driver and its line. It notes nothing: what it was told stands in its file.

use super::text;
use crate::office::site;
use crate::sample::Seeded;
use crate::storm::disk::{consistent, copied, intents, log};
use crate::van::Van;
use app::apply::{LocalChange, apply_local};
use app::platform;
use app::store::{Identity, LogRow, MetaReads, RecordReads, Store};
use app::sync::{Driver, HttpTransport, Safeguard};
use ed25519_dalek::{SigningKey, VerifyingKey};
use shared::ids::{RecordId, Sequence};
use shared::sync::Phase;
use std::net::SocketAddr;

use super::child::bytes_of;

pub struct Tablet {
    van: Van,
    pub identity: Identity,
    store: Store,
    driver: Option<Driver<HttpTransport>>,
}

impl Tablet {
    pub fn new(van: Van) -> Result<Tablet, String> {
        let store = van.store().map_err(text)?;
        let identity = store.identity().map_err(text)?.ok_or("a tablet that was never enrolled")?;
        Ok(Tablet { van, identity, store, driver: None })
    }

    /// The key under which the server must hold its log.
    pub fn signing_key(&self) -> VerifyingKey {
        let bytes = bytes_of(&self.identity.signing_key).expect("enrolment made the key");
        SigningKey::from_bytes(&bytes).verifying_key()
    }

    /// Where the server listens since its last start. All else is as when the sync thread starts.
    pub fn connect(&mut self, address: SocketAddr) -> Result<(), String> {
        let mut store = self.van.store().map_err(text)?;
        let safeguard = Safeguard::open(&self.van.folder, &mut store).map_err(text)?;
        let identity = Identity { server: address.to_string(), ..self.identity.clone() };
        let time = store.server_time().map_err(text)?;
        let line = HttpTransport::enrolled(&identity, time).map_err(text)?;
        let driver = Driver::new(store, line).map_err(text)?;
        self.driver = Some(driver.erasing(&self.van.folder).guarded(safeguard));
        Ok(())
    }

    /// One action of the crew, on disk when this returns.
    pub fn save(&mut self, seeded: &mut Seeded) -> Result<(), String> {
        let now = platform::now();
        let intents = intents(seeded, now);
        let change = LocalChange { staff: self.van.staff, bucket: site(), about: None, intents };
        apply_local(&mut self.store, change, now).map(drop).map_err(text)
    }

    /// One run of sync, and whether it settled. A dead line is none of the tablet's faults; anything else is.
    pub async fn sync(&mut self) -> Result<bool, String> {
        let driver = self.driver.as_mut().ok_or("not connected")?;
        driver.run_once(&mut |_| {}).await.map_err(text)?;
        driver.tidy().map_err(text)?;
        driver.rest();
        let report = driver.report();
        match report.phase {
            Phase::Settled => Ok(report.log.acknowledged == report.log.head),
            Phase::Pushing | Phase::Pulling | Phase::Offline { .. } | Phase::DiskRefuses { .. } => Ok(false),
            phase @ (Phase::Refused(_) | Phase::EnrolAnew | Phase::Wiped) => {
                Err(format!("device {} is told {phase:?}", self.identity.number))
            }
        }
    }

    /// Up to where it was told that the server holds its log.
    pub fn acknowledged(&self) -> Sequence {
        self.store.acknowledged().expect("a good disk")
    }

    pub fn log(&self) -> Result<Vec<LogRow>, String> {
        log(&self.store).map_err(text)
    }

    pub fn states(&self) -> Result<Vec<(RecordId, Vec<u8>)>, String> {
        self.store.every_state().map_err(text)
    }

    /// Its projections fit its records; they are made anew in a copy.
    pub fn look(&self) -> Result<(), String> {
        let (_folder, mut copy) = copied(&self.van.folder.records(), &self.van.key).map_err(text)?;
        consistent(&mut copy).map_err(text)
    }
}
