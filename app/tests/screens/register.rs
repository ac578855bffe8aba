//! A walk-up at the door.

use crate::finger::*;
use app::store::MetaReads;

#[test]
fn errors_stand_at_their_fields_and_nothing_typed_is_lost() {
    let tablet = signed_in();
    tap(&tablet, "Open this stop");
    type_text(&tablet, "zed");
    tap(&tablet, "Not in the list: register");
    fill(&tablet, "Given name", "Mo");
    fill(&tablet, "Birth date or year", "13/40/1980");
    fill(&tablet, "Telephone", "12");
    tap(&tablet, "New person");
    sees(&tablet, "Not a date: write 3/5/1975");
    sees(&tablet, "Not a number: 7 to 15 digits");
    picture(&tablet, "30-register-errors");
    assert_eq!(typed(&tablet, "Telephone"), "12");
    fill(&tablet, "Telephone", "555-019-9999");
    fill(&tablet, "Birth date or year", "3/5/1980");
    sees(&tablet, "46 years, March 5, 1980");
    tap(&tablet, "Works here");
    tap(&tablet, "Female");
    let before = tablet.store().count_people().expect("counted");
    tap(&tablet, "New person");
    sees(&tablet, "Mo Zed");
    assert_eq!(tablet.store().count_people().expect("counted"), before + 1);
    assert!(tablet.store().rejected().expect("read").is_empty());
    picture(&tablet, "32-registered");
}

#[test]
fn who_it_may_be_already_is_shown_while_typing() {
    let tablet = signed_in();
    tap(&tablet, "Open this stop");
    type_text(&tablet, "x");
    tap(&tablet, "Not in the list: register");
    fill(&tablet, "Family name", "Nunez Sample");
    fill(&tablet, "Given name", "Ana");
    fill(&tablet, "Birth date or year", "3/3/1978");
    pass(0.5);
    sees(&tablet, "Ana Núñez-Sample");
    sees(&tablet, "Same name · same birth date");
    picture(&tablet, "31-register-alike");
    let before = tablet.store().count_people().expect("counted");
    tap(&tablet, "New person");
    sees(&tablet, "Is this not Ana Núñez-Sample?");
    tap(&tablet, "Look again");
    tap(&tablet, "This is the person: Ana Núñez-Sample");
    sees(&tablet, "Badge E-4011");
    assert_eq!(tablet.store().count_people().expect("counted"), before);
}

#[test]
fn letters_that_the_font_lacks_are_kept_and_stop_nothing() {
    let tablet = signed_in();
    tap(&tablet, "Open this stop");
    type_text(&tablet, "zed");
    tap(&tablet, "Not in the list: register");
    fill(&tablet, "Given name", "王小 🙂");
    picture(&tablet, "33-letters");
    assert_eq!(typed(&tablet, "Given name"), "王小 🙂");
}
