//! Remote wipe: the office ordered it, and everything is delivered. The device's secret goes first: without it no wrap
//! opens, whatever else is left on the disk. A marker, with how far the server held the log, makes a wipe that was cut
//! go on: at once where the secret is gone, else when somebody opens the file and the log still ends there. Work that was
//! saved since is delivered first, and the office's order is heard again.

use super::folder::{DataFolder, FolderError};
use super::{keyring, marker};
use crate::store::{DataKey, LogReads, MetaReads, Store, StoreError};
use shared::ids::Sequence;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;

/// What lies where the secret was, until its name goes.
const OVERWRITTEN: [u8; 32] = [0; 32];

/// Erases this installation: the secret, everybody's wraps, the file. Returns when it is on disk. The server holds the
/// log up to `held`.
pub fn erase(folder: &DataFolder, held: Sequence) -> Result<(), FolderError> {
    let marker = folder.erased_marker();
    File::create(&marker)
        .and_then(|mut file| write!(file, "{held}").and_then(|()| file.sync_all()))
        .map_err(folder.wrong(&marker))?;
    sync_folder(folder)?;
    finish(folder)
}

/// Erases the installation unless its log goes on after `held`, and says whether it did. Nobody saves meanwhile: the file
/// is locked for writing until it is gone, and whoever waits for it then is refused.
pub(crate) fn erase_delivered(
    folder: &DataFolder,
    store: &mut Store,
    held: Sequence,
) -> Result<bool, StoreError> {
    let wrong = |error: FolderError| StoreError::Damaged(error.to_string());
    let write = match store.write() {
        // Not all of it went the last time. Nobody has saved since, and nobody was enrolled in this place.
        Err(StoreError::Erased) if folder.erased_marker().exists() => {
            return erase(folder, held).map(|()| true).map_err(wrong);
        }
        write => write?,
    };
    if write.log_head()?.is_some_and(|head| head.sequence > held) {
        return Ok(false);
    }
    let erased = erase(folder, held);
    // Without the secret nobody opens the file again, whether or not the rest is gone: what is saved now would be lost.
    if erased.is_ok() || !holds_secret(folder) {
        write.end_erased();
    }
    erased.map(|()| true).map_err(wrong)
}

/// Goes on with a wipe that was begun, if one was and nothing opens the file any more.
pub(super) fn go_on(folder: &DataFolder) -> Result<(), FolderError> {
    let is_begun = folder.erased_marker().exists();
    let is_left = folder.secret_path().exists() || folder.records().exists();
    if is_begun && is_left && !holds_secret(folder) { finish(folder) } else { Ok(()) }
}

/// Opens the device's file for whoever has its key. A wipe that was cut before the secret went is brought to its end
/// instead, if the server still holds all of the log.
pub fn open_records(folder: &DataFolder, key: &DataKey) -> Result<Store, StoreError> {
    let mut store = Store::open(&folder.records(), key)?;
    if let Some(held) = held_when_begun(folder) {
        // A server that was restored since may hold less.
        let held = held.min(store.acknowledged()?);
        if erase_delivered(folder, &mut store, held)? {
            tracing::warn!("the office had this device erased");
            return Err(StoreError::Erased);
        }
    }
    Ok(store)
}

/// The folder is to become a device anew.
pub(crate) fn forget(folder: &DataFolder) -> Result<(), FolderError> {
    go_on(folder)?;
    if !folder.is_erased() {
        return Ok(());
    }
    finish(folder)?;
    remove(folder, &folder.erased_marker())?;
    sync_folder(folder)
}

/// How far the server held the log when a wipe was begun. The marker of a build before 2026-11 does not say.
fn held_when_begun(folder: &DataFolder) -> Option<Sequence> {
    fs::read_to_string(folder.erased_marker()).ok()?.parse().ok().map(Sequence)
}

/// Whether the device's secret can still open a wrap. One that cannot be read now may be read later.
fn holds_secret(folder: &DataFolder) -> bool {
    match fs::read(folder.secret_path()) {
        Ok(bytes) => bytes != OVERWRITTEN,
        Err(error) => error.kind() != ErrorKind::NotFound,
    }
}

fn finish(folder: &DataFolder) -> Result<(), FolderError> {
    overwrite(folder, &folder.secret_path())?;
    keyring::empty(folder);
    for base in [folder.keys(), folder.records()] {
        for suffix in ["", "-wal", "-shm"] {
            let mut name = base.clone().into_os_string();
            name.push(suffix);
            remove(folder, Path::new(&name))?;
        }
    }
    // Nothing was left undelivered, and whoever is enrolled here next is no copy of this device.
    remove(folder, &folder.path().join(marker::MARK_FILE))?;
    match fs::remove_dir_all(folder.unsent()) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(folder.wrong(&folder.unsent())(error)),
        _ => sync_folder(folder),
    }
}

/// Zeros over the secret before its name goes. Flash may keep an old copy of a block; what it would open is gone too.
fn overwrite(folder: &DataFolder, path: &Path) -> Result<(), FolderError> {
    match OpenOptions::new().write(true).open(path) {
        Ok(mut file) => {
            file.write_all(&OVERWRITTEN).and_then(|()| file.sync_all()).map_err(folder.wrong(path))?;
            remove(folder, path)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(folder.wrong(path)(error)),
    }
}

fn remove(folder: &DataFolder, path: &Path) -> Result<(), FolderError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(folder.wrong(path)(error)),
        _ => Ok(()),
    }
}

fn sync_folder(folder: &DataFolder) -> Result<(), FolderError> {
    File::open(folder.path()).and_then(|opened| opened.sync_all()).map_err(folder.wrong(folder.path()))
}
