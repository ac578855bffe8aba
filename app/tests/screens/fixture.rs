//! A tablet with a day's records and no server: two colleagues of whom one has a PIN, two stops, some synthetic
//! people, one conflict. The records arrive through `apply`, as a page from the server would.

use app::apply::{Intent, LocalChange, apply_local, apply_page};
use app::platform::SystemEntropy;
use app::session::{DataFolder, Keyring, Pin};
use app::store::{DataKey, Identity, Store};
use app::wiring::{Screens, ScreensOptions};
use ed25519_dalek::SigningKey;
use shared::change::{Bucket, Head};
use shared::content::pack::{PACKS, PackFiles, Sealed, embedded_files, load};
use shared::domain::account::{Employer, Membership, Payer};
use shared::domain::care_gap::{CareGap, GapStatus};
use shared::domain::consent::Consent;
use shared::domain::device::{Device, record_of};
use shared::domain::person::{Person, Relation, Sex};
use shared::domain::route::{Role, RosterEntry, Route, Site, Staff, Stop, StopStatus, Van};
use shared::domain::visit::{Visit, visit_fields};
use shared::ids::*;
use shared::merge::{Author, RecordState};
use shared::protocol::{FactEntry, PullPage, Standing, StateEntry};
use shared::record::{FieldKey, Kind, Value};
use shared::time::{HybridClock, Timestamp};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// 2026-11-23 09:12 in Chicago.
pub const NOW: Timestamp = Timestamp::from_milliseconds(1_795_446_720_000);
const WEST_MINUTES: i64 = -360;
/// 2026-12-31 17:30 on the Pacific coast; in Greenwich it is next year.
pub const EVE: Timestamp = Timestamp::from_milliseconds(1798767000000);
pub const PACIFIC_MINUTES: i64 = -480;
/// Ana's colorectal screening.
pub const PROMISED: CareGapId = CareGapId::from_bytes([72; 16]);
pub const PIN: &str = "482915";

const VAN: VanId = VanId::from_bytes([8; 16]);
const OTHER_VAN: VanId = VanId::from_bytes([18; 16]);
pub const NURSE: StaffId = StaffId::from_bytes([21; 16]);
pub const ASSISTANT: StaffId = StaffId::from_bytes([22; 16]);
const SITE: SiteId = SiteId::from_bytes([31; 16]);
const OTHER_SITE: SiteId = SiteId::from_bytes([32; 16]);
const EMPLOYER: EmployerId = EmployerId::from_bytes([41; 16]);
const ROUTE: RouteId = RouteId::from_bytes([51; 16]);

pub struct Tablet {
    pub screens: Screens,
    pub clock: Arc<AtomicI64>,
    pub folder: tempfile::TempDir,
    pub key: DataKey,
}

impl Tablet {
    /// The file, opened a second time, to see what was really written.
    pub fn store(&self) -> Store {
        Store::open(&self.folder.path().join("records.db"), &self.key).expect("the key fits")
    }
    /// The wall clock moves on.
    pub fn wait(&self, milliseconds: i64) {
        self.clock.fetch_add(milliseconds, Ordering::Relaxed);
    }
}

/// By which the server of these stories signs.
fn server_key() -> SigningKey {
    SigningKey::from_bytes(&[5; 32])
}

fn identity() -> Identity {
    Identity {
        device: DeviceId::from_bytes([2; 16]).to_string(),
        number: 2,
        region: 1,
        van: VAN.to_string(),
        van_code: "VAN-01".into(),
        label: "Tablet A".into(),
        server: "127.0.0.1:1".into(),
        authority: String::new(),
        certificate: String::new(),
        certificate_key: String::new(),
        signing_key: "01".repeat(32),
        server_signing_key: server_key()
            .verifying_key()
            .to_bytes()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect(),
        server_sealing_key: String::new(),
    }
}

fn author(device: u32, sequence: u64, minutes_ago: i64) -> Author {
    let stamp = HybridClock::default().tick(NOW.plus_milliseconds(-minutes_ago * 60_000));
    Author { device: DeviceNumber(device), sequence: Sequence(sequence), stamp, staff: NURSE }
}

struct World {
    states: Vec<StateEntry>,
    sequence: u64,
}

