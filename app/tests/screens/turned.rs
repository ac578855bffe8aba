//! A screen in the hands of the person being screened: the questions and nothing else, until a PIN of the staff.

use crate::day::{at_the_stop, checked_in};
use crate::finger::*;
use crate::fixture::{PIN, Tablet, person_id};
use app::screens::ui::{
    NavAdapter, QuestionAdapter, QuestionKind, Screen, Theme, UndoAdapter, VisitAdapter, VisitGapsAdapter,
    VisitPage, VitalsAdapter,
};
use app::store::{DraftReads, LinkedKind, LogReads, RecordReads};
use shared::domain::screening::QuestionnaireResponse;
use shared::domain::visit::{Visit, VisitStatus, visit_fields};
use slint::{ComponentHandle, Model};

/// Grace's visit, at its questions.
pub fn at_the_questions() -> Tablet {
    let tablet = at_the_stop();
    checked_in(&tablet, "okafor", "Grace Okafor-Sample");
    tap(&tablet, "Agreed aloud");
    tap(&tablet, "Start visit");
    tap(&tablet, "Questions");
    tablet
}

fn turned() -> Tablet {
    let tablet = at_the_questions();
    tap(&tablet, "Hand over the screen");
    tablet
}

pub fn answer(tablet: &Tablet, label: &str, times: usize) {
    for _ in 0..times {
        tap(tablet, label);
        pass(0.4);
    }
}

fn visit_of_grace(tablet: &Tablet) -> (shared::ids::VisitId, Visit) {
    let by = LinkedKind::new(&Visit::KIND, visit_fields::person);
    let visits = tablet.store().linked(person_id(3).into(), by).expect("read");
    let (id, state) = visits.into_iter().next().expect("one visit");
    (id.into(), Visit::read(&state))
}

#[test]
fn a_turned_screen_offers_the_answers_the_ways_on_and_the_way_back_alone() {
    let tablet = turned();
    let ways = ["Rather not say", "Ask me later", "Back", "Next", "Give the screen back"];
    assert_eq!(window(&tablet).global::<Theme>().get_text_scale(), 1.25, "in large type");
    for page in 0..4 {
        let answers = options(&tablet);
        assert!(answers.len() >= 2 || page == 2, "{answers:?}");
        for control in controls(&tablet) {
            let is_theirs = ways.contains(&control.as_str()) || answers.contains(&control);
            assert!(is_theirs, "{control:?} can be reached on a turned screen");
        }
        let texts = texts(&tablet);
        for name in ["Okafor", "Jordan", "Sample Steel Mill", "waiting"] {
            assert!(!texts.contains(name), "{name} is in sight on a turned screen:\n{texts}");
        }
        picture(&tablet, &format!("70-turned-{page}"));
        match page {
            0 | 1 => answer(&tablet, "Not at all", 1),
            _ => tap(&tablet, "Next"),
        }
        if page == 3 {
            answer(&tablet, &options(&tablet)[0], 1);
        }
    }
}

#[test]
fn every_question_stands_whole_on_its_page_in_large_type() {
    let tablet = turned();
    answer(&tablet, "Nearly every day", 2);
    tap(&tablet, "Next");
    let adapter = window(&tablet).global::<QuestionAdapter>();
    let mut pages = 0;
    while !texts(&tablet).contains("Please give the screen back") {
        let (wanted, seen) = (adapter.get_options().row_count(), options(&tablet));
        let is_choice = matches!(adapter.get_kind(), QuestionKind::Single | QuestionKind::Multiple);
        assert!(seen.len() == wanted || !is_choice, "{}: {seen:?}", adapter.get_text());
        picture(&tablet, &format!("71-large-{pages:02}"));
        match adapter.get_kind() {
            // An answer that needs the staff would end it here.
            QuestionKind::Single if adapter.get_text().contains("better off dead") => {
                answer(&tablet, seen.first().expect("an answer"), 1)
            }
            QuestionKind::Single => answer(&tablet, seen.last().expect("an answer"), 1),
            QuestionKind::Multiple => {
                tap(&tablet, seen.last().expect("an answer"));
                tap(&tablet, "Next");
            }
            _ => tap(&tablet, "Next"),
        }
        pages += 1;
    }
    assert_eq!(pages, 8 + 1 + 10 + 1 + 1 + 1, "three forms with their last pages");
}

