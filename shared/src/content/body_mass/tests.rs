//! Stories of the body mass index, its rounding and the boundaries of its adult categories.

use super::{adult_category, body_mass_index};
use crate::content::Quantity;
use crate::content::measurements::find;

fn quantity(text: &str) -> Quantity {
    Quantity::parse(text).unwrap()
}

#[test]
fn the_index_is_weight_over_height_squared_rounded_once() {
    for (height_cm, weight_kg, index) in [
        ("170", "65", "22.5"),
        ("200", "100", "25.0"),
        ("200", "99.8", "25.0"),
        ("200", "99.7", "24.9"),
        ("152.4", "45.359237", "19.5"),
        ("272", "0.2", "0.0"),
    ] {
        let computed = body_mass_index(quantity(height_cm), quantity(weight_kg)).unwrap();
        assert_eq!(computed.to_string(), index, "{height_cm} cm, {weight_kg} kg");
    }
}

#[test]
fn nothing_is_computed_from_zero_or_from_nonsense() {
    for (height_cm, weight_kg) in
        [("0", "70"), ("-170", "70"), ("170", "0"), ("0.000000001", "99999999999999")]
    {
        assert_eq!(
            body_mass_index(quantity(height_cm), quantity(weight_kg)),
            None,
            "{height_cm}, {weight_kg}"
        );
    }
}

/// Source of every row: CMS69 (2026), clinical recommendation statement, after Garvey 2016.
#[test]
fn adult_categories_change_exactly_at_the_published_boundaries() {
    for (index, category, spanish) in [
        ("7", "underweight", "bajo peso"),
        ("18.4", "underweight", "bajo peso"),
        ("18.5", "normal", "normal"),
        ("24.9", "normal", "normal"),
        ("25", "overweight", "sobrepeso"),
        ("29.9", "overweight", "sobrepeso"),
        ("30", "obese I", "obesidad I"),
        ("34.9", "obese I", "obesidad I"),
        ("35", "obese II", "obesidad II"),
        ("39.9", "obese II", "obesidad II"),
        ("40", "obese III", "obesidad III"),
        ("150", "obese III", "obesidad III"),
    ] {
        let band = adult_category(find("bmi").unwrap(), quantity(index), 20).unwrap();
        assert_eq!(
            (band.name.english.as_str(), band.name.spanish.as_deref()),
            (category, Some(spanish)),
            "{index}"
        );
    }
}

#[test]
fn a_person_under_twenty_has_no_adult_category() {
    assert!(adult_category(find("bmi").unwrap(), quantity("22"), 19).is_none());
}

#[test]
fn the_bands_are_those_of_the_release_in_use() {
    let mut regional = find("bmi").unwrap().clone();
    regional.bands[1].below = Some(quantity("23"));
    regional.bands[2].from = Some(quantity("23"));
    let named =
        |measurement, index| adult_category(measurement, quantity(index), 40).unwrap().name.english.clone();
    assert_eq!(named(&regional, "23.4"), "overweight");
    assert_eq!(named(find("bmi").unwrap(), "23.4"), "normal");
}
