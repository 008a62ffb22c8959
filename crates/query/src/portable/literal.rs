//! Values written into an engine's SQL as literals, exactly: no text of a value ends the literal that
//! it stands in.

use chrono::{DateTime, Days, NaiveDate, SecondsFormat, Utc};
use datafusion::scalar::ScalarValue;

use crate::portable::Dialect;

/// Returns a value as a literal. A cast to the parameter's type stands around it, so that a day is
/// written as a text.
pub(crate) fn literal(value: &ScalarValue, dialect: Dialect) -> String {
    match value {
        ScalarValue::Utf8(Some(text)) => quoted(text, dialect),
        ScalarValue::Int64(Some(number)) => number.to_string(),
        ScalarValue::Float64(Some(number)) => exponential(*number),
        ScalarValue::Boolean(Some(flag)) => flag.to_string(),
        ScalarValue::Date32(Some(days)) => day(*days).map_or_else(null, |day| format!("'{day}'")),
        ScalarValue::TimestampMillisecond(Some(time), _) => {
            DateTime::from_timestamp_millis(*time).map_or_else(null, |time| instant(time, dialect))
        }
        ScalarValue::TimestampMicrosecond(Some(time), _) => {
            DateTime::from_timestamp_micros(*time).map_or_else(null, |time| instant(time, dialect))
        }
        _ => null(),
    }
}

fn null() -> String {
    "NULL".to_owned()
}

/// Quotes are doubled. In Spark a backslash escapes, two texts side by side are one, and `${name}`
/// is replaced before the text is parsed.
fn quoted(text: &str, dialect: Dialect) -> String {
    let text = match dialect {
        Dialect::DataFusion | Dialect::DuckDb | Dialect::Athena => text.replace('\'', "''"),
        Dialect::Spark => text.replace('\\', r"\\").replace('\'', r"\'").replace("${", r"\u0024{"),
    };
    format!("'{text}'")
}

/// Without an exponent a number is a decimal in some engines, and not what it was bound to here.
fn exponential(number: f64) -> String {
    let text = format!("{number:?}");
    if text.contains('e') { text } else { text + "e0" }
}

fn day(days: i32) -> Option<NaiveDate> {
    let (epoch, apart) = (NaiveDate::default(), Days::new(days.unsigned_abs().into()));
    if days < 0 { epoch.checked_sub_days(apart) } else { epoch.checked_add_days(apart) }
}

/// Athena's column is one of UTC without a zone.
fn instant(time: DateTime<Utc>, dialect: Dialect) -> String {
    match dialect {
        Dialect::Athena => format!("'{}'", time.format("%Y-%m-%d %H:%M:%S%.f")),
        _ => format!("'{}'", time.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: &ScalarValue) -> [String; 4] {
        Dialect::ALL.map(|dialect| literal(value, dialect))
    }

    fn text(text: &str) -> [String; 4] {
        written(&ScalarValue::Utf8(Some(text.to_owned())))
    }

    #[test]
    fn texts_are_what_they_were() {
        for plain in
            ["", "production", "日本 – é 🤖", "a\nb", "$name ? :name -- /* x */ ;", "\u{1}"]
        {
            assert_eq!(text(plain), [(); 4].map(|()| format!("'{plain}'")), "{plain:?}");
        }
        for (value, doubled, spark) in [
            ("it's", "'it''s'", r"'it\'s'"),
            ("'", "''''", r"'\''"),
            ("' OR 1=1 --", "''' OR 1=1 --'", r"'\' OR 1=1 --'"),
            (r"a\b", r"'a\b'", r"'a\\b'"),
            (r"\", r"'\'", r"'\\'"),
            (r"\'", r"'\'''", r"'\\\''"),
            (r"100\%", r"'100\%'", r"'100\\%'"),
            ("${env:HOME}", "'${env:HOME}'", r"'\u0024{env:HOME}'"),
            (r"\${x}", r"'\${x}'", r"'\\\u0024{x}'"),
        ] {
            assert_eq!(text(value), [doubled, doubled, spark, doubled], "{value:?}");
        }
    }

    #[test]
    fn other_values_are_what_they_were() {
        for (value, expected) in [
            (ScalarValue::Int64(Some(-7)), "-7"),
            (ScalarValue::Float64(Some(16.0)), "16.0e0"),
            (ScalarValue::Float64(Some(0.1)), "0.1e0"),
            (ScalarValue::Float64(Some(-1e300)), "-1e300"),
            (ScalarValue::Boolean(Some(true)), "true"),
            (ScalarValue::Boolean(Some(false)), "false"),
            (ScalarValue::Date32(Some(20_570)), "'2026-04-27'"),
            (ScalarValue::Date32(Some(-1)), "'1969-12-31'"),
            (ScalarValue::Utf8(None), "NULL"),
            (ScalarValue::Date32(None), "NULL"),
            (ScalarValue::TimestampMicrosecond(None, Some("UTC".into())), "NULL"),
        ] {
            assert_eq!(written(&value), [expected; 4], "{value:?}");
        }
        let seconds = 1_777_256_283;
        for (time, zoned, plain) in [
            (
                ScalarValue::TimestampMillisecond(Some(seconds * 1000), Some("UTC".into())),
                "'2026-04-27T02:18:03Z'",
                "'2026-04-27 02:18:03'",
            ),
            (
                ScalarValue::TimestampMicrosecond(Some(seconds * 1_000_000 + 500_000), None),
                "'2026-04-27T02:18:03.500Z'",
                "'2026-04-27 02:18:03.500'",
            ),
        ] {
            assert_eq!(written(&time), [zoned, zoned, zoned, plain], "{time:?}");
        }
    }
}
