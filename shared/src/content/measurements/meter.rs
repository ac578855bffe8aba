//! What a measuring device shows instead of a number: LO and HI of a glucose meter. Never a value of its own: what is
//! kept is the end of the meter's range and on which side of it the value lies.

use super::Limits;
use crate::content::quantity::Quantity;
use crate::record::coded_values;

/// The range of a device, and its words for what lies beyond it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meter {
    /// Both ends are still measured.
    pub range: Limits,
    pub low_word: String,
    pub high_word: String,
    /// Where the range is from.
    pub source: String,
}

coded_values! {
    /// On which side of the value that stands there the true one lies (FHIR quantity-comparator).
    Beyond { Below = "<", Above = ">" }
}

impl Meter {
    /// The end of the range that a word of the meter stands for, and on which side of it the value lies.
    pub fn read(&self, word: &str) -> Option<(Beyond, Quantity)> {
        match word {
            word if word == self.low_word => Some((Beyond::Below, self.range.low)),
            word if word == self.high_word => Some((Beyond::Above, self.range.high)),
            _ => None,
        }
    }

    /// What the meter shows on this side.
    pub fn word(&self, beyond: Beyond) -> &str {
        match beyond {
            Beyond::Below => &self.low_word,
            Beyond::Above => &self.high_word,
        }
    }
}

impl Beyond {
    /// Such as `LO (< 20 mg/dL)`; without the word where the measurement has no meter any more.
    pub fn words(self, meter: Option<&Meter>, limit: &str) -> String {
        match meter {
            Some(meter) => format!("{} ({} {limit})", meter.word(self), self.code()),
            None => format!("{} {limit}", self.code()),
        }
    }
}
