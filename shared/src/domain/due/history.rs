//! What is known of one person: the door between records and rules. Never a rule.

use super::Proof;
use crate::content::gaps::GapCatalog;
use crate::content::measurements::Catalog;
use crate::content::questionnaire::Questionnaire;
use crate::content::{Quantity, Sex, body_mass};
use crate::domain::past_care::PastCare;
use crate::domain::person::{Person, TobaccoStatus};
use crate::domain::screening::{AnswerValue, FactStatus, Observation, QuestionnaireResponse};
use crate::ids::FactId;
use crate::record::Fact;
use crate::time::PartialDate;
use chrono::{Datelike, NaiveDate};
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
    pub pack_years: Option<u16>,
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

/// One form with at least one answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    pub form: String,
    pub on: NaiveDate,
    pub positive: bool,
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
    /// not given here. What this build does not understand says nothing.
    pub fn take(
        &mut self,
        fact: &Fact,
        offset_minutes_east: i32,
        catalog: &Catalog,
        positive: impl Fn(&QuestionnaireResponse) -> bool,
    ) {
        let on = fact.at.day(offset_minutes_east);
        if fact.kind == Observation::KIND.number {
            self.take_observation(&Observation::read(fact), on, fact.id, catalog);
        } else if fact.kind == QuestionnaireResponse::KIND.number {
            let response = QuestionnaireResponse::read(fact);
            let is_given =
                |value: &AnswerValue| !matches!(value, AnswerValue::Declined | AnswerValue::NotAsked);
            let answers = response.answers.iter().flat_map(|list| &list.0);
            let any = answers.map(|answer| &answer.value).any(is_given);
            if any
                && response.status != Some(FactStatus::EnteredInError)
                && let Some(form) = response.questionnaire.as_deref().map(Questionnaire::id_of)
            {
                let positive = positive(&response);
                self.answered.push(Answered { form: form.to_owned(), on, positive, fact: Some(fact.id) });
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

    /// Works out what follows from the values: the newest body mass index. To be called once, after the last fact.
    pub fn settle(&mut self) {
        let newest =
            |key: &str| self.measured.iter().filter(|value| value.key == key).max_by_key(|value| value.on);
        let index = newest("height").zip(newest("weight"));
        let index = index.and_then(|(height, weight)| body_mass::body_mass_index(height.value, weight.value));
        self.body_mass = index.or(newest("bmi").map(|value| value.value)).or(self.body_mass);
    }

    pub(super) fn given_any(&self, names: &[String]) -> Vec<Proof> {
        let any = self.given.iter().filter(|given| names.contains(&given.service));
        // Of a vague date the earliest day counts, so that care is never taken for newer than it is.
        let proof = |given: &Given| Proof {
            what: given.service.clone(),
            on: given.on.earliest(),
            fact: given.fact,
            positive: false,
        };
        any.map(proof).collect()
    }

    pub(super) fn answered_any(&self, ids: &[String]) -> Vec<Proof> {
        let any = self.answered.iter().filter(|answered| ids.contains(&answered.form));
        let proof = |answered: &Answered| Proof {
            what: answered.form.clone(),
            on: answered.on,
            fact: answered.fact,
            positive: answered.positive,
        };
        any.map(proof).collect()
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

/// Ages from a date of birth that may be vague: every answer is sure or none.
#[derive(Clone, Copy)]
pub(super) struct Ages(pub Option<PartialDate>);

impl Ages {
    /// The lowest and the highest age in whole years that the person may have on a day.
    fn span(self, on: NaiveDate) -> Option<(i32, i32)> {
        let born = self.0?;
        let age = |born: NaiveDate| {
            on.year() - born.year() - i32::from((on.month(), on.day()) < (born.month(), born.day()))
        };
        let latest = match born {
            PartialDate::Day(day) => day,
            PartialDate::Month(year, month) => {
                let next = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
                NaiveDate::from_ymd_opt(next.0, next.1, 1).and_then(|first| first.pred_opt())?
            }
            PartialDate::Year(year) => NaiveDate::from_ymd_opt(year, 12, 31)?,
        };
        Some((age(latest), age(born.earliest())))
    }

    /// Whether the age lies within on a day; nothing when the date of birth is too vague to say.
    pub fn within(self, from: u8, to: Option<u8>, on: NaiveDate) -> Option<bool> {
        let (low, high) = self.span(on)?;
        let holds = |age: i32| age >= i32::from(from) && to.is_none_or(|to| age <= i32::from(to));
        match (holds(low), holds(high)) {
            (true, true) => Some(true),
            (false, false) => Some(false),
            _ => None,
        }
    }
    pub fn surely_at_least(self, age: u8, on: NaiveDate) -> bool {
        self.span(on).is_some_and(|(low, _)| low >= i32::from(age))
    }
    pub fn surely_below(self, age: u8, on: NaiveDate) -> bool {
        self.span(on).is_some_and(|(_, high)| high < i32::from(age))
    }
    /// The first day on which the person may have had an age.
    pub fn reached(self, age: u8) -> Option<NaiveDate> {
        self.0?.earliest().checked_add_months(chrono::Months::new(u32::from(age) * 12))
    }
}
