//! The server's data folder: what it is called, where it listens, and its keys, each a file that only its owner
//! reads. The database's key may come from the environment instead, for those who keep keys elsewhere.

use crate::hexadecimal;
use crate::platform::random;
use crate::store::StoreError;
use crate::store::sqlite::{DatabaseKey, SqliteStore};
use crate::tls::{Authority, Pair, TlsError};
use serde::{Deserialize, Serialize};
use shared::ids::{DeviceId, RegionId};
use shared::time::Timestamp;
use std::fs;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Overrides the address to listen on.
pub const LISTEN_VARIABLE: &str = "CARAVAN_LISTEN";
/// Holds the database's key, 64 hexadecimal digits, instead of the file.
pub const KEY_VARIABLE: &str = "CARAVAN_DATABASE_KEY";

const SETTINGS_FILE: &str = "server.json";
const DATABASE_FILE: &str = "caravan.db";
const DATABASE_KEY_FILE: &str = "database.key";

/// Why a data folder cannot be used. The operator must act.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    #[error("{path}: {source}")]
    File { path: String, source: io::Error },
    #[error("{0} holds a server already")]
    Exists(String),
    #[error("{path} cannot be read: {reason}")]
    Unreadable { path: String, reason: String },
    #[error("{0} does not hold 64 hexadecimal digits")]
    BadKey(String),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What `server.json` holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct SettingsFile {
    region: u16,
    /// Host names and addresses of the certificate.
    names: Vec<String>,
    listen: SocketAddr,
}

/// A server's settings, read once at the start.
#[derive(Clone, Debug)]
pub struct Settings {
    pub data: PathBuf,
    pub region: RegionId,
    pub names: Vec<String>,
    pub listen: SocketAddr,
}

/// What a new data folder is to hold.
#[derive(Clone, Debug)]
pub struct NewServer {
    pub region: RegionId,
    pub names: Vec<String>,
    pub listen: SocketAddr,
}

/// The secrets of a data folder.
pub struct KeyFiles {
    pub authority: Authority,
    pub server: Pair,
    pub signing: [u8; 32],
    pub sealing: [u8; 32],
    pub database: DatabaseKey,
}

fn file_error(path: &Path) -> impl FnOnce(io::Error) -> SettingsError {
    let path = path.display().to_string();
    move |source| SettingsError::File { path, source }
}

fn write_private(folder: &Path, name: &str, text: &str) -> Result<(), SettingsError> {
    let path = folder.join(name);
    let write = || {
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(file_error(&path))
}

fn read_text(folder: &Path, name: &str) -> Result<String, SettingsError> {
    let path = folder.join(name);
    fs::read_to_string(&path).map_err(file_error(&path))
}

fn read_key(folder: &Path, name: &str) -> Result<[u8; 32], SettingsError> {
    hexadecimal::decode(&read_text(folder, name)?).ok_or_else(|| SettingsError::BadKey(name.to_owned()))
}

impl Settings {
    /// Makes a data folder: keys, certificates and an empty database.
    pub async fn init(data: &Path, new: NewServer, now: Timestamp) -> Result<Self, SettingsError> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(data).map_err(file_error(data))?;
        if data.join(SETTINGS_FILE).exists() || data.join(DATABASE_FILE).exists() {
            return Err(SettingsError::Exists(data.display().to_string()));
        }
        let authority = Authority::make(now)?;
        let server = authority.server(&new.names, now)?;
        let signing = random::<32>();
        write_private(data, "authority.pem", &authority.0.certificate)?;
        write_private(data, "authority.key", &authority.0.key)?;
        write_private(data, "server.pem", &server.certificate)?;
        write_private(data, "server.key", &server.key)?;
        write_private(data, "signing.key", &hexadecimal::encode(&signing))?;
        write_private(data, "sealing.key", &hexadecimal::encode(&random::<32>()))?;
        if std::env::var_os(KEY_VARIABLE).is_none() {
            write_private(data, DATABASE_KEY_FILE, &hexadecimal::encode(&random::<32>()))?;
        }
        let file = SettingsFile { region: new.region.0, names: new.names, listen: new.listen };
        let text = serde_json::to_string_pretty(&file).expect("settings are plain text and numbers");
        write_private(data, SETTINGS_FILE, &text)?;
        let settings = Self::load(data)?;
        let store = settings.open_store()?;
        let device = DeviceId::new(now, &mut crate::platform::SystemEntropy);
        let public = ed25519_dalek::SigningKey::from_bytes(&signing).verifying_key();
        store.initialise(device, public.to_bytes(), now).await?;
        Ok(settings)
    }

    pub fn load(data: &Path) -> Result<Self, SettingsError> {
        let unreadable = |reason: String| SettingsError::Unreadable {
            path: data.join(SETTINGS_FILE).display().to_string(),
            reason,
        };
        let text = read_text(data, SETTINGS_FILE)?;
        let file: SettingsFile =
            serde_json::from_str(&text).map_err(|error| unreadable(error.to_string()))?;
        let listen = match std::env::var(LISTEN_VARIABLE) {
            Ok(text) => {
                text.parse().map_err(|_| unreadable(format!("{LISTEN_VARIABLE} is no address and port")))?
            }
            Err(_) => file.listen,
        };
        Ok(Self { data: data.to_owned(), region: RegionId(file.region), names: file.names, listen })
    }

    pub fn keys(&self) -> Result<KeyFiles, SettingsError> {
        let pair = |name: &str| -> Result<Pair, SettingsError> {
            let certificate = read_text(&self.data, &format!("{name}.pem"))?;
            Ok(Pair { certificate, key: read_text(&self.data, &format!("{name}.key"))? })
        };
        Ok(KeyFiles {
            authority: Authority(pair("authority")?),
            server: pair("server")?,
            signing: read_key(&self.data, "signing.key")?,
            sealing: read_key(&self.data, "sealing.key")?,
            database: self.database_key()?,
        })
    }

    pub fn database_key(&self) -> Result<DatabaseKey, SettingsError> {
        let Ok(text) = std::env::var(KEY_VARIABLE) else {
            return read_key(&self.data, DATABASE_KEY_FILE).map(DatabaseKey);
        };
        hexadecimal::decode(&text)
            .map(DatabaseKey)
            .ok_or_else(|| SettingsError::BadKey(KEY_VARIABLE.to_owned()))
    }

    pub fn database(&self) -> PathBuf {
        self.data.join(DATABASE_FILE)
    }

    pub fn open_store(&self) -> Result<SqliteStore, SettingsError> {
        Ok(SqliteStore::open(&self.database(), &self.database_key()?, self.region)?)
    }
}
