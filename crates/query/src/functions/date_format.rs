//! `date_format` and `date_parse`, whose formats are those of `MySQL`, as in Athena:
//! `%Y-%m-%d %H:%i:%s`.

use std::{fmt::Write as _, sync::Arc};

use chrono::{
    DateTime, NaiveDateTime, ParseResult, Utc,
    format::{Item, Parsed, StrftimeItems},
};
use datafusion::{
    arrow::{
        array::{ArrayRef, AsArray, StringArray, TimestampMicrosecondArray},
        datatypes::{DataType, TimestampMicrosecondType},
    },
    common::{exec_datafusion_err, exec_err, plan_err},
    error::DataFusionError,
    logical_expr::{
        ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
        Volatility,
    },
    scalar::ScalarValue,
};

use super::{documented, instants::INSTANT};

/// What stands after a % in a format, and the same in chrono's.
const FIELDS: [(char, &str); 24] = [
    ('a', "%a"),
    ('b', "%b"),
    ('c', "%-m"),
    ('d', "%d"),
    ('e', "%-d"),
    ('f', "%6f"),
    ('H', "%H"),
    ('h', "%I"),
    ('I', "%I"),
    ('i', "%M"),
    ('j', "%j"),
    ('k', "%-H"),
    ('l', "%-I"),
    ('M', "%B"),
    ('m', "%m"),
    ('p', "%p"),
    ('r', "%I:%M:%S %p"),
    ('S', "%S"),
    ('s', "%S"),
    ('T', "%H:%M:%S"),
    ('v', "%V"),
    ('W', "%A"),
    ('x', "%G"),
    ('y', "%y"),
];

pub(super) fn functions() -> Vec<ScalarUDF> {
    let made = [
        (
            "date_format",
            "date_format(time, '%Y-%m-%d %H:%i:%s')",
            "Returns a time as text, in MySQL's format, as in Athena; to_char takes the format of strftime.",
        ),
        (
            "date_parse",
            "date_parse(text, '%Y-%m-%d %H:%i:%s')",
            "Returns the time that a text names in MySQL's format, in UTC.",
        ),
    ];
    let made = made.map(|(name, syntax, description)| {
        let documentation = documented(syntax, description);
        let signature = Signature::user_defined(Volatility::Immutable);
        ScalarUDF::new_from_impl(Formatted { name, documentation, signature })
    });
    made.into()
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Formatted {
    name: &'static str,
    documentation: Documentation,
    signature: Signature,
}

impl Formatted {
    fn parses(&self) -> bool {
        self.name == "date_parse"
    }
}

impl ScalarUDFImpl for Formatted {
    described!();

    fn return_type(&self, _: &[DataType]) -> Result<DataType, DataFusionError> {
        Ok(if self.parses() { INSTANT.clone() } else { DataType::Utf8 })
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>, DataFusionError> {
        let [value, format] = given else {
            return plan_err!("it is called as {}", self.documentation.syntax_example);
        };
        let is_time = matches!(
            value,
            DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 | DataType::Null
        );
        if !(format.is_string() || format.is_null()) || !(is_time || value.is_string()) {
            return plan_err!("it is called as {}", self.documentation.syntax_example);
        }
        let value = if self.parses() { DataType::Utf8 } else { INSTANT.clone() };
        Ok(vec![value, DataType::Utf8])
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue, DataFusionError> {
        let [value, ColumnarValue::Scalar(format)] = args.args.as_slice() else {
            return exec_err!("the format of {} is one text for all rows", self.name);
        };
        let Some(Some(text)) = format.try_as_str() else {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from(
                args.return_field.data_type(),
            )?));
        };
        let translated = translated(text, self.parses())?;
        let items: Vec<_> = StrftimeItems::new(&translated).collect();
        let is_scalar = matches!(value, ColumnarValue::Scalar(_));
        let values = value.to_array(if is_scalar { 1 } else { args.number_rows })?;
        let result: ArrayRef = if self.parses() {
            let read =
                |value: Option<&str>| value.map(|value| parse(value, text, &items)).transpose();
            let times: TimestampMicrosecondArray =
                values.as_string::<i32>().iter().map(read).collect::<Result<_, _>>()?;
            Arc::new(times.with_timezone("UTC"))
        } else {
            let written = |time: Option<i64>| {
                let time = time.and_then(DateTime::<Utc>::from_timestamp_micros)?;
                let mut text = String::new();
                write!(text, "{}", time.format_with_items(items.iter())).ok()?;
                Some(text)
            };
            let times = values.as_primitive::<TimestampMicrosecondType>();
            Arc::new(times.iter().map(written).collect::<StringArray>())
        };
        if is_scalar {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&result, 0)?));
        }
        Ok(ColumnarValue::Array(result))
    }
}

