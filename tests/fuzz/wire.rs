//! What comes over the wire and out of the log. What decodes is written and read again as the same; nothing panics.

use super::run::{fixtures, run};
use shared::cbor::Writer;
use shared::change::{Batch, Bucket, Envelope, Operation, codec};
use shared::compress;
use shared::merge::{RecordState, decode_entries, encode_entries};
use shared::protocol::sealed::{self, SealedName};
use shared::protocol::{EnrolmentCode, Problem, PullAnswer, PullPage, PullRequest, PushAnswer};
use shared::record::Fact;
use shared::time::PartialDate;
use std::fs;

fn frozen(name: &str) -> Vec<u8> {
    fs::read(fixtures().join(name)).expect("a frozen fixture")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn envelopes() {
    run("envelope", vec![frozen("change-v1.cbor")], |bytes| {
        let _ = Envelope::read_sequence(bytes);
        let Ok(change) = Envelope::read(bytes).and_then(|envelope| envelope.open()) else { return };
        let again = Envelope::seal(&change);
        let read = Envelope::read(&again).and_then(|envelope| envelope.open());
        assert_eq!(read, Ok(change));
    });
}

#[test]
fn payloads() {
    let change = frozen("change-v1.cbor");
    let payload = Envelope::read(&change).expect("a frozen change").payload.to_vec();
    run("payload", vec![payload], |bytes| {
        let Ok(operations) = codec::decode(codec::NEWEST_SCHEMA, bytes) else { return };
        let again = codec::v1::encode(&operations);
        assert_eq!(codec::decode(codec::NEWEST_SCHEMA, &again), Ok(operations));
    });
}

#[test]
fn batches() {
    run("batch", vec![frozen("batch-v1.cbor")], |bytes| {
        let Ok(batch) = Batch::read(bytes) else { return };
        assert_eq!(batch.hashes().len(), batch.changes.len());
        assert_eq!(batch.last().0 - batch.first.0 + 1, batch.changes.len() as u64);
        let mut out = Writer::default();
        out.array(7).unsigned(1).bytes(batch.device.as_bytes()).unsigned(batch.number.0.into());
        out.unsigned(batch.first.0).bytes(&batch.before.0).array(batch.changes.len());
        batch.changes.iter().for_each(|change| {
            out.bytes(change);
        });
        out.bytes(&batch.signature);
        assert_eq!(Batch::read(&out.finish()), Ok(batch));
    });
}

#[test]
fn frames() {
    let frame = compress::compress(&frozen("batch-v1.cbor"));
    let most = 64 * 1024;
    run("frame", vec![frame, compress::compress(&vec![7; most])], |bytes| {
        if let Ok(opened) = compress::decompress(bytes, most) {
            assert!(opened.len() <= most);
        }
    });
}

#[test]
fn states() {
    run("state", vec![frozen("state-v1.cbor")], |bytes| {
        let Ok((kind, entries)) = decode_entries(bytes) else { return };
        let again = encode_entries(kind, entries.iter().map(|(key, written)| (key, written)));
        assert_eq!(decode_entries(&again), Ok((kind, entries)));
        let mut state = RecordState::decode(bytes).expect("its entries decode");
        let canonical = state.encode();
        let other = RecordState::decode(&canonical).expect("what is written reads");
        assert_eq!(other.encode(), canonical);
        state.merge(other);
        assert_eq!(state.encode(), canonical, "merging what is known changes nothing");
    });
}

#[test]
fn pages() {
    let page = PullPage::read(&frozen("page-v1.cbor")).expect("a frozen page");
    let decided = vec![shared::protocol::Decided {
        sequence: shared::ids::Sequence(3),
        outcome: shared::protocol::Outcome::Closed,
        note: "note".into(),
    }];
    let newer = PullPage { decided, renew_certificate: true, ..page };
    run("page", vec![frozen("page-v1.cbor"), newer.write()], |bytes| {
        let Ok(page) = PullPage::read(bytes) else { return };
        assert_eq!(PullPage::read(&page.write()), Ok(page));
    });
}

/// A page, or the short word that stands for one which says nothing.
#[test]
fn pull_answers() {
    let short = b"\x82\x01\x1b\x00\x00\x01\x9a\xbb\xf8\x00\x00".to_vec();
    assert!(matches!(PullAnswer::read(&short), Ok(PullAnswer::Unchanged { .. })));
    let request = PullRequest { takes_unchanged: true, ..PullRequest::default() };
    run("pull-answer", vec![short, frozen("page-v1.cbor")], |bytes| {
        let Ok(answer) = PullAnswer::read(bytes) else { return };
        let page = answer.into_page(&request);
        let again = PullAnswer::read(&PullAnswer::write(&page, &request)).expect("what is written reads");
        assert_eq!(again.into_page(&request).server_time, page.server_time);
    });
}

/// As they stand in a page and on the server's disk.
#[test]
fn facts() {
    let change = frozen("change-v1.cbor");
    let change = Envelope::read(&change).and_then(|envelope| envelope.open()).expect("a frozen change");
    let fact = |operation: &Operation| match operation {
        Operation::Fact(fact) => Some(fact.to_bytes()),
        _ => None,
    };
    let seeds = change.operations.iter().filter_map(fact).collect();
    run("fact", seeds, |bytes| {
        let Ok(fact) = Fact::from_bytes(bytes) else { return };
        assert_eq!(Fact::from_bytes(&fact.to_bytes()), Ok(fact));
    });
}

/// Files that wait beside a device's own: their mark and their names.
#[test]
fn sealed_files() {
    run("sealed-file", vec![sealed::wrap(b"sealed"), b"2-17-41.caravan".to_vec()], |bytes| {
        if let Some(inside) = sealed::unwrap(bytes) {
            assert_eq!(sealed::wrap(inside), bytes);
        }
        let Ok(name) = text(bytes).parse::<SealedName>() else { return };
        assert_eq!(name.to_string().parse(), Ok(name));
    });
}

#[test]
fn pulls() {
    run("pull", vec![frozen("pull-v1.cbor")], |bytes| {
        let Ok(request) = PullRequest::read(bytes) else { return };
        assert_eq!(PullRequest::read(&request.write()), Ok(request));
    });
}

#[test]
fn push_answers() {
    run("push-answer", vec![frozen("push-answer-v1.cbor")], |bytes| {
        let Ok(answer) = PushAnswer::read(bytes) else { return };
        assert_eq!(PushAnswer::read(&answer.write()), Ok(answer));
    });
}

#[test]
fn problems() {
    let seed = br#"{"code":"gap","title":"t","status":409,"detail":"d","acknowledged":7,"wipe":true}"#;
    run("problem", vec![seed.to_vec()], |bytes| {
        let Ok(problem) = serde_json::from_slice::<Problem>(bytes) else { return };
        let again = serde_json::to_vec(&problem).expect("plain text");
        assert_eq!(serde_json::from_slice::<Problem>(&again).expect("it reads"), problem);
    });
}

#[test]
fn enrolment_codes() {
    let seed = format!("caravan1:[::1]:7443:{}:{}", "ab".repeat(32), "01".repeat(16));
    run("enrolment-code", vec![seed.into_bytes()], |bytes| {
        let Ok(code) = text(bytes).parse::<EnrolmentCode>() else { return };
        assert!(code.to_string().parse::<EnrolmentCode>().is_ok_and(|again| again == code));
    });
}

#[test]
fn buckets() {
    let site = "site/01a193f5-1800-7000-8000-000000000001";
    let seeds = [site, "route/01a193f5-1800-7000-8000-000000000001/2026-11-23", "staff/1", "content/65535"];
    run("bucket", seeds.iter().map(|seed| seed.as_bytes().to_vec()).collect(), |bytes| {
        let Ok(bucket) = text(bytes).parse::<Bucket>() else { return };
        assert_eq!(bucket.to_string().parse(), Ok(bucket));
    });
}

#[test]
fn partial_dates() {
    let seeds = ["1975", "1975-04", "1975-04-23"].map(|seed| seed.as_bytes().to_vec()).to_vec();
    run("partial-date", seeds, |bytes| {
        let Ok(date) = text(bytes).parse::<PartialDate>() else { return };
        assert_eq!(date.to_string().parse(), Ok(date));
        assert_eq!(date.year(), date.earliest().to_string()[..4].parse::<i32>().expect("a year"));
    });
}
