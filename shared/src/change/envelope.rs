//! The outside of a change, v1: `[sequence, stamp, clock offset, staff, bucket, schema, payload]`. The courier
//! reads the sequence and leaves the rest closed.

use super::{Bucket, Change, codec};
use crate::cbor::{Reader, Writer};
use crate::error::Malformed;
use crate::ids::{Sequence, StaffId};
use crate::time::Stamp;

/// A change with its payload still closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope<'b> {
    pub sequence: Sequence,
    pub stamp: Stamp,
    pub device_clock_offset_ms: i64,
    pub staff: StaffId,
    pub bucket: Bucket,
    /// Version of the payload's codec.
    pub schema: u16,
    pub payload: &'b [u8],
}

impl<'b> Envelope<'b> {
    /// The bytes of a new change in today's codec.
    pub fn seal(change: &Change) -> Vec<u8> {
        let payload = codec::v1::encode(&change.operations);
        let mut out = Writer::with_capacity(payload.len() + 96);
        out.array(7).unsigned(change.sequence.0).unsigned(change.stamp.bits());
        out.signed(change.device_clock_offset_ms).bytes(change.staff.as_bytes());
        change.bucket.write(&mut out);
        out.unsigned(codec::v1::SCHEMA.into()).bytes(&payload);
        out.finish()
    }

    pub fn read(bytes: &'b [u8]) -> Result<Envelope<'b>, Malformed> {
        let mut input = Reader::new(bytes);
        let extra = input.array_of_at_least(7, "an envelope")?;
        let sequence = Sequence(input.unsigned("a sequence")?);
        if sequence == Sequence(0) || sequence > Sequence::LARGEST {
            return Err(input.malformed("a sequence"));
        }
        let envelope = Envelope {
            sequence,
            stamp: Stamp::from_bits(input.unsigned("a stamp")?),
            device_clock_offset_ms: input.signed("a clock offset")?,
            staff: StaffId::from_bytes(input.bytes_of("a staff id")?),
            bucket: Bucket::read(&mut input)?,
            schema: input.unsigned_16("a schema")?,
            payload: input.bytes("a payload")?,
        };
        input.skip(extra, "an envelope's newer parts")?;
        input.end("after an envelope")?;
        Ok(envelope)
    }

    /// Only the sequence: all that the courier needs of a change's inside.
    pub fn read_sequence(bytes: &[u8]) -> Result<Sequence, Malformed> {
        let mut input = Reader::new(bytes);
        input.array_of_at_least(7, "an envelope")?;
        input.unsigned("a sequence").map(Sequence)
    }

    pub fn open(&self) -> Result<Change, Malformed> {
        Ok(Change {
            sequence: self.sequence,
            stamp: self.stamp,
            device_clock_offset_ms: self.device_clock_offset_ms,
            staff: self.staff,
            bucket: self.bucket,
            operations: codec::decode(self.schema, self.payload)?,
        })
    }
}
