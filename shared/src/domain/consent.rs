//! A person's consent or its withdrawal, as facts: the newest decides.

use crate::content::consent::Scope;
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
        /// To be contacted afterwards, where no channel was asked for by itself.
        6 outreach: bool;
        7 research: bool;
        8 method: ConsentMethod;
        /// Strokes as points of a 1000 by 300 field: `x,y x,y;x,y …` in whole numbers.
        9 signature: String;
        /// Who witnessed a verbal decision.
        10 witness: StaffId;
        11 outreach_call: bool;
        12 outreach_text: bool;
        13 outreach_mail: bool;
    }
}

/// The decision in force: the newest by when it was given, then by id.
pub fn in_force<'a>(facts: impl Iterator<Item = &'a Fact>) -> Option<Consent> {
    facts
        .filter(|fact| fact.kind == Consent::KIND.number)
        .max_by_key(|fact| (fact.at, fact.id))
        .map(Consent::read)
}

/// The decision in force for a person who has several entries: of the decisions in force for each, the strictest answer
/// to every scope. An entry for which nobody decided says nothing; a withdrawal on any of them holds.
pub fn strictest(decisions: impl IntoIterator<Item = Consent>) -> Option<Consent> {
    // Refused comes before not answered, and that before agreed.
    let strict = |left: Option<bool>, right: Option<bool>| {
        let rank = |answer: &Option<bool>| answer.map_or(1, |agrees| if agrees { 2 } else { 0 });
        std::cmp::min_by_key(left, right, rank)
    };
    decisions.into_iter().reduce(|left, right| {
        let both = |scope: Scope| strict(left.agrees(scope), right.agrees(scope));
        Consent {
            care: both(Scope::Care),
            share_with_partners: both(Scope::ShareWithPartners),
            outreach_call: both(Scope::OutreachCall),
            outreach_text: both(Scope::OutreachText),
            outreach_mail: both(Scope::OutreachMail),
            research: both(Scope::Research),
            ..Consent::default()
        }
    })
}

/// Who is to get what was found and said. Each exit names one, and asks the decision in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipient {
    /// The plan's own record system: treatment and operations.
    RecordSystem,
    /// A community partner, who gets what a referral needs.
    Partner,
}

impl Consent {
    /// What was said to one scope; nothing when it was not asked.
    pub fn agrees(&self, scope: Scope) -> Option<bool> {
        match scope {
            Scope::Care => self.care,
            Scope::ShareWithPartners => self.share_with_partners,
            Scope::OutreachCall => self.outreach_call.or(self.outreach),
            Scope::OutreachText => self.outreach_text.or(self.outreach),
            Scope::OutreachMail => self.outreach_mail.or(self.outreach),
            Scope::Research => self.research,
        }
    }

    /// Whether somebody may be contacted so about care that is missing. What was not answered is not agreed to.
    pub fn may_contact(&self, channel: Scope) -> bool {
        self.care != Some(false) && self.agrees(channel) == Some(true)
    }

    /// Whether this decision lets something go to a recipient. What was not answered is not agreed to, and nobody shares
    /// what a person does not want to be cared for by.
    pub fn allows(&self, recipient: Recipient) -> bool {
        let cares = self.care == Some(true);
        match recipient {
            Recipient::RecordSystem => cares,
            Recipient::Partner => cares && self.share_with_partners == Some(true),
        }
    }
}
