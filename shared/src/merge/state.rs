//! A record's merged state: its registers by field.

use super::bytes::{decode_entries, encode_entries};
use super::register::{Author, Register, Written};
use crate::change::{Edit, Put};
use crate::error::Malformed;
use crate::ids::RecordId;
use crate::record::{FieldKey, FieldNumber, Kind, KindNumber, Policy, Value};
use std::collections::BTreeMap;

/// Everything known of one record's mutable fields. Fields and members that this build does not know are
/// kept, merged and handed on like any other.
#[derive(Clone, Debug)]
pub struct RecordState {
    pub kind: KindNumber,
    registers: BTreeMap<FieldKey, Register>,
}

impl RecordState {
    pub fn new(kind: KindNumber) -> Self {
        Self { kind, registers: BTreeMap::new() }
    }
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let (kind, entries) = decode_entries(bytes)?;
        let mut state = Self::new(kind);
        for (key, written) in entries {
            state.take(key, written);
        }
        Ok(state)
    }
    /// Canonical bytes: two replicas that saw the same writes give the same bytes.
    pub fn encode(&self) -> Vec<u8> {
        self.encode_where(|_| true)
    }
    /// Only some fields: what came since somebody last looked.
    pub fn encode_where(&self, wanted: impl Fn(&FieldKey) -> bool) -> Vec<u8> {
        let entries: Vec<(&FieldKey, Written)> = self
            .registers
            .iter()
            .filter(|(key, _)| wanted(key))
            .flat_map(|(key, register)| register.values().into_iter().map(move |written| (key, written)))
            .collect();
        encode_entries(self.kind, entries.iter().map(|(key, written)| (*key, written)))
    }
    /// Takes one own or foreign write in.
    pub fn apply(&mut self, author: Author, put: Put) {
        let Put { key, read, value } = put;
        self.take(key, Written { author, read, value });
    }
    /// Takes one write of another replica's state in; taking them all is merging that state.
    pub fn take(&mut self, key: FieldKey, written: Written) {
        self.registers.entry(key).or_default().apply(written);
    }
    /// Takes another replica's state in.
    pub fn merge(&mut self, other: RecordState) {
        for (key, register) in other.registers {
            self.registers.entry(key).or_default().merge(register);
        }
    }
    pub fn keys(&self) -> impl Iterator<Item = &FieldKey> {
        self.registers.keys()
    }
    pub fn register(&self, key: &FieldKey) -> Option<&Register> {
        self.registers.get(key)
    }
    pub fn values(&self, key: &FieldKey) -> Vec<Written> {
        self.registers.get(key).map(Register::values).unwrap_or_default()
    }
    /// The write that is shown where there is room for one: the latest by hybrid clock, then device number.
    pub fn latest(&self, key: &FieldKey) -> Option<Written> {
        self.values(key).into_iter().max_by_key(|written| (written.author.stamp, written.author.device))
    }
    /// The shown value of a field, as a list of members for a set. Cleared reads as missing.
    pub fn shown(&self, kind: &Kind, field: FieldNumber) -> Option<Value> {
        let value = match kind.policy(field) {
            Policy::Set => Value::List(self.members(field).into_iter().map(Value::Text).collect()),
            Policy::Review | Policy::Latest => self.latest(&field.into())?.value,
        };
        (value != Value::Null).then_some(value)
    }
    /// Whether a set holds a member: anybody's concurrent addition wins.
    pub fn has_member(&self, field: FieldNumber, member: &str) -> bool {
        let key = FieldKey::member(field, member);
        self.values(&key).iter().any(|written| written.value == Value::Boolean(true))
    }
    /// Writes that bring this record from what it is to `values`, reading all that is here. Values that
    /// already stand alone are left out, so saving a form without a change writes nothing.
    pub fn edit(&self, record: RecordId, values: impl IntoIterator<Item = (FieldKey, Value)>) -> Edit {
        let puts = values.into_iter().filter_map(|(key, value)| {
            let register = self.registers.get(&key);
            let standing = register.map(Register::values).unwrap_or_default();
            let unchanged = match standing.as_slice() {
                [] => value == Value::Null,
                [only] => only.value == value,
                _ => false,
            };
            (!unchanged).then(|| Put { key, read: register.map(Register::clock).unwrap_or_default(), value })
        });
        let mut puts: Vec<Put> = puts.collect();
        puts.sort_by(|left, right| left.key.cmp(&right.key));
        puts.dedup_by(|later, earlier| later.key == earlier.key);
        Edit { record, kind: self.kind, puts }
    }
    pub fn members(&self, field: FieldNumber) -> Vec<String> {
        let mut members = Vec::new();
        for key in self.registers.keys().filter(|key| key.field == field) {
            if let Some(member) = key.member.as_deref()
                && self.has_member(field, member)
            {
                members.push(member.to_owned());
            }
        }
        members
    }
}
