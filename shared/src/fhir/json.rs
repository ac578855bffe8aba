//! JSON whose numbers keep the digits that they were written with, as FHIR asks of decimals: 37.50 stays 37.50.
//! Never a binary float, and never what a field means.

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use std::collections::BTreeSet;
use std::fmt;

/// How deep objects and arrays nest. A visit needs 13.
pub(super) const DEPTH_MAX: usize = 32;

/// One JSON value; fields stay in the order of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Json {
    Null,
    Boolean(bool),
    Number(String),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// Where a text stops being JSON that is read here, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    pub(super) path: String,
    pub(super) why: Why,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Why {
    NotJson(String),
    TooDeep,
    Twice,
}

impl Json {
    pub(super) fn parse(text: &str) -> Result<Json, Broken> {
        let raw: &RawValue = serde_json::from_str(text).map_err(Broken::not_json)?;
        read(raw, 0)
    }

    /// FHIR has no empty element: what is empty is not written.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Json::Null => true,
            Json::Text(text) => text.is_empty(),
            Json::List(items) => items.is_empty(),
            Json::Object(fields) => fields.is_empty(),
            Json::Boolean(_) | Json::Number(_) => false,
        }
    }

    /// Whether both say the same: the order of fields says nothing, that of items does.
    pub(super) fn same(&self, other: &Json) -> bool {
        match (self, other) {
            (Json::Object(ours), Json::Object(theirs)) => {
                let is_there =
                    |(name, value): &(String, Json)| other.field(name).is_some_and(|other| value.same(other));
                ours.len() == theirs.len() && ours.iter().all(is_there)
            }
            (Json::List(ours), Json::List(theirs)) => {
                ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| ours.same(theirs))
            }
            _ => self == other,
        }
    }

    pub(super) fn field(&self, name: &str) -> Option<&Json> {
        match self {
            Json::Object(fields) => fields.iter().find(|(field, _)| field == name).map(|(_, value)| value),
            _ => None,
        }
    }
}

impl Broken {
    fn not_json(error: serde_json::Error) -> Broken {
        Broken { path: String::new(), why: Why::NotJson(error.to_string()) }
    }

    fn within(mut self, step: &str) -> Broken {
        let dot = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{step}{dot}{}", self.path);
        self
    }
}

/// One level at a time, so that the bound on depth is ours and not the stack's.
fn read(raw: &RawValue, depth: usize) -> Result<Json, Broken> {
    let text = raw.get();
    if depth > DEPTH_MAX {
        return Err(Broken { path: String::new(), why: Why::TooDeep });
    }
    match text.as_bytes().first() {
        Some(b'{') => {
            let Fields(raw_fields) = serde_json::from_str(text).map_err(Broken::not_json)?;
            let mut names = BTreeSet::new();
            let mut fields: Vec<(String, Json)> = Vec::with_capacity(raw_fields.len());
            for (name, raw) in raw_fields {
                if !names.insert(name.clone()) {
                    return Err(Broken { path: name, why: Why::Twice });
                }
                let value = read(raw, depth + 1).map_err(|broken| broken.within(&name))?;
                fields.push((name, value));
            }
            Ok(Json::Object(fields))
        }
        Some(b'[') => {
            let raw_items: Vec<&RawValue> = serde_json::from_str(text).map_err(Broken::not_json)?;
            let items = raw_items.into_iter().enumerate();
            let items = items.map(|(place, raw)| {
                read(raw, depth + 1).map_err(|broken| broken.within(&format!("[{place}]")))
            });
            Ok(Json::List(items.collect::<Result<_, _>>()?))
        }
        Some(b'"') => Ok(Json::Text(serde_json::from_str(text).map_err(Broken::not_json)?)),
        Some(b't') => Ok(Json::Boolean(true)),
        Some(b'f') => Ok(Json::Boolean(false)),
        Some(b'n') => Ok(Json::Null),
        _ => Ok(Json::Number(text.to_owned())),
    }
}

/// The fields of one object, not yet read.
struct Fields<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Fields<'de>;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        input.deserialize_map(Each)
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self {
            Json::Null => out.serialize_unit(),
            Json::Boolean(value) => out.serialize_bool(*value),
            Json::Number(text) => {
                let raw = RawValue::from_string(text.clone()).map_err(serde::ser::Error::custom)?;
                raw.serialize(out)
            }
            Json::Text(text) => out.serialize_str(text),
            Json::List(items) => out.collect_seq(items),
            Json::Object(fields) => out.collect_map(fields.iter().map(|(name, value)| (name, value))),
        }
    }
}

macro_rules! json_from {
    ($($type:ty, $value:ident => $json:expr;)*) => {$(
        impl From<$type> for Json {
            fn from($value: $type) -> Json {
                $json
            }
        }
    )*};
}

json_from! {
    bool, value => Json::Boolean(value);
    i64, value => Json::Number(value.to_string());
    u32, value => Json::Number(value.to_string());
    &str, value => Json::Text(value.to_owned());
    &String, value => Json::Text(value.clone());
    String, value => Json::Text(value);
    Vec<Json>, value => Json::List(value);
}

impl<T: Into<Json>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Json {
        value.map_or(Json::Null, Into::into)
    }
}
