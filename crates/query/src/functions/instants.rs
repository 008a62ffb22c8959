//! `date_diff` and `date_add`, in UTC.

use std::{
    fmt,
    sync::{Arc, LazyLock},
};

use chrono::{DateTime, Datelike, Days, Months, TimeDelta, Utc};
use datafusion::{
    arrow::{
        array::{Array, ArrayRef, AsArray, Int64Array, TimestampMicrosecondArray},
        compute::cast,
        datatypes::{DataType, Int64Type, TimeUnit, TimestampMicrosecondType},
    },
    common::{exec_datafusion_err, exec_err, plan_err},
    error::DataFusionError,
    logical_expr::{
        ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
        Volatility,
    },
};

use super::documented;

/// The type of the column `event_time`.
pub(super) static INSTANT: LazyLock<DataType> =
    LazyLock::new(|| DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())));

pub(super) fn functions() -> Vec<ScalarUDF> {
    let made = [
        (
            "date_diff",
            "date_diff(unit, from, until)",
            "Returns how many whole units lie between two times.",
        ),
        (
            "date_add",
            "date_add(unit, count, time)",
            "Returns a time that many units later, or earlier if the count is negative.",
        ),
    ];
    let made = made.map(|(name, syntax, description)| {
        let documentation = documented(syntax, description);
        let signature = Signature::user_defined(Volatility::Immutable);
        ScalarUDF::new_from_impl(Arithmetic { name, documentation, signature })
    });
    made.into()
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Arithmetic {
    name: &'static str,
    documentation: Documentation,
    signature: Signature,
}

impl Arithmetic {
    fn subtracts(&self) -> bool {
        self.name == "date_diff"
    }
}

impl ScalarUDFImpl for Arithmetic {
    described!();

    fn return_type(&self, given: &[DataType]) -> Result<DataType, DataFusionError> {
        Ok(match given {
            _ if self.subtracts() => DataType::Int64,
            [_, _, DataType::Date32] => DataType::Date32,
            _ => INSTANT.clone(),
        })
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>, DataFusionError> {
        let [unit, second, third] = given else {
            return plan_err!("it is called as {}", self.documentation.syntax_example);
        };
        let is_time = |kind: &DataType| {
            matches!(
                kind,
                DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 | DataType::Null
            ) || kind.is_string()
        };
        let fits = is_time(third)
            && (unit.is_string() || unit.is_null())
            && if self.subtracts() {
                is_time(second)
            } else {
                second.is_integer() || second.is_null()
            };
        if !fits {
            return plan_err!("it is called as {}", self.documentation.syntax_example);
        }
        let third = match third {
            DataType::Date32 if !self.subtracts() => DataType::Date32,
            _ => INSTANT.clone(),
        };
        let second = if self.subtracts() { INSTANT.clone() } else { DataType::Int64 };
        Ok(vec![DataType::Utf8, second, third])
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue, DataFusionError> {
        let is_scalar = args.args.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let rows = if is_scalar { 1 } else { args.number_rows };
        let columns: Vec<_> =
            args.args.iter().map(|value| value.to_array(rows)).collect::<Result<_, _>>()?;
        let [units, second, third] = columns.as_slice() else {
            return exec_err!("{} takes three arguments", self.name);
        };
        let units = units.as_string::<i32>();
        let days = third.data_type() == &DataType::Date32;
        let times = cast(third, &INSTANT)?;
        let times = times.as_primitive::<TimestampMicrosecondType>();
        let null = |row| units.is_null(row) || second.is_null(row) || times.is_null(row);
        let result: ArrayRef = if self.subtracts() {
            let from = second.as_primitive::<TimestampMicrosecondType>();
            let difference = |row| {
                if null(row) {
                    return Ok(None);
                }
                let unit = Unit::of(units.value(row))?;
                let (from, until) = (instant(from.value(row))?, instant(times.value(row))?);
                Ok(Some(unit.between(from, until)))
            };
            Arc::new((0..rows).map(difference).collect::<Result<Int64Array, DataFusionError>>()?)
        } else {
            let counts = second.as_primitive::<Int64Type>();
            let later = |row| {
                if null(row) {
                    return Ok(None);
                }
                let unit = Unit::of(units.value(row))?;
                if days && unit.is_within_a_day() {
                    return exec_err!(
                        "date_add of a day takes day, week, month, quarter or year, not {unit}"
                    );
                }
                let (time, count) = (instant(times.value(row))?, counts.value(row));
                let Some(later) = unit.after(time, count) else {
                    return exec_err!("{count} {unit}s from {time} is out of range");
                };
                Ok(Some(later.timestamp_micros()))
            };
            let times: TimestampMicrosecondArray =
                (0..rows).map(later).collect::<Result<_, DataFusionError>>()?;
            cast(&times.with_timezone("UTC"), args.return_field.data_type())?
        };
        if is_scalar {
            let value = datafusion::scalar::ScalarValue::try_from_array(&result, 0)?;
            return Ok(ColumnarValue::Scalar(value));
        }
        Ok(ColumnarValue::Array(result))
    }
}

fn instant(microseconds: i64) -> Result<DateTime<Utc>, DataFusionError> {
    DateTime::from_timestamp_micros(microseconds)
        .ok_or_else(|| exec_datafusion_err!("a time is out of range"))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

const UNITS: [(Unit, &str); 9] = [
    (Unit::Millisecond, "millisecond"),
    (Unit::Second, "second"),
    (Unit::Minute, "minute"),
    (Unit::Hour, "hour"),
    (Unit::Day, "day"),
    (Unit::Week, "week"),
    (Unit::Month, "month"),
    (Unit::Quarter, "quarter"),
    (Unit::Year, "year"),
];

impl fmt::Display for Unit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = UNITS.iter().find(|(unit, _)| unit == self).map_or("", |(_, name)| name);
        formatter.write_str(name)
    }
}

impl Unit {
    fn of(text: &str) -> Result<Self, DataFusionError> {
        let known = UNITS.iter().find(|(_, name)| name.eq_ignore_ascii_case(text));
        known.map(|(unit, _)| *unit).ok_or_else(|| {
            let names: Vec<_> = UNITS.iter().map(|(_, name)| *name).collect();
            exec_datafusion_err!("'{text}' is not a unit of time: use {}", names.join(", "))
        })
    }

    fn is_within_a_day(self) -> bool {
        matches!(self, Self::Millisecond | Self::Second | Self::Minute | Self::Hour)
    }

    fn between(self, from: DateTime<Utc>, until: DateTime<Utc>) -> i64 {
        let passed = until - from;
        match self {
            Self::Millisecond => passed.num_milliseconds(),
            Self::Second => passed.num_seconds(),
            Self::Minute => passed.num_minutes(),
            Self::Hour => passed.num_hours(),
            Self::Day => passed.num_days(),
            Self::Week => passed.num_weeks(),
            Self::Month => months(from, until),
            Self::Quarter => months(from, until) / 3,
            Self::Year => months(from, until) / 12,
        }
    }

    fn after(self, time: DateTime<Utc>, count: i64) -> Option<DateTime<Utc>> {
        let span = |span: Option<TimeDelta>| time.checked_add_signed(span?);
        let months = |each: i64| {
            let count = count.checked_mul(each)?;
            let months = Months::new(u32::try_from(count.unsigned_abs()).ok()?);
            if count < 0 {
                time.checked_sub_months(months)
            } else {
                time.checked_add_months(months)
            }
        };
        let days = |each: i64| {
            let count = count.checked_mul(each)?;
            let days = Days::new(count.unsigned_abs());
            if count < 0 { time.checked_sub_days(days) } else { time.checked_add_days(days) }
        };
        match self {
            Self::Millisecond => span(TimeDelta::try_milliseconds(count)),
            Self::Second => span(TimeDelta::try_seconds(count)),
            Self::Minute => span(TimeDelta::try_minutes(count)),
            Self::Hour => span(TimeDelta::try_hours(count)),
            Self::Day => days(1),
            Self::Week => days(7),
            Self::Month => months(1),
            Self::Quarter => months(3),
            Self::Year => months(12),
        }
    }
}

/// Whole months between two times: the day of the month and the time of day have to be reached.
fn months(from: DateTime<Utc>, until: DateTime<Utc>) -> i64 {
    if until < from {
        return -months(until, from);
    }
    let of = |time: DateTime<Utc>| i64::from(time.year()) * 12 + i64::from(time.month0());
    let months = of(until) - of(from);
    // The last day of a month stands for those that it does not have.
    let reached =
        u32::try_from(months).ok().and_then(|count| from.checked_add_months(Months::new(count)));
    if reached.is_some_and(|reached| reached > until) { months - 1 } else { months }
}
