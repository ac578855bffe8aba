//! Preventive care that a person lacks, and what becomes of it.

use crate::ids::{CareGapId, FactId, PersonId, StaffId, VisitId};
use crate::record::{coded_values, record_kind};
use chrono::NaiveDate;

coded_values! {
    /// Where a gap stands (DEQM gap-status, with what a van can do about an open one).
    GapStatus { Open = "open-gap", Closed = "closed-gap", Declined = "declined", FollowUp = "follow-up" }
}

record_kind! {
    /// A gap in care (FHIR DetectedIssue, DEQM).
    CareGap, CareGapId, care_gap_fields, 11, "DetectedIssue" {
        1 person: PersonId, Latest;
        /// Id of the rule in the catalog, such as `CBP`.
        2 rule: String, Latest;
        3 due_since: NaiveDate, Latest;
        /// Who says so: `plan`, or `van`.
        4 claimed_by: String, Latest;
        5 status: GapStatus, Review;
        /// The fact that closed it.
        6 closed_by: FactId, Latest;
        7 visit: VisitId, Latest;
        /// In the person's words, when declined.
        8 reason: String, Review;
        9 follow_up_on: NaiveDate, Latest;
        10 follow_up_owner: StaffId, Latest;
    }
}

/// The gap that a van's own rules find: two vans that find it apart write one record.
pub fn found_id(person: PersonId, rule: &str) -> CareGapId {
    let hash = blake3::Hasher::new_derive_key("caravan 2026-11 gap found by a van")
        .update(person.as_bytes())
        .update(rule.as_bytes())
        .finalize();
    let bytes = hash.as_bytes().first_chunk().expect("a hash is longer than an id");
    CareGapId::from_uuid(uuid::Builder::from_custom_bytes(*bytes).into_uuid())
}

impl CareGap {
    /// Open since a day, as the van's rule says.
    pub fn found(person: PersonId, rule: &str, since: NaiveDate) -> CareGap {
        CareGap {
            person: Some(person),
            rule: Some(rule.to_owned()),
            due_since: Some(since),
            claimed_by: Some("van".to_owned()),
            status: Some(GapStatus::Open),
            ..CareGap::default()
        }
    }
}