impl World {
    fn record(
        &mut self,
        bucket: Bucket,
        id: impl Into<RecordId>,
        kind: &Kind,
        values: Vec<(FieldKey, Value)>,
    ) -> RecordState {
        let id = id.into();
        let mut state = RecordState::new(kind.number);
        self.sequence += 1;
        let author = author(1, self.sequence, 60 * 24 * 30);
        state.edit(id, values).puts.into_iter().for_each(|put| state.apply(author, put));
        self.states.push(StateEntry { bucket, record: id, state: state.encode() });
        state
    }

    fn person(&mut self, number: u8, person: Person) {
        let id = person_id(number);
        let site = Bucket::Site(SITE);
        self.record(site, id, &Person::KIND, person.values());
        let entry = RosterEntry {
            site: Some(SITE),
            person: Some(id),
            employer: Some(EMPLOYER),
            day: Some(NOW.day(-360)),
            expected: Some(true),
        };
        self.record(
            site,
            RosterEntryId::from_bytes([number.wrapping_add(100); 16]),
            &RosterEntry::KIND,
            entry.values(),
        );
    }

    fn gap(&mut self, number: u8, person: u8, rule: &str, since: &str) {
        let gap = CareGap {
            person: Some(person_id(person)),
            rule: Some(rule.into()),
            due_since: since.parse().ok(),
            claimed_by: Some("plan".into()),
            status: Some(GapStatus::Open),
            ..CareGap::default()
        };
        self.record(Bucket::Site(SITE), CareGapId::from_bytes([number; 16]), &CareGap::KIND, gap.values());
    }
}

pub fn person_id(number: u8) -> PersonId {
    PersonId::from_bytes([number; 16])
}

fn person(given: &str, family: &str, born: &str, sex: Sex, badge: &str, language: &str) -> Person {
    Person {
        family_name: Some(family.into()),
        given_name: Some(given.into()),
        birth_date: born.parse().ok(),
        sex: Some(sex),
        language: Some(language.into()),
        phone: Some(format!("555-01{badge}")),
        address_line: Some(format!("{badge} Sample Street")),
        city: Some("Sampleton".into()),
        employer: Some(EMPLOYER),
        relation: Some(Relation::Employee),
        employee_number: Some(format!("E-{badge}")),
        ..Person::default()
    }
}

fn places(world: &mut World) {
    let route_bucket = Bucket::Route(VAN, NOW.day(-360));
    let staff = |name: &str, code: &str, role| Staff {
        code: Some(code.into()),
        name: Some(name.into()),
        role: Some(role),
        active: Some(true),
    };
    world.record(
        Bucket::Staff(RegionId(1)),
        NURSE,
        &Staff::KIND,
        staff("Jordan Sample", "N-01", Role::Nurse).values(),
    );
    let assistant = staff("Robin Sample", "M-02", Role::MedicalAssistant);
    world.record(Bucket::Staff(RegionId(1)), ASSISTANT, &Staff::KIND, assistant.values());
    let route = Route {
        van: Some(VAN),
        day: Some(NOW.day(-360)),
        note: Some("Gate 3 opens at 5:45. Ask for the shift supervisor.".into()),
        crew: Some(vec![NURSE.to_string(), ASSISTANT.to_string()]),
    };
    world.record(route_bucket, ROUTE, &Route::KIND, route.values());
    for (number, site, name, hour) in
        [(61, SITE, "Sample Steel Mill", -3), (62, OTHER_SITE, "Sample Cannery", 4)]
    {
        let place = Site {
            code: Some(format!("S-{number}")),
            name: Some(name.into()),
            employer: Some(EMPLOYER),
            address: Some("100 Sample Road".into()),
            city: Some("Sampleton".into()),
            ..Site::default()
        };
        world.record(route_bucket, site, &Site::KIND, place.values());
        let stop = Stop {
            route: Some(ROUTE),
            site: Some(site),
            position: Some(u32::from(number) - 60),
            arrive_at: Some(NOW.plus_milliseconds(hour * 3_600_000)),
            depart_at: Some(NOW.plus_milliseconds((hour + 4) * 3_600_000)),
            offset_minutes_east: Some(WEST_MINUTES),
            status: Some(StopStatus::Planned),
        };
        world.record(route_bucket, StopId::from_bytes([number; 16]), &Stop::KIND, stop.values());
    }
    let employer = Employer {
        code: Some("STEEL".into()),
        name: Some("Sample Steel".into()),
        fee_payer: Some(Payer::Employer),
        fee_cents: Some(2_000),
        agreement_from: "2026-01-01".parse().ok(),
        agreement_to: "2026-12-31".parse().ok(),
        covers_dependents: None,
    };
    world.record(Bucket::Site(SITE), EMPLOYER, &Employer::KIND, employer.values());
}

