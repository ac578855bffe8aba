//! A new release. Everything is checked before the first byte is written, so that a refusal changes nothing.

use super::{Held, held};
use crate::ledger::{self, Entry};
use crate::service::Service;
use crate::store::StoreError;
use shared::change::{Bucket, Operation};
use shared::content::consent::ConsentText;
use shared::content::pack::{Content, PACKS, Pack, PackFiles, Problem, ReleaseError, Sealed, hash_of, vet};
use shared::ids::StaffId;

/// Nobody on a van: what an operator publishes, the office wrote.
const OFFICE: StaffId = StaffId::from_bytes([0; 16]);

/// Why nothing was published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    #[error("the packs have {} problems", .0.len())]
    Problems(Vec<Problem>),
    #[error("{0} was published before with other content; give it a new version")]
    Rewritten(String),
    #[error(
        "{id} {now} is older than {before}, which is in force; publish it with --go-back to return to it"
    )]
    Older { id: String, now: String, before: String },
    #[error(transparent)]
    Release(#[from] ReleaseError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Published {
    pub number: u32,
    pub content: Content,
    /// Parts that were written; none when this very release is in force already.
    pub parts: usize,
}

/// Publishes a core with its overlays for this region.
pub async fn publish(
    service: &Service,
    packs: &[(String, PackFiles)],
    may_go_back: bool,
) -> Result<Published, PublishError> {
    let content = vet(packs).map_err(PublishError::Problems)?;
    let held = held(service).await?;
    let key = service.keys.signing.verifying_key();
    if let Some(current) = held.in_force(&key) {
        if current.hash == hash_of(packs) {
            return Ok(Published { number: current.number, content, parts: 0 });
        }
        check_versions(packs, &content, &held, &current.content, may_go_back, &key)?;
    }
    let number = held.releases.iter().filter_map(|release| release.number).max().unwrap_or(0) + 1;
    let sealed = Sealed::seal(packs, &content, number, &service.keys.signing)?;
    let now = service.clock.now();
    let bucket = Bucket::Content(service.store.region());
    let entry = |fact| Entry { bucket, operations: vec![Operation::Fact(fact)] };
    // The release comes last: whoever sees it has most likely seen its parts.
    let parts: Vec<Entry> = sealed
        .parts
        .iter()
        .filter(|part| !held.parts.contains(part))
        .map(|part| entry(part.fact(part.fact_id(), PACKS, now, None)))
        .collect();
    let release = entry(sealed.release.fact(sealed.release.fact_id(), PACKS, now, None));
    let written = parts.len();
    ledger::write(service, OFFICE, &parts.into_iter().chain([release]).collect::<Vec<_>>()).await?;
    service.projector.catch_up().await?;
    tracing::info!(number, parts = written, "a release of packs was published");
    Ok(Published { number, content, parts: written.max(1) })
}

/// One version is one content for ever, of a pack and of each form and consent text in it, and the newest pack stays in
/// force unless somebody says otherwise.
fn check_versions(
    packs: &[(String, PackFiles)],
    content: &Content,
    held: &Held,
    current: &Content,
    may_go_back: bool,
    key: &ed25519_dalek::VerifyingKey,
) -> Result<(), PublishError> {
    let now = stated(packs);
    for release in &held.releases {
        let Ok(earlier) = held.open(release, key) else { continue };
        for pack in &content.packs {
            let is_same = |other: &&shared::content::pack::PackName| {
                other.id == pack.id && other.version == pack.version
            };
            if earlier.content.packs.iter().find(is_same).is_some_and(|other| other.hash != pack.hash) {
                return Err(PublishError::Rewritten(format!("{} {}", pack.id, pack.version)));
            }
        }
        if let Some(name) = rewritten(&now, &stated(&earlier.packs)) {
            return Err(PublishError::Rewritten(name));
        }
    }
    for pack in &content.packs {
        let before = current.packs.iter().find(|other| other.id == pack.id);
        if let Some(before) = before.filter(|before| before.version > pack.version && !may_go_back) {
            return Err(PublishError::Older {
                id: pack.id.clone(),
                now: pack.version.to_string(),
                before: before.version.to_string(),
            });
        }
    }
    Ok(())
}

/// Each pack as it states its own forms. Where an overlay is stricter about the score of another's form, its own version
/// tells it.
fn stated(packs: &[(String, PackFiles)]) -> Vec<Pack> {
    packs.iter().filter_map(|(label, files)| Pack::read(label, files).ok()).collect()
}

/// A form or a consent text that says something else than before under the same version, which is all that a response and
/// a person's word name of it.
fn rewritten(now: &[Pack], before: &[Pack]) -> Option<String> {
    let (forms, texts) =
        (before.iter().flat_map(|pack| &pack.forms), before.iter().flat_map(|pack| &pack.consent));
    let form = now
        .iter()
        .flat_map(|pack| &pack.forms)
        .find(|form| forms.clone().any(|other| other.canonical() == form.canonical() && other != *form));
    let text = now.iter().flat_map(|pack| &pack.consent).find(|text| {
        let is_same = |other: &ConsentText| other.version == text.version && other.language == text.language;
        texts.clone().any(|other| is_same(other) && other != *text)
    });
    let form = form.map(|form| format!("questionnaire {}", form.canonical()));
    form.or_else(|| text.map(|text| format!("consent {} in {}", text.version, text.language.tag())))
}
