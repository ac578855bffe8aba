//! A record's merged state: every write that stands, in order of field. A field passes through its register only when
//! two writes of it meet.

use super::bytes::{decode_entries, encode_entries};
use super::clock::Clock;
use super::register::{Author, Register, Written};
use crate::change::{Edit, Put};
use crate::error::Malformed;
use crate::ids::RecordId;
use crate::record::{FieldKey, FieldNumber, Kind, KindNumber, Policy, Value};
use crate::time::Stamp;
use std::ops::Range;

/// Everything known of one record's mutable fields. Fields and members that this build does not know are
/// kept, merged and handed on like any other.
#[derive(Clone, Debug)]
pub struct RecordState {
    pub kind: KindNumber,
    /// In order of field, then of the writer's dot. No write stands that another of the same field had seen.
    entries: Vec<(FieldKey, Written)>,
}

impl RecordState {
    pub fn new(kind: KindNumber) -> Self {
        Self { kind, entries: Vec::new() }
    }
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let (kind, entries) = decode_entries(bytes)?;
        let mut state = Self { kind, entries: Vec::with_capacity(entries.len()) };
        entries.into_iter().for_each(|(key, written)| state.take(key, written));
        Ok(state)
    }
    /// Canonical bytes: two replicas that saw the same writes give the same bytes.
    pub fn encode(&self) -> Vec<u8> {
        encode_entries(self.kind, self.entries.iter().map(|(key, written)| (key, written)))
    }
    /// Only some fields: what came since somebody last looked.
    pub fn encode_where(&self, wanted: impl Fn(&FieldKey) -> bool) -> Vec<u8> {
        let entries = self.entries.iter().filter(|(key, _)| wanted(key));
        encode_entries(self.kind, entries.map(|(key, written)| (key, written)))
    }
    /// Takes one own or foreign write in.
    pub fn apply(&mut self, author: Author, put: Put) {
        let Put { key, read, value } = put;
        self.take(key, Written { author, read, value });
    }
    /// Takes one write of another replica's state in; taking them all is merging that state.
    pub fn take(&mut self, key: FieldKey, written: Written) {
        if self.entries.last().is_none_or(|(last, _)| *last < key) {
            return self.entries.push((key, written));
        }
        let span = self.span(&key);
        if span.is_empty() {
            return self.entries.insert(span.start, (key, written));
        }
        let mut register = Register::default();
        self.entries.drain(span.clone()).for_each(|(_, standing)| register.apply(standing));
        register.apply(written);
        let values = register.values().into_iter().map(|written| (key.clone(), written));
        self.entries.splice(span.start..span.start, values);
    }
    /// Takes another replica's state in.
    pub fn merge(&mut self, other: RecordState) {
        other.entries.into_iter().for_each(|(key, written)| self.take(key, written));
    }
    fn span(&self, key: &FieldKey) -> Range<usize> {
        let from = self.entries.partition_point(|(known, _)| known < key);
        let count = self.entries[from..].iter().take_while(|(known, _)| known == key).count();
        from..from + count
    }
    /// How many writes stand.
    pub fn len(&self) -> usize {
        self.entries.len()
    }
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
    /// Each field that was ever written, with the writes that stand: one, or several that did not know of each other.
    pub fn fields(&self) -> impl Iterator<Item = (&FieldKey, &[(FieldKey, Written)])> {
        self.entries.chunk_by(|left, right| left.0 == right.0).map(|writes| (&writes[0].0, writes))
    }
    pub fn keys(&self) -> impl Iterator<Item = &FieldKey> {
        self.fields().map(|(key, _)| key)
    }
    /// The writes of a field that stand, in order of device and sequence.
    pub fn standing(&self, key: &FieldKey) -> impl Iterator<Item = &Written> {
        self.entries[self.span(key)].iter().map(|(_, written)| written)
    }
    pub fn values(&self, key: &FieldKey) -> Vec<Written> {
        self.standing(key).cloned().collect()
    }
    /// All that was seen of a field: what a new write supersedes.
    pub fn clock(&self, key: &FieldKey) -> Clock {
        let mut clock = Clock::default();
        for written in self.standing(key) {
            written.read.entries().iter().for_each(|entry| clock.raise(*entry));
            clock.raise(written.author.dot());
        }
        clock
    }
    /// The latest stamp of all writes that stand.
    pub fn latest_stamp(&self) -> Option<Stamp> {
        self.entries.iter().map(|(_, written)| written.author.stamp).max()
    }
    /// The write that is shown where there is room for one: the latest by hybrid clock, then device number.
    pub fn latest(&self, key: &FieldKey) -> Option<&Written> {
        self.standing(key).max_by_key(|written| (written.author.stamp, written.author.device))
    }
    /// The shown value of a field, as a list of members for a set. Cleared reads as missing.
    pub fn shown(&self, kind: &Kind, field: FieldNumber) -> Option<Value> {
        let value = match kind.policy(field) {
            Policy::Set => Value::List(self.members(field).into_iter().map(Value::Text).collect()),
            Policy::Review | Policy::Latest => self.latest(&field.into())?.value.clone(),
        };
        (value != Value::Null).then_some(value)
    }
    /// Whether a set holds a member: anybody's concurrent addition wins.
    pub fn has_member(&self, field: FieldNumber, member: &str) -> bool {
        let key = FieldKey::member(field, member);
        self.standing(&key).any(|written| written.value == Value::Boolean(true))
    }
    /// Writes that bring this record from what it is to `values`, reading all that is here. Values that
    /// already stand alone are left out, so saving a form without a change writes nothing.
    pub fn edit(&self, record: RecordId, values: impl IntoIterator<Item = (FieldKey, Value)>) -> Edit {
        let puts = values.into_iter().filter_map(|(key, value)| {
            let mut standing = self.standing(&key);
            let unchanged = match (standing.next(), standing.next()) {
                (None, _) => value == Value::Null,
                (Some(only), None) => only.value == value,
                _ => false,
            };
            drop(standing);
            (!unchanged).then(|| Put { read: self.clock(&key), key, value })
        });
        let mut puts: Vec<Put> = puts.collect();
        puts.sort_by(|left, right| left.key.cmp(&right.key));
        puts.dedup_by(|later, earlier| later.key == earlier.key);
        Edit { record, kind: self.kind, puts }
    }
    pub fn members(&self, field: FieldNumber) -> Vec<String> {
        let mut members = Vec::new();
        for key in self.keys().filter(|key| key.field == field) {
            if let Some(member) = key.member.as_deref()
                && self.has_member(field, member)
            {
                members.push(member.to_owned());
            }
        }
        members
    }
}