#[test]
fn no_way_around_the_glass_reaches_the_app_behind_it() {
    let tablet = turned();
    let window = window(&tablet);
    let before = visit_of_grace(&tablet).1;
    let question = || sees(&tablet, "Little interest or pleasure in doing things");
    question();
    for screen in [Screen::Today, Screen::Stop, Screen::Find, Screen::Inbox, Screen::Sync, Screen::Settings] {
        window.global::<NavAdapter>().invoke_go(screen);
        question();
    }
    window.global::<NavAdapter>().invoke_switch_person();
    window.global::<NavAdapter>().invoke_lock();
    window.global::<NavAdapter>().invoke_change_person_language();
    for page in [VisitPage::Vitals, VisitPage::Gaps, VisitPage::Summary, VisitPage::Consent] {
        window.global::<VisitAdapter>().invoke_go(page);
        question();
    }
    let visit = window.global::<VisitAdapter>();
    visit.invoke_next();
    visit.invoke_park();
    visit.invoke_change_consent();
    visit.invoke_withdraw_consent();
    visit.invoke_show_handout();
    visit.invoke_finish();
    window.global::<VitalsAdapter>().invoke_next();
    window.global::<VitalsAdapter>().invoke_save();
    window.global::<VisitGapsAdapter>().invoke_save();
    window.global::<UndoAdapter>().invoke_undo();
    question();
    for key in [slint::platform::Key::Escape, slint::platform::Key::F1, slint::platform::Key::Home] {
        let text: slint::SharedString = key.into();
        window.window().dispatch_event(slint::platform::WindowEvent::KeyPressed { text: text.clone() });
        window.window().dispatch_event(slint::platform::WindowEvent::KeyReleased { text });
        question();
    }
    assert_eq!(visit_of_grace(&tablet).1, before, "and nothing was changed behind it");
    assert_eq!(before.status, Some(VisitStatus::InProgress));
}

#[test]
fn only_a_pin_leads_back_and_a_wrong_one_counts() {
    let tablet = turned();
    answer(&tablet, "Several days", 1);
    tap(&tablet, "Give the screen back");
    sees(&tablet, "Enter your PIN");
    assert_eq!(window(&tablet).global::<Theme>().get_text_scale(), 1.0);
    let texts = texts(&tablet);
    assert!(!texts.contains("Okafor") && !texts.contains("Several days"), "{texts}");
    type_digits(&tablet, "482916");
    sees(&tablet, "This PIN is not right.");
    sees(&tablet, "9 tries left");
    type_digits(&tablet, "482917");
    sees(&tablet, "8 tries left");
    assert!(!has(&tablet, "Inbox") && !has(&tablet, "Next"));
    type_digits(&tablet, PIN);
    sees(&tablet, "2 of 2");
    assert!(has(&tablet, "Inbox") && has(&tablet, "Hand over the screen"));
    tap(&tablet, "Back");
    assert_eq!(find(&tablet, "Several days").accessible_checked(), Some(true), "answers stay");
}

#[test]
fn a_turned_screen_that_is_left_alone_locks_and_what_was_answered_stays() {
    let tablet = turned();
    answer(&tablet, "Several days", 1);
    pass(121.0);
    sees(&tablet, "Enter your PIN");
    let texts = texts(&tablet);
    assert!(!texts.contains("Feeling down") && !texts.contains("Okafor"), "{texts}");
    type_digits(&tablet, PIN);
    sees(&tablet, "Feeling down, depressed, or hopeless");
    assert!(has(&tablet, "Inbox"), "and the staff have the screen");
}

#[test]
fn answers_survive_the_death_of_the_process_as_a_draft_that_never_travels() {
    let tablet = turned();
    answer(&tablet, "Several days", 2);
    let log = || tablet.store().log_head().expect("read").map(|head| head.sequence);
    let before = log();
    tap(&tablet, "Next");
    let saved = log();
    assert!(saved > before, "a saved form is a change");
    for _ in 0..3 {
        tap_first_option(&tablet);
        if !has(&tablet, "Next") || options(&tablet).len() == 8 {
            tap(&tablet, "Next");
        }
        pass(0.4);
    }
    sees(&tablet, "4 of 10");
    assert_eq!(log(), saved, "a draft is none");
    let (visit, _) = visit_of_grace(&tablet);
    let tablet = after_a_crash(tablet);
    assert_eq!(tablet.store().drafts().expect("read"), [visit]);
    tap(&tablet, "Grace Okafor-Sample");
    tap(&tablet, "Questions");
    sees(&tablet, "4 of 10");
    tap(&tablet, "Back");
    let first = options(&tablet)[0].clone();
    assert_eq!(find(&tablet, &first).accessible_checked(), Some(true));
    tap(&tablet, "Next");
    for _ in 0..7 {
        tap_first_option(&tablet);
        pass(0.4);
    }
    tap(&tablet, "Next");
    assert_eq!(tablet.store().drafts().expect("read"), [], "what is saved is no draft any more");
    let responses = tablet.store().facts(person_id(3).into(), &QuestionnaireResponse::KIND).expect("facts");
    assert_eq!(responses.len(), 2);
    let needs = responses
        .iter()
        .map(QuestionnaireResponse::read)
        .map(|given| given.answers.unwrap_or_default().0.len());
    assert!(needs.into_iter().any(|answers| answers == 10), "every answer of before and after is in it");
}

