//! Whether a person's hearing has shifted from their own baseline, as the United States' rule for noisy work says.
//! Never a diagnosis, never whether the shift comes from work, and no correction for age (29 CFR 1910.95, appendix
//! F, allows one): without it a shift is told earlier, not later.

use super::language::Words;
use super::quantity::Quantity;

/// Where the shift and its limits come from, to be shown beside it.
pub const SOURCE: &str = "29 CFR 1910.95(g)(10) and 29 CFR 1904.10 (OSHA), as in force in 2025";

/// The frequencies in Hz whose mean decides.
pub const FREQUENCIES_HZ: [u16; 3] = [2_000, 3_000, 4_000];
/// Every frequency in Hz that an audiogram for this rule must test, by 29 CFR 1910.95(h)(1).
pub const TESTED_HZ: [u16; 6] = [500, 1_000, 2_000, 3_000, 4_000, 6_000];
/// How long the person must be told of a shift in writing at most, in days, by 29 CFR 1910.95(g)(8).
pub const NOTIFY_WITHIN_DAYS: u8 = 21;
/// How long before a baseline there must be no noise at work, in hours, by 29 CFR 1910.95(g)(5)(iii).
pub const BASELINE_QUIET_HOURS: u8 = 14;

/// From this mean change on, in dB, it is a standard threshold shift.
const SHIFT_DB: i32 = 10;
/// From this mean threshold on, in dB above audiometric zero, a shift is to be recorded.
const RECORDABLE_DB: i32 = 25;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ear {
    Left,
    Right,
}

/// Thresholds of one ear by frequency in Hz, in dB.
pub type Thresholds = std::collections::BTreeMap<u16, Quantity>;

/// One ear against its own baseline. Means are of 2,000, 3,000 and 4,000 Hz, to one decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shift {
    /// How many dB the mean threshold rose; below zero it fell.
    pub change_db: Quantity,
    pub threshold_db: Quantity,
    pub finding: Finding,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Finding {
    NoShift,
    /// A mean change of 10 dB or more: the person is told in writing within 21 days.
    StandardShift,
    /// A standard shift with a mean threshold of 25 dB or more: the employer records it, if it comes from work.
    RecordableShift,
}

impl Ear {
    pub const BOTH: [Ear; 2] = [Ear::Left, Ear::Right];

    /// The catalog's key of the threshold at a frequency, such as `hearing_left_2000`.
    pub fn key(self, frequency_hz: u16) -> String {
        let side = match self {
            Ear::Left => "left",
            Ear::Right => "right",
        };
        format!("hearing_{side}_{frequency_hz}")
    }
}

impl Finding {
    /// What a screen says.
    pub fn name(self) -> Words {
        match self {
            Finding::NoShift => Words::both("No standard threshold shift", "Sin cambio estándar del umbral"),
            Finding::StandardShift => Words::both("Standard threshold shift", "Cambio estándar del umbral"),
            Finding::RecordableShift => Words::both(
                "Standard threshold shift, to be recorded",
                "Cambio estándar del umbral, debe registrarse",
            ),
        }
    }
}

/// One ear now against its baseline. `None` unless both have all three frequencies: half a test has no meaning in
/// the rule.
pub fn shift(baseline: &Thresholds, now: &Thresholds) -> Option<Shift> {
    let of = |thresholds: &Thresholds| -> Option<Vec<Quantity>> {
        FREQUENCIES_HZ.iter().map(|frequency| thresholds.get(frequency).copied()).collect()
    };
    let (before, after) = (of(baseline)?, of(now)?);
    let mean = |values: &[Quantity]| Quantity::mean(values, Quantity::SCALE_MAX);
    let changes: Option<Vec<Quantity>> =
        before.iter().zip(&after).map(|(before, after)| after.minus(*before)).collect();
    let (change, threshold) = (mean(&changes?)?, mean(&after)?);
    // The rule's lines are whole numbers and the means thirds: they are compared before they are rounded.
    let is_shift = change >= Quantity::whole(SHIFT_DB);
    let finding = match is_shift && threshold >= Quantity::whole(RECORDABLE_DB) {
        true => Finding::RecordableShift,
        false if is_shift => Finding::StandardShift,
        false => Finding::NoShift,
    };
    Some(Shift { change_db: change.rounded(1)?, threshold_db: threshold.rounded(1)?, finding })
}

#[cfg(test)]
mod tests;
