//! What a visit found, in the names that a content gives to it. Never whose it was, and never a word about it.

use super::protocol::{Does, Step};
use crate::content::blood_pressure::Category;
use crate::content::measurements::{Measurement, Whom, band_of, flags_of, flags_of_choice};
use crate::content::quantity::Quantity;
use crate::content::questionnaire::Score;
use std::collections::{BTreeMap, BTreeSet};

/// What a visit found, without whose it was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    pub pressure: Option<Category>,
    /// Names that the catalog gives to a value, by the measurement's key; none for one that is not remarkable.
    pub measured: BTreeMap<String, Vec<String>>,
    /// Forms that were answered, and whether they are positive.
    pub forms: BTreeMap<String, bool>,
    /// Names of the bands of their scores.
    pub bands: BTreeMap<String, String>,
    pub needs: BTreeSet<String>,
    /// One ear hears less than at the person's first test, by the rule for noisy work.
    pub hearing_shift: bool,
    /// Keys and forms whose value lies outside the normal band, and what stopped the visit.
    pub outside: BTreeSet<String>,
}

impl Findings {
    /// Takes in a number that was measured.
    pub fn value(&mut self, measurement: &Measurement, value: Quantity, whom: Whom) {
        let band = band_of(measurement, value);
        let flags = flags_of(measurement, value, whom);
        if band.is_some_and(|band| !band.is_normal) || !flags.is_empty() {
            self.outside.insert(measurement.key.clone());
        }
        let names = band.map(|band| &band.name).into_iter().chain(flags.into_iter().map(|flag| &flag.name));
        self.measured.insert(measurement.key.clone(), names.map(|name| name.english.clone()).collect());
    }

    /// Takes in a value that was chosen, such as `20/40`.
    pub fn choice(&mut self, measurement: &Measurement, choice: &str) {
        let flags = flags_of_choice(measurement, choice).into_iter();
        let names: Vec<String> = flags.map(|flag| flag.name.english.clone()).collect();
        if !names.is_empty() {
            self.outside.insert(measurement.key.clone());
        }
        self.measured.insert(measurement.key.clone(), names);
    }

    /// Takes in the score of a form. Its lowest band is the normal one.
    pub fn score(&mut self, form: &str, score: &Score<'_>) {
        self.forms.insert(form.to_owned(), score.positive);
        if let Some(band) = score.band {
            self.bands.insert(form.to_owned(), band.name.english.clone());
            if band.low > *score.range.start() {
                self.outside.insert(form.to_owned());
            }
        }
    }

    /// Whether anything lies outside what is normal, whether or not a text speaks about it.
    pub fn stand_out(&self) -> bool {
        self.pressure.is_some_and(|category| category != Category::Normal)
            || self.forms.values().any(|positive| *positive)
            || !self.needs.is_empty()
            || self.hearing_shift
            || !self.outside.is_empty()
    }

    /// Whether anything was measured or asked at all.
    pub fn is_empty(&self) -> bool {
        *self == Findings::default()
    }

    pub(super) fn has_any_of(&self, step: &Step) -> bool {
        match &step.does {
            Does::Form(id) => self.forms.contains_key(id),
            Does::Measure(keys) => keys.iter().any(|key| self.measured.contains_key(key)),
        }
    }
}