#[test]
fn an_answer_that_needs_somebody_is_not_lost_with_the_process() {
    let tablet = turned();
    answer(&tablet, "Nearly every day", 2);
    tap(&tablet, "Next");
    sees(&tablet, "3 of 10");
    answer(&tablet, "Nearly every day", 7);
    let tablet = after_a_crash(tablet);
    tap(&tablet, "Grace Okafor-Sample");
    tap(&tablet, "Questions");
    sees(&tablet, "This answer needs you now");
}

#[test]
fn a_form_that_was_left_for_another_visit_goes_on_where_it_was() {
    let tablet = at_the_questions();
    answer(&tablet, "Several days", 1);
    tap(&tablet, "Park visit");
    checked_in(&tablet, "rivera", "Luis Rivera-Sample");
    tap(&tablet, "Agreed aloud");
    tap(&tablet, "Start visit");
    tap(&tablet, "Questions");
    sees(&tablet, "1 of 2");
    tap(&tablet, "Park visit");
    tap(&tablet, "Grace Okafor-Sample");
    tap(&tablet, "Questions");
    sees(&tablet, "2 of 2");
}

#[test]
fn an_answer_that_needs_the_staff_asks_for_the_screen_at_once_and_says_no_more() {
    let tablet = turned();
    answer(&tablet, "Nearly every day", 2);
    tap(&tablet, "Next");
    answer(&tablet, "Nearly every day", 6);
    sees(&tablet, "9 of 10");
    tap(&tablet, "Nearly every day");
    let asked = "Please give the screen back to the staff now. Thank you.";
    sees(&tablet, asked);
    picture(&tablet, "72-held");
    assert_eq!(controls(&tablet), ["Give the screen back"], "nothing else can be reached");
    let shown = texts(&tablet).to_lowercase();
    for word in ["dead", "suicid", "answer", "protocol", "nurse", "depress", "phq", "okafor", "every day"] {
        assert!(!shown.contains(word), "{word} is on the turned page:\n{shown}");
    }
    // No way around the glass goes on, and no form is saved behind it.
    let saved =
        || tablet.store().facts(person_id(3).into(), &QuestionnaireResponse::KIND).expect("facts").len();
    let before = saved();
    let page = window(&tablet).global::<QuestionAdapter>();
    page.invoke_next();
    page.invoke_back();
    page.invoke_choose("LA6568-5".into());
    page.invoke_press("1".into());
    page.invoke_edited("1".into());
    page.invoke_rather_not_say();
    page.invoke_ask_later();
    pass(1.0);
    page.invoke_next();
    sees(&tablet, asked);
    assert_eq!(saved(), before);
    tap(&tablet, "Give the screen back");
    sees(&tablet, "Enter your PIN");
    type_digits(&tablet, PIN);
    sees(&tablet, "This answer needs you now");
    assert_eq!(find(&tablet, "I have done this").accessible_enabled(), Some(false), "before anything else");
    tap(&tablet, "The nurse is here");
    tap(&tablet, "I have done this");
    // What was answered to stays, and the person may go on.
    sees(&tablet, "9 of 10");
    tap(&tablet, "Hand over the screen");
    tap(&tablet, "Next");
    sees(&tablet, "10 of 10");
    assert!(!texts(&tablet).contains(asked), "it was acted on");
}

#[test]
fn the_screen_is_asked_for_in_the_persons_language() {
    let tablet = at_the_stop();
    checked_in(&tablet, "nunez ana", "Ana Núñez-Sample");
    tap(&tablet, "Agreed aloud");
    tap(&tablet, "Start visit");
    tap(&tablet, "Questions");
    tap(&tablet, "Hand over the screen");
    answer(&tablet, "Casi todos los días", 2);
    tap(&tablet, "Siguiente");
    answer(&tablet, "Casi todos los días", 7);
    sees(&tablet, "Por favor devuelva la pantalla al personal ahora. Gracias.");
    assert_eq!(controls(&tablet), ["Devolver la pantalla"]);
    picture(&tablet, "73-held-es");
}

#[test]
fn nobody_who_holds_the_screen_is_told_what_the_staff_should_do() {
    let tablet = at_the_stop();
    checked_in(&tablet, "nunez ana", "Ana Núñez-Sample");
    sign(&tablet);
    tap(&tablet, "Start visit");
    tap(&tablet, "Questions");
    answer(&tablet, "Ningún día", 2);
    tap(&tablet, "Next");
    sees(&tablet, "Léalo y explíquelo");
    tap(&tablet, "Hand over the screen");
    sees(&tablet, "solo existe en inglés");
    sees(&tablet, "pida ayuda al personal");
    assert!(!texts(&tablet).contains("explíquelo"), "that is for the staff");
    picture(&tablet, "72-turned-untranslated");
}
