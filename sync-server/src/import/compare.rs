//! What a file says beside what is known: which fields to write, and which records are new, changed or as they were.

use crate::planner::PlannedRecord;
use crate::store::{Store, StoreError, StoreResult};
use shared::cbor::{Reader, Writer};
use shared::change::{Bucket, Edit};
use shared::error::Malformed;
use shared::ids::RecordId;
use shared::merge::RecordState;
use shared::record::{FieldKey, FieldNumber, Value};
use std::collections::{BTreeMap, BTreeSet};

/// One edit that is to be written.
pub(super) struct Write {
    pub bucket: Bucket,
    pub line: u64,
    pub edit: Edit,
}

#[derive(Default)]
pub(super) struct Comparison {
    pub writes: Vec<Write>,
    /// What the file said, for the next time.
    pub memory: Vec<(RecordId, Vec<u8>)>,
    pub new: usize,
    pub changed: usize,
    pub unchanged: usize,
}

/// What an import said of each field, as short hashes.
type Memory = BTreeMap<FieldKey, [u8; 8]>;

fn digest(value: &Value) -> [u8; 8] {
    let mut out = Writer::default();
    value.write(&mut out);
    let mut digest = [0; 8];
    digest.copy_from_slice(&blake3::hash(&out.finish()).as_bytes()[..8]);
    digest
}

fn memory_to_bytes(memory: &Memory) -> Vec<u8> {
    let mut out = Writer::default();
    out.array(memory.len() * 3);
    for (key, digest) in memory {
        out.unsigned(key.field.0.into());
        match &key.member {
            None => out.null(),
            Some(member) => out.text(member),
        };
        out.bytes(digest);
    }
    out.finish()
}

fn memory_from_bytes(bytes: &[u8]) -> Result<Memory, Malformed> {
    let mut input = Reader::new(bytes);
    let mut memory = Memory::new();
    for _ in 0..input.array("fields")? / 3 {
        let field = FieldNumber(input.unsigned_16("a field")?);
        let key = if input.is_null() {
            input.null("no member")?;
            field.into()
        } else {
            FieldKey::member(field, input.text("a member")?)
        };
        memory.insert(key, input.bytes_of("a digest")?);
    }
    Ok(memory)
}

pub(super) async fn compare(store: &dyn Store, planned: &[PlannedRecord]) -> StoreResult<Comparison> {
    let ids: Vec<RecordId> = planned.iter().map(|record| record.record).collect();
    let states = store.records(ids.clone()).await?;
    let memories = store.import_memory(ids).await?;
    let mut by_bucket: BTreeMap<Bucket, Vec<RecordId>> = BTreeMap::new();
    planned.iter().for_each(|record| by_bucket.entry(record.bucket).or_default().push(record.record));
    let mut members: BTreeSet<(Bucket, RecordId)> = BTreeSet::new();
    for (bucket, ids) in by_bucket {
        members.extend(store.members_among(bucket, ids).await?.into_iter().map(|id| (bucket, id)));
    }
    let mut comparison = Comparison::default();
    let mut said: BTreeMap<RecordId, Memory> = BTreeMap::new();
    let mut changed = BTreeSet::new();
    for plan in planned {
        let damaged =
            |what: &str| StoreError::Damaged(format!("the {what} of record {} does not open", plan.record));
        let memory = match said.get(&plan.record) {
            Some(memory) => memory.clone(),
            None => match memories.get(&plan.record) {
                Some(bytes) => memory_from_bytes(bytes).map_err(|_| damaged("import's memory"))?,
                None => Memory::new(),
            },
        };
        let known = states.get(&plan.record).map(|row| RecordState::decode(&row.state));
        let known = known.transpose().map_err(|_| damaged("state"))?;
        let is_first = !said.contains_key(&plan.record);
        let edit = edit(plan, known.as_ref(), &memory, is_first);
        let joins = !members.contains(&(plan.bucket, plan.record));
        if !edit.puts.is_empty() || joins {
            changed.insert(plan.record);
            comparison.writes.push(Write { bucket: plan.bucket, line: plan.line, edit });
        }
        let mut memory = memory;
        memory.extend(plan.values.iter().map(|(key, value)| (key.clone(), digest(value))));
        said.insert(plan.record, memory);
    }
    for (id, memory) in said {
        let is_new = !states.contains_key(&id);
        let counter = match (is_new, changed.contains(&id)) {
            (true, _) => &mut comparison.new,
            (false, true) => &mut comparison.changed,
            (false, false) => &mut comparison.unchanged,
        };
        *counter += 1;
        comparison.memory.push((id, memory_to_bytes(&memory)));
    }
    Ok(comparison)
}

/// The fields that the file changed since it was last read and that are not so already. Of a record that is not
/// there, or that lost its memory, everything.
fn edit(plan: &PlannedRecord, known: Option<&RecordState>, memory: &Memory, is_first: bool) -> Edit {
    let is_news = |(key, value): &&(FieldKey, Value)| memory.get(key) != Some(&digest(value));
    match known {
        Some(state) => state.edit(plan.record, plan.values.iter().filter(is_news).cloned()),
        // What an earlier line of this file said of a new record stands in the memory by now.
        None if !is_first => {
            let values = plan.values.iter().filter(is_news).cloned();
            RecordState::new(plan.kind).edit(plan.record, values)
        }
        None => RecordState::new(plan.kind).edit(plan.record, plan.values.iter().cloned()),
    }
}
