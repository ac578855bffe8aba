//! What the values of a visit give together, for its screens and for the alerts that watch it. Never a fact of its own: it
//! follows from others, by the release in use.

use super::desk::{CaptureError, Desk};
use super::person::Result as ResultLine;
use shared::content::measurements::Catalog;
use shared::domain::calculated::{Calculated, Seen, calculated};
use shared::domain::screening::Observation;
use shared::ids::{FactId, PersonId, VisitId};
use shared::time::Timestamp;

/// What follows from the values of one visit that stand.
pub fn calculated_of<'c>(
    results: &[ResultLine],
    visit: VisitId,
    catalog: &'c Catalog,
) -> Vec<Calculated<'c>> {
    calculated(catalog, &seen(results, visit))
}

fn seen(results: &[ResultLine], visit: VisitId) -> Vec<Seen<'_>> {
    let of_visit = results.iter().filter(|result| result.observation.visit == Some(visit));
    of_visit
        .map(|result| Seen { fact: result.fact, at: result.at, observation: &result.observation })
        .collect()
}

impl Desk {
    /// What follows from values that are about to be written, together with those of the visit before. What follows from
    /// the others alone was watched when they were written.
    pub(super) fn follows<'c>(
        &self,
        person: PersonId,
        visit: VisitId,
        taken: &[(FactId, Observation)],
        now: Timestamp,
        catalog: &'c Catalog,
    ) -> Result<Vec<Calculated<'c>>, CaptureError> {
        let before = self.results_of(person)?;
        let mut all = seen(&before, visit);
        all.extend(taken.iter().map(|(fact, observation)| Seen { fact: *fact, at: now, observation }));
        let is_new = |fact: &FactId| taken.iter().any(|(new, _)| new == fact);
        let mut follows = calculated(catalog, &all);
        follows.retain(|made| made.from.iter().any(is_new));
        Ok(follows)
    }
}
