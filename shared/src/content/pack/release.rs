//! How a content travels: its packs as one bundle, compressed, hashed, signed by the server, and cut into facts that fit
//! a change. Who receives it takes nothing in that is not whole, signed and understood.

use super::content::Content;
use super::files::PackFiles;
use super::read::Problem;
use crate::cbor::{Reader, Writer};
use crate::compress;
use crate::error::Malformed;
use crate::ids::{FactId, RecordId};
use crate::record::fact_kind;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

/// The record that all releases of a region are facts of.
pub const PACKS: RecordId = RecordId::from_bytes(*b"caravan:packs:v1");

const BUNDLE_VERSION: u64 = 1;
const PACKS_MAX: usize = 16;
/// All packs of a release together, before compression.
const BUNDLE_BYTES_MAX: usize = 8 << 20;
/// One part, well below what one field may hold.
const PART_BYTES: usize = 48 * 1024;
const PARTS_MAX: usize = 96;
const SIGNED_FOR: &[u8] = b"caravan 2026-11 release of packs";

fact_kind! {
    /// One release (FHIR Library). Its subject is `PACKS`. The highest number is in force.
    PackRelease, 121, "Library" {
        /// Its packs with their versions.
        1 name: String;
        /// 1, 2, 3… within the region.
        2 number: u32;
        /// BLAKE3 of the bundle before compression.
        3 hash: Vec<u8>;
        /// The bundle, compressed.
        4 bytes: u32;
        5 parts: u32;
        /// Ed25519 by the region's server over number and hash.
        6 signature: Vec<u8>;
    }
}

fact_kind! {
    /// A part of a release's compressed bundle. Its subject is `PACKS`.
    PackPart, 122, "Binary" {
        1 hash: Vec<u8>;
        /// From 0.
        2 place: u32;
        3 bytes: Vec<u8>;
    }
}

/// A release that is ready to be written: each part is a fact of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Sealed {
    pub release: PackRelease,
    pub parts: Vec<PackPart>,
}

/// A release that was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    pub number: u32,
    pub hash: [u8; 32],
    /// The files of the core, then those of each overlay, with what they are called.
    pub packs: Vec<(String, PackFiles)>,
    pub content: Content,
}

