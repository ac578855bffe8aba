//! A tablet that is enrolled at a real office with TLS, and new people who wait there for it.

use super::EMPLOYER;
use crate::office::{Office, site};
use crate::plain::STAFF;
use crate::proxy::Proxy;
use crate::sample::{Seeded, person};
use crate::van::Van;
use app::store::{Identity, MetaReads, StoreError};
use shared::change::Operation;
use shared::domain::person::Person;
use shared::ids::PersonId;
use shared::merge::RecordState;
use shared::time::Timestamp;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use sync_server::ledger;

/// When the first of them was made up.
const BORN: Timestamp = Timestamp::from_milliseconds(1_795_000_000_000);

/// The running office, the tablet's folder, and the line between them.
pub(super) struct AtWork {
    pub office: Office,
    pub tablet: PathBuf,
    pub line: Proxy,
}

impl AtWork {
    /// Nobody but the schedule is on the tablet at first, and `people` after its first sync.
    pub async fn open(work: &Path, people: u64) -> AtWork {
        let office = Office::open(work).await.expect("an office");
        let van = office.enrol("tablet").await.expect("enrolled");
        let line = Proxy::start(office.server.address).await.expect("a relay");
        go_through(&van, line.address).expect("noted");
        let at_work = AtWork { office, tablet: work.join("tablet"), line };
        at_work.add_people(0, people).await;
        van.settle(20).await.expect("synced");
        at_work
    }

    /// Puts people on the office's list, from the n-th on; returns when the tablet may fetch them.
    pub async fn add_people(&self, first: u64, count: u64) {
        let mut seeded = Seeded(2026 + first);
        let entry = |number: u64| {
            let id = PersonId::new(BORN.plus_milliseconds(number as i64), &mut seeded);
            let values = person(&mut seeded, number, EMPLOYER).values();
            let edit = RecordState::new(Person::KIND.number).edit(id.into(), values);
            ledger::Entry { bucket: site(), operations: vec![Operation::Edit(edit)] }
        };
        let entries: Vec<ledger::Entry> = (first..first + count).map(entry).collect();
        let service = &self.office.server.service;
        ledger::write(service, STAFF, &entries).await.expect("written");
        service.projector.catch_up().await.expect("folded");
    }
}

/// The tablet reaches the office over this address from now on.
fn go_through(van: &Van, address: SocketAddr) -> Result<(), StoreError> {
    let mut store = van.store()?;
    let identity = store.identity()?.expect("an enrolled tablet");
    let write = store.write()?;
    write.set_identity(&Identity { server: address.to_string(), ..identity })?;
    write.commit()
}
