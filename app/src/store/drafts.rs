//! Answers of forms that are being filled in, one form a visit. They stay in this encrypted file and never travel; what is
//! saved becomes a fact elsewhere.

use super::{MetaReads, Reads, Store, StoreError, Write};
use shared::ids::VisitId;

const PREFIX: &str = "draft/";

fn name(visit: VisitId) -> String {
    format!("{PREFIX}{visit}")
}

impl Write<'_> {
    pub fn set_draft(&self, visit: VisitId, body: &[u8]) -> Result<(), StoreError> {
        self.set_meta(&name(visit), body)
    }
    pub fn forget_draft(&self, visit: VisitId) -> Result<(), StoreError> {
        self.forget_meta(&name(visit))
    }
}

/// Reads of drafts.
pub trait DraftReads: MetaReads + Reads {
    fn draft(&self, visit: VisitId) -> Result<Option<Vec<u8>>, StoreError> {
        self.meta(&name(visit))
    }
    /// Visits that have one.
    fn drafts(&self) -> Result<Vec<VisitId>, StoreError> {
        let mut statement = self
            .connection()
            .prepare_cached("SELECT name FROM meta WHERE name >= ?1 AND name < ?1 || '~'")?;
        let names = statement.query_map([PREFIX], |row| row.get::<_, String>(0))?;
        let names: Vec<String> = names.collect::<Result<_, _>>()?;
        Ok(names.iter().filter_map(|name| name.strip_prefix(PREFIX)?.parse().ok()).collect())
    }
}

impl DraftReads for Store {}
