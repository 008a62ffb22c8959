//! Athena's cells, which are texts, as columns of the types that they stand for. A text that is not
//! a value of its type is an error, never NULL.

use std::{fmt::Display, sync::Arc};

use arrow::{
    array::{
        ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array,
        Int64Array, StringArray, TimestampMicrosecondArray,
    },
    compute::{CastOptions, cast_with_options},
    datatypes::{DECIMAL128_MAX_PRECISION, DataType, Date32Type, Field, TimeUnit},
    util::display::FormatOptions,
};
use aws_sdk_athena::types::ColumnInfo;
use chrono::{NaiveDate, NaiveDateTime};

use super::failure;
use crate::error::Result;

/// Characters of a value that an error shows.
const SHOWN: usize = 100;
/// What stands behind an instant that has a zone.
const UTC: &str = " UTC";

/// What the texts of a column stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Boolean,
    /// Of this width.
    Integer(DataType),
    Real,
    Double,
    Decimal(u8, i8),
    Date,
    /// What a clock shows.
    Time,
    /// A point of time: a time in UTC.
    Instant,
}

impl Kind {
    /// Returns how a column of an answer is read that is to have a type; none if Athena's text does
    /// not tell the type's values apart, as those of lists.
    pub(super) fn of_type(expected: &DataType) -> Option<Self> {
        Some(match expected {
            DataType::Null | DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
                Self::Text
            }
            DataType::Dictionary(_, value) => return Self::of_type(value),
            DataType::Boolean => Self::Boolean,
            kind if kind.is_integer() => Self::Integer(DataType::Int64),
            DataType::Float32 => Self::Real,
            DataType::Float64 => Self::Double,
            DataType::Decimal128(precision, scale) => Self::Decimal(*precision, *scale),
            DataType::Date32 => Self::Date,
            DataType::Timestamp(_, None) => Self::Time,
            DataType::Timestamp(_, Some(_)) => Self::Instant,
            _ => return None,
        })
    }

    /// Returns how a column is read of which only Athena knows the type. What has no counterpart
    /// stays the text that Athena wrote.
    pub(super) fn of_column(column: &ColumnInfo) -> Self {
        match column.r#type.to_ascii_lowercase().as_str() {
            "boolean" => Self::Boolean,
            "tinyint" => Self::Integer(DataType::Int8),
            "smallint" => Self::Integer(DataType::Int16),
            "int" | "integer" => Self::Integer(DataType::Int32),
            "bigint" => Self::Integer(DataType::Int64),
            "float" | "real" => Self::Real,
            "double" => Self::Double,
            "date" => Self::Date,
            "timestamp" => Self::Time,
            "decimal" => {
                let precision = u8::try_from(column.precision).unwrap_or_default();
                let scale = i8::try_from(column.scale).unwrap_or(i8::MAX);
                let fits = (1..=DECIMAL128_MAX_PRECISION).contains(&precision)
                    && (0..=precision).any(|digits| i8::try_from(digits) == Ok(scale));
                if fits { Self::Decimal(precision, scale) } else { Self::Text }
            }
            _ => Self::Text,
        }
    }

    /// The type of the column.
    pub(super) fn data_type(&self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::Boolean => DataType::Boolean,
            Self::Integer(width) => width.clone(),
            Self::Real => DataType::Float32,
            Self::Double => DataType::Float64,
            Self::Decimal(precision, scale) => DataType::Decimal128(*precision, *scale),
            Self::Date => DataType::Date32,
            Self::Time => DataType::Timestamp(TimeUnit::Microsecond, None),
            Self::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        }
    }

    fn in_words(&self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Boolean => "true or false",
            Self::Integer(_) => "a whole number of its column's width",
            Self::Real | Self::Double => "a number",
            Self::Decimal(..) => "a decimal number of its column's precision",
            Self::Date => "a day",
            Self::Time | Self::Instant => "a time in microseconds",
        }
    }
}

