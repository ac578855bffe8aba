//! The files of one pack in memory, within bounds, in one canonical order with one hash. Never the disk: who reads a
//! folder hands the bytes in.

use crate::cbor::{Reader, Writer};
use crate::error::Malformed;
use std::collections::BTreeMap;

/// The files of one pack by name. Names are relative paths of lower-case letters, digits, `-`, `_`, `.` and `/`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackFiles(BTreeMap<String, Vec<u8>>);

/// Why a file is not taken into a pack.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    #[error("a file's name may hold only lower-case letters, digits, - _ . and /, and no ..")]
    Name,
    #[error("the file has {bytes} bytes; a file of a pack may have {}", PackFiles::FILE_BYTES_MAX)]
    TooLarge { bytes: usize },
    #[error("a pack may have {} files", PackFiles::FILES_MAX)]
    TooMany,
    #[error("the files together are larger than {} bytes", PackFiles::BYTES_MAX)]
    PackTooLarge,
}

impl PackFiles {
    pub const FILES_MAX: usize = 256;
    pub const FILE_BYTES_MAX: usize = 1 << 20;
    /// All files of one pack together.
    pub const BYTES_MAX: usize = 4 << 20;
    const NAME_BYTES_MAX: usize = 128;

    /// Takes a file in; one of the same name is replaced.
    pub fn put(&mut self, name: &str, bytes: Vec<u8>) -> Result<(), FileError> {
        let is_plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_./".contains(&byte);
        let is_name = !name.is_empty()
            && name.len() <= Self::NAME_BYTES_MAX
            && name.bytes().all(is_plain)
            && name.split('/').all(|part| !part.is_empty() && part != "." && part != "..");
        if !is_name {
            return Err(FileError::Name);
        }
        if bytes.len() > Self::FILE_BYTES_MAX {
            return Err(FileError::TooLarge { bytes: bytes.len() });
        }
        if self.0.len() >= Self::FILES_MAX && !self.0.contains_key(name) {
            return Err(FileError::TooMany);
        }
        if self.0.values().map(Vec::len).sum::<usize>() + bytes.len() > Self::BYTES_MAX {
            return Err(FileError::PackTooLarge);
        }
        self.0.insert(name.to_owned(), bytes);
        Ok(())
    }

    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name).map(Vec::as_slice)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The hash of names and contents, whatever the order in which they were put in.
    pub fn hash(&self) -> [u8; 32] {
        let mut out = Writer::default();
        self.write(&mut out);
        *blake3::Hasher::new_derive_key("caravan 2026-11 content of a pack")
            .update(&out.finish())
            .finalize()
            .as_bytes()
    }

    /// `[name, bytes, name, bytes, …]` in the order of names.
    pub(super) fn write(&self, out: &mut Writer) {
        out.array(self.0.len() * 2);
        for (name, bytes) in &self.0 {
            out.text(name).bytes(bytes);
        }
    }

    pub(super) fn read(input: &mut Reader<'_>) -> Result<PackFiles, Malformed> {
        let count = input.array("a pack's files")?;
        if count % 2 != 0 || count / 2 > Self::FILES_MAX {
            return Err(input.malformed("a pack's files"));
        }
        let mut files = PackFiles::default();
        for _ in 0..count / 2 {
            let name = input.text("a file's name")?.to_owned();
            let bytes = input.bytes("a file")?.to_vec();
            if files.0.keys().next_back().is_some_and(|last| *last >= name) {
                return Err(input.malformed("files in order"));
            }
            files.put(&name, bytes).map_err(|_| input.malformed("a file of a pack"))?;
        }
        Ok(files)
    }
}
