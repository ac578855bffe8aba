//! A server without TLS and devices that it knows from the start: for measuring, and for programs that have no TLS.
//! Store, signatures, chain, merge and encryption at rest are the real ones.

use app::store::{DataKey, Identity, MetaReads, Store};
use app::sync::{HttpTransport, Transport, seal_run};
use shared::change::{Bucket, Operation};
use shared::domain::route::{Route, Site, Stop, Van};
use shared::ids::{DeviceId, DeviceNumber, RecordId, RegionId, RouteId, SiteId, StaffId, StopId, VanId};
use shared::merge::RecordState;
use shared::protocol::{PullPage, PullRequest, PushAnswer};
use shared::record::{FieldKey, Kind, Value};
use shared::sync::Failure;
use shared::time::Timestamp;
use std::net::SocketAddr;
use std::path::Path;
use sync_server::platform::{Clock, SystemClock};
use sync_server::store::{Enrolment, NewDevice};
use sync_server::tls::DeviceCertificate;
use sync_server::{NewServer, RunningServer, Server, Settings, enrol, ledger, server};

pub const VAN: VanId = VanId::from_bytes([8; 16]);
pub const SITE: SiteId = SiteId::from_bytes([7; 16]);
pub const STAFF: StaffId = StaffId::from_bytes([9; 16]);
/// The bucket that every device here sees and writes to.
pub const BUCKET: Bucket = Bucket::Site(SITE);
pub(crate) const REGION: RegionId = RegionId(1);
/// The one stop of today.
pub const STOP: [u8; 16] = [2; 16];

/// Where the first device's number begins: the server itself is 1.
pub const FIRST_DEVICE: u32 = 2;

type AnyError = Box<dyn std::error::Error + Send + Sync>;

/// Bytes that no other number up to 65,535 has; those of a small one are frozen in the fixtures.
fn bytes_of<const LENGTH: usize>(number: u32) -> [u8; LENGTH] {
    let [_, _, high, low] = number.to_be_bytes();
    let mut bytes = [low; LENGTH];
    bytes[0] ^= high;
    bytes
}

/// The key by which a device of this world signs.
pub fn signing_key(number: u32) -> ed25519_dalek::SigningKey {
    ed25519_dalek::SigningKey::from_bytes(&bytes_of(number))
}

