//! One number as it is typed on the keypad: which keys it takes, its parts, and its value in the catalog's unit.
//! Pure: nothing is shown or saved here.

use super::format::say;
use super::readings::{self, Values, trimmed, unit_words};
use super::vital::{FEET, Taken, Vital};
use crate::capture::VitalsError;
use shared::content::measurements::{Limits, Measurement};
use shared::content::units::{convert, feet_and_inches};
use shared::content::{Language, Quantity, QuantityError};
use shared::draft::VitalError;

/// Digits before the point: no vital has more.
const DIGITS_MAX: usize = 4;
/// Decimals kept of a value that was typed in another unit: one decimal of a degree Celsius is coarser than one of
/// a degree Fahrenheit.
const CONVERTED_SCALE: u8 = 2;

/// What stands on the keypad's display.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    vital: Vital,
    unit: &'static str,
    typed: Vec<String>,
    active: usize,
}

/// One of the boxes above the keypad.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub id: &'static str,
    pub label: &'static str,
    pub typed: String,
    pub unit: String,
    pub is_active: bool,
}

/// Why a number is not taken, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// No further key can make it right.
    TooHigh(String),
    Wrong(String),
    /// Possible, and asked about once.
    Unusual(String),
}

const PART_IDS: [&str; 6] = ["first", "second", "third", "fourth", "fifth", "sixth"];

