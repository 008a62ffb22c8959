//! The SQL function `local_time(instant, zone)`: what clocks in a time zone show at an instant. The
//! engine converts to zones that the text of a query names, not to one that a parameter names.

use std::sync::{Arc, LazyLock};

use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::Tz;
use datafusion::{
    arrow::{
        array::{Array, AsArray, TimestampMicrosecondArray},
        compute::cast,
        datatypes::{DataType, TimeUnit, TimestampMicrosecondType},
    },
    common::{exec_err, plan_err},
    error::DataFusionError,
    logical_expr::{
        ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility,
    },
};

const NAME: &str = "local_time";
const MICROSECONDS: i64 = 1_000_000;

static INSTANT: LazyLock<DataType> =
    LazyLock::new(|| DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())));

/// Returns the function.
pub(super) fn function() -> ScalarUDF {
    ScalarUDF::new_from_impl(LocalTime(Signature::user_defined(Volatility::Immutable)))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct LocalTime(Signature);

impl ScalarUDFImpl for LocalTime {
    fn name(&self) -> &str {
        NAME
    }

    fn signature(&self) -> &Signature {
        &self.0
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType, DataFusionError> {
        Ok(DataType::Timestamp(TimeUnit::Microsecond, None))
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>, DataFusionError> {
        let is_instant =
            |kind: &DataType| matches!(kind, DataType::Timestamp(..)) || kind.is_null();
        match given {
            [instant, zone] if is_instant(instant) && (zone.is_string() || zone.is_null()) => {
                Ok(vec![INSTANT.clone(), DataType::Utf8])
            }
            _ => plan_err!("it is called as {NAME}(event_time, 'Europe/Berlin')"),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue, DataFusionError> {
        let is_scalar = args.args.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let rows = if is_scalar { 1 } else { args.number_rows };
        let columns: Vec<_> =
            args.args.iter().map(|value| value.to_array(rows)).collect::<Result<_, _>>()?;
        let [instants, zones] = columns.as_slice() else {
            return exec_err!("{NAME} takes two arguments");
        };
        let instants = cast(instants, &INSTANT)?;
        let (instants, zones) =
            (instants.as_primitive::<TimestampMicrosecondType>(), zones.as_string::<i32>());
        // Nearly always the same one for all rows.
        let mut last: Option<(&str, Tz)> = None;
        let local = |row: usize| {
            if instants.is_null(row) || zones.is_null(row) {
                return Ok(None);
            }
            let name = zones.value(row);
            let zone = match last {
                Some((known, zone)) if known == name => zone,
                _ => match name.parse() {
                    Ok(zone) => last.insert((name, zone)).1,
                    Err(_) => {
                        return exec_err!(
                            "{name:?} is not a time zone: give a name such as Europe/Berlin"
                        );
                    }
                },
            };
            Ok(local_time(instants.value(row), zone))
        };
        let times =
            (0..rows).map(local).collect::<Result<TimestampMicrosecondArray, DataFusionError>>()?;
        let times = ColumnarValue::Array(Arc::new(times));
        if is_scalar {
            let ColumnarValue::Array(array) = &times else { return Ok(times) };
            let value = datafusion::scalar::ScalarValue::try_from_array(array, 0)?;
            return Ok(ColumnarValue::Scalar(value));
        }
        Ok(times)
    }
}

/// Both in microseconds since 1970; `None` for a time that no calendar has.
fn local_time(instant: i64, zone: Tz) -> Option<i64> {
    let utc = DateTime::from_timestamp_micros(instant)?.naive_utc();
    let offset = zone.offset_from_utc_datetime(&utc).fix().local_minus_utc();
    instant.checked_add(i64::from(offset) * MICROSECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_are_changed_twice_a_year() {
        let cases = [
            ("2026-01-15T12:00:00Z", "UTC", "2026-01-15T12:00:00Z"),
            ("2026-01-15T12:00:00Z", "Europe/Berlin", "2026-01-15T13:00:00Z"),
            ("2026-07-15T12:00:00Z", "Europe/Berlin", "2026-07-15T14:00:00Z"),
            ("2026-03-29T00:59:59Z", "Europe/Berlin", "2026-03-29T01:59:59Z"),
            ("2026-03-29T01:00:00Z", "Europe/Berlin", "2026-03-29T03:00:00Z"),
            ("2026-10-25T01:00:00Z", "Europe/Berlin", "2026-10-25T02:00:00Z"),
            ("2026-07-15T20:00:00Z", "Asia/Kolkata", "2026-07-16T01:30:00Z"),
            ("2026-07-15T02:00:00Z", "America/New_York", "2026-07-14T22:00:00Z"),
        ];
        let micros = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().timestamp_micros();
        for (instant, zone, expected) in cases {
            let found = local_time(micros(instant), zone.parse().unwrap());
            assert_eq!(found, Some(micros(expected)), "{instant} {zone}");
        }
        assert_eq!(local_time(i64::MAX, Tz::Europe__Berlin), None);
    }
}
