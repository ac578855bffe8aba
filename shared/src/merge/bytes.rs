//! A state's bytes, v1. Writes of one change share their author, so authors stand once in a table and each
//! value names its row; the read clock of a first write is empty and costs one byte.
//!
//! `[kind, [device, sequence, stamp, staff, …], [field, author row, clock, value, …]]`, where `field` is a
//! number, or `[number, member]` for a set's member, and `clock` is `0` when nothing had been read.

use super::clock::Clock;
use super::register::{Author, Written};
use crate::cbor::{Reader, Writer};
use crate::error::Malformed;
use crate::ids::{DeviceNumber, Sequence, StaffId};
use crate::record::{FieldKey, FieldNumber, KindNumber, Value};
use crate::time::Stamp;
use minicbor::data::Type;

/// Entries must come in order of key, then of author.
pub fn encode_entries<'a>(
    kind: KindNumber,
    entries: impl Iterator<Item = (&'a FieldKey, &'a Written)>,
) -> Vec<u8> {
    let mut authors: Vec<Author> = Vec::new();
    let mut body = Writer::with_capacity(1024);
    let mut count = 0;
    for (key, written) in entries {
        count += 1;
        let known = authors.iter().rposition(|author| *author == written.author);
        let row = known.unwrap_or_else(|| {
            authors.push(written.author);
            authors.len() - 1
        });
        write_key(key, &mut body);
        body.unsigned(row as u64);
        if written.read.is_empty() {
            body.unsigned(0);
        } else {
            written.read.write(&mut body);
        }
        written.value.write(&mut body);
    }
    let mut out = Writer::with_capacity(body.len() + 16 + authors.len() * 32);
    out.array(3).unsigned(kind.0.into()).array(authors.len() * 4);
    for author in &authors {
        out.unsigned(author.device.0.into()).unsigned(author.sequence.0);
        out.unsigned(author.stamp.bits()).bytes(author.staff.as_bytes());
    }
    out.array(count * 4).raw(&body.finish());
    out.finish()
}

/// The kind and every write that stands.
pub fn decode_entries(bytes: &[u8]) -> Result<(KindNumber, Vec<(FieldKey, Written)>), Malformed> {
    let mut input = Reader::new(bytes);
    let extra = input.array_of_at_least(3, "a state")?;
    let kind = KindNumber(input.unsigned_16("a kind")?);
    let authors = read_authors(&mut input)?;
    let length = input.array("a state's entries")?;
    if length % 4 != 0 {
        return Err(input.malformed("a state's entries"));
    }
    let mut entries = Vec::with_capacity((length / 4).min(256));
    for _ in 0..length / 4 {
        let key = read_key(&mut input)?;
        let row = input.unsigned("an author's row")? as usize;
        let author = *authors.get(row).ok_or_else(|| input.malformed("an author's row"))?;
        let read = match input.datatype("a clock")? {
            Type::Array => Clock::read(&mut input)?,
            _ if input.unsigned("an empty clock")? == 0 => Clock::default(),
            _ => return Err(input.malformed("an empty clock")),
        };
        entries.push((key, Written { author, read, value: Value::read(&mut input)? }));
    }
    input.skip(extra, "a state's newer parts")?;
    input.end("after a state")?;
    Ok((kind, entries))
}

fn read_authors(input: &mut Reader<'_>) -> Result<Vec<Author>, Malformed> {
    let length = input.array("authors")?;
    if length % 4 != 0 {
        return Err(input.malformed("authors"));
    }
    let mut authors = Vec::with_capacity((length / 4).min(64));
    for _ in 0..length / 4 {
        let device = DeviceNumber(input.unsigned_32("a device number")?);
        let sequence = Sequence(input.unsigned("a sequence")?);
        if sequence == Sequence(0) || sequence > Sequence::LARGEST {
            return Err(input.malformed("a sequence"));
        }
        let stamp = Stamp::from_bits(input.unsigned("a stamp")?);
        authors.push(Author {
            device,
            sequence,
            stamp,
            staff: StaffId::from_bytes(input.bytes_of("a staff id")?),
        });
    }
    Ok(authors)
}

/// A field's number, or `[number, member]`.
pub(crate) fn write_key(key: &FieldKey, out: &mut Writer) {
    match &key.member {
        None => out.unsigned(key.field.0.into()),
        Some(member) => out.array(2).unsigned(key.field.0.into()).text(member),
    };
}

pub(crate) fn read_key(input: &mut Reader<'_>) -> Result<FieldKey, Malformed> {
    if input.datatype("a field")? != Type::Array {
        return Ok(FieldNumber(input.unsigned_16("a field")?).into());
    }
    input.array_of(2, "a set's member")?;
    let field = FieldNumber(input.unsigned_16("a field")?);
    let member = input.text("a member")?;
    if member.len() > 256 {
        return Err(input.malformed("a member longer than 256 bytes"));
    }
    Ok(FieldKey::member(field, member))
}
