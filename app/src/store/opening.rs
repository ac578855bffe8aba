//! Opening the device's file, at first and again when a connection can no longer be used. Never what is read or
//! written through it.

use super::{DataKey, StoreError, migrations};
use rusqlite::hooks::{CheckpointMode, Wal};
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::Duration;
use zeroize::Zeroizing;

/// How long a connection waits for the write of another program, and how often it looks. SQLite's own handler looks ever
/// more seldom: a save would miss every gap that the other leaves.
const BUSY_WAIT: Duration = Duration::from_secs(20);
const BUSY_LOOK: Duration = Duration::from_micros(500);

/// Sleeps until the next look; false when the wait is over.
fn look_again(looks: i32) -> bool {
    std::thread::sleep(BUSY_LOOK);
    BUSY_LOOK * looks.unsigned_abs() < BUSY_WAIT
}

/// Pages in the journal at which they are brought into the file.
const JOURNAL_PAGES_MAX: i32 = 2_000;

/// Brings the journal into the file and empties it. SQLite's own way leaves it full until the next write; then one bit
/// that turns over in it makes recovery stop there, and lay older pages over newer ones without a word. Where somebody
/// reads for long, or the disk is full, the next commit tries again.
fn empty_journal(wal: &Wal, pages: i32) -> rusqlite::Result<()> {
    if pages >= JOURNAL_PAGES_MAX {
        drop(wal.checkpoint_v2(CheckpointMode::TRUNCATE));
    }
    Ok(())
}

/// SQLite says that it is ready before SQLCipher is (2026-11): a thread that opens a file in that moment is refused its
/// key. So the first one makes both ready, and the others wait for it.
pub(crate) fn make_ready() {
    static READY: Once = Once::new();
    READY.call_once(|| drop(Connection::open_in_memory()));
}

/// Stands beside a file that the office had erased, or was about to.
pub(crate) const ERASED_MARKER: &str = "erased";

/// What it takes to open the file once more.
pub(super) struct Opening {
    path: PathBuf,
    key: DataKey,
}

impl Opening {
    pub fn new(path: &Path, key: &DataKey) -> Opening {
        Opening { path: path.to_owned(), key: key.clone() }
    }

    /// Whether this program or another erased the file. Its connections would go on writing to what has no name any more.
    pub fn is_erased(&self) -> bool {
        self.path.with_file_name(ERASED_MARKER).exists() && !self.path.exists()
    }

    /// A connection to the file, which is made where there is none and brought up to this build's schema.
    pub fn connect(&self) -> Result<Connection, StoreError> {
        match self.try_connect() {
            // One failed read of the file's salt looks like a wrong key (SQLCipher 4.14): a wrong key stays wrong.
            Err(StoreError::WrongKey) => self.try_connect(),
            tried => tried,
        }
    }

    fn try_connect(&self) -> Result<Connection, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        make_ready();
        let mut connection = Connection::open_with_flags(&self.path, flags)?;
        let hexadecimal: Zeroizing<String> =
            Zeroizing::new(self.key.iter().map(|byte| format!("{byte:02x}")).collect());
        connection.pragma_update(None, "cipher_log_level", "NONE")?;
        connection.pragma_update(None, "key", format!("x'{}'", hexadecimal.as_str()))?;
        // Tablets and servers have instructions for SHA-256, not for SQLCipher's usual SHA-512.
        connection.pragma_update(None, "cipher_hmac_algorithm", "HMAC_SHA256")?;
        connection.busy_handler(Some(look_again))?;
        connection.execute_batch(include_str!("sql/settings.sql")).map_err(StoreError::from_opening)?;
        connection.wal_hook(Some(empty_journal));
        connection.set_prepared_statement_cache_capacity(128);
        // Grouped: a migration and the note that it was made are one transaction. Else a cut between the two leaves a
        // file that never opens again.
        migrations::migrations::runner().set_grouped(true).run(&mut connection)?;
        Ok(connection)
    }
}

/// Whether the connection can still encrypt. After one read that failed, SQLCipher answers "out of memory" for ever,
/// however well the disk is again.
pub(super) fn is_usable(connection: &Connection) -> Result<bool, StoreError> {
    // Never from a cached statement: the answer is part of the compiled one.
    let status: String = connection.query_row("PRAGMA cipher_status", [], |row| row.get(0))?;
    Ok(status == "1")
}
