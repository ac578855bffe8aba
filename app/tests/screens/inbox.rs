//! Two values of one field, and the choice.

use crate::finger::*;
use crate::fixture::person_id;
use app::store::RecordReads;
use shared::domain::person::Person;

#[test]
fn one_choice_settles_a_conflict_and_can_be_undone() {
    let tablet = signed_in();
    tap(&tablet, "Inbox");
    sees(&tablet, "Casey Conflict-Sample, Birth date · 2 values");
    sees(&tablet, "May 6, 1971");
    sees(&tablet, "June 5, 1970");
    picture(&tablet, "40-conflict");
    tap(&tablet, "June 5, 1970");
    tap(&tablet, "Settle");
    sees(&tablet, "Settled: June 5, 1970");
    sees(&tablet, "Settled by Jordan Sample");
    picture(&tablet, "41-settled");
    let store = tablet.store();
    assert!(store.conflicted().expect("read").is_empty());
    let born = || {
        let state = tablet.store().state(person_id(9).into()).expect("read").expect("there");
        Person::read(&state).birth_date.map(|date| date.to_string())
    };
    assert_eq!(born().as_deref(), Some("1970-06-05"));
    tap(&tablet, "Undo");
    assert_eq!(born().as_deref(), Some("1971-05-06"));
    tap(&tablet, "Open the person");
    sees(&tablet, "Casey Conflict-Sample");
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
