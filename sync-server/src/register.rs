//! Who was enrolled, renewed and shut out, in a file beside the database. A backup knows nothing of what came after it:
//! from here a restored server knows its newer tablets again, which send everything anew, and keeps out those that were
//! revoked since. Never a key that is secret, and nothing of the people who are cared for.

use crate::hexadecimal;
use crate::settings::{Settings, SettingsError};
use crate::store::{Certificate, DeviceStatus, Enrolled, Store, StoreError};
use serde::{Deserialize, Serialize};
use shared::ids::{DeviceId, DeviceNumber, StaffId, VanId};
use shared::time::Timestamp;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

const FILE: &str = "register.json";

/// Where the register is kept.
#[derive(Clone, Debug, Default)]
pub struct Register(Option<PathBuf>);

/// A device as the file has it. Keys, fingerprints and ids are text, moments are milliseconds since 1970.
#[derive(Debug, Serialize, Deserialize)]
struct Entry {
    number: u32,
    id: String,
    van: String,
    label: String,
    signing_key: String,
    is_revoked: bool,
    wipe_ordered_at: Option<i64>,
    enrolled_at: i64,
    enrolled_by: Option<String>,
    certificates: Vec<CertificateEntry>,
}

#[derive(Debug, Serialize, Deserialize)]
struct CertificateEntry {
    fingerprint: String,
    expires_at: i64,
    made_at: i64,
}

impl Register {
    /// In a server's data folder.
    pub fn of(settings: &Settings) -> Self {
        Self(Some(settings.data.join(FILE)))
    }

    /// Nowhere: for servers of tests, which nobody restores.
    pub fn nowhere() -> Self {
        Self(None)
    }

    /// Brings the file up to the database. Another program may do so at the same time, so the rows are read under a lock.
    pub async fn keep(&self, store: &dyn Store) -> Result<(), StoreError> {
        let Some(path) = &self.0 else { return Ok(()) };
        let failed = |error: io::Error| StoreError::Database(format!("{}: {error}", path.display()));
        let lock = File::create(path.with_extension("lock")).map_err(failed)?;
        lock.lock().map_err(failed)?;
        let entries: Vec<Entry> = store.enrolled().await?.iter().map(Entry::of).collect();
        write(path, &entries).map_err(failed)
    }
}

/// Written anew beside the old one, which it then replaces.
fn write(path: &Path, entries: &[Entry]) -> io::Result<()> {
    let fresh = path.with_extension("new");
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    file.write_all(&serde_json::to_vec_pretty(entries)?)?;
    file.sync_all()?;
    fs::rename(&fresh, path)
}

/// What a data folder's register says; nothing where there is none yet. One that does not read is an error: devices that
/// were shut out must not come back unnoticed.
pub fn read(settings: &Settings) -> Result<Vec<Enrolled>, SettingsError> {
    let path = settings.data.join(FILE);
    let unreadable = |reason: String| SettingsError::Unreadable { path: path.display().to_string(), reason };
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(error.to_string())),
    };
    let entries: Vec<Entry> =
        serde_json::from_slice(&bytes).map_err(|error| unreadable(error.to_string()))?;
    let whole = |entry: Entry| {
        let number = entry.number;
        entry.enrolled().ok_or_else(|| unreadable(format!("device {number} has a wrong id or key")))
    };
    entries.into_iter().map(whole).collect()
}

impl Entry {
    fn of(device: &Enrolled) -> Self {
        let certificate = |certificate: &Certificate| CertificateEntry {
            fingerprint: hexadecimal::encode(&certificate.fingerprint),
            expires_at: certificate.expires_at.milliseconds(),
            made_at: certificate.made_at.milliseconds(),
        };
        Self {
            number: device.number.0,
            id: device.id.to_string(),
            van: device.van.to_string(),
            label: device.label.clone(),
            signing_key: hexadecimal::encode(&device.signing_key),
            is_revoked: device.status == DeviceStatus::Revoked,
            wipe_ordered_at: device.wipe_ordered_at.map(Timestamp::milliseconds),
            enrolled_at: device.enrolled_at.milliseconds(),
            enrolled_by: device.enrolled_by.map(|staff| staff.to_string()),
            certificates: device.certificates.iter().map(certificate).collect(),
        }
    }

    fn enrolled(self) -> Option<Enrolled> {
        let moment = Timestamp::from_milliseconds;
        let certificate = |entry: CertificateEntry| {
            Some(Certificate {
                fingerprint: hexadecimal::decode(&entry.fingerprint)?,
                expires_at: moment(entry.expires_at),
                made_at: moment(entry.made_at),
            })
        };
        Some(Enrolled {
            number: DeviceNumber(self.number),
            id: self.id.parse::<DeviceId>().ok()?,
            van: self.van.parse::<VanId>().ok()?,
            label: self.label,
            signing_key: hexadecimal::decode(&self.signing_key)?,
            status: if self.is_revoked { DeviceStatus::Revoked } else { DeviceStatus::Active },
            wipe_ordered_at: self.wipe_ordered_at.map(moment),
            enrolled_at: moment(self.enrolled_at),
            enrolled_by: match self.enrolled_by {
                Some(staff) => Some(staff.parse::<StaffId>().ok()?),
                None => None,
            },
            certificates: self.certificates.into_iter().map(certificate).collect::<Option<_>>()?,
        })
    }
}
