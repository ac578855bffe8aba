//! SQLite's door to the in-memory disks: a VFS that takes files of known folders to their `Disk` and every other file
//! to the system's own VFS. All `unsafe` of the storms is here: SQLite speaks C. Never what a disk does or loses.
//!
//! It becomes the process's default, so that both stores run on it exactly as they ship, without a seam of their own.
//!
//! Why each `unsafe` is sound:
//! - SQLite hands every method the `sqlite3_file` that `open` filled, of `szOsFile` bytes, and none after `xClose`.
//! - Buffers come with their length, and are SQLite's alone for as long as the call lasts.
//! - A shared-memory region is a boxed slice of atomics that lives as long as somebody has it mapped; SQLite orders
//!   its own accesses with `xShmLock` and `xShmBarrier`.

use super::locks::Lock;
use super::medium::{Disk, Handle, Opening};
use rusqlite::ffi;
use std::collections::BTreeMap;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::sync::atomic::{Ordering, fence};
use std::sync::{Arc, Mutex, Once};

static DISKS: Mutex<BTreeMap<String, Arc<Disk>>> = Mutex::new(BTreeMap::new());

/// A folder whose files are on a disk in memory, for as long as this lives.
pub struct Mounted {
    folder: String,
    pub disk: Arc<Disk>,
}

impl Mounted {
    /// Puts a disk at a folder. Every connection to a file of it must be gone before this is dropped.
    pub fn at(folder: &str, disk: Disk) -> Mounted {
        register();
        let disk = Arc::new(disk);
        let folder = folder.trim_end_matches('/').to_owned();
        let before = disks().insert(folder.clone(), disk.clone());
        assert!(before.is_none(), "two disks at {folder}");
        Mounted { folder, disk }
    }

    pub fn path(&self, name: &str) -> std::path::PathBuf {
        std::path::Path::new(&self.folder).join(name)
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        disks().remove(&self.folder);
    }
}

fn disks() -> std::sync::MutexGuard<'static, BTreeMap<String, Arc<Disk>>> {
    DISKS.lock().expect("nobody panics while holding the list of disks")
}

/// What follows the system's `sqlite3_file` header in memory.
#[repr(C)]
struct StormFile {
    base: ffi::sqlite3_file,
    handle: *mut Handle,
}

static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// Makes the VFS the default of this process, once.
fn register() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the system's VFS is registered for ever; the copy is leaked, so SQLite may keep its address.
        unsafe {
            let system = ffi::sqlite3_vfs_find(std::ptr::null());
            assert!(!system.is_null(), "SQLite has a VFS of the system");
            let mut ours = *system;
            ours.szOsFile = ours.szOsFile.max(size_of::<StormFile>() as c_int);
            ours.pNext = std::ptr::null_mut();
            ours.zName = c"caravan-storm".as_ptr();
            ours.pAppData = system.cast();
            ours.xOpen = Some(open);
            ours.xDelete = Some(delete);
            ours.xAccess = Some(access);
            ours.xFullPathname = Some(full_pathname);
            let code = ffi::sqlite3_vfs_register(Box::into_raw(Box::new(ours)), 1);
            assert_eq!(code, ffi::SQLITE_OK, "SQLite takes the VFS");
        }
    });
}

/// The system's own VFS. SAFETY: `register` put its address there.
unsafe fn system(vfs: *mut ffi::sqlite3_vfs) -> *mut ffi::sqlite3_vfs {
    unsafe { (*vfs).pAppData.cast() }
}

/// The disk and the file's name on it, when the path leads to one. SAFETY: `path` is null or a C string.
unsafe fn place(path: *const c_char) -> Option<(Arc<Disk>, String)> {
    if path.is_null() {
        return None;
    }
    let path = unsafe { CStr::from_ptr(path) }.to_str().ok()?;
    let (folder, name) = path.rsplit_once('/')?;
    Some((disks().get(folder)?.clone(), name.to_owned()))
}

/// SAFETY: `file` was filled by `open` and is not closed.
unsafe fn handle<'f>(file: *mut ffi::sqlite3_file) -> &'f Handle {
    unsafe { &*(*file.cast::<StormFile>()).handle }
}

unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    path: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    unsafe {
        let Some((disk, name)) = place(path) else {
            let system = system(vfs);
            return (*system).xOpen.expect("the system opens files")(system, path, file, flags, out_flags);
        };
        (*file).pMethods = std::ptr::null();
        let opening = Opening {
            may_create: flags & ffi::SQLITE_OPEN_CREATE != 0,
            deletes_on_close: flags & ffi::SQLITE_OPEN_DELETEONCLOSE != 0,
            // The system's VFS syncs the folder with the first sync of a new journal.
            syncs_folder: flags & (ffi::SQLITE_OPEN_WAL | ffi::SQLITE_OPEN_MAIN_JOURNAL) != 0,
        };
        match Handle::open(disk, &name, opening) {
            Ok(handle) => {
                (*file.cast::<StormFile>()).handle = Box::into_raw(Box::new(handle));
                (*file).pMethods = &METHODS;
                if !out_flags.is_null() {
                    *out_flags = flags;
                }
                ffi::SQLITE_OK
            }
            Err(code) => code,
        }
    }
}

unsafe extern "C" fn delete(vfs: *mut ffi::sqlite3_vfs, path: *const c_char, sync_folder: c_int) -> c_int {
    unsafe {
        match place(path) {
            Some((disk, name)) => code(disk.delete(&name, sync_folder != 0)),
            None => {
                let system = system(vfs);
                (*system).xDelete.expect("the system deletes files")(system, path, sync_folder)
            }
        }
    }
}

