//! Two values of one field, and the choice.

use crate::finger::*;
use crate::fixture::person_id;
use app::store::RecordReads;
use shared::domain::person::Person;
use shared::domain::visit::{Visit, visit_fields};

#[test]
fn one_choice_settles_a_conflict_and_another_can_be_made_instead() {
    let tablet = signed_in();
    tap(&tablet, "Inbox");
    sees(&tablet, "Casey Conflict-Sample, Birth date · 2 values");
    sees(&tablet, "May 6, 1971");
    sees(&tablet, "June 5, 1970");
    picture(&tablet, "40-conflict");
    tap(&tablet, "June 5, 1970");
    tap(&tablet, "Settle");
    sees(&tablet, "Settled by Jordan Sample");
    assert!(!has(&tablet, "Undo"), "one write could not bring both back");
    picture(&tablet, "41-settled");
    let store = tablet.store();
    assert!(store.conflicted().expect("read").is_empty());
    let born = || {
        let state = tablet.store().state(person_id(9).into()).expect("read").expect("there");
        Person::read(&state).birth_date.map(|date| date.to_string())
    };
    assert_eq!(born().as_deref(), Some("1970-06-05"));
    tap(&tablet, "Open again");
    tap(&tablet, "May 6, 1971");
    tap(&tablet, "Settle");
    assert_eq!(born().as_deref(), Some("1971-05-06"));
    tap(&tablet, "Open the person");
    sees(&tablet, "Casey Conflict-Sample");
}

#[test]
fn two_notes_are_both_right_and_say_whose_tablet_wrote_them() {
    let tablet = signed_in();
    crate::fixture::two_notes(&tablet);
    tap(&tablet, "Inbox");
    assert!(!has(&tablet, "Both are right"), "a birth date is one");
    tap(&tablet, "Grace Okafor-Sample, Note of the visit · 2 values");
    sees(&tablet, "VAN-07 · Tablet B");
    sees(&tablet, "VAN-07 · A copy of Tablet B");
    picture(&tablet, "43-both");
    tap(&tablet, "Both are right");
    picture(&tablet, "44-both-chosen");
    tap(&tablet, "Settle");
    let store = tablet.store();
    let state = store.state(shared::ids::VisitId::from_bytes([91; 16]).into()).expect("read").expect("there");
    let note = Visit::read(&state).note;
    assert_eq!(note.as_deref(), Some("Needs a wheelchair.\nBrings her sister."));
    assert_eq!(state.values(&visit_fields::note.into()).len(), 1, "one edit settled it");
    tap(&tablet, "Open the person");
    sees(&tablet, "Grace Okafor-Sample");
}

#[test]
fn a_corrected_telephone_settles_nobody_else_s_conflict() {
    let tablet = signed_in();
    tap(&tablet, "Inbox");
    tap(&tablet, "Open the person");
    sees(&tablet, "Birth date: two values");
    tap(&tablet, "Contact");
    picture(&tablet, "42-contact");
    tap(&tablet, "Change: Telephone");
    fill(&tablet, "Telephone", "12");
    tap(&tablet, "Save");
    sees(&tablet, "Not a number: 7 to 15 digits");
    fill(&tablet, "Telephone", "555-010-2233");
    tap(&tablet, "Save");
    sees(&tablet, "Telephone: saved");
    assert_eq!(tablet.store().conflicted().expect("read").len(), 1);
}
