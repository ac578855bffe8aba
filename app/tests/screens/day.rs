//! A person's whole visit, from the stop's door to "Finish".

use crate::finger::*;
use crate::fixture::{PIN, Tablet, person_id};
use crate::take_home;
use app::screens::ui::{InboxAdapter, NavAdapter, VisitAdapter};
use app::store::RecordReads;
use shared::domain::consent::Consent;
use shared::domain::person::{Person, TobaccoStatus};
use shared::domain::screening::{Observation, QuestionnaireResponse};
use slint::{ComponentHandle, Model};

pub fn at_the_stop() -> Tablet {
    let tablet = signed_in();
    tap(&tablet, "Open this stop");
    sees(&tablet, "Sample Steel Mill");
    tablet
}

pub fn checked_in(tablet: &Tablet, typed: &str, name: &str) {
    type_text(tablet, typed);
    tap(tablet, name);
    tap(tablet, "Check in");
    let identifiers = ["Name", "Birth date"];
    let window = window(tablet);
    for identifier in identifiers {
        let row = i_slint_backend_testing::ElementQuery::from_root(window)
            .match_accessible_role(i_slint_backend_testing::AccessibleRole::Checkbox)
            .find_all()
            .into_iter()
            .find(|row| row.accessible_description().as_deref() == Some(identifier));
        let row = row.unwrap_or_else(|| panic!("{identifier} can be confirmed: {:?}", labels(tablet)));
        row.mock_single_click(slint::platform::PointerEventButton::Left);
        pass(0.05);
    }
}

#[test]
fn a_person_is_found_checked_in_measured_asked_and_done() {
    let tablet = at_the_stop();
    picture(&tablet, "10-stop");
    type_text(&tablet, "noonez ana");
    sees(&tablet, "Sounds like it");
    picture(&tablet, "11-found");
    tap(&tablet, "Clear");
    checked_in(&tablet, "nunez ana", "Ana Núñez-Sample");
    assert_eq!(find(&tablet, "Start visit").accessible_enabled(), Some(false));
    sees(&tablet, "The signature is missing");
    // The consent is in the person's language, not the staff's.
    sees(&tablet, "Su visita y su información");
    sign(&tablet);
    picture(&tablet, "13-check-in");
    tap(&tablet, "Start visit");
    picture(&tablet, "14-vitals");
    vitals(&tablet);
    questions(&tablet);
    gaps(&tablet);
    picture(&tablet, "20-summary");
    sees(&tablet, "Su presión salió muy alta hoy");
    sees(&tablet, "Vea a un profesional de salud por su presión en los próximos días");
    sees(&tablet, "Su vivienda, que alcance la comida, el transporte, la luz, el gas y el agua");
    let steps = window(&tablet).global::<VisitAdapter>().get_next_steps();
    let needs = steps.iter().find(|line| line.title.starts_with("Detección de necesidades sociales"));
    assert!(needs.expect("it was positive").detail.starts_with("A más tardar el"), "as it will be promised");
    take_home::results(&tablet);
    tap(&tablet, "Finish visit");
    sees(&tablet, "Visit finished: Ana Núñez-Sample");
    picture(&tablet, "21-stop-after");
    tap(&tablet, "Inbox");
    let waiting = window(&tablet).global::<NavAdapter>().get_inbox_count();
    // What was promised, and what the needs that were told ask for.
    sees(&tablet, &format!("{waiting} waiting · 2 later"));
    assert_eq!(window(&tablet).global::<InboxAdapter>().get_items().row_count(), waiting as usize + 2);
    picture(&tablet, "45-inbox-later");
    let store = tablet.store();
    let consents = store.facts(person_id(1).into(), &Consent::KIND).expect("facts");
    let consent = Consent::read(&consents[0]);
    assert!(consent.signature.is_some_and(|strokes| strokes.contains(' ')), "strokes are kept as points");
    assert_eq!(consent.language.as_deref(), Some("es"));
    let person = Person::read(&store.state(person_id(1).into()).expect("read").expect("there"));
    assert_eq!(person.tobacco_status, Some(TobaccoStatus::Never));
    assert_eq!(store.facts(person_id(1).into(), &QuestionnaireResponse::KIND).expect("facts").len(), 4);
}

