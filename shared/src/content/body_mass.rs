//! Body mass index from height and weight, and the adult category it falls in.
//! Never the percentiles of children, which need charts that are not here.

use super::measurements::{Band, Measurement, band_of};
use super::quantity::Quantity;

/// The youngest age in whole years at which the adult categories apply (CDC: adult BMI is for 20 and older).
pub const ADULT_AGE_YEARS_MIN: u8 = 20;

/// Weight in kg divided by the square of height in m, to one decimal, halves up. `None` unless both are
/// above zero and the answer fits.
pub fn body_mass_index(height_cm: Quantity, weight_kg: Quantity) -> Option<Quantity> {
    let zero = Quantity::whole(0);
    if height_cm <= zero || weight_kg <= zero {
        return None;
    }
    let (height, height_power) = height_cm.as_ratio();
    let (weight, weight_power) = weight_kg.as_ratio();
    // kg / (cm/100)^2 = weight * 10,000 * height_power^2 / (weight_power * height^2)
    let numerator = weight.checked_mul(10_000)?.checked_mul(height_power.checked_mul(height_power)?)?;
    let denominator = weight_power.checked_mul(height.checked_mul(height)?)?;
    Quantity::from_ratio(numerator, denominator, 1)
}

/// The adult category of an index, as the bands of a release's `measurement` name it; `None` below
/// `ADULT_AGE_YEARS_MIN`.
///
/// The value decides with its one decimal, so that no screen ever shows "25.0, normal".
pub fn adult_category(measurement: &Measurement, index: Quantity, age_years: u8) -> Option<&Band> {
    (age_years >= ADULT_AGE_YEARS_MIN).then(|| band_of(measurement, index)).flatten()
}

#[cfg(test)]
mod tests;
