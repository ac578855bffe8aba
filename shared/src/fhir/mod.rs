//! One visit as FHIR R4 (4.0.1) resources in a transaction bundle, and back to the same typed values. Pure: the text
//! goes in and out as JSON. Never what another system is allowed to get, which its exit asks the person's consent for.
//!
//! What each kind becomes is in `kinds`. Standing words are of US Core 7, Gravity's SDOH Clinical Care and DEQM; what no
//! standard names has an extension under the questionnaires' own address. Decimals keep their digits. An empty text is
//! no text, and a fact without a status is final: both come back so.
//!
//! In reading order: the visit, the kinds, the parts (`json`, `elements`, `node`, `refusal`), the bundle (`writing`,
//! `reading`), then one file a resource.

mod gather;
mod kinds;
mod refusal;
mod share;

mod elements;
mod json;
mod node;

mod reading;
mod writing;

mod calculated;
mod care;
mod chart;
mod consent;
mod coverage;
mod encounter;
mod gap;
mod gap_bundle;
mod gap_list;
mod observation;
mod panel;
mod patient;
mod pressure;
mod response;
mod retraction;
mod score;
mod task;

use crate::content::pack::Content;
use crate::domain::account::Membership;
use crate::domain::care_gap::CareGap;
use crate::domain::person::Person;
use crate::domain::task::Task;
use crate::domain::visit::Visit;
use crate::ids::{CareGapId, MembershipId, PersonId, TaskId, VisitId};
use crate::record::Fact;

pub use gap::DeqmStatus;
pub use gap_list::{Element, GapEntry, GapFile, ListedGap, StatedGap, StatedRule};
pub use kinds::{Mapping, mapping};
pub use refusal::{Reason, Refusal, Unwritable};

/// Everything that one visit hands over. Its lists are in order of id.
#[derive(Clone, Debug, PartialEq)]
pub struct VisitRecord {
    pub visit_id: VisitId,
    pub visit: Visit,
    pub person_id: PersonId,
    pub person: Person,
    pub memberships: Vec<(MembershipId, Membership)>,
    pub gaps: Vec<(CareGapId, CareGap)>,
    pub tasks: Vec<(TaskId, Task)>,
    pub facts: Vec<Fact>,
}

/// The most bytes of a bundle that are read.
pub const BYTES_MAX: usize = 8 << 20;
/// The most resources of a bundle.
pub const ENTRIES_MAX: usize = 4_000;

/// The transaction bundle of a visit. Each resource has its record's own id and is put under it, so sending it again
/// changes nothing. `content` is every release under which something may have been asked, the newest first.
pub fn write(record: &VisitRecord, content: &[&Content]) -> Result<String, Vec<Unwritable>> {
    writing::write(record, content)
}

/// Reads what `write` makes. All that is wrong is told, the first thing of each resource.
pub fn read(text: &str, content: &[&Content]) -> Result<VisitRecord, Vec<Refusal>> {
    reading::read(text, content)
}

/// The most bytes of a file of gaps that are read.
pub const GAP_FILE_BYTES_MAX: usize = 64 << 20;
/// The most resources of such a file.
pub const GAP_FILE_ENTRIES_MAX: usize = 200_000;

/// A collection of gaps in care, each under its own id.
pub fn write_gaps(gaps: &[ListedGap]) -> String {
    gap_list::write(gaps)
}

/// Reads the gaps of a plan: a Bundle of DetectedIssue (DEQM), with the patients and the measure reports that they name,
/// or Parameters with such bundles, as `$care-gaps` answers. What is wrong with one gap is told in its entry; an error
/// is about the file.
pub fn read_gaps(text: &str) -> Result<GapFile, Refusal> {
    gap_list::read(text)
}

#[cfg(test)]
mod tests;
