//! A signature on pads of two sizes.

use super::Strokes;

#[test]
fn strokes_are_kept_in_a_field_of_1000_by_300_whatever_the_pad() {
    let mut strokes = Strokes::default();
    strokes.begin(0.0, 0.0, 500.0, 150.0);
    assert!(strokes.is_empty());
    assert!(strokes.add(250.0, 75.0));
    assert!(!strokes.add(250.5, 75.5), "too near to say anything");
    strokes.begin(499.0, 149.0, 500.0, 150.0);
    strokes.add(600.0, -5.0);
    assert_eq!(strokes.recorded(), "0,0 500,150;998,298 1000,0");
    assert_eq!(strokes.commands(), "M0 0 L250 75 M499 149 L600 -5 ");
    assert!(!strokes.is_empty());
}
