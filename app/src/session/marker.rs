//! The mark beside the file: by it a device knows that its file is a copy, or an older file put back. It holds which
//! machine and which file this is, a random number that the file holds too, and how far the file's own log had come.
//!
//! The file is written first and the mark after it, so a kill between the two leaves a mark that is behind, which says
//! nothing. Before a change leaves the device the mark covers it: what anybody else may have seen is never written twice
//! under one sequence without its being noticed here.

use super::folder::{DataFolder, FolderError};
use crate::platform;
use crate::store::{LogReads, MetaReads, Store, StoreError};
use serde::{Deserialize, Serialize};
use shared::change::Head;
use shared::ids::Sequence;
use std::fs::{self, File, OpenOptions};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

pub(super) const MARK_FILE: &str = "device.mark";
const LOCK_FILE: &str = "device.mark.lock";

/// Why a mark could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum MarkerError {
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How a copy shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyReason {
    /// The file came without the mark that was beside it.
    NoMark,
    OtherMachine,
    /// The same content in another file.
    OtherFile,
    /// Mark and file are of two installations.
    OtherDevice,
    /// The file holds less than this device wrote already.
    OlderFile,
    /// The file holds other changes than those that this device wrote.
    OtherHistory,
}

impl CopyReason {
    const ALL: [CopyReason; 6] = [
        CopyReason::NoMark,
        CopyReason::OtherMachine,
        CopyReason::OtherFile,
        CopyReason::OtherDevice,
        CopyReason::OlderFile,
        CopyReason::OtherHistory,
    ];
    pub fn code(self) -> &'static str {
        match self {
            CopyReason::NoMark => "no-mark",
            CopyReason::OtherMachine => "other-machine",
            CopyReason::OtherFile => "other-file",
            CopyReason::OtherDevice => "other-device",
            CopyReason::OlderFile => "older-file",
            CopyReason::OtherHistory => "other-history",
        }
    }
    fn from_code(code: &str) -> CopyReason {
        // A reason of a newer build is a reason all the same.
        Self::ALL.into_iter().find(|reason| reason.code() == code).unwrap_or(CopyReason::OtherFile)
    }
}

/// What is written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Mark {
    machine: String,
    /// The file's number in its file system.
    file_number: u64,
    /// When the file came to be, in nanoseconds since 1970; missing where the file system does not keep it.
    file_born_ns: Option<u64>,
    nonce: String,
    sequence: u64,
    hash: String,
}

/// The mark of a device's own file.
#[derive(Clone, Debug)]
pub struct Marker {
    folder: PathBuf,
    reached: Sequence,
}

