//! Who pays: employers with their fee agreement, and people's membership of the plan.

use crate::ids::{EmployerId, MembershipId, PersonId};
use crate::record::{coded_values, record_kind};
use chrono::NaiveDate;

coded_values! {
    /// Who pays the fee of a visit.
    Payer { Employer = "employer", Plan = "plan", Person = "person" }
}

record_kind! {
    /// An employer's account with its fee agreement (FHIR Organization).
    Employer, EmployerId, employer_fields, 3, "Organization" {
        /// The code that schedules and rosters use.
        1 code: String, Latest;
        2 name: String, Latest;
        /// Who pays for visits of this employer's people while the agreement holds.
        3 fee_payer: Payer, Review;
        4 fee_cents: i64, Review;
        /// First day of the agreement.
        5 agreement_from: NaiveDate, Review;
        /// Last day of the agreement; open when missing.
        6 agreement_to: NaiveDate, Review;
        /// Whether the agreement pays for families too; it does when missing.
        7 covers_dependents: bool, Review;
    }
}

record_kind! {
    /// A person's cover by the plan (FHIR Coverage).
    Membership, MembershipId, membership_fields, 2, "Coverage" {
        1 person: PersonId, Latest;
        2 member_number: String, Review;
        3 plan: String, Review;
        /// First day of cover.
        4 covered_from: NaiveDate, Review;
        /// Last day of cover; open when missing.
        5 covered_to: NaiveDate, Review;
    }
}

impl Membership {
    /// Whether the person is covered on a day.
    pub fn covers(&self, day: NaiveDate) -> bool {
        self.member_number.is_some()
            && self.covered_from.is_none_or(|from| from <= day)
            && self.covered_to.is_none_or(|to| day <= to)
    }
}