impl Entry {
    pub fn new(vital: Vital, unit: &'static str) -> Entry {
        let parts = if unit == FEET { 2 } else { vital.keys().len() };
        Entry { vital, unit, typed: vec![String::new(); parts], active: 0 }
    }
    pub fn vital(&self) -> Vital {
        self.vital
    }
    pub fn unit(&self) -> &'static str {
        self.unit
    }

    /// What was typed in the old unit is not carried over: a number without its unit is a tenfold error waiting.
    pub fn set_unit(&mut self, unit: &'static str) {
        if unit != self.unit {
            *self = Entry::new(self.vital, unit);
        }
    }
    pub fn select(&mut self, id: &str) {
        if let Some(part) =
            PART_IDS.iter().position(|known| *known == id).filter(|part| *part < self.typed.len())
        {
            self.active = part;
        }
    }
    /// Whether the keypad offers a point in the active part.
    pub fn takes_point(&self) -> bool {
        self.vital.decimals() > 0 && !(self.unit == FEET && self.active == 0)
    }

    /// Whether the keypad offers a sign.
    pub fn takes_sign(&self) -> bool {
        self.vital.has_sign()
    }

    /// What the meter shows instead of a number, for the keypad to offer: nothing in another unit than the meter's.
    pub fn meter_words(&self) -> Vec<&'static str> {
        let meter = self.vital.measurement(0).meter.as_ref();
        let meter = meter.filter(|_| self.typed.len() == 1 && self.unit == self.vital.stored_unit());
        meter.map(|meter| vec![meter.low_word.as_str(), meter.high_word.as_str()]).unwrap_or_default()
    }

    /// "0" to "9", ".", "-", "erase", or a word of the meter.
    pub fn press(&mut self, key: &str) {
        let (takes_point, takes_sign, decimals_max) =
            (self.takes_point(), self.takes_sign(), self.vital.decimals());
        let words = self.meter_words();
        let typed = &mut self.typed[self.active];
        if words.contains(&typed.as_str()) {
            // A word is one stroke: it goes whole, and a digit does not stand behind it.
            typed.clear();
            if key == "erase" {
                return;
            }
        }
        match key {
            word if words.contains(&word) => word.clone_into(typed),
            "erase" if typed.is_empty() => self.active = self.active.saturating_sub(1),
            "erase" => drop(typed.pop()),
            "." if takes_point && !typed.is_empty() && !typed.contains('.') => typed.push('.'),
            "-" if takes_sign => match typed.strip_prefix('-') {
                Some(plain) => *typed = plain.to_owned(),
                None => typed.insert(0, '-'),
            },
            digit if digit.len() == 1 && digit.as_bytes()[0].is_ascii_digit() => {
                let is_full = match typed.split_once('.') {
                    Some((_, decimals)) => decimals.len() >= decimals_max,
                    None => typed.len() >= DIGITS_MAX,
                };
                if typed == "0" {
                    typed.clear();
                }
                if !is_full {
                    typed.push_str(digit);
                }
                self.go_on();
            }
            _ => {}
        }
    }

    /// The second part follows by itself: after one digit of feet, and after an upper pressure that can grow no more.
    fn go_on(&mut self) {
        if self.active + 1 >= self.typed.len() {
            return;
        }
        let typed = &self.typed[self.active];
        let is_whole = match self.vital.taken {
            Taken::Pressure | Taken::Lipids => {
                typed.len() == 3 || (typed.len() == 2 && !typed.starts_with(['1', '2', '3']))
            }
            // Steps of five: 10 may become 100, 15 may become nothing more.
            Taken::Hearing(_) => {
                typed == "0" || (typed.len() >= 2 && typed.ends_with(['0', '5']) && typed != "10")
            }
            Taken::Vision => false,
            _ => typed.len() == 1,
        };
        if is_whole && self.typed[self.active + 1].is_empty() {
            self.active += 1;
        }
    }

    pub fn parts(&self, language: Language) -> Vec<Part> {
        let label = |part: usize| match (self.unit, part) {
            (FEET, 0) => say(language, "Feet", "Pies"),
            (FEET, _) => say(language, "Inches", "Pulgadas"),
            (_, part) => self.vital.part_name(part, language),
        };
        let unit = |part: usize| match (self.unit, part) {
            (FEET, 0) => "ft",
            (FEET, _) => "in",
            (unit, _) => unit_words(unit, language),
        };
        let part = |(index, typed): (usize, &String)| Part {
            id: PART_IDS[index],
            label: label(index),
            typed: typed.clone(),
            unit: unit(index).to_owned(),
            is_active: index == self.active,
        };
        self.typed.iter().enumerate().map(part).collect()
    }

    pub fn is_filled(&self) -> bool {
        match self.unit {
            // Inches may stay empty: 6 ft is a height.
            FEET => !self.typed[0].is_empty(),
            _ => self.typed.iter().all(|typed| !typed.is_empty()),
        }
    }

    /// In the catalog's unit, a value a part of the catalog.
    pub fn values(&self) -> Result<Values, QuantityError> {
        let meter = self.vital.measurement(0).meter.as_ref().filter(|_| !self.meter_words().is_empty());
        if let Some((beyond, limit)) = meter.and_then(|meter| meter.read(&self.typed[0])) {
            return Ok(Values::off_meter(beyond, limit));
        }
        self.numbers().map(Values::from)
    }

    fn numbers(&self) -> Result<Vec<Quantity>, QuantityError> {
        let parse = |typed: &String| Quantity::parse(typed.strip_suffix('.').unwrap_or(typed));
        if self.unit == FEET {
            let feet = parse(&self.typed[0])?;
            let inches = if self.typed[1].is_empty() { Quantity::whole(0) } else { parse(&self.typed[1])? };
            let scale = inches.scale();
            let all = feet.mantissa() * 12 * 10_i64.pow(u32::from(scale)) + inches.mantissa();
            let height = convert(Quantity::new(all, scale)?, "[in_i]", "cm", CONVERTED_SCALE);
            return Ok(vec![height.ok_or(QuantityError::TooLong)?]);
        }
        let values = self.typed.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
        if self.unit == self.vital.stored_unit() {
            return Ok(values);
        }
        let stored = |value| {
            convert(value, self.unit, self.vital.stored_unit(), CONVERTED_SCALE).ok_or(QuantityError::TooLong)
        };
        values.into_iter().map(stored).collect()
    }

    /// `= 37.1 °C`: the same value as others say it.
    pub fn other_units(&self, values: &Values, language: Language) -> String {
        let others = self.vital.units().into_iter().filter(|unit| *unit != self.unit);
        let words =
            |unit: &str| format!("= {}", readings::value_with_unit(self.vital, values, unit, language));
        others.map(words).collect::<Vec<_>>().join(" ")
    }

    /// `Enter 20 to 300`, in the unit that is typed.
    pub fn limits(&self, language: Language) -> String {
        match self.vital.measurement(self.part_of_catalog()).hard_limits {
            Some(limits) => {
                let (low, high) = self.limits_words(limits);
                format!("{} {low} {} {high}", say(language, "Enter", "Escriba de"), say(language, "to", "a"))
            }
            None => String::new(),
        }
    }

    fn part_of_catalog(&self) -> usize {
        if self.vital.keys().len() > 1 { self.active } else { 0 }
    }

    fn in_unit(&self, value: Quantity) -> String {
        match self.unit {
            FEET => feet_and_inches(value).map_or_else(
                || value.to_string(),
                |(feet, inches)| format!("{feet} ft {} in", trimmed(inches)),
            ),
            unit => {
                let decimals = u8::try_from(self.vital.decimals()).unwrap_or(CONVERTED_SCALE).max(1);
                convert(value, self.vital.stored_unit(), unit, decimals)
                    .map_or_else(|| value.to_string(), trimmed)
            }
        }
    }

    /// Limits in the unit that is typed.
    fn limits_words(&self, limits: Limits) -> (String, String) {
        (self.in_unit(limits.low), self.in_unit(limits.high))
    }

    /// Whether what is typed is above every possible value already.
    pub fn problem(&self, language: Language) -> Option<Problem> {
        let parts = if self.unit == FEET { 1 } else { self.typed.len() };
        for part in 0..parts {
            let alone = Entry { typed: vec![self.typed[part].clone()], ..self.clone() };
            let value = if self.unit == FEET { self.values() } else { alone.values() };
            let measurement = self.vital.measurement(part);
            if let (Ok(values), Some(limits)) = (value, measurement.hard_limits)
                && values[0] > limits.high
            {
                return Some(Problem::TooHigh(self.refused(measurement, values[0], limits, language)));
            }
        }
        None
    }

    fn refused(
        &self,
        measurement: &Measurement,
        value: Quantity,
        limits: Limits,
        language: Language,
    ) -> String {
        let name = self.name_of(measurement, language);
        let (value, (low, high)) = (self.in_unit(value), self.limits_words(limits));
        match language {
            Language::English => format!("{name} {value} is not possible. Enter {low} to {high}."),
            Language::Spanish => format!("{name} {value} no es posible. Escriba de {low} a {high}."),
        }
    }

    /// The vital's own short name; of several values the part's.
    fn name_of<'a>(&self, measurement: &'a Measurement, language: Language) -> &'a str {
        if self.vital.keys().len() > 1 { measurement.name.text(language) } else { self.vital.name(language) }
    }
}

