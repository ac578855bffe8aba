//! How a noun of the domain declares itself: one macro gives its fields' numbers, its kind's table and the
//! typed view with both conversions, so that a field can be neither forgotten nor read under another number.

use super::{Decimal, FieldKey, FieldNumber, Policy, Value};
use crate::time::{PartialDate, Timestamp};
use chrono::NaiveDate;

/// A Rust type that one field holds. `from_value` gives nothing for what this build does not understand;
/// the register keeps it all the same.
pub trait FieldType: Sized {
    fn to_value(&self) -> Value;
    fn from_value(value: &Value) -> Option<Self>;
}

macro_rules! field_types {
    ($($type:ty, $value:ident, $from:ident => $to:expr, $back:expr;)*) => {$(
        impl FieldType for $type {
            fn to_value(&self) -> Value {
                let $from = self;
                Value::$value($to)
            }
            fn from_value(value: &Value) -> Option<Self> {
                match value {
                    Value::$value(inner) => ($back)(inner),
                    _ => None,
                }
            }
        }
    )*};
}

field_types! {
    bool, Boolean, it => *it, |value: &bool| Some(*value);
    i64, Integer, it => *it, |value: &i64| Some(*value);
    u32, Integer, it => i64::from(*it), |value: &i64| u32::try_from(*value).ok();
    Decimal, Decimal, it => *it, |value: &Decimal| Some(*value);
    String, Text, it => it.clone(), |value: &String| Some(value.clone());
    Vec<u8>, Bytes, it => it.clone(), |value: &Vec<u8>| Some(value.clone());
    PartialDate, Date, it => *it, |value: &PartialDate| Some(*value);
    NaiveDate, Date, it => PartialDate::Day(*it), |value: &PartialDate| match value {
        PartialDate::Day(day) => Some(*day),
        _ => None,
    };
    Timestamp, Timestamp, it => *it, |value: &Timestamp| Some(*value);
}

macro_rules! id_field_types {
    ($($name:ident)*) => {$(
        impl FieldType for crate::ids::$name {
            fn to_value(&self) -> Value {
                Value::Id(self.uuid())
            }
            fn from_value(value: &Value) -> Option<Self> {
                match value {
                    Value::Id(uuid) => Some(Self::from_uuid(*uuid)),
                    _ => None,
                }
            }
        }
    )*};
}

id_field_types! {
    RecordId FactId PersonId MembershipId EmployerId SiteId VanId StaffId RouteId StopId RosterEntryId VisitId CareGapId
    TaskId
}

impl<T: FieldType> FieldType for Vec<T>
where
    T: ListItem,
{
    fn to_value(&self) -> Value {
        Value::List(self.iter().map(FieldType::to_value).collect())
    }
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::List(values) => values.iter().map(T::from_value).collect(),
            _ => None,
        }
    }
}

/// Adds a field's value, or a set's members one by one, to what a record is to hold.
pub fn push_values(values: &mut Vec<(FieldKey, Value)>, field: FieldNumber, policy: Policy, value: Value) {
    match (policy, value) {
        (Policy::Set, Value::List(members)) => {
            for member in members {
                if let Value::Text(member) = member {
                    values.push((FieldKey::member(field, &member), Value::Boolean(true)));
                }
            }
        }
        (_, value) => values.push((field.into(), value)),
    }
}

/// Types that stand in lists; `u8` does not, so that bytes stay bytes.
pub trait ListItem {}
impl ListItem for String {}

/// Declares an enum whose members are written as codes of a published code system where there is one.
macro_rules! coded_values {
    ($(#[$doc:meta])* $name:ident { $($(#[$member_doc:meta])* $member:ident = $code:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$member_doc])* $member),* }

        impl $name {
            pub const ALL: &'static [$name] = &[$($name::$member),*];
            pub const fn code(self) -> &'static str {
                match self { $($name::$member => $code),* }
            }
            pub fn from_code(code: &str) -> Option<Self> {
                match code { $($code => Some($name::$member),)* _ => None }
            }
        }

        impl $crate::record::FieldType for $name {
            fn to_value(&self) -> $crate::record::Value {
                $crate::record::Value::Text(self.code().to_owned())
            }
            fn from_value(value: &$crate::record::Value) -> Option<Self> {
                match value {
                    $crate::record::Value::Text(code) => Self::from_code(code),
                    _ => None,
                }
            }
        }
    };
}

