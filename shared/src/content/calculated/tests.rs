//! Stories of formulas: the catalog and the code know the same ones, and a child's index is not judged.

use super::{formula, formulas};
use crate::content::measurements::{catalog, find};

#[test]
fn whatever_the_catalog_works_out_has_a_formula_of_its_measurements() {
    let named = catalog().measurements.iter().filter(|measurement| measurement.calculated.is_some());
    let mut named: Vec<&str> = named.map(|measurement| measurement.key.as_str()).collect();
    let mut known: Vec<&str> = formulas().iter().map(|formula| formula.key).collect();
    named.sort();
    known.sort();
    assert_eq!(named, known);
    for formula in formulas() {
        for part in formula.from {
            assert!(find(part).is_some_and(|part| part.calculated.is_none()), "{} from {part}", formula.key);
        }
        assert_eq!(formula.of(&[]), None, "{} of nothing", formula.key);
    }
    assert!(formula("height").is_none());
}

#[test]
fn a_childs_index_is_neither_judged_nor_watched_and_an_unknown_age_is_watched() {
    let index = formula("bmi").expect("a formula");
    for (age, is_judged, is_watched) in
        [(Some(19), false, false), (Some(20), true, true), (None, false, true)]
    {
        assert_eq!((index.is_judged_at(age), index.is_watched_at(age)), (is_judged, is_watched), "{age:?}");
    }
    assert!(formula("chol_ldl_calc").expect("a formula").is_judged_at(None));
}
