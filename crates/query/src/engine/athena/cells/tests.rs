use arrow::{array::Array, util::display::array_value_to_string};

use super::*;

fn column(kind: &str, precision: i32, scale: i32) -> ColumnInfo {
    let column = ColumnInfo::builder().name("x").r#type(kind).precision(precision).scale(scale);
    column.build().unwrap()
}

fn read(kind: &Kind, cells: &[Option<&str>]) -> Result<Vec<Option<String>>> {
    let field = Field::new("x", kind.data_type(), true);
    let array = array(kind, &field, cells.iter().copied())?;
    assert_eq!(array.data_type(), &kind.data_type());
    let value = |row| array.is_valid(row).then(|| array_value_to_string(&array, row).unwrap());
    Ok((0..array.len()).map(value).collect())
}

#[test]
fn texts_become_values() {
    let cases: [(ColumnInfo, &[(&str, &str)]); 12] = [
        (column("varchar", 0, 0), &[("", ""), ("NULL", "NULL"), ("日本\n\"x\"", "日本\n\"x\"")]),
        (column("boolean", 0, 0), &[("true", "true"), ("false", "false")]),
        (column("tinyint", 3, 0), &[("-128", "-128"), ("127", "127")]),
        (column("smallint", 5, 0), &[("32767", "32767")]),
        (column("integer", 10, 0), &[("-2147483648", "-2147483648")]),
        (
            column("bigint", 19, 0),
            &[
                ("-9223372036854775808", "-9223372036854775808"),
                ("9007199254740993", "9007199254740993"),
                ("12.00", "12"),
            ],
        ),
        (column("float", 17, 0), &[("0.1", "0.1"), ("3.4028235E38", "3.4028235e38")]),
        (
            column("double", 17, 0),
            &[
                ("0.1", "0.1"),
                ("1.0E10", "10000000000.0"),
                ("-4.9E-324", "-5e-324"),
                ("NaN", "NaN"),
                ("Infinity", "inf"),
                ("-Infinity", "-inf"),
            ],
        ),
        (
            column("decimal", 38, 2),
            &[
                ("12.30", "12.30"),
                ("-0.05", "-0.05"),
                ("7", "7.00"),
                (
                    "999999999999999999999999999999999999.99",
                    "999999999999999999999999999999999999.99",
                ),
            ],
        ),
        (column("date", 0, 0), &[("2026-04-27", "2026-04-27"), ("0001-01-01", "0001-01-01")]),
        (
            column("timestamp", 3, 0),
            &[
                ("2026-04-27 02:18:03.500", "2026-04-27T02:18:03.500"),
                ("2026-04-27 02:18:03", "2026-04-27T02:18:03"),
                ("1969-12-31 23:59:59.999999", "1969-12-31T23:59:59.999999"),
            ],
        ),
        (column("array", 0, 0), &[("[a, b]", "[a, b]")]),
    ];
    for (column, cells) in cases {
        let kind = Kind::of_column(&column);
        let texts: Vec<_> = cells.iter().map(|(text, _)| Some(*text)).chain([None]).collect();
        let values: Vec<_> =
            cells.iter().map(|(_, value)| Some((*value).to_owned())).chain([None]).collect();
        assert_eq!(read(&kind, &texts).unwrap(), values, "{column:?}");
    }
}

#[test]
fn types_without_a_counterpart_stay_text() {
    for kind in
        ["timestamp with time zone", "time", "row", "map", "json", "varbinary", "unknown", "new"]
    {
        assert_eq!(Kind::of_column(&column(kind, 3, 0)), Kind::Text, "{kind}");
    }
    for (precision, scale) in [(0, 0), (39, 0), (-1, 0), (5, 6), (5, -1), (5, 1000)] {
        let kind = Kind::of_column(&column("decimal", precision, scale));
        assert_eq!(kind, Kind::Text, "{precision} {scale}");
    }
    assert_eq!(Kind::of_column(&column("DECIMAL", 5, 5)), Kind::Decimal(5, 5));
}

#[test]
fn what_is_no_value_is_an_error() {
    for (kind, texts) in [
        (Kind::Boolean, &["", "TRUE", "1"][..]),
        (
            Kind::Integer(DataType::Int64),
            &["", "1.5", "1.", ".0", "1e3", " 1", "9223372036854775808"],
        ),
        (Kind::Integer(DataType::Int8), &["128"]),
        (Kind::Double, &["", "1,5", "one"]),
        (Kind::Real, &["x"]),
        (Kind::Decimal(4, 2), &["", "-", ".5", "1.234", "100.00", "1-2", "1e1", "é"]),
        (Kind::Date, &["", "2026-02-30", "2026-04-27 00:00:00", "27.04.2026"]),
        (
            Kind::Time,
            &[
                "",
                "2026-04-27",
                "2026-04-27 25:00:00",
                "2026-04-27 02:18:03.0000001",
                "2026-04-27 02:18:03.500 UTC",
            ],
        ),
        (Kind::Instant, &["2026-04-27 02:18:03.500 Europe/Berlin"]),
    ] {
        for text in texts {
            let error = read(&kind, &[None, Some(text)]).unwrap_err().to_string();
            assert!(error.starts_with("Athena: column \"x\" of the answer: "), "{text}: {error}");
        }
    }
    let long = "x".repeat(200);
    let error = read(&Kind::Date, &[Some(&long)]).unwrap_err().to_string();
    assert!(error.ends_with("xxx…\" is not a day"), "{error}");
    assert!(error.len() < 200, "{error}");
}

#[test]
fn instants_are_in_utc() {
    for text in ["2026-04-27 02:18:03.500", "2026-04-27 02:18:03.500 UTC"] {
        let values = read(&Kind::Instant, &[Some(text)]).unwrap();
        assert_eq!(values, [Some("2026-04-27T02:18:03.500Z".to_owned())]);
    }
}

#[test]
fn what_sessions_give_is_read() {
    let utc = Some("UTC".into());
    let text = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    for (expected, kind) in [
        (text, Some(Kind::Text)),
        (DataType::Utf8View, Some(Kind::Text)),
        (DataType::Int32, Some(Kind::Integer(DataType::Int64))),
        (DataType::UInt64, Some(Kind::Integer(DataType::Int64))),
        (DataType::Timestamp(TimeUnit::Millisecond, utc), Some(Kind::Instant)),
        (DataType::Timestamp(TimeUnit::Millisecond, None), Some(Kind::Time)),
        (DataType::new_list(DataType::Utf8, true), None),
    ] {
        assert_eq!(Kind::of_type(&expected), kind, "{expected}");
    }
}
