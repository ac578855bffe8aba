//! What is known of one person: the door between records and rules. Never a rule.

use super::{Answered, Proof};
use crate::content::gaps::GapCatalog;
use crate::content::measurements::Catalog;
use crate::content::questionnaire::Questionnaire;
use crate::content::{Quantity, Sex, body_mass};
use crate::domain::past_care::PastCare;
use crate::domain::person::{Person, TobaccoStatus};
use crate::domain::screening::{FactStatus, Observation, QuestionnaireResponse};
use crate::ids::FactId;
use crate::record::Fact;
use crate::time::PartialDate;
use chrono::NaiveDate;
use std::collections::BTreeSet;

/// What is known of one person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    pub born: Option<PartialDate>,
    pub sex: Sex,
    /// Names of conditions, as the pack calls them.
    pub conditions: BTreeSet<String>,
    pub smokes: Option<bool>,
    pub ever_smoked: Option<bool>,
    /// The newest that was told.
    pub pack_years: Option<u16>,
    /// When the person quit, as it was told with the newest smoking status.
    pub quit_on: Option<PartialDate>,
    /// The newest index in kg/m2.
    pub body_mass: Option<Quantity>,
    pub measured: Vec<Measured>,
    pub answered: Vec<Answered>,
    pub given: Vec<Given>,
}

/// One value, in its measurement's unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    pub key: String,
    pub value: Quantity,
    pub on: NaiveDate,
    pub fact: Option<FactId>,
}

/// One service that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given {
    pub service: String,
    pub on: PartialDate,
    pub fact: Option<FactId>,
}

impl Measured {
    pub(super) fn proof(&self) -> Proof {
        Proof { what: self.key.clone(), on: self.on, fact: self.fact, positive: false }
    }
}

impl History {
    /// What a person's record says.
    pub fn of_person(person: &Person, gaps: &GapCatalog) -> History {
        let codes = person.conditions.iter().flatten();
        let (smokes, ever_smoked) = match person.tobacco_status {
            None => (None, None),
            Some(TobaccoStatus::Never) => (Some(false), Some(false)),
            Some(TobaccoStatus::Former) => (Some(false), Some(true)),
            Some(TobaccoStatus::EveryDay | TobaccoStatus::SomeDays) => (Some(true), Some(true)),
        };
        History {
            born: person.birth_date,
            sex: person.sex.map_or(Sex::Unknown, Into::into),
            conditions: codes.flat_map(|code| gaps.conditions_of(code)).map(str::to_owned).collect(),
            smokes,
            ever_smoked,
            ..History::default()
        }
    }

    /// Takes a fact in, on the day that it was in the place where it was true. Facts that do not stand any more are
    /// not given here. What this build does not understand says nothing. `form_of` finds the form that a response's
    /// canonical address names.
    pub fn take<'f>(
        &mut self,
        fact: &Fact,
        offset_minutes_east: i32,
        catalog: &Catalog,
        form_of: impl Fn(&str) -> Option<&'f Questionnaire>,
    ) {
        let on = fact.at.day(offset_minutes_east);
        if fact.kind == Observation::KIND.number {
            self.take_observation(&Observation::read(fact), on, fact.id, catalog);
        } else if fact.kind == QuestionnaireResponse::KIND.number {
            let response = QuestionnaireResponse::read(fact);
            if response.status != Some(FactStatus::EnteredInError)
                && let Some(canonical) = response.questionnaire.as_deref()
            {
                self.answered.push(Answered::read(
                    &response,
                    canonical,
                    form_of(canonical),
                    self.sex,
                    on,
                    fact.id,
                ));
            }
        } else if fact.kind == PastCare::KIND.number {
            let care = PastCare::read(fact);
            if let (Some(service), Some(on)) = (care.service, care.given_on) {
                self.given.push(Given { service, on, fact: Some(fact.id) });
            }
        }
    }

    fn take_observation(&mut self, seen: &Observation, on: NaiveDate, fact: FactId, catalog: &Catalog) {
        let measurement = seen.loinc.as_deref().and_then(|loinc| catalog.find_loinc(loinc));
        let value = seen.value.and_then(|value| value.quantity());
        if let (Some(measurement), Some(value)) = (measurement, value)
            && seen.status != Some(FactStatus::EnteredInError)
        {
            self.measured.push(Measured { key: measurement.key.clone(), value, on, fact: Some(fact) });
        }
    }

    /// Works out what follows from the facts: the newest body mass index, and how much the person smoked. To be called
    /// once, after the last fact.
    pub fn settle(&mut self) {
        let told = || self.answered.iter().filter_map(|answered| Some((answered.on, answered.smoking?)));
        let pack_years = told().filter_map(|(on, smoked)| Some((on, smoked.pack_years?)));
        let newest_pack_years = pack_years.max_by_key(|(on, _)| *on).map(|(_, years)| years);
        // Whoever began anew and quit again told another date, or none yet.
        let newest_status = told().max_by_key(|(on, _)| *on).map(|(_, smoked)| smoked);
        self.pack_years = newest_pack_years.or(self.pack_years);
        self.quit_on = newest_status.map_or(self.quit_on, |smoked| smoked.quit_on);
        let newest =
            |key: &str| self.measured.iter().filter(|value| value.key == key).max_by_key(|value| value.on);
        let index = newest("height").zip(newest("weight"));
        let index = index.and_then(|(height, weight)| body_mass::body_mass_index(height.value, weight.value));
        self.body_mass = index.or(newest("bmi").map(|value| value.value)).or(self.body_mass);
    }

    /// Care of any of the names on days that count.
    pub(super) fn given_any(&self, names: &[String], counts: impl Fn(PartialDate) -> bool) -> Vec<Proof> {
        let any = self.given.iter().filter(|given| names.contains(&given.service) && counts(given.on));
        // Of a vague date the earliest day counts, so that care is never taken for newer than it is.
        let proof = |given: &Given| Proof {
            what: given.service.clone(),
            on: given.on.earliest(),
            fact: given.fact,
            positive: false,
        };
        any.map(proof).collect()
    }

    pub(super) fn answered_any(&self, forms: &[String], items: &[String]) -> Vec<Proof> {
        let any = self.answered.iter().filter(|answered| forms.contains(&answered.form));
        any.filter_map(|answered| answered.proof(items)).collect()
    }

    /// Days on which every one of the keys was measured; the proof is the first key's newest value of the day.
    pub(super) fn measured_all(&self, keys: &[String]) -> Vec<Proof> {
        let of_key = |key: &String| -> BTreeSet<NaiveDate> {
            self.measured.iter().filter(|value| value.key == *key).map(|value| value.on).collect()
        };
        let Some(first) = keys.first() else { return Vec::new() };
        let days = keys[1..].iter().fold(of_key(first), |days, key| &days & &of_key(key));
        let of_first = self.measured.iter().filter(|value| value.key == *first && days.contains(&value.on));
        of_first.map(Measured::proof).collect()
    }
}
