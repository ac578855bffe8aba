//! What a partner gets is the least that a referral needs.

use super::sample::*;
use crate::content::questionnaire::Answer;
use crate::domain::consent::{Consent, Recipient};
use crate::domain::screening::{AnswerList, QuestionnaireResponse};
use crate::fhir::{VisitRecord, read, write};

#[test]
fn a_partner_gets_who_it_is_and_the_needs_and_nothing_else() {
    let hrsn = response(
        "ahc-hrsn-core",
        &[
            ("/71802-3", Answer::code("LA31994-9")),
            ("/88122-7", Answer::code("LA28398-8")),
            ("/95618-5", Answer::code("LA6270-8")),
        ],
    );
    let mut record = full();
    record.facts.push(hrsn.fact(fact_id(60), PERSON.into(), at(6), None));
    let least = record.for_partner(&content());
    let text = write(&least, &content()).expect("written");
    assert_eq!(read(&text, &content()).expect("read"), least);
    for kept in ["Sample-Núñez", "+15550100", "1 Sample Street", "71802-3", "LA31994-9"] {
        assert!(text.contains(kept), "{kept}");
    }
    let kept: Vec<u8> = least.facts.iter().map(|fact| fact.id.as_bytes()[0]).collect();
    assert_eq!(kept, [21, 30, 60], "the needs and the decision: the form of the sample names a need too");
    let response = QuestionnaireResponse::read(least.facts.last().expect("the response"));
    let Some(AnswerList(answers)) = response.answers else { panic!("no answers") };
    assert_eq!(answers.len(), 1, "the answers that name no need stay");
    for stays in [
        "1975",
        "M-1",
        "penicillin",
        "38341003",
        "8517006",
        "Hears better",
        "85354-9",
        "CAREGAP",
        "95618-5",
        "1,2 3,4",
        "E-77",
        "colonoscopy",
        "44250-9",
    ] {
        assert!(!text.contains(stays), "{stays}");
    }
}

#[test]
fn a_response_that_was_amended_goes_to_no_partner() {
    let first = response("hunger-vital-sign", &[("/88122-7", Answer::code("LA28397-0"))]);
    let second = response("hunger-vital-sign", &[("/88122-7", Answer::code("LA28398-8"))]);
    let record = with(vec![
        first.fact(fact_id(1), PERSON.into(), at(0), None),
        second.fact(fact_id(2), PERSON.into(), at(5), Some(fact_id(1))),
    ]);
    assert_eq!(VisitRecord { facts: Vec::new(), ..bare() }, record.for_partner(&content()));
}

#[test]
fn each_recipient_needs_its_own_consent() {
    let said = |care, share_with_partners| Consent { care, share_with_partners, ..Consent::default() };
    let cases = [
        (said(None, None), [false, false]),
        (said(Some(true), None), [true, false]),
        (said(Some(true), Some(false)), [true, false]),
        (said(Some(true), Some(true)), [true, true]),
        (said(Some(false), Some(true)), [false, false]),
        (said(None, Some(true)), [false, false]),
    ];
    for (consent, expected) in cases {
        let allowed =
            [Recipient::RecordSystem, Recipient::Partner].map(|recipient| consent.allows(recipient));
        assert_eq!(allowed, expected, "{consent:?}");
    }
}

#[test]
fn a_need_that_stands_on_a_score_reaches_the_partner_with_what_made_it() {
    let entries = [("/88122-7", Answer::code("LA28398-8")), ("/88123-5", Answer::code("LA6729-3"))];
    let hungry = response("hunger-vital-sign", &entries);
    assert_eq!(hungry.score, Some(1), "at risk");
    let least = with(vec![hungry.fact(fact_id(1), PERSON.into(), at(0), None)]).for_partner(&content());
    let shared = QuestionnaireResponse::read(&least.facts[0]);
    let Some(AnswerList(answers)) = &shared.answers else { panic!("no answers") };
    let told: Vec<&str> = answers.iter().map(|answer| answer.link_id.as_str()).collect();
    assert_eq!((told, shared.score), (vec!["/88123-5"], Some(1)), "not the answer that names no need");
    let text = write(&least, &content()).expect("written");
    assert!(
        text.contains("88124-3") && text.contains("LA19952-3"),
        "at risk, as the form's own result says it"
    );
    assert_eq!(read(&text, &content()).expect("read"), least);
    let fed = [("/88122-7", Answer::code("LA28398-8")), ("/88123-5", Answer::code("LA28398-8"))];
    let fed = with(vec![response("hunger-vital-sign", &fed).fact(fact_id(1), PERSON.into(), at(0), None)]);
    assert!(fed.for_partner(&content()).facts.is_empty(), "who is not at risk has no need to share");
}

#[test]
fn what_somebody_said_of_violence_stays_even_where_it_is_a_need() {
    let safety =
        ["/95618-5", "/95617-7", "/95616-9", "/95615-1"].map(|item| (item, Answer::code("LA16644-9")));
    let entries: Vec<_> = safety.into_iter().chain([("/71802-3", Answer::code("LA31994-9"))]).collect();
    let afraid = response("ahc-hrsn-core", &entries);
    assert_eq!(afraid.score, Some(16), "positive, from 11 on");
    let record = with(vec![afraid.fact(fact_id(1), PERSON.into(), at(0), None)]);
    let form = crate::content::pack::embedded().form("ahc-hrsn-core").expect("embedded");
    let answers = crate::fhir::response::checked(form, &afraid).expect("answers");
    let needs = crate::content::questionnaire::needs(form, &answers);
    assert!(needs.iter().any(|need| need.need == "intimate-partner-violence"), "the van sees it");
    let least = record.for_partner(&content());
    let text = write(&least, &content()).expect("written");
    assert!(text.contains("71802-3"), "the other need goes");
    for stays in ["95618-5", "95617-7", "95616-9", "95615-1", "95614-4", "LA16644-9", "violence"] {
        assert!(!text.contains(stays), "{stays}");
    }
    let alone = response("ahc-hrsn-core", &entries[..4]);
    let alone = with(vec![alone.fact(fact_id(1), PERSON.into(), at(0), None)]);
    assert!(alone.for_partner(&content()).facts.is_empty(), "not even that something was asked");
}
