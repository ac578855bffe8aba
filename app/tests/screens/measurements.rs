//! What the packs offer beside the measurements of every visit: waist, sugar, cholesterol, eyes, hearing and what a region
//! adds, through the same keypad and under the same rules; and what the summary may say about it.

use crate::day::{at_the_stop, checked_in};
use crate::finger::*;
use crate::fixture::{Tablet, core_with, gulf, person_id, take_packs};
use app::screens::ui::{VitalPart, VitalsAdapter};
use app::store::RecordReads;
use shared::content::measurements::Beyond;
use shared::domain::screening::{FactStatus, Observation};
use slint::{ComponentHandle, Model};

/// Luis, 60 years old, at his measurements.
fn at_the_vitals() -> Tablet {
    let tablet = at_the_stop();
    checked_in(&tablet, "rivera", "Luis Rivera-Sample");
    tap(&tablet, "Agreed aloud");
    tap(&tablet, "Start visit");
    tap(&tablet, "More measurements");
    tablet
}

fn recorded(tablet: &Tablet, loinc: &str) -> Vec<Observation> {
    let facts = tablet.store().facts(person_id(2).into(), &Observation::KIND).expect("facts");
    let all = facts.iter().map(Observation::read);
    all.filter(|seen| seen.loinc.as_deref() == Some(loinc) && seen.status == Some(FactStatus::Final))
        .collect()
}

fn number(observation: &Observation) -> String {
    let quantity = observation.value.and_then(|value| value.quantity());
    quantity.map(|value| value.to_string()).unwrap_or_default()
}

/// Types the lower number of a line into one eye's box.
fn eye(tablet: &Tablet, which: &str, line: &str) {
    tap(tablet, which);
    type_digits(tablet, line);
}

#[test]
fn the_packs_say_what_every_visit_measures_and_what_is_offered() {
    let tablet = at_the_stop();
    checked_in(&tablet, "rivera", "Luis Rivera-Sample");
    tap(&tablet, "Agreed aloud");
    tap(&tablet, "Start visit");
    assert!(!has(&tablet, "A1c") && has(&tablet, "Body mass index"));
    sees(&tablet, "0 of 7");
    sees(&tablet, "Waist, Fasting glucose, A1c, Cholesterol, Eyes, Hearing, left, Hearing, right");
    tap(&tablet, "More measurements");
    assert!(has(&tablet, "A1c") && has(&tablet, "Hearing, left") && !has(&tablet, "More measurements"));
    sees(&tablet, "0 of 7");
    picture(&tablet, "80-offered");
}

#[test]
fn sugar_and_waist_are_refused_beyond_the_possible_asked_about_once_and_judged_with_their_source() {
    let tablet = at_the_vitals();
    tap(&tablet, "A1c");
    type_digits(&tablet, "31");
    sees(&tablet, "A1c 31 is not possible. Enter 3 to 20.");
    assert_eq!(find(&tablet, "Save").accessible_enabled(), Some(false));
    tap(&tablet, "Erase");
    tap(&tablet, "Erase");
    type_digits(&tablet, "15");
    tap(&tablet, "Save");
    sees(&tablet, "A1c 15 is unusual");
    tap(&tablet, "Measure once more");
    type_digits(&tablet, "5");
    tap(&tablet, "Decimal point");
    type_digits(&tablet, "7");
    sees(&tablet, "Prediabetes range");
    sees(&tablet, "Standards of Care in Diabetes 2025 (ADA)");
    tap(&tablet, "By hand");
    picture(&tablet, "81-a1c");
    tap(&tablet, "Save");
    let a1c = recorded(&tablet, "4548-4");
    assert_eq!((number(&a1c[0]).as_str(), a1c[0].unit.as_deref()), ("5.7", Some("%")));
    assert_eq!(a1c[0].method.as_deref(), Some("device"), "staff said that a device read it");
    assert_eq!(a1c[0].interpretation.as_deref(), Some("prediabetes range"));
    tap(&tablet, "Waist");
    type_digits(&tablet, "41");
    sees(&tablet, "Central obesity");
    tap(&tablet, "Save");
    let waist = recorded(&tablet, "8280-0");
    assert_eq!((number(&waist[0]).as_str(), waist[0].unit.as_deref()), ("104.14", Some("cm")));
    assert_eq!(waist[0].method.as_deref(), Some("manual"));
    tap(&tablet, "Fasting glucose");
    type_digits(&tablet, "99");
    sees(&tablet, "Normal");
}

