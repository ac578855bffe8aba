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
