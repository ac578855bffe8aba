//! One field's value and its bytes. The bytes are CBOR with standard tags where there is one, so that any
//! CBOR tool reads them; no field is ever a binary float.

use crate::cbor::{Reader, Writer};
use crate::error::Malformed;
use crate::time::{PartialDate, Timestamp};
use minicbor::data::Type;
use uuid::Uuid;

/// The longest text or byte string of one field.
pub const TEXT_BYTES_MAX: usize = 64 * 1024;
/// How deep lists nest.
pub const LIST_DEPTH_MAX: usize = 4;

/// RFC 8949 §3.4.4: a decimal fraction, `[exponent, mantissa]`.
const TAG_DECIMAL: u64 = 4;
/// RFC 9562's registration for binary UUIDs.
const TAG_UUID: u64 = 37;
/// RFC 8943: a calendar date as text; ours may end after the month or the year.
const TAG_DATE: u64 = 1004;
/// First come, first served range, ours: milliseconds since 1970.
const TAG_TIMESTAMP: u64 = 48_101;

/// An exact decimal number, `mantissa / 10^scale`. Clinical numbers keep the digits that were typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Decimal {
    pub mantissa: i64,
    pub scale: u8,
}

/// What a field may hold. `Null` is a value like any other: somebody cleared the field.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    Null,
    Boolean(bool),
    Integer(i64),
    Decimal(Decimal),
    Text(String),
    Bytes(Vec<u8>),
    Date(PartialDate),
    Timestamp(Timestamp),
    Id(Uuid),
    List(Vec<Value>),
}

impl Value {
    pub fn write(&self, out: &mut Writer) {
        match self {
            Value::Null => out.null(),
            Value::Boolean(value) => out.boolean(*value),
            Value::Integer(number) => out.signed(*number),
            Value::Decimal(number) => {
                out.tag(TAG_DECIMAL).array(2).signed(-i64::from(number.scale)).signed(number.mantissa)
            }
            Value::Text(text) => out.text(text),
            Value::Bytes(bytes) => out.bytes(bytes),
            Value::Date(date) => out.tag(TAG_DATE).text(&date.to_string()),
            Value::Timestamp(moment) => out.tag(TAG_TIMESTAMP).signed(moment.milliseconds()),
            Value::Id(uuid) => out.tag(TAG_UUID).bytes(uuid.as_bytes()),
            Value::List(values) => {
                out.array(values.len());
                values.iter().for_each(|value| value.write(out));
                out
            }
        };
    }

    pub fn read(input: &mut Reader<'_>) -> Result<Value, Malformed> {
        Self::read_at_depth(input, 0)
    }

    fn read_at_depth(input: &mut Reader<'_>, depth: usize) -> Result<Value, Malformed> {
        const WHAT: &str = "a value";
        Ok(match input.datatype(WHAT)? {
            Type::Null => {
                input.null(WHAT)?;
                Value::Null
            }
            Type::Bool => Value::Boolean(input.boolean(WHAT)?),
            Type::U8 | Type::U16 | Type::U32 | Type::U64 | Type::I8 | Type::I16 | Type::I32 | Type::I64 => {
                Value::Integer(input.signed(WHAT)?)
            }
            Type::String => {
                let text = input.text(WHAT)?;
                Self::bounded(input, text.len())?;
                Value::Text(text.to_owned())
            }
            Type::Bytes => {
                let bytes = input.bytes(WHAT)?;
                Self::bounded(input, bytes.len())?;
                Value::Bytes(bytes.to_owned())
            }
            Type::Array if depth < LIST_DEPTH_MAX => {
                let length = input.array("a list")?;
                let mut values = Vec::with_capacity(length.min(64));
                for _ in 0..length {
                    values.push(Self::read_at_depth(input, depth + 1)?);
                }
                Value::List(values)
            }
            Type::Tag => Self::read_tagged(input)?,
            _ => return Err(input.malformed(WHAT)),
        })
    }

    fn read_tagged(input: &mut Reader<'_>) -> Result<Value, Malformed> {
        match input.tag("a tag")? {
            TAG_DECIMAL => {
                input.array_of(2, "a decimal")?;
                let exponent = input.signed("an exponent")?;
                let scale = u8::try_from(-i128::from(exponent)).ok().filter(|scale| *scale <= 18);
                let scale = scale.ok_or_else(|| input.malformed("an exponent"))?;
                Ok(Value::Decimal(Decimal { mantissa: input.signed("a mantissa")?, scale }))
            }
            TAG_UUID => Ok(Value::Id(Uuid::from_bytes(input.bytes_of("a UUID")?))),
            TAG_DATE => {
                let text = input.text("a date")?;
                text.parse().map(Value::Date).map_err(|_| input.malformed("a date"))
            }
            TAG_TIMESTAMP => Ok(Value::Timestamp(Timestamp::from_milliseconds(input.signed("a moment")?))),
            _ => Err(input.malformed("a tag")),
        }
    }

    fn bounded(input: &Reader<'_>, length: usize) -> Result<(), Malformed> {
        if length <= TEXT_BYTES_MAX { Ok(()) } else { Err(input.malformed("a field longer than 64 KiB")) }
    }
}
