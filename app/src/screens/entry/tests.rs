//! Thumbs that slip, and units.

use super::*;
use shared::content::Language::{English, Spanish};

fn typed(vital: Vital, unit: &'static str, keys: &str) -> Entry {
    let mut entry = Entry::new(vital, unit);
    for key in keys.chars() {
        let key = if key == '<' { "erase".to_owned() } else { key.to_string() };
        entry.press(&key);
    }
    entry
}

fn value(entry: &Entry) -> String {
    entry
        .values()
        .map(|values| values.iter().map(Quantity::to_string).collect::<Vec<_>>().join("/"))
        .unwrap_or_default()
}

#[test]
fn a_pressure_goes_on_to_its_lower_number_by_itself() {
    assert_eq!(value(&typed(Vital::Pressure, "mm[Hg]", "14288")), "142/88");
    assert_eq!(value(&typed(Vital::Pressure, "mm[Hg]", "9862")), "98/62");
    assert_eq!(value(&typed(Vital::Pressure, "mm[Hg]", "142<<<<138<8")), "");
    assert_eq!(value(&typed(Vital::Pressure, "mm[Hg]", "14288<4")), "142/84");
}

#[test]
fn a_height_in_feet_and_a_temperature_in_fahrenheit_are_stored_in_the_catalog_s_units() {
    assert_eq!(value(&typed(Vital::Height, FEET, "57")), "170.18");
    assert_eq!(value(&typed(Vital::Height, FEET, "6")), "182.88");
    assert_eq!(value(&typed(Vital::Height, "cm", "170.5")), "170.5");
    assert_eq!(value(&typed(Vital::Temperature, "[degF]", "98.6")), "37.00");
    assert_eq!(value(&typed(Vital::Weight, "[lb_av]", "154")), "69.85");
    let fever = typed(Vital::Temperature, "[degF]", "101.3");
    assert_eq!(fever.other_units(&fever.values().expect("a number"), English), "= 38.5 °C");
}

#[test]
fn keys_that_make_no_number_do_nothing() {
    assert_eq!(typed(Vital::Pulse, "/min", ".7.2").parts(English)[0].typed, "72");
    assert_eq!(typed(Vital::Temperature, "[degF]", "98..66").parts(English)[0].typed, "98.6");
    assert_eq!(typed(Vital::Pulse, "/min", "0072").parts(English)[0].typed, "72");
    assert_eq!(typed(Vital::Weight, "kg", "123456").parts(English)[0].typed, "1234");
    assert_eq!(value(&typed(Vital::Temperature, "Cel", "37.")), "37");
}

#[test]
fn what_cannot_be_is_said_in_the_unit_that_was_typed() {
    let pulse = typed(Vital::Pulse, "/min", "720");
    let words = Problem::TooHigh("Pulse 720 is not possible. Enter 20 to 300.".into());
    assert_eq!(pulse.problem(English), Some(words));
    let hot = typed(Vital::Temperature, "[degF]", "137");
    let words = Problem::TooHigh("Temperatura 137 no es posible. Escriba de 77 a 113.".into());
    assert_eq!(hot.problem(Spanish), Some(words));
    assert_eq!(typed(Vital::Pulse, "/min", "7").problem(English), None);
}
