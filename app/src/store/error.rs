//! What can go wrong with the device's file, by who must act.

use shared::error::Malformed;

/// A store's error.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The key does not open the file: a wrong key, or another file.
    #[error("the key does not open the device's file")]
    WrongKey,
    /// The disk is full. Nothing was written; work goes on when there is room again.
    #[error("the disk is full")]
    Full,
    /// One action is larger than the office takes. Nothing was written.
    #[error("one change of {0} bytes is larger than the office takes")]
    TooLarge(usize),
    /// The file is damaged. Nothing of it was shown.
    #[error("the device's file is damaged: {0}")]
    Damaged(String),
    /// The office had the file erased. Nothing was written, and nothing will be.
    #[error("the office had this device erased")]
    Erased,
    /// The file was written by a newer build.
    #[error("the device's file cannot be brought up to this version: {0}")]
    Migration(String),
    /// Anything else that SQLite reports.
    #[error("the device's file cannot be used: {0}")]
    Sqlite(rusqlite::Error),
}

impl StoreError {
    /// Whether trying again later may work.
    pub fn is_permanent(&self) -> bool {
        !matches!(self, StoreError::Full | StoreError::Sqlite(_))
    }

    /// SQLCipher says "not a database" when the key does not fit.
    pub(super) fn from_opening(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::NotADatabase) => StoreError::WrongKey,
            _ => error.into(),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => StoreError::Full,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                StoreError::Damaged(error.to_string())
            }
            _ => StoreError::Sqlite(error),
        }
    }
}

impl From<Malformed> for StoreError {
    fn from(malformed: Malformed) -> Self {
        StoreError::Damaged(malformed.to_string())
    }
}

impl From<refinery::Error> for StoreError {
    /// A disk that is full or fails while the schema is looked at is no fault of the schema.
    fn from(error: refinery::Error) -> Self {
        let text = error.to_string();
        if let refinery::error::Kind::Connection(_, source) = error.kind()
            && let Some(rusqlite::Error::SqliteFailure(code, message)) = source.downcast_ref()
        {
            return rusqlite::Error::SqliteFailure(*code, message.clone()).into();
        }
        StoreError::Migration(text)
    }
}
