//! Writing and reading CBOR (RFC 8949) in memory. A thin room over `minicbor`: writing cannot fail, and a
//! reader never trusts a length: a count larger than the bytes that are left is refused before any memory is taken.

use crate::error::Malformed;
use minicbor::data::{Tag, Type};
use minicbor::{Decoder, Encoder};

const INFALLIBLE: &str = "writing to memory cannot fail";

/// Appends CBOR to a byte vector.
pub struct Writer(Encoder<Vec<u8>>);

impl Default for Writer {
    fn default() -> Self {
        Self::with_capacity(256)
    }
}

impl Writer {
    pub fn with_capacity(bytes: usize) -> Self {
        Self(Encoder::new(Vec::with_capacity(bytes)))
    }
    pub fn array(&mut self, length: usize) -> &mut Self {
        self.0.array(length as u64).expect(INFALLIBLE);
        self
    }
    pub fn unsigned(&mut self, number: u64) -> &mut Self {
        self.0.u64(number).expect(INFALLIBLE);
        self
    }
    pub fn signed(&mut self, number: i64) -> &mut Self {
        self.0.i64(number).expect(INFALLIBLE);
        self
    }
    pub fn boolean(&mut self, value: bool) -> &mut Self {
        self.0.bool(value).expect(INFALLIBLE);
        self
    }
    pub fn null(&mut self) -> &mut Self {
        self.0.null().expect(INFALLIBLE);
        self
    }
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.0.str(text).expect(INFALLIBLE);
        self
    }
    pub fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.bytes(bytes).expect(INFALLIBLE);
        self
    }
    pub fn tag(&mut self, number: u64) -> &mut Self {
        self.0.tag(Tag::new(number)).expect(INFALLIBLE);
        self
    }
    /// Bytes that are CBOR already.
    pub fn raw(&mut self, cbor: &[u8]) -> &mut Self {
        self.0.writer_mut().extend_from_slice(cbor);
        self
    }
    pub fn len(&self) -> usize {
        self.0.writer().len()
    }
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    pub fn finish(self) -> Vec<u8> {
        self.0.into_writer()
    }
}

/// Reads CBOR from bytes that nobody trusts.
pub struct Reader<'b>(Decoder<'b>);

impl<'b> Reader<'b> {
    pub fn new(bytes: &'b [u8]) -> Self {
        Self(Decoder::new(bytes))
    }
    pub fn position(&self) -> usize {
        self.0.position()
    }
    fn left(&self) -> usize {
        self.0.input().len() - self.0.position()
    }
    pub fn malformed(&self, what: &'static str) -> Malformed {
        Malformed { what, position: self.0.position() }
    }
    /// A definite array's length. Each element takes at least one byte.
    pub fn array(&mut self, what: &'static str) -> Result<usize, Malformed> {
        match self.0.array() {
            Ok(Some(length)) if length <= self.left() as u64 => Ok(length as usize),
            _ => Err(self.malformed(what)),
        }
    }
    /// An array of exactly `length` elements.
    pub fn array_of(&mut self, length: usize, what: &'static str) -> Result<(), Malformed> {
        if self.array(what)? == length { Ok(()) } else { Err(self.malformed(what)) }
    }
    /// An array of at least `length` elements: newer writers may append some, which `skip` passes over.
    pub fn array_of_at_least(&mut self, length: usize, what: &'static str) -> Result<usize, Malformed> {
        let found = self.array(what)?;
        if found >= length { Ok(found - length) } else { Err(self.malformed(what)) }
    }
    pub fn unsigned(&mut self, what: &'static str) -> Result<u64, Malformed> {
        self.0.u64().map_err(|_| self.malformed(what))
    }
    pub fn unsigned_16(&mut self, what: &'static str) -> Result<u16, Malformed> {
        self.0.u16().map_err(|_| self.malformed(what))
    }
    pub fn unsigned_32(&mut self, what: &'static str) -> Result<u32, Malformed> {
        self.0.u32().map_err(|_| self.malformed(what))
    }
    pub fn signed(&mut self, what: &'static str) -> Result<i64, Malformed> {
        self.0.i64().map_err(|_| self.malformed(what))
    }
    pub fn boolean(&mut self, what: &'static str) -> Result<bool, Malformed> {
        self.0.bool().map_err(|_| self.malformed(what))
    }
    pub fn text(&mut self, what: &'static str) -> Result<&'b str, Malformed> {
        self.0.str().map_err(|_| self.malformed(what))
    }
    pub fn bytes(&mut self, what: &'static str) -> Result<&'b [u8], Malformed> {
        self.0.bytes().map_err(|_| self.malformed(what))
    }
    pub fn bytes_of<const LENGTH: usize>(&mut self, what: &'static str) -> Result<[u8; LENGTH], Malformed> {
        self.bytes(what)?.try_into().map_err(|_| self.malformed(what))
    }
    pub fn tag(&mut self, what: &'static str) -> Result<u64, Malformed> {
        self.0.tag().map(|tag| tag.as_u64()).map_err(|_| self.malformed(what))
    }
    pub fn null(&mut self, what: &'static str) -> Result<(), Malformed> {
        self.0.null().map_err(|_| self.malformed(what))
    }
    pub fn is_null(&self) -> bool {
        matches!(self.0.datatype(), Ok(Type::Null))
    }
    pub fn datatype(&self, what: &'static str) -> Result<Type, Malformed> {
        self.0.datatype().map_err(|_| self.malformed(what))
    }
    /// Passes over one item and gives its bytes as they stand.
    pub fn raw(&mut self, what: &'static str) -> Result<&'b [u8], Malformed> {
        let start = self.0.position();
        self.0.skip().map_err(|_| self.malformed(what))?;
        Ok(&self.0.input()[start..self.0.position()])
    }
    pub fn skip(&mut self, count: usize, what: &'static str) -> Result<(), Malformed> {
        for _ in 0..count {
            self.raw(what)?;
        }
        Ok(())
    }
    pub fn is_at_end(&self) -> bool {
        self.left() == 0
    }
    /// The reader must be at the end.
    pub fn end(&self, what: &'static str) -> Result<(), Malformed> {
        if self.left() == 0 { Ok(()) } else { Err(self.malformed(what)) }
    }
}