unsafe extern "C" fn access(
    vfs: *mut ffi::sqlite3_vfs,
    path: *const c_char,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    unsafe {
        match place(path) {
            Some((disk, name)) => match disk.has(&name) {
                Ok(is_there) => {
                    *out = is_there.into();
                    ffi::SQLITE_OK
                }
                Err(code) => code,
            },
            None => {
                let system = system(vfs);
                (*system).xAccess.expect("the system looks for files")(system, path, flags, out)
            }
        }
    }
}

unsafe extern "C" fn full_pathname(
    vfs: *mut ffi::sqlite3_vfs,
    path: *const c_char,
    out_length: c_int,
    out: *mut c_char,
) -> c_int {
    unsafe {
        if place(path).is_none() {
            let system = system(vfs);
            return (*system).xFullPathname.expect("the system knows paths")(system, path, out_length, out);
        }
        let bytes = CStr::from_ptr(path).to_bytes_with_nul();
        if bytes.len() > out_length as usize {
            return ffi::SQLITE_CANTOPEN;
        }
        std::ptr::copy_nonoverlapping(bytes.as_ptr().cast(), out, bytes.len());
        ffi::SQLITE_OK
    }
}

fn code(result: Result<(), c_int>) -> c_int {
    result.err().unwrap_or(ffi::SQLITE_OK)
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    unsafe {
        let storm = file.cast::<StormFile>();
        drop(Box::from_raw((*storm).handle));
        (*file).pMethods = std::ptr::null();
    }
    ffi::SQLITE_OK
}

unsafe extern "C" fn read(
    file: *mut ffi::sqlite3_file,
    buffer: *mut c_void,
    length: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    unsafe {
        let buffer = std::slice::from_raw_parts_mut(buffer.cast::<u8>(), length as usize);
        code(handle(file).read(buffer, offset as usize))
    }
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    buffer: *const c_void,
    length: c_int,
    offset: ffi::sqlite3_int64,
) -> c_int {
    unsafe {
        let bytes = std::slice::from_raw_parts(buffer.cast::<u8>(), length as usize);
        code(handle(file).write(bytes, offset as usize))
    }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: ffi::sqlite3_int64) -> c_int {
    code(unsafe { handle(file) }.truncate(size as usize))
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _flags: c_int) -> c_int {
    code(unsafe { handle(file) }.sync())
}

unsafe extern "C" fn file_size(file: *mut ffi::sqlite3_file, size: *mut ffi::sqlite3_int64) -> c_int {
    match unsafe { handle(file) }.size() {
        Ok(bytes) => {
            // SAFETY: SQLite waits for the size at this address.
            unsafe { *size = bytes as ffi::sqlite3_int64 };
            ffi::SQLITE_OK
        }
        Err(code) => code,
    }
}

unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    code(unsafe { handle(file) }.lock(level))
}

unsafe extern "C" fn unlock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    unsafe { handle(file) }.unlock(level);
    ffi::SQLITE_OK
}

unsafe extern "C" fn check_reserved_lock(file: *mut ffi::sqlite3_file, out: *mut c_int) -> c_int {
    match unsafe { handle(file) }.is_reserved() {
        Ok(is_reserved) => {
            // SAFETY: SQLite waits for the answer at this address.
            unsafe { *out = is_reserved.into() };
            ffi::SQLITE_OK
        }
        Err(code) => code,
    }
}

unsafe extern "C" fn file_control(_: *mut ffi::sqlite3_file, _: c_int, _: *mut c_void) -> c_int {
    ffi::SQLITE_NOTFOUND
}

/// As the system's VFS says, so that SQLite writes what it would write on a van.
unsafe extern "C" fn sector_size(_: *mut ffi::sqlite3_file) -> c_int {
    4096
}

unsafe extern "C" fn device_characteristics(_: *mut ffi::sqlite3_file) -> c_int {
    ffi::SQLITE_IOCAP_POWERSAFE_OVERWRITE
}

unsafe extern "C" fn shm_map(
    file: *mut ffi::sqlite3_file,
    region: c_int,
    bytes: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    unsafe {
        match handle(file).map(region as usize, bytes as usize, extend != 0) {
            Ok(address) => {
                *out = address.cast();
                ffi::SQLITE_OK
            }
            Err(code) => {
                *out = std::ptr::null_mut();
                code
            }
        }
    }
}

unsafe extern "C" fn shm_lock(
    file: *mut ffi::sqlite3_file,
    first: c_int,
    count: c_int,
    flags: c_int,
) -> c_int {
    let slots = first as usize..(first + count) as usize;
    let kind = if flags & ffi::SQLITE_SHM_SHARED != 0 { Lock::Shared } else { Lock::Exclusive };
    let handle = unsafe { handle(file) };
    if flags & ffi::SQLITE_SHM_LOCK != 0 {
        code(handle.lock_slots(slots, kind))
    } else {
        handle.unlock_slots(slots);
        ffi::SQLITE_OK
    }
}

unsafe extern "C" fn shm_barrier(_: *mut ffi::sqlite3_file) {
    fence(Ordering::SeqCst);
}

unsafe extern "C" fn shm_unmap(file: *mut ffi::sqlite3_file, _delete: c_int) -> c_int {
    unsafe { handle(file) }.unmap();
    ffi::SQLITE_OK
}
