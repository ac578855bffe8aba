//! A pack's folder on the disk, into memory. Notes for people (`*.md`) and hidden files are left where they are.

use shared::content::pack::{FileError, PackFiles};
use std::path::{Path, PathBuf};

/// Why a folder is not read.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    #[error("{}: {source}", path.display())]
    Disk { path: PathBuf, source: std::io::Error },
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: FileError },
    /// Links could lead out of the folder.
    #[error("{}: is neither a file nor a folder", .0.display())]
    Link(PathBuf),
    #[error("{}: folders are nested too deep", .0.display())]
    TooDeep(PathBuf),
}

const DEPTH_MAX: usize = 4;

/// Every pack of a command line, each called after its folder.
pub fn read_folders(folders: &[PathBuf]) -> Result<Vec<(String, PackFiles)>, FolderError> {
    let label = |folder: &Path| {
        let name = folder.canonicalize().ok().and_then(|path| path.file_name().map(|name| name.to_owned()));
        name.unwrap_or_else(|| folder.as_os_str().to_owned()).to_string_lossy().into_owned()
    };
    folders.iter().map(|folder| Ok((label(folder), read_folder(folder)?))).collect()
}

/// Reads one pack's files.
pub fn read_folder(folder: &Path) -> Result<PackFiles, FolderError> {
    let mut files = PackFiles::default();
    read_below(folder, "", 0, &mut files)?;
    Ok(files)
}

fn read_below(folder: &Path, prefix: &str, depth: usize, files: &mut PackFiles) -> Result<(), FolderError> {
    let disk = |path: &Path| {
        let path = path.to_owned();
        move |source| FolderError::Disk { path, source }
    };
    if depth > DEPTH_MAX {
        return Err(FolderError::TooDeep(folder.to_owned()));
    }
    for entry in std::fs::read_dir(folder).map_err(disk(folder))? {
        let entry = entry.map_err(disk(folder))?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(disk(folder))?);
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') || name.ends_with(".md") {
            continue;
        }
        let name = format!("{prefix}{name}");
        if kind.is_dir() {
            read_below(&path, &format!("{name}/"), depth + 1, files)?;
            continue;
        }
        if !kind.is_file() {
            return Err(FolderError::Link(path));
        }
        let file = |source| FolderError::File { path: path.clone(), source };
        let bytes = entry.metadata().map_err(disk(&path))?.len() as usize;
        // Not read before its size is known: a folder may hold anything.
        if bytes > PackFiles::FILE_BYTES_MAX {
            return Err(file(FileError::TooLarge { bytes }));
        }
        files.put(&name, std::fs::read(&path).map_err(disk(&path))?).map_err(file)?;
    }
    Ok(())
}
