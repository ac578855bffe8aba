//! Where this installation keeps its files: `records.db` (encrypted), `keys.db` (wraps of its key), `device.secret`
//! (readable by its owner only; half of what opens a wrap), `device.mark` (by which a copy is noticed) and `unsent/`
//! (what is not delivered yet, sealed to the server). `erased` stands where the office had all of them destroyed, or was
//! about to.

use crate::platform;
use crate::store::ERASED_MARKER;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// A folder that exists and is its owner's alone.
#[derive(Clone, Debug)]
pub struct DataFolder {
    path: PathBuf,
}

/// Why the folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {error}")]
pub struct FolderError {
    pub path: String,
    pub error: std::io::Error,
}

impl DataFolder {
    pub fn open(path: &Path) -> Result<DataFolder, FolderError> {
        let wrong = |error| FolderError { path: path.display().to_string(), error };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(wrong)?;
        Ok(DataFolder { path: path.to_owned() })
    }
    pub fn path(&self) -> &Path {
        &self.path
    }
    pub fn records(&self) -> PathBuf {
        self.path.join("records.db")
    }
    pub fn keys(&self) -> PathBuf {
        self.path.join("keys.db")
    }

    pub(super) fn secret_path(&self) -> PathBuf {
        self.path.join("device.secret")
    }
    pub(super) fn erased_marker(&self) -> PathBuf {
        self.path.join(ERASED_MARKER)
    }
    /// Whether the office had this installation erased: that it was begun is not enough.
    pub fn is_erased(&self) -> bool {
        self.erased_marker().exists() && !self.records().exists()
    }
    pub(super) fn wrong(&self, path: &Path) -> impl FnOnce(std::io::Error) -> FolderError + use<> {
        let path = path.display().to_string();
        move |error| FolderError { path, error }
    }
    /// Says that the screens are open here, for as long as the answer is kept; nothing when they are open already.
    pub fn hold(&self) -> Result<Option<fs::File>, FolderError> {
        let path = self.path.join("open.lock");
        let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path);
        let file = file.map_err(self.wrong(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(self.wrong(&path)(error)),
        }
    }
    /// Sealed copies of what is not delivered yet.
    pub fn unsent(&self) -> PathBuf {
        self.path.join("unsent")
    }

    pub fn preferences(&self) -> PathBuf {
        self.path.join("preferences.json")
    }

    /// The device's secret, made at the first call.
    pub fn secret(&self) -> Result<Zeroizing<[u8; 32]>, FolderError> {
        let path = self.secret_path();
        let wrong = |error| FolderError { path: path.display().to_string(), error };
        match fs::read(&path) {
            Ok(bytes) => {
                let bytes = Zeroizing::new(bytes);
                let secret =
                    bytes.as_slice().try_into().map_err(|_| wrong(std::io::ErrorKind::InvalidData.into()))?;
                Ok(Zeroizing::new(secret))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let secret = Zeroizing::new(platform::random::<32>());
                write_private(&self.path, "device.secret", secret.as_slice())?;
                Ok(secret)
            }
            Err(error) => Err(wrong(error)),
        }
    }
}

/// Writes a file that only its owner reads: on disk when this returns, and after a cut either the old one or the new.
pub(crate) fn write_private(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), FolderError> {
    let path = folder.join(name);
    let wrong = |error| FolderError { path: path.display().to_string(), error };
    let part = folder.join(format!("{name}.part"));
    let _ = fs::remove_file(&part);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part).map_err(wrong)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(wrong)?;
    fs::rename(&part, &path).map_err(wrong)?;
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(wrong)
}
