//! Opening one encrypted file, for the writer and for readers. Never what is read or written through it.

use super::super::{StoreError, StoreResult};
use rusqlite::hooks::{CheckpointMode, Wal};
use rusqlite::{Connection, OpenFlags};
use std::cell::Cell;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Once;
use std::time::Duration;

/// A raw 256-bit key: SQLCipher stretches nothing.
#[derive(Clone)]
pub struct DatabaseKey(pub [u8; 32]);

impl DatabaseKey {
    /// As SQLCipher reads a raw key.
    pub(super) fn literal(&self) -> String {
        format!("\"x'{}'\"", crate::hexadecimal::encode(&self.0))
    }
}

refinery::embed_migrations!("src/store/sqlite/migrations");

/// How long one connection waits for another's write, and how often it looks.
const BUSY_WAIT: Duration = Duration::from_secs(10);
const BUSY_LOOK: Duration = Duration::from_millis(1);
/// Pages in the journal at which they are brought into the file.
const JOURNAL_PAGES_MAX: i32 = 4_096;
const STATEMENTS_CACHED: usize = 96;

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy,
            Some(ErrorCode::NotADatabase) => StoreError::WrongKey,
            Some(ErrorCode::DatabaseCorrupt) => StoreError::Damaged(error.to_string()),
            _ => StoreError::Database(error.to_string()),
        }
    }
}

thread_local! {
    /// Not while the journal is emptied: the only thread that writes waits for no reader there.
    static MAY_WAIT: Cell<bool> = const { Cell::new(true) };
}

/// Sleeps until the next look; false when the wait is over.
fn look_again(looks: i32) -> bool {
    let may_wait = MAY_WAIT.get() && BUSY_LOOK * looks.unsigned_abs() < BUSY_WAIT;
    if may_wait {
        std::thread::sleep(BUSY_LOOK);
    }
    may_wait
}

/// Brings the journal into the file and empties it. SQLite's own way leaves it full until the next write; then one bit
/// that turns over in it makes recovery stop there, and lay older pages over newer ones without a word. Where somebody
/// reads for long, such as a backup, or the disk is full, the next commit tries again.
fn empty_journal(wal: &Wal, pages: i32) -> rusqlite::Result<()> {
    if pages >= JOURNAL_PAGES_MAX {
        MAY_WAIT.set(false);
        drop(wal.checkpoint_v2(CheckpointMode::TRUNCATE));
        MAY_WAIT.set(true);
    }
    Ok(())
}

/// Opens or makes the file. The cache is small for readers, who come and go, and large for the writer.
pub(super) fn open(path: &Path, key: &DatabaseKey, cache_kib: u32) -> StoreResult<Connection> {
    match try_open(path, key, cache_kib) {
        // One failed read of the file's salt looks like a wrong key (SQLCipher 4.14): a wrong key stays wrong.
        Err(StoreError::WrongKey) => try_open(path, key, cache_kib),
        tried => tried,
    }
}

/// Whether the connection can still encrypt. After one read that failed, SQLCipher answers "out of memory" for ever,
/// however well the disk is again. The answer is part of the compiled statement, so it is never a cached one.
pub(super) fn is_usable(connection: &Connection) -> bool {
    let status = connection.query_row("PRAGMA cipher_status", [], |row| row.get::<_, String>(0));
    status.is_ok_and(|status| status == "1")
}

/// SQLite says that it is ready before SQLCipher is (2026-11): a thread that opens a file in that moment is refused its
/// key. So the first one makes both ready, and the others wait for it.
fn make_ready() {
    static READY: Once = Once::new();
    READY.call_once(|| drop(Connection::open_in_memory()));
}

fn try_open(path: &Path, key: &DatabaseKey, cache_kib: u32) -> StoreResult<Connection> {
    make_private(path).map_err(|error| StoreError::Database(format!("{}: {error}", path.display())))?;
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    make_ready();
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_handler(Some(look_again))?;
    connection.execute_batch(&format!("PRAGMA key = {};", key.literal()))?;
    connection.execute_batch(include_str!("sql/open.sql"))?;
    connection.wal_hook(Some(empty_journal));
    connection.execute_batch(&format!("PRAGMA cache_size = -{cache_kib};"))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    Ok(connection)
}

/// A file that only its owner reads; SQLite gives its journals the same rights.
pub(super) fn make_private(path: &Path) -> std::io::Result<()> {
    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        made => made.map(drop),
    }
}

/// Brings an old file up to this build. Grouped: a migration and the note that it was made are one transaction. Else a
/// cut between the two leaves a file that never opens again.
pub(super) fn migrate(connection: &mut Connection) -> StoreResult<()> {
    migrations::runner()
        .set_grouped(true)
        .run(connection)
        .map(drop)
        .map_err(|error| StoreError::Database(error.to_string()))
}
