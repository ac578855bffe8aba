//! One device of a van: the product's own store and driver on a disk in memory, a clock that may be years off, and
//! people who work on it. Some are of a newer version, and write what the others do not know.

use super::wire::Line;
use crate::plain::{self, STAFF};
use crate::sample::Seeded;
use crate::storm::Trace;
use crate::storm::disk::{Disk, Image, Mounted, NOON, intents, mount};
use app::apply::{Intent, LocalChange, apply_local};
use app::store::{LogReads, MetaReads, RecordReads, Store, StoreError};
use app::sync::Driver;
use shared::change::{Bucket, Change, Edit, Envelope, Head, Operation, Put};
use shared::domain::record_kind;
use shared::ids::{RecordId, SiteId, VanId};
use shared::merge::conflicts;
use shared::record::{FieldNumber, KindNumber, Value};
use shared::time::{HybridClock, Timestamp};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::{Context, Poll, Waker};
use tokio::runtime::Runtime;

const FILE: &str = "records.db";
/// The app asks every half minute. Here an idle device asks less often, so that the hours go by.
const IDLE_PAUSE_MS: u64 = 15 * 60_000;
const YEARS_10_MS: i64 = 3_652 * 86_400_000;

type Run = Pin<Box<dyn Future<Output = (Driver<Line>, Result<Option<u64>, StoreError>)>>>;

pub struct Tablet {
    pub number: u32,
    pub van: VanId,
    pub sites: Vec<SiteId>,
    pub is_linked: bool,
    is_newer: bool,
    mounted: Mounted,
    screens: Store,
    pub line: Line,
    /// The driver between two syncs: it knows how often it failed.
    driver: Option<Driver<Line>>,
    run: Option<Run>,
    /// The device's clock less the true time.
    offset_ms: i64,
    /// What the driver reads as its clock.
    clock: Arc<AtomicI64>,
    server_key: [u8; 32],
    lies: bool,
    pub acknowledged: Option<Head>,
    /// Records that this device wrote to or about, and the true time when it last did.
    written_ms: BTreeMap<RecordId, i64>,
    pub saves: u64,
    /// Saves about what this device had and was told to forget: somebody had the page open.
    pub rebuilt: u64,
    /// What was asked of disks that it had before.
    before: Trace,
    pub settled: bool,
}

impl Tablet {
    pub fn new(
        number: u32,
        van: VanId,
        sites: Vec<SiteId>,
        server_key: [u8; 32],
        lies: bool,
    ) -> Result<Tablet, StoreError> {
        let mounted = mount(disk(Image::default(), lies));
        let screens = plain::device(&mounted.path(FILE), number, Some(server_key))?;
        Ok(Tablet {
            number,
            van,
            sites,
            is_linked: true,
            is_newer: number.is_multiple_of(3),
            mounted,
            screens,
            line: Line::default(),
            driver: None,
            run: None,
            offset_ms: 0,
            clock: Arc::new(AtomicI64::new(NOON.milliseconds())),
            server_key,
            lies,
            acknowledged: None,
            written_ms: BTreeMap::new(),
            saves: 0,
            rebuilt: 0,
            before: Trace::default(),
            settled: false,
        })
    }

    fn now(&self, time: Timestamp) -> Timestamp {
        time.plus_milliseconds(self.offset_ms)
    }

    /// Somebody sets the clock, or its battery is flat.
    pub fn jump(&mut self, seeded: &mut Seeded) {
        self.offset_ms = match seeded.below(6) {
            0 => YEARS_10_MS,
            1 => -YEARS_10_MS,
            2 => seeded.below(7_200_000) as i64 - 3_600_000,
            _ => self.offset_ms / 2,
        };
    }

    /// One action of the crew; nothing when it changed nothing.
    pub fn work(&mut self, time: Timestamp, seeded: &mut Seeded) -> Result<(), StoreError> {
        let now = self.now(time);
        let site = self.sites[seeded.below(self.sites.len() as u64) as usize];
        let bucket = Bucket::Site(site);
        if self.is_newer && seeded.below(8) == 0 {
            return self.write_of_tomorrow(bucket, now);
        }
        let intents = match seeded.below(10) {
            0 => self.settlement(seeded)?,
            1 if self.is_newer => vec![newer(seeded)],
            _ => intents(seeded, now),
        };
        let mut is_forgotten = false;
        for intent in &intents {
            let record = match intent {
                Intent::Set { record, .. } => *record,
                Intent::Edit(edit) => edit.record,
                Intent::Record(fact) => fact.subject,
            };
            let is_written = self.written_ms.insert(record, time.milliseconds()).is_some();
            is_forgotten |= is_written && !self.screens.has_record(record)?;
        }
        let change = LocalChange { staff: STAFF, bucket, about: None, intents };
        let Some(applied) = apply_local(&mut self.screens, change, now)? else { return Ok(()) };
        let sequence = applied.sequence;
        let hash = self.screens.hash_at(sequence)?;
        let hash = hash.ok_or_else(|| StoreError::Damaged("the save is not there".into()))?;
        self.acknowledged = Some(Head { sequence, hash });
        self.saves += 1;
        // It stands as a record of its own, beside whatever the server has of it.
        self.rebuilt += u64::from(is_forgotten);
        Ok(())
    }

