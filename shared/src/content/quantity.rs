//! Exact decimal numbers, as a person typed them: 37.5 is the integer 375 and one decimal place.
//! Never floating point, so that no value changes on its way through the wire, and never a unit.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

/// `mantissa * 10^-scale`, at most 18 digits of which at most 9 are decimals.
///
/// Numbers are equal and ordered by value (37.5 equals 37.50), yet each keeps the decimals it was typed
/// with, because the precision of a clinical value says how it was measured.
#[derive(Clone, Copy, Debug)]
pub struct Quantity {
    mantissa: i64,
    scale: u8,
}

/// Why a text or a pair of integers is not a quantity; each arises while typing or while reading a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// Nothing was typed.
    #[error("no number was entered")]
    Empty,
    /// A character that no number contains; the first one is named.
    #[error("{character:?} cannot be part of a number")]
    NotANumber { character: char },
    /// A second decimal mark, such as the thousands mark of `1,234.5`, which is never guessed at.
    #[error("a number has only one decimal point or comma")]
    TwoMarks,
    /// No digit before or after the mark: `.5` and `5.` are how tenfold errors are made.
    #[error("a digit is needed on both sides of the decimal point")]
    MissingDigit,
    /// More than 18 digits in all.
    #[error("the number has more than {} digits", Quantity::DIGITS_MAX)]
    TooLong,
    /// More than 9 digits after the mark.
    #[error("the number has more than {} decimals", Quantity::SCALE_MAX)]
    TooPrecise,
}

impl Quantity {
    /// The most decimals a quantity can have.
    pub const SCALE_MAX: u8 = 9;
    /// The most digits a quantity can have, decimals included.
    pub const DIGITS_MAX: u32 = 18;

    /// The quantity `mantissa * 10^-scale`; refuses more digits or decimals than a quantity can have.
    pub const fn new(mantissa: i64, scale: u8) -> Result<Quantity, QuantityError> {
        if scale > Quantity::SCALE_MAX {
            return Err(QuantityError::TooPrecise);
        }
        if mantissa.unsigned_abs() >= 10u64.pow(Quantity::DIGITS_MAX) {
            return Err(QuantityError::TooLong);
        }
        Ok(Quantity { mantissa, scale })
    }

    /// A whole number; any 32-bit integer fits.
    pub const fn whole(value: i32) -> Quantity {
        Quantity { mantissa: value as i64, scale: 0 }
    }

    /// The integer that, shifted by `scale` decimals, is the value.
    pub const fn mantissa(self) -> i64 {
        self.mantissa
    }

    /// How many decimals the value was given with, 0 to 9.
    pub const fn scale(self) -> u8 {
        self.scale
    }

    /// Whether a whole number of steps gives this value; of a step of zero none does.
    pub fn is_multiple_of(self, step: Quantity) -> bool {
        let ((value, power), (step, step_power)) = (self.as_ratio(), step.as_ratio());
        let parts = value.checked_mul(step_power).zip(step.checked_mul(power));
        parts.is_some_and(|(value, step)| step != 0 && value % step == 0)
    }