#[test]
fn a_lipid_panel_is_taken_together_and_what_follows_from_it_is_kept_nowhere() {
    let tablet = at_the_vitals();
    tap(&tablet, "Cholesterol");
    type_digits(&tablet, "242");
    type_digits(&tablet, "45");
    type_digits(&tablet, "150");
    sees(&tablet, "Total: high");
    sees(&tablet, "NCEP Adult Treatment Panel III (NHLBI, 2001)");
    picture(&tablet, "82-lipids");
    tap(&tablet, "Save");
    sees(&tablet, "242 · HDL 45 · TG 150");
    assert_eq!(number(&recorded(&tablet, "2093-3")[0]), "242");
    assert!(recorded(&tablet, "13457-7").is_empty() && recorded(&tablet, "43396-1").is_empty());
    tap(&tablet, "Undo");
    assert!(recorded(&tablet, "2093-3").is_empty() || !has(&tablet, "Cholesterol saved"));
}

#[test]
fn an_eye_sees_a_line_of_the_chart_or_it_is_asked_again() {
    let tablet = at_the_vitals();
    tap(&tablet, "Eyes");
    eye(&tablet, "Right eye", "45");
    eye(&tablet, "Left eye", "20");
    tap(&tablet, "Save");
    sees(&tablet, "there is no line 20/45 on the chart");
    eye(&tablet, "Right eye", "");
    tap(&tablet, "Erase");
    tap(&tablet, "Erase");
    type_digits(&tablet, "50");
    sees(&tablet, "Refer");
    picture(&tablet, "83-eyes");
    let parts = window(&tablet).global::<VitalsAdapter>().get_parts();
    let written = |part: VitalPart| format!("{}{}{}", part.prefix, part.value, part.unit);
    assert_eq!(parts.iter().map(written).collect::<Vec<_>>(), ["20/50", "20/20"]);
    tap(&tablet, "Save");
    sees(&tablet, "R 20/50 · L 20/20");
    let right = recorded(&tablet, "79882-7");
    assert_eq!((right[0].text.as_deref(), right[0].value), (Some("20/50"), None));
    assert_eq!(right[0].interpretation.as_deref(), Some("refer"));
}

fn hearing(tablet: &Tablet, thresholds: [&str; 6]) {
    tap(tablet, "Hearing, left");
    for (box_of, threshold) in
        ["500 Hz", "1000 Hz", "2000 Hz", "3000 Hz", "4000 Hz", "6000 Hz"].iter().zip(thresholds)
    {
        tap(tablet, box_of);
        if let Some(plain) = threshold.strip_prefix('-') {
            tap(tablet, "Minus");
            type_digits(tablet, plain);
        } else {
            type_digits(tablet, threshold);
        }
    }
}

#[test]
fn hearing_is_compared_with_the_persons_own_first_test() {
    let tablet = at_the_vitals();
    hearing(&tablet, ["-5", "0", "10", "12", "20", "25"]);
    tap(&tablet, "Save");
    sees(&tablet, "is between two steps of 5");
    tap(&tablet, "3000 Hz");
    tap(&tablet, "Erase");
    type_digits(&tablet, "5");
    sees(&tablet, "First test: the baseline");
    sees(&tablet, "29 CFR 1910.95");
    picture(&tablet, "84-hearing");
    tap(&tablet, "Save");
    sees(&tablet, "-5 0 10 15 20 25");
    let at_500 = recorded(&tablet, "89024-4");
    assert_eq!((number(&at_500[0]).as_str(), at_500[0].unit.as_deref()), ("-5", Some("dB")));
    tap(&tablet, "Summary");
    tap(&tablet, "Finish visit");
    tablet.wait(86_400_000);
    checked_in(&tablet, "rivera", "Luis Rivera-Sample");
    tap(&tablet, "Agreed aloud");
    tap(&tablet, "Start visit");
    tap(&tablet, "More measurements");
    hearing(&tablet, ["0", "5", "25", "25", "30", "30"]);
    sees(&tablet, "Standard threshold shift");
    picture(&tablet, "85-shift");
    tap(&tablet, "Save");
    sees(&tablet, "This hearing has shifted since the first test");
    sees(&tablet, "Standard threshold shift, to be recorded, left ear: 11.7 dB");
    let headline = bounds(&tablet, "Standard threshold shift, to be recorded, left ear: 11.7 dB");
    let action = bounds(&tablet, "I have done this");
    assert!(
        headline[2] <= action[2],
        "the headline ends at {} and the card's actions at {}",
        headline[2],
        action[2]
    );
    picture(&tablet, "86-shift-told");
    tap(&tablet, "I told the person and give them the page");
    tap(&tablet, "I have done this");
    tap(&tablet, "Summary");
    sees(&tablet, "Standard threshold shift");
    sees(&tablet, "Your hearing has changed");
    tap(&tablet, "Finish visit");
    tap(&tablet, "Inbox");
    sees(&tablet, "This hearing has shifted since the first test");
}

