//! `cargo xtask speed`: what things cost here, as ratios against a floor measured in the same run. Never a test:
//! machines differ, floors move with them.

mod growing;
mod idling;
mod meter;
mod people;
mod saving;
mod screens;
mod syncing;
mod tablet;
mod touching;
mod trees;
mod wire;

pub use idling::{SERVE, WINDOW, serve, window};
pub use meter::{Row, percentile};
pub use screens::{START, start_app};
pub use touching::{TOUCH, touch_app};

use crate::plain::{self, BUCKET, SITE, STAFF, VAN};
use crate::sample::Seeded;
use app::store::Store;
use shared::ids::EmployerId;
use std::path::Path;

/// One measurement by its name on the command line.
pub struct Measurement {
    pub name: &'static str,
    pub run: fn() -> Vec<Row>,
}

/// Every measurement, in the order in which they run.
pub const MEASUREMENTS: &[Measurement] = &[
    Measurement { name: "save", run: saving::save },
    Measurement { name: "disk", run: saving::disk },
    Measurement { name: "pack", run: people::day_pack },
    Measurement { name: "search", run: people::search },
    Measurement { name: "sync", run: syncing::sync },
    Measurement { name: "start", run: screens::start },
    Measurement { name: "touch", run: touching::touches },
    Measurement { name: "people", run: growing::people },
    Measurement { name: "changes", run: growing::changes },
    Measurement { name: "idle", run: idling::idle },
];

/// How often a figure of a second or less is taken; the median counts.
const RUNS: usize = 5;
const EMPLOYER: EmployerId = EmployerId::from_bytes([6; 16]);

/// A device of its own, enrolled with nobody.
fn device(folder: &Path, number: u32) -> Store {
    plain::device(&folder.join(format!("device-{number}.db")), number, None).expect("a new file opens")
}

/// The floor of a store: the same SQLCipher, the same settings, one table.
fn floor(path: &Path) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(path).expect("a new file opens");
    connection
        .execute_batch(
            "PRAGMA key = \"x'0303030303030303030303030303030303030303030303030303030303030303'\";
             PRAGMA cipher_hmac_algorithm = HMAC_SHA256; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;
             CREATE TABLE floor (id BLOB PRIMARY KEY, body BLOB NOT NULL);",
        )
        .expect("the floor's table is made");
    connection
}

fn seeded() -> Seeded {
    Seeded(2026)
}
