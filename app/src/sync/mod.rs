//! The sync driver: performs what the shared machine asks, over HTTP, on a thread of its own beside the screens.
//! It reads the log and merges pages through `apply`; it never writes a change of its own.

mod client;
mod driver;
mod enrol;
mod safeguard;
mod seal;
mod thread;
mod tls;
mod unsent;

pub use client::{HttpTransport, Transport};
pub use driver::{Driver, SyncReport};
pub use enrol::{Anew, EnrolError, Enrolled, LEASE_MS, enrol, enrol_anew};
pub use safeguard::Safeguard;
pub use seal::seal_run;
pub use thread::{jittered, start};

/// How often an idle device looks for news, and no oftener.
pub const IDLE_INTERVAL_MS: u64 = 30_000;

/// A key as enrolment stores it, 64 hexadecimal digits.
fn key_bytes(hexadecimal: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if hexadecimal.len() != 64 {
        return None;
    }
    for (position, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(hexadecimal.get(position * 2..position * 2 + 2)?, 16).ok()?;
    }
    Some(bytes)
}