fn vitals(tablet: &Tablet) {
    tap(tablet, "Pulse");
    type_digits(tablet, "720");
    sees(tablet, "Pulse 720 is not possible. Enter 20 to 300.");
    assert_eq!(find(tablet, "Save").accessible_enabled(), Some(false));
    picture(tablet, "15-impossible");
    tap(tablet, "Erase");
    tap(tablet, "Save");
    sees(tablet, "Pulse saved");
    // A value outside the usual range is asked about once, and stands when confirmed.
    tap(tablet, "Glucose");
    type_digits(tablet, "240");
    tap(tablet, "Save");
    sees(tablet, "Glucose 240 is unusual");
    picture(tablet, "16-unusual");
    tap(tablet, "It is right, save it");
    tap(tablet, "Blood pressure");
    type_digits(tablet, "15296");
    sees(tablet, "High, stage 2");
    picture(tablet, "17-pressure");
    tap(tablet, "Save");
    sees(tablet, "Take it once more");
    tap(tablet, "Height");
    type_digits(tablet, "54");
    tap(tablet, "Save");
    tap(tablet, "Weight");
    type_digits(tablet, "154");
    tap(tablet, "Save");
    sees(tablet, "Overweight");
    tap(tablet, "Temperature");
    type_digits(tablet, "98");
    tap(tablet, "Decimal point");
    type_digits(tablet, "6");
    sees(tablet, "= 37 °C");
    tap(tablet, "Save");
    picture(tablet, "18-vitals-done");
    let facts = tablet.store().facts(person_id(1).into(), &Observation::KIND).expect("facts");
    let units: Vec<String> = facts.iter().filter_map(|fact| Observation::read(fact).unit).collect();
    assert!(units.contains(&"Cel".to_owned()) && units.contains(&"kg".to_owned()), "{units:?}");
    tap(tablet, "Undo");
    tap(tablet, "Questions");
}

fn questions(tablet: &Tablet) {
    sees(tablet, "Poco interés o placer en hacer cosas");
    picture(tablet, "19-question");
    for _ in 0..2 {
        tap(tablet, "Ningún día");
        pass(0.4);
    }
    tap(tablet, "Back");
    sees(tablet, "2 de 2");
    tap(tablet, "Next");
    tap(tablet, "Next");
    sees(tablet, "solo existe en inglés");
    social_needs(tablet);
    tap(tablet, "Never smoked tobacco");
    pass(0.4);
    tap(tablet, "Next");
    chosen_form(tablet);
}

/// What is not part of every visit may be chosen beside.
fn chosen_form(tablet: &Tablet) {
    tap(tablet, "Questions");
    sees(tablet, "More questions, if they are wanted");
    picture(tablet, "27-more-questions");
    tap(tablet, "AUDIT-C");
    sees(tablet, "How often do you have a drink containing alcohol?");
    tap(tablet, "Never");
    pass(0.4);
    tap(tablet, "Next");
    tap(tablet, "Questions");
    assert!(!has(tablet, "AUDIT-C"), "asked once");
    tap(tablet, "Next");
}

/// The social needs tool: ten questions, each on a page that needs no scrolling.
fn social_needs(tablet: &Tablet) {
    sees(tablet, "1 de 10");
    picture(tablet, "26-needs-1");
    tap_first_option(tablet);
    pass(0.4);
    sees(tablet, "2 de 10");
    picture(tablet, "26-needs-2");
    let all = options(tablet);
    assert_eq!(all.len(), 8);
    tap(tablet, &all[1]);
    tap(tablet, &all[7]);
    tap(tablet, &all[0]);
    tap(tablet, "Next");
    for place in ["3 de 10", "4 de 10", "5 de 10", "6 de 10", "7 de 10", "8 de 10", "9 de 10", "10 de 10"] {
        sees(tablet, place);
        picture(tablet, &format!("26-needs-{}", &place[..2].trim()));
        tap_first_option(tablet);
        pass(0.4);
    }
    picture(tablet, "26-needs-end");
    sees(tablet, "10 respuestas. HITS: 4 de 20, negativo. Siguiente guarda las respuestas.");
    tap(tablet, "Next");
}

fn gaps(tablet: &Tablet) {
    picture(tablet, "19-gaps");
    tap(tablet, "Hypertension screening");
    tap(tablet, "Done, close it");
    tap(tablet, "Save");
    sees(tablet, "Hypertension screening: closed");
    // Care elsewhere closes a gap when the rule still counts it.
    for (care, year, said) in [
        ("Stool test (FIT)", "2025", "It was written down. By the rule"),
        ("Colonoscopy", "2021", "Colorectal cancer screening: closed"),
    ] {
        tap(tablet, "Colorectal cancer screening");
        tap(tablet, "Done, close it");
        sees(tablet, "What was done?");
        tap(tablet, care);
        tap(tablet, "Done elsewhere, as the person says");
        sees(tablet, "In which year?");
        picture(tablet, "19-gaps-year");
        tap(tablet, year);
        tap(tablet, "Save");
        sees(tablet, said);
        if has(tablet, "Understood") {
            tap(tablet, "Understood");
        }
    }
    tap(tablet, "Undo");
    sees(tablet, "2 of 6 decided");
    tap(tablet, "Colorectal cancer screening");
    tap(tablet, "Declined");
    tap(tablet, "Is afraid of it");
    tap(tablet, "Save");
    tap(tablet, "Tobacco use");
    tap(tablet, "Make a follow-up");
    assert!(!has(tablet, "Call in one month"), "nobody agreed to calls");
    tap(tablet, "Make an appointment within two weeks");
    tap(tablet, "Save");
    sees(tablet, "3 of 6 decided");
    tap(tablet, "Summary");
}

