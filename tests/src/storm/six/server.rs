//! The server of a fleet, in a process of its own so that its memory is its own: how it is started, how much it took
//! at its peak, and its end. Every van has its own site and a stop there today.

use super::text;
use super::van::{site_id, van_id};
use crate::plain::{self, FIRST_DEVICE, REGION, STAFF};
use crate::storm::kill::{bytes_of, hexadecimal, say, spawn};
use app::store::Identity;
use app::sync::HttpTransport;
use ed25519_dalek::VerifyingKey;
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use shared::change::{Bucket, Operation};
use shared::domain::route::{Route, Site, Stop};
use shared::ids::{RecordId, RouteId, StopId};
use shared::merge::RecordState;
use shared::record::{FieldKey, Kind, Value};
use shared::time::Timestamp;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::Child;
use std::sync::Arc;
use sync_server::platform::{Clock, SystemClock};
use sync_server::{NewServer, Server, Settings, ledger};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use uuid::Uuid;

/// The child's first argument.
pub const FLEET: &str = "fleet";
/// The fleet that the server's places are meant for.
const WHOLE_FLEET: usize = 1_000;

type AnyError = Box<dyn std::error::Error + Send + Sync>;

/// Beside the server's own files: what the vans show.
const SHOWN: &str = "fleet.json";
/// The cores of a small office's machine.
const CORES: usize = 2;

/// What the vans of a fleet show the server: a key, and each its certificate, in their order.
#[derive(Default)]
struct Shown {
    key: String,
    certificates: Vec<String>,
}

/// Leaves this process the cores of the machine that the figures are about, and no more.
pub fn take_two_cores() -> std::io::Result<()> {
    let all = sched_getaffinity(None)?;
    let mut ours = CpuSet::new();
    (0..CpuSet::MAX_CPU).filter(|core| all.is_set(*core)).take(CORES).for_each(|core| ours.set(core));
    Ok(sched_setaffinity(None, &ours)?)
}

/// The child: serves so many vans over a new folder, with TLS, until it is killed.
pub async fn serve(data: &Path, vans: u32) -> Result<(), AnyError> {
    let listen: SocketAddr = ([127, 0, 0, 1], 0).into();
    let now = SystemClock.now();
    let names = vec![listen.ip().to_string()];
    let settings = Settings::init(data, NewServer { region: REGION, names, listen }, now).await?;
    let authority = settings.keys()?.authority;
    let server = Server::start(settings).await?;
    let service = server.service.clone();
    // A smaller fleet finds as few places as it would have to share.
    let seats = service.seats.available_permits();
    service.seats.forget_permits(seats - (seats * vans as usize).div_ceil(WHOLE_FLEET).min(seats));
    // One key for the whole fleet: making keys is no part of the evening.
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let request = CertificateParams::new(vec![])?.serialize_request(&key)?.pem()?;
    let mut shown = Shown { key: key.serialize_pem(), certificates: Vec::new() };
    ledger::write(&service, STAFF, &schedule(vans, now)).await?;
    for place in 0..vans {
        // Enrolled behind the running server's back, which so writes no names of devices: in the evening, every van has
        // had those of the whole fleet since the morning.
        let certificate = authority.device(&request, now)?;
        plain::know_by(&service, FIRST_DEVICE + place, van_id(place), now, &certificate).await?;
        shown.certificates.push(certificate.pem);
    }
    std::fs::write(data.join(SHOWN), serde_json::to_vec(&(shown.key, shown.certificates))?)?;
    say(format_args!("listening {} {}", server.address, hexadecimal(&plain::server_key(&server))))?;
    std::future::pending::<()>().await;
    Ok(())
}

