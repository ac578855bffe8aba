//! Who may open this device: wraps of the data key, one a member of staff; and whether its file is its own. Never the
//! data itself.

mod break_glass;
pub(crate) mod erase;
mod folder;
mod keyring;
mod marker;
mod pin;
mod preferences;

pub use break_glass::{LateKey, Reason};
pub use erase::{erase, open_records};
pub(crate) use folder::write_private;
pub use folder::{DataFolder, FolderError};
pub use keyring::{Keyring, Member, SignInError, TRIES_MAX, Unlocked};
pub use marker::{Checked, CopyReason, Marker, MarkerError, copied};
pub use pin::{Pin, PinError};
pub use preferences::{Colors, Preferences};

#[cfg(test)]
mod tests;
