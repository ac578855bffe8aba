//! One measured value as typed on the keypad.

use crate::content::Quantity;
use crate::content::measurements::{self, Beyond, Catalog, Measurement, Plausibility};
use crate::content::{Language, QuantityError};
use crate::record::Decimal;
use std::fmt;

/// What was typed for one measurement of the catalog. `confirmed` says that a value outside the usual range was
/// asked for once more and stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VitalDraft {
    pub measurement: String,
    pub typed: String,
    pub confirmed: bool,
    /// Read by a device; else by hand.
    pub from_device: bool,
}

/// What was measured: a number in the measurement's own unit, what lies beyond the meter's range, or a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VitalValue {
    Number(Quantity),
    /// The end of the meter's range, and on which side of it the true value lies.
    OffMeter(Beyond, Quantity),
    Choice(String),
}

impl VitalValue {
    /// The number by which it is judged; beyond a meter's range the end of it.
    pub fn number(&self) -> Option<Quantity> {
        match self {
            VitalValue::Number(value) | VitalValue::OffMeter(_, value) => Some(*value),
            VitalValue::Choice(_) => None,
        }
    }

    pub fn beyond(&self) -> Option<Beyond> {
        match self {
            VitalValue::OffMeter(beyond, _) => Some(*beyond),
            VitalValue::Number(_) | VitalValue::Choice(_) => None,
        }
    }
}

impl fmt::Display for VitalValue {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VitalValue::Number(value) => write!(out, "{value}"),
            VitalValue::OffMeter(beyond, value) => write!(out, "{} {value}", beyond.code()),
            VitalValue::Choice(choice) => out.write_str(choice),
        }
    }
}

/// A value that nobody checks again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedVital<'c> {
    pub measurement: &'c Measurement,
    pub value: VitalValue,
    pub confirmed_unusual: bool,
    pub from_device: bool,
}

/// Why a value is not taken, or not yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VitalError<'c> {
    UnknownMeasurement(String),
    NotANumber {
        name: &'c Measurement,
        error: QuantityError,
    },
    /// No living person has this value.
    Refused {
        name: &'c Measurement,
        value: Quantity,
        low: Quantity,
        high: Quantity,
    },
    /// Between two values that the instrument can give.
    OffStep {
        name: &'c Measurement,
        value: Quantity,
        step: Quantity,
    },
    /// Not one of the values that there are.
    NotAChoice {
        name: &'c Measurement,
        typed: String,
    },
    /// Possible but unusual: measure again, or confirm.
    AskOnce {
        name: &'c Measurement,
        value: Quantity,
        low: Quantity,
        high: Quantity,
    },
}

impl VitalDraft {
    /// Compares what was typed with the limits of the catalog in use.
    pub fn check<'c>(&self, catalog: &'c Catalog) -> Result<CheckedVital<'c>, VitalError<'c>> {
        let measurement = catalog
            .find(&self.measurement)
            .ok_or_else(|| VitalError::UnknownMeasurement(self.measurement.chars().take(40).collect()))?;
        let checked = |value, confirmed_unusual| CheckedVital {
            measurement,
            value,
            confirmed_unusual,
            from_device: self.from_device,
        };
        if !measurement.choices.is_empty() {
            let choice = measurement.choices.iter().find(|choice| **choice == self.typed);
            let choice = choice.ok_or_else(|| VitalError::NotAChoice {
                name: measurement,
                typed: self.typed.chars().take(20).collect(),
            })?;
            return Ok(checked(VitalValue::Choice(choice.clone()), false));
        }
        if let Some((beyond, limit)) = measurement.meter.as_ref().and_then(|meter| meter.read(&self.typed)) {
            // Staff chose a word that the meter shows: there is no digit to mistype, so nothing is asked once more.
            return Ok(checked(VitalValue::OffMeter(beyond, limit), false));
        }
        let value = Quantity::parse(&self.typed)
            .map_err(|error| VitalError::NotANumber { name: measurement, error })?;
        match measurements::check(measurement, &value) {
            Plausibility::Refused { low, high } => {
                Err(VitalError::Refused { name: measurement, value, low, high })
            }
            _ if measurement.step.is_some_and(|step| !value.is_multiple_of(step)) => {
                let step = measurement.step.unwrap_or(value);
                Err(VitalError::OffStep { name: measurement, value, step })
            }
            Plausibility::AskOnce { low, high } if !self.confirmed => {
                Err(VitalError::AskOnce { name: measurement, value, low, high })
            }
            Plausibility::AskOnce { .. } => Ok(checked(VitalValue::Number(value), true)),
            Plausibility::Fine => Ok(checked(VitalValue::Number(value), false)),
        }
    }
}

impl VitalError<'_> {
    /// A sentence that says what is wrong and what to do.
    pub fn words(&self, language: Language) -> String {
        let english = language == Language::English;
        match self {
            VitalError::UnknownMeasurement(key) if english => {
                format!("\"{key}\" is not measured on this van.")
            }
            VitalError::UnknownMeasurement(key) => format!("\"{key}\" no se mide en esta unidad."),
            VitalError::NotANumber { name, .. } if english => {
                format!("{}: type a number.", name.name.text(language))
            }
            VitalError::NotANumber { name, .. } => {
                format!("{}: escriba un número.", name.name.text(language))
            }
            VitalError::Refused { name, value, low, high } if english => {
                format!("{} {value} is not possible. Enter {low} to {high}.", name.name.text(language))
            }
            VitalError::Refused { name, value, low, high } => {
                format!("{} {value} no es posible. Escriba de {low} a {high}.", name.name.text(language))
            }
            VitalError::OffStep { name, value, step } if english => {
                format!("{} {value} is between two steps of {step}.", name.name.text(language))
            }
            VitalError::OffStep { name, value, step } => {
                format!("{} {value} está entre dos pasos de {step}.", name.name.text(language))
            }
            VitalError::NotAChoice { name, typed } if english => {
                format!("{}: there is no line {typed} on the chart.", name.name.text(language))
            }
            VitalError::NotAChoice { name, typed } => {
                format!("{}: no hay una línea {typed} en la tabla.", name.name.text(language))
            }
            VitalError::AskOnce { name, value, low, high } if english => {
                format!(
                    "{} {value} is outside {low} to {high}. Measure again, or confirm.",
                    name.name.text(language)
                )
            }
            VitalError::AskOnce { name, value, low, high } => {
                format!(
                    "{} {value} está fuera de {low} a {high}. Mida de nuevo o confirme.",
                    name.name.text(language)
                )
            }
        }
    }
}

impl From<Quantity> for Decimal {
    fn from(quantity: Quantity) -> Self {
        Decimal { mantissa: quantity.mantissa(), scale: quantity.scale() }
    }
}

impl Decimal {
    /// Nothing when another build wrote more digits than a quantity has here.
    pub fn quantity(self) -> Option<Quantity> {
        Quantity::new(self.mantissa, self.scale).ok()
    }
}
