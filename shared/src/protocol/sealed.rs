//! A batch that waits beside a device's file, sealed to the server's public key (X25519, libsodium's sealed box), so
//! that nobody but the server can open it, and the server can when nobody can open the device any more. What is sealed
//! is the compressed batch as a push would carry it: signed, and checked like any other. The sealing itself is done by
//! whoever holds a key.

use crate::ids::{DeviceNumber, Sequence};
use std::fmt;
use std::str::FromStr;

/// How such a file begins.
const MARK: &[u8] = b"caravan unsent changes 1\n";
/// What the sealing adds: a public key and a tag.
const SEALING_BYTES: usize = 48;
/// A file is no larger than a request, sealed.
pub const SEALED_BYTES_MAX: usize = super::limits::REQUEST_BYTES_MAX + MARK.len() + SEALING_BYTES;

/// The file's bytes around what was sealed.
pub fn wrap(sealed: &[u8]) -> Vec<u8> {
    [MARK, sealed].concat()
}

/// What was sealed, if the bytes are of such a file.
pub fn unwrap(file: &[u8]) -> Option<&[u8]> {
    file.strip_prefix(MARK)
}

/// What a file holds, as its name says: `2-17-41.caravan` is changes 17 to 41 of device 2. The name is for people and
/// for putting files in order; what counts stands inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SealedName {
    pub device: DeviceNumber,
    pub first: Sequence,
    pub last: Sequence,
}

impl fmt::Display for SealedName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}-{}-{}.caravan", self.device, self.first, self.last)
    }
}

/// A file's name that is not of this form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a file of unsent changes")]
pub struct NotASealedName;

impl FromStr for SealedName {
    type Err = NotASealedName;
    fn from_str(name: &str) -> Result<Self, NotASealedName> {
        let stem = name.strip_suffix(".caravan").ok_or(NotASealedName)?;
        let mut parts = stem.split('-');
        let mut number = || parts.next().and_then(|part| part.parse::<u64>().ok()).ok_or(NotASealedName);
        let device = u32::try_from(number()?).map_err(|_| NotASealedName)?;
        let (first, last) = (Sequence(number()?), Sequence(number()?));
        let is_whole = first <= last && parts.next().is_none();
        if is_whole { Ok(Self { device: DeviceNumber(device), first, last }) } else { Err(NotASealedName) }
    }
}
