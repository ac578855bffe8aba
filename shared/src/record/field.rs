//! Fields and kinds: which fields a kind of record has and what happens when two people write one at once.

use std::fmt;

/// A field's number within its kind. Numbers are never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldNumber(pub u16);

/// A kind's number. Numbers are never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KindNumber(pub u16);

/// A register's place in a record: the field, and for a set the member whose presence it holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldKey {
    pub field: FieldNumber,
    pub member: Option<Box<str>>,
}

impl From<FieldNumber> for FieldKey {
    fn from(field: FieldNumber) -> Self {
        Self { field, member: None }
    }
}

impl FieldKey {
    pub fn member(field: FieldNumber, member: &str) -> Self {
        Self { field, member: Some(member.into()) }
    }
}

impl fmt::Display for FieldKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.member {
            None => write!(out, "{}", self.field.0),
            Some(member) => write!(out, "{}/{member}", self.field.0),
        }
    }
}

/// What happens to values that were written at once. All are kept, whatever the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Clinical, identity, consent, coverage: every value is shown and a person settles it.
    Review,
    /// Low risk: the hybrid clock, then the device number, picks what is shown; history keeps the rest.
    Latest,
    /// A set of members, each with its own register: a member that anybody added stays, removal never wins by accident.
    Set,
}

/// A field's name for people and its policy.
#[derive(Clone, Copy, Debug)]
pub struct FieldDefinition {
    pub number: FieldNumber,
    pub name: &'static str,
    pub policy: Policy,
}

/// A kind of record or fact. A kind without a policy on its fields holds facts.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    pub number: KindNumber,
    /// Name of the FHIR R4 resource that it becomes, or of its nearest kin.
    pub name: &'static str,
    pub fields: &'static [FieldDefinition],
}

impl Kind {
    pub fn field(&self, number: FieldNumber) -> Option<&FieldDefinition> {
        self.fields.iter().find(|field| field.number == number)
    }
    /// A field of a newer build is treated with the most care.
    pub fn policy(&self, number: FieldNumber) -> Policy {
        self.field(number).map_or(Policy::Review, |field| field.policy)
    }
}
