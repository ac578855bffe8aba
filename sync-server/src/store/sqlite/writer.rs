//! The one thread that writes. Jobs that wait together are committed together: a thousand vans that come back at
//! six in the evening share their flushes. Nobody hears of success before the commit.

use super::super::{StoreError, StoreResult};
use super::connection::is_usable;
use rusqlite::Connection;
use std::sync::mpsc;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

type Finish = Box<dyn FnOnce(StoreResult<()>) + Send>;
type Job = Box<dyn FnOnce(StoreResult<&Connection>) -> Finish + Send>;

/// How many jobs share one commit, and for how long one collects them.
const JOBS_A_COMMIT_MAX: usize = 32;
const COLLECT_MAX: Duration = Duration::from_millis(25);

pub(super) struct Writer {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Writer {
    /// `reopen` gives another connection when this one can no longer be used.
    pub fn start(
        mut connection: Connection,
        reopen: impl Fn() -> StoreResult<Connection> + Send + 'static,
    ) -> StoreResult<Self> {
        let (jobs, inbox) = mpsc::channel::<Job>();
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || {
                while let Ok(first) = inbox.recv() {
                    if !is_usable(&connection)
                        && let Ok(fresh) = reopen()
                    {
                        connection = fresh;
                    }
                    commit_together(&connection, first, &inbox);
                }
            })
            .map_err(|error| StoreError::Database(error.to_string()))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Runs `job` inside the writer's transaction; an error undoes this job alone.
    pub async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection) -> StoreResult<T> + Send + 'static,
    ) -> StoreResult<T> {
        let (tell, told) = oneshot::channel();
        let boxed: Job = Box::new(move |connection| {
            let result = connection.and_then(|connection| in_savepoint(connection, job));
            Box::new(move |committed| drop(tell.send(committed.and(result))))
        });
        self.jobs.as_ref().ok_or(StoreError::Closed)?.send(boxed).map_err(|_| StoreError::Closed)?;
        told.await.unwrap_or(Err(StoreError::Closed))
    }
}

impl Drop for Writer {
    /// Waits for the last commit, so that whoever opens the file next finds it whole.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn in_savepoint<T>(
    connection: &Connection,
    job: impl FnOnce(&Connection) -> StoreResult<T>,
) -> StoreResult<T> {
    connection.execute_batch("SAVEPOINT job")?;
    match job(connection) {
        Ok(value) => connection.execute_batch("RELEASE job").map(|()| value).map_err(StoreError::from),
        Err(error) => {
            connection.execute_batch("ROLLBACK TO job; RELEASE job")?;
            Err(error)
        }
    }
}

fn commit_together(connection: &Connection, first: Job, inbox: &mpsc::Receiver<Job>) {
    let begun = connection.execute_batch("BEGIN IMMEDIATE").map_err(StoreError::from);
    let open = || begun.clone().map(|()| connection);
    let started = Instant::now();
    let mut finishes = vec![first(open())];
    while finishes.len() < JOBS_A_COMMIT_MAX && started.elapsed() < COLLECT_MAX {
        let Ok(job) = inbox.try_recv() else { break };
        finishes.push(job(open()));
    }
    let committed = begun.and_then(|()| connection.execute_batch("COMMIT").map_err(StoreError::from));
    if committed.is_err() && !connection.is_autocommit() {
        drop(connection.execute_batch("ROLLBACK"));
    }
    for finish in finishes {
        finish(committed.clone());
    }
}
