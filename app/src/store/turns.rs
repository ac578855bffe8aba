//! Whose turn it is to write to a file: whoever comes first, and sync comes to an end soon when somebody waits behind it.

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};

/// Entries that are merged in one transaction while nobody works at the screens, and while somebody does.
const ENTRIES_ALONE: usize = 2_048;
const ENTRIES_BESIDE_SOMEBODY: usize = 128;
/// So many are merged however many wait, or whoever saves all the time would keep sync from getting on.
const ENTRIES_AT_LEAST: usize = 16;
/// Whoever saved works for so long after it.
const WORKS_FOR: Duration = Duration::from_secs(10);
/// So long a writer waits for its turn before it tries without one: SQLite, too, lets one write at a time.
const TURN_WAIT: Duration = Duration::from_secs(20);

/// What the connections of this program to one file know of each other.
#[derive(Default)]
pub(crate) struct Turns {
    line: Mutex<Line>,
    moved: Condvar,
}

#[derive(Default)]
struct Line {
    /// Who writes, and who waits behind, in the order in which they came.
    writers: VecDeque<u64>,
    came: u64,
    /// When somebody last had to wait.
    waited_at: Option<Instant>,
    /// Nobody writes to the file any more, whether or not it is gone already.
    is_erased: bool,
}

/// A place in the line, until it is dropped.
pub(super) struct Turn {
    turns: Arc<Turns>,
    number: u64,
}

impl Turns {
    /// Those of a file: the same for each of its connections. What stands in the place of an erased one is another.
    pub fn of(path: &Path) -> Arc<Turns> {
        static ALL: OnceLock<Mutex<HashMap<PathBuf, Weak<Turns>>>> = OnceLock::new();
        let mut all = ALL.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.get(path).and_then(Weak::upgrade).filter(|known| !known.are_erased()) {
            return known;
        }
        all.retain(|_, turns| turns.strong_count() > 0);
        let turns = Arc::new(Turns::default());
        all.insert(path.to_owned(), Arc::downgrade(&turns));
        turns
    }

    /// Waits until everybody who came before has written. SQLite alone would let whoever asks in the right moment write,
    /// and keep another from it for ever.
    pub(super) fn take(self: &Arc<Self>) -> Turn {
        let mut line = self.line();
        line.came += 1;
        let number = line.came;
        line.writers.push_back(number);
        let turn = Turn { turns: self.clone(), number };
        let is_first = |line: &mut Line| line.writers.front() == Some(&number);
        if !is_first(&mut line) {
            line.waited_at = Some(Instant::now());
            let waited = self.moved.wait_timeout_while(line, TURN_WAIT, |line| !is_first(line));
            drop(waited.unwrap_or_else(PoisonError::into_inner));
        }
        turn
    }

    /// Whoever waits to write to the file, or comes later, is refused.
    pub(super) fn erase(&self) {
        self.line().is_erased = true;
    }
    pub(super) fn are_erased(&self) -> bool {
        self.line().is_erased
    }

    /// Whether whoever merges has merged enough in one transaction, because somebody waits to write.
    pub fn is_over(&self, merged: usize) -> bool {
        merged >= ENTRIES_AT_LEAST && self.line().writers.len() > 1
    }

    /// How many entries are merged in one transaction at most.
    pub fn entries_at_once(&self) -> usize {
        match self.line().waited_at {
            Some(at) if at.elapsed() < WORKS_FOR => ENTRIES_BESIDE_SOMEBODY,
            _ => ENTRIES_ALONE,
        }
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    pub(super) fn turns(&self) -> &Turns {
        &self.turns
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.turns.line().writers.retain(|number| *number != self.number);
        self.turns.moved.notify_all();
    }
}