fn schedule(vans: u32, now: Timestamp) -> Vec<ledger::Entry> {
    let today = now.day(0);
    let entry = |bucket, record: RecordId, kind: &Kind, values: Vec<(FieldKey, Value)>| ledger::Entry {
        bucket,
        operations: vec![Operation::Edit(RecordState::new(kind.number).edit(record, values))],
    };
    let mut entries = Vec::new();
    for place in 0..vans {
        let (van, site) = (van_id(place), site_id(place));
        let id = |kind: u128| Uuid::from_u128(kind << 120 | u128::from(place));
        let (route, stop) = (RouteId::from_uuid(id(3)), StopId::from_uuid(id(4)));
        let day = Bucket::Route(van, today);
        let site_values = Site { code: Some(format!("SITE-{place}")), ..Site::default() }.values();
        let route_values = Route { van: Some(van), day: Some(today), ..Route::default() }.values();
        let stop_values =
            Stop { route: Some(route), site: Some(site), position: Some(1), ..Stop::default() }.values();
        entries.extend([
            entry(Bucket::Site(site), site.into(), &Site::KIND, site_values),
            entry(day, route.into(), &Route::KIND, route_values),
            entry(day, stop.into(), &Stop::KIND, stop_values),
        ]);
    }
    entries
}

/// The child as its parent sees it. Dropped, it is killed.
pub struct FleetServer {
    child: Child,
    pub address: SocketAddr,
    pub key: VerifyingKey,
    authority: String,
    shown: Shown,
}

impl FleetServer {
    pub async fn start(data: &Path, vans: u32) -> Result<FleetServer, String> {
        let folder = data;
        let data = data.to_str().ok_or("a path of text")?;
        let mut child = spawn(&[FLEET, data, &vans.to_string()]).map_err(text)?;
        let out = child.stdout.take().expect("the child's output is piped");
        let first = BufReader::new(out).lines().next().and_then(Result::ok).unwrap_or_default();
        let told = first.strip_prefix("listening ").and_then(|rest| {
            let (address, key) = rest.split_once(' ')?;
            Some((address.parse().ok()?, VerifyingKey::from_bytes(&bytes_of(key)?).ok()?))
        });
        match told {
            Some((address, key)) => {
                // Dropped, it is killed, whatever is wrong with the rest.
                let (authority, shown) = (String::new(), Shown::default());
                let mut server = FleetServer { child, address, key, authority, shown };
                server.authority = std::fs::read_to_string(folder.join("authority.pem")).map_err(text)?;
                let shown = std::fs::read(folder.join(SHOWN)).map_err(text)?;
                let (key, certificates) = serde_json::from_slice(&shown).map_err(text)?;
                server.shown = Shown { key, certificates };
                Ok(server)
            }
            None => {
                drop(child.kill());
                drop(child.wait());
                Err(format!("the server said: {first:?}"))
            }
        }
    }

    /// A van's line to this address, which is the server's or leads to it.
    pub fn line(&self, place: u32, address: SocketAddr) -> Result<HttpTransport, String> {
        let certificate = self.shown.certificates.get(place as usize).ok_or("a van without a certificate")?;
        let identity = Identity {
            server: address.to_string(),
            authority: self.authority.clone(),
            certificate: certificate.clone(),
            certificate_key: self.shown.key.clone(),
            ..plain::identity(FIRST_DEVICE + place, None)
        };
        HttpTransport::enrolled(&identity, Some(SystemClock.now())).map_err(text)
    }

    /// The same line for whoever speaks HTTP by hand.
    pub async fn raw_line(&self, place: u32) -> Result<TlsStream<TcpStream>, String> {
        let certificate = self.shown.certificates.get(place as usize).ok_or("a van without a certificate")?;
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.authority.as_bytes()).map_err(text)?).map_err(text)?;
        let own = CertificateDer::from_pem_slice(certificate.as_bytes()).map_err(text)?;
        let key = PrivateKeyDer::from_pem_slice(self.shown.key.as_bytes()).map_err(text)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(text)?
            .with_root_certificates(roots)
            .with_client_auth_cert(vec![own], key)
            .map_err(text)?;
        let stream = TcpStream::connect(self.address).await.map_err(text)?;
        let name = ServerName::from(self.address.ip());
        TlsConnector::from(Arc::new(config)).connect(name, stream).await.map_err(text)
    }

    /// The most that it ever had in memory.
    pub fn memory_peak_bytes(&self) -> Result<u64, String> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).map_err(text)?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
        kibibytes.map(|count| count * 1024).ok_or_else(|| "the server's process is gone".to_owned())
    }
}

impl Drop for FleetServer {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