/// Returns the cells of a column as an array. NULL is a cell without a text.
///
/// # Errors
/// [`Error::Elsewhere`](crate::Error::Elsewhere) if a text is not a value of the kind.
pub(super) fn array<'a>(
    kind: &Kind,
    field: &Field,
    cells: impl Iterator<Item = Option<&'a str>>,
) -> Result<ArrayRef> {
    let column = Column { kind, field };
    Ok(match kind {
        Kind::Text => Arc::new(cells.collect::<StringArray>()),
        Kind::Boolean => Arc::new(column.values::<_, BooleanArray>(cells, boolean)?),
        Kind::Integer(width) => {
            let numbers: Int64Array = column.values(cells, whole)?;
            let exactly = CastOptions { safe: false, format_options: FormatOptions::new() };
            cast_with_options(&numbers, width, &exactly).map_err(|error| column.unfit(error))?
        }
        Kind::Real => Arc::new(column.values::<_, Float32Array>(cells, |text| text.parse().ok())?),
        Kind::Double => {
            Arc::new(column.values::<_, Float64Array>(cells, |text| text.parse().ok())?)
        }
        Kind::Decimal(precision, scale) => {
            let parse = |text: &str| decimal(text, *precision, *scale);
            let numbers: Decimal128Array = column.values(cells, parse)?;
            let numbers = numbers.with_precision_and_scale(*precision, *scale);
            Arc::new(numbers.map_err(|error| column.unfit(error))?)
        }
        Kind::Date => Arc::new(column.values::<_, Date32Array>(cells, day)?),
        Kind::Time => Arc::new(column.values::<_, TimestampMicrosecondArray>(cells, time)?),
        Kind::Instant => {
            let instant = |text: &str| time(text.strip_suffix(UTC).unwrap_or(text));
            let instants: TimestampMicrosecondArray = column.values(cells, instant)?;
            Arc::new(instants.with_timezone("UTC"))
        }
    })
}

struct Column<'a> {
    kind: &'a Kind,
    field: &'a Field,
}

impl Column<'_> {
    fn values<'a, T, A: FromIterator<Option<T>>>(
        &self,
        cells: impl Iterator<Item = Option<&'a str>>,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<A> {
        let value = |cell: Option<&str>| {
            let Some(text) = cell else { return Ok(None) };
            parse(text).map(Some).ok_or_else(|| {
                let mut shown: String = text.chars().take(SHOWN).collect();
                if shown.len() < text.len() {
                    shown.push('…');
                }
                self.unfit(format!("{shown:?} is not {}", self.kind.in_words()))
            })
        };
        cells.map(value).collect()
    }

    fn unfit(&self, problem: impl Display) -> crate::error::Error {
        failure::problem(format!("column {:?} of the answer: {problem}", self.field.name()))
    }
}

/// A number that has no fraction, also if Athena computed it as one that may have.
fn whole(text: &str) -> Option<i64> {
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let (digits, fraction) = text.split_once('.')?;
    let is_whole = !fraction.is_empty() && fraction.bytes().all(|byte| byte == b'0');
    is_whole.then(|| digits.parse().ok()).flatten()
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

fn day(text: &str) -> Option<i32> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(Date32Type::from_naive_date)
}

/// Microseconds since 1970 of a time without a zone. Digits behind them must be zeros.
fn time(text: &str) -> Option<i64> {
    let time = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").ok()?.and_utc();
    (time.timestamp_subsec_nanos() % 1000 == 0).then(|| time.timestamp_micros())
}

/// The digits of a decimal number as one whole number.
fn decimal(text: &str, precision: u8, scale: i8) -> Option<i128> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let scale = usize::try_from(scale).ok()?;
    let (fraction, beyond) = fraction.split_at_checked(scale).unwrap_or((fraction, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty()
        || !is_digits(whole)
        || !is_digits(fraction)
        || beyond.bytes().any(|byte| byte != b'0')
    {
        return None;
    }
    let number: i128 = format!("{whole}{fraction:0<scale$}").parse().ok()?;
    (number < 10_i128.checked_pow(u32::from(precision))?).then_some(sign * number)
}

#[cfg(test)]
mod tests;