/// Why a release is not used. The next older one is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReleaseError {
    #[error("the release is larger than {BUNDLE_BYTES_MAX} bytes or has too many packs")]
    TooLarge,
    /// Parts have not arrived yet.
    #[error("{missing} of {parts} parts are missing")]
    Incomplete { missing: usize, parts: usize },
    #[error("the release is not what was signed: {0}")]
    Forged(&'static str),
    #[error("the release does not open: {0}")]
    Malformed(#[from] Malformed),
    /// A newer build made it, or somebody went around the checks.
    #[error("the release is not understood: {0}")]
    NotUnderstood(Problem),
}

fn message(number: u32, hash: &[u8; 32]) -> Vec<u8> {
    [SIGNED_FOR, &number.to_be_bytes(), hash].concat()
}

fn bundle_hash(bundle: &[u8]) -> [u8; 32] {
    *blake3::Hasher::new_derive_key("caravan 2026-11 bundle of packs").update(bundle).finalize().as_bytes()
}

/// An id that follows from what it names, so that writing a release twice writes it once.
fn id(hash: &[u8; 32], role: &[u8]) -> FactId {
    let mut bytes = [0; 16];
    let mut hasher = blake3::Hasher::new_derive_key("caravan 2026-11 facts of a release");
    hasher.update(hash).update(role).finalize_xof().fill(&mut bytes);
    FactId::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// The packs as one run of bytes: `[version, [label, files, label, files, …]]`.
fn bundle(packs: &[(String, PackFiles)]) -> Vec<u8> {
    let mut out = Writer::default();
    out.array(2).unsigned(BUNDLE_VERSION).array(packs.len() * 2);
    for (label, files) in packs {
        out.text(label);
        files.write(&mut out);
    }
    out.finish()
}

/// The hash by which a release of these packs would be known.
pub fn hash_of(packs: &[(String, PackFiles)]) -> [u8; 32] {
    bundle_hash(&bundle(packs))
}

impl Sealed {
    /// Seals packs that were loaded as `content`.
    pub fn seal(
        packs: &[(String, PackFiles)],
        content: &Content,
        number: u32,
        key: &SigningKey,
    ) -> Result<Sealed, ReleaseError> {
        if packs.len() > PACKS_MAX {
            return Err(ReleaseError::TooLarge);
        }
        Self::seal_bundle(&bundle(packs), content.name(), number, key)
    }

    /// Seals bytes as they are: whether they are a bundle is found out when they are opened.
    pub fn seal_bundle(
        bundle: &[u8],
        name: String,
        number: u32,
        key: &SigningKey,
    ) -> Result<Sealed, ReleaseError> {
        if bundle.len() > BUNDLE_BYTES_MAX {
            return Err(ReleaseError::TooLarge);
        }
        let hash = bundle_hash(bundle);
        let body = compress::compress(bundle);
        let chunks: Vec<&[u8]> = body.chunks(PART_BYTES).collect();
        if chunks.len() > PARTS_MAX {
            return Err(ReleaseError::TooLarge);
        }
        let part = |(place, bytes): (usize, &&[u8])| PackPart {
            hash: Some(hash.to_vec()),
            place: Some(place as u32),
            bytes: Some(bytes.to_vec()),
        };
        let release = PackRelease {
            name: Some(name),
            number: Some(number),
            hash: Some(hash.to_vec()),
            bytes: Some(body.len() as u32),
            parts: Some(chunks.len() as u32),
            signature: Some(key.sign(&message(number, &hash)).to_bytes().to_vec()),
        };
        Ok(Sealed { release, parts: chunks.iter().enumerate().map(part).collect() })
    }
}

impl PackRelease {
    /// Its hash, if it has one of the right length.
    pub fn bundle_hash(&self) -> Option<[u8; 32]> {
        self.hash.as_deref()?.try_into().ok()
    }

    /// The id of the fact; the same content under another number is another release.
    pub fn fact_id(&self) -> FactId {
        let number = self.number.unwrap_or_default().to_be_bytes();
        id(&self.bundle_hash().unwrap_or_default(), &[b"release", number.as_slice()].concat())
    }

    /// Whether the server of this key signed it.
    pub fn is_signed_by(&self, key: &VerifyingKey) -> bool {
        let (Some(number), Some(hash)) = (self.number, self.bundle_hash()) else { return false };
        let signature = self.signature.as_deref().and_then(|bytes| Signature::from_slice(bytes).ok());
        signature.is_some_and(|signature| key.verify_strict(&message(number, &hash), &signature).is_ok())
    }
}

impl PackPart {
    pub fn fact_id(&self) -> FactId {
        let hash = self.hash.as_deref().and_then(|hash| hash.try_into().ok()).unwrap_or_default();
        id(&hash, &[b"part", self.place.unwrap_or_default().to_be_bytes().as_slice()].concat())
    }
}

impl Release {
    /// Opens a release from the parts that are here; parts of others are passed over.
    pub fn open(
        release: &PackRelease,
        parts: &[PackPart],
        key: &VerifyingKey,
    ) -> Result<Release, ReleaseError> {
        if !release.is_signed_by(key) {
            return Err(ReleaseError::Forged("its signature does not fit"));
        }
        let (Some(hash), Some(number)) = (release.bundle_hash(), release.number) else {
            return Err(ReleaseError::Forged("it has no hash"));
        };
        let bundle = assemble(release, parts, &hash)?;
        let packs = read_bundle(&bundle)?;
        let content = super::load(&packs).map_err(|problems| {
            let first = problems.into_iter().next();
            ReleaseError::NotUnderstood(first.expect("loading fails with at least one problem"))
        })?;
        Ok(Release { number, hash, packs, content })
    }
}

fn assemble(release: &PackRelease, parts: &[PackPart], hash: &[u8; 32]) -> Result<Vec<u8>, ReleaseError> {
    let count = release.parts.unwrap_or_default() as usize;
    if count == 0 || count > PARTS_MAX {
        return Err(ReleaseError::TooLarge);
    }
    let here = |place: usize| {
        parts
            .iter()
            .find(|part| part.hash.as_deref() == Some(hash.as_slice()) && part.place == Some(place as u32))
    };
    let missing = (0..count).filter(|place| here(*place).is_none()).count();
    if missing > 0 {
        return Err(ReleaseError::Incomplete { missing, parts: count });
    }
    let bytes = (0..count).filter_map(here).filter_map(|part| part.bytes.as_deref());
    let body: Vec<u8> = bytes.flatten().copied().collect();
    let bundle = compress::decompress(&body, BUNDLE_BYTES_MAX)
        .map_err(|_| ReleaseError::Forged("it does not decompress"))?;
    match bundle_hash(&bundle) == *hash {
        true => Ok(bundle),
        false => Err(ReleaseError::Forged("its bytes are others")),
    }
}

fn read_bundle(bytes: &[u8]) -> Result<Vec<(String, PackFiles)>, Malformed> {
    let mut input = Reader::new(bytes);
    input.array_of(2, "a bundle")?;
    if input.unsigned("a bundle's version")? != BUNDLE_VERSION {
        return Err(input.malformed("a bundle of this version"));
    }
    let count = input.array("packs")?;
    if count % 2 != 0 || count / 2 > PACKS_MAX {
        return Err(input.malformed("packs"));
    }
    let mut packs = Vec::new();
    for _ in 0..count / 2 {
        let label = input.text("a pack's label")?.to_owned();
        packs.push((label, PackFiles::read(&mut input)?));
    }
    input.end("after a bundle")?;
    Ok(packs)
}
