//! v1, 2026-11: the first codec. `[[0, record, kind, [field, clock, value, …]], [1, fact], …]`.

use crate::cbor::{Reader, Writer};
use crate::change::{Edit, Operation, Put};
use crate::error::Malformed;
use crate::ids::RecordId;
use crate::merge::Clock;
use crate::merge::{read_key, write_key};
use crate::record::{Fact, KindNumber, Value};
use minicbor::data::Type;

pub const SCHEMA: u16 = 1;
const EDIT: u64 = 0;
const FACT: u64 = 1;
/// The most operations of one change; a day's import is cut into many changes.
pub const OPERATIONS_MAX: usize = 4_096;
/// The most fields of one edit.
pub const PUTS_MAX: usize = 1_024;

pub fn encode(operations: &[Operation]) -> Vec<u8> {
    let mut out = Writer::with_capacity(1024);
    out.array(operations.len());
    for operation in operations {
        match operation {
            Operation::Edit(edit) => write_edit(edit, &mut out),
            Operation::Fact(fact) => {
                out.array(2).unsigned(FACT);
                fact.write(&mut out);
            }
            Operation::Unknown(number) => {
                out.array(1).unsigned((*number).into());
            }
        }
    }
    out.finish()
}

fn write_edit(edit: &Edit, out: &mut Writer) {
    out.array(4).unsigned(EDIT).bytes(edit.record.as_bytes()).unsigned(edit.kind.0.into());
    out.array(edit.puts.len() * 3);
    for put in &edit.puts {
        write_key(&put.key, out);
        if put.read.is_empty() {
            out.unsigned(0);
        } else {
            put.read.write(out);
        }
        put.value.write(out);
    }
}

pub fn decode(payload: &[u8]) -> Result<Vec<Operation>, Malformed> {
    let mut input = Reader::new(payload);
    let length = input.array("operations")?;
    if length > OPERATIONS_MAX {
        return Err(input.malformed("more operations than one change may hold"));
    }
    let mut operations = Vec::with_capacity(length.min(64));
    for _ in 0..length {
        let parts = input.array_of_at_least(1, "an operation")?;
        operations.push(match (input.unsigned("an operation's number")?, parts) {
            (EDIT, 3..) => {
                let edit = read_edit(&mut input)?;
                input.skip(parts - 3, "an edit's newer parts")?;
                Operation::Edit(edit)
            }
            (FACT, 1..) => {
                let fact = Fact::read(&mut input)?;
                input.skip(parts - 1, "a fact's newer parts")?;
                Operation::Fact(fact)
            }
            (EDIT | FACT, _) => return Err(input.malformed("an operation")),
            (number, parts) => {
                input.skip(parts, "an unknown operation")?;
                Operation::Unknown(number.min(u16::MAX.into()) as u16)
            }
        });
    }
    input.end("after the operations")?;
    Ok(operations)
}

fn read_edit(input: &mut Reader<'_>) -> Result<Edit, Malformed> {
    let record = RecordId::from_bytes(input.bytes_of("a record's id")?);
    let kind = KindNumber(input.unsigned_16("a kind")?);
    let length = input.array("an edit's fields")?;
    if length % 3 != 0 || length / 3 > PUTS_MAX {
        return Err(input.malformed("an edit's fields"));
    }
    let mut puts: Vec<Put> = Vec::with_capacity((length / 3).min(64));
    for _ in 0..length / 3 {
        let key = read_key(input)?;
        let read = match input.datatype("a clock")? {
            Type::Array => Clock::read(input)?,
            _ if input.unsigned("an empty clock")? == 0 => Clock::default(),
            _ => return Err(input.malformed("an empty clock")),
        };
        let value = Value::read(input)?;
        if puts.last().is_some_and(|last| last.key >= key) {
            return Err(input.malformed("an edit's fields in order"));
        }
        puts.push(Put { key, read, value });
    }
    Ok(Edit { record, kind, puts })
}
