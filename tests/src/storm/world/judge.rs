//! What must hold after each calm, by means that share nothing with what they judge: a plain list of all writes for
//! the merge, hashes and signatures for the logs, a rebuild for the projections.

use super::office::Office;
use super::tablet::Tablet;
use crate::plain;
use crate::sample::Seeded;
use crate::storm::disk::{Trouble, consistent, follow, hash_at, held_log, log, rebuilt, told, wrong};
use app::store::{LogRow, MetaReads, RecordReads};
use chrono::Days;
use shared::change::{Bucket, Envelope, Operation};
use shared::ids::{DeviceNumber, FactId, RecordId};
use shared::merge::{Author, Clock, decode_entries};
use shared::record::{FieldKey, Value};
use shared::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use sync_server::store::FactKey;

/// One write of one field, as its log has it.
struct Put {
    author: Author,
    read: Clock,
    value: Value,
}

#[derive(Default)]
struct History {
    puts: BTreeMap<(RecordId, FieldKey), Vec<Put>>,
    facts: BTreeMap<FactId, RecordId>,
}

impl History {
    fn take(&mut self, number: DeviceNumber, rows: &[LogRow]) -> Result<(), Trouble> {
        for row in rows {
            let change = Envelope::read(&row.envelope).and_then(|envelope| envelope.open()).map_err(told)?;
            let author = change.author(number);
            for operation in change.operations {
                match operation {
                    Operation::Edit(edit) => {
                        for put in edit.puts {
                            let known = self.puts.entry((edit.record, put.key)).or_default();
                            known.push(Put { author, read: put.read, value: put.value });
                        }
                    }
                    Operation::Fact(fact) => drop(self.facts.insert(fact.id, fact.subject)),
                    Operation::Unknown(_) => {}
                }
            }
        }
        Ok(())
    }

    /// The writes of a field that nobody else had read.
    fn standing(puts: &[Put]) -> BTreeMap<(u32, u64), &Value> {
        let is_read = |put: &Put| {
            let dot = put.author.dot();
            puts.iter().any(|other| {
                other.author.dot() != dot
                    && other
                        .read
                        .entries()
                        .iter()
                        .any(|entry| entry.device == dot.device && entry.sequence >= dot.sequence)
            })
        };
        let standing = puts.iter().filter(|put| !is_read(put));
        standing.map(|put| ((put.author.device.0, put.author.sequence.0), &put.value)).collect()
    }
}

/// Judges everything; gives how many values stand beside others.
pub async fn judge(
    office: &Office,
    tablets: &mut [Tablet],
    time: Timestamp,
    seeded: &mut Seeded,
) -> Result<u64, Trouble> {
    let store = office.service().store.clone();
    let mut history = History::default();
    let server = store.region_row().await.map_err(told)?.server_number;
    let key = office.service().keys.signing.verifying_key();
    history.take(server, &held_log(store.as_ref(), server, &key).await?)?;
    for tablet in tablets.iter_mut() {
        let number = DeviceNumber(tablet.number);
        let key = ed25519_dalek::SigningKey::from_bytes(&[tablet.number as u8; 32]).verifying_key();
        let held = held_log(store.as_ref(), number, &key).await?;
        own_log(tablet, &held)?;
        if store.family(number).await.map_err(told)?.len() != 1
            || tablet.store().must_enrol().map_err(told)?
        {
            return wrong(format!("device {number} is taken for a copy"));
        }
        history.take(number, &held)?;
    }
    if let Some(row) = store.quarantine().await.map_err(told)?.first() {
        let (number, sequence, reason) = (row.number, row.sequence, &row.reason);
        return wrong(format!("change {sequence} of device {number} was kept apart: {reason}"));
    }
    let records: BTreeSet<RecordId> = history.puts.keys().map(|(record, _)| *record).collect();
    let held = store.records(records.iter().copied().collect()).await.map_err(told)?;
    let mut beside = 0;
    for id in &records {
        let Some(row) = held.get(id) else { return wrong(format!("record {id} is not on the server")) };
        beside += merged(&history, *id, &row.state)?;
    }
    let keys = history.facts.iter().map(|(id, subject)| FactKey { subject: *subject, id: *id });
    let facts = store.facts(keys.collect()).await.map_err(told)?;
    if facts.len() != history.facts.len() {
        return wrong(format!("{} facts on the server of {}", facts.len(), history.facts.len()));
    }
    let buckets = store.buckets_of(records.iter().copied().collect()).await.map_err(told)?;
    let today = time.day(0);
    let from = today.checked_sub_days(Days::new(1)).unwrap_or(today);
    let to = today.checked_add_days(Days::new(14)).unwrap_or(today);
    for tablet in tablets.iter_mut() {
        let sites = store.sites_of_van(tablet.van, Some((from, to))).await.map_err(told)?;
        let sees = |id: &RecordId| {
            buckets.get(id).is_some_and(|buckets| {
                buckets.iter().any(|bucket| matches!(bucket, Bucket::Site(site) if sites.contains(site)))
            })
        };
        let wanted = records.iter().filter(|id| sees(id)).map(|id| (*id, held[id].state.as_slice()));
        shared_alike(tablet, &wanted.collect())?;
        let facts = tablet.store().every_fact().map_err(told)?;
        let here: BTreeSet<FactId> = facts.into_iter().map(|(_, id)| id).collect();
        let missing = history.facts.iter().find(|(id, subject)| sees(subject) && !here.contains(id));
        if let Some((id, _)) = missing {
            return wrong(format!("fact {id} did not come to device {}", tablet.number));
        }
        consistent(tablet.store(), seeded)?;
    }
    drop(store);
    rebuilt(&office.database()).await?;
    office.tidy();
    Ok(beside)
}

