//! Whether a whole and signed change may be merged. Nothing here looks at a clock of the wall: a device is never
//! refused for its time.

use crate::store::{ChainRow, FoldInput};
use shared::change::{Bucket, Edit, Operation, Put};
use shared::domain;
use shared::error::Rejection;
use shared::ids::{DeviceNumber, Sequence, SiteId, VanId};
use shared::merge::Clock;
use shared::record::{Fact, FieldNumber, KindNumber, Value};
use std::collections::{BTreeMap, BTreeSet};

/// One field's value, however deep its lists.
const VALUE_BYTES_MAX: usize = 256 * 1024;

/// What a check needs to know of the world.
pub(super) struct Rules {
    chain: ChainRow,
    /// How far each device's writes are held; closed chains may be named anywhere.
    held: BTreeMap<DeviceNumber, Sequence>,
    /// Missing for the server itself, which writes anywhere.
    pub van: Option<VanId>,
    pub sites: BTreeSet<SiteId>,
}

impl Rules {
    pub fn new(input: &FoldInput, sites: BTreeSet<SiteId>) -> Self {
        let reach = |chain: &ChainRow| if chain.closed { Sequence::LARGEST } else { chain.head.sequence };
        let held = input.chains.iter().map(|chain| (chain.number, reach(chain))).collect();
        Self { chain: input.chain, held, van: input.device.van, sites }
    }

    pub fn bucket(&self, bucket: Bucket) -> Result<(), Rejection> {
        let Some(own_van) = self.van else { return Ok(()) };
        let may_write = match bucket {
            Bucket::Route(van, _) => van == own_van,
            Bucket::Site(site) => self.sites.contains(&site),
            Bucket::Directory(_) | Bucket::Content(_) | Bucket::Staff(_) => false,
        };
        if may_write { Ok(()) } else { Err(Rejection::ForeignBucket) }
    }

    /// Every entry must name a write that the server holds; of its own chain, one that came before.
    fn clock(&self, sequence: Sequence, read: &Clock) -> Result<(), Rejection> {
        let known = |entry: &shared::merge::ClockEntry| {
            let held = match entry.device == self.chain.number {
                true => Some(Sequence(sequence.0 - 1)),
                false => self.held.get(&entry.device).copied(),
            };
            held.is_some_and(|held| entry.sequence <= held)
        };
        if read.entries().iter().all(known) { Ok(()) } else { Err(Rejection::UnknownClock) }
    }

    pub fn operation(&self, sequence: Sequence, operation: &Operation) -> Result<(), Rejection> {
        match operation {
            Operation::Edit(edit) => self.edit(sequence, edit),
            Operation::Fact(fact) => check_fact(fact),
            Operation::Unknown(_) => Ok(()),
        }
    }

    /// A change's writes all carry its one dot: two of one field could not be told apart.
    pub fn once(operations: &[Operation]) -> Result<(), Rejection> {
        let edits = operations.iter().filter_map(|operation| match operation {
            Operation::Edit(edit) => Some(edit),
            Operation::Fact(_) | Operation::Unknown(_) => None,
        });
        let mut seen = BTreeSet::new();
        for edit in edits {
            for put in &edit.puts {
                if !seen.insert((edit.record, &put.key)) {
                    return Err(Rejection::Twice(field_name(edit.kind, put.key.field)));
                }
            }
        }
        Ok(())
    }

    fn edit(&self, sequence: Sequence, edit: &Edit) -> Result<(), Rejection> {
        for Put { key, read, value } in &edit.puts {
            self.clock(sequence, read)?;
            check_value(edit.kind, key.field, value)?;
        }
        Ok(())
    }
}

fn check_fact(fact: &Fact) -> Result<(), Rejection> {
    fact.fields.iter().try_for_each(|(field, value)| check_value(fact.kind, *field, value))
}

fn check_value(kind: KindNumber, field: FieldNumber, value: &Value) -> Result<(), Rejection> {
    if weight(value) <= VALUE_BYTES_MAX {
        Ok(())
    } else {
        Err(Rejection::OutOfBounds(field_name(kind, field)))
    }
}

/// A field's name in the kind's table, or its number where this build does not know it.
pub(super) fn field_name(kind: KindNumber, field: FieldNumber) -> String {
    let known = domain::RECORD_KINDS.iter().chain(domain::FACT_KINDS).find(|known| known.number == kind);
    known
        .and_then(|kind| kind.field(field))
        .map_or_else(|| field.0.to_string(), |field| field.name.to_owned())
}

/// About how many bytes a value takes.
pub(super) fn weight(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len() + 3,
        Value::Bytes(bytes) => bytes.len() + 3,
        Value::List(values) => values.iter().map(weight).sum::<usize>() + 3,
        Value::Id(_) => 19,
        Value::Date(_) => 14,
        Value::Null | Value::Boolean(_) => 1,
        Value::Integer(_) | Value::Decimal(_) | Value::Timestamp(_) => 12,
    }
}
