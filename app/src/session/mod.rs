//! Who may open this device: wraps of the data key, one a member of staff. Never the data itself.

pub(crate) mod erase;
mod folder;
mod keyring;
mod pin;
mod preferences;

pub use erase::erase;
pub use folder::{DataFolder, FolderError};
pub use keyring::{Keyring, Member, SignInError, TRIES_MAX};
pub use pin::{Pin, PinError};
pub use preferences::{Colors, Preferences};

#[cfg(test)]
mod tests;
