//! What becomes of each kind of record and fact in FHIR. A kind that is missing here fails a test.
//! Never how: that is in the file of the resource.

use crate::domain::account::{Employer, Membership};
use crate::domain::care_gap::CareGap;
use crate::domain::consent::Consent;
use crate::domain::device::Device;
use crate::domain::duplicates::SamePerson;
use crate::domain::fee::Charge;
use crate::domain::past_care::PastCare;
use crate::domain::person::Person;
use crate::domain::route::{RosterEntry, Route, Site, Staff, Stop, Van};
use crate::domain::screening::{Observation, QuestionnaireResponse};
use crate::domain::task::Task;
use crate::domain::view::View;
use crate::domain::visit::Visit;
use crate::record::KindNumber;

/// What becomes of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mapping {
    /// It is written as this resource, with others that are made of it.
    Resource(&'static str),
    /// Resources name it by its identifier; the record system keeps its own.
    Named(&'static str),
    /// It is no part of a visit's record, for this reason.
    Stays(&'static str),
}

const MAPPINGS: &[(KindNumber, Mapping)] = &[
    (Person::KIND.number, Mapping::Resource("Patient")),
    (Membership::KIND.number, Mapping::Resource("Coverage")),
    (Visit::KIND.number, Mapping::Resource("Encounter")),
    (CareGap::KIND.number, Mapping::Resource("DetectedIssue")),
    (Task::KIND.number, Mapping::Resource("Task")),
    (Observation::KIND.number, Mapping::Resource("Observation")),
    (QuestionnaireResponse::KIND.number, Mapping::Resource("QuestionnaireResponse")),
    (Consent::KIND.number, Mapping::Resource("Consent")),
    (Charge::KIND.number, Mapping::Resource("ChargeItem")),
    (PastCare::KIND.number, Mapping::Resource("Procedure")),
    (Employer::KIND.number, Mapping::Named("Organization")),
    (Site::KIND.number, Mapping::Named("Location")),
    (Van::KIND.number, Mapping::Named("Location")),
    (Staff::KIND.number, Mapping::Named("Practitioner")),
    (Stop::KIND.number, Mapping::Named("Appointment")),
    (Route::KIND.number, Mapping::Stays("a van's day is the planner's")),
    (RosterEntry::KIND.number, Mapping::Stays("who was expected is the employer's")),
    (Device::KIND.number, Mapping::Stays("which tablet wrote is the office's")),
    (SamePerson::KIND.number, Mapping::Stays("who is one person is settled in each system for itself")),
    (View::KIND.number, Mapping::Stays("who looked at what is the office's")),
];

/// What becomes of a kind; nothing for one that this build does not know.
pub fn mapping(kind: KindNumber) -> Option<Mapping> {
    MAPPINGS.iter().find(|(number, _)| *number == kind).map(|(_, mapping)| *mapping)
}