fn people(world: &mut World) {
    world.person(1, person("Ana", "Núñez-Sample", "1978-03-03", Sex::Female, "4011", "es"));
    let allergic = Person {
        allergies: Some(vec!["Penicillin".into()]),
        ..person("Luis", "Rivera-Sample", "1966-11-02", Sex::Male, "4012", "en")
    };
    world.person(2, allergic);
    world.person(3, person("Grace", "Okafor-Sample", "1990-07-19", Sex::Female, "4013", "en"));
    world.person(4, person("Anna", "Nunes-Sample", "1981-01-23", Sex::Female, "4014", "en"));
    let membership = Membership {
        person: Some(person_id(1)),
        member_number: Some("M-77-42".into()),
        covered_from: "2025-01-01".parse().ok(),
        ..Membership::default()
    };
    world.record(
        Bucket::Site(SITE),
        MembershipId::from_bytes([5; 16]),
        &Membership::KIND,
        membership.values(),
    );
    world.gap(71, 1, "BP-SCREEN", "2024-09-01");
    world.gap(72, 1, "COL", "2023-03-03");
    world.gap(73, 1, "TOB", "2026-08-01");
    world.gap(74, 2, "CBP", "2025-10-01");
}

/// Two vans gave one person two birth dates without seeing each other.
fn conflict(world: &mut World) {
    let base = person("Casey", "Conflict-Sample", "1970-05-06", Sex::Male, "4019", "en");
    let id = person_id(9);
    let before = world.record(Bucket::Site(SITE), id, &Person::KIND, base.values());
    let mut state = before.clone();
    for (device, minutes_ago, born) in [(3, 95, "1970-06-05"), (4, 50, "1971-05-06")] {
        let values = Person { birth_date: born.parse().ok(), ..base.clone() }.values();
        let author = author(device, 7, minutes_ago);
        before.edit(id.into(), values).puts.into_iter().for_each(|put| state.apply(author, put));
    }
    world.states.retain(|entry| entry.record != RecordId::from(id));
    world.states.push(StateEntry { bucket: Bucket::Site(SITE), record: id.into(), state: state.encode() });
}

fn page(states: Vec<StateEntry>, forget: Vec<Bucket>) -> PullPage {
    PullPage {
        server_time: NOW.plus_milliseconds(-7_200_000),
        epoch: 1,
        acknowledged: Head::genesis(DeviceId::from_bytes([2; 16]), DeviceNumber(2)),
        standing: Standing::Active,
        cursor: vec![1],
        complete: true,
        states,
        facts: vec![],
        forget,
        rejected: vec![],
        decided: vec![],
        renew_certificate: false,
    }
}

/// More people of one name than fit on a page.
pub fn crowd(tablet: &Tablet) {
    let mut world = World { states: vec![], sequence: 500 };
    for number in 0..30 {
        world.person(120 + number, person("Sam", "Crowd-Sample", "1980-01-01", Sex::Male, "4100", "en"));
    }
    apply_page(&mut tablet.store(), &page(world.states, vec![]), NOW).expect("merged");
}

