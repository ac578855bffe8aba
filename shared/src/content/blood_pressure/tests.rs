//! Every boundary of the ACC/AHA 2017 categories. Never plausibility limits.

use super::{Category, NotBelow, Reading, categorize, of_visit, wants_another};
use crate::content::measurements::catalog;
use crate::content::{Language, Quantity};

fn quantity(text: &str) -> Quantity {
    Quantity::parse(text).unwrap()
}

/// Source of every row: ACC/AHA 2017, table 6 (normal to stage 2) and section 11.2 (crisis).
#[test]
fn categories_change_exactly_at_the_published_boundaries() {
    for (systolic, diastolic, category) in [
        ("90", "60", Category::Normal),
        ("119", "79", Category::Normal),
        ("119.9", "79.9", Category::Normal),
        ("120", "79", Category::Elevated),
        ("129", "79", Category::Elevated),
        ("129.5", "79", Category::Elevated),
        ("130", "79", Category::StageOne),
        ("119", "80", Category::StageOne),
        ("125", "80", Category::StageOne),
        ("139", "89", Category::StageOne),
        ("119", "89", Category::StageOne),
        ("140", "89", Category::StageTwo),
        ("140", "70", Category::StageTwo),
        ("119", "90", Category::StageTwo),
        ("180", "120", Category::StageTwo),
        ("180.1", "80", Category::Crisis),
        ("181", "79", Category::Crisis),
        ("130", "121", Category::Crisis),
        ("220", "130", Category::Crisis),
    ] {
        assert_eq!(
            categorize(quantity(systolic), quantity(diastolic)),
            Ok(category),
            "{systolic}/{diastolic}"
        );
    }
}

#[test]
fn swapped_and_equal_numbers_are_refused_in_words() {
    let error = categorize(quantity("80"), quantity("120")).unwrap_err();
    assert_eq!(error, NotBelow { systolic: quantity("80"), diastolic: quantity("120") });
    assert_eq!(error.to_string(), "the lower number (120) must be below the upper number (80)");
    assert!(categorize(quantity("100"), quantity("100")).is_err());
}

#[test]
fn every_category_has_a_name_in_both_languages() {
    for category in Category::ALL {
        assert!(category.name().say(Language::Spanish).translated, "{category:?}");
    }
}

fn reading((systolic, diastolic): (&str, &str)) -> Reading {
    Reading { systolic: quantity(systolic), diastolic: quantity(diastolic) }
}

/// Source: ACC/AHA 2017, table 8: an average of two or more readings, one to two minutes apart.
#[test]
fn a_raised_first_reading_asks_for_a_second_one() {
    for (readings, again) in [
        (vec![], false),
        (vec![("129", "79")], false),
        (vec![("130", "79")], true),
        (vec![("129", "80")], true),
        (vec![("190", "125")], true),
        (vec![("130", "79"), ("128", "78")], false),
        (vec![("150", "95"), ("150", "95")], false),
    ] {
        let taken: Vec<Reading> = readings.iter().copied().map(reading).collect();
        assert_eq!(wants_another(catalog(), &taken), again, "{readings:?}");
    }
}

#[test]
fn the_mean_of_the_last_two_readings_counts() {
    for (readings, counts, category) in [
        (vec![("128", "78")], ("128", "78"), Category::Elevated),
        (vec![("142", "88"), ("136", "84")], ("139", "86"), Category::StageOne),
        (vec![("130", "79"), ("129", "80")], ("130", "80"), Category::StageOne),
        (vec![("140", "90"), ("139", "89")], ("140", "90"), Category::StageTwo),
        (vec![("190", "110"), ("150", "90"), ("130", "80")], ("140", "85"), Category::StageTwo),
    ] {
        let taken: Vec<Reading> = readings.iter().copied().map(reading).collect();
        let mean = of_visit(catalog(), &taken).unwrap();
        assert_eq!(mean, reading(counts), "{readings:?}");
        assert_eq!(categorize(mean.systolic, mean.diastolic), Ok(category), "{readings:?}");
    }
    assert_eq!(of_visit(catalog(), &[]), None);
}