#[test]
fn a_badge_opens_its_person_and_a_dangerous_pressure_cannot_be_passed_by() {
    let tablet = at_the_stop();
    type_text(&tablet, "E-4012\n");
    sees(&tablet, "Luis Rivera-Sample");
    sees(&tablet, "Allergies: Penicillin");
    sees(&tablet, "Paid by the employer until December 31");
    picture(&tablet, "12-person");
    tap(&tablet, "Back");
    tap(&tablet, "Clear");
    checked_in(&tablet, "rivera", "Luis Rivera-Sample");
    tap(&tablet, "Agreed aloud");
    sees(&tablet, "Jordan Sample witnesses that Luis Rivera-Sample agrees aloud.");
    tap(&tablet, "Start visit");
    tap(&tablet, "Blood pressure");
    type_digits(&tablet, "88126");
    tap(&tablet, "Save");
    sees(&tablet, "must be below the upper number");
    tap(&tablet, "Close");
    tap(&tablet, "Blood pressure");
    type_digits(&tablet, "212126");
    tap(&tablet, "Save");
    tap(&tablet, "It is right, save it");
    sees(&tablet, "This blood pressure is dangerous");
    picture(&tablet, "22-critical");
    assert_eq!(find(&tablet, "I have done this").accessible_enabled(), Some(false));
    tap(&tablet, "Cannot do this now");
    sees(&tablet, "Why can this not be done now?");
    tap(&tablet, "The person left");
    tap(&tablet, "Record this reason");
    assert!(!has(&tablet, "This blood pressure is dangerous"));
    tap(&tablet, "Inbox");
    sees(&tablet, "This blood pressure is dangerous");
    sees(&tablet, "212 mmHg");
    sees(&tablet, "The person left");
    sees(&tablet, "Jordan Sample");
    picture(&tablet, "26-inbox-task");
    tap(&tablet, "Open the person");
    sees(&tablet, "212 mmHg");
    tap(&tablet, "Continue visit");
    assert!(!has(&tablet, "This blood pressure is dangerous"), "it was answered");
    tap(&tablet, "Park visit");
    sees(&tablet, "Luis Rivera-Sample");
    tablet.wait(40 * 60_000);
    tap(&tablet, "Find");
    tap(&tablet, "Stop");
    sees(&tablet, "40 min");
    picture(&tablet, "25-board");
}

#[test]
fn what_was_forgotten_leads_back_with_a_notice() {
    let tablet = at_the_stop();
    type_text(&tablet, "okafor");
    tap(&tablet, "Grace Okafor-Sample");
    crate::fixture::forget_people(&tablet);
    tap(&tablet, "Check in");
    sees(&tablet, "This is no longer on this device");
    tap(&tablet, "Understood");
    sees(&tablet, "Nobody found for “okafor”");
}

#[test]
fn who_does_not_agree_is_recorded_and_no_visit_begins() {
    let tablet = at_the_stop();
    checked_in(&tablet, "okafor", "Grace Okafor-Sample");
    tap(&tablet, "Does not agree");
    sees(&tablet, "Grace Okafor-Sample does not agree?");
    tap(&tablet, "Record it");
    sees(&tablet, "Did not agree to be seen");
    let store = tablet.store();
    let consents = store.facts(person_id(3).into(), &Consent::KIND).expect("facts");
    assert_eq!(Consent::read(&consents[0]).care, Some(false));
}

#[test]
fn a_turned_screen_hides_the_frame_and_its_alert_calls_for_the_staff() {
    let tablet = at_the_stop();
    checked_in(&tablet, "okafor", "Grace Okafor-Sample");
    tap(&tablet, "Agreed aloud");
    tap(&tablet, "Start visit");
    tap(&tablet, "Questions");
    tap(&tablet, "Hand over the screen");
    assert!(!has(&tablet, "Inbox"));
    for _ in 0..2 {
        tap(&tablet, "Nearly every day");
        pass(0.4);
    }
    tap(&tablet, "Next");
    sees(&tablet, "3 of 10");
    for _ in 0..7 {
        tap(&tablet, "Nearly every day");
        pass(0.4);
    }
    assert!(!has(&tablet, "This answer needs you now"));
    sees(&tablet, "Please give the screen back to the staff now.");
    picture(&tablet, "23-turned");
    tap(&tablet, "Give the screen back");
    type_digits(&tablet, PIN);
    sees(&tablet, "This answer needs you now");
    sees(&tablet, "suicide-risk protocol");
    picture(&tablet, "24-item-nine");
    tap(&tablet, "The nurse is here");
    tap(&tablet, "I have done this");
    assert!(has(&tablet, "Inbox"));
    tap(&tablet, "Summary");
    sees(&tablet, "You have felt low lately");
    let page = take_home::printed(&tablet);
    assert!(page.contains("Who helps 988 Suicide and Crisis Lifeline: call 988"), "{page}");
}
