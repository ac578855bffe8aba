//! Measured values become facts, each with its code, unit and category.

use super::desk::{CaptureError, Desk};
use super::hearing::{hearing_baseline, shifted};
use super::tasks::{found, found_in_ear};
use crate::apply::Intent;
use shared::content::hearing::{Ear, Shift, TESTED_HZ, Thresholds};
use shared::content::measurements::{self, Measurement, Whom};
use shared::content::pack::Content;
use shared::content::{Quantity, blood_pressure};
use shared::domain::person::{Person, Sex};
use shared::domain::screening::{FactStatus, Observation};
use shared::draft::{CheckedVital, VitalDraft, VitalError, VitalValue};
use shared::ids::{FactId, PersonId, TaskId, VisitId};

/// Why nothing was recorded. What was typed stays on the screen.
#[derive(Debug, thiserror::Error)]
pub enum VitalsError {
    #[error("{} values are not taken", .0.len())]
    Values(Vec<VitalError<'static>>),
    /// Diastolic must be below systolic.
    #[error("diastolic {diastolic} is not below systolic {systolic}")]
    NotBelow { systolic: Quantity, diastolic: Quantity },
    #[error(transparent)]
    Capture(#[from] CaptureError),
}

/// What was recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VitalsTaken {
    pub facts: Vec<FactId>,
    /// Set when both pressures were taken together.
    pub blood_pressure: Option<blood_pressure::Category>,
    /// What of it is dangerous: the visit goes on when each is answered.
    pub raised: Vec<TaskId>,
}

impl Desk {
    /// Records what was measured together, all of it or nothing. `reading` counts the visit's readings from 1.
    pub fn record_vitals(
        &mut self,
        visit: VisitId,
        drafts: &[VitalDraft],
        reading: u32,
    ) -> Result<VitalsTaken, VitalsError> {
        let content = self.packs()?.current();
        let catalog = &content.catalog;
        let (mut checked, mut errors) = (Vec::new(), Vec::new());
        for draft in drafts {
            match draft.check(catalog) {
                Ok(vital) => checked.push(vital),
                Err(error) => errors.push(error),
            }
        }
        if !errors.is_empty() {
            return Err(VitalsError::Values(errors));
        }
        let category = pressure_category(&checked)?;
        let (person, site) = self.who_and_where(visit)?;
        self.agreed(person)?;
        let whom = self.whom(person)?;
        let now = self.now();
        let mut observations: Vec<(FactId, Observation)> = Vec::with_capacity(checked.len());
        for vital in &checked {
            let measurement = vital.measurement;
            let is_pressure = measurement.panel_loinc.as_deref() == Some("85354-9");
            let observation = Observation {
                visit: Some(visit),
                loinc: Some(measurement.loinc.clone()),
                value: vital.value.number().map(Into::into),
                unit: measurement.unit_ucum.clone(),
                text: match &vital.value {
                    VitalValue::Number(_) | VitalValue::OffMeter(..) => None,
                    VitalValue::Choice(choice) => Some(choice.clone()),
                },
                panel: measurement.panel_loinc.clone(),
                reading: Some(reading),
                status: Some(FactStatus::Final),
                performer: Some(self.staff),
                method: Some(if vital.from_device { "device" } else { "manual" }.to_owned()),
                interpretation: match category.filter(|_| is_pressure) {
                    Some(category) => Some(category.name().english),
                    None => named(measurement, &vital.value, whom),
                },
                confirmed_unusual: Some(vital.confirmed_unusual),
                beyond: vital.value.beyond(),
            };
            observations.push((self.new_fact_id(), observation));
        }
        let facts: Vec<FactId> = observations.iter().map(|(id, _)| *id).collect();
        let record =
            |(id, seen): &(FactId, Observation)| Intent::Record(seen.fact(*id, person.into(), now, None));
        let mut intents: Vec<Intent> = observations.iter().map(record).collect();
        let mut follows = self.follows(person, visit, &observations, now, catalog)?;
        follows.retain(|made| made.formula.is_watched_at(whom.age_years));
        let typed =
            checked.iter().filter_map(|vital| Some((vital.measurement.key.as_str(), vital.value.number()?)));
        let values: Vec<(&str, Quantity)> =
            typed.chain(follows.iter().map(|made| (made.formula.key, made.value))).collect();
        let mut raised = Vec::new();
        for alert in content.alerts_raised(&values) {
            let found = found(alert, &checked, &follows);
            let (task, intent) = self.raised(now, visit, person, &alert.id, found, alert.due_days)?;
            raised.push(task);
            intents.push(intent);
        }
        for (ear, shift) in self.shifts(person, visit, &checked, content)? {
            for alert in content.alerts.iter().filter(|alert| alert.hearing_shift) {
                let found = found_in_ear(ear, &shift);
                let (task, intent) = self.raised(now, visit, person, &alert.id, found, alert.due_days)?;
                raised.push(task);
                intents.push(intent);
            }
        }
        self.write(Self::bucket_of_site(site), Some(visit.into()), intents)?;
        Ok(VitalsTaken { facts, blood_pressure: category, raised })
    }

