//! The standard threshold shift at its boundaries. Source of every row: 29 CFR 1910.95(g)(10)(i) (10 dB) and
//! 29 CFR 1904.10(a) (25 dB), with OSHA's letter of 17 November 1989 for a baseline below zero.

use super::{Ear, FREQUENCIES_HZ, Finding, TESTED_HZ, Thresholds, shift};
use crate::content::measurements::find;
use crate::content::{Language, Quantity};

fn thresholds(values: [i32; 3]) -> Thresholds {
    FREQUENCIES_HZ.into_iter().zip(values.map(Quantity::whole)).collect()
}

#[test]
fn a_shift_begins_at_a_mean_change_of_ten() {
    for (baseline, now, change, finding) in [
        ([5, 5, 5], [10, 15, 15], "8.3", Finding::NoShift),
        ([5, 5, 5], [15, 15, 10], "8.3", Finding::NoShift),
        ([5, 5, 5], [10, 15, 20], "10.0", Finding::StandardShift),
        ([5, 5, 5], [5, 5, 35], "10.0", Finding::StandardShift),
        ([-10, -10, -10], [0, 0, 0], "10.0", Finding::StandardShift),
        ([20, 20, 20], [5, 5, 5], "-15.0", Finding::NoShift),
        ([15, 15, 15], [25, 25, 20], "8.3", Finding::NoShift),
    ] {
        let shift = shift(&thresholds(baseline), &thresholds(now)).unwrap();
        assert_eq!((shift.change_db.to_string().as_str(), shift.finding), (change, finding), "{now:?}");
    }
}

#[test]
fn a_shift_is_recorded_from_a_mean_threshold_of_twenty_five() {
    for (baseline, now, threshold, finding) in [
        ([10, 10, 10], [25, 25, 20], "23.3", Finding::StandardShift),
        ([15, 15, 15], [25, 25, 25], "25.0", Finding::RecordableShift),
        ([10, 10, 10], [20, 25, 30], "25.0", Finding::RecordableShift),
        ([30, 30, 30], [35, 35, 35], "35.0", Finding::NoShift),
    ] {
        let shift = shift(&thresholds(baseline), &thresholds(now)).unwrap();
        assert_eq!((shift.threshold_db.to_string().as_str(), shift.finding), (threshold, finding), "{now:?}");
    }
}

/// 29.99 of three tests is no 30: nothing is rounded before it is compared.
#[test]
fn a_third_below_the_line_stays_below_it() {
    let nearly = Quantity::parse("14.99").unwrap();
    let mut now = thresholds([15, 15, 15]);
    now.insert(4_000, nearly);
    assert_eq!(shift(&thresholds([5, 5, 5]), &now).unwrap().finding, Finding::NoShift);
}

#[test]
fn half_a_test_says_nothing() {
    let mut now = thresholds([40, 40, 40]);
    now.remove(&3_000);
    assert_eq!(shift(&thresholds([5, 5, 5]), &now), None);
    assert_eq!(shift(&now, &thresholds([5, 5, 5])), None);
}

#[test]
fn every_frequency_of_the_rule_is_in_the_catalog() {
    for ear in Ear::BOTH {
        for frequency in TESTED_HZ {
            let measurement = find(&ear.key(frequency)).expect("a measurement");
            assert_eq!(measurement.unit_ucum.as_deref(), Some("dB"), "{}", measurement.key);
        }
    }
    assert!(Finding::RecordableShift.name().say(Language::Spanish).translated);
}