pub fn device_id(number: u32) -> DeviceId {
    DeviceId::from_bytes(bytes_of(number))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Starts a server over a folder, made at the first call, that knows `devices` devices of one van.
pub async fn serve(data: &Path, devices: u32, listen: SocketAddr) -> Result<RunningServer, AnyError> {
    let is_new = !data.join("authority.pem").exists();
    let settings = if is_new {
        let new = NewServer { region: REGION, names: vec![], listen };
        Settings::init(data, new, SystemClock.now()).await?
    } else {
        Settings::load(data)?
    };
    let service = server::open(&settings)?;
    if is_new {
        found(&service, devices, SystemClock.now()).await?;
    }
    let numbers: Vec<DeviceNumber> = (FIRST_DEVICE..FIRST_DEVICE + devices).map(DeviceNumber).collect();
    Ok(Server::start_plain(service, &numbers, listen).await?)
}

/// Tells a new server its plan and its devices.
pub async fn found(
    service: &sync_server::service::Service,
    devices: u32,
    now: Timestamp,
) -> Result<(), AnyError> {
    ledger::write(service, STAFF, &schedule(now)).await?;
    for number in FIRST_DEVICE..FIRST_DEVICE + devices {
        know(service, number, VAN, now).await?;
    }
    Ok(())
}

/// One van, today, at one site.
pub(crate) fn schedule(now: Timestamp) -> Vec<ledger::Entry> {
    let today = now.day(0);
    let (route, stop) = (RouteId::from_bytes([1; 16]), StopId::from_bytes(STOP));
    let entry = |bucket, record: RecordId, kind: &Kind, values: Vec<(FieldKey, Value)>| ledger::Entry {
        bucket,
        operations: vec![Operation::Edit(RecordState::new(kind.number).edit(record, values))],
    };
    let day = Bucket::Route(VAN, today);
    let van = Van { code: Some("VAN-01".into()), ..Van::default() };
    let site = Site { code: Some("SITE-1".into()), name: Some("Sample site".into()), ..Site::default() };
    let route_values = Route { van: Some(VAN), day: Some(today), ..Route::default() };
    let stop_values = Stop { route: Some(route), site: Some(SITE), position: Some(1), ..Stop::default() };
    vec![
        entry(Bucket::Staff(REGION), VAN.into(), &Van::KIND, van.values()),
        entry(BUCKET, SITE.into(), &Site::KIND, site.values()),
        entry(day, route.into(), &Route::KIND, route_values.values()),
        entry(day, stop.into(), &Stop::KIND, stop_values.values()),
    ]
}

/// Enrols a device of a van. They come in the order of their numbers.
pub(crate) async fn know(
    service: &sync_server::service::Service,
    number: u32,
    van: VanId,
    now: Timestamp,
) -> Result<(), AnyError> {
    let expires_at = now.plus_milliseconds(365 * 86_400_000);
    let shown_to_nobody = DeviceCertificate { pem: String::new(), fingerprint: bytes_of(number), expires_at };
    know_by(service, number, van, now, &shown_to_nobody).await
}

/// The same of a device that shows a certificate.
pub(crate) async fn know_by(
    service: &sync_server::service::Service,
    number: u32,
    van: VanId,
    now: Timestamp,
    certificate: &DeviceCertificate,
) -> Result<(), AnyError> {
    let secret_hash = enrol::secret_hash(&bytes_of::<16>(number));
    let expires_at = now.plus_milliseconds(60_000);
    let enrolment = Enrolment { secret_hash, expires_at, used_at: None, van, staff: STAFF };
    service.store.add_enrolment(enrolment).await?;
    let device = NewDevice {
        id: device_id(number),
        label: format!("device {number}"),
        fingerprint: certificate.fingerprint,
        certificate_expires_at: certificate.expires_at,
        signing_key: signing_key(number).verifying_key().to_bytes(),
    };
    let known = service.store.redeem(secret_hash, now, device).await?.ok_or("the code was not redeemed")?;
    if known.number != DeviceNumber(number) {
        return Err(format!("device {number} was given number {}", known.number).into());
    }
    Ok(())
}

/// The public key by which a server countersigns.
pub fn server_key(server: &RunningServer) -> [u8; 32] {
    server.service.keys.signing.verifying_key().to_bytes()
}

/// A device's file, made at the first call. `server_key` is needed before it syncs.
pub fn device(
    path: &Path,
    number: u32,
    server_key: Option<[u8; 32]>,
) -> Result<Store, app::store::StoreError> {
    let mut store = Store::open(path, &data_key())?;
    let write = store.write()?;
    write.set_identity(&identity(number, server_key))?;
    write.commit()?;
    Ok(store)
}

/// The key of every device's file here.
pub fn data_key() -> DataKey {
    DataKey::new([3; 32])
}

/// What enrolment would have given a device.
pub fn identity(number: u32, server_key: Option<[u8; 32]>) -> Identity {
    Identity {
        device: device_id(number).to_string(),
        number,
        region: REGION.0,
        van: VAN.to_string(),
        van_code: "VAN-01".into(),
        label: format!("device {number}"),
        server: String::new(),
        authority: String::new(),
        certificate: String::new(),
        certificate_key: String::new(),
        signing_key: hexadecimal(signing_key(number).as_bytes()),
        server_signing_key: hexadecimal(&server_key.unwrap_or_default()),
        server_sealing_key: String::new(),
    }
}

/// What a device's sync thread does between two tries.
pub fn tidy(store: &mut Store) -> Result<(), app::store::StoreError> {
    store.learn()?;
    let identity = store.identity()?.expect("every device here was given one");
    while seal_run(store, &identity, &signing_key(identity.number))? {}
    Ok(())
}

/// What carries a device's batches to a plain server.
pub fn transport(base: &str, number: u32) -> HttpTransport {
    HttpTransport::plain(&format!("{base}/{number}"))
}

/// A line on which nothing comes down, to measure the push alone.
pub struct OnlyUp(pub HttpTransport);

#[async_trait::async_trait]
impl Transport for OnlyUp {
    async fn push(&self, body: Vec<u8>) -> Result<PushAnswer, Failure> {
        self.0.push(body).await
    }
    async fn pull(&self, _: &PullRequest) -> Result<PullPage, Failure> {
        Err(Failure::Transport)
    }
}
