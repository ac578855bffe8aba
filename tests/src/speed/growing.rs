//! Whether things cost the same when much is there already: people on a device, changes on a server; and what it costs
//! to make all projections anew, and to merge ten thousand records that two vans changed apart.

use super::meter::milliseconds;
use super::people::{entries_from, load, page};
use super::{EMPLOYER, Row, device, plain, seeded};
use crate::plain::{BUCKET, FIRST_DEVICE, STAFF};
use crate::sample::{Seeded, person};
use app::apply::apply_page;
use app::platform;
use shared::change::{Batch, Change, Envelope, Head, Operation};
use shared::compress;
use shared::domain::person::{Person, TobaccoStatus, person_fields};
use shared::domain::screening::Observation;
use shared::ids::{DeviceNumber, FactId, PersonId, Sequence};
use shared::merge::{Author, RecordState};
use shared::protocol::StateEntry;
use shared::record::FieldType;
use shared::time::{Stamp, Timestamp};
use std::time::Instant;
use sync_server::{RunningServer, Settings, upkeep};

const SIZES: [u64; 3] = [10_000, 100_000, 1_000_000];
/// What is measured at each size.
const MEASURED: u64 = 5_000;
/// Flat within 20 %.
const FLAT: f64 = 1.2;
/// More than the file of a hundred thousand people takes.
const EVERYTHING_KIB: u32 = 1024 * 1024;

/// Each size's cost against the first one's.
fn flat(what: &str, costs_us: &[(u64, f64)]) -> Vec<Row> {
    let first = costs_us[0].1;
    let row = |(size, cost_us): &(u64, f64)| Row {
        what: format!("{what} with {size} there"),
        times: MEASURED as usize,
        ours: format!("{cost_us:.1} us"),
        floor: format!("{first:.1} us"),
        figure: cost_us / first,
        aim: Some(FLAT),
    };
    costs_us.iter().map(row).collect()
}

/// What it costs to load a person onto a device that holds so many.
fn costs_of_people(store: &mut app::store::Store, sizes: &[u64]) -> Vec<(u64, f64)> {
    let (mut there, mut costs) = (0, Vec::new());
    for size in sizes {
        while there < *size {
            let count = (size - there).min(50_000);
            load(store, &entries_from(there, count));
            there += count;
        }
        let more = entries_from(there, MEASURED);
        let start = Instant::now();
        load(store, &more);
        costs.push((*size, milliseconds(start) * 1e3 / MEASURED as f64));
        there += MEASURED;
    }
    costs
}

/// Loading people onto a device that holds many; once more where everything stays in memory.
pub fn people() -> Vec<Row> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut store = device(folder.path(), FIRST_DEVICE);
    let mut rows = flat("loading a person", &costs_of_people(&mut store, &SIZES));
    drop(store);
    let cached = tempfile::tempdir().expect("a temporary folder");
    let mut store = device(cached.path(), FIRST_DEVICE);
    store.set_cache_kib(EVERYTHING_KIB).expect("taken");
    let costs = costs_of_people(&mut store, &SIZES[..2]);
    rows.extend(flat("  all of the file in memory: a person", &costs).into_iter().skip(1).map(explaining));
    drop(store);
    let small = tempfile::tempdir().expect("a temporary folder");
    let mut store = device(small.path(), FIRST_DEVICE);
    load(&mut store, &entries_from(0, 10_000));
    let start = Instant::now();
    store.rebuild_projections().expect("made anew");
    rows.push(Row::absolute(
        "projections of 10,000 people made anew on a device",
        1,
        start.elapsed().as_secs_f64(),
        "s",
        1.0,
    ));
    rows.push(conflicts(&mut store));
    rows
}

fn explaining(row: Row) -> Row {
    Row { aim: None, ..row }
}

/// The same field of ten thousand people, changed on two vans: both values stand afterwards.
fn conflicts(store: &mut app::store::Store) -> Row {
    let states = |device: u32, status: TobaccoStatus| -> Vec<StateEntry> {
        let author = Author {
            device: DeviceNumber(device),
            sequence: Sequence(1),
            stamp: Default::default(),
            staff: STAFF,
        };
        let changed = |entry: StateEntry| {
            let before = RecordState::decode(&entry.state).expect("an own state");
            let values = [(person_fields::tobacco_status.into(), status.to_value())];
            let edit = RecordState::new(before.kind).edit(entry.record, values);
            let mut state = RecordState::new(before.kind);
            edit.puts.into_iter().for_each(|put| state.apply(author, put));
            StateEntry { state: state.encode(), ..entry }
        };
        entries_from(0, 10_000).into_iter().map(changed).collect()
    };
    let (one, other) = (states(7, TobaccoStatus::Former), states(8, TobaccoStatus::EveryDay));
    apply_page(store, &page(one), platform::now()).expect("merged");
    let start = Instant::now();
    apply_page(store, &page(other), platform::now()).expect("merged");
    let seconds = start.elapsed().as_secs_f64();
    let open = app::store::RecordReads::conflicted(store).expect("read").len();
    assert_eq!(open, 10_000, "every conflict is seen");
    Row::absolute("10,000 records changed on two vans, merged into conflicts", 1, seconds, "s", 1.0)
}

