//! A required question that was put off: its form stays open, is asked again, and keeps nobody from ending the visit.

use crate::finger::*;
use crate::fixture::{NURSE, Tablet, core_with, person_id, take_packs};
use crate::turned::{answer, at_the_questions};
use app::capture::{Desk, DeskOptions};
use app::screens::ui::{QuestionAdapter, QuestionKind};
use app::store::RecordReads;
use shared::domain::due::Verdict;
use shared::domain::screening::QuestionnaireResponse;
use shared::record::Fact;
use slint::ComponentHandle;

/// Answers of Grace to a form, the newest first.
fn responses(tablet: &Tablet, form: &str) -> Vec<Fact> {
    let facts = tablet.store().facts(person_id(3).into(), &QuestionnaireResponse::KIND).expect("facts");
    let is_of = |fact: &Fact| {
        QuestionnaireResponse::read(fact).questionnaire.is_some_and(|canonical| canonical.contains(form))
    };
    facts.into_iter().filter(is_of).collect()
}

/// The first answer to every question of the form on the page, which is saved then.
fn fill_in(tablet: &Tablet) {
    let page = window(tablet).global::<QuestionAdapter>();
    for _ in 0..20 {
        match page.get_kind() {
            QuestionKind::Finished => return tap(tablet, "Next"),
            QuestionKind::Multiple => {
                tap(tablet, options(tablet).last().expect("an answer"));
                tap(tablet, "Next");
            }
            // What is typed, such as pack-years, may stay untold.
            _ if options(tablet).is_empty() => {
                page.invoke_rather_not_say();
                pass(1.0);
            }
            _ => answer(tablet, &options(tablet)[0].clone(), 1),
        }
    }
    panic!("the form does not end");
}

/// The second question of the PHQ-2 is put off, and the other forms are answered.
fn put_off() -> Tablet {
    let tablet = at_the_questions();
    answer(&tablet, "Not at all", 1);
    answer(&tablet, "Ask me later", 1);
    sees(&tablet, "Still to be asked: “Feeling down, depressed, or hopeless”");
    picture(&tablet, "90-put-off");
    tap(&tablet, "Next");
    sees(&tablet, "1 of 10");
    fill_in(&tablet);
    fill_in(&tablet);
    sees(&tablet, "2 of 3");
    tablet
}

#[test]
fn a_required_question_that_is_put_off_leaves_its_form_open_until_it_is_asked() {
    let tablet = put_off();
    assert!(has(&tablet, "Declined") || texts(&tablet).contains("Care gaps"), "the visit went on");
    tap(&tablet, "Summary");
    sees(&tablet, "questions still to ask: PHQ-2");
    assert_eq!(find(&tablet, "Finish visit").accessible_enabled(), Some(true), "it keeps nobody here");
    picture(&tablet, "91-left-open");
    tap(&tablet, "Questions");
    sees(&tablet, "Feeling down, depressed, or hopeless");
    sees(&tablet, "2 of 2");
    answer(&tablet, "Not at all", 1);
    sees(&tablet, "Next saves the answers.");
    tap(&tablet, "Next");
    sees(&tablet, "3 of 3");
    tap(&tablet, "Summary");
    assert!(!texts(&tablet).contains("still to ask"));
    let kept = responses(&tablet, "phq-2");
    assert_eq!(kept.len(), 2);
    let whole = kept.iter().find(|fact| fact.amends.is_some()).expect("one stands in the place of the other");
    assert!(
        kept.iter().any(|fact| whole.amends == Some(fact.id) && fact.amends.is_none()),
        "the one left open"
    );
    assert_eq!(QuestionnaireResponse::read(whole).score, Some(0));
}

#[test]
fn a_visit_ends_with_a_form_left_open_and_that_form_proves_nothing() {
    let tablet = put_off();
    tap(&tablet, "Summary");
    tap(&tablet, "Finish visit");
    sees(&tablet, "Visit finished: Grace Okafor-Sample");
    assert_eq!(responses(&tablet, "phq-2").len(), 1, "what was answered is kept");
    let desk = Desk::open(tablet.store(), NURSE, DeskOptions::default()).expect("a desk");
    let due = desk.due(person_id(3)).expect("due");
    let of = |rule: &str| due.iter().find(|standing| standing.rule.is_some_and(|known| known.id == rule));
    let depression = of("DSF").expect("a rule for her").verdict.as_ref();
    assert!(matches!(depression, Some(Verdict::Due { .. })), "{depression:?}");
}

#[test]
fn what_the_person_would_rather_not_say_settles_a_required_question() {
    let tablet = at_the_questions();
    answer(&tablet, "Rather not say", 2);
    sees(&tablet, "Next saves the answers.");
    assert!(!texts(&tablet).contains("Still to be asked"));
    tap(&tablet, "Next");
    tap(&tablet, "Summary");
    assert!(!texts(&tablet).contains("still to ask"));
    tap(&tablet, "Questions");
    sees(&tablet, "1 of 10");
}

#[test]
fn a_form_put_off_on_a_turned_screen_waits_for_the_staff_beside_what_may_be_asked() {
    let tablet = at_the_questions();
    tap(&tablet, "Hand over the screen");
    answer(&tablet, "Not at all", 1);
    answer(&tablet, "Ask me later", 1);
    tap(&tablet, "Next");
    fill_in(&tablet);
    fill_in(&tablet);
    sees(&tablet, "Thank you. Please give the screen back.");
    assert!(!has(&tablet, "PHQ-2"), "the person is asked no more");
    tap(&tablet, "Give the screen back");
    type_digits(&tablet, crate::fixture::PIN);
    sees(&tablet, "What was answered needs you");
    picture(&tablet, "99-positive-told");
    tap(&tablet, "Understood");
    sees(&tablet, "Some questions were put off");
    picture(&tablet, "92-put-off-after");
    tap(&tablet, "PHQ-2");
    sees(&tablet, "Feeling down, depressed, or hopeless");
}

#[test]
fn a_form_that_staff_chose_brings_the_next_one_as_a_planned_one_does() {
    let tablet = crate::day::at_the_stop();
    let offered = r#""form": "phq-2", "ask": "always""#;
    take_packs(&tablet, &core_with("protocol.json", offered, r#""form": "phq-2", "ask": "offered""#));
    crate::day::checked_in(&tablet, "okafor", "Grace Okafor-Sample");
    tap(&tablet, "Agreed aloud");
    tap(&tablet, "Start visit");
    tap(&tablet, "Questions");
    fill_in(&tablet);
    fill_in(&tablet);
    tap(&tablet, "Questions");
    tap(&tablet, "PHQ-2");
    answer(&tablet, "Nearly every day", 2);
    tap(&tablet, "Next");
    sees(&tablet, "3 of 10");
    fill_in(&tablet);
    assert_eq!(responses(&tablet, "phq-9").len(), 1);
    assert!(!has(&tablet, "PHQ-9"), "and is asked once");
}
