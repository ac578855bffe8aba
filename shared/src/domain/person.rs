//! A person (FHIR R4 Patient, US Core 7): identity, contact, and the few clinical facts that a van edits.

use crate::ids::{EmployerId, PersonId};
use crate::record::{coded_values, record_kind};
use crate::time::PartialDate;

coded_values! {
    /// Sex for clinical use: which published thresholds apply (FHIR administrative-gender codes).
    Sex { Female = "female", Male = "male", Unknown = "unknown" }
}

impl From<Sex> for crate::content::Sex {
    fn from(sex: Sex) -> Self {
        match sex {
            Sex::Female => Self::Female,
            Sex::Male => Self::Male,
            Sex::Unknown => Self::Unknown,
        }
    }
}

coded_values! {
    /// How a person belongs to an employer's account (HL7 subscriber-relationship codes).
    Relation { Employee = "self", Spouse = "spouse", Child = "child", Other = "other" }
}

coded_values! {
    /// Tobacco smoking status (LOINC 72166-2, SNOMED CT answers of US Core).
    TobaccoStatus { Never = "266919005", Former = "8517006", EveryDay = "449868002", SomeDays = "428041000124106" }
}

record_kind! {
    /// A person as this plan knows them.
    Person, PersonId, person_fields, 1, "Patient" {
        1 family_name: String, Review;
        2 given_name: String, Review;
        3 middle_name: String, Review;
        4 birth_date: PartialDate, Review;
        5 sex: Sex, Review;
        /// BCP 47 tag of the language to speak.
        6 language: String, Latest;
        /// As dialled; digits with an optional leading plus.
        7 phone: String, Latest;
        8 email: String, Latest;
        9 address_line: String, Latest;
        10 city: String, Latest;
        11 state: String, Latest;
        12 postal_code: String, Latest;
        13 employer: EmployerId, Latest;
        14 relation: Relation, Latest;
        /// The employee that a dependent belongs to.
        15 dependent_of: PersonId, Latest;
        /// The employer's number, printed on the badge.
        16 employee_number: String, Latest;
        17 tobacco_status: TobaccoStatus, Review;
        /// Allergies, free text each. A positive entry never loses to "none known".
        18 allergies: Vec<String>, Set;
        /// Known conditions by SNOMED CT code.
        19 conditions: Vec<String>, Set;
        20 pronouns: String, Latest;
    }
}

impl Person {
    /// Given name first, as one says it.
    pub fn spoken_name(&self) -> String {
        [&self.given_name, &self.family_name]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(" ")
    }
    /// Family name first, as one files it.
    pub fn filed_name(&self) -> String {
        [&self.family_name, &self.given_name]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(", ")
    }
}
