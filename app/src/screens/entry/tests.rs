//! Thumbs that slip, and units.

use super::*;
use shared::content::Language::{English, Spanish};
use shared::content::measurements::Beyond;
use shared::content::pack::{embedded, embedded_files, load};

fn vital(key: &str) -> Vital {
    Vital::of_key(key, embedded()).expect("in the core")
}

fn typed(key: &str, unit: &'static str, keys: &str) -> Entry {
    let mut entry = Entry::new(vital(key), unit);
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
    assert_eq!(value(&typed("bp_systolic", "mm[Hg]", "14288")), "142/88");
    assert_eq!(value(&typed("bp_systolic", "mm[Hg]", "9862")), "98/62");
    assert_eq!(value(&typed("bp_systolic", "mm[Hg]", "142<<<<138<8")), "");
    assert_eq!(value(&typed("bp_systolic", "mm[Hg]", "14288<4")), "142/84");
}

#[test]
fn a_height_in_feet_and_a_temperature_in_fahrenheit_are_stored_in_the_catalog_s_units() {
    assert_eq!(value(&typed("height", FEET, "57")), "170.18");
    assert_eq!(value(&typed("height", FEET, "6")), "182.88");
    assert_eq!(value(&typed("height", "cm", "170.5")), "170.5");
    assert_eq!(value(&typed("body_temp", "[degF]", "98.6")), "37.00");
    assert_eq!(value(&typed("weight", "[lb_av]", "154")), "69.85");
    let fever = typed("body_temp", "[degF]", "101.3");
    assert_eq!(fever.other_units(&fever.values().expect("a number"), English), "= 38.5 °C");
}

#[test]
fn keys_that_make_no_number_do_nothing() {
    assert_eq!(typed("heart_rate", "/min", ".7.2").parts(English)[0].typed, "72");
    assert_eq!(typed("body_temp", "[degF]", "98..66").parts(English)[0].typed, "98.6");
    assert_eq!(typed("heart_rate", "/min", "0072").parts(English)[0].typed, "72");
    assert_eq!(typed("weight", "kg", "123456").parts(English)[0].typed, "1234");
    assert_eq!(value(&typed("body_temp", "Cel", "37.")), "37");
}

#[test]
fn what_cannot_be_is_said_in_the_unit_that_was_typed() {
    let pulse = typed("heart_rate", "/min", "720");
    let words = Problem::TooHigh("Pulse 720 is not possible. Enter 20 to 300.".into());
    assert_eq!(pulse.problem(English), Some(words));
    let hot = typed("body_temp", "[degF]", "137");
    let words = Problem::TooHigh("Temperatura 137 no es posible. Escriba de 77 a 113.".into());
    assert_eq!(hot.problem(Spanish), Some(words));
    assert_eq!(typed("heart_rate", "/min", "7").problem(English), None);
}

#[test]
fn a_word_of_the_meter_goes_whole_and_no_digit_stands_behind_it() {
    let mut entry = typed("glucose_random", "mg/dL", "12");
    assert_eq!(entry.meter_words(), ["LO", "HI"]);
    entry.press("LO");
    let values = entry.values().expect("the end of the range");
    assert_eq!((value(&entry).as_str(), values.beyond), ("20", Some(Beyond::Below)));
    assert_eq!(readings::value_words(vital("glucose_random"), &values, "mg/dL"), "LO (< 20 mg/dL)");
    assert_eq!(entry.problem(English), None);
    entry.press("HI");
    assert_eq!(entry.parts(English)[0].typed, "HI");
    entry.press("9");
    assert_eq!((value(&entry).as_str(), entry.values().unwrap().beyond), ("9", None));
    entry.press("HI");
    entry.press("erase");
    assert!(!entry.is_filled(), "it goes whole");
    let mut pulse = typed("heart_rate", "/min", "72");
    pulse.press("LO");
    assert_eq!((value(&pulse).as_str(), pulse.meter_words().len()), ("72", 0), "a pulse has no such word");
}

/// A release whose region is stricter about the pulse.
fn stricter() -> &'static shared::content::pack::Content {
    let mut files = embedded_files();
    let text = String::from_utf8(files.get("measurements.json").expect("a file").to_vec()).expect("text");
    assert!(text.contains("[20, 300]"));
    files.put("measurements.json", text.replace("[20, 300]", "[30, 220]").into_bytes()).expect("room");
    Box::leak(Box::new(load(&[("core".to_owned(), files)]).expect("whole")))
}

#[test]
fn the_limits_at_the_keypad_are_those_of_the_release_in_use() {
    let of = |content| {
        let mut entry = Entry::new(Vital::of_key("heart_rate", content).expect("a pulse"), "/min");
        ["2", "5", "0"].into_iter().for_each(|key| entry.press(key));
        (entry.limits(English), entry.problem(English))
    };
    assert_eq!(of(embedded()), ("Enter 20 to 300".to_owned(), None));
    let words = Problem::TooHigh("Pulse 250 is not possible. Enter 30 to 220.".into());
    assert_eq!(of(stricter()), ("Enter 30 to 220".to_owned(), Some(words)));
}
