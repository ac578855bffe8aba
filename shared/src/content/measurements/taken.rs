//! Which measurements are taken together, and which a keypad can take alone. Never what a tile looks like.

use super::{Limits, Measurement};
use crate::content::quantity::Quantity;

/// Measurements that are taken together, by their keys. All others stand alone.
pub const TOGETHER: [&[&str]; 5] = [
    &["bp_systolic", "bp_diastolic"],
    &["chol_total", "chol_hdl", "triglycerides"],
    &["va_right", "va_left"],
    &[
        "hearing_left_500",
        "hearing_left_1000",
        "hearing_left_2000",
        "hearing_left_3000",
        "hearing_left_4000",
        "hearing_left_6000",
    ],
    &[
        "hearing_right_500",
        "hearing_right_1000",
        "hearing_right_2000",
        "hearing_right_3000",
        "hearing_right_4000",
        "hearing_right_6000",
    ],
];

/// The most decimals that the keypad takes.
pub const DECIMALS_MAX: u8 = 3;
/// The largest number that the keypad takes, which has four digits before the point.
const TYPED_MAX: i32 = 9_999;

/// Why a keypad cannot take a measurement; nothing when it can.
pub fn untakable(measurement: &Measurement) -> Option<String> {
    let [_, _, eye_chart, ..] = TOGETHER;
    let is_one_of = |keys: &[&str]| keys.contains(&measurement.key.as_str());
    if measurement.calculated.is_some() {
        return Some("is worked out from others, so nobody can take it".to_owned());
    }
    if let Some(panel) = &measurement.panel_loinc
        && !TOGETHER.into_iter().any(is_one_of)
    {
        return Some(format!(
            "is a part of {panel}, and only blood pressure, lipids and hearing are taken in parts"
        ));
    }
    match (measurement.choices.is_empty(), is_one_of(eye_chart)) {
        (false, true) => return None,
        (false, false) => {
            return Some("is chosen from a list, and only the lines of the eye chart are".to_owned());
        }
        (true, true) => return Some("has no lines to choose from, as an eye chart does".to_owned()),
        (true, false) => {}
    }
    let (Some(hard), Some(_)) = (measurement.hard_limits, measurement.soft_limits) else {
        return Some("has no hard and soft limits, so any number would be taken".to_owned());
    };
    let Limits { low, high } = hard;
    let (least, most) = (Quantity::whole(-TYPED_MAX), Quantity::whole(TYPED_MAX));
    if low < least || high > most {
        return Some(format!("its limits {low} to {high} have more digits than the keypad takes"));
    }
    None
}

/// Whether a LOINC code ends in its check digit (modulus 10, double-add-double), which catches a mistyped code.
pub fn is_loinc(code: &str) -> bool {
    let Some((digits, check_digit)) = code.split_once('-') else { return false };
    if digits.is_empty() || digits.len() > 7 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return false;
    }
    let value = |(place, digit): (usize, u8)| u32::from(digit - b'0') * if place % 2 == 0 { 2 } else { 1 };
    let sum: u32 =
        digits.bytes().rev().enumerate().map(value).map(|doubled| doubled / 10 + doubled % 10).sum();
    check_digit.len() == 1 && check_digit.parse() == Ok((10 - sum % 10) % 10)
}
