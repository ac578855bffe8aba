//! Kinds, fields and values as an operator reads them.

use shared::domain::{FACT_KINDS, RECORD_KINDS};
use shared::record::{FieldNumber, Kind, KindNumber, Value};

fn kind(number: KindNumber) -> Option<&'static Kind> {
    RECORD_KINDS.iter().chain(FACT_KINDS).find(|kind| kind.number == number)
}

/// A kind's name, or its number where this build does not know it.
pub(super) fn kind_name(number: KindNumber) -> String {
    kind(number).map_or_else(|| format!("kind {}", number.0), |kind| kind.name.to_owned())
}

pub(super) fn field_name(number: KindNumber, field: FieldNumber) -> String {
    let known = kind(number).and_then(|kind| kind.field(field));
    known.map_or_else(|| format!("field {}", field.0), |field| field.name.to_owned())
}

/// One line, whatever was typed: line ends and control characters are shown as such.
pub(super) fn value_text(value: &Value) -> String {
    match value {
        Value::Null => "(cleared)".to_owned(),
        Value::Boolean(value) => value.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Decimal(number) => decimal(number.mantissa, number.scale),
        Value::Text(text) => format!("{text:?}"),
        Value::Bytes(bytes) => format!("({} bytes)", bytes.len()),
        Value::Date(date) => date.to_string(),
        Value::Timestamp(at) => super::device::moment(*at),
        Value::Id(id) => id.to_string(),
        Value::List(values) => {
            let values: Vec<String> = values.iter().map(value_text).collect();
            format!("[{}]", values.join(", "))
        }
    }
}

fn decimal(mantissa: i64, scale: u8) -> String {
    let digits = format!("{:0>width$}", mantissa.unsigned_abs(), width = usize::from(scale) + 1);
    let (whole, part) = digits.split_at(digits.len() - usize::from(scale));
    let sign = if mantissa < 0 { "-" } else { "" };
    if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::record::Decimal;

    #[test]
    fn values_read_as_they_were_typed_and_on_one_line() {
        let decimal = |mantissa, scale| value_text(&Value::Decimal(Decimal { mantissa, scale }));
        assert_eq!(
            (decimal(375, 1), decimal(-5, 2), decimal(7, 0)),
            ("37.5".into(), "-0.05".into(), "7".into())
        );
        let list = Value::List(vec![Value::Text("a\nb".into()), Value::Null, Value::Bytes(vec![1, 2])]);
        assert_eq!(value_text(&list), "[\"a\\nb\", (cleared), (2 bytes)]");
    }
}
