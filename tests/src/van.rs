//! One van's device as a test holds it: its folder, its desk, and sync on demand.

use app::capture::{CaptureError, Desk, DeskOptions};
use app::session::{DataFolder, Keyring, Pin, SignInError};
use app::store::{MetaReads, Store, StoreError};
use app::sync::{Driver, EnrolError, HttpTransport, Safeguard, SyncReport, enrol};
use shared::ids::StaffId;
use shared::protocol::EnrolmentCode;
use shared::sync::Phase;
use std::path::Path;

/// Why a van could not do its part.
#[derive(Debug, thiserror::Error)]
pub enum VanError {
    #[error(transparent)]
    Enrol(#[from] EnrolError),
    #[error(transparent)]
    SignIn(#[from] SignInError),
    #[error(transparent)]
    Folder(#[from] app::session::FolderError),
    #[error(transparent)]
    Marker(#[from] app::session::MarkerError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Capture(#[from] CaptureError),
    #[error("the device's certificates do not parse: {0}")]
    Certificates(String),
}

/// An enrolled device with somebody signed in.
pub struct Van {
    pub folder: DataFolder,
    pub staff: StaffId,
    pub desk: Desk,
    pub key: app::store::DataKey,
    /// Where sync connects to, when not to the server that enrolled it: a relay.
    pub through: Option<std::net::SocketAddr>,
}

impl Van {
    /// Turns an empty folder into a device.
    pub async fn enrol(path: &Path, code: &EnrolmentCode, pin: &str) -> Result<Van, VanError> {
        let folder = DataFolder::open(path)?;
        let pin = Pin::choose(pin).expect("the stories use good PINs");
        let enrolled = enrol(&folder, code, "tablet", &pin).await?;
        drop(enrolled.store);
        Van::open(path, enrolled.staff, &pin)
    }

    /// Signs in at a device that was enrolled before.
    pub fn sign_in(path: &Path, staff: StaffId, pin: &str) -> Result<Van, VanError> {
        Van::open(path, staff, &Pin::typed(pin))
    }

    fn open(path: &Path, staff: StaffId, pin: &Pin) -> Result<Van, VanError> {
        let folder = DataFolder::open(path)?;
        let key = Keyring::open(&folder)?.sign_in(staff, pin, app::platform::now())?;
        let store = Store::open(&folder.records(), &key)?;
        let desk = Desk::open(store, staff, DeskOptions::default())?;
        Ok(Van { folder, staff, desk, key, through: None })
    }

    /// Another connection to the same file.
    pub fn store(&self) -> Result<Store, StoreError> {
        Store::open(&self.folder.records(), &self.key)
    }

    /// One run of sync: all up, all down, or a reason to wait.
    pub async fn sync(&self) -> Result<SyncReport, VanError> {
        let mut store = self.store()?;
        let safeguard = Safeguard::open(&self.folder, &mut store)?;
        let mut identity = store
            .identity()?
            .ok_or_else(|| StoreError::Damaged("a device that was never enrolled".into()))?;
        if let Some(address) = self.through {
            identity.server = address.to_string();
        }
        let transport = HttpTransport::enrolled(&identity, store.server_time()?)
            .map_err(|error| VanError::Certificates(error.to_string()))?;
        let mut driver = Driver::new(store, transport)?.erasing(&self.folder).guarded(safeguard);
        driver.run_once(&mut |_| {}).await?;
        driver.rest();
        Ok(driver.report())
    }

    /// Syncs until all is settled, in at most `tries` runs.
    pub async fn settle(&self, tries: u32) -> Result<SyncReport, VanError> {
        let mut report = self.sync().await?;
        for _ in 1..tries {
            if report.settled_at.is_some() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            report = self.sync().await?;
        }
        Ok(report)
    }
}

/// Whether a run ended with everything delivered and everything here.
pub fn is_settled(report: &SyncReport) -> bool {
    report.settled_at.is_some()
        && report.log.acknowledged == report.log.head
        && report.phase != Phase::EnrolAnew
}
