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

/// The number by which the plan knows a person on a day: that of the membership in force. Of several the one that began
/// last counts, then the number that comes first. Nothing when none is in force: an ended number may be another's by now.
pub fn member_number<'m>(
    memberships: impl IntoIterator<Item = &'m Membership>,
    day: NaiveDate,
) -> Option<&'m str> {
    let in_force = memberships.into_iter().filter(|membership| membership.covers(day));
    let best = in_force.max_by(|left, right| {
        let began = left.covered_from.cmp(&right.covered_from);
        began.then_with(|| right.member_number.cmp(&left.member_number))
    });
    best?.member_number.as_deref()
}
