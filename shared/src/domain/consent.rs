//! A person's consent or its withdrawal, as facts: the newest decides.

use crate::ids::{StaffId, VisitId};
use crate::record::{Fact, coded_values, fact_kind};

coded_values! {
    /// How a decision was given.
    ConsentMethod { Signature = "signature", WitnessedVerbal = "witnessed-verbal" }
}

fact_kind! {
    /// One decision (FHIR Consent). Its subject is the person.
    Consent, 103, "Consent" {
        1 visit: VisitId;
        /// Version of the text that was shown.
        2 text_version: String;
        3 language: String;
        /// To be screened and cared for on the van.
        4 care: bool;
        /// To share with community partners.
        5 share_with_partners: bool;
        /// To be contacted afterwards.
        6 outreach: bool;
        7 research: bool;
        8 method: ConsentMethod;
        /// Strokes as points of a 1000 by 300 field: `x,y x,y;x,y …` in whole numbers.
        9 signature: String;
        /// Who witnessed a verbal decision.
        10 witness: StaffId;
    }
}

/// The decision in force: the newest by when it was given, then by id.
pub fn in_force<'a>(facts: impl Iterator<Item = &'a Fact>) -> Option<Consent> {
    facts
        .filter(|fact| fact.kind == Consent::KIND.number)
        .max_by_key(|fact| (fact.at, fact.id))
        .map(Consent::read)
}
