//! The sync driver: performs what the shared machine asks, over HTTP, on a thread of its own beside the screens.
//! It reads the log and merges pages through `apply`; it never writes a change of its own.

mod client;
mod driver;
mod enrol;
mod seal;
mod tls;

pub use client::{HttpTransport, Transport};
pub use driver::{Driver, SyncReport, start};
pub use enrol::{EnrolError, Enrolled, LEASE_MS, enrol};
pub use seal::seal_run;

/// How often an idle device looks for news, and no oftener.
pub const IDLE_INTERVAL_MS: u64 = 30_000;