/// Returns a format in chrono's words, to write times or to read them.
fn translated(format: &str, reads: bool) -> Result<String, DataFusionError> {
    let mut translated = String::with_capacity(format.len());
    // A fraction of any length is read together with its point.
    let format = if reads { format.replace(".%f", "%.f") } else { format.to_owned() };
    let mut characters = format.chars();
    while let Some(character) = characters.next() {
        if character != '%' {
            translated.push(character);
            continue;
        }
        match characters.next() {
            Some('Y') => translated.push_str("%Y"),
            Some('%') => translated.push_str("%%"),
            Some('.') if reads && characters.as_str().starts_with('f') => {
                characters.next();
                translated.push_str("%.f");
            }
            Some(field) => match FIELDS.iter().find(|(known, _)| *known == field) {
                Some((_, words)) => translated.push_str(words),
                None => {
                    return exec_err!(
                        "%{field} is not a field of a date format: use %Y %m %d %H %i %s, as in MySQL"
                    );
                }
            },
            None => return exec_err!("the date format '{format}' ends in %"),
        }
    }
    Ok(translated)
}

/// Reads a time; what the format leaves out is the beginning of the year, month, day and so on.
fn parse(value: &str, format: &str, items: &[Item<'_>]) -> Result<i64, DataFusionError> {
    let problem = || exec_datafusion_err!("'{value}' does not have the format '{format}'");
    let mut parsed = Parsed::new();
    chrono::format::parse(&mut parsed, value, items.iter()).map_err(|_| problem())?;
    let time = completed(&mut parsed).map_err(|_| problem())?;
    Ok(time.and_utc().timestamp_micros())
}

fn completed(parsed: &mut Parsed) -> ParseResult<NaiveDateTime> {
    let has_year =
        parsed.year().is_some() || parsed.year_mod_100().is_some() || parsed.isoyear().is_some();
    if !has_year {
        parsed.set_year(1970)?;
    }
    if parsed.ordinal().is_none() && parsed.isoweek().is_none() {
        if parsed.month().is_none() {
            parsed.set_month(1)?;
        }
        if parsed.day().is_none() {
            parsed.set_day(1)?;
        }
    }
    let day = parsed.to_naive_date()?;
    if parsed.hour_mod_12().is_none() {
        parsed.set_hour(0)?;
    }
    if parsed.minute().is_none() {
        parsed.set_minute(0)?;
    }
    Ok(day.and_time(parsed.to_naive_time()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_written_by_formats() {
        for (text, format, expected) in [
            ("2026-04-27T02:18:03Z", "%Y-%m-%dT%H:%i:%sZ", "2026-04-27 02:18:03.000000"),
            ("2026-04-27", "%Y-%m-%d", "2026-04-27 00:00:00.000000"),
            ("27/Apr/2026:14:18:03.25", "%d/%b/%Y:%T.%f", "2026-04-27 14:18:03.250000"),
            ("4/7/26 2:05 PM", "%c/%e/%y %l:%i %p", "2026-04-07 14:05:00.000000"),
            ("2026-04", "%Y-%m", "2026-04-01 00:00:00.000000"),
            ("100%2026", "100%%%Y", "2026-01-01 00:00:00.000000"),
        ] {
            let format_items = translated(format, true).unwrap();
            let items: Vec<_> = StrftimeItems::new(&format_items).collect();
            let time =
                DateTime::from_timestamp_micros(parse(text, format, &items).unwrap()).unwrap();
            let out = translated("%Y-%m-%d %H:%i:%s.%f", false).unwrap();
            assert_eq!(time.format(&out).to_string(), expected, "{text}");
        }
        let items: Vec<_> = StrftimeItems::new("%Y").collect();
        assert!(parse("x", "%Y", &items).unwrap_err().to_string().contains("'x' does not have"));
        for format in ["%Q", "%"] {
            assert!(translated(format, false).is_err());
        }
    }
}
