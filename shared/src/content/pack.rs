//! Protocol packs: which forms, measurements and rules apply to whom, in what order, with which alerts and handouts, each
//! with its grounds. A pack is a folder of files; a national core and regional overlays make one content, and a
//! release of it travels by sync, signed. Never a person's data, and never the disk or the network.
//!
//! In reading order: `files`, `manifest`, `protocol`, `findings`, `handout`, `read` (one pack), `overlay` (many), `content` (the whole),
//! `vet` (what is to be mended before it is handed out), `describe` (what changed between two), `release` (how it travels), `embedded`.

mod content;
mod describe;
mod embedded;
mod files;
mod findings;
mod handout;
mod manifest;
mod overlay;
mod protocol;
mod read;
mod release;
mod vet;

pub use content::{Content, Difference, PackName, What};
pub use describe::{Change, diff};
pub use embedded::{embedded, embedded_files};
pub use files::{FileError, PackFiles};
pub use findings::Findings;
pub use handout::{Contact, HandoutText, Silent, Tone, When};
pub use manifest::{MANIFEST, Manifest, PackKind, Version};
pub use overlay::compose;
pub(in crate::content) use protocol::choices;
pub use protocol::{AlertRule, Ask, Audience, DUE_DAYS, Does, Grounds, Line, Step};
pub use read::{Pack, Problem};
pub use release::{PACKS, PackPart, PackRelease, Release, ReleaseError, Sealed, hash_of};
pub use vet::vet;

/// Reads and composes the files of a core and its overlays: everything that is wrong, or one content.
pub fn load(packs: &[(String, PackFiles)]) -> Result<Content, Vec<Problem>> {
    let (mut read, mut problems) = (Vec::new(), Vec::new());
    for (label, files) in packs {
        match Pack::read(label, files) {
            Ok(pack) => read.push(pack),
            Err(faults) => problems.extend(faults),
        }
    }
    if problems.is_empty() { compose(read) } else { Err(problems) }
}

#[cfg(test)]
mod tests;
