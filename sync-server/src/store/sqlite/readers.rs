//! A few connections that only read, lent one query at a time to tokio's blocking threads.

use super::super::{StoreError, StoreResult};
use super::connection::{self, DatabaseKey};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tokio::sync::Semaphore;

const READERS: usize = 4;
const CACHE_KIB: u32 = 8 * 1024;

pub(super) struct Readers {
    path: PathBuf,
    key: DatabaseKey,
    idle: Arc<Mutex<Vec<Connection>>>,
    places: Arc<Semaphore>,
}

impl Readers {
    pub fn new(path: &Path, key: &DatabaseKey) -> Self {
        Self {
            path: path.to_owned(),
            key: key.clone(),
            idle: Arc::default(),
            places: Arc::new(Semaphore::new(READERS)),
        }
    }

    /// Runs `job` in one read transaction.
    pub async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        let place = self.places.clone().acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let idle = self.idle.clone();
        let (path, key) = (self.path.clone(), self.key.clone());
        let work = move || {
            let lent = idle.lock().map_err(|_| StoreError::Closed)?.pop();
            let connection = match lent {
                Some(connection) => connection,
                None => connection::open(&path, &key, CACHE_KIB)?,
            };
            let transaction = connection.unchecked_transaction()?;
            let result = job(&transaction);
            drop(transaction);
            if connection::is_usable(&connection) {
                idle.lock().map_err(|_| StoreError::Closed)?.push(connection);
            }
            drop(place);
            result
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| StoreError::Closed)?
    }
}
