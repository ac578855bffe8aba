//! Whose turn it is to write to a file: the screens come before sync.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

/// Entries that are merged in one transaction while nobody works at the screens, and while somebody does.
const ENTRIES_ALONE: usize = 2_048;
const ENTRIES_BESIDE_SOMEBODY: usize = 128;
/// Whoever saved works for so long after it.
const WORKS_FOR: Duration = Duration::from_secs(10);
/// A gap between two transactions that whoever waits does not miss.
const GAP: Duration = Duration::from_millis(1);
const NEVER: u64 = u64::MAX;

/// What the connections of this program to one file know of each other.
pub(crate) struct Turns {
    /// Whether somebody found the file busy since this was last asked.
    is_wanted: AtomicBool,
    /// When somebody last did, in milliseconds after `first`.
    wanted_at_ms: AtomicU64,
    first: Instant,
}

thread_local! {
    /// The file that this thread is about to write to: SQLite's handler of a busy file is told nothing.
    static AWAITED: RefCell<Option<Arc<Turns>>> = const { RefCell::new(None) };
}

impl Turns {
    /// Those of a file: the same for each of its connections.
    pub fn of(path: &Path) -> Arc<Turns> {
        static ALL: OnceLock<Mutex<HashMap<PathBuf, Weak<Turns>>>> = OnceLock::new();
        let mut all = ALL.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.get(path).and_then(Weak::upgrade) {
            return known;
        }
        all.retain(|_, turns| turns.strong_count() > 0);
        let (is_wanted, wanted_at_ms) = (AtomicBool::new(false), AtomicU64::new(NEVER));
        let turns = Arc::new(Turns { is_wanted, wanted_at_ms, first: Instant::now() });
        all.insert(path.to_owned(), Arc::downgrade(&turns));
        turns
    }

    /// Begins a write; while it has to wait, whoever writes is told.
    pub fn wait_for<T>(self: &Arc<Self>, begin: impl FnOnce() -> T) -> T {
        AWAITED.set(Some(self.clone()));
        let begun = begin();
        AWAITED.set(None);
        begun
    }

    /// Whether somebody waits to write; whoever asks is expected to come to an end soon.
    pub fn is_wanted(&self) -> bool {
        self.is_wanted.swap(false, Ordering::Relaxed)
    }

    /// How many entries are merged in one transaction at most.
    pub fn entries_at_once(&self) -> usize {
        match self.wanted_at_ms.load(Ordering::Relaxed) {
            NEVER => ENTRIES_ALONE,
            at if self.now_ms().saturating_sub(at) < WORKS_FOR.as_millis() as u64 => ENTRIES_BESIDE_SOMEBODY,
            _ => ENTRIES_ALONE,
        }
    }

    /// Between two transactions: whoever waits goes first.
    pub fn let_in(&self) {
        std::thread::sleep(GAP);
    }

    fn now_ms(&self) -> u64 {
        self.first.elapsed().as_millis() as u64
    }
}

/// Tells whoever writes to the file that this thread waits for it.
pub(super) fn want() {
    AWAITED.with_borrow(|awaited| {
        if let Some(turns) = awaited {
            turns.is_wanted.store(true, Ordering::Relaxed);
            turns.wanted_at_ms.store(turns.now_ms(), Ordering::Relaxed);
        }
    });
}
