//! Every control has a name and room for a gloved finger, and no main action is out of sight.

use crate::day::{at_the_stop, checked_in};
use crate::finger::*;
use crate::fixture::Tablet;
use i_slint_backend_testing::{AccessibleRole, ElementQuery};

const TARGET_PX: f32 = 48.0;
const PRIMARY_PX: f32 = 64.0;
/// The panel of a tablet.
const PANEL_PX: (f32, f32) = (1280.0, 800.0);

pub fn check(tablet: &Tablet, screen: &str, primary: Option<&str>) {
    for element in ElementQuery::from_root(window(tablet)).find_all() {
        let Some(role) = element.accessible_role() else { continue };
        let pressed = [
            AccessibleRole::Button,
            AccessibleRole::Checkbox,
            AccessibleRole::RadioButton,
            AccessibleRole::Switch,
            AccessibleRole::Tab,
            AccessibleRole::TextInput,
        ];
        // The text inside a field's box is not a control of its own.
        if !pressed.contains(&role) || element.id().is_some_and(|id| id == "FieldBox::input") {
            continue;
        }
        let (label, size) = (element.accessible_label().unwrap_or_default(), element.size());
        assert!(!label.is_empty(), "{screen}: {:?} has no label", element.id());
        let is_big = size.width >= TARGET_PX && size.height >= TARGET_PX;
        assert!(is_big, "{screen}: {label:?} is {} x {}", size.width, size.height);
    }
    if let Some(primary) = primary {
        let action = find(tablet, primary);
        let (at, size) = (action.absolute_position(), action.size());
        assert!(
            size.height >= PRIMARY_PX,
            "{screen}: the primary action {primary:?} is {} high",
            size.height
        );
        let (right, bottom) = (at.x + size.width, at.y + size.height);
        let is_in_sight = at.x >= 0.0 && at.y >= 0.0 && right <= PANEL_PX.0 && bottom <= PANEL_PX.1;
        assert!(is_in_sight, "{screen}: the primary action {primary:?} ends at {right} x {bottom}");
    }
}

#[test]
fn every_control_is_labelled_and_big_enough() {
    let tablet = start();
    check(&tablet, "crew", None);
    tap(&tablet, "Jordan Sample");
    check(&tablet, "PIN", None);
    type_digits(&tablet, crate::fixture::PIN);
    check(&tablet, "today", Some("Open this stop"));
    tap(&tablet, "Open this stop");
    check(&tablet, "stop", Some("Call the next person"));
    tap(&tablet, "Find");
    type_text(&tablet, "nunez");
    check(&tablet, "find", Some("Not in the list: register"));
    tap(&tablet, "Not in the list: register");
    check(&tablet, "register", Some("New person"));
    tap(&tablet, "Cancel");
    tap(&tablet, "Ana Núñez-Sample");
    check(&tablet, "person", Some("Check in"));
    tap(&tablet, "Check in");
    check(&tablet, "check-in", Some("Start visit"));
    tap(&tablet, "Inbox");
    check(&tablet, "inbox", Some("Settle"));
    tap(&tablet, "Sync");
    check(&tablet, "sync", Some("Sync now"));
    picture(&tablet, "60-sync");
    tap(&tablet, "Settings");
    check(&tablet, "settings", Some("Lock the screen"));
}

