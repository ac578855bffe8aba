//! A disk in memory as SQLite sees it: files, and the faults that were planned for them. Locks and shared memory stand in
//! `locks`, what a flush brings to the platters in `flush`, what is left after a power cut in `survive`. Never anything of
//! SQLite's own formats.

use super::fault::{Fault, Operation, Verdict};
use super::locks::{Lock, SLOTS};
use super::survive::Image;
use crate::storm::Trace;
use rusqlite::ffi;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::c_int;
use std::ops::Range;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard};

/// In a trace, the place of a file that is not there.
const NO_FILE: usize = usize::MAX;

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
    pub now: Vec<u8>,
    /// As it stood at its last sync.
    pub durable: Vec<u8>,
    pub pending: Vec<Pending>,
    /// Pages whose flush failed: programs read what was written to them, and no flush brings it to the platters.
    pub lost: BTreeSet<usize>,
    /// Level of each handle's lock, by handle.
    pub locks: BTreeMap<u64, c_int>,
    pub regions: Vec<Box<[AtomicU64]>>,
    /// Who mapped the regions, and which slots each holds.
    pub mapped: BTreeMap<u64, [Option<Lock>; SLOTS]>,
}

#[derive(Default)]
pub(super) struct State {
    pub files: Vec<File>,
    names: BTreeMap<String, usize>,
    pub durable_names: BTreeMap<String, usize>,
    pub renamed: Vec<Renamed>,
    pub fault: Fault,
    trace: Trace,
    handles: u64,
    /// Says of journals that they are flushed, and does not flush them.
    lies: bool,
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

    /// The same disk as a faulty one that acknowledges each flush of a journal at once: to see that a storm would notice.
    pub fn that_lies(self) -> Disk {
        self.state().lies = true;
        self
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

    /// How large a file is now; 0 where there is none.
    pub fn bytes(&self, name: &str) -> usize {
        let state = self.state();
        state.names.get(name).map_or(0, |file| state.files[*file].now.len())
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
    pub fn has(&self, name: &str) -> Result<bool, c_int> {
        let mut state = self.state();
        let file = state.names.get(name).copied();
        let verdict = state.judge(Operation::Look, file.unwrap_or(NO_FILE), 0..0)?;
        state.fault.end(verdict)?;
        Ok(file.is_some_and(|file| !state.files[file].now.is_empty()))
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
    pub fn judge(
        &mut self,
        operation: Operation,
        file: usize,
        place: Range<usize>,
    ) -> Result<Verdict, c_int> {
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
    pub(super) disk: Arc<Disk>,
    pub(super) file: usize,
    pub(super) id: u64,
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
        let verdict = state.judge(Operation::Open, known.unwrap_or(NO_FILE), 0..0)?;
        state.fault.end(verdict)?;
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
        state.files[self.file].write(offset, bytes);
        state.fault.end(verdict)
    }

    pub fn truncate(&self, size: usize) -> Result<(), c_int> {
        let mut state = self.disk.state();
        let verdict = state.judge(Operation::Truncate, self.file, size..size)?;
        state.files[self.file].truncate(size);
        state.fault.end(verdict)
    }

    pub fn sync(&self) -> Result<(), c_int> {
        let mut state = self.disk.state();
        if state.lies && self.opening.syncs_folder {
            state.sync_folder();
            return Ok(());
        }
        let verdict = match state.judge(Operation::Sync, self.file, 0..0) {
            Err(code) => {
                if !state.fault.is_dead() {
                    let mut chance = state.fault.chance();
                    state.files[self.file].fail_to_flush(&mut chance);
                }
                return Err(code);
            }
            Ok(verdict) => verdict,
        };
        if verdict == Verdict::Whole {
            state.files[self.file].flush();
            if self.opening.syncs_folder {
                state.sync_folder();
            }
        }
        state.fault.end(verdict)
    }

    pub fn size(&self) -> Result<usize, c_int> {
        let mut state = self.disk.state();
        let verdict = state.judge(Operation::Size, self.file, 0..0)?;
        state.fault.end(verdict)?;
        Ok(state.files[self.file].now.len())
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