/// Two vans wrote one visit's note apart, and one of them is a copy of the other's tablet.
pub fn two_notes(tablet: &Tablet) {
    let mut world = World { states: vec![], sequence: 600 };
    let region = Bucket::Staff(RegionId(1));
    let van = Van { code: Some("VAN-07".into()), ..Van::default() };
    world.record(region, OTHER_VAN, &Van::KIND, van.values());
    for (number, copy_of) in [(3, None), (4, Some(3))] {
        let device = Device {
            number: Some(number),
            label: Some("Tablet B".into()),
            van: Some(OTHER_VAN),
            copy_of,
            ..Device::default()
        };
        let id = record_of(RegionId(1), DeviceNumber(number));
        world.record(region, id, &Device::KIND, device.values());
    }
    let visit = VisitId::from_bytes([91; 16]);
    let begun = Visit { person: Some(person_id(3)), site: Some(SITE), ..Visit::default() };
    let before = world.record(Bucket::Site(SITE), visit, &Visit::KIND, begun.values());
    let mut state = before.clone();
    for (device, minutes_ago, note) in [(3, 30, "Needs a wheelchair."), (4, 20, "Brings her sister.")] {
        let values = vec![(visit_fields::note.into(), Value::Text(note.into()))];
        let author = author(device, 9, minutes_ago);
        before.edit(visit.into(), values).puts.into_iter().for_each(|put| state.apply(author, put));
    }
    world.states.pop();
    let both = StateEntry { bucket: Bucket::Site(SITE), record: visit.into(), state: state.encode() };
    world.states.push(both);
    apply_page(&mut tablet.store(), &page(world.states, vec![]), NOW).expect("merged");
}

/// Somebody promised Ana a call about her colorectal screening, and she agreed to calls; she took that back since, or not.
pub fn promised_call(tablet: &Tablet, is_withdrawn: bool) {
    let promised = CareGap {
        status: Some(GapStatus::FollowUp),
        reason: Some("Call in one week".into()),
        follow_up_on: "2026-11-23".parse().ok(),
        follow_up_owner: Some(NURSE),
        ..CareGap::default()
    };
    let decided = |number: u8, calls: bool, minutes_ago: i64| {
        let consent = Consent {
            care: Some(true),
            outreach: Some(calls),
            outreach_call: Some(calls),
            ..Consent::default()
        };
        let at = NOW.plus_milliseconds(-minutes_ago * 60_000);
        Intent::Record(consent.fact(FactId::from_bytes([number; 16]), person_id(1).into(), at, None))
    };
    let kind = CareGap::KIND.number;
    let mut intents = vec![Intent::Set { record: PROMISED.into(), kind, values: promised.values() }];
    intents.push(decided(201, true, 60));
    intents.extend(is_withdrawn.then(|| decided(202, false, 30)));
    let change = LocalChange { staff: NURSE, bucket: Bucket::Site(SITE), about: None, intents };
    apply_local(&mut tablet.store(), change, NOW).expect("written");
}

/// New Year's Eve: the clock stands at `EVE`, the van stops on the Pacific coast, and Pat is covered until midnight.
pub fn new_years_eve(tablet: &Tablet) {
    let mut world = World { states: vec![], sequence: 700 };
    let day = "2026-12-31".parse().expect("a day");
    let (route, bucket) = (RouteId::from_bytes([52; 16]), Bucket::Route(VAN, day));
    let planned = Route { van: Some(VAN), day: Some(day), ..Route::default() };
    world.record(bucket, route, &Route::KIND, planned.values());
    let stop = Stop {
        route: Some(route),
        site: Some(SITE),
        position: Some(1),
        arrive_at: Some(EVE.plus_milliseconds(-3_600_000)),
        depart_at: Some(EVE.plus_milliseconds(3_600_000)),
        offset_minutes_east: Some(PACIFIC_MINUTES),
        status: Some(StopStatus::Planned),
    };
    world.record(bucket, StopId::from_bytes([63; 16]), &Stop::KIND, stop.values());
    let pat = Person {
        employer: None,
        relation: None,
        ..person("Pat", "Evening-Sample", "1980-06-01", Sex::Female, "4055", "en")
    };
    world.record(Bucket::Site(SITE), person_id(5), &Person::KIND, pat.values());
    for (number, member_number, from, to) in
        [(6, "M-OLD", "2025-01-01", "2025-12-31"), (7, "M-NOW", "2026-01-01", "2026-12-31")]
    {
        let membership = Membership {
            person: Some(person_id(5)),
            member_number: Some(member_number.into()),
            covered_from: from.parse().ok(),
            covered_to: to.parse().ok(),
            ..Membership::default()
        };
        let id = MembershipId::from_bytes([number; 16]);
        world.record(Bucket::Site(SITE), id, &Membership::KIND, membership.values());
    }
    apply_page(&mut tablet.store(), &page(world.states, vec![]), NOW).expect("merged");
    tablet.wait(EVE.milliseconds() - NOW.milliseconds());
}

