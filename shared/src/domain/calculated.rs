//! What the values of one visit give together, by the release in use. Nothing of it is kept: whoever shows it, watches it
//! or hands it on works it out here. Never what a value means.

use crate::content::Quantity;
use crate::content::calculated::{Formula, formulas};
use crate::content::measurements::{Catalog, Measurement};
use crate::domain::screening::Observation;
use crate::ids::FactId;
use crate::time::Timestamp;

/// One observation of a visit that stands.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'o> {
    pub fact: FactId,
    pub at: Timestamp,
    pub observation: &'o Observation,
}

/// A value that follows from others.
#[derive(Clone, Debug)]
pub struct Calculated<'c> {
    pub measurement: &'c Measurement,
    pub formula: &'static Formula,
    pub value: Quantity,
    /// The facts that it follows from, in the order of the formula.
    pub from: Vec<FactId>,
}

/// Everything that follows from the newest values of one visit; of a panel, from the newest that is whole. A value that
/// lies beyond its meter, or in another unit than the catalog's, gives nothing.
pub fn calculated<'c>(catalog: &'c Catalog, seen: &[Seen<'_>]) -> Vec<Calculated<'c>> {
    let of = |formula: &'static Formula| {
        let measurement = catalog.find(formula.key).filter(|known| known.calculated.is_some())?;
        let parts = parts(catalog, formula, seen)?;
        let values: Vec<Quantity> = parts.iter().map(|(_, value)| *value).collect();
        let from = parts.iter().map(|(seen, _)| seen.fact).collect();
        Some(Calculated { measurement, formula, value: formula.of(&values)?, from })
    };
    formulas().iter().filter_map(of).collect()
}

type Part<'s, 'o> = (&'s Seen<'o>, Quantity);

fn parts<'s, 'o>(catalog: &Catalog, formula: &Formula, seen: &'s [Seen<'o>]) -> Option<Vec<Part<'s, 'o>>> {
    let of_keys: Vec<Vec<Part<'s, 'o>>> =
        formula.from.iter().map(|key| newest_first(catalog.find(key), seen)).collect();
    if !formula.of_one_sample {
        return of_keys.iter().map(|part| part.first().copied()).collect();
    }
    let (first, others) = of_keys.split_first()?;
    first.iter().find_map(|first| {
        let same = |part: &Vec<Part<'s, 'o>>| part.iter().copied().find(|(other, _)| other.at == first.0.at);
        std::iter::once(Some(*first)).chain(others.iter().map(same)).collect()
    })
}

fn newest_first<'s, 'o>(measurement: Option<&Measurement>, seen: &'s [Seen<'o>]) -> Vec<Part<'s, 'o>> {
    let Some(measurement) = measurement else { return Vec::new() };
    let number = |seen: &'s Seen<'o>| {
        let it = seen.observation;
        let is_one = it.loinc.as_ref() == Some(&measurement.loinc)
            && it.unit == measurement.unit_ucum
            && it.beyond.is_none();
        it.value.filter(|_| is_one)?.quantity().map(|value| (seen, value))
    };
    let mut found: Vec<Part<'s, 'o>> = seen.iter().filter_map(number).collect();
    found.sort_by_key(|(seen, _)| std::cmp::Reverse((seen.at, seen.fact)));
    found
}

#[cfg(test)]
mod tests;
