//! Values and facts through their bytes and back; hostile bytes refused.

use super::*;
use crate::cbor::{Reader, Writer};
use crate::ids::{FactId, RecordId};
use crate::time::{PartialDate, Timestamp};

fn round_trip(value: &Value) -> Value {
    let mut out = Writer::default();
    value.write(&mut out);
    Value::read(&mut Reader::new(&out.finish())).expect("what was written reads back")
}

#[test]
fn every_shape_of_value_survives_its_bytes() {
    let values = [
        Value::Null,
        Value::Boolean(true),
        Value::Integer(i64::MIN),
        Value::Decimal(Decimal { mantissa: -375, scale: 1 }),
        Value::Text("Núñez".into()),
        Value::Bytes(vec![0, 255]),
        Value::Date(PartialDate::Month(1975, 4)),
        Value::Timestamp(Timestamp::from_milliseconds(-1)),
        Value::Id(uuid::Uuid::from_u128(7)),
        Value::List(vec![Value::Null, Value::List(vec![Value::Integer(1)])]),
    ];
    for value in &values {
        assert_eq!(&round_trip(value), value);
    }
}

#[test]
fn hostile_bytes_are_refused_without_taking_memory() {
    let nested = [0x81; 100];
    let huge_list = [0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    let huge_text = [0x7b, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff];
    let float = [0xfb, 0, 0, 0, 0, 0, 0, 0, 0];
    let exponent = [0xc4, 0x82, 0x3b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
    for bytes in [&nested[..], &huge_list, &huge_text, &float, &exponent, &[]] {
        assert!(Value::read(&mut Reader::new(bytes)).is_err(), "{bytes:02x?}");
    }
}

#[test]
fn a_fact_reads_back_and_its_fields_must_be_in_order() {
    let mut fact = Fact {
        id: FactId::from_bytes([1; 16]),
        kind: KindNumber(900),
        subject: RecordId::from_bytes([2; 16]),
        at: Timestamp::from_milliseconds(5),
        amends: Some(FactId::from_bytes([3; 16])),
        fields: vec![(FieldNumber(1), Value::Integer(1)), (FieldNumber(9), Value::Null)],
    };
    let bytes = |fact: &Fact| {
        let mut out = Writer::default();
        fact.write(&mut out);
        out.finish()
    };
    assert_eq!(Fact::read(&mut Reader::new(&bytes(&fact))).as_ref(), Ok(&fact));
    fact.fields.reverse();
    assert!(Fact::read(&mut Reader::new(&bytes(&fact))).is_err());
}
