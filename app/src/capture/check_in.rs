//! A visit begins: two identifiers, consent, and the charge line that says who pays.

use super::desk::{CaptureError, Desk, set};
use crate::apply::Intent;
use crate::store::RecordReads;
use shared::content::consent::ConsentText;
use shared::domain::consent::{Consent, ConsentMethod, in_force};
use shared::domain::fee::{self, Charge};
use shared::domain::route::Stop;
use shared::domain::visit::{Station, Visit, VisitStatus};
use shared::ids::{PersonId, StaffId, StopId, VisitId};
use shared::time::Timestamp;

/// What the person agreed to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scopes {
    pub care: bool,
    pub share_with_partners: bool,
    pub outreach_call: bool,
    pub outreach_text: bool,
    pub outreach_mail: bool,
    pub research: bool,
}

/// A consent as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentDraft {
    pub scopes: Scopes,
    /// The very text that was shown, in the language it was shown in.
    pub text: &'static ConsentText,
    pub method: ConsentMethod,
    /// Strokes, when signed: `x,y x,y;x,y` in a field of 1000 by 300.
    pub signature: String,
}

/// A check-in as it stands on the screen.
#[derive(Clone, Debug)]
pub struct CheckInDraft {
    pub person: PersonId,
    pub stop: StopId,
    /// Names of the confirmed identifiers, such as `name` and `birth date`.
    pub identifiers: Vec<String>,
    pub consent: ConsentDraft,
    pub walk_up: bool,
}

/// What is missing before a visit can begin.
#[derive(Debug, thiserror::Error)]
pub enum CheckInError {
    #[error("two identifiers must be confirmed")]
    Identifiers,
    #[error("without consent to care nothing can be measured")]
    Care,
    #[error("a signature is missing")]
    Signature,
    #[error("this person has a visit under way at this stop")]
    AlreadyHere(VisitId),
    #[error(transparent)]
    Capture(#[from] CaptureError),
}

impl CheckInDraft {
    fn check(&self) -> Result<(), CheckInError> {
        if self.identifiers.len() < 2 {
            return Err(CheckInError::Identifiers);
        }
        if !self.consent.scopes.care {
            return Err(CheckInError::Care);
        }
        if self.consent.method == ConsentMethod::Signature && self.consent.signature.is_empty() {
            return Err(CheckInError::Signature);
        }
        Ok(())
    }
}

impl Desk {
    /// Begins a visit: visit, consent and charge are one change.
    pub fn check_in(&mut self, draft: &CheckInDraft) -> Result<VisitId, CheckInError> {
        draft.check()?;
        // The day at the stop decides which cover and which agreement hold.
        let stop = Stop::read(&self.state(draft.stop.into())?);
        let place = self.place_at(stop.offset_minutes_east.unwrap_or(0));
        let view = self.person_at(draft.person, place)?;
        let here = |(id, visit): &(VisitId, Visit)| {
            (Some(*id) == view.open_visit && visit.stop == Some(draft.stop)).then_some(*id)
        };
        if let Some(open) = view.visits.iter().find_map(here) {
            return Err(CheckInError::AlreadyHere(open));
        }
        let now = self.now();
        let visit: VisitId = self.new_id();
        let values = Visit {
            person: Some(draft.person),
            stop: Some(draft.stop),
            site: stop.site,
            van: Some(self.identity.van_id()),
            station: Some(Station::Vitals),
            status: Some(VisitStatus::InProgress),
            checked_in_at: Some(now),
            identifiers_confirmed: Some(draft.identifiers.join(", ")),
            checked_in_by: Some(self.staff),
            walk_up: Some(draft.walk_up),
            ..Visit::default()
        };
        let consent = self.consent_of(&draft.consent, visit, self.staff);
        let parties = fee::Parties {
            employer: view.employer.as_ref(),
            membership: view.membership.as_ref(),
            relation: view.person.relation,
        };
        let fee = fee::attribute(&parties, place.day);
        let charge = Charge {
            visit: Some(visit),
            payer: Some(fee.payer),
            fee_cents: Some(fee.cents),
            rule: Some(fee.rule.to_owned()),
            day: Some(place.day),
            eligibility: Some(fee.eligibility),
            walk_up: Some(draft.walk_up),
        };
        let bucket = self.bucket_of_stop(draft.stop)?;
        let decided_at = self.after_every_decision(draft.person)?;
        let subject = draft.person.into();
        let intents = vec![
            set(&Visit::KIND, visit, values.values()),
            Intent::Record(consent.fact(self.new_fact_id(), subject, decided_at, None)),
            Intent::Record(charge.fact(self.new_fact_id(), subject, now, None)),
        ];
        self.write(bucket, Some(visit.into()), intents)?;
        Ok(visit)
    }

