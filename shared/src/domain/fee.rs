//! Who pays a visit's fee. Each visit gets one charge line that names the rule that made it; a later change of
//! an agreement never rewrites it.

use super::account::{Employer, Membership, Payer};
use crate::ids::VisitId;
use crate::record::fact_kind;
use chrono::NaiveDate;

fact_kind! {
    /// A visit's charge line (FHIR ChargeItem). Its subject is the person.
    Charge, 104, "ChargeItem" {
        1 visit: VisitId;
        /// `employer`, `plan` or `person`.
        2 payer: Payer;
        3 fee_cents: i64;
        /// Which rule decided, such as `employer-agreement`.
        4 rule: String;
        /// The day whose agreements counted.
        5 day: NaiveDate;
    }
}

/// What a visit costs where no agreement says otherwise.
pub const FEE_CENTS_DEFAULT: i64 = 2_500;

/// The rule that decides, in order: an agreement of the employer that holds on the day; membership of the plan;
/// else the person pays. A vague answer is never guessed: an employer with two agreements in conflict counts as shown.
pub fn attribute(
    employer: Option<&Employer>,
    membership: Option<&Membership>,
    day: NaiveDate,
) -> (Payer, i64, &'static str) {
    if let Some(employer) = employer
        && employer.agreement_from.is_some_and(|from| from <= day)
        && employer.agreement_to.is_none_or(|to| day <= to)
        && let Some(payer) = employer.fee_payer
    {
        return (payer, employer.fee_cents.unwrap_or(FEE_CENTS_DEFAULT), "employer-agreement");
    }
    if membership.is_some_and(|membership| membership.covers(day)) {
        return (Payer::Plan, FEE_CENTS_DEFAULT, "plan-member");
    }
    (Payer::Person, FEE_CENTS_DEFAULT, "no-agreement-no-cover")
}
