//! Protocol packs at the server: read from folders, checked, published into the region's content bucket, compared, and
//! watched. What is published is never changed: a new release stands beside the old ones.

mod adoption;
mod folder;
mod publish;

pub use adoption::{Adoption, Asked, adoption};
pub use folder::{FolderError, read_folder, read_folders};
pub use publish::{PublishError, Published, publish};

use crate::service::Service;
use crate::store::{MemberPlace, StoreError, StoreResult};
use ed25519_dalek::VerifyingKey;
use shared::change::Bucket;
use shared::content::pack::{PACKS, PackPart, PackRelease, Release, ReleaseError};
use shared::record::Fact;

const PAGE_BYTES: usize = 1024 * 1024;

/// Everything that was published in this region.
#[derive(Clone, Debug, Default)]
pub struct Held {
    /// The highest number first.
    pub releases: Vec<PackRelease>,
    parts: Vec<PackPart>,
}

impl Held {
    pub fn open(&self, release: &PackRelease, key: &VerifyingKey) -> Result<Release, ReleaseError> {
        Release::open(release, &self.parts, key)
    }

    /// The release that devices of this build use: the highest that opens.
    pub fn in_force(&self, key: &VerifyingKey) -> Option<Release> {
        self.releases.iter().find_map(|release| self.open(release, key).ok())
    }
}

/// Reads all releases from the content bucket.
pub async fn held(service: &Service) -> StoreResult<Held> {
    service.projector.catch_up().await?;
    let bucket = Bucket::Content(service.store.region());
    let mut held = Held::default();
    for row in service.store.bucket_rows(vec![bucket]).await? {
        let mut after: Option<MemberPlace> = None;
        loop {
            let page = service.store.members(row.number, after, None, PAGE_BYTES).await?;
            for body in
                page.parcels.iter().filter(|parcel| parcel.record == PACKS).flat_map(|parcel| &parcel.facts)
            {
                let damaged = |_| StoreError::Damaged("a fact of the packs does not open".into());
                let fact = Fact::from_bytes(body).map_err(damaged)?;
                if fact.kind == PackRelease::KIND.number {
                    held.releases.push(PackRelease::read(&fact));
                } else if fact.kind == PackPart::KIND.number {
                    held.parts.push(PackPart::read(&fact));
                }
            }
            after = page.more_after;
            if after.is_none() {
                break;
            }
        }
    }
    held.releases.sort_by_key(|release| std::cmp::Reverse(release.number));
    Ok(held)
}

#[cfg(test)]
mod tests;
