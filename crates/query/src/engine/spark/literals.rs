//! The values of parameters, as Spark Connect has them: typed, and never a part of the SQL text.

use datafusion::scalar::ScalarValue;

use super::messages::{DataType, Kind, Literal, Nothing, Value};

/// Returns a value as a literal. NULL has a type as well.
pub(super) fn literal(value: &ScalarValue) -> Literal {
    let null = |kind: fn(Nothing) -> Kind| Value::Null(DataType { kind: Some(kind(Nothing {})) });
    let value = match value {
        ScalarValue::Utf8(Some(text)) => Value::Text(text.clone()),
        ScalarValue::Utf8(None) => null(Kind::Text),
        ScalarValue::Int64(Some(number)) => Value::Long(*number),
        ScalarValue::Int64(None) => null(Kind::Long),
        ScalarValue::Float64(Some(number)) => Value::Double(*number),
        ScalarValue::Float64(None) => null(Kind::Double),
        ScalarValue::Boolean(Some(flag)) => Value::Boolean(*flag),
        ScalarValue::Boolean(None) => null(Kind::Boolean),
        ScalarValue::Date32(Some(days)) => Value::Date(*days),
        ScalarValue::Date32(None) => null(Kind::Date),
        ScalarValue::TimestampMicrosecond(Some(time), _) => Value::Timestamp(*time),
        ScalarValue::TimestampMicrosecond(None, _) => null(Kind::Timestamp),
        // Parameters have no other types.
        _ => null(Kind::Null),
    };
    Literal { value: Some(value) }
}

#[cfg(test)]
mod tests {
    use prost::Message;

    use super::*;

    /// The bytes are checked by hand: a key is the field's number times 8, plus 0 for a number, 1 for
    /// eight bytes, 2 for what begins with its length.
    #[test]
    fn literals_are_encoded() {
        let utc = || Some("UTC".into());
        for (value, bytes) in [
            (ScalarValue::Utf8(Some("né".to_owned())), &[0x6a, 3, b'n', 0xc3, 0xa9][..]),
            (ScalarValue::Utf8(Some(String::new())), &[0x6a, 0]),
            (ScalarValue::Utf8(None), &[0x0a, 2, 0x5a, 0]),
            (ScalarValue::Int64(Some(300)), &[0x38, 0xac, 0x02]),
            (ScalarValue::Int64(Some(-1)), &[0x38, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]),
            (ScalarValue::Int64(None), &[0x0a, 2, 0x3a, 0]),
            (ScalarValue::Float64(Some(-2.0)), &[0x59, 0, 0, 0, 0, 0, 0, 0, 0xc0]),
            (ScalarValue::Float64(None), &[0x0a, 2, 0x4a, 0]),
            (ScalarValue::Boolean(Some(true)), &[0x18, 1]),
            (ScalarValue::Boolean(Some(false)), &[0x18, 0]),
            (ScalarValue::Boolean(None), &[0x0a, 2, 0x1a, 0]),
            (ScalarValue::Date32(Some(300)), &[0x80, 1, 0xac, 0x02]),
            (ScalarValue::Date32(None), &[0x0a, 2, 0x72, 0]),
            (ScalarValue::TimestampMicrosecond(Some(1), utc()), &[0x88, 1, 1]),
            (ScalarValue::TimestampMicrosecond(None, utc()), &[0x0a, 2, 0x7a, 0]),
            (ScalarValue::Int8(Some(1)), &[0x0a, 2, 0x0a, 0]),
        ] {
            assert_eq!(literal(&value).encode_to_vec(), bytes, "{value:?}");
        }
    }
}