/// Whose the file is.
#[derive(Debug)]
pub enum Checked {
    Own(Marker),
    Copy(CopyReason),
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Marker {
    /// Looks whether the file is this device's own. The first time there is nothing to compare, and the mark is made.
    /// A copy stays one until it is enrolled anew: that is kept in the file itself.
    pub fn check(folder: &DataFolder, store: &mut Store, machine: &[u8; 32]) -> Result<Checked, MarkerError> {
        if let Some(reason) = copied(store)? {
            return Ok(Checked::Copy(reason));
        }
        let _alone = lock(folder.path())?;
        let mark = read(folder.path())?;
        let nonce = store.meta("mark")?.map(|bytes| hexadecimal(&bytes));
        let here = here(folder, machine)?;
        if let Some(reason) = compare(store, mark.as_ref(), nonce.as_deref(), &here)? {
            let write = store.write()?;
            write.set_meta("copied", reason.code().as_bytes())?;
            write.set_must_enrol(true)?;
            write.commit()?;
            tracing::warn!(reason = reason.code(), "this device's file is a copy");
            return Ok(Checked::Copy(reason));
        }
        let made = mark.is_none();
        let fresh = platform::random::<16>();
        let kept = mark.as_ref().map_or_else(|| hexadecimal(&fresh), |mark| mark.nonce.clone());
        let before = mark.map_or(Sequence(0), |mark| Sequence(mark.sequence));
        let head = head_of(store)?;
        if made || head.sequence > before {
            write(folder.path(), &here.at(&kept, head))?;
        }
        if nonce.is_none() {
            let bytes: Vec<u8> = match made {
                true => fresh.to_vec(),
                false => decode(&kept),
            };
            let write = store.write()?;
            write.set_meta("mark", &bytes)?;
            write.commit()?;
        }
        Ok(Checked::Own(Marker { folder: folder.path().to_owned(), reached: head.sequence.max(before) }))
    }

    /// The mark covers the log up to `head`, on disk when this returns.
    pub fn reach(&mut self, head: Head) -> Result<(), FolderError> {
        if head.sequence <= self.reached {
            return Ok(());
        }
        let _alone = lock(&self.folder)?;
        if let Some(mark) = read(&self.folder)?
            && mark.sequence < head.sequence.0
        {
            let mark = Mark { sequence: head.sequence.0, hash: hexadecimal(&head.hash.0), ..mark };
            write(&self.folder, &mark)?;
        }
        self.reached = head.sequence;
        Ok(())
    }
}

/// How a file shows that it is a copy, if it was noticed.
pub fn copied(store: &Store) -> Result<Option<CopyReason>, StoreError> {
    let code = store.meta("copied")?;
    Ok(code.map(|code| CopyReason::from_code(&String::from_utf8_lossy(&code))))
}

fn head_of(store: &Store) -> Result<Head, StoreError> {
    let identity =
        store.identity()?.ok_or_else(|| StoreError::Damaged("a device that was never enrolled".into()))?;
    Ok(store.log_head()?.unwrap_or_else(|| identity.genesis()))
}

fn decode(hexadecimal: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(hexadecimal.get(at..at + 2).unwrap_or_default(), 16).ok();
    (0..hexadecimal.len()).step_by(2).filter_map(byte).collect()
}

fn compare(
    store: &Store,
    mark: Option<&Mark>,
    nonce: Option<&str>,
    here: &Here,
) -> Result<Option<CopyReason>, StoreError> {
    let Some(mark) = mark else { return Ok(nonce.map(|_| CopyReason::NoMark)) };
    if mark.machine != here.machine {
        return Ok(Some(CopyReason::OtherMachine));
    }
    // The number of a file changes on some file systems when they are mounted; its birth does not, and nobody copies it.
    let is_same_file = match (mark.file_born_ns, here.file_born_ns) {
        (Some(before), Some(now)) => before == now,
        _ => mark.file_number == here.file_number,
    };
    if !is_same_file {
        return Ok(Some(CopyReason::OtherFile));
    }
    // A mark without its number in the file was made a moment before a kill.
    if nonce.is_some_and(|nonce| nonce != mark.nonce) {
        return Ok(Some(CopyReason::OtherDevice));
    }
    if head_of(store)?.sequence.0 < mark.sequence {
        return Ok(Some(CopyReason::OlderFile));
    }
    let held = store.hash_at(Sequence(mark.sequence))?;
    let is_other = held.is_some_and(|held| hexadecimal(&held.0) != mark.hash);
    Ok(is_other.then_some(CopyReason::OtherHistory))
}

/// The machine and the file as they are now.
struct Here {
    machine: String,
    file_number: u64,
    file_born_ns: Option<u64>,
}

impl Here {
    fn at(&self, nonce: &str, head: Head) -> Mark {
        Mark {
            machine: self.machine.clone(),
            file_number: self.file_number,
            file_born_ns: self.file_born_ns,
            nonce: nonce.to_owned(),
            sequence: head.sequence.0,
            hash: hexadecimal(&head.hash.0),
        }
    }
}

fn wrong(path: &Path) -> impl Fn(std::io::Error) -> FolderError {
    move |error| FolderError { path: path.display().to_string(), error }
}

fn here(folder: &DataFolder, machine: &[u8; 32]) -> Result<Here, FolderError> {
    let file = folder.records();
    let metadata = fs::metadata(&file).map_err(wrong(&file))?;
    let born = metadata.created().ok().and_then(|born| born.duration_since(UNIX_EPOCH).ok());
    Ok(Here {
        machine: hexadecimal(machine),
        file_number: metadata.ino(),
        file_born_ns: born.and_then(|born| u64::try_from(born.as_nanos()).ok()),
    })
}

/// Two programs on one folder take turns.
fn lock(folder: &Path) -> Result<File, FolderError> {
    let path = folder.join(LOCK_FILE);
    let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path);
    let file = file.map_err(wrong(&path))?;
    file.lock().map_err(wrong(&path))?;
    Ok(file)
}

/// The mark, if one can be read. It is written whole or not at all, so an unreadable one is no mark.
fn read(folder: &Path) -> Result<Option<Mark>, FolderError> {
    let path = folder.join(MARK_FILE);
    match fs::read(&path) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes).ok()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(wrong(&path)(error)),
    }
}

fn write(folder: &Path, mark: &Mark) -> Result<(), FolderError> {
    let json = serde_json::to_vec(mark).expect("a mark is plain text and numbers");
    super::folder::write_private(folder, MARK_FILE, &json)
}

#[cfg(test)]
mod tests;