#[test]
fn no_main_action_of_a_visit_needs_scrolling() {
    let tablet = at_the_stop();
    checked_in(&tablet, "rivera", "Luis Rivera-Sample");
    tap(&tablet, "Agreed aloud");
    tap(&tablet, "Start visit");
    check(&tablet, "vitals", Some("Next"));
    for tile in ["Blood pressure", "Pulse", "Height", "Glucose"] {
        tap(&tablet, tile);
        check(&tablet, tile, Some("Save"));
        tap(&tablet, "Close");
    }
    tap(&tablet, "More measurements");
    check(&tablet, "more measurements", Some("Next"));
    tap(&tablet, "Every visit");
    tap(&tablet, "Blood pressure");
    type_digits(&tablet, "212126");
    tap(&tablet, "Save");
    check(&tablet, "an unusual value", Some("It is right, save it"));
    tap(&tablet, "It is right, save it");
    check(&tablet, "a dangerous value", Some("I have done this"));
    tap(&tablet, "The nurse is here");
    tap(&tablet, "I have done this");
    tap(&tablet, "Questions");
    // Every page of every form, whatever its wording.
    for page in 0..40 {
        check(&tablet, &format!("question {page}"), Some("Next"));
        if options(&tablet).is_empty() {
            break;
        }
        tap_first_option(&tablet);
        pass(0.4);
    }
    check(&tablet, "a form's last page", Some("Next"));
    tap(&tablet, "Care gaps");
    check(&tablet, "gaps", Some("Next"));
    for decision in ["Declined", "Make a follow-up", "Done, close it"] {
        tap(&tablet, "Colorectal cancer screening");
        tap(&tablet, decision);
        check(&tablet, decision, Some("Save"));
    }
    tap(&tablet, "Summary");
    check(&tablet, "summary", Some("Finish visit"));
}

#[test]
fn every_measurement_stands_whole_beside_the_keypad_and_undo_covers_no_action() {
    let tablet = at_the_stop();
    checked_in(&tablet, "rivera", "Luis Rivera-Sample");
    tap(&tablet, "Agreed aloud");
    tap(&tablet, "Start visit");
    let whole = |names: &[&str], next: &str| {
        for name in names {
            let [_, top, _, bottom] = bounds(&tablet, name);
            assert!(bottom - top >= 100.0, "{name} is cut to {}", bottom - top);
            assert!(bottom <= bounds(&tablet, next)[1], "{name} runs under {next}");
        }
        let (ends, actions_from) = (bounds(&tablet, next)[3], bounds(&tablet, "Save")[1]);
        assert!(ends + 8.0 <= actions_from, "{next} ends at {ends}, the actions begin at {actions_from}");
    };
    tap(&tablet, "Pulse");
    let every_visit = [
        "Blood pressure",
        "Pulse",
        "Temperature",
        "Oxygen",
        "Height",
        "Weight",
        "Body mass index",
        "Glucose",
    ];
    whole(&every_visit, "More measurements");
    type_digits(&tablet, "72");
    tap(&tablet, "Save");
    tap(&tablet, "More measurements");
    tap(&tablet, "Hearing, left");
    whole(&["Waist", "Fasting glucose", "A1c", "Cholesterol", "Eyes", "Hearing, right"], "Every visit");
    let undo = bounds(&tablet, "Undo");
    for action in ["Could not be taken", "Save", "Every visit"] {
        assert!(!overlap(undo, bounds(&tablet, action)), "the undo bar covers {action:?}");
    }
}

#[test]
fn all_that_a_person_agrees_to_stands_on_the_page_that_starts_the_visit() {
    let tablet = at_the_stop();
    // The longer language of the two.
    checked_in(&tablet, "nunez ana", "Ana Núñez-Sample");
    let switches =
        ElementQuery::from_root(window(&tablet)).match_accessible_role(AccessibleRole::Switch).find_all();
    assert_eq!(switches.len(), 6);
    let actions_from = bounds(&tablet, "Start visit")[1];
    let mut below = 0.0;
    for switch in switches {
        let (label, at, size) =
            (switch.accessible_label().unwrap_or_default(), switch.absolute_position(), switch.size());
        assert!(at.y >= below, "{label} lies over the one before it");
        below = at.y + size.height;
        assert!(below <= actions_from, "{label} ends at {below}, below the fold at {actions_from}");
    }
    for identifier in ["Ana Núñez-Sample", "March 3, 1978", "E-4011", "555-014011"] {
        assert!(bounds(&tablet, identifier)[3] <= actions_from, "{identifier} is out of sight");
    }
    sees(&tablet, "Firme aquí");
    tap(&tablet, "English");
    sees(&tablet, "Sign here");
}
