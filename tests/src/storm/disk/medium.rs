//! A disk in memory as SQLite sees it: files, locks, shared memory, and the faults that were planned for it. What is
//! left of it after a power cut stands in `survive`. Never anything of SQLite's own formats.

use super::fault::{Fault, Operation, Verdict};
use super::survive::Image;
use crate::storm::Trace;
use rusqlite::ffi;
use std::collections::BTreeMap;
use std::ffi::c_int;
use std::ops::Range;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard};

/// SQLite's wal-index uses eight locks.
const SLOTS: usize = 8;

/// Something that was asked of a file and is not on the platters yet.
#[derive(Clone, Debug)]
pub(super) enum Pending {
    Write { offset: usize, bytes: Vec<u8> },
    Truncate(usize),
}

/// A name that came or went and whose folder was not synced since.
#[derive(Clone, Debug)]
pub(super) struct Renamed {
    pub name: String,
    pub file: Option<usize>,
}

#[derive(Default)]
pub(super) struct File {
    /// As programs read it.
    now: Vec<u8>,
    /// As it stood at its last sync.
    pub durable: Vec<u8>,
    pub pending: Vec<Pending>,
    /// Level of each handle's lock, by handle.
    locks: BTreeMap<u64, c_int>,
    regions: Vec<Box<[AtomicU64]>>,
    /// Who mapped the regions, and which slots each holds.
    mapped: BTreeMap<u64, [Option<Lock>; SLOTS]>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    Shared,
    Exclusive,
}

#[derive(Default)]
pub(super) struct State {
    pub files: Vec<File>,
    names: BTreeMap<String, usize>,
    pub durable_names: BTreeMap<String, usize>,
    pub renamed: Vec<Renamed>,
    fault: Fault,
    trace: Trace,
    handles: u64,
}

/// One disk. Handles keep it alive.
#[derive(Default)]
pub struct Disk(Mutex<State>);

impl Disk {
    pub fn from_image(image: &Image) -> Disk {
        let mut state = State::default();
        for (name, bytes) in &image.0 {
            state.names.insert(name.clone(), state.files.len());
            state.files.push(File { now: bytes.clone(), durable: bytes.clone(), ..File::default() });
        }
        state.durable_names.clone_from(&state.names);
        Disk(Mutex::new(state))
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("nobody panics while holding a disk")
    }

    /// Plans what goes wrong from now on; counting begins anew.
    pub fn plan(&self, fault: Fault) {
        self.state().fault = fault;
    }

    pub fn fault(&self) -> Fault {
        self.state().fault
    }

    /// All that was asked of the disk, in its order.
    pub fn trace(&self) -> Trace {
        self.state().trace
    }

    /// Everything as programs read it now: a copy of the disk while nothing is wrong.
    pub fn image(&self) -> Image {
        let state = self.state();
        Image(state.names.iter().map(|(name, file)| (name.clone(), state.files[*file].now.clone())).collect())
    }

    /// Removes files as another program would, such as what a finished check left behind.
    pub fn remove(&self, prefix: &str) {
        let mut state = self.state();
        let gone: Vec<usize> =
            state.names.iter().filter(|(name, _)| name.starts_with(prefix)).map(|(_, file)| *file).collect();
        gone.into_iter().for_each(|file| state.files[file] = File::default());
        state.names.retain(|name, _| !name.starts_with(prefix));
        state.durable_names.retain(|name, _| !name.starts_with(prefix));
    }

    /// A file that nothing was written to is none, as the system's VFS has it.
    pub fn has(&self, name: &str) -> bool {
        let state = self.state();
        state.names.get(name).is_some_and(|file| !state.files[*file].now.is_empty())
    }

    pub fn delete(&self, name: &str, sync_folder: bool) -> Result<(), c_int> {
        let mut state = self.state();
        let Some(file) = state.names.get(name).copied() else {
            return Err(ffi::SQLITE_IOERR_DELETE_NOENT);
        };
        let verdict = state.judge(Operation::Delete, file, 0..0)?;
        state.names.remove(name);
        state.renamed.push(Renamed { name: name.to_owned(), file: None });
        if sync_folder && verdict == Verdict::Whole {
            state.sync_folder();
        }
        state.fault.end(verdict)
    }
}

impl State {
    /// Whether an operation on a part of a file takes place; either way it was asked for.
    fn judge(&mut self, operation: Operation, file: usize, place: Range<usize>) -> Result<Verdict, c_int> {
        let verdict = self.fault.judge(operation);
        self.trace.note((operation, file, place, verdict));
        verdict
    }

    fn sync_folder(&mut self) {
        self.durable_names.clone_from(&self.names);
        self.renamed.clear();
    }
}

