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
