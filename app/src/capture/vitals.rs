//! Measured values become facts, each with its code, unit and category.

use super::desk::{CaptureError, Desk};
use super::tasks::found;
use crate::apply::Intent;
use shared::content::Quantity;
use shared::content::blood_pressure;
use shared::domain::screening::{FactStatus, Observation};
use shared::draft::{CheckedVital, VitalDraft, VitalError};
use shared::ids::{FactId, TaskId, VisitId};

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
        let now = self.now();
        let (mut intents, mut facts) = (Vec::new(), Vec::new());
        for vital in &checked {
            let measurement = vital.measurement;
            let is_pressure = measurement.panel_loinc.as_deref() == Some("85354-9");
            let observation = Observation {
                visit: Some(visit),
                loinc: Some(measurement.loinc.clone()),
                value: Some(vital.value.into()),
                unit: measurement.unit_ucum.clone(),
                text: None,
                panel: measurement.panel_loinc.clone(),
                reading: Some(reading),
                status: Some(FactStatus::Final),
                performer: Some(self.staff),
                method: Some("manual".to_owned()),
                interpretation: category.filter(|_| is_pressure).map(|category| category.name().english),
                confirmed_unusual: Some(vital.confirmed_unusual),
            };
            let id = self.new_fact_id();
            facts.push(id);
            intents.push(Intent::Record(observation.fact(id, person.into(), now, None)));
        }
        let values: Vec<(&str, Quantity)> =
            checked.iter().map(|vital| (vital.measurement.key.as_str(), vital.value)).collect();
        let mut raised = Vec::new();
        for alert in content.alerts_raised(&values) {
            let (task, intent) = self.raised(visit, person, &alert.id, found(alert, &checked));
            raised.push(task);
            intents.push(intent);
        }
        self.write(Self::bucket_of_site(site), Some(visit.into()), intents)?;
        Ok(VitalsTaken { facts, blood_pressure: category, raised })
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

fn pressure_category(checked: &[CheckedVital<'_>]) -> Result<Option<blood_pressure::Category>, VitalsError> {
    let value =
        |key: &str| checked.iter().find(|vital| vital.measurement.key == key).map(|vital| vital.value);
    let (Some(systolic), Some(diastolic)) = (value("bp_systolic"), value("bp_diastolic")) else {
        return Ok(None);
    };
    match blood_pressure::categorize(systolic, diastolic) {
        Ok(category) => Ok(Some(category)),
        Err(wrong) => Err(VitalsError::NotBelow { systolic: wrong.systolic, diastolic: wrong.diastolic }),
    }
}