    fn consent_of(&self, draft: &ConsentDraft, visit: VisitId, staff: StaffId) -> Consent {
        let witness = (draft.method == ConsentMethod::WitnessedVerbal).then_some(staff);
        Consent {
            visit: Some(visit),
            text_version: Some(draft.text.version.clone()),
            language: Some(draft.text.language.tag().to_owned()),
            care: Some(draft.scopes.care),
            share_with_partners: Some(draft.scopes.share_with_partners),
            // For readers that know no channels: may anybody be contacted at all.
            outreach: Some(
                draft.scopes.outreach_call || draft.scopes.outreach_text || draft.scopes.outreach_mail,
            ),
            outreach_call: Some(draft.scopes.outreach_call),
            outreach_text: Some(draft.scopes.outreach_text),
            outreach_mail: Some(draft.scopes.outreach_mail),
            research: Some(draft.scopes.research),
            method: Some(draft.method),
            signature: Some(draft.signature.clone()).filter(|strokes| !strokes.is_empty()),
            witness,
        }
    }

    /// Nothing more is asked or measured of somebody whose consent in force says no.
    pub(super) fn agreed(&self, person: PersonId) -> Result<(), CaptureError> {
        let consent = in_force(self.store.facts(person.into(), &Consent::KIND)?.iter());
        match consent.and_then(|consent| consent.care) {
            Some(false) => Err(CaptureError::NotAgreed),
            _ => Ok(()),
        }
    }

    /// A new decision during a visit, such as a withdrawal. The newest is in force.
    pub fn decide_consent(
        &mut self,
        visit: VisitId,
        draft: &ConsentDraft,
    ) -> Result<Timestamp, CaptureError> {
        let read = Visit::read(&self.state(visit.into())?);
        let (Some(person), Some(site)) = (read.person, read.site) else { return Err(CaptureError::Gone) };
        let now = self.after_every_decision(person)?;
        let consent = self.consent_of(draft, visit, self.staff);
        let fact = consent.fact(self.new_fact_id(), person.into(), now, None);
        self.write(Self::bucket_of_site(site), Some(visit.into()), vec![Intent::Record(fact)])?;
        if !draft.scopes.care {
            // Whoever withdraws leaves no half-answered form behind.
            self.forget_answers(visit)?;
        }
        Ok(now)
    }

    /// Now, but later than every decision of this person that is here: a clock that was put back, or two decisions within
    /// a millisecond, must not let an earlier consent outlive its withdrawal.
    fn after_every_decision(&self, person: PersonId) -> Result<Timestamp, CaptureError> {
        let decisions = self.store.facts(person.into(), &Consent::KIND)?;
        let newest = decisions.iter().map(|fact| fact.at).max();
        Ok(newest.map_or(self.now(), |newest| self.now().max(newest.plus_milliseconds(1))))
    }

    /// Records that a person does not agree to be seen. No visit begins.
    pub fn refuse_consent(
        &mut self,
        person: PersonId,
        stop: StopId,
        text: &ConsentText,
    ) -> Result<(), CaptureError> {
        let bucket = self.bucket_of_stop(stop)?;
        let consent = Consent {
            text_version: Some(text.version.clone()),
            language: Some(text.language.tag().to_owned()),
            care: Some(false),
            share_with_partners: Some(false),
            outreach: Some(false),
            research: Some(false),
            method: Some(ConsentMethod::WitnessedVerbal),
            witness: Some(self.staff),
            ..Consent::default()
        };
        let now = self.after_every_decision(person)?;
        let fact = consent.fact(self.new_fact_id(), person.into(), now, None);
        self.write(bucket, None, vec![Intent::Record(fact)])?;
        Ok(())
    }
}
