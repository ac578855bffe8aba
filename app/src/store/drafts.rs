//! Answers of forms that are being filled in, one form a visit. They stay in this encrypted file and never travel; what is
//! saved becomes a fact elsewhere. A draft ends with its visit, wherever that was finished.

use super::{MetaReads, RecordReads, Store, StoreError, Write};
use shared::domain::visit::{Visit, VisitStatus};
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
pub trait DraftReads: MetaReads + RecordReads {
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
    /// Those of visits that are over or that left this device: nothing of a person stays longer than it must.
    fn abandoned_drafts(&self) -> Result<Vec<VisitId>, StoreError> {
        let mut abandoned = Vec::new();
        for visit in self.drafts()? {
            let state = self.state(visit.into())?;
            let is_open =
                state.is_some_and(|state| Visit::read(&state).status == Some(VisitStatus::InProgress));
            if !is_open {
                abandoned.push(visit);
            }
        }
        Ok(abandoned)
    }
}

impl DraftReads for Store {}
impl DraftReads for Write<'_> {}
