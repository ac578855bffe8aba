//! What is worked out of measured values: the body mass index, LDL and non-HDL cholesterol. The one way for screens, alerts
//! and exits, so that no record keeps what its parts say already. Never a value that somebody typed.

use super::quantity::Quantity;
use super::{body_mass, lipids};

/// How one measurement of the catalog follows from others.
#[derive(Debug)]
pub struct Formula {
    /// The key of what is worked out.
    pub key: &'static str,
    /// The keys of its parts, each a number in the catalog's unit.
    pub from: &'static [&'static str],
    /// Whether the parts are of one sample, and not merely of one visit.
    pub of_one_sample: bool,
    /// The first age in whole years at which its bands and lines say anything; a child's index needs charts by age.
    pub judged_from: Option<u8>,
    of: fn(&[Quantity]) -> Option<Quantity>,
}

static FORMULAS: [Formula; 3] = [
    Formula {
        key: "bmi",
        from: &["height", "weight"],
        of_one_sample: false,
        judged_from: Some(body_mass::ADULT_AGE_YEARS_MIN),
        of: body_mass_index,
    },
    Formula {
        key: "chol_ldl_calc",
        from: &["chol_total", "chol_hdl", "triglycerides"],
        of_one_sample: true,
        judged_from: None,
        of: ldl_estimate,
    },
    Formula {
        key: "chol_non_hdl",
        from: &["chol_total", "chol_hdl"],
        of_one_sample: true,
        judged_from: None,
        of: non_hdl,
    },
];

/// Every formula that this build knows. A catalog may name more; nobody can work those out.
pub fn formulas() -> &'static [Formula] {
    &FORMULAS
}

/// The formula of a key.
pub fn formula(key: &str) -> Option<&'static Formula> {
    FORMULAS.iter().find(|formula| formula.key == key)
}

impl Formula {
    /// The value of these parts, in the order of `from`; `None` where the formula is not valid.
    pub fn of(&self, parts: &[Quantity]) -> Option<Quantity> {
        (self.of)(parts)
    }

    /// Whether its bands surely hold at an age.
    pub fn is_judged_at(&self, age_years: Option<i32>) -> bool {
        self.judged_from.is_none_or(|from| age_years.is_some_and(|age| age >= i32::from(from)))
    }

    /// Whether its lines may hold at an age; an unknown one is watched, because nothing is left out by a guess.
    pub fn is_watched_at(&self, age_years: Option<i32>) -> bool {
        self.judged_from.zip(age_years).is_none_or(|(from, age)| age >= i32::from(from))
    }
}

fn body_mass_index(parts: &[Quantity]) -> Option<Quantity> {
    let [height_cm, weight_kg] = parts else { return None };
    body_mass::body_mass_index(*height_cm, *weight_kg)
}

fn ldl_estimate(parts: &[Quantity]) -> Option<Quantity> {
    let [total, hdl, triglycerides] = parts else { return None };
    lipids::ldl_estimate(*total, *hdl, *triglycerides)
}

fn non_hdl(parts: &[Quantity]) -> Option<Quantity> {
    let [total, hdl] = parts else { return None };
    lipids::non_hdl(*total, *hdl)
}

#[cfg(test)]
mod tests;
