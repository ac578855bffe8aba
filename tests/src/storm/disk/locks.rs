//! Locks of a file on a disk in memory, and its shared memory with the locks of its slots. Never what a file holds.

use super::fault::Operation;
use super::medium::Handle;
use rusqlite::ffi;
use std::ffi::c_int;
use std::ops::Range;
use std::sync::atomic::AtomicU64;

/// SQLite's wal-index uses eight locks.
pub(super) const SLOTS: usize = 8;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    Shared,
    Exclusive,
}

impl Handle {
    /// SQLite's five levels, as its documentation of locking states them.
    pub fn lock(&self, level: c_int) -> Result<(), c_int> {
        let mut state = self.disk.state();
        let verdict = state.judge(Operation::Lock, self.file, 0..level as usize)?;
        state.fault.end(verdict)?;
        let locks = &mut state.files[self.file].locks;
        let others = locks.iter().filter(|(id, _)| **id != self.id).map(|(_, level)| *level).max();
        let others = others.unwrap_or(ffi::SQLITE_LOCK_NONE);
        let is_free = match level {
            ffi::SQLITE_LOCK_SHARED => others < ffi::SQLITE_LOCK_PENDING,
            ffi::SQLITE_LOCK_RESERVED => others < ffi::SQLITE_LOCK_RESERVED,
            _ => others == ffi::SQLITE_LOCK_NONE,
        };
        if !is_free {
            if level == ffi::SQLITE_LOCK_EXCLUSIVE && others == ffi::SQLITE_LOCK_SHARED {
                locks.insert(self.id, ffi::SQLITE_LOCK_PENDING);
            }
            return Err(ffi::SQLITE_BUSY);
        }
        let own = locks.entry(self.id).or_insert(level);
        *own = (*own).max(level);
        Ok(())
    }

    pub fn unlock(&self, level: c_int) {
        let mut state = self.disk.state();
        let locks = &mut state.files[self.file].locks;
        if level == ffi::SQLITE_LOCK_NONE {
            locks.remove(&self.id);
        } else if let Some(own) = locks.get_mut(&self.id) {
            *own = (*own).min(level);
        }
    }

    pub fn is_reserved(&self) -> Result<bool, c_int> {
        let mut state = self.disk.state();
        let verdict = state.judge(Operation::Lock, self.file, 0..0)?;
        state.fault.end(verdict)?;
        Ok(state.files[self.file].locks.values().any(|level| *level >= ffi::SQLITE_LOCK_RESERVED))
    }

    /// The address of a region of shared memory; null when it is not there and need not be.
    pub fn map(&self, region: usize, bytes: usize, extend: bool) -> Result<*mut u64, c_int> {
        let mut state = self.disk.state();
        let is_new = region >= state.files[self.file].regions.len();
        if is_new && extend {
            let verdict = state.judge(Operation::Map, self.file, region..region + 1)?;
            state.fault.end(verdict)?;
        }
        let file = &mut state.files[self.file];
        file.mapped.entry(self.id).or_insert([None; SLOTS]);
        while extend && file.regions.len() <= region {
            file.regions.push((0..bytes / size_of::<u64>()).map(|_| AtomicU64::new(0)).collect());
        }
        Ok(file.regions.get(region).map_or(std::ptr::null_mut(), |region| region[0].as_ptr()))
    }

    pub fn lock_slots(&self, slots: Range<usize>, kind: Lock) -> Result<(), c_int> {
        let mut state = self.disk.state();
        let verdict = state.judge(Operation::Lock, self.file, slots.clone())?;
        state.fault.end(verdict)?;
        let mapped = &mut state.files[self.file].mapped;
        let is_taken = mapped.iter().filter(|(id, _)| **id != self.id).any(|(_, held)| {
            held[slots.clone()]
                .iter()
                .flatten()
                .any(|held| kind == Lock::Exclusive || *held == Lock::Exclusive)
        });
        if is_taken {
            return Err(ffi::SQLITE_BUSY);
        }
        if let Some(own) = mapped.get_mut(&self.id) {
            own[slots].fill(Some(kind));
        }
        Ok(())
    }

    pub fn unlock_slots(&self, slots: Range<usize>) {
        if let Some(own) = self.disk.state().files[self.file].mapped.get_mut(&self.id) {
            own[slots].fill(None);
        }
    }

    /// The last to leave clears the table: whoever comes next begins by reading the journal.
    pub fn unmap(&self) {
        let mut state = self.disk.state();
        let file = &mut state.files[self.file];
        file.mapped.remove(&self.id);
        if file.mapped.is_empty() {
            file.regions.clear();
        }
    }
}
