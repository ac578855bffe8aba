//! Preventive care that was given elsewhere or before, as facts: a mammogram, a colonoscopy, a vaccine.
//! Never a measured value and never an answered form, which are facts of their own.

use crate::ids::{StaffId, VisitId};
use crate::record::{coded_values, fact_kind};
use crate::time::PartialDate;

coded_values! {
    /// Who says that it was given; `Proof` is a paper or a card that staff saw.
    CareSource { Person = "self-report", Plan = "plan", Van = "van", Proof = "proof" }
}

fact_kind! {
    /// One service that was given (FHIR Procedure or Immunization). Its subject is the person.
    PastCare, 120, "Procedure" {
        1 visit: VisitId;
        /// The service's name in the pack, such as `colonoscopy`.
        2 service: String;
        /// When, as far as is known.
        3 given_on: PartialDate;
        4 source: CareSource;
        5 performer: StaffId;
        /// What it was refused or found with, in words.
        6 note: String;
    }
}