#[test]
fn a_region_adds_a_measurement_and_it_stands_among_the_others_in_both_languages() {
    let tablet = at_the_stop();
    take_packs(&tablet, &gulf());
    checked_in(&tablet, "nunez ana", "Ana Núñez-Sample");
    sign(&tablet);
    tap(&tablet, "Start visit");
    tap(&tablet, "More measurements");
    tap(&tablet, "Peak flow");
    sees(&tablet, "Enter 30 to 900");
    assert!(!has(&tablet, "Decimal point") && !has(&tablet, "Minus") && !has(&tablet, "LO"));
    type_digits(&tablet, "4200");
    sees(&tablet, "Peak flow 4200 is not possible. Enter 30 to 900.");
    assert_eq!(find(&tablet, "Save").accessible_enabled(), Some(false));
    tap(&tablet, "Erase");
    tap(&tablet, "Erase");
    tap(&tablet, "Erase");
    tap(&tablet, "Save");
    sees(&tablet, "Peak flow 4 is not possible");
    tap(&tablet, "Erase");
    type_digits(&tablet, "180");
    tap(&tablet, "Save");
    sees(&tablet, "Peak flow 180 is unusual");
    tap(&tablet, "Measure once more");
    sees(&tablet, "First: 180");
    type_digits(&tablet, "420");
    picture(&tablet, "87-peak-flow");
    tap(&tablet, "Save");
    sees(&tablet, "Peak flow saved");
    let facts = tablet.store().facts(person_id(1).into(), &Observation::KIND).expect("facts");
    let flow = Observation::read(facts.last().expect("recorded"));
    assert_eq!((flow.loinc.as_deref(), flow.unit.as_deref()), (Some("19935-6"), Some("L/min")));
    assert_eq!((number(&flow).as_str(), flow.panel, flow.beyond), ("420", None, None));
    tap(&tablet, "Summary");
    sees(&tablet, "Flujo máximo: 420 L/min");
    sees(&tablet, "Con qué fuerza sopla");
}

#[test]
fn a_meter_that_shows_lo_is_entered_as_it_is_and_stops_the_visit() {
    let tablet = at_the_stop();
    checked_in(&tablet, "rivera", "Luis Rivera-Sample");
    tap(&tablet, "Agreed aloud");
    tap(&tablet, "Start visit");
    tap(&tablet, "Glucose");
    type_digits(&tablet, "7");
    tap(&tablet, "HI");
    sees(&tablet, "Very high");
    tap(&tablet, "LO");
    sees(&tablet, "Level 2 hypoglycaemia - treat now");
    picture(&tablet, "88-meter");
    tap(&tablet, "Save");
    sees(&tablet, "This blood sugar is dangerously low");
    sees(&tablet, "LO (< 20 mg/dL)");
    picture(&tablet, "89-meter-critical");
    tap(&tablet, "I called 911");
    tap(&tablet, "I have done this");
    sees(&tablet, "LO (< 20 mg/dL)");
    let glucose = recorded(&tablet, "41653-7");
    assert_eq!((number(&glucose[0]).as_str(), glucose[0].beyond), ("20", Some(Beyond::Below)));
    tap(&tablet, "Summary");
    sees(&tablet, "Glucose: LO (< 20 mg/dL)");
    sees(&tablet, "Your blood sugar was low today");
}

/// The pulse of Luis is taken, and the summary opened.
fn pulse(tablet: &Tablet, beats: &str) {
    checked_in(tablet, "rivera", "Luis Rivera-Sample");
    tap(tablet, "Agreed aloud");
    tap(tablet, "Start visit");
    tap(tablet, "Summary");
    assert!(!texts(tablet).contains("Nothing stood out"), "nothing was looked at yet");
    tap(tablet, "Vitals");
    tap(tablet, "Pulse");
    type_digits(tablet, beats);
    tap(tablet, "Save");
    tap(tablet, "Summary");
}

#[test]
fn that_nothing_stood_out_is_said_only_when_all_that_was_found_is_normal() {
    let tablet = at_the_stop();
    pulse(&tablet, "72");
    sees(&tablet, "Nothing stood out today");
    tablet.wait(60_000);
    tap(&tablet, "Vitals");
    tap(&tablet, "Pulse");
    type_digits(&tablet, "104");
    tap(&tablet, "Save");
    tap(&tablet, "Summary");
    sees(&tablet, "Your pulse was fast today");
    assert!(!texts(&tablet).contains("Nothing stood out"));
}

#[test]
fn a_finding_without_words_sends_the_person_to_the_staff() {
    let tablet = at_the_stop();
    take_packs(&tablet, &core_with("protocol.json", "\"handout\": [\"pulse-fast\", \"pulse-slow\"], ", ""));
    pulse(&tablet, "104");
    sees(&tablet, "Talk with us before you leave");
    assert!(!texts(&tablet).contains("Nothing stood out"));
}
