//! A server's life on a disk that may fail: the product's own courier, projector and pages over its SQLite store, and
//! devices that push. It notes what was acknowledged and judges nothing.

use super::medium::Disk;
use super::oracle::{NOON, any_person};
use super::server_writer::Writer;
use super::survive::Image;
use super::vfs::Mounted;
use crate::plain::FIRST_DEVICE;
use crate::sample::Seeded;
use ed25519_dalek::SigningKey;
use shared::ids::{DeviceId, DeviceNumber, RegionId};
use shared::protocol::PullRequest;
use shared::time::Timestamp;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use sync_server::buckets::PageRules;
use sync_server::courier::PushError;
use sync_server::platform::Clock;
use sync_server::register::Register;
use sync_server::service::{ServerKeys, Service};
use sync_server::store::StoreError;
use sync_server::store::sqlite::{DatabaseKey, SqliteStore};
use sync_server::tls::Authority;

pub const FILE: &str = "caravan.db";
pub const KEY: DatabaseKey = DatabaseKey([7; 32]);
pub const REGION: RegionId = RegionId(1);
pub const DEVICES: u32 = 3;

/// A clock that stands where the storm puts it.
pub struct SetClock(pub AtomicI64);

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_milliseconds(self.0.load(Ordering::Relaxed))
    }
}

/// The keys of every server here. An authority is slow to make and plays no part.
pub fn keys() -> ServerKeys {
    static AUTHORITY: OnceLock<(String, String)> = OnceLock::new();
    let pair = AUTHORITY.get_or_init(|| {
        let made = Authority::make(NOON).expect("an authority").0;
        (made.certificate, made.key)
    });
    let pair = sync_server::tls::Pair { certificate: pair.0.clone(), key: pair.1.clone() };
    let signing = SigningKey::from_bytes(&[9; 32]);
    ServerKeys { authority: Authority(pair), signing, sealing_public: [0; 32] }
}

/// A disk at a folder that exists: the server gives the file its rights before SQLite opens it.
pub struct Place {
    pub mounted: Mounted,
    _folder: tempfile::TempDir,
}

pub fn place(disk: Disk) -> Place {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mounted = Mounted::at(folder.path().to_str().expect("a path of text"), disk);
    Place { mounted, _folder: folder }
}

/// What outlives the server's process.
#[derive(Clone)]
pub struct ServerLife {
    pub writers: Vec<Writer>,
    pub now: Timestamp,
    pub pushes: u64,
}

impl Default for ServerLife {
    fn default() -> Self {
        let writers = (FIRST_DEVICE..FIRST_DEVICE + DEVICES).map(Writer::new).collect();
        ServerLife { writers, now: NOON, pushes: 0 }
    }
}

/// A running server without a socket.
pub struct BootedServer {
    pub service: Arc<Service>,
    clock: Arc<SetClock>,
}

impl BootedServer {
    pub fn set_clock(&self, now: Timestamp) {
        self.clock.0.store(now.milliseconds(), Ordering::Relaxed);
    }
}

pub fn boot(place: &Place, now: Timestamp) -> Result<BootedServer, StoreError> {
    boot_with(place, now, PageRules::default().bytes_aim)
}

/// With pages of another size than the product's.
pub fn boot_with(place: &Place, now: Timestamp, page_bytes_aim: usize) -> Result<BootedServer, StoreError> {
    let store = SqliteStore::open(&place.mounted.path(FILE), &KEY, REGION)?;
    let clock = Arc::new(SetClock(AtomicI64::new(now.milliseconds())));
    let pages = PageRules { patience: Duration::ZERO, bytes_aim: page_bytes_aim };
    let service = Service::new(Arc::new(store), clock.clone(), keys(), pages, Register::nowhere());
    Ok(BootedServer { service, clock })
}

/// A server's disk on its first evening: it knows its devices and the plan.
pub async fn founded() -> Result<Image, Box<dyn std::error::Error + Send + Sync>> {
    let place = place(Disk::default());
    let store = SqliteStore::open(&place.mounted.path(FILE), &KEY, REGION)?;
    let public = keys().signing.verifying_key().to_bytes();
    store.initialise(DeviceId::from_bytes([1; 16]), public, NOON).await?;
    drop(store);
    let booted = boot(&place, NOON)?;
    crate::plain::found(&booted.service, DEVICES, NOON).await?;
    booted.service.projector.catch_up().await?;
    drop(booted);
    Ok(place.mounted.disk.image())
}

