//! Messages through their bytes and back; codes read as an operator types them.

use super::*;
use crate::change::{Bucket, Hash, Head};
use crate::ids::{FactId, RecordId, RegionId, Sequence, SiteId};
use crate::record::{Fact, FieldNumber, KindNumber, Value};
use crate::time::Timestamp;

fn page() -> PullPage {
    let site = Bucket::Site(SiteId::from_bytes([4; 16]));
    PullPage {
        server_time: Timestamp::from_milliseconds(9),
        epoch: 3,
        acknowledged: Head { sequence: Sequence(8), hash: Hash([7; 32]) },
        standing: Standing::EnrolAnew,
        cursor: vec![1, 2],
        complete: true,
        states: vec![StateEntry { bucket: site, record: RecordId::from_bytes([1; 16]), state: vec![0x80] }],
        facts: vec![FactEntry {
            bucket: Bucket::Staff(RegionId(2)),
            fact: Fact {
                id: FactId::from_bytes([1; 16]),
                kind: KindNumber(1),
                subject: RecordId::from_bytes([2; 16]),
                at: Timestamp::from_milliseconds(1),
                amends: None,
                fields: vec![(FieldNumber(1), Value::Integer(3))],
            }
            .to_bytes(),
        }],
        forget: vec![site],
        rejected: vec![Rejected { sequence: Sequence(2), reason: "malformed".into() }],
        decided: vec![Decided { sequence: Sequence(1), outcome: Outcome::Closed, note: "twice".into() }],
        renew_certificate: true,
    }
}

#[test]
fn messages_survive_their_bytes() {
    let page = page();
    assert_eq!(PullPage::read(&page.write()), Ok(page));
    let request = PullRequest {
        cursor: vec![9; 40],
        acknowledged: Sequence(7),
        rejections_heard: Sequence(2),
        takes_unchanged: true,
    };
    assert_eq!(PullRequest::read(&request.write()), Ok(request));
    let answer = PushAnswer {
        acknowledged: Head { sequence: Sequence(8), hash: Hash([7; 32]) },
        server_time: Timestamp::from_milliseconds(-4),
        epoch: 1,
        countersignature: [3; 64],
    };
    assert_eq!(PushAnswer::read(&answer.write()), Ok(answer));
}

#[test]
fn a_page_that_says_nothing_new_is_a_word_for_those_who_know_it() {
    let head = Head { sequence: Sequence(7), hash: Hash([7; 32]) };
    let silent = PullPage {
        acknowledged: head,
        standing: Standing::Active,
        states: vec![],
        facts: vec![],
        forget: vec![],
        rejected: vec![],
        decided: vec![],
        renew_certificate: false,
        ..page()
    };
    let request = PullRequest {
        cursor: silent.cursor.clone(),
        acknowledged: Sequence(7),
        takes_unchanged: true,
        ..PullRequest::default()
    };
    let answered = |page: &PullPage, request: &PullRequest| {
        let bytes = PullAnswer::write(page, request);
        let read = PullAnswer::read(&bytes).expect("an answer").into_page(request);
        (bytes.len() < 16, PullPage { epoch: page.epoch, acknowledged: page.acknowledged, ..read } == *page)
    };
    assert_eq!(answered(&silent, &request), (true, true));
    assert_eq!(answered(&silent, &PullRequest { takes_unchanged: false, ..request.clone() }), (false, true));
    let telling = [
        PullPage { complete: false, ..silent.clone() },
        PullPage { standing: Standing::EnrolAnew, ..silent.clone() },
        PullPage { cursor: vec![7], ..silent.clone() },
        PullPage { acknowledged: Head { sequence: Sequence(6), ..head }, ..silent.clone() },
        PullPage { renew_certificate: true, ..silent.clone() },
        page(),
    ];
    for page in telling {
        assert_eq!(answered(&page, &request), (false, true), "{page:?}");
    }
}

#[test]
fn every_cut_of_a_page_is_refused() {
    let bytes = page().write();
    for length in 0..bytes.len() {
        assert!(PullPage::read(&bytes[..length]).is_err(), "{length} of {}", bytes.len());
    }
}

#[test]
fn enrolment_codes_read_as_they_are_shown() {
    let code =
        EnrolmentCode { server: "[::1]:7443".into(), authority_fingerprint: [0xab; 32], secret: [1; 16] };
    let shown = code.to_string();
    assert!(format!(" {shown}\n").parse::<EnrolmentCode>().is_ok_and(|read| read == code));
    let bad = [&shown[1..], &shown[..shown.len() - 1], "caravan1:", "caravan1:host:é", ""];
    for text in bad {
        assert!(text.parse::<EnrolmentCode>().is_err(), "{text}");
    }
}

#[test]
fn a_file_of_unsent_changes_says_in_its_name_what_it_holds() {
    use super::sealed::{SealedName, unwrap, wrap};
    use crate::ids::{DeviceNumber, Sequence};
    let name = SealedName { device: DeviceNumber(2), first: Sequence(17), last: Sequence(41) };
    assert_eq!((name.to_string().as_str(), "2-17-41.caravan".parse()), ("2-17-41.caravan", Ok(name)));
    for bad in ["", "2-17.caravan", "2-17-41", "2-41-17.caravan", "2-1-2-3.caravan", "x-1-2.caravan"] {
        assert!(bad.parse::<SealedName>().is_err(), "{bad}");
    }
    assert_eq!(unwrap(&wrap(b"sealed")), Some(&b"sealed"[..]));
    assert_eq!(unwrap(b"something else"), None);
}
