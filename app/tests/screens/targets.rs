//! Every control has a name and room for a gloved finger.

use crate::finger::*;
use crate::fixture::Tablet;
use i_slint_backend_testing::{AccessibleRole, ElementQuery};

const TARGET_PX: f32 = 48.0;
const PRIMARY_PX: f32 = 64.0;

fn check(tablet: &Tablet, screen: &str, primary: Option<&str>) {
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
        let height = find(tablet, primary).size().height;
        assert!(height >= PRIMARY_PX, "{screen}: the primary action {primary:?} is {height} high");
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
