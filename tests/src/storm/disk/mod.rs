//! Power cuts and bad disks under both stores. A disk in memory stands below SQLite; the stores are the product's.

mod fault;
mod flush;
mod locks;
mod medium;
mod survive;
pub mod vfs;

mod check;
mod life;
mod oracle;
mod rows;

mod device_cuts;
mod device_faults;
mod flips;

mod server_check;
mod server_cuts;
mod server_faults;
mod server_flips;
mod server_life;
mod server_writer;

pub use check::{Trouble, consistent, log, look_at_device, told, wrong};
pub use device_cuts::{CARELESS, DEVICE_CUTS};
pub use device_faults::{DEVICE_FAULTS, LYING_MORNING};
pub use fault::Fault;
pub use flips::FLIPS;
pub use life::{Life, mount};
pub use medium::Disk;
pub use oracle::{NOON, SITE, Truth, follow, hash_at, intents};
pub use rows::{copied, facts};
pub use server_check::{facts_held, held_log, merged, raw, rebuilt};
pub use server_cuts::{LYING_CUTS, SERVER_CUTS};
pub use server_faults::{LYING_EVENING, SERVER_FAULTS};
pub use server_flips::SERVER_FLIPS;
pub use server_life::{BootedServer, FILE as SERVER_FILE, KEY, Place, REGION, boot_with, keys, place};
pub use survive::Image;
pub use vfs::Mounted;
