//! Remote wipe: the office ordered it, and everything is delivered. The device's secret goes first: without it no wrap
//! opens, whatever else is left on the disk. A marker makes a wipe that was cut go on at the next start.

use super::folder::{DataFolder, FolderError};
use super::{keyring, marker};
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::path::Path;

/// Erases this installation: the secret, everybody's wraps, the file. Returns when it is on disk.
pub fn erase(folder: &DataFolder) -> Result<(), FolderError> {
    let marker = folder.erased_marker();
    File::create(&marker).and_then(|file| file.sync_all()).map_err(folder.wrong(&marker))?;
    sync_folder(folder)?;
    finish(folder)
}

/// Goes on with a wipe that was begun, if one was.
pub(super) fn go_on(folder: &DataFolder) -> Result<(), FolderError> {
    let is_left = folder.secret_path().exists() || folder.records().exists();
    if folder.is_erased() && is_left { finish(folder) } else { Ok(()) }
}

/// The folder is to become a device anew.
pub(crate) fn forget(folder: &DataFolder) -> Result<(), FolderError> {
    if !folder.is_erased() {
        return Ok(());
    }
    finish(folder)?;
    remove(folder, &folder.erased_marker())?;
    sync_folder(folder)
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
            file.write_all(&[0; 32]).and_then(|()| file.sync_all()).map_err(folder.wrong(path))?;
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