/// A device that writes into memory: half of its changes register people, half record something about earlier ones.
struct Writer {
    seeded: Seeded,
    people: Vec<PersonId>,
    head: Head,
}

impl Writer {
    fn new() -> Self {
        let genesis = plain::identity(FIRST_DEVICE, None).genesis();
        Self { seeded: seeded(), people: Vec::new(), head: genesis }
    }

    fn change(&mut self) -> Vec<u8> {
        let sequence = self.head.sequence.next();
        let now = Timestamp::from_milliseconds(platform::now().milliseconds());
        let operation = if self.people.is_empty() || sequence.0 % 2 == 1 {
            let id = PersonId::new(now, &mut self.seeded);
            self.people.push(id);
            let values = person(&mut self.seeded, sequence.0, EMPLOYER).values();
            Operation::Edit(RecordState::new(Person::KIND.number).edit(id.into(), values))
        } else {
            let subject = self.people[self.seeded.below(self.people.len() as u64) as usize];
            let observation = Observation { performer: Some(STAFF), ..Observation::default() };
            let id = FactId::new(now, &mut self.seeded);
            Operation::Fact(observation.fact(id, subject.into(), now, None))
        };
        Envelope::seal(&Change {
            sequence,
            stamp: Stamp::from_bits(sequence.0 << 16),
            device_clock_offset_ms: 0,
            staff: STAFF,
            bucket: BUCKET,
            operations: vec![operation],
        })
    }

    fn frame(&mut self, count: u64) -> Vec<u8> {
        let before = self.head;
        let mut changes = Vec::with_capacity(count as usize);
        for _ in 0..count {
            let change = self.change();
            self.head = Head { sequence: self.head.sequence.next(), hash: self.head.hash.after(&change) };
            changes.push(change);
        }
        let identity = plain::identity(FIRST_DEVICE, None);
        let key = plain::signing_key(FIRST_DEVICE);
        compress::compress(
            &Batch::seal(identity.device_id(), identity.device_number(), before, &changes, &key).0,
        )
    }
}

async fn take(server: &RunningServer, frame: Vec<u8>) {
    let store = &server.service.store;
    let device = store.device(DeviceNumber(FIRST_DEVICE)).await.expect("read").expect("a device");
    server.service.courier.push(&device, frame).await.expect("durable");
    server.service.projector.catch_up().await.expect("folded");
}

/// Pushing changes to a server that holds many, through courier and projector; then folding all of them anew.
pub fn changes() -> Vec<Row> {
    let runtime = tokio::runtime::Runtime::new().expect("the machine can run threads");
    runtime.block_on(async {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let data = folder.path().join("server");
        let server = plain::serve(&data, 1, ([127, 0, 0, 1], 0).into()).await.expect("a server");
        let (mut writer, mut costs, mut rows) = (Writer::new(), Vec::new(), Vec::new());
        for size in SIZES {
            while writer.head.sequence.0 < size {
                let count = (size - writer.head.sequence.0).min(4_000);
                let frame = writer.frame(count);
                take(&server, frame).await;
            }
            let frames = [writer.frame(MEASURED / 2), writer.frame(MEASURED / 2)];
            let start = Instant::now();
            for frame in frames {
                take(&server, frame).await;
            }
            costs.push((size, start.elapsed().as_secs_f64() * 1e6 / MEASURED as f64));
            if size == SIZES[1] {
                let settings = Settings::load(&data).expect("settings");
                let start = Instant::now();
                let differences = upkeep::check_rebuild(&settings).await.expect("compared");
                assert!(differences.is_empty(), "{differences:?}");
                let seconds = start.elapsed().as_secs_f64();
                rows.push(Row::absolute(
                    "all projections of 105,000 changes made anew and compared",
                    1,
                    seconds,
                    "s",
                    30.0,
                ));
            }
        }
        server.shutdown().await;
        rows.splice(0..0, flat("a change pushed and folded", &costs));
        rows
    })
}
