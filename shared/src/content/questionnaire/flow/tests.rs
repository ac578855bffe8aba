//! Stories of going through a questionnaire: what is asked next, what is skipped, when it is complete.

use super::Progress;
use crate::content::questionnaire::{Answer, Answers, Questionnaire, by_id};

fn next(questionnaire: &Questionnaire, answers: &Answers) -> Option<String> {
    questionnaire.next_item(answers).map(|item| item.link_id.clone())
}

fn progress(questionnaire: &Questionnaire, answers: &Answers) -> (usize, usize) {
    let Progress { done_count, asked_count } = questionnaire.progress(answers);
    (done_count, asked_count)
}

#[test]
fn a_person_who_never_drinks_is_asked_one_question() {
    let audit = by_id("audit-c").unwrap();
    let mut answers = Answers::new();
    assert_eq!((next(audit, &answers).as_deref(), audit.is_complete(&answers)), (Some("/68518-0"), false));
    answers.record(audit, "/68518-0", Answer::code("LA6270-8")).unwrap();
    assert_eq!((next(audit, &answers), audit.is_complete(&answers)), (None, true));
    assert_eq!(progress(audit, &answers), (1, 1));

    answers.record(audit, "/68518-0", Answer::code("LA18926-8")).unwrap();
    assert_eq!((next(audit, &answers).as_deref(), audit.is_complete(&answers)), (Some("/68519-8"), false));
    assert_eq!(progress(audit, &answers), (1, 3));
}

#[test]
fn who_declines_the_first_question_is_not_asked_the_rest() {
    let audit = by_id("audit-c").unwrap();
    let mut answers = Answers::new();
    answers.record(audit, "/68518-0", Answer::Declined).unwrap();
    assert_eq!((next(audit, &answers), audit.is_complete(&answers)), (None, true));
}

#[test]
fn stale_answers_are_left_out_of_what_is_kept() {
    let audit = by_id("audit-c").unwrap();
    let mut answers = Answers::new();
    answers.record(audit, "/68518-0", Answer::code("LA18929-2")).unwrap();
    answers.record(audit, "/68519-8", Answer::code("LA18932-6")).unwrap();
    answers.record(audit, "/68518-0", Answer::code("LA6270-8")).unwrap();
    assert_eq!(answers.len(), 2, "going back once more finds what was typed");
    let kept = answers.without_disabled(audit);
    assert_eq!(kept.iter().map(|(link_id, _)| link_id).collect::<Vec<_>>(), ["/68518-0"]);
}

#[test]
fn a_required_question_that_was_not_asked_leaves_it_open() {
    let phq = by_id("phq-2").unwrap();
    let mut answers = Answers::new();
    answers.record(phq, "/44250-9", Answer::Declined).unwrap();
    answers.record(phq, "/44255-8", Answer::NotAsked).unwrap();
    assert_eq!((next(phq, &answers), phq.is_complete(&answers)), (None, false));
    answers.record(phq, "/44255-8", Answer::Declined).unwrap();
    assert!(phq.is_complete(&answers), "a refusal settles it");
}

#[test]
fn an_empty_form_is_never_complete_even_when_nothing_is_required() {
    let ahc = by_id("ahc-hrsn-core").unwrap();
    let mut answers = Answers::new();
    assert!(!ahc.is_complete(&answers));
    assert_eq!(progress(ahc, &answers), (0, 10), "the total is not asked of a person");
    answers.record(ahc, "/71802-3", Answer::Declined).unwrap();
    assert!(ahc.is_complete(&answers));
}

#[test]
fn a_group_that_is_not_asked_hides_what_it_holds() {
    let file = r#"{"resourceType":"Questionnaire","url":"u","version":"1","title":"t","status":"draft",
        "item":[
        {"linkId":"children","text":"How many children?","type":"integer"},
        {"linkId":"group","type":"group","item":[{"linkId":"names","text":"Which grades?","type":"string"}],
         "enableWhen":[{"question":"children","operator":">","answerInteger":0}]},
        {"linkId":"none","text":"Do you plan any?","type":"string",
         "enableWhen":[{"question":"children","operator":"exists","answerBoolean":true},
                       {"question":"names","operator":"exists","answerBoolean":false}],
         "enableBehavior":"all"}]}"#;
    let questionnaire = Questionnaire::parse(file).unwrap();
    let mut answers = Answers::new();
    let asked = |answers: &Answers| {
        let questions = questionnaire.questions(answers);
        questions.into_iter().map(|item| item.link_id.as_str()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(asked(&answers), "children");
    answers.record(&questionnaire, "children", Answer::Integer(2)).unwrap();
    answers.record(&questionnaire, "names", Answer::Text("third".into())).unwrap();
    assert_eq!(asked(&answers), "children names");
    answers.record(&questionnaire, "children", Answer::Integer(0)).unwrap();
    assert_eq!(asked(&answers), "children none", "the answer to a hidden question counts as none");
}
