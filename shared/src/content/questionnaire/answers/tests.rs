//! Stories of recording answers: what fits is kept, what does not is refused and changes nothing.

use super::{Answer, AnswerError as Error, Answers};
use crate::content::questionnaire::{Questionnaire, by_id};

fn codes(codes: &[&str]) -> Answer {
    Answer::Codes(codes.iter().map(|code| (*code).to_owned()).collect())
}

#[test]
fn answers_that_fit_are_kept_and_others_change_nothing() {
    let ahc = by_id("ahc-hrsn-core").unwrap();
    let mut answers = Answers::new();
    answers.record(ahc, "/96778-6", codes(&["LA28580-1", "LA31998-0"])).unwrap();
    let before = answers.clone();
    let id = String::from;
    for (link_id, answer, error) in [
        ("/0", Answer::Declined, Error::NoSuchQuestion { link_id: id("/0") }),
        ("/95614-4", Answer::Integer(11), Error::NotAQuestion { link_id: id("/95614-4") }),
        ("/71802-3", Answer::Integer(1), Error::WrongKind { link_id: id("/71802-3") }),
        ("/71802-3", Answer::Text(id("home")), Error::WrongKind { link_id: id("/71802-3") }),
        ("/71802-3", codes(&["LA9-3"]), Error::NoSuchOption { link_id: id("/71802-3") }),
        ("/71802-3", codes(&[]), Error::NothingChosen { link_id: id("/71802-3") }),
        ("/71802-3", codes(&["LA31993-1", "LA31994-9"]), Error::OneOnly { link_id: id("/71802-3") }),
        ("/96778-6", codes(&["LA28580-1", "LA28580-1"]), Error::ChosenTwice { link_id: id("/96778-6") }),
        ("/96778-6", codes(&["LA28580-1", "LA9-3"]), Error::NotTogether { link_id: id("/96778-6") }),
    ] {
        assert_eq!(answers.record(ahc, link_id, answer), Err(error));
        assert_eq!(answers, before);
    }
    answers.record(ahc, "/96778-6", codes(&["LA9-3"])).unwrap();
    answers.record(ahc, "/71802-3", Answer::Declined).unwrap();
    assert_eq!((answers.len(), answers.get("/96778-6")), (2, Some(&codes(&["LA9-3"]))));
    assert_eq!(answers.forget("/96778-6"), Some(codes(&["LA9-3"])));
}

#[test]
fn texts_are_bounded_and_not_empty() {
    let file = r#"{"resourceType":"Questionnaire","url":"u","version":"1","title":"t","status":"draft",
        "item":[{"linkId":"why","text":"Why?","type":"text"}]}"#;
    let questionnaire = Questionnaire::parse(file).unwrap();
    let mut answers = Answers::new();
    let mut record = |text: String| answers.record(&questionnaire, "why", Answer::Text(text));
    assert_eq!(record("  ".into()), Err(Error::EmptyText { link_id: "why".into() }));
    assert_eq!(record("é".repeat(4_001)), Err(Error::TextTooLong { link_id: "why".into() }));
    assert_eq!(record("é".repeat(4_000)), Ok(()));
}

#[test]
fn received_answers_are_refused_with_every_error_at_once() {
    let phq = by_id("phq-2").unwrap();
    let entries = [("/44250-9", codes(&["LA6571-9"])), ("/44255-8", codes(&["x"])), ("/9", Answer::NotAsked)];
    let errors =
        Answers::check(phq, entries.map(|(link_id, answer)| (link_id.to_owned(), answer))).unwrap_err();
    assert_eq!(errors.len(), 2);
    assert_eq!(errors[0].to_string(), "/44255-8: what was chosen is not one of the options");
}

#[test]
fn no_error_repeats_what_a_person_answered() {
    let ahc = by_id("ahc-hrsn-core").unwrap();
    for (link_id, answer) in [
        ("/0", codes(&["LA-SECRET"])),
        ("/95614-4", codes(&["LA-SECRET"])),
        ("/71802-3", Answer::Text("LA-SECRET".into())),
        ("/71802-3", codes(&["LA-SECRET"])),
        ("/71802-3", codes(&["LA31993-1", "LA-SECRET"])),
        ("/96778-6", codes(&["LA28580-1", "LA28580-1"])),
        ("/96778-6", codes(&["LA28580-1", "LA9-3"])),
    ] {
        let error = Answers::new().record(ahc, link_id, answer).unwrap_err();
        for said in [error.to_string(), format!("{error:?}")] {
            assert!(said.contains(link_id), "{said}");
            assert!(!["LA-SECRET", "LA28580-1", "LA9-3"].iter().any(|code| said.contains(code)), "{said}");
        }
    }
}

#[test]
fn a_question_that_repeats_takes_a_list_of_its_kind_and_no_other_does() {
    let file = r#"{"resourceType":"Questionnaire","url":"u","version":"1","title":"t","status":"draft","item":[
        {"linkId":"drugs","text":"Which?","type":"string","repeats":true},
        {"linkId":"counts","text":"Which?","type":"integer","repeats":true},
        {"linkId":"why","text":"Why?","type":"text"}]}"#;
    let form = Questionnaire::parse(file).unwrap();
    let mut answers = Answers::new();
    let id = String::from;
    let text = |text: &str| Answer::Text(text.to_owned());
    let flood = vec![Answer::Integer(1); Answers::SEVERAL_MAX + 1];
    for (link_id, answer, error) in [
        ("drugs", text("aspirin"), Error::WrongKind { link_id: id("drugs") }),
        ("drugs", Answer::Several(vec![]), Error::HowMany { link_id: id("drugs") }),
        ("drugs", Answer::Several(vec![text("x"), text(" ")]), Error::EmptyText { link_id: id("drugs") }),
        ("drugs", Answer::Several(vec![Answer::Integer(1)]), Error::WrongKind { link_id: id("drugs") }),
        ("counts", Answer::Several(vec![Answer::Declined]), Error::WrongKind { link_id: id("counts") }),
        (
            "counts",
            Answer::Several(vec![Answer::Several(vec![Answer::Integer(1)])]),
            Error::WrongKind { link_id: id("counts") },
        ),
        ("counts", Answer::Several(flood), Error::HowMany { link_id: id("counts") }),
        ("why", Answer::Several(vec![text("x")]), Error::WrongKind { link_id: id("why") }),
    ] {
        assert_eq!(answers.record(&form, link_id, answer), Err(error));
        assert!(answers.is_empty());
    }
    answers.record(&form, "drugs", Answer::Several(vec![text("aspirin"), text("insulin")])).unwrap();
    answers.record(&form, "counts", Answer::Declined).unwrap();
    assert_eq!(answers.get("drugs").map(|given| given.parts().len()), Some(2));
}
