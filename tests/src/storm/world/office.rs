//! The office: two server processes on one disk that may lose its power. They are the product's own, called without a
//! socket.

use super::wire::{Answer, Letter};
use crate::plain::STAFF;
use crate::sample::Seeded;
use crate::storm::Trace;
use crate::storm::disk::{
    BootedServer, Disk, Fault, KEY, NOON, Place, REGION, SERVER_FILE, boot_with, keys, place,
};
use axum::body::{Body, to_bytes};
use axum::http::Request;
use crypto_box::aead::OsRng;
use ed25519_dalek::SigningKey;
use shared::change::{Bucket, Operation};
use shared::domain::route::{Route, Stop};
use shared::ids::{DeviceId, DeviceNumber, RecordId, RouteId, SiteId, StopId, VanId};
use shared::merge::RecordState;
use shared::protocol::{PullPage, limits, sealed};
use shared::record::{FieldKey, Kind, Value};
use shared::time::Timestamp;
use sync_server::auth::DeviceIdentity;
use sync_server::recover::{self, RecoverError};
use sync_server::router::router_for;
use sync_server::service::Service;
use sync_server::store::sqlite::SqliteStore;
use sync_server::store::{Enrolment, NewDevice};
use sync_server::{enrol, ledger};
use tower::ServiceExt;

const PROCESSES: usize = 2;
/// Days with a stop at each of a van's sites. A device sees two weeks ahead: it sees its sites at any time.
const DAYS_PLANNED: [u64; 5] = [0, 10, 20, 30, 40];
/// Small, so that what comes after days is many pages: a device asks for the next one while it merges.
const PAGE_BYTES_AIM: usize = 64 * 1024;
/// The secret half of the key to which unsent work is sealed.
const SEALING: [u8; 32] = [0x77; 32];
const HOUR_MS: i64 = 3_600_000;

type AnyError = Box<dyn std::error::Error + Send + Sync>;

pub struct Office {
    place: Place,
    processes: Vec<BootedServer>,
    pub cuts: u64,
    /// The office's clock less the true time.
    offset_ms: i64,
    /// Pages that led to another one.
    pub pages_followed: u64,
    /// What was asked of disks that it had before.
    before: Trace,
}

fn device_id(number: u32) -> DeviceId {
    DeviceId::from_bytes([number as u8; 16])
}

/// A stop of a van at a site on its n-th day.
fn stop_id(van: VanId, site: SiteId, day: u64) -> StopId {
    StopId::from_bytes([
        van.as_bytes()[0],
        site.as_bytes()[0],
        day as u8,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        1,
    ])
}

impl Office {
    /// A new office that knows each van's sites and devices.
    pub async fn found(plan: &[(VanId, Vec<SiteId>)], devices: &[(u32, VanId)]) -> Result<Office, AnyError> {
        let place = place(Disk::default());
        let store = SqliteStore::open(&place.mounted.path(SERVER_FILE), &KEY, REGION)?;
        let public = keys().signing.verifying_key().to_bytes();
        store.initialise(DeviceId::from_bytes([1; 16]), public, NOON).await?;
        drop(store);
        let mut office = Office {
            place,
            processes: Vec::new(),
            cuts: 0,
            offset_ms: 0,
            pages_followed: 0,
            before: Trace::default(),
        };
        office.start(NOON)?;
        let service = office.processes[0].service.clone();
        for (van, sites) in plan {
            for site in sites {
                for day in DAYS_PLANNED {
                    office.send_to(&service, *van, *site, *site, day).await?;
                }
            }
        }
        for (number, van) in devices {
            know(&service, *number, *van).await?;
        }
        service.projector.catch_up().await?;
        Ok(office)
    }

    /// Sends a van's stop at one site to another one.
    async fn send_to(
        &self,
        service: &Service,
        van: VanId,
        of: SiteId,
        site: SiteId,
        day: u64,
    ) -> Result<(), AnyError> {
        let date = NOON.plus_milliseconds(day as i64 * 86_400_000).day(0);
        let bucket = Bucket::Route(van, date);
        let route =
            RouteId::from_bytes([van.as_bytes()[0], day as u8, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]);
        let stop = stop_id(van, of, day);
        let route_values = Route { van: Some(van), day: Some(date), ..Route::default() }.values();
        let stop_values = Stop { route: Some(route), site: Some(site), ..Stop::default() }.values();
        let mut operations = Vec::new();
        let mut edit =
            |record: RecordId, kind: &Kind, values: Vec<(FieldKey, Value)>, known: Option<&[u8]>| {
                let state = known.and_then(|bytes| RecordState::decode(bytes).ok());
                let edit = state.unwrap_or_else(|| RecordState::new(kind.number)).edit(record, values);
                if !edit.puts.is_empty() {
                    operations.push(Operation::Edit(edit));
                }
            };
        // The office reads what it wrote before, as an import does.
        service.projector.catch_up().await?;
        let held = service.store.records(vec![route.into(), stop.into()]).await?;
        let bytes = |id: RecordId| held.get(&id).map(|row| row.state.as_slice());
        edit(route.into(), &Route::KIND, route_values, bytes(route.into()));
        edit(stop.into(), &Stop::KIND, stop_values, bytes(stop.into()));
        if !operations.is_empty() {
            ledger::write(service, STAFF, &[ledger::Entry { bucket, operations }]).await?;
        }
        Ok(())
    }

    /// From tomorrow on a van's stops at one site are at another.
    pub async fn replan(&self, van: VanId, of: SiteId, site: SiteId) -> Result<(), AnyError> {
        let Some(process) = self.processes.first() else { return Ok(()) };
        process.service.projector.catch_up().await?;
        for day in DAYS_PLANNED {
            self.send_to(&process.service, van, of, site, day).await?;
        }
        Ok(())
    }