/// The server has the device's log as the device has it, and all that was acknowledged is in it.
fn own_log(tablet: &mut Tablet, held: &[LogRow]) -> Result<(), Trouble> {
    let number = tablet.number;
    let own = log(tablet.store())?;
    let genesis = plain::identity(number, None).genesis();
    let head = follow(genesis, &own).map_err(Trouble::Wrong)?;
    if own != held {
        let (own, held) = (own.len(), held.len());
        return wrong(format!("device {number} wrote {own} changes and the server holds {held}, or others"));
    }
    if tablet.store().acknowledged().map_err(told)? != head.sequence {
        return wrong(format!("device {number} does not know that all is delivered"));
    }
    let Some(acknowledged) = tablet.acknowledged else { return Ok(()) };
    if hash_at(genesis, &own, acknowledged.sequence) != Some(acknowledged.hash) {
        return wrong(format!("LOST: save {} of device {number} was acknowledged", acknowledged.sequence));
    }
    Ok(())
}

/// Every value that nobody has overwritten knowingly stands, and no other.
fn merged(history: &History, id: RecordId, state: &[u8]) -> Result<u64, Trouble> {
    let (_, entries) = decode_entries(state).map_err(told)?;
    let mut standing: BTreeMap<FieldKey, BTreeMap<(u32, u64), Value>> = BTreeMap::new();
    for (key, written) in entries {
        let dot = (written.author.device.0, written.author.sequence.0);
        standing.entry(key).or_default().insert(dot, written.value);
    }
    let mut beside = 0;
    let from = (id, FieldKey::from(shared::record::FieldNumber(0)));
    for ((_, key), puts) in history.puts.range(from..).take_while(|((record, _), _)| *record == id) {
        let wanted = History::standing(puts);
        let found = standing.remove(key).unwrap_or_default();
        if !found.iter().eq(wanted.iter().map(|(dot, value)| (dot, *value))) {
            return wrong(format!("field {key} of record {id}: {found:?} stand, not {wanted:?}"));
        }
        beside += found.len() as u64 - 1;
    }
    match standing.keys().next() {
        Some(key) => wrong(format!("field {key} of record {id} was never written")),
        None => Ok(beside),
    }
}

/// The fields in which two states differ.
fn differing(left: &[u8], right: &[u8]) -> Result<Vec<String>, shared::error::Malformed> {
    let ((_, left), (_, right)) = (decode_entries(left)?, decode_entries(right)?);
    let keys: BTreeSet<&FieldKey> = left.iter().chain(&right).map(|(key, _)| key).collect();
    let of = |entries: &[(FieldKey, _)], key: &FieldKey| -> Vec<_> {
        entries.iter().filter(|(known, _)| known == key).cloned().collect()
    };
    let differ = |key: &&&FieldKey| of(&left, key) != of(&right, key);
    Ok(keys.iter().filter(differ).map(|key| key.to_string()).collect())
}

/// What a device sees of the server's records, it has to the byte.
fn shared_alike(tablet: &mut Tablet, wanted: &BTreeMap<RecordId, &[u8]>) -> Result<(), Trouble> {
    let number = tablet.number;
    let here: BTreeMap<RecordId, Vec<u8>> = tablet.store().every_state().map_err(told)?.into_iter().collect();
    for (id, state) in wanted {
        match here.get(id) {
            None => return wrong(format!("record {id} did not come to device {number}")),
            Some(own) if own.as_slice() != *state => {
                let fields = differing(own, state).map_err(told)?;
                return wrong(format!(
                    "record {id} on device {number} is not what the server has, in fields {}",
                    fields.join(", ")
                ));
            }
            Some(_) => {}
        }
    }
    Ok(())
}
