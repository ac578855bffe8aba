//! The nouns of a van's day and their rules. Records have fields that people change; facts are written once.
//! Numbers of kinds and fields are on the wire: never used again, never changed.
//!
//! In reading order: who and where (`person`, `account`, `route`, `device`), what happens (`visit`, `screening`,
//! `consent`, `past_care`, `care_gap`, `task`, `view`), and the rules that read them (`calculated`, `due`, `fee`,
//! `duplicates`, `linked`, `names`, `both`).

pub mod account;
pub mod care_gap;
pub mod consent;
pub mod device;
pub mod past_care;
pub mod person;
pub mod route;
pub mod screening;
pub mod task;
pub mod view;
pub mod visit;

pub mod both;
pub mod calculated;
pub mod due;
pub mod duplicates;
pub mod fee;
pub mod linked;
pub mod names;

use crate::record::{Kind, KindNumber};

/// Every kind of record that this build knows.
pub const RECORD_KINDS: &[Kind] = &[
    person::Person::KIND,
    account::Membership::KIND,
    account::Employer::KIND,
    route::Site::KIND,
    route::Van::KIND,
    route::Staff::KIND,
    route::Route::KIND,
    route::Stop::KIND,
    route::RosterEntry::KIND,
    visit::Visit::KIND,
    care_gap::CareGap::KIND,
    device::Device::KIND,
    task::Task::KIND,
];

/// Every kind of fact that this build knows.
pub const FACT_KINDS: &[Kind] = &[
    screening::Observation::KIND,
    screening::QuestionnaireResponse::KIND,
    consent::Consent::KIND,
    fee::Charge::KIND,
    duplicates::SamePerson::KIND,
    view::View::KIND,
    past_care::PastCare::KIND,
];

/// The kind of a record, if this build knows it.
pub fn record_kind(number: KindNumber) -> Option<&'static Kind> {
    RECORD_KINDS.iter().find(|kind| kind.number == number)
}

#[cfg(test)]
mod tests;