    fn start(&mut self, now: Timestamp) -> Result<(), AnyError> {
        for _ in self.processes.len()..PROCESSES {
            self.processes.push(boot_with(&self.place, now, PAGE_BYTES_AIM)?);
        }
        Ok(())
    }

    /// Plans that the power goes soon.
    pub fn doom(&self, seeded: &mut Seeded) {
        self.place.mounted.disk.plan(Fault::cut(1 + seeded.below(200)));
    }

    pub fn is_dead(&self) -> bool {
        self.place.mounted.disk.fault().has_struck
    }

    /// Power again, on what is left of the disk.
    pub fn restart(&mut self, now: Timestamp, seeded: &mut Seeded) -> Result<(), AnyError> {
        if self.is_dead() {
            let left = self.place.mounted.disk.survivors(seeded);
            self.processes.clear();
            self.before = self.trace();
            self.place = place(Disk::from_image(&left));
            self.cuts += 1;
        } else {
            self.place.mounted.disk.plan(Fault::none());
            self.processes.clear();
        }
        self.start(now)
    }

    /// One of the processes folds all that is held.
    pub async fn fold(&self, now: Timestamp, seeded: &mut Seeded) -> Result<(), AnyError> {
        let process = self.any(now, seeded);
        match process.service.projector.catch_up().await {
            Err(_) if self.is_dead() => Ok(()),
            folded => Ok(folded?),
        }
    }

    pub fn trace(&self) -> Trace {
        let mut trace = self.before;
        trace.follow(self.place.mounted.disk.trace());
        trace
    }

    fn any(&self, now: Timestamp, seeded: &mut Seeded) -> &BootedServer {
        let process = &self.processes[seeded.below(self.processes.len() as u64) as usize];
        process.set_clock(now.plus_milliseconds(self.offset_ms));
        process
    }

    /// The machine asks for the time and is told another one, hours off; or the right one.
    pub fn step_clock(&mut self, seeded: &mut Seeded) {
        self.offset_ms = match seeded.below(3) {
            0 => 0,
            1 => seeded.below(6 * HOUR_MS as u64) as i64,
            _ => -(seeded.below(6 * HOUR_MS as u64) as i64),
        };
    }

    pub fn set_clock_right(&mut self) {
        self.offset_ms = 0;
    }

    /// Takes in what a relay brought, as an operator does who was handed a file: under the name that is in the batch, by
    /// its signature. Whether it was one that can come in now.
    pub async fn take_in(&self, batch: &[u8], now: Timestamp, seeded: &mut Seeded) -> Result<bool, AnyError> {
        let process = self.any(now, seeded);
        let public = crypto_box::SecretKey::from_bytes(SEALING).public_key();
        let file = sealed::wrap(&public.seal(&mut OsRng, batch).map_err(|_| "a batch is not sealed")?);
        match recover::take_in(&process.service, SEALING, &file).await {
            Ok(recovered) if recovered.is_branch => {
                Err(format!("{recovered:?} is taken for a copy's").into())
            }
            Ok(_) => Ok(true),
            Err(RecoverError::Gap { .. }) => Ok(false),
            Err(_) if self.is_dead() => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// What one of the processes says to a request; nothing once the power is gone.
    pub async fn hear(
        &mut self,
        number: u32,
        letter: &Letter,
        bytes: Option<usize>,
        now: Timestamp,
        seeded: &mut Seeded,
    ) -> Result<Answer, AnyError> {
        let process = self.any(now, seeded);
        let identity = DeviceIdentity::Device(DeviceNumber(number));
        let body = &letter.body[..bytes.unwrap_or(usize::MAX).min(letter.body.len())];
        let request = Request::post(letter.path).body(Body::from(body.to_vec()))?;
        let answer = router_for(process.service.clone(), identity).oneshot(request).await?;
        let status = answer.status().as_u16();
        let mut body = to_bytes(answer.into_body(), limits::PAGE_BYTES_MAX).await?.to_vec();
        if self.is_dead() {
            return Ok(None);
        }
        if status == 200 && letter.path.ends_with("pull") {
            self.pages_followed += u64::from(PullPage::read(&body).is_ok_and(|page| !page.complete));
            body = shared::compress::compress(&body);
        }
        Ok(Some((status, body)))
    }

    pub fn service(&self) -> &Service {
        &self.processes[0].service
    }

    /// What a check left behind: it removes its files from the system's folder, not from this disk.
    pub fn tidy(&self) {
        self.place.mounted.disk.remove("caravan.rebuild");
    }

    pub fn database(&self) -> std::path::PathBuf {
        self.place.mounted.path(SERVER_FILE)
    }
}

async fn know(service: &Service, number: u32, van: VanId) -> Result<(), AnyError> {
    let secret_hash = enrol::secret_hash(&[number as u8; 16]);
    let expires_at = NOON.plus_milliseconds(60_000);
    service
        .store
        .add_enrolment(Enrolment { secret_hash, expires_at, used_at: None, van, staff: STAFF })
        .await?;
    let new = NewDevice {
        id: device_id(number),
        label: format!("device {number}"),
        fingerprint: [number as u8; 32],
        certificate_expires_at: NOON.plus_milliseconds(365 * 86_400_000),
        signing_key: SigningKey::from_bytes(&[number as u8; 32]).verifying_key().to_bytes(),
    };
    let known = service.store.redeem(secret_hash, NOON, new).await?.ok_or("the code was not redeemed")?;
    match known.number == DeviceNumber(number) {
        true => Ok(()),
        false => Err(format!("device {number} was given number {}", known.number).into()),
    }
}
