//! Stories of exact numbers: reading, writing, comparing and rounding. Never a unit.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use super::{Quantity, QuantityError as Error};

fn quantity(text: &str) -> Quantity {
    Quantity::parse(text).unwrap()
}

#[test]
fn what_a_person_types_is_read_and_written_back() {
    for (typed, written) in [
        ("37.5", "37.5"),
        ("37,5", "37.5"),
        (" 120 ", "120"),
        ("37.50", "37.50"),
        ("0.2", "0.2"),
        ("-10", "-10"),
        ("\u{2212}0,05", "-0.05"),
        ("+7", "7"),
        ("007", "7"),
        ("0", "0"),
        ("0.000000001", "0.000000001"),
        ("999999999999999999", "999999999999999999"),
    ] {
        assert_eq!(quantity(typed).to_string(), written, "{typed:?}");
    }
}

#[test]
fn what_is_not_a_number_is_refused_with_its_reason() {
    let flood = "0".repeat(100_000);
    for (typed, error) in [
        ("", Error::Empty),
        ("   ", Error::Empty),
        ("-", Error::Empty),
        ("12a", Error::NotANumber { character: 'a' }),
        ("1e9", Error::NotANumber { character: 'e' }),
        ("--1", Error::NotANumber { character: '-' }),
        ("1 2", Error::NotANumber { character: ' ' }),
        ("1,234.5", Error::TwoMarks),
        ("1..2", Error::TwoMarks),
        (".5", Error::MissingDigit),
        ("5.", Error::MissingDigit),
        (",", Error::MissingDigit),
        ("1000000000000000000", Error::TooLong),
        ("0.0000000001", Error::TooPrecise),
        (flood.as_str(), Error::TooLong),
    ] {
        assert_eq!(Quantity::parse(typed), Err(error), "{:?}", &typed[..typed.len().min(20)]);
    }
}

#[test]
fn equality_order_and_hash_follow_the_value_and_not_the_decimals() {
    let hash = |value: Quantity| {
        let mut hasher = DefaultHasher::new();
        value.hash(&mut hasher);
        hasher.finish()
    };
    assert_eq!(quantity("37.5"), quantity("37,500"));
    assert_eq!(hash(quantity("37.5")), hash(quantity("37.500")));
    let sorted = ["-10", "-0.5", "0", "0.000000001", "9.9", "10", "100"].map(quantity);
    assert!(sorted.windows(2).all(|pair| pair[0] < pair[1]));
    assert!(quantity("999999999999999999") > quantity("999999999.999999999"));
}

#[test]
fn rounding_takes_halves_away_from_zero() {
    for (value, scale, rounded) in
        [("24.95", 1, "25.0"), ("24.949", 1, "24.9"), ("-0.05", 1, "-0.1"), ("2.5", 0, "3"), ("7", 2, "7.00")]
    {
        assert_eq!(quantity(value).rounded(scale).unwrap().to_string(), rounded, "{value}");
    }
    assert_eq!(Quantity::from_ratio(1, 3, 2).unwrap().to_string(), "0.33");
    assert_eq!(Quantity::from_ratio(2, -3, 2).unwrap().to_string(), "-0.67");
    assert_eq!(Quantity::from_ratio(1, 0, 2), None);
    assert_eq!(Quantity::from_ratio(i128::MAX, 1, 2), None);
    assert_eq!(quantity("999999999999999999").rounded(9), None, "it does not fit with nine decimals");
}

#[test]
fn parts_that_break_the_bounds_make_no_quantity() {
    assert_eq!(Quantity::new(1, 10).unwrap_err(), Error::TooPrecise);
    assert_eq!(Quantity::new(i64::MIN, 0).unwrap_err(), Error::TooLong);
    assert_eq!((quantity("37.5").mantissa(), quantity("37.5").scale()), (375, 1));
    assert_eq!(Quantity::whole(i32::MIN).to_string(), "-2147483648");
}
