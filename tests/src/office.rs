//! A small office with real TLS in this process: a server whose clock a drill sets, its planner's files, and vans that
//! enrol there. For stories; the van day has a server in a process of its own.

use crate::van::{Van, VanError};
use app::apply::{Intent, LocalChange, apply_local};
use shared::change::Bucket;
use shared::domain::person::{Person, person_fields};
use shared::domain::route::Site;
use shared::ids::{PersonId, RegionId, Sequence, SiteId};
use shared::merge::RecordState;
use shared::record::FieldType;
use shared::time::Timestamp;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use sync_server::import::{self, ImportOptions};
use sync_server::planner::{ImportKind, natural_id};
use sync_server::platform::{Clock, SystemClock};
use sync_server::{NewServer, RunningServer, Server, Settings, device};

pub const PIN: &str = "482915";
const REGION: RegionId = RegionId(1);
const SITE_CODE: &str = "STEEL-1";
pub const STAFF: &str = "code,name,role\nS-1,Avery Sample,nurse\n";
pub const EMPLOYERS: &str =
    "code,name,fee_payer,fee_cents,valid_from,valid_to\nSSW-1,Sample Steel,plan,0,2026-01-01,\n";
pub const SCHEDULE: &str = "region,date,van,stop_order,site_code,site_name,employer_code,employer_name,address,city,\
    state,postal_code,time_zone,arrive,depart,crew\n\
    here,DAY,VAN-01,1,STEEL-1,Gate 3,SSW-1,Sample Steel,1 Road,Town,MA,01234,America/New_York,06:00,10:00,S-1\n";

type AnyError = Box<dyn std::error::Error + Send + Sync>;

/// The machine's clock, moved by as much as a drill wants.
#[derive(Default)]
pub struct MovedClock(AtomicI64);

impl MovedClock {
    pub fn advance_days(&self, days: i64) {
        self.0.fetch_add(days * 86_400_000, Ordering::SeqCst);
    }
}

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        SystemClock.now().plus_milliseconds(self.0.load(Ordering::SeqCst))
    }
}

/// A running server and its folder.
pub struct Office {
    pub server: RunningServer,
    pub settings: Settings,
    pub clock: Arc<MovedClock>,
    work: PathBuf,
}

impl Office {
    /// Initialises a server under `work`, loads a day of one van at one site, and serves it on loopback.
    pub async fn open(work: &Path) -> Result<Office, AnyError> {
        let listen = ([127, 0, 0, 1], 0).into();
        let new = NewServer { region: REGION, names: vec!["127.0.0.1".into()], listen };
        let settings = Settings::init(&work.join("server"), new, SystemClock.now()).await?;
        let clock = Arc::new(MovedClock::default());
        let server = Server::start_at(settings.clone(), clock.clone()).await?;
        let schedule = SCHEDULE.replace("DAY", &clock.now().day(0).to_string());
        for (kind, text) in [
            (ImportKind::Staff, STAFF),
            (ImportKind::Employers, EMPLOYERS),
            (ImportKind::Schedule, schedule.as_str()),
        ] {
            let report = import::run(&server.service, kind, text.into(), ImportOptions::default()).await?;
            if !report.is_written {
                return Err(report.to_string().into());
            }
        }
        Ok(Office { server, settings, clock, work: work.to_owned() })
    }

    /// A tablet of the van, with one member of staff signed in.
    pub async fn enrol(&self, name: &str) -> Result<Van, AnyError> {
        let address = self.server.address.to_string();
        let code = device::make_code(&self.server.service, "VAN-01", "S-1", &address).await?;
        Ok(Van::enrol(&self.work.join(name), &code, PIN).await?)
    }

    /// What the server holds of a person.
    pub async fn person(&self, id: PersonId) -> Option<Person> {
        self.server.service.projector.catch_up().await.ok()?;
        let row = self.server.service.store.records(vec![id.into()]).await.ok()?.remove(&id.into())?;
        Some(Person::read(&RecordState::decode(&row.state).ok()?))
    }
}

/// Where the van stands.
pub fn site() -> Bucket {
    Bucket::Site(SiteId::from(natural_id(REGION, Site::KIND.number, &[SITE_CODE])))
}

/// Captures a person's name on a tablet.
pub fn capture(van: &Van, id: PersonId, name: &str) -> Result<Option<Sequence>, VanError> {
    let values = vec![(person_fields::given_name.into(), name.to_owned().to_value())];
    let intents = vec![Intent::Set { record: id.into(), kind: Person::KIND.number, values }];
    let change = LocalChange { staff: van.staff, bucket: site(), about: None, intents };
    Ok(apply_local(&mut van.store()?, change, app::platform::now())?.map(|applied| applied.sequence))
}
