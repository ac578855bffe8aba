//! What must hold after each calm, by means that share nothing with what they judge: a plain list of all writes for
//! the merge, hashes and signatures for the logs, a rebuild for the projections.

use super::office::Office;
use super::replica::{self, Held};
use super::tablet::Tablet;
use crate::plain;
use crate::storm::disk::{Trouble, facts_held, follow, hash_at, held_log, log, rebuilt, told, wrong};
use app::store::{LogRow, MetaReads};
use shared::change::{Envelope, Operation};
use shared::ids::{DeviceNumber, FactId, RecordId};
use shared::merge::{Author, Clock, ClockEntry, decode_entries};
use shared::record::{Fact, FieldKey, Value};
use shared::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// One write of one field, as its log has it.
struct Put {
    author: Author,
    read: Clock,
    value: Value,
}

#[derive(Default)]
pub struct History {
    puts: BTreeMap<(RecordId, FieldKey), Vec<Put>>,
    pub facts: BTreeMap<FactId, Fact>,
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
                    Operation::Fact(fact) => drop(self.facts.insert(fact.id, fact)),
                    Operation::Unknown(_) => {}
                }
            }
        }
        Ok(())
    }

    /// The writes of a field that no other one followed: one that knew of it and of all that it knew. A device knows what
    /// it wrote before.
    fn standing(puts: &[Put]) -> BTreeMap<(u32, u64), &Value> {
        let knew = |put: &Put, entry: &ClockEntry| {
            let dot = put.author.dot();
            let mut known = put.read.entries().iter().chain([&dot]);
            known.any(|known| known.device == entry.device && known.sequence >= entry.sequence)
        };
        let is_read = |put: &Put| {
            let dot = put.author.dot();
            puts.iter().any(|other| {
                other.author.dot() != dot
                    && put.read.entries().iter().chain([&dot]).all(|entry| knew(other, entry))
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
    replanned_ms: i64,
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
    facts_held(store.as_ref(), history.facts.values()).await?;
    let subjects = history.facts.values().map(|fact| fact.subject);
    let everything: BTreeSet<RecordId> = records.iter().copied().chain(subjects).collect();
    let buckets = store.buckets_of(everything.into_iter().collect()).await.map_err(told)?;
    let states = records.iter().map(|id| (*id, held[id].state.as_slice())).collect();
    let held = Held { history: &history, states, buckets };
    for tablet in tablets.iter_mut() {
        replica::compare(store.as_ref(), tablet, &held, time, replanned_ms).await?;
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
