//! Stories of what a visit's values give together.

use super::{Seen, calculated};
use crate::content::Quantity;
use crate::content::measurements::{Beyond, catalog, find};
use crate::domain::screening::Observation;
use crate::ids::FactId;
use crate::time::Timestamp;

fn measured(key: &str, value: &str) -> Observation {
    let measurement = find(key).expect("in the catalog");
    let value: Quantity = value.parse().expect("a number");
    Observation {
        loinc: Some(measurement.loinc.clone()),
        value: Some(value.into()),
        unit: measurement.unit_ucum.clone(),
        ..Observation::default()
    }
}

/// What follows from values, each at a moment, by key.
fn follows(values: &[(i64, Observation)]) -> Vec<(&'static str, String)> {
    let seen: Vec<Seen<'_>> = (1u8..)
        .zip(values)
        .map(|(number, (at, observation))| Seen {
            fact: FactId::from_bytes([number; 16]),
            at: Timestamp::from_milliseconds(*at),
            observation,
        })
        .collect();
    calculated(catalog(), &seen).into_iter().map(|made| (made.formula.key, made.value.to_string())).collect()
}

#[test]
fn an_index_is_of_the_newest_height_and_weight_whenever_they_were_taken() {
    let values =
        [(5, measured("weight", "65")), (9, measured("height", "170")), (7, measured("height", "180"))];
    assert_eq!(follows(&values), [("bmi", "22.5".to_owned())]);
    assert_eq!(follows(&values[..1]), []);
}

#[test]
fn cholesterol_is_of_one_sample_and_the_newest_whole_one() {
    let panel = |at, total, hdl, fat| {
        [
            (at, measured("chol_total", total)),
            (at, measured("chol_hdl", hdl)),
            (at, measured("triglycerides", fat)),
        ]
    };
    let (first, second) = (panel(1, "242", "45", "150"), panel(2, "200", "50", "100"));
    let all = [first.clone(), second.clone()].concat();
    assert_eq!(follows(&all), [("chol_ldl_calc", "130".to_owned()), ("chol_non_hdl", "150".to_owned())]);
    let torn = [first.to_vec(), second[..1].to_vec()].concat();
    assert_eq!(follows(&torn), [("chol_ldl_calc", "167".to_owned()), ("chol_non_hdl", "197".to_owned())]);
    let fatty = panel(1, "242", "45", "400");
    assert_eq!(follows(&fatty), [("chol_non_hdl", "197".to_owned())], "Friedewald ends at 400 mg/dL");
}

#[test]
fn nothing_follows_from_what_a_meter_could_not_measure_or_from_another_unit() {
    let beyond = Observation { beyond: Some(Beyond::Above), ..measured("weight", "300") };
    assert_eq!(follows(&[(1, beyond), (1, measured("height", "170"))]), []);
    let pounds = Observation { unit: Some("[lb_av]".to_owned()), ..measured("weight", "150") };
    assert_eq!(follows(&[(1, pounds), (1, measured("height", "170"))]), []);
}