#[derive(Clone, Copy)]
pub struct Opening {
    pub may_create: bool,
    pub deletes_on_close: bool,
    pub syncs_folder: bool,
}

/// One open file. Everything that it holds goes with it.
pub struct Handle {
    disk: Arc<Disk>,
    file: usize,
    id: u64,
    name: String,
    opening: Opening,
}

impl Handle {
    pub fn open(disk: Arc<Disk>, name: &str, opening: Opening) -> Result<Handle, c_int> {
        let mut state = disk.state();
        if state.fault.is_dead() {
            return Err(ffi::SQLITE_CANTOPEN);
        }
        let known = state.names.get(name).copied();
        let file = match known {
            Some(file) => file,
            None if !opening.may_create => return Err(ffi::SQLITE_CANTOPEN),
            None => {
                let file = state.files.len();
                state.files.push(File::default());
                state.names.insert(name.to_owned(), file);
                state.renamed.push(Renamed { name: name.to_owned(), file: Some(file) });
                file
            }
        };
        state.handles += 1;
        let id = state.handles;
        drop(state);
        Ok(Handle { disk, file, id, name: name.to_owned(), opening })
    }

    /// Past the end reads zeros and says so.
    pub fn read(&self, buffer: &mut [u8], offset: usize) -> Result<(), c_int> {
        let mut state = self.disk.state();
        let verdict = state.judge(Operation::Read, self.file, offset..offset + buffer.len())?;
        let now = &state.files[self.file].now;
        let there = now.get(offset.min(now.len())..).unwrap_or_default();
        let length = there.len().min(buffer.len());
        buffer[..length].copy_from_slice(&there[..length]);
        buffer[length..].fill(0);
        state.fault.end(verdict)?;
        if length < buffer.len() { Err(ffi::SQLITE_IOERR_SHORT_READ) } else { Ok(()) }
    }

    pub fn write(&self, bytes: &[u8], offset: usize) -> Result<(), c_int> {
        let mut state = self.disk.state();
        let grows = offset + bytes.len() > state.files[self.file].now.len();
        let operation = if grows { Operation::Grow } else { Operation::Write };
        let verdict = state.judge(operation, self.file, offset..offset + bytes.len())?;
        let file = &mut state.files[self.file];
        put(&mut file.now, offset, bytes);
        file.pending.push(Pending::Write { offset, bytes: bytes.to_vec() });
        state.fault.end(verdict)
    }

    pub fn truncate(&self, size: usize) -> Result<(), c_int> {
        let mut state = self.disk.state();
        let verdict = state.judge(Operation::Truncate, self.file, size..size)?;
        let file = &mut state.files[self.file];
        file.now.resize(size, 0);
        file.pending.push(Pending::Truncate(size));
        state.fault.end(verdict)
    }

    pub fn sync(&self) -> Result<(), c_int> {
        let mut state = self.disk.state();
        let verdict = state.judge(Operation::Sync, self.file, 0..0)?;
        if verdict == Verdict::Whole {
            let file = &mut state.files[self.file];
            for pending in std::mem::take(&mut file.pending) {
                match pending {
                    Pending::Write { offset, bytes } => put(&mut file.durable, offset, &bytes),
                    Pending::Truncate(size) => file.durable.resize(size, 0),
                }
            }
            if self.opening.syncs_folder {
                state.sync_folder();
            }
        }
        state.fault.end(verdict)
    }

    pub fn size(&self) -> usize {
        self.disk.state().files[self.file].now.len()
    }

    /// SQLite's five levels, as its documentation of locking states them.
    pub fn lock(&self, level: c_int) -> Result<(), c_int> {
        let mut state = self.disk.state();
        if state.fault.is_dead() {
            return Err(ffi::SQLITE_IOERR);
        }
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

    pub fn is_reserved(&self) -> bool {
        let state = self.disk.state();
        state.files[self.file].locks.values().any(|level| *level >= ffi::SQLITE_LOCK_RESERVED)
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
        if state.fault.is_dead() {
            return Err(ffi::SQLITE_IOERR);
        }
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

impl Drop for Handle {
    fn drop(&mut self) {
        self.unmap();
        self.unlock(ffi::SQLITE_LOCK_NONE);
        if self.opening.deletes_on_close {
            // Nobody hears of an error while a file closes.
            let _ = self.disk.delete(&self.name, false);
        }
    }
}

pub(super) fn put(bytes: &mut Vec<u8>, offset: usize, piece: &[u8]) {
    let end = offset + piece.len();
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    bytes[offset..end].copy_from_slice(piece);
}
