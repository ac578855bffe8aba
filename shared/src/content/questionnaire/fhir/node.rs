//! A JSON object that knows which item it belongs to, so that every error can name it.
//! Never knows what the fields mean.

use serde_json::{Map, Value};

use super::Error;
use crate::content::quantity::Quantity;

/// An object within a questionnaire.
pub(super) struct Node<'a> {
    pub(super) link_id: &'a str,
    object: &'a Map<String, Value>,
}

impl<'a> Node<'a> {
    /// The object that `value` is, as a part of an item; `field` is what it is called if it is none.
    pub(super) fn new(link_id: &'a str, field: &str, value: &'a Value) -> Result<Node<'a>, Error> {
        let object = value.as_object().ok_or_else(|| wrong_shape(link_id, field))?;
        Ok(Node { link_id, object })
    }

    /// Refuses every field that is not listed.
    pub(super) fn allow(&self, known: &[&str]) -> Result<(), Error> {
        match self.object.keys().find(|field| !known.contains(&field.as_str())) {
            Some(field) => Err(self.unknown(field)),
            None => Ok(()),
        }
    }

    pub(super) fn unknown(&self, feature: &str) -> Error {
        Error::UnknownFeature { link_id: self.link_id.to_owned(), feature: feature.to_owned() }
    }

    pub(super) fn wrong_shape(&self, field: &str) -> Error {
        wrong_shape(self.link_id, field)
    }

    pub(super) fn too_many(&self, what: &'static str, count_max: usize) -> Error {
        Error::TooMany { link_id: self.link_id.to_owned(), what, count_max }
    }

    pub(super) fn has(&self, field: &str) -> bool {
        self.object.contains_key(field)
    }

    /// A text that may be absent but not empty, as FHIR has it.
    pub(super) fn text(&self, field: &str) -> Result<Option<&'a str>, Error> {
        match self.object.get(field) {
            None => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
            Some(_) => Err(wrong_shape(self.link_id, field)),
        }
    }

    pub(super) fn required_text(&self, field: &'static str) -> Result<&'a str, Error> {
        self.text(field)?.ok_or(Error::Missing { link_id: self.link_id.to_owned(), field })
    }

    /// A boolean, `false` if absent.
    pub(super) fn flag(&self, field: &str) -> Result<bool, Error> {
        match self.object.get(field) {
            None => Ok(false),
            Some(value) => value.as_bool().ok_or_else(|| wrong_shape(self.link_id, field)),
        }
    }

    pub(super) fn required_flag(&self, field: &'static str) -> Result<bool, Error> {
        match self.has(field) {
            true => self.flag(field),
            false => Err(Error::Missing { link_id: self.link_id.to_owned(), field }),
        }
    }

    /// A 32-bit integer, as FHIR's integers are.
    pub(super) fn integer(&self, field: &str) -> Result<i32, Error> {
        let number = self.object.get(field).and_then(Value::as_i64);
        number.and_then(|number| i32::try_from(number).ok()).ok_or_else(|| wrong_shape(self.link_id, field))
    }

    /// An exact decimal: of up to fifteen digits the shortest that reads back the same is what was written.
    pub(super) fn decimal(&self, field: &str) -> Result<Quantity, Error> {
        let number = self.object.get(field).and_then(Value::as_number);
        let exact = number.and_then(|number| Quantity::parse(&number.to_string()).ok());
        exact.ok_or_else(|| self.wrong_shape(field))
    }

    /// Points of a score: whole and not negative, though FHIR calls them a decimal.
    pub(super) fn whole(&self, field: &str) -> Result<u32, Error> {
        let number = self.object.get(field).and_then(Value::as_u64);
        number.and_then(|number| u32::try_from(number).ok()).ok_or_else(|| wrong_shape(self.link_id, field))
    }

    pub(super) fn object(&self, field: &'static str) -> Result<Node<'a>, Error> {
        let value =
            self.object.get(field).ok_or(Error::Missing { link_id: self.link_id.to_owned(), field })?;
        Node::new(self.link_id, field, value)
    }

    /// The elements of an array, none if it is absent.
    pub(super) fn array(&self, field: &str) -> Result<&'a [Value], Error> {
        match self.object.get(field) {
            None => Ok(&[]),
            Some(Value::Array(values)) => Ok(values),
            Some(_) => Err(wrong_shape(self.link_id, field)),
        }
    }
}

fn wrong_shape(link_id: &str, field: &str) -> Error {
    Error::WrongShape { link_id: link_id.to_owned(), field: field.to_owned() }
}
