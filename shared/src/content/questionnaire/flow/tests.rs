//! Stories of going through a questionnaire: what is asked next, what is skipped, when it is complete.

use super::Progress;
use crate::content::questionnaire::{Answer, Answers, Questionnaire, QuestionnaireError, by_id};

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

/// One question that decides and one that is decided about.
fn on(kind: &str, operator: &str, operand: &str) -> Result<Questionnaire, QuestionnaireError> {
    Questionnaire::parse(&format!(
        r#"{{"resourceType":"Questionnaire","url":"u","version":"1","title":"t","status":"draft","item":[
        {{"linkId":"a","text":"How much, or when?","type":"{kind}"}},
        {{"linkId":"b","text":"And then?","type":"string",
          "enableWhen":[{{"question":"a","operator":"{operator}",{operand}}}]}}]}}"#
    ))
}

#[test]
fn a_number_or_a_date_decides_by_every_operator_that_fhir_has() {
    let whole = |number: i32| Answer::Integer(number);
    let decimal = |text: &str| Answer::Decimal(text.parse().unwrap());
    let date = |text: &str| Answer::Date(text.parse().unwrap());
    let integer = r#""answerInteger":5"#;
    let hours = r#""answerDecimal":7.5"#;
    let day = r#""answerDate":"2026-04-10""#;
    let year = r#""answerDate":"2026""#;
    for (kind, operand, below, same, above) in [
        ("integer", integer, whole(4), whole(5), whole(6)),
        ("decimal", hours, decimal("7.49"), decimal("7.50"), decimal("7.51")),
        ("date", day, date("2026-04-09"), date("2026-04-10"), date("2026-04-11")),
        ("date", day, date("2025"), date("2026-04-10"), date("2026-05")),
        ("date", year, date("2025-12-31"), date("2026"), date("2027-01-01")),
    ] {
        for (operator, asked) in [
            ("=", [false, true, false]),
            ("!=", [true, false, true]),
            (">", [false, false, true]),
            ("<", [true, false, false]),
            (">=", [false, true, true]),
            ("<=", [true, true, false]),
        ] {
            let form = on(kind, operator, operand).unwrap();
            for (answer, asked) in [&below, &same, &above].into_iter().zip(asked) {
                let mut answers = Answers::new();
                answers.record(&form, "a", answer.clone()).unwrap();
                assert_eq!(form.questions(&answers).len() == 2, asked, "{answer:?} {operator} {operand}");
            }
            for skipped in [None, Some(Answer::Declined), Some(Answer::NotAsked)] {
                let mut answers = Answers::new();
                if let Some(answer) = skipped {
                    answers.record(&form, "a", answer).unwrap();
                }
                assert_eq!(form.questions(&answers).len(), 1, "no answer is neither more nor less");
            }
        }
    }
}

#[test]
fn a_date_that_is_too_vague_to_tell_decides_nothing() {
    for operator in ["=", "!=", ">", "<", ">=", "<="] {
        let form = on("date", operator, r#""answerDate":"2026-04-10""#).unwrap();
        for vague in ["2026", "2026-04"] {
            let mut answers = Answers::new();
            answers.record(&form, "a", Answer::Date(vague.parse().unwrap())).unwrap();
            assert_eq!(form.questions(&answers).len(), 1, "{vague} {operator}");
        }
    }
}

#[test]
fn a_condition_that_its_question_cannot_answer_is_refused_with_its_item() {
    for (kind, operator, operand) in [
        ("decimal", ">", r#""answerInteger":5"#),
        ("integer", "=", r#""answerDecimal":5.5"#),
        ("string", "<", r#""answerDate":"2026""#),
        ("date", "=", r#""answerString":"2026""#),
    ] {
        let error = on(kind, operator, operand).unwrap_err();
        assert_eq!(error, QuestionnaireError::Undecidable { link_id: "b".into(), question: "a".into() });
    }
    for (operator, operand, reason) in [
        (">", r#""answerString":"x""#, "b: operator > on this answer is not supported"),
        ("~", r#""answerDecimal":5"#, "b: operator ~ on this answer is not supported"),
        ("=", r#""answerDate":"last spring""#, "b: answerDate has the wrong shape"),
        ("=", r#""answerDecimal":"5""#, "b: answerDecimal has the wrong shape"),
        ("=", r#""answerTime":"10:00:00""#, "b: answerTime is not supported"),
    ] {
        assert_eq!(on("decimal", operator, operand).unwrap_err().to_string(), reason);
    }
}

/// R4 enableWhen.operator: one answer that fits is enough, and none may equal what it differs from.
#[test]
fn of_several_answers_one_that_fits_is_enough() {
    let asked = |operator: &str| {
        let file = format!(
            r#"{{"resourceType":"Questionnaire","url":"u","version":"1","title":"t","status":"draft","item":[
            {{"linkId":"counts","text":"Which?","type":"integer","repeats":true}},
            {{"linkId":"more","text":"More?","type":"text",
              "enableWhen":[{{"question":"counts","operator":"{operator}","answerInteger":5}}]}}]}}"#
        );
        let form = Questionnaire::parse(&file).unwrap();
        let given = |counts: &[i32]| {
            let mut answers = Answers::new();
            let counts = counts.iter().map(|count| Answer::Integer(*count)).collect();
            answers.record(&form, "counts", Answer::Several(counts)).unwrap();
            form.questions(&answers).len() == 2
        };
        [given(&[5]), given(&[4, 6]), given(&[5, 6]), given(&[4])]
    };
    for (operator, expected) in [
        ("=", [true, false, true, false]),
        ("!=", [false, true, false, true]),
        (">", [false, true, true, false]),
        (">=", [true, true, true, false]),
        ("<", [false, true, false, true]),
        ("<=", [true, true, true, true]),
    ] {
        assert_eq!(asked(operator), expected, "{operator} 5");
    }
}
