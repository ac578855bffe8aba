//! What must hold of a server's disk however it was left: every acknowledged batch byte for byte, whole chains under
//! their signatures, and projections that equal those made anew from the log.

use super::check::{Trouble, told, whole, wrong};
use super::medium::Disk;
use super::oracle::{Truth, follow, hash_at};
use super::server_life::{FILE, KEY, REGION, ServerLife, boot, place};
use super::server_writer::Writer;
use super::survive::Image;
use app::store::LogRow;
use ed25519_dalek::VerifyingKey;
use rusqlite::Connection;
use shared::change::{Batch, Head};
use shared::compress;
use shared::ids::{DeviceNumber, RecordId, Sequence};
use shared::protocol::limits;
use shared::record::Fact;
use std::sync::Arc;
use sync_server::platform::SystemClock;
use sync_server::projector::Projector;
use sync_server::service::Service;
use sync_server::store::sqlite::Scratch;
use sync_server::store::{FactKey, Store};

/// Opens a copy of the disk and looks at everything; gives each device's head.
pub async fn server(image: &Image, life: &ServerLife) -> Result<Vec<Head>, Trouble> {
    let place = place(Disk::from_image(image));
    let booted = boot(&place, life.now).map_err(|error| told(format!("the file does not open: {error}")))?;
    let heads = look_at_server(&booted.service, life).await?;
    drop(booted);
    rebuilt(&place.mounted.path(FILE)).await?;
    let connection = raw(&place.mounted.path(FILE)).map_err(told)?;
    whole(&connection)?;
    Ok(heads)
}

/// Whole logs under their signatures with what was acknowledged in them, and records that equal an independent merge.
async fn look_at_server(service: &Service, life: &ServerLife) -> Result<Vec<Head>, Trouble> {
    let store = service.store.clone();
    let mut truth = Truth::default();
    let mut heads = Vec::new();
    for writer in &life.writers {
        let rows = held_log(
            store.as_ref(),
            DeviceNumber(writer.number),
            &Writer::key(writer.number).verifying_key(),
        )
        .await?;
        let genesis = Head::genesis(Writer::id(writer.number), DeviceNumber(writer.number));
        let head = follow(genesis, &rows).map_err(Trouble::Wrong)?;
        let acknowledged = writer.acknowledged;
        if hash_at(genesis, &rows, acknowledged.sequence) != Some(acknowledged.hash) {
            return wrong(format!(
                "LOST: change {} of device {} was acknowledged and the log ends at {}",
                acknowledged.sequence, writer.number, head.sequence
            ));
        }
        if rows.iter().zip(&writer.log).any(|(row, sent)| row.envelope != *sent) {
            return wrong(format!("a change of device {} is not what was sent", writer.number));
        }
        truth.take_log(DeviceNumber(writer.number), &rows).map_err(Trouble::Wrong)?;
        heads.push(head);
    }
    service.projector.catch_up().await.map_err(told)?;
    merged(store.as_ref(), &truth).await?;
    Ok(heads)
}

/// The segments of a device's chain as one log: each once, each under the device's signature.
pub async fn held_log(
    store: &dyn Store,
    number: DeviceNumber,
    key: &VerifyingKey,
) -> Result<Vec<LogRow>, Trouble> {
    let chain = store.chain(number).await.map_err(told)?;
    let Some(chain) = chain else { return wrong(format!("the chain of device {number} is gone")) };
    let mut rows: Vec<LogRow> = Vec::new();
    loop {
        let next = Sequence(rows.len() as u64 + 1);
        let segments = store.segments(number, next, 1 << 20).await.map_err(told)?;
        if segments.is_empty() {
            break;
        }
        for segment in segments {
            if segment.first != Sequence(rows.len() as u64 + 1) {
                return wrong(format!("a segment of device {number} begins at {}", segment.first));
            }
            let bytes = compress::decompress(&segment.body, limits::BATCH_BYTES_MAX).map_err(told)?;
            let batch = Batch::read(&bytes).map_err(told)?;
            let hashes = batch.hashes();
            let last = *hashes.last().expect("a batch is never empty");
            batch.verify(last, key).map_err(told)?;
            for (place, (change, hash)) in batch.changes.iter().zip(hashes).enumerate() {
                let sequence = Sequence(batch.first.0 + place as u64);
                if sequence >= segment.first {
                    rows.push(LogRow { sequence, hash, envelope: change.to_vec() });
                }
            }
        }
    }
    if rows.last().map_or(chain.base.sequence, |row| row.sequence) != chain.head.sequence {
        return wrong(format!("the log of device {number} does not end at its head"));
    }
    Ok(rows)
}

/// Every record is what an independent merge of the log gives.
pub async fn merged(store: &dyn Store, truth: &Truth) -> Result<(), Trouble> {
    let apart = store.quarantine().await.map_err(told)?;
    if let Some(row) = apart.first() {
        return wrong(format!(
            "change {} of device {} was kept apart: {}",
            row.sequence, row.number, row.reason
        ));
    }
    let ids: Vec<RecordId> = truth.states.keys().copied().collect();
    let held = store.records(ids).await.map_err(told)?;
    for (id, state) in &truth.states {
        if held.get(id).map(|row| row.state.as_slice()) != Some(state.encode().as_slice()) {
            return wrong(format!("record {id} is not what its log gives"));
        }
    }
    facts_held(store, truth.facts.values()).await
}

/// Every fact is there, and as it was written.
pub async fn facts_held<'f>(
    store: &dyn Store,
    wanted: impl Iterator<Item = &'f Fact> + Clone,
) -> Result<(), Trouble> {
    let key = |fact: &Fact| FactKey { subject: fact.subject, id: fact.id };
    let held = store.facts(wanted.clone().map(key).collect()).await.map_err(told)?;
    for fact in wanted {
        match held.get(&key(fact)) {
            None => return wrong(format!("fact {} is not on the server", fact.id)),
            Some(stored) if Fact::from_bytes(&stored.body).as_ref() != Ok(fact) => {
                return wrong(format!("fact {} on the server is not what was written", fact.id));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Folds the log anew beside the file, as `rebuild --check` does.
pub async fn rebuilt(live: &std::path::Path) -> Result<(), Trouble> {
    let scratch = Scratch::make(live, &KEY, REGION).map_err(told)?;
    let store: Arc<dyn Store> = Arc::new(scratch.open().map_err(told)?);
    Projector::for_rebuilding(store.clone(), Arc::new(SystemClock)).catch_up().await.map_err(told)?;
    drop(store);
    match scratch.compare().map_err(told)? {
        Some(differences) if differences.is_empty() => Ok(()),
        Some(differences) => wrong(format!("projections made anew differ: {differences:?}")),
        None => wrong("the log moved while nobody wrote"),
    }
}

/// A connection of the storm's own.
pub fn raw(path: &std::path::Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    let key: String = KEY.0.iter().map(|byte| format!("{byte:02x}")).collect();
    connection.execute_batch(&format!("PRAGMA key = \"x'{key}'\"; PRAGMA cipher_log_level = NONE;"))?;
    Ok(connection)
}
