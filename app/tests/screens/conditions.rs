//! Known conditions: ticked where the person's facts stand, saved at once, undone for ten seconds, and deciding about care.

use crate::day::at_the_stop;
use crate::finger::*;
use crate::fixture::{Tablet, person_id};
use crate::targets;
use app::store::RecordReads;
use shared::domain::person::Person;

fn known(tablet: &Tablet) -> Vec<String> {
    let state = tablet.store().state(person_id(3).into()).expect("read").expect("there");
    Person::read(&state).conditions.unwrap_or_default()
}

#[test]
fn a_ticked_condition_brings_its_care_and_can_be_undone() {
    let tablet = at_the_stop();
    type_text(&tablet, "okafor");
    tap(&tablet, "Grace Okafor-Sample");
    assert!(!has(&tablet, "Glycemic status assessment for diabetes"));
    tap(&tablet, "Conditions");
    sees(&tablet, "What is not ticked is not known");
    assert_eq!(options(&tablet)[..2], ["High blood pressure", "Diabetes"]);
    targets::check(&tablet, "conditions", Some("Check in"));
    picture(&tablet, "70-conditions");
    tap(&tablet, "Diabetes");
    sees(&tablet, "Noted: Diabetes");
    assert_eq!(known(&tablet), ["73211009"]);
    tap(&tablet, "Uterus and cervix removed");
    picture(&tablet, "71-conditions-ticked");
    assert_eq!(known(&tablet).len(), 2);
    tap(&tablet, "Care");
    sees(&tablet, "Glycemic status assessment for diabetes");
    assert!(!texts(&tablet).contains("Cervical cancer screening"), "excluded");
    tap(&tablet, "Conditions (2)");
    tap(&tablet, "Undo");
    assert_eq!(known(&tablet), ["73211009"], "the last tick is undone");
    tap(&tablet, "Diabetes");
    sees(&tablet, "Taken back: Diabetes");
    assert_eq!(known(&tablet), Vec::<String>::new());
}

#[test]
fn conditions_are_told_in_spanish_too() {
    let tablet = at_the_stop();
    tap(&tablet, "Settings");
    tap(&tablet, "Español");
    tap(&tablet, "Buscar");
    type_text(&tablet, "okafor");
    tap(&tablet, "Grace Okafor-Sample");
    tap(&tablet, "Condiciones");
    sees(&tablet, "Lo que no está marcado no se sabe");
    tap(&tablet, "Presión arterial alta");
    sees(&tablet, "Anotado: Presión arterial alta");
    picture(&tablet, "72-conditions-es");
}
