//! Who may open this device: wraps of the data key, one a member of staff. Never the data itself.

mod folder;
mod keyring;
mod pin;

pub use folder::{DataFolder, FolderError};
pub use keyring::{Keyring, Member, SignInError, TRIES_MAX};
pub use pin::{Pin, PinError};

#[cfg(test)]
mod tests;
