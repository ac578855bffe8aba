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

/// The number by which the plan knows a person on a day: that of the membership in force, of several the one that began
/// last. Where none is in force the one that ended last before, else the one that begins first after, so that the plan
/// still knows of whom it reads; whether somebody is covered is `covers`. Of equals the number that comes first.
pub fn member_number<'m>(
    memberships: impl IntoIterator<Item = &'m Membership>,
    day: NaiveDate,
) -> Option<&'m str> {
    let rank = |membership: &Membership| match (membership.covers(day), membership.covered_from) {
        (true, from) => (2, from.map_or(i64::MIN, days)),
        (false, Some(from)) if from > day => (0, -days(from)),
        (false, _) => (1, membership.covered_to.map_or(i64::MIN, days)),
    };
    let numbered = memberships.into_iter().filter(|membership| membership.member_number.is_some());
    let best = numbered.max_by(|left, right| {
        rank(left).cmp(&rank(right)).then_with(|| right.member_number.cmp(&left.member_number))
    });
    best?.member_number.as_deref()
}

fn days(day: NaiveDate) -> i64 {
    day.signed_duration_since(NaiveDate::MIN).num_days()
}