/// What the desk refused, in the unit that was typed.
pub(crate) fn words(error: &VitalsError, entry: &Entry, language: Language) -> Problem {
    let errors = match error {
        VitalsError::Values(errors) => errors,
        VitalsError::NotBelow { systolic, diastolic } => {
            return Problem::Wrong(match language {
                Language::English => {
                    format!("The lower number {diastolic} must be below the upper number {systolic}.")
                }
                Language::Spanish => {
                    format!("El número de abajo, {diastolic}, debe ser menor que el de arriba, {systolic}.")
                }
            });
        }
        VitalsError::Capture(_) => return Problem::Wrong(String::new()),
    };
    let refused = errors.iter().find(|error| !matches!(error, VitalError::AskOnce { .. }));
    match refused.or(errors.first()) {
        Some(VitalError::Refused { name, value, low, high }) => {
            Problem::Wrong(entry.refused(name, *value, Limits { low: *low, high: *high }, language))
        }
        Some(VitalError::AskOnce { name, value, .. }) => {
            let (name, value) = (entry.name_of(name, language), entry.in_unit(*value));
            Problem::Unusual(match language {
                Language::English => {
                    format!("{name} {value} is unusual. Measure once more, or save it as it is.")
                }
                Language::Spanish => format!("{name} {value} es poco común. Mida otra vez, o guárdelo así."),
            })
        }
        Some(other) => Problem::Wrong(other.words(language)),
        None => Problem::Wrong(String::new()),
    }
}

#[cfg(test)]
mod tests;
