//! What a blood pressure means for an adult, by the ACC/AHA guideline of 2017.
//! Never a diagnosis, and never whether a value can be true, which `measurements` judges.

use super::language::Words;
use super::measurements::{Catalog, Repeat};
use super::quantity::Quantity;

/// Where the categories come from, to be shown beside them.
pub const SOURCE: &str = "ACC/AHA 2017 guideline for high blood pressure in adults, table 6 and section 11.2";

/// Categories of one reading, from best to worst; the worse of the two numbers decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// Systolic below 120 and diastolic below 80 mm Hg.
    Normal,
    /// Systolic 120 to 129 and diastolic below 80 mm Hg.
    Elevated,
    /// Systolic 130 to 139 or diastolic 80 to 89 mm Hg.
    StageOne,
    /// Systolic 140 or more or diastolic 90 or more, in mm Hg.
    StageTwo,
    /// Systolic above 180 or diastolic above 120 mm Hg: measured again after five minutes; with symptoms an
    /// emergency, without them the same day with a clinician.
    Crisis,
}

/// The diastolic value was not below the systolic one: the two were swapped or one was mistyped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the lower number ({diastolic}) must be below the upper number ({systolic})")]
pub struct NotBelow {
    pub systolic: Quantity,
    pub diastolic: Quantity,
}

impl Category {
    /// All categories, from best to worst.
    pub const ALL: [Category; 5] =
        [Category::Normal, Category::Elevated, Category::StageOne, Category::StageTwo, Category::Crisis];

    /// What a screen calls the category.
    pub fn name(self) -> Words {
        match self {
            Category::Normal => Words::both("Normal", "Normal"),
            Category::Elevated => Words::both("Elevated", "Elevada"),
            Category::StageOne => Words::both("High, stage 1", "Alta, etapa 1"),
            Category::StageTwo => Words::both("High, stage 2", "Alta, etapa 2"),
            Category::Crisis => Words::both("Crisis: act now", "Crisis: actúe ahora"),
        }
    }
}

/// The category of one reading in mm Hg; refuses a diastolic value that is not below the systolic one.
///
/// A value between two whole numbers belongs to the lower category until the next one begins (129.5 is
/// elevated), as the guideline's whole numbers leave no gap in practice.
pub fn categorize(systolic: Quantity, diastolic: Quantity) -> Result<Category, NotBelow> {
    if diastolic >= systolic {
        return Err(NotBelow { systolic, diastolic });
    }
    let below = |value: Quantity, limit: i32| value < Quantity::whole(limit);
    let by_systolic = match systolic {
        value if below(value, 120) => Category::Normal,
        value if below(value, 130) => Category::Elevated,
        value if below(value, 140) => Category::StageOne,
        value if value <= Quantity::whole(180) => Category::StageTwo,
        _ => Category::Crisis,
    };
    let by_diastolic = match diastolic {
        value if below(value, 80) => Category::Normal,
        value if below(value, 90) => Category::StageOne,
        value if value <= Quantity::whole(120) => Category::StageTwo,
        _ => Category::Crisis,
    };
    Ok(by_systolic.max(by_diastolic))
}

/// One reading of both numbers, in mm Hg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    pub systolic: Quantity,
    pub diastolic: Quantity,
}

/// Whether the readings of a visit, in order, leave a second one to be taken: one raised pressure is no finding.
pub fn wants_another(catalog: &Catalog, readings: &[Reading]) -> bool {
    rules(catalog).is_some_and(|(systolic, diastolic)| {
        systolic.wants_another(&numbers(readings, |reading| reading.systolic))
            || diastolic.wants_another(&numbers(readings, |reading| reading.diastolic))
    })
}

/// The pressure that counts for a visit: the mean of its last two readings in whole mm Hg, by the catalog's rule,
/// so that what is shown and its category never disagree. The only reading, if there is one only.
pub fn of_visit(catalog: &Catalog, readings: &[Reading]) -> Option<Reading> {
    let only = readings.last().copied()?;
    let Some((systolic, diastolic)) = rules(catalog).filter(|_| readings.len() > 1) else {
        return Some(only);
    };
    Some(Reading {
        systolic: systolic.mean(&numbers(readings, |reading| reading.systolic))?,
        diastolic: diastolic.mean(&numbers(readings, |reading| reading.diastolic))?,
    })
}

fn rules(catalog: &Catalog) -> Option<(&Repeat, &Repeat)> {
    let rule = |key| catalog.find(key)?.repeat.as_ref();
    rule("bp_systolic").zip(rule("bp_diastolic"))
}

fn numbers(readings: &[Reading], of: fn(&Reading) -> Quantity) -> Vec<Quantity> {
    readings.iter().map(of).collect()
}

#[cfg(test)]
mod tests;
