//! Power cuts and bad disks under both stores. A disk in memory stands below SQLite; the stores are the product's.

mod fault;
mod medium;
mod survive;
pub mod vfs;

mod check;
mod life;
mod oracle;

mod device_cuts;
mod device_faults;
mod flips;

mod server_check;
mod server_cuts;
mod server_flips;
mod server_life;

pub use check::{Trouble, consistent, log, look_at_device, told, wrong};
pub use device_cuts::{CARELESS, DEVICE_CUTS};
pub use device_faults::DEVICE_FAULTS;
pub use fault::Fault;
pub use flips::FLIPS;
pub use life::{Life, mount};
pub use medium::Disk;
pub use oracle::{NOON, SITE, Truth, follow, hash_at, intents};
pub use server_check::{held_log, merged, rebuilt};
pub use server_cuts::{SERVER_CUTS, SERVER_FAULTS};
pub use server_flips::SERVER_FLIPS;
pub use server_life::{BootedServer, FILE as SERVER_FILE, KEY, Place, REGION, boot, keys, place};
pub use survive::Image;
pub use vfs::Mounted;
