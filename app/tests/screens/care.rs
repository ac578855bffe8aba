//! Gaps and results: on what a gap stands, what nobody's word closes, and everything that was ever measured.

use crate::day::{at_the_stop, checked_in};
use crate::finger::*;
use crate::fixture::{Tablet, gulf, person_id, take_packs};
use app::screens::ui::PersonAdapter;
use app::store::RecordReads;
use shared::domain::care_gap::{CareGap, GapStatus};
use shared::ids::CareGapId;
use slint::{ComponentHandle, Model};

/// Luis, whose plan wants his blood pressure under control, measured so far.
fn measured(upper_and_lower: &str) -> Tablet {
    let tablet = at_the_stop();
    checked_in(&tablet, "rivera", "Luis Rivera-Sample");
    tap(&tablet, "Agreed aloud");
    tap(&tablet, "Start visit");
    tap(&tablet, "Blood pressure");
    type_digits(&tablet, upper_and_lower);
    tap(&tablet, "Save");
    tap(&tablet, "Care gaps");
    tap(&tablet, "Controlling high blood pressure");
    tablet
}

fn control(tablet: &Tablet) -> Option<GapStatus> {
    let state = tablet.store().state(CareGapId::from_bytes([74; 16]).into()).expect("read").expect("there");
    CareGap::read(&state).status
}

#[test]
fn nobody_s_word_closes_a_gap_while_today_s_value_is_beyond_its_line() {
    let tablet = measured("15296");
    sees(&tablet, "Blood pressure today: 152 / 96. Not under control: it stays open today.");
    assert_eq!(find(&tablet, "Done, close it").accessible_enabled(), Some(false));
    picture(&tablet, "93-not-under-control");
    // By whatever way it comes.
    let page = window(&tablet).global::<app::screens::ui::VisitGapsAdapter>();
    page.invoke_decide(app::screens::ui::GapDecision::Close);
    page.invoke_choose_reason("told".into());
    page.invoke_save();
    assert_eq!(control(&tablet), Some(GapStatus::Open));
}

#[test]
fn a_value_within_the_line_leaves_the_gap_to_be_closed() {
    let tablet = measured("12878");
    assert!(!texts(&tablet).contains("Not under control"));
    tap(&tablet, "Done, close it");
    tap(&tablet, "Done or given here today");
    tap(&tablet, "Save");
    assert_eq!(control(&tablet), Some(GapStatus::Closed));
}

#[test]
fn a_chosen_gap_says_on_what_it_stands_and_how_far_that_was_checked() {
    let tablet = at_the_stop();
    checked_in(&tablet, "nunez ana", "Ana Núñez-Sample");
    tap(&tablet, "Agreed aloud");
    tap(&tablet, "Start visit");
    tap(&tablet, "Care gaps");
    for (gap, grounds) in [
        ("Hypertension screening", "CMS22 v0.3 (2026); USPSTF 2021 grade A · From the quality measure"),
        ("Tobacco use", "USPSTF 2021 A · Not yet confirmed by a clinical lead"),
    ] {
        tap(&tablet, gap);
        sees(&tablet, grounds);
    }
    picture(&tablet, "94-grounds");
    tap(&tablet, "Settings");
    tap(&tablet, "Español");
    tap(&tablet, "Parada");
    tap(&tablet, "Ana Núñez-Sample");
    tap(&tablet, "Pendientes");
    tap(&tablet, "Consumo de tabaco");
    sees(&tablet, "USPSTF 2021 A · Aún sin confirmar por la dirección clínica");
    picture(&tablet, "95-grounds-es");
}

#[test]
fn of_several_vaccines_those_that_are_missing_are_named() {
    let tablet = at_the_stop();
    checked_in(&tablet, "okafor", "Grace Okafor-Sample");
    tap(&tablet, "Agreed aloud");
    tap(&tablet, "Start visit");
    tap(&tablet, "Care gaps");
    // It stands below those that fit on the screen.
    let page = window(&tablet).global::<app::screens::ui::VisitGapsAdapter>();
    let vaccines = page.get_gaps().iter().find(|gap| gap.title == "Adult immunisation status");
    page.invoke_select(vaccines.expect("it is due").id);
    sees(&tablet, "Missing: Influenza, this season; Tetanus and diphtheria");
    picture(&tablet, "98-missing-vaccines");
    tap(&tablet, "Summary");
    sees(&tablet, "With us, today or at our next stop, or with your doctor. Missing: Influenza, this season");
}

#[test]
fn everything_that_was_ever_measured_is_among_the_last_results() {
    let tablet = at_the_stop();
    take_packs(&tablet, &gulf());
    checked_in(&tablet, "rivera", "Luis Rivera-Sample");
    tap(&tablet, "Agreed aloud");
    tap(&tablet, "Start visit");
    for (tile, typed) in [
        ("Blood pressure", "12878"),
        ("Pulse", "72"),
        ("Oxygen", "98"),
        ("Height", "58"),
        ("Weight", "170"),
        ("Glucose", "96"),
    ] {
        tap(&tablet, tile);
        type_digits(&tablet, typed);
        tap(&tablet, "Save");
    }
    tap(&tablet, "More measurements");
    for (tile, typed) in [("Peak flow", "420"), ("Cholesterol", "24245150")] {
        tap(&tablet, tile);
        type_digits(&tablet, typed);
        tap(&tablet, "Save");
    }
    tap(&tablet, "Park visit");
    tap(&tablet, "Find");
    type_text(&tablet, "rivera");
    tap(&tablet, "Luis Rivera-Sample");
    let results = window(&tablet).global::<PersonAdapter>().get_results();
    let titles: Vec<String> = results.iter().map(|line| line.title.to_string()).collect();
    for title in ["Blood pressure", "Pulse", "Height", "Weight", "Glucose", "Cholesterol", "Peak flow", "LDL"]
    {
        assert!(titles.iter().any(|known| known.contains(title)), "{title} is not among {titles:?}");
    }
    let ldl = results.iter().find(|line| line.title.contains("LDL")).expect("it follows from the panel");
    assert_eq!(ldl.value, "167", "242 - 45 - 150 / 5");
    let facts = tablet.store().facts(person_id(2).into(), &shared::domain::screening::Observation::KIND);
    assert!(facts.expect("facts").len() > titles.len(), "parts stand together");
    assert!(has(&tablet, "Continue visit"), "the main action stays in sight");
    picture(&tablet, "96-all-results");
}
