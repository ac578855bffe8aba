//! Frozen bytes: changes, batches and messages of every released version open for ever. With `CARAVAN_FREEZE=1`
//! missing fixtures are written; one that exists is never written again.

use shared::change::{Batch, Bucket, Change, Edit, Envelope, Hash, Head, Operation, Put};
use shared::ids::{DeviceId, DeviceNumber, FactId, RecordId, RegionId, Sequence, SiteId, StaffId};
use shared::merge::{Clock, ClockEntry, RecordState};
use shared::protocol::{PullPage, PullRequest, PushAnswer, Rejected, Standing, StateEntry};
use shared::record::{Decimal, Fact, FieldKey, FieldNumber, KindNumber, Value};
use shared::time::{PartialDate, Stamp, Timestamp};
use std::fs;
use std::path::{Path, PathBuf};

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

/// The frozen bytes under a name. What this build writes today must be the same.
fn frozen(name: &str, written_today: &[u8]) -> Vec<u8> {
    let path = path(name);
    if !path.exists() && std::env::var_os("CARAVAN_FREEZE").is_some() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("the folder of fixtures");
        fs::write(&path, written_today).expect("the fixture is written");
    }
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn change() -> Change {
    let mut read = Clock::default();
    read.raise(ClockEntry { device: DeviceNumber(2), sequence: Sequence(300) });
    let record = RecordId::from_bytes([2; 16]);
    let put = |field: FieldKey, read: Clock, value: Value| Put { key: field, read, value };
    let values = [
        Value::Null,
        Value::Boolean(true),
        Value::Integer(-70_000),
        Value::Decimal(Decimal { mantissa: 375, scale: 1 }),
        Value::Text("Núñez-Sample".into()),
        Value::Bytes(vec![0, 1, 255]),
        Value::Date(PartialDate::Month(1975, 4)),
        Value::Timestamp(Timestamp::from_milliseconds(1_793_491_200_123)),
        Value::Id(uuid::Uuid::from_u128(7)),
        Value::List(vec![Value::Text("a".into()), Value::List(vec![])]),
    ];
    let mut puts: Vec<Put> = values
        .into_iter()
        .enumerate()
        .map(|(number, value)| put(FieldNumber(number as u16 + 1).into(), Clock::default(), value))
        .collect();
    puts.push(put(FieldNumber(11).into(), read, Value::Text("edited".into())));
    puts.push(put(FieldKey::member(FieldNumber(18), "latex"), Clock::default(), Value::Boolean(true)));
    Change {
        sequence: Sequence(1),
        stamp: Stamp::from_bits(0x01a1_93f5_1800_0003),
        device_clock_offset_ms: -1_500,
        staff: StaffId::from_bytes([1; 16]),
        bucket: Bucket::Site(SiteId::from_bytes([4; 16])),
        operations: vec![
            Operation::Edit(Edit { record, kind: KindNumber(1), puts }),
            Operation::Fact(Fact {
                id: FactId::from_bytes([3; 16]),
                kind: KindNumber(101),
                subject: record,
                at: Timestamp::from_milliseconds(1_793_491_200_000),
                amends: Some(FactId::from_bytes([9; 16])),
                fields: vec![(FieldNumber(2), Value::Text("8480-6".into()))],
            }),
        ],
    }
}

#[test]
fn a_change_of_v1_opens() {
    let today = Envelope::seal(&change());
    let bytes = frozen("change-v1.cbor", &today);
    assert_eq!(Envelope::read(&bytes).and_then(|envelope| envelope.open()), Ok(change()));
    assert_eq!(bytes, today, "the bytes of a version never change: make v2");
}

#[test]
fn a_batch_of_v1_verifies() {
    let key = ed25519_dalek::SigningKey::from_bytes(&[8; 32]);
    let (device, number) = (DeviceId::from_bytes([5; 16]), DeviceNumber(7));
    let before = Head::genesis(device, number);
    let (today, head) = Batch::seal(device, number, before, &[Envelope::seal(&change())], &key);
    let bytes = frozen("batch-v1.cbor", &today);
    let batch = Batch::read(&bytes).expect("a batch of v1 reads");
    let last = *batch.hashes().last().expect("a change");
    assert_eq!((batch.verify(last, &key.verifying_key()), last), (Ok(()), head.hash));
    assert_eq!(bytes, today, "the bytes of a version never change: make v2");
}

#[test]
fn a_state_of_v1_opens_and_is_canonical() {
    let change = change();
    let author = change.author(DeviceNumber(7));
    let mut state = RecordState::new(KindNumber(1));
    for operation in change.operations {
        if let Operation::Edit(edit) = operation {
            edit.puts.into_iter().for_each(|put| state.apply(author, put));
        }
    }
    let bytes = frozen("state-v1.cbor", &state.encode());
    let read = RecordState::decode(&bytes).expect("a state of v1 reads");
    assert_eq!(read.encode(), bytes);
    assert_eq!(state.encode(), bytes, "the bytes of a version never change: make v2");
}

#[test]
fn messages_of_v1_read() {
    let head = Head { sequence: Sequence(8), hash: Hash([7; 32]) };
    let request = PullRequest {
        cursor: vec![9; 20],
        acknowledged: Sequence(7),
        rejections_heard: Sequence(2),
        takes_unchanged: false,
    };
    assert_eq!(PullRequest::read(&frozen("pull-v1.cbor", &request.write())), Ok(request));
    let answer = PushAnswer {
        acknowledged: head,
        server_time: Timestamp::from_milliseconds(1_793_491_200_000),
        epoch: 1,
        countersignature: [3; 64],
    };
    assert_eq!(PushAnswer::read(&frozen("push-answer-v1.cbor", &answer.write())), Ok(answer));
    let page = PullPage {
        server_time: Timestamp::from_milliseconds(1_793_491_200_000),
        epoch: 1,
        acknowledged: head,
        standing: Standing::Active,
        cursor: vec![1, 2, 3],
        complete: true,
        states: vec![StateEntry {
            bucket: Bucket::Staff(RegionId(1)),
            record: RecordId::from_bytes([2; 16]),
            state: RecordState::new(KindNumber(6)).encode(),
        }],
        facts: vec![],
        forget: vec![Bucket::Site(SiteId::from_bytes([4; 16]))],
        rejected: vec![Rejected { sequence: Sequence(3), reason: "malformed".into() }],
        decided: vec![],
        renew_certificate: false,
    };
    assert_eq!(PullPage::read(&frozen("page-v1.cbor", &page.write())), Ok(page));
}
