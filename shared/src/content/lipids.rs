//! Cholesterol that is worked out from a lipid panel. Never a target for treatment, which depends on the person.

use super::quantity::Quantity;

/// Where the estimate and its limit come from, to be shown beside the value.
pub const SOURCE: &str = "Friedewald, Levy, Fredrickson 1972, Clinical Chemistry 18:499-502: not from 400 mg/dL of triglycerides on";

/// From here on, in mg/dL, the estimate of LDL is not valid and none is given.
const TRIGLYCERIDES_BELOW: i32 = 400;

/// LDL cholesterol in whole mg/dL by Friedewald: total less HDL less a fifth of the triglycerides, all in mg/dL.
/// `None` where the formula is not valid or gives nothing above zero.
pub fn ldl_estimate(total: Quantity, hdl: Quantity, triglycerides: Quantity) -> Option<Quantity> {
    if triglycerides >= Quantity::whole(TRIGLYCERIDES_BELOW) || triglycerides < Quantity::whole(0) {
        return None;
    }
    let (total, total_power) = total.as_ratio();
    let (hdl, hdl_power) = hdl.as_ratio();
    let (fat, fat_power) = triglycerides.as_ratio();
    // Over one denominator, so that it is rounded once: total - hdl - triglycerides / 5.
    let denominator = total_power.checked_mul(hdl_power)?.checked_mul(fat_power)?.checked_mul(5)?;
    let part = |value: i128, power: i128, fifths: i128| value.checked_mul(denominator / power / 5 * fifths);
    let numerator = part(total, total_power, 5)?
        .checked_sub(part(hdl, hdl_power, 5)?)?
        .checked_sub(part(fat, fat_power, 1)?)?;
    Quantity::from_ratio(numerator, denominator, 0).filter(|value| *value > Quantity::whole(0))
}

/// Non-HDL cholesterol, total less HDL, in whole mg/dL. `None` unless HDL is below the total.
pub fn non_hdl(total: Quantity, hdl: Quantity) -> Option<Quantity> {
    if hdl >= total {
        return None;
    }
    let (total, total_power) = total.as_ratio();
    let (hdl, hdl_power) = hdl.as_ratio();
    let numerator = total.checked_mul(hdl_power)?.checked_sub(hdl.checked_mul(total_power)?)?;
    Quantity::from_ratio(numerator, total_power.checked_mul(hdl_power)?, 0)
}

#[cfg(test)]
mod tests;
