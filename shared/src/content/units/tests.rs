//! Stories of unit conversion, against values that can be worked out by hand. Never clinical limits.

use super::{convert, display_unit, feet_and_inches};
use crate::content::Quantity;

fn quantity(text: &str) -> Quantity {
    Quantity::parse(text).unwrap()
}

#[test]
fn known_values_convert_exactly() {
    for (value, from, to, scale, expected) in [
        ("37", "Cel", "[degF]", 1, "98.6"),
        ("-40", "Cel", "[degF]", 1, "-40.0"),
        ("100.4", "[degF]", "Cel", 1, "38.0"),
        ("98.7", "[degF]", "Cel", 2, "37.06"),
        ("1", "[lb_av]", "kg", 8, "0.45359237"),
        ("100", "kg", "[lb_av]", 1, "220.5"),
        ("1", "[in_i]", "cm", 2, "2.54"),
        ("170", "cm", "[in_i]", 1, "66.9"),
        ("5.5", "mmol/L", "mg/dL", 0, "99"),
        ("99", "mg/dL", "mmol/L", 1, "5.5"),
        ("82.25", "kg", "kg", 1, "82.3"),
    ] {
        let converted = convert(quantity(value), from, to, scale).unwrap();
        assert_eq!(converted.to_string(), expected, "{value} {from} in {to}");
    }
}

#[test]
fn two_decimals_bring_every_typed_fahrenheit_value_back() {
    for tenths in 770..=1_130 {
        let typed = Quantity::new(tenths, 1).unwrap();
        let stored = convert(typed, "[degF]", "Cel", 2).unwrap();
        assert_eq!(convert(stored, "Cel", "[degF]", 1).unwrap(), typed);
    }
}

#[test]
fn units_without_a_rule_and_values_that_do_not_fit_are_refused() {
    assert_eq!(convert(quantity("1"), "kg", "cm", 1), None);
    assert_eq!(convert(quantity("999999999999999999"), "kg", "[lb_av]", 1), None);
}

#[test]
fn heights_are_said_in_feet_and_inches() {
    for (height_cm, feet, inches) in
        [("170", 5, "6.9"), ("182.88", 6, "0.0"), ("182.7", 5, "11.9"), ("30", 0, "11.8")]
    {
        assert_eq!(feet_and_inches(quantity(height_cm)), Some((feet, quantity(inches))), "{height_cm}");
    }
    assert_eq!(feet_and_inches(quantity("-1")), None);
    assert_eq!(display_unit("mm[Hg]"), "mmHg");
    assert_eq!(display_unit("mg/dL"), "mg/dL");
}