    /// Chooses one of the values of an open conflict.
    fn settlement(&self, seeded: &mut Seeded) -> Result<Vec<Intent>, StoreError> {
        let open = self.screens.conflicted()?;
        if open.is_empty() {
            return Ok(vec![]);
        }
        let (record, state) = &open[seeded.below(open.len() as u64) as usize];
        let kind = record_kind(state.kind);
        let Some(conflict) = kind.and_then(|kind| conflicts(kind, state).into_iter().next()) else {
            return Ok(vec![]);
        };
        let chosen = &conflict.candidates[seeded.below(conflict.candidates.len() as u64) as usize];
        let read = state.clock(&conflict.key);
        let put = Put { key: conflict.key.clone(), read, value: chosen.value.clone() };
        Ok(vec![Intent::Edit(Edit { record: *record, kind: state.kind, puts: vec![put] })])
    }

    /// An operation that this build does not know, as a newer one would write it.
    fn write_of_tomorrow(&mut self, bucket: Bucket, now: Timestamp) -> Result<(), StoreError> {
        let genesis = plain::identity(self.number, None).genesis();
        let write = self.screens.write()?;
        let before = write.log_head()?.unwrap_or(genesis);
        let mut clock = HybridClock::starting_after(write.last_seen_stamp()?.max(write.log_stamp()?));
        let change = Change {
            sequence: before.sequence.next(),
            stamp: clock.tick(now),
            device_clock_offset_ms: 0,
            staff: STAFF,
            bucket,
            operations: vec![Operation::Unknown(77)],
        };
        let envelope = Envelope::seal(&change);
        let head = Head { sequence: change.sequence, hash: before.hash.after(&envelope) };
        write.append(head, change.stamp, None, &envelope)?;
        write.commit()?;
        self.acknowledged = Some(head);
        self.saves += 1;
        Ok(())
    }

    fn new_driver(&self) -> Result<Driver<Line>, StoreError> {
        let store = Store::open(&self.mounted.path(FILE), &plain::data_key())?;
        let clock = self.clock.clone();
        let now = move || Timestamp::from_milliseconds(clock.load(Ordering::Relaxed));
        Ok(Driver::new(store, self.line.clone())?.by_clock(Box::new(now)))
    }

    /// Begins a sync, if none is under way.
    pub fn wake(&mut self) -> Result<(), StoreError> {
        if self.run.is_some() {
            return Ok(());
        }
        let mut driver = match self.driver.take() {
            Some(driver) => driver,
            None => self.new_driver()?,
        };
        self.settled = false;
        self.run = Some(Box::pin(async move {
            let result = driver.run_once(&mut |_| {}).await;
            (driver, result)
        }));
        Ok(())
    }

    /// Goes on with the sync as far as it goes without an answer. The pause that it asks for, when it is over.
    ///
    /// `threads` has one thread: a page that is merged there, while the next one is asked for, is merged when this returns,
    /// however fast the thread was.
    pub fn poll(&mut self, time: Timestamp, threads: &Runtime) -> Result<Option<u64>, StoreError> {
        self.clock.store(self.now(time).milliseconds(), Ordering::Relaxed);
        let Some(run) = &mut self.run else { return Ok(None) };
        let mut polled = || {
            let _entered = threads.enter();
            run.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        };
        let mut result = polled();
        if result.is_pending() {
            threads.block_on(threads.spawn_blocking(|| ())).expect("doing nothing does not panic");
            result = polled();
        }
        match result {
            Poll::Pending => Ok(None),
            Poll::Ready((mut driver, result)) => {
                self.run = None;
                let pause = result?;
                self.settled = pause.is_none();
                driver.tidy()?;
                self.driver = Some(driver);
                Ok(Some(pause.unwrap_or(IDLE_PAUSE_MS)))
            }
        }
    }

    /// The battery is out: what was not on disk is gone.
    pub fn cut(&mut self, seeded: &mut Seeded) -> Result<(), StoreError> {
        let left = self.mounted.disk.survivors(seeded);
        (self.run, self.driver) = (None, None);
        self.line = Line::default();
        self.before = self.trace();
        let mounted = mount(disk(left, self.lies));
        // The old connections go before their disk does.
        self.screens = plain::device(&mounted.path(FILE), self.number, Some(self.server_key))?;
        self.mounted = mounted;
        Ok(())
    }

    /// What it asked of its disks, and what it said to be on them.
    pub fn trace(&self) -> Trace {
        let mut trace = self.before;
        trace.follow(self.mounted.disk.trace());
        trace.note((self.saves, self.acknowledged.map(|head| (head.sequence.0, head.hash.0))));
        trace
    }

    pub fn store(&mut self) -> &mut Store {
        &mut self.screens
    }

    pub fn last_written_ms(&self) -> &BTreeMap<RecordId, i64> {
        &self.written_ms
    }

    /// Its file as it stands, to be looked at by other means than reading alone.
    pub fn copy(&self) -> Result<Copy, StoreError> {
        let mounted = mount(Disk::from_image(&self.mounted.disk.image()));
        let store = Store::open(&mounted.path(FILE), &plain::data_key())?;
        Ok(Copy { store, _mounted: mounted })
    }
}

/// The connection goes before its disk does.
pub struct Copy {
    pub store: Store,
    _mounted: Mounted,
}

fn disk(image: Image, lies: bool) -> Disk {
    let disk = Disk::from_image(&image);
    if lies { disk.that_lies() } else { disk }
}

/// A field, and a kind, of a newer version.
fn newer(seeded: &mut Seeded) -> Intent {
    let text = Value::Text(format!("newer {}", seeded.below(50)));
    let id = RecordId::from_bytes([200 + seeded.below(5) as u8; 16]);
    Intent::Set { record: id, kind: KindNumber(999), values: vec![(FieldNumber(950).into(), text)] }
}
