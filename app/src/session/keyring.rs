//! The wraps: the random data key sealed once a member under HKDF(Argon2id(PIN), device secret). A failed try is
//! on disk before the answer is known, so cutting the power wins nobody another guess.

use super::break_glass::LateKey;
use super::erase;
use super::folder::DataFolder;
use super::pin::Pin;
use crate::platform;
use crate::store::wraps::{Wrap, Wraps};
use crate::store::{DataKey, RecordReads, Store, StoreError};
use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;
use shared::domain::route::Staff;
use shared::ids::StaffId;
use shared::time::Timestamp;
use zeroize::Zeroizing;

/// Failed tries after which a member's wrap no longer opens here.
pub const TRIES_MAX: u32 = 10;

/// A member of staff who can sign in on this device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub staff: StaffId,
    pub name: String,
    pub role: String,
    pub tries_left: u32,
    /// The last moment at which this member may sign in without the server having been reached, or a reason.
    pub lease_until: Timestamp,
}

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    #[error("that PIN is not right; {tries_left} tries are left")]
    WrongPin { tries_left: u32 },
    #[error("too many wrong PINs; a supervisor or the office can let this person in again")]
    Disabled,
    #[error("this person has not chosen a PIN on this device")]
    NotAMember,
    #[error("the office ended this person's access")]
    Revoked,
    #[error("this device has not reached the server for too long; whoever goes on says why")]
    LeaseEnded,
    #[error(transparent)]
    Folder(#[from] super::FolderError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a right PIN opens.
pub enum Unlocked {
    InTime(DataKey),
    /// The lease ended: the key is for whoever says why they go on.
    Late(LateKey),
}

/// Takes every wrap out, for whoever still has the file open. The file is removed next, so that a failure here changes
/// nothing.
pub(super) fn empty(folder: &DataFolder) {
    if !folder.keys().exists() {
        return;
    }
    if Wraps::empty(&folder.keys()).is_err() {
        tracing::warn!("the wraps could not be emptied before they were removed");
    }
}

/// The keyring of one device.
pub struct Keyring {
    wraps: Wraps,
    secret: Zeroizing<[u8; 32]>,
}

impl Keyring {
    pub fn open(folder: &DataFolder) -> Result<Keyring, SignInError> {
        erase::go_on(folder)?;
        Ok(Keyring { wraps: Wraps::open(&folder.keys())?, secret: folder.secret()? })
    }

    /// A new random data key. Whoever makes it must wrap it for somebody.
    pub fn new_data_key() -> DataKey {
        Zeroizing::new(platform::random())
    }

    /// Wraps the data key for a member, or wraps it anew under another PIN.
    pub fn admit(
        &self,
        staff: StaffId,
        name: &str,
        role: &str,
        pin: &Pin,
        key: &DataKey,
        lease_until: Timestamp,
    ) -> Result<(), SignInError> {
        let (salt, nonce): ([u8; 16], [u8; 24]) = (platform::random(), platform::random());
        let payload = Payload { msg: key.as_slice(), aad: staff.as_bytes() };
        let sealed = self
            .cipher(pin, &salt)
            .encrypt(&XNonce::from(nonce), payload)
            .expect("sealing 32 bytes in memory cannot fail");
        let (name, role) = (name.to_owned(), role.to_owned());
        Ok(self.wraps.put(&Wrap {
            staff,
            name,
            role,
            salt,
            nonce,
            sealed,
            failures: 0,
            lease_until,
            is_revoked: false,
        })?)
    }

    /// Everybody who can sign in here, by name; not whose access the office ended.
    pub fn members(&self) -> Result<Vec<Member>, SignInError> {
        let member = |wrap: Wrap| Member {
            staff: wrap.staff,
            name: wrap.name,
            role: wrap.role,
            tries_left: TRIES_MAX.saturating_sub(wrap.failures),
            lease_until: wrap.lease_until,
        };
        Ok(self.wraps.all()?.into_iter().filter(|wrap| !wrap.is_revoked).map(member).collect())
    }

    /// The data key, if the PIN is right and the lease runs.
    pub fn sign_in(&self, staff: StaffId, pin: &Pin, now: Timestamp) -> Result<DataKey, SignInError> {
        match self.unlock(staff, pin, now)? {
            Unlocked::InTime(key) => Ok(key),
            Unlocked::Late(_) => Err(SignInError::LeaseEnded),
        }
    }

    /// What the PIN opens, if it is right. Of the lease nobody hears before.
    pub fn unlock(&self, staff: StaffId, pin: &Pin, now: Timestamp) -> Result<Unlocked, SignInError> {
        let wrap = self.wraps.of(staff)?.ok_or(SignInError::NotAMember)?;
        let Wrap { salt, nonce, sealed, failures, lease_until, is_revoked, .. } = wrap;
        if is_revoked {
            return Err(SignInError::Revoked);
        }
        if failures >= TRIES_MAX {
            return Err(SignInError::Disabled);
        }
        self.set_failures(staff, failures + 1)?;
        let payload = Payload { msg: &sealed, aad: staff.as_bytes() };
        match self.cipher(pin, &salt).decrypt(&XNonce::from(nonce), payload) {
            Ok(key) => {
                self.set_failures(staff, 0)?;
                let key = Zeroizing::new(key);
                let key = Zeroizing::new(key.as_slice().try_into().expect("a wrap holds 32 bytes"));
                let is_late = now > lease_until;
                Ok(if is_late { Unlocked::Late(LateKey::new(staff, key)) } else { Unlocked::InTime(key) })
            }
            Err(_) => Err(SignInError::WrongPin { tries_left: TRIES_MAX - failures - 1 }),
        }
    }

    /// Lets a disabled member try again: somebody who is signed in vouches for them.
    pub fn restore(&self, staff: StaffId) -> Result<(), SignInError> {
        self.set_failures(staff, 0)
    }

    /// After each contact with the server the leases run anew, but of whoever works there no more by what came: no PIN
    /// and no reason lets them in until the office says otherwise.
    pub fn renew_leases(&self, lease_until: Timestamp, held: &Store) -> Result<(), SignInError> {
        let mut revoked = Vec::new();
        for wrap in self.wraps.all()? {
            let known = held.state(wrap.staff.into())?;
            if known.is_some_and(|state| Staff::read(&state).active == Some(false)) {
                revoked.push(wrap.staff);
            }
        }
        Ok(self.wraps.renew(lease_until, &revoked)?)
    }

    fn set_failures(&self, staff: StaffId, failures: u32) -> Result<(), SignInError> {
        Ok(self.wraps.set_failures(staff, failures)?)
    }

    /// Argon2id with 19 MiB and two passes (OWASP's first choice), then HKDF with the device's secret.
    fn cipher(&self, pin: &Pin, salt: &[u8; 16]) -> XChaCha20Poly1305 {
        let parameters =
            Params::new(19 * 1024, 2, 1, Some(32)).expect("the parameters are within Argon2's bounds");
        let mut stretched = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters)
            .hash_password_into(pin.bytes(), salt, stretched.as_mut_slice())
            .expect("salt and output are within Argon2's bounds");
        let mut key = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(Some(self.secret.as_slice()), stretched.as_slice())
            .expand(b"caravan 2026-11 wrap of the data key", key.as_mut_slice())
            .expect("32 bytes are within HKDF's bounds");
        XChaCha20Poly1305::new(key.as_slice().into())
    }
}