    /// Whom a value is judged for.
    fn whom(&self, person: PersonId) -> Result<Whom, CaptureError> {
        let person = Person::read(&self.state(person.into())?);
        let today = self.local_day()?;
        let age_years = person.birth_date.map(|born| born.age_years_on(today));
        Ok(Whom { sex: person.sex.unwrap_or(Sex::Unknown).into(), age_years })
    }

    /// Ears that hear less than at the person's first test.
    fn shifts(
        &self,
        person: PersonId,
        visit: VisitId,
        checked: &[CheckedVital<'_>],
        content: &Content,
    ) -> Result<Vec<(Ear, Shift)>, CaptureError> {
        let of_ear = |ear: Ear| -> Thresholds {
            let threshold = |hertz| Some((hertz, number_of(checked, &ear.key(hertz))?));
            TESTED_HZ.into_iter().filter_map(threshold).collect()
        };
        let tested: Vec<(Ear, Thresholds)> =
            Ear::BOTH.map(|ear| (ear, of_ear(ear))).into_iter().filter(|(_, now)| !now.is_empty()).collect();
        if tested.is_empty() {
            return Ok(vec![]);
        }
        let before = self.results_of(person)?;
        let shift = |(ear, now): (Ear, Thresholds)| {
            let baseline = hearing_baseline(&before, visit, ear, content);
            Some((ear, shifted(baseline.as_ref(), &now)?))
        };
        Ok(tested.into_iter().filter_map(shift).collect())
    }

    /// Takes a value back: it stays visible in the history, marked as entered in error.
    pub fn entered_in_error(&mut self, visit: VisitId, fact: FactId) -> Result<(), CaptureError> {
        let (person, site) = self.who_and_where(visit)?;
        let amended = Observation {
            visit: Some(visit),
            status: Some(FactStatus::EnteredInError),
            performer: Some(self.staff),
            ..Observation::default()
        };
        let now = self.now();
        let fact = amended.fact(self.new_fact_id(), person.into(), now, Some(fact));
        self.write(Self::bucket_of_site(site), Some(visit.into()), vec![Intent::Record(fact)])?;
        Ok(())
    }
}

fn number_of(checked: &[CheckedVital<'_>], key: &str) -> Option<Quantity> {
    checked.iter().find(|vital| vital.measurement.key == key)?.value.number()
}

/// What the catalog calls a value.
fn named(measurement: &Measurement, value: &VitalValue, whom: Whom) -> Option<String> {
    let name = match value {
        VitalValue::Choice(choice) => {
            measurements::flags_of_choice(measurement, choice).first().map(|flag| &flag.name)
        }
        VitalValue::Number(value) | VitalValue::OffMeter(_, value) => {
            measurements::gravest_name(measurement, *value, whom).map(|named| named.name)
        }
    };
    name.map(|name| name.english.clone())
}

fn pressure_category(checked: &[CheckedVital<'_>]) -> Result<Option<blood_pressure::Category>, VitalsError> {
    let (systolic, diastolic) = (number_of(checked, "bp_systolic"), number_of(checked, "bp_diastolic"));
    let (Some(systolic), Some(diastolic)) = (systolic, diastolic) else {
        return Ok(None);
    };
    match blood_pressure::categorize(systolic, diastolic) {
        Ok(category) => Ok(Some(category)),
        Err(wrong) => Err(VitalsError::NotBelow { systolic: wrong.systolic, diastolic: wrong.diastolic }),
    }
}
