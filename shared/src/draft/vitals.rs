//! One measured value as typed on the keypad.

use crate::content::Quantity;
use crate::content::measurements::{self, Catalog, Measurement, Plausibility};
use crate::content::{Language, QuantityError};
use crate::record::Decimal;

/// What was typed for one measurement of the catalog. `confirmed` says that a value outside the usual range was
/// asked for once more and stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct VitalDraft {
    pub measurement: String,
    pub typed: String,
    pub confirmed: bool,
}

/// A value that nobody checks again, in the measurement's own unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedVital<'c> {
    pub measurement: &'c Measurement,
    pub value: Quantity,
    pub confirmed_unusual: bool,
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
        let value = Quantity::parse(&self.typed)
            .map_err(|error| VitalError::NotANumber { name: measurement, error })?;
        match measurements::check(measurement, &value) {
            Plausibility::Refused { low, high } => {
                Err(VitalError::Refused { name: measurement, value, low, high })
            }
            Plausibility::AskOnce { low, high } if !self.confirmed => {
                Err(VitalError::AskOnce { name: measurement, value, low, high })
            }
            Plausibility::AskOnce { .. } => Ok(CheckedVital { measurement, value, confirmed_unusual: true }),
            Plausibility::Fine => Ok(CheckedVital { measurement, value, confirmed_unusual: false }),
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
