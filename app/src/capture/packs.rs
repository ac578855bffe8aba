//! Which protocol packs this device asks under: the newest release that is here whole, signed by the server and
//! understood by this build, else the core that the build carries. Releases that were used before stay at hand, so that
//! a form begun under one can be finished and an old answer be read.

use super::desk::{CaptureError, Desk};
use crate::store::{Identity, RecordReads};
use ed25519_dalek::VerifyingKey;
use shared::content::pack::{Content, PACKS, PackPart, PackRelease, Release, ReleaseError, embedded};
use shared::content::questionnaire::Questionnaire;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, OnceLock, PoisonError};

/// Contents of this device, the one in use first and the build's own last.
#[derive(Clone, Debug)]
pub struct Packs(Vec<&'static Content>);

impl Packs {
    /// What is asked and measured from now on.
    pub fn current(&self) -> &'static Content {
        self.0.first().copied().unwrap_or_else(|| embedded())
    }

    /// All contents, the one in use first.
    pub fn iter(&self) -> impl Iterator<Item = &'static Content> + '_ {
        self.0.iter().copied()
    }

    /// The form of a canonical address with its version, whichever release had it.
    pub fn form_of(&self, canonical: &str) -> Option<&'static Questionnaire> {
        self.0.iter().find_map(|content| content.form_of(canonical))
    }

    /// The release that a form belongs to: the very one it was taken from, else the newest that has its version.
    pub fn release_of(&self, form: &Questionnaire) -> Option<&'static Content> {
        let is_this = |content: &&&Content| content.forms.iter().any(|other| std::ptr::eq(other, form));
        let canonical = form.canonical();
        let has_version = |content: &&&Content| content.form_of(&canonical) == Some(form);
        self.0.iter().find(is_this).or_else(|| self.0.iter().find(has_version)).copied()
    }
}

/// What a desk has found out about the releases of its file.
#[derive(Default)]
pub(super) struct Shelf {
    opened: BTreeMap<u32, &'static Content>,
    /// Numbers that will never open with this build and this key.
    useless: BTreeSet<u32>,
}

/// A release is read once by a process and then kept: forms that are being filled in point into it.
fn keep(release: Release) -> &'static Content {
    static KEPT: OnceLock<Mutex<BTreeMap<[u8; 32], &'static Content>>> = OnceLock::new();
    let mut kept = KEPT.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
    kept.entry(release.hash).or_insert_with(|| Box::leak(Box::new(release.content)))
}

fn server_key(identity: &Identity) -> Option<VerifyingKey> {
    let text = identity.server_signing_key.as_str();
    let byte = |at: usize| u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok();
    let bytes: Option<Vec<u8>> = (0..32).map(byte).collect();
    VerifyingKey::from_bytes(&bytes?.try_into().ok()?).ok()
}

impl Desk {
    /// The packs that are here now. Cheap when nothing new came.
    pub fn packs(&self) -> Result<Packs, CaptureError> {
        let mut shelf = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        let releases = self.store.facts(PACKS, &PackRelease::KIND)?;
        let releases = releases.iter().map(PackRelease::read);
        let is_news = |release: &PackRelease| {
            let number = release.number.unwrap_or(0);
            !shelf.opened.contains_key(&number) && !shelf.useless.contains(&number)
        };
        let news: Vec<PackRelease> = releases.filter(is_news).collect();
        if !news.is_empty() {
            let parts = self.store.facts(PACKS, &PackPart::KIND)?;
            let parts: Vec<PackPart> = parts.iter().map(PackPart::read).collect();
            let key = server_key(&self.identity);
            for release in &news {
                self.take_in(release, &parts, key.as_ref(), &mut shelf);
            }
        }
        Ok(Packs(shelf.opened.values().rev().copied().chain([embedded()]).collect()))
    }

    fn take_in(
        &self,
        release: &PackRelease,
        parts: &[PackPart],
        key: Option<&VerifyingKey>,
        shelf: &mut Shelf,
    ) {
        let number = release.number.unwrap_or(0);
        let opened = key.map(|key| Release::open(release, parts, key));
        match opened {
            Some(Ok(opened)) => drop(shelf.opened.insert(number, keep(opened))),
            // The rest of it comes with a later page.
            Some(Err(ReleaseError::Incomplete { .. })) => {}
            Some(Err(error)) => {
                tracing::warn!(number, %error, "a release of packs is not used");
                shelf.useless.insert(number);
            }
            None => drop(shelf.useless.insert(number)),
        }
    }
}
