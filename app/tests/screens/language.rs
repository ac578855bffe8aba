//! The staff's language at run time.

use crate::day::{at_the_stop, checked_in};
use crate::finger::*;

#[test]
fn spanish_everywhere_and_back() {
    let tablet = signed_in();
    tap(&tablet, "Settings");
    picture(&tablet, "50-settings");
    tap(&tablet, "Español");
    sees(&tablet, "Ajustes");
    picture(&tablet, "51-settings-es");
    tap(&tablet, "Hoy");
    sees(&tablet, "Lunes 23 de noviembre");
    sees(&tablet, "6:12 a. m.");
    picture(&tablet, "52-today-es");
    tap(&tablet, "Abrir esta parada");
    type_text(&tablet, "rivera");
    sees(&tablet, "Mismo nombre");
    tap(&tablet, "Luis Rivera-Sample");
    sees(&tablet, "Alergias: Penicillin");
    picture(&tablet, "53-person-es");
    tap(&tablet, "Envíos");
    picture(&tablet, "54-sync-es");
    tap(&tablet, "Bandeja");
    picture(&tablet, "55-inbox-es");
    tap(&tablet, "Ajustes");
    tap(&tablet, "English");
    sees(&tablet, "Settings");
}

#[test]
fn what_was_chosen_stays_on_the_tablet() {
    let tablet = signed_in();
    tap(&tablet, "Settings");
    tap(&tablet, "Español");
    tap(&tablet, "Oscuro");
    picture(&tablet, "56-dark");
    let kept = std::fs::read_to_string(tablet.folder.path().join("preferences.json")).expect("kept");
    assert!(kept.contains("\"es\"") && kept.contains("dark"), "{kept}");
}

#[test]
fn what_was_found_is_told_in_the_language_of_whoever_reads_it() {
    let tablet = at_the_stop();
    checked_in(&tablet, "rivera", "Luis Rivera-Sample");
    tap(&tablet, "Agreed aloud");
    tap(&tablet, "Start visit");
    tap(&tablet, "Blood pressure");
    type_digits(&tablet, "212126");
    tap(&tablet, "Save");
    tap(&tablet, "It is right, save it");
    tap(&tablet, "The nurse is here");
    tap(&tablet, "I have done this");
    tap(&tablet, "Settings");
    tap(&tablet, "Español");
    tap(&tablet, "Bandeja");
    sees(&tablet, "Presión arterial sistólica 212 mmHg, Presión arterial diastólica 126 mmHg");
}
