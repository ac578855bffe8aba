//! A device's life on a disk that may fail: the product's own store, opened twice as the screens and the sync thread
//! open it, and steps that a seed chooses. It notes what was acknowledged and judges nothing.

use super::medium::Disk;
use super::oracle::{Elsewhere, NOON, intents};
use super::survive::Image;
use super::vfs::Mounted;
use crate::plain::{self, BUCKET, FIRST_DEVICE, STAFF};
use crate::sample::Seeded;
use app::apply::{LocalChange, apply_local, apply_page};
use app::store::{LogReads, MetaReads, Reads, SealedRun, Store, StoreError};
use shared::change::{Batch, Head};
use shared::compress;
use shared::ids::Sequence;
use shared::time::Timestamp;
use std::sync::atomic::{AtomicU64, Ordering};

pub const FILE: &str = "records.db";

/// A folder that no other disk of this process is at.
pub fn mount(disk: Disk) -> Mounted {
    static FOLDERS: AtomicU64 = AtomicU64::new(0);
    Mounted::at(&format!("/caravan-storm/{}", FOLDERS.fetch_add(1, Ordering::Relaxed)), disk)
}

/// What outlives the device's process.
#[derive(Clone)]
pub struct Life {
    pub elsewhere: Elsewhere,
    /// The head after the last save that was acknowledged.
    pub acknowledged: Option<Head>,
    /// Pages that lay below an acknowledged save, and so are as durable as it.
    pub pages_durable: usize,
    /// The furthest that the server ever said it holds.
    pub delivered: Sequence,
    pub now: Timestamp,
    pub saves: u64,
    /// Saves are acknowledged before they are on disk: to see that the storm would notice.
    pub is_careless: bool,
}

impl Default for Life {
    fn default() -> Self {
        Life {
            elsewhere: Elsewhere::default(),
            acknowledged: None,
            pages_durable: 0,
            delivered: Sequence(0),
            now: NOON,
            saves: 0,
            is_careless: false,
        }
    }
}

/// A running device.
pub struct Booted {
    screens: Store,
    sync: Store,
    pages_applied: usize,
}

impl Life {
    /// Opens the file as the app does, and enrols where nobody has.
    pub fn boot(&mut self, mounted: &Mounted) -> Result<Booted, StoreError> {
        let path = mounted.path(FILE);
        let mut screens = Store::open(&path, &plain::data_key())?;
        if screens.identity()?.is_none() {
            let write = screens.write()?;
            write.set_identity(&plain::identity(FIRST_DEVICE, None))?;
            write.commit()?;
        }
        if self.is_careless {
            screens.connection().pragma_update(None, "synchronous", "NORMAL")?;
        }
        let sync = Store::open(&path, &plain::data_key())?;
        let pages_applied = Elsewhere::pages_at(&sync.cursor()?).unwrap_or(0);
        Ok(Booted { screens, sync, pages_applied })
    }

    /// One thing that happens on a van.
    pub fn step(&mut self, booted: &mut Booted, seeded: &mut Seeded) -> Result<(), StoreError> {
        self.now = self.now.plus_milliseconds(1 + seeded.below(60_000) as i64);
        match seeded.below(16) {
            0..=8 => self.save(booted, seeded),
            9..=11 => self.page(booted, seeded),
            12 => self.deliver(booted),
            13 => Self::tidy(booted),
            _ => Self::checkpoint(booted, seeded),
        }
    }

    pub fn save(&mut self, booted: &mut Booted, seeded: &mut Seeded) -> Result<(), StoreError> {
        let change =
            LocalChange { staff: STAFF, bucket: BUCKET, about: None, intents: intents(seeded, self.now) };
        let Some(applied) = apply_local(&mut booted.screens, change, self.now)? else { return Ok(()) };
        let sequence = applied.sequence;
        self.saves += 1;
        // From here on it is acknowledged, whatever happens to the disk while it is looked at.
        self.pages_durable = booted.pages_applied;
        match booted.screens.hash_at(sequence) {
            Ok(Some(hash)) => self.acknowledged = Some(Head { sequence, hash }),
            Ok(None) => return Err(StoreError::Damaged("an acknowledged save is not there".into())),
            Err(error) => {
                // The save counts by its number; its bytes are compared by the chain alone.
                self.acknowledged = Some(Head { sequence, hash: shared::change::Hash([0; 32]) });
                return Err(error);
            }
        }
        Ok(())
    }

    /// The next page of the server, as the sync thread takes it.
    pub fn page(&mut self, booted: &mut Booted, seeded: &mut Seeded) -> Result<(), StoreError> {
        if booted.pages_applied == self.elsewhere.pages.len() {
            self.elsewhere.write_page(seeded, self.now);
        }
        let page = &self.elsewhere.pages[booted.pages_applied];
        let unreadable = apply_page(&mut booted.sync, page, self.now)?;
        assert_eq!(unreadable, 0, "the storm's own pages can be read");
        booted.pages_applied += 1;
        Ok(())
    }

    /// The server says that it holds everything.
    fn deliver(&mut self, booted: &mut Booted) -> Result<(), StoreError> {
        let Some(head) = booted.sync.log_head()? else { return Ok(()) };
        self.delivered = self.delivered.max(head.sequence);
        let write = booted.sync.write()?;
        write.set_acknowledged(head.sequence)?;
        write.commit()
    }

    /// What the sync thread does in an idle moment. The app seals only longer runs.
    fn tidy(booted: &mut Booted) -> Result<(), StoreError> {
        let store = &mut booted.sync;
        store.learn()?;
        let rows = store.unsealed_after(Sequence(0), 1 << 16, 16)?;
        let Some(first) = rows.first().map(|row| row.sequence) else { return Ok(()) };
        let identity = plain::identity(FIRST_DEVICE, None);
        let before = match first {
            Sequence(1) => identity.genesis(),
            Sequence(first) => {
                let hash = store.hash_at(Sequence(first - 1))?;
                let hash = hash.ok_or_else(|| StoreError::Damaged("a hole in the log".into()))?;
                Head { sequence: Sequence(first - 1), hash }
            }
        };
        let changes: Vec<Vec<u8>> = rows.into_iter().map(|row| row.envelope).collect();
        let key = ed25519_dalek::SigningKey::from_bytes(&[FIRST_DEVICE as u8; 32]);
        let (id, number) = (identity.device_id(), identity.device_number());
        let (batch, head) = Batch::seal(id, number, before, &changes, &key);
        let write = store.write()?;
        write.seal(&SealedRun { first, head, frame: compress::compress(&batch) })?;
        write.commit()
    }

    /// The store does this by itself after 2,000 pages; here it comes sooner.
    fn checkpoint(booted: &mut Booted, seeded: &mut Seeded) -> Result<(), StoreError> {
        let store = if seeded.below(2) == 0 { &booted.screens } else { &booted.sync };
        Ok(store.connection().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
    }
}

/// A device's disk after a quiet morning of so many visits.
pub fn aged(seeded: &mut Seeded, saves: u64) -> (Image, Life) {
    let mut life = Life::default();
    let mounted = mount(Disk::default());
    let mut booted = life.boot(&mounted).expect("a good disk");
    for _ in 0..saves {
        life.now = life.now.plus_milliseconds(60_000);
        life.save(&mut booted, seeded).expect("a good disk");
    }
    life.page(&mut booted, seeded).expect("a good disk");
    life.pages_durable = 0;
    drop(booted);
    (mounted.disk.image(), life)
}