    /// Reads what a person typed. A point and a comma both mark decimals; `37.5` and `37,5` are the same.
    pub fn parse(text: &str) -> Result<Quantity, QuantityError> {
        let text = text.trim();
        let (negative, digits) = match text.strip_prefix(['-', '\u{2212}']) {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        if digits.is_empty() {
            return Err(QuantityError::Empty);
        }
        let (mut magnitude, mut count, mut decimals) = (0i64, 0u32, None::<u8>);
        let mut last_was_digit = false;
        for character in digits.chars() {
            if let Some(digit) = character.to_digit(10) {
                // Leading zeros cost no digits, but a flood of them is refused with everything too long.
                count += u32::from(count > 0 || digit > 0 || decimals.is_some());
                if count > Quantity::DIGITS_MAX || digits.len() > 64 {
                    return Err(QuantityError::TooLong);
                }
                magnitude = magnitude * 10 + i64::from(digit);
                decimals = decimals.map(|places| places.saturating_add(1));
                last_was_digit = true;
            } else if matches!(character, '.' | ',') {
                if decimals.is_some() {
                    return Err(QuantityError::TwoMarks);
                }
                if !last_was_digit {
                    return Err(QuantityError::MissingDigit);
                }
                (decimals, last_was_digit) = (Some(0), false);
            } else {
                return Err(QuantityError::NotANumber { character });
            }
        }
        if !last_was_digit {
            return Err(QuantityError::MissingDigit);
        }
        Quantity::new(if negative { -magnitude } else { magnitude }, decimals.unwrap_or(0))
    }

    /// `numerator / denominator` to `scale` decimals, halves away from zero; `None` when the denominator is
    /// zero or the answer does not fit. Conversions and indices use it to round once, at the end.
    pub fn from_ratio(numerator: i128, denominator: i128, scale: u8) -> Option<Quantity> {
        if scale > Quantity::SCALE_MAX || denominator == 0 {
            return None;
        }
        let shifted = numerator.checked_mul(10i128.pow(u32::from(scale)))?;
        let (quotient, remainder) = (shifted.checked_div(denominator)?, shifted.checked_rem(denominator)?);
        let rounds_up = remainder.unsigned_abs() >= denominator.unsigned_abs().div_ceil(2);
        let direction = if (shifted < 0) == (denominator < 0) { 1 } else { -1 };
        let rounded = quotient + if rounds_up { direction } else { 0 };
        Quantity::new(i64::try_from(rounded).ok()?, scale).ok()
    }

    /// The difference, with the decimals of the finer of the two; `None` when it does not fit.
    pub fn minus(self, other: Quantity) -> Option<Quantity> {
        let difference = self.at_full_scale().checked_sub(other.at_full_scale())?;
        let unit = 10i128.pow(u32::from(Quantity::SCALE_MAX));
        Quantity::from_ratio(difference, unit, self.scale.max(other.scale))
    }

    /// The mean to `scale` decimals, halves away from zero; `None` of nothing or when it does not fit.
    pub fn mean(values: &[Quantity], scale: u8) -> Option<Quantity> {
        let sum = values.iter().try_fold(0i128, |sum, value| sum.checked_add(value.at_full_scale()))?;
        let count = i128::try_from(values.len()).ok()?;
        let unit = 10i128.pow(u32::from(Quantity::SCALE_MAX));
        Quantity::from_ratio(sum, count.checked_mul(unit)?, scale)
    }

    /// The value with `scale` decimals, halves away from zero; `None` when it does not fit.
    pub fn rounded(self, scale: u8) -> Option<Quantity> {
        let (numerator, denominator) = self.as_ratio();
        Quantity::from_ratio(numerator, denominator, scale)
    }

    /// The value as an exact fraction whose denominator is a power of ten.
    pub(super) fn as_ratio(self) -> (i128, i128) {
        (i128::from(self.mantissa), 10i128.pow(u32::from(self.scale)))
    }

    /// The value in units of `10^-SCALE_MAX`, so that two quantities compare as integers.
    fn at_full_scale(self) -> i128 {
        i128::from(self.mantissa) * 10i128.pow(u32::from(Quantity::SCALE_MAX - self.scale))
    }
}

impl FromStr for Quantity {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Quantity, QuantityError> {
        Quantity::parse(text)
    }
}

impl fmt::Display for Quantity {
    /// Writes the value with a decimal point and with the decimals it was given with.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let power = 10u64.pow(u32::from(self.scale));
        let (whole, decimals) = (self.mantissa.unsigned_abs() / power, self.mantissa.unsigned_abs() % power);
        let text = match self.scale {
            0 => whole.to_string(),
            scale => format!("{whole}.{decimals:0width$}", width = usize::from(scale)),
        };
        formatter.pad_integral(self.mantissa >= 0, "", &text)
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Quantity) -> bool {
        self.at_full_scale() == other.at_full_scale()
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Quantity) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Quantity) -> Ordering {
        self.at_full_scale().cmp(&other.at_full_scale())
    }
}

impl Hash for Quantity {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.at_full_scale().hash(state);
    }
}

#[cfg(test)]
mod tests;