/// Declares a kind of record with mutable fields.
macro_rules! record_kind {
    (
        $(#[$doc:meta])*
        $name:ident, $id:ty, $module:ident, $number:literal, $fhir:literal {
            $($(#[$field_doc:meta])* $field_number:literal $field:ident: $type:ty, $policy:ident;)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct $name { $($(#[$field_doc])* pub $field: Option<$type>),* }

        #[doc = concat!("Numbers of the fields of `", stringify!($name), "`.")]
        #[allow(non_upper_case_globals)]
        pub mod $module {
            use $crate::record::FieldNumber;
            $(pub const $field: FieldNumber = FieldNumber($field_number);)*
        }

        impl $name {
            pub const KIND: $crate::record::Kind = $crate::record::Kind {
                number: $crate::record::KindNumber($number),
                name: $fhir,
                fields: &[$($crate::record::FieldDefinition {
                    number: $crate::record::FieldNumber($field_number),
                    name: stringify!($field),
                    policy: $crate::record::Policy::$policy,
                }),*],
            };

            pub fn record_id(id: $id) -> $crate::ids::RecordId {
                id.into()
            }

            /// What is shown of a record's state. A field of another shape reads as missing.
            pub fn read(state: &$crate::merge::RecordState) -> Self {
                Self { $($field: state.shown(&Self::KIND, $module::$field).and_then(|value| $crate::record::FieldType::from_value(&value))),* }
            }

            /// Every field that has a value, and each member of its sets.
            pub fn values(&self) -> Vec<($crate::record::FieldKey, $crate::record::Value)> {
                let mut values = Vec::new();
                $(if let Some(value) = &self.$field {
                    let value = $crate::record::FieldType::to_value(value);
                    $crate::record::push_values(&mut values, $module::$field, $crate::record::Policy::$policy, value);
                })*
                values
            }
        }
    };
}

/// Declares a kind of immutable fact.
macro_rules! fact_kind {
    (
        $(#[$doc:meta])*
        $name:ident, $number:literal, $fhir:literal {
            $($(#[$field_doc:meta])* $field_number:literal $field:ident: $type:ty;)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct $name { $($(#[$field_doc])* pub $field: Option<$type>),* }

        impl $name {
            pub const KIND: $crate::record::Kind = $crate::record::Kind {
                number: $crate::record::KindNumber($number),
                name: $fhir,
                fields: &[$($crate::record::FieldDefinition {
                    number: $crate::record::FieldNumber($field_number),
                    name: stringify!($field),
                    policy: $crate::record::Policy::Review,
                }),*],
            };

            pub fn read(fact: &$crate::record::Fact) -> Self {
                Self { $($field: fact.field($crate::record::FieldNumber($field_number)).and_then($crate::record::FieldType::from_value)),* }
            }

            /// The fact with its fields in order of number.
            pub fn fact(
                &self,
                id: $crate::ids::FactId,
                subject: $crate::ids::RecordId,
                at: $crate::time::Timestamp,
                amends: Option<$crate::ids::FactId>,
            ) -> $crate::record::Fact {
                let mut fields = Vec::new();
                $(if let Some(value) = &self.$field {
                    fields.push(($crate::record::FieldNumber($field_number), $crate::record::FieldType::to_value(value)));
                })*
                fields.sort_by_key(|(number, _)| *number);
                $crate::record::Fact { id, kind: Self::KIND.number, subject, at, amends, fields }
            }
        }
    };
}

pub(crate) use {coded_values, fact_kind, record_kind};
