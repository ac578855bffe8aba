//! `cargo xtask speed`: what things cost here, as ratios against a floor measured in the same run. Never a test:
//! machines differ, floors move with them.

mod meter;
mod people;
mod saving;
mod syncing;

pub use meter::{Row, percentile};

use crate::sample::Seeded;
use app::store::{DataKey, Identity, Store};
use shared::change::Bucket;
use shared::ids::{DeviceId, EmployerId, SiteId, StaffId, VanId};
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
];

const SITE: SiteId = SiteId::from_bytes([7; 16]);
const BUCKET: Bucket = Bucket::Site(SITE);
const STAFF: StaffId = StaffId::from_bytes([9; 16]);
const VAN: VanId = VanId::from_bytes([8; 16]);
const EMPLOYER: EmployerId = EmployerId::from_bytes([6; 16]);

/// A device of its own, enrolled with nobody.
fn device(folder: &Path, number: u32) -> Store {
    let key = DataKey::new([3; 32]);
    let mut store = Store::open(&folder.join(format!("device-{number}.db")), &key).expect("a new file opens");
    let identity = Identity {
        device: DeviceId::from_bytes([number as u8; 16]).to_string(),
        number,
        region: 1,
        van: VAN.to_string(),
        van_code: "VAN-01".into(),
        label: "tablet".into(),
        server: "127.0.0.1:1".into(),
        authority: String::new(),
        certificate: String::new(),
        certificate_key: String::new(),
        signing_key: format!("{number:064x}"),
        server_signing_key: "01".repeat(32),
        server_sealing_key: String::new(),
    };
    let write = store.write().expect("a write begins");
    write.set_identity(&identity).expect("an identity is stored");
    write.commit().expect("a write commits");
    store
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
