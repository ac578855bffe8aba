//! The keyring's file: the wraps of the data key, one a member of staff. It is not encrypted, because nothing in it opens
//! anything without a PIN and the device's secret. What a wrap is made of is `session`'s business.

use super::{StoreError, make_ready};
use rusqlite::{Connection, OptionalExtension, params};
use shared::ids::StaffId;
use shared::time::Timestamp;
use std::path::Path;
use std::time::Duration;

/// How long one opening of the file waits for another's write.
const BUSY_WAIT: Duration = Duration::from_secs(5);

/// One member's row.
#[derive(Clone, Debug)]
pub(crate) struct Wrap {
    pub staff: StaffId,
    pub name: String,
    pub role: String,
    pub salt: [u8; 16],
    pub nonce: [u8; 24],
    /// The sealed data key.
    pub sealed: Vec<u8>,
    /// Wrong PINs since the last right one.
    pub failures: u32,
    pub lease_until: Timestamp,
    /// The office ended this member's access.
    pub is_revoked: bool,
}

/// The open file. Each change is on disk when its call returns.
pub(crate) struct Wraps(Connection);

impl Wraps {
    /// Opens the file, or makes it.
    pub fn open(path: &Path) -> Result<Wraps, StoreError> {
        make_ready();
        let connection = Connection::open(path)?;
        connection.busy_timeout(BUSY_WAIT)?;
        connection.execute_batch(include_str!("sql/keyring.sql"))?;
        Ok(Wraps(connection))
    }

    /// Takes every wrap out, for whoever still has the file open.
    pub fn empty(path: &Path) -> Result<(), StoreError> {
        make_ready();
        Ok(Connection::open(path)?.execute_batch(include_str!("sql/erase_wraps.sql"))?)
    }

    /// Puts a member's wrap in the place of the one before; no failed try counts against it.
    pub fn put(&self, wrap: &Wrap) -> Result<(), StoreError> {
        let Wrap { staff, name, role, salt, nonce, sealed, failures: _, lease_until, is_revoked: _ } = wrap;
        let values = params![staff.as_bytes(), name, role, salt, nonce, sealed, lease_until.milliseconds()];
        self.0.execute(include_str!("sql/admit.sql"), values)?;
        Ok(())
    }

    /// Everybody's wrap, by name.
    pub fn all(&self) -> Result<Vec<Wrap>, StoreError> {
        let mut statement = self.0.prepare(include_str!("sql/wraps.sql"))?;
        let rows = statement.query_map([], read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    pub fn of(&self, staff: StaffId) -> Result<Option<Wrap>, StoreError> {
        let mut statement = self.0.prepare(include_str!("sql/wrap_of.sql"))?;
        Ok(statement.query_row([staff.as_bytes()], read).optional()?)
    }

    pub fn set_failures(&self, staff: StaffId, failures: u32) -> Result<(), StoreError> {
        let statement = "UPDATE wrap SET failures = ? WHERE staff = ?";
        self.0.execute(statement, params![failures, staff.as_bytes()])?;
        Ok(())
    }

    /// Everybody's lease runs until then, but of those whose access ended: these and nobody else from now on.
    pub fn renew(&self, until: Timestamp, revoked: &[StaffId]) -> Result<(), StoreError> {
        let transaction = self.0.unchecked_transaction()?;
        transaction.execute("DELETE FROM revoked", [])?;
        for staff in revoked {
            transaction.execute("INSERT INTO revoked (staff) VALUES (?)", [staff.as_bytes()])?;
        }
        let statement = "UPDATE wrap SET lease_until = ? WHERE staff NOT IN (SELECT staff FROM revoked)";
        transaction.execute(statement, [until.milliseconds()])?;
        Ok(transaction.commit()?)
    }
}

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Wrap> {
    Ok(Wrap {
        staff: StaffId::from_bytes(row.get::<_, [u8; 16]>(0)?),
        name: row.get(1)?,
        role: row.get(2)?,
        salt: row.get(3)?,
        nonce: row.get(4)?,
        sealed: row.get(5)?,
        failures: row.get(6)?,
        lease_until: Timestamp::from_milliseconds(row.get(7)?),
        is_revoked: row.get(8)?,
    })
}