/// Why a step did not end well.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    #[error(transparent)]
    Push(#[from] PushError),
    #[error(transparent)]
    Pull(#[from] sync_server::buckets::PullError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}")]
    Wrong(String),
}

impl ServerLife {
    /// One thing that happens in an evening.
    pub async fn step(&mut self, booted: &BootedServer, seeded: &mut Seeded) -> Result<(), StepError> {
        self.now = self.now.plus_milliseconds(1 + seeded.below(60_000) as i64);
        booted.set_clock(self.now);
        let which = seeded.below(u64::from(DEVICES)) as usize;
        match seeded.below(8) {
            0..=3 => self.push(booted, which, seeded).await,
            4..=5 => Ok(booted.service.projector.catch_up().await?),
            6 => self.pull(booted, which).await,
            _ => self.evidence(booted, which, seeded).await,
        }
    }

    pub async fn push(
        &mut self,
        booted: &BootedServer,
        which: usize,
        seeded: &mut Seeded,
    ) -> Result<(), StepError> {
        let frame = self.writers[which].next_frame(seeded, self.now);
        self.send(booted, which, frame).await
    }

    /// A batch of changes that take much room.
    pub async fn push_large(
        &mut self,
        booted: &BootedServer,
        which: usize,
        seeded: &mut Seeded,
    ) -> Result<(), StepError> {
        let writer = &mut self.writers[which];
        writer.write_large(seeded, self.now);
        let frame = writer.batch_after(writer.acknowledged.sequence.0);
        self.send(booted, which, Some(frame)).await
    }

    async fn send(
        &mut self,
        booted: &BootedServer,
        which: usize,
        frame: Option<Vec<u8>>,
    ) -> Result<(), StepError> {
        let Some(frame) = frame else { return Ok(()) };
        let writer = &mut self.writers[which];
        let device = booted.service.store.device(DeviceNumber(writer.number)).await?;
        let device = device.ok_or_else(|| StepError::Wrong("a device is not known any more".into()))?;
        let answer = booted.service.courier.push(&device, frame).await?;
        if answer.acknowledged != writer.head {
            return Err(StepError::Wrong(format!(
                "{:?} was acknowledged of {:?}",
                answer.acknowledged, writer.head
            )));
        }
        writer.acknowledged = answer.acknowledged;
        self.pushes += 1;
        Ok(())
    }

    pub async fn pull(&mut self, booted: &BootedServer, which: usize) -> Result<(), StepError> {
        let writer = &mut self.writers[which];
        let device = booted.service.store.device(DeviceNumber(writer.number)).await?;
        let device = device.ok_or_else(|| StepError::Wrong("a device is not known any more".into()))?;
        let request = PullRequest {
            cursor: writer.cursor.clone(),
            acknowledged: writer.acknowledged.sequence,
            ..PullRequest::default()
        };
        let is_caught_up = booted.service.buckets.wait().await?;
        let page = booted.service.buckets.pull(&device, &request, is_caught_up).await?;
        if !page.rejected.is_empty() {
            return Err(StepError::Wrong(format!("a good change was kept apart: {:?}", page.rejected)));
        }
        writer.take_page(&page);
        Ok(())
    }

    /// A frame that does not decode is kept as evidence.
    async fn evidence(
        &mut self,
        booted: &BootedServer,
        which: usize,
        seeded: &mut Seeded,
    ) -> Result<(), StepError> {
        let number = DeviceNumber(self.writers[which].number);
        let device = booted.service.store.device(number).await?;
        let device = device.ok_or_else(|| StepError::Wrong("a device is not known any more".into()))?;
        let junk = any_person(seeded).as_bytes().to_vec();
        match booted.service.courier.push(&device, junk).await {
            Err(PushError::Malformed(_)) => Ok(()),
            Err(PushError::Store(error)) => Err(error.into()),
            other => Err(StepError::Wrong(format!("junk was answered with {other:?}"))),
        }
    }
}
