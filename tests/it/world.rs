//! A plain server and the devices that it knows, in one temporary folder, and a visit begun on one of them. What a story
//! does with them stands in the story.

use crate::stories::sync_at;
use app::apply::{Intent, LocalChange, apply_local};
use app::capture::{CheckInDraft, Desk, DeskOptions, GapView};
use app::store::Store;
use shared::domain::care_gap::{CareGap, GapStatus};
use shared::draft::PersonDraft;
use shared::ids::{CareGapId, PersonId, StopId, VisitId};
use sync_server::RunningServer;
use tests::plain::{self, BUCKET, SITE, STAFF};
use tests::sample::agreed_aloud;

pub struct World {
    pub folder: tempfile::TempDir,
    pub server: RunningServer,
}

impl World {
    pub async fn of(devices: u32) -> World {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let listen = ([127, 0, 0, 1], 0).into();
        let server = plain::serve(&folder.path().join("server"), devices, listen).await.expect("a server");
        World { folder, server }
    }
    pub fn store(&self, device: u32) -> Store {
        let path = self.folder.path().join(format!("device-{device}.db"));
        plain::device(&path, device, Some(plain::server_key(&self.server))).expect("a device")
    }
    pub fn desk(&self, device: u32) -> Desk {
        Desk::open(self.store(device), STAFF, DeskOptions::default()).expect("a desk")
    }
    pub async fn settle(&self, device: u32) {
        let base = format!("http://{}", self.server.address);
        let report = sync_at(self.store(device), &base, device).await;
        assert!(report.settled_at.is_some(), "{report:?}");
    }
}

/// A gap of a person as it is shown now.
pub fn gap(desk: &Desk, person: PersonId, id: CareGapId) -> GapView {
    let gaps = desk.person(person).expect("a person").gaps;
    gaps.into_iter().find(|gap| gap.id == id).expect("the gap")
}

/// What the plan claims about a person.
pub fn claim(desk: &mut Desk, id: CareGapId, person: PersonId, rule: &str) {
    let gap = CareGap {
        person: Some(person),
        rule: Some(rule.into()),
        claimed_by: Some("plan".into()),
        status: Some(GapStatus::Open),
        due_since: "2026-01-01".parse().ok(),
        ..CareGap::default()
    };
    let intents = vec![Intent::Set { record: id.into(), kind: CareGap::KIND.number, values: gap.values() }];
    let change = LocalChange { staff: STAFF, bucket: BUCKET, about: None, intents };
    apply_local(desk.store(), change, app::platform::now()).expect("saved");
}

/// Somebody whom nobody expected.
pub fn walk_up(desk: &mut Desk, born: &str) -> PersonId {
    let draft = PersonDraft {
        family_name: "Walkup-Sample".into(),
        given_name: "Noor".into(),
        birth_date: born.into(),
        sex: "female".into(),
        ..PersonDraft::default()
    };
    desk.register(&draft, SITE).expect("registered")
}

pub fn begin_visit(desk: &mut Desk, person: PersonId) -> VisitId {
    let identifiers = vec!["name".into(), "birth date".into()];
    let stop = StopId::from_bytes(plain::STOP);
    let draft = CheckInDraft { person, stop, identifiers, consent: agreed_aloud(), walk_up: true };
    desk.check_in(&draft).expect("checked in")
}
