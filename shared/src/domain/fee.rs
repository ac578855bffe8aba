//! Who pays a visit's fee. Each visit gets one charge line that names the rule that made it; a later change of
//! an agreement never rewrites it.

use super::account::{Employer, Membership, Payer};
use super::person::Relation;
use crate::ids::VisitId;
use crate::record::{coded_values, fact_kind};
use chrono::NaiveDate;

coded_values! {
    /// What a person is to the plan and to the employer on the day of a visit.
    Eligibility { Member = "member", Dependent = "dependent", NonMember = "non-member" }
}

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
        6 eligibility: Eligibility;
        /// Nobody expected the person at this stop.
        7 walk_up: bool;
    }
}

/// What a visit costs where no agreement says otherwise.
pub const FEE_CENTS_DEFAULT: i64 = 2_500;

/// What decides who pays, as it stands on one day.
#[derive(Clone, Copy, Debug, Default)]
pub struct Parties<'a> {
    pub employer: Option<&'a Employer>,
    pub membership: Option<&'a Membership>,
    pub relation: Option<Relation>,
}

/// Who pays, how much, and the rule that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeeLine {
    pub payer: Payer,
    pub cents: i64,
    pub rule: &'static str,
    pub eligibility: Eligibility,
}

fn is_family(relation: Option<Relation>) -> bool {
    matches!(relation, Some(Relation::Spouse | Relation::Child | Relation::Other))
}

/// Family is a dependent with or without cover; whoever is covered else is a member.
pub fn eligibility(parties: &Parties<'_>, day: NaiveDate) -> Eligibility {
    let covered = parties.membership.is_some_and(|membership| membership.covers(day));
    match (is_family(parties.relation), covered) {
        (true, _) => Eligibility::Dependent,
        (false, true) => Eligibility::Member,
        (false, false) => Eligibility::NonMember,
    }
}

/// The rule that decides, in order: an agreement of the employer that holds on the day and is for this person;
/// membership of the plan; else the person pays. A vague answer is never guessed: an employer with two agreements in
/// conflict counts as shown.
pub fn attribute(parties: &Parties<'_>, day: NaiveDate) -> FeeLine {
    let eligibility = eligibility(parties, day);
    let line = |payer, cents, rule| FeeLine { payer, cents, rule, eligibility };
    let is_for = |employer: &&Employer| {
        employer.covers_dependents != Some(false) || eligibility != Eligibility::Dependent
    };
    if let Some(employer) = parties.employer.filter(is_for)
        && employer.agreement_from.is_some_and(|from| from <= day)
        && employer.agreement_to.is_none_or(|to| day <= to)
        && let Some(payer) = employer.fee_payer
    {
        let rule = match eligibility {
            Eligibility::Dependent => "employer-agreement-dependent",
            _ => "employer-agreement",
        };
        return line(payer, employer.fee_cents.unwrap_or(FEE_CENTS_DEFAULT), rule);
    }
    if parties.membership.is_some_and(|membership| membership.covers(day)) {
        return line(Payer::Plan, FEE_CENTS_DEFAULT, "plan-cover");
    }
    line(Payer::Person, FEE_CENTS_DEFAULT, "no-agreement-no-cover")
}
