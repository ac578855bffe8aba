//! Immutable facts: an observation, a response, a decision. A mistake is amended by a new fact that names
//! the old one; the old one stays as it was seen.

use super::{FieldNumber, KindNumber, Value};
use crate::cbor::{Reader, Writer};
use crate::error::Malformed;
use crate::ids::{FactId, RecordId};
use crate::time::Timestamp;

/// One fact about one record. `at` is when it was true (FHIR `effective`), not when it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    pub id: FactId,
    pub kind: KindNumber,
    pub subject: RecordId,
    pub at: Timestamp,
    /// The fact that this one amends, if any.
    pub amends: Option<FactId>,
    /// In order of field number, each once.
    pub fields: Vec<(FieldNumber, Value)>,
}

impl Fact {
    pub fn field(&self, number: FieldNumber) -> Option<&Value> {
        let at = self.fields.binary_search_by_key(&number, |(number, _)| *number).ok()?;
        Some(&self.fields[at].1)
    }

    pub fn write(&self, out: &mut Writer) {
        out.array(6).bytes(self.id.as_bytes()).unsigned(self.kind.0.into()).bytes(self.subject.as_bytes());
        out.signed(self.at.milliseconds());
        match &self.amends {
            Some(id) => out.bytes(id.as_bytes()),
            None => out.null(),
        };
        out.array(self.fields.len() * 2);
        for (number, value) in &self.fields {
            out.unsigned(number.0.into());
            value.write(out);
        }
    }

    /// The fact's bytes, alone.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::default();
        self.write(&mut out);
        out.finish()
    }

    /// A fact whose bytes stand alone.
    pub fn from_bytes(bytes: &[u8]) -> Result<Fact, Malformed> {
        let mut input = Reader::new(bytes);
        let fact = Fact::read(&mut input)?;
        input.end("after a fact")?;
        Ok(fact)
    }

    pub fn read(input: &mut Reader<'_>) -> Result<Fact, Malformed> {
        let extra = input.array_of_at_least(6, "a fact")?;
        let id = FactId::from_bytes(input.bytes_of("a fact's id")?);
        let kind = KindNumber(input.unsigned_16("a fact's kind")?);
        let subject = RecordId::from_bytes(input.bytes_of("a fact's subject")?);
        let at = Timestamp::from_milliseconds(input.signed("a fact's time")?);
        let amends = if input.is_null() {
            input.null("an amended fact")?;
            None
        } else {
            Some(FactId::from_bytes(input.bytes_of("an amended fact")?))
        };
        let length = input.array("a fact's fields")?;
        if length % 2 != 0 {
            return Err(input.malformed("a fact's fields"));
        }
        let mut fields: Vec<(FieldNumber, Value)> = Vec::with_capacity((length / 2).min(64));
        for _ in 0..length / 2 {
            let number = FieldNumber(input.unsigned_16("a fact's field")?);
            if fields.last().is_some_and(|(last, _)| *last >= number) {
                return Err(input.malformed("a fact's fields in order"));
            }
            fields.push((number, Value::read(input)?));
        }
        input.skip(extra, "a fact's newer parts")?;
        Ok(Fact { id, kind, subject, at, amends, fields })
    }
}