/// The server says that the site's people belong to this van no more.
pub fn forget_people(tablet: &Tablet) {
    let page = page(vec![], vec![Bucket::Site(SITE)]);
    apply_page(&mut tablet.store(), &page, NOW).expect("forgotten");
}

/// A release of packs comes down, signed by the server.
pub fn take_packs(tablet: &Tablet, packs: &[(String, PackFiles)]) {
    let content = load(packs).expect("whole");
    let Sealed { release, parts } = Sealed::seal(packs, &content, 1, &server_key()).expect("sealed");
    let bucket = Bucket::Content(RegionId(1));
    let mut facts: Vec<_> = parts.iter().map(|part| part.fact(part.fact_id(), PACKS, NOW, None)).collect();
    facts.push(release.fact(release.fact_id(), PACKS, NOW, None));
    let facts = facts.iter().map(|fact| FactEntry { bucket, fact: fact.to_bytes() }).collect();
    apply_page(&mut tablet.store(), &PullPage { facts, ..page(vec![], vec![]) }, NOW).expect("merged");
}

/// The core of the build with one file changed.
pub fn core_with(name: &str, from: &str, to: &str) -> Vec<(String, PackFiles)> {
    let mut files = embedded_files();
    let text = String::from_utf8(files.get(name).expect("a file").to_vec()).expect("text");
    assert!(text.contains(from), "{name}: {from}");
    files.put(name, text.replace(from, to).into_bytes()).expect("room");
    vec![("core".to_owned(), files)]
}

/// The core with the sample of a region.
pub fn gulf() -> Vec<(String, PackFiles)> {
    let mut files = PackFiles::default();
    for name in [
        "pack.json",
        "measurements.json",
        "protocol.json",
        "changes.json",
        "handout.json",
        "questionnaires/heat-work.json",
    ] {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/content/overlays/gulf-sample").join(name);
        files.put(name, std::fs::read(path).expect("a file of the overlay")).expect("room");
    }
    vec![("core".to_owned(), embedded_files()), ("gulf".to_owned(), files)]
}

fn fill(store: &mut Store) {
    let write = store.write().expect("a write");
    write.set_identity(&identity()).expect("an identity");
    write.commit().expect("committed");
    let mut world = World { states: vec![], sequence: 0 };
    places(&mut world);
    people(&mut world);
    conflict(&mut world);
    let page = page(world.states, vec![]);
    apply_page(store, &page, NOW.plus_milliseconds(-7_200_000)).expect("merged");
}

/// The tablet, with the platform that the caller has set.
pub fn tablet() -> Tablet {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = DataFolder::open(folder.path()).expect("a folder");
    let key = Keyring::new_data_key();
    let keyring = Keyring::open(&data).expect("a keyring");
    let pin = Pin::choose(PIN).expect("a good PIN");
    let lease = NOW.plus_milliseconds(3 * 86_400_000);
    keyring.admit(NURSE, "Jordan Sample", "nurse", &pin, &key, lease).expect("admitted");
    fill(&mut Store::open(&data.records(), &key).expect("a file"));
    let clock = Arc::new(AtomicI64::new(NOW.milliseconds()));
    Tablet { screens: screens(folder.path(), &clock), clock, folder, key }
}

fn screens(folder: &Path, clock: &Arc<AtomicI64>) -> Screens {
    let wall = clock.clone();
    let options = ScreensOptions {
        folder: DataFolder::open(folder).expect("a folder"),
        clock: Arc::new(move || Timestamp::from_milliseconds(wall.load(Ordering::Relaxed))),
        entropy: || Box::new(SystemEntropy),
        printer: folder.join("lp"),
        is_live: false,
    };
    Screens::new(options).expect("screens")
}

/// The same tablet after its process died: nothing was told to anybody, and all that is left is what is on disk.
pub fn died(tablet: Tablet) -> Tablet {
    let Tablet { screens: before, clock, folder, key } = tablet;
    drop(before);
    Tablet { screens: screens(folder.path(), &clock), clock, folder, key }
}
