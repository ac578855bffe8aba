//! Files of unsent changes, which somebody brings on a stick: whatever they say, the office takes in what a device signed
//! and nothing else.

use super::run::run_beside;
use crypto_box::SecretKey;
use crypto_box::aead::OsRng;
use shared::change::{Batch, Change, Envelope, Head, Operation};
use shared::compress;
use shared::ids::{DeviceNumber, RecordId, RegionId, Sequence};
use shared::merge::RecordState;
use shared::protocol::limits;
use shared::protocol::sealed::wrap;
use shared::record::{FieldNumber, KindNumber, Value};
use shared::time::{Stamp, Timestamp};
use sync_server::recover::{RecoverError, take_in};
use sync_server::{NewServer, Settings, server};
use tests::plain::{self, BUCKET, FIRST_DEVICE, STAFF};

/// A batch may unpack to more than its file has bytes; a decoder's share of memory is counted by the byte.
const UNPACKED: usize = limits::BATCH_BYTES_MAX / 64;
const NOW: Timestamp = Timestamp::from_milliseconds(1_795_435_200_000);

/// The first changes of a device, and where its chain stands then.
fn signed(count: u64) -> (Vec<u8>, Head) {
    let change = |sequence| {
        let record = RecordId::from_bytes([sequence as u8; 16]);
        let values = vec![(FieldNumber(1).into(), Value::Text("unsent".into()))];
        Envelope::seal(&Change {
            sequence: Sequence(sequence),
            stamp: Stamp::from_bits(sequence),
            device_clock_offset_ms: 0,
            staff: STAFF,
            bucket: BUCKET,
            operations: vec![Operation::Edit(RecordState::new(KindNumber(1)).edit(record, values))],
        })
    };
    let changes: Vec<Vec<u8>> = (1..=count).map(change).collect();
    let (device, number) = (plain::device_id(FIRST_DEVICE), DeviceNumber(FIRST_DEVICE));
    let before = Head::genesis(device, number);
    Batch::seal(device, number, before, &changes, &plain::signing_key(FIRST_DEVICE))
}

#[test]
fn sealed_files() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let new = NewServer { region: RegionId(1), names: vec![], listen: ([127, 0, 0, 1], 0).into() };
    let settings = runtime.block_on(Settings::init(folder.path(), new, NOW)).expect("a folder");
    let secret = settings.keys().expect("keys").sealing;
    let service = server::open(&settings).expect("a service");
    runtime.block_on(plain::found(&service, 1, NOW)).expect("a device");
    let public = SecretKey::from_bytes(secret).public_key();
    let (batches, heads): (Vec<Vec<u8>>, Vec<Head>) = [1, 3].map(signed).into_iter().unzip();
    let seeds = batches.iter().map(|batch| compress::compress(batch)).collect();
    run_beside(UNPACKED, "sealed-batch", seeds, |frame| {
        let sealed = wrap(&public.seal(&mut OsRng, frame).expect("sealed"));
        match runtime.block_on(take_in(&service, secret, &sealed)) {
            Ok(_) => {
                let unpacked = compress::decompress(frame, limits::BATCH_BYTES_MAX).expect("it was taken in");
                assert!(batches.contains(&unpacked), "nobody signed it");
            }
            Err(RecoverError::Store(error)) => panic!("the store was troubled: {error}"),
            Err(_) => {}
        }
        let as_it_is = runtime.block_on(take_in(&service, secret, frame));
        assert!(matches!(as_it_is, Err(RecoverError::NotSealed | RecoverError::NotForThisServer)));
    });
    let chain = runtime.block_on(service.store.chain(DeviceNumber(FIRST_DEVICE))).expect("read");
    assert_eq!(chain.map(|chain| chain.head), heads.last().copied(), "what was signed is held, and no more");
}
