use super::*;

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 5, 3).unwrap()
}

fn date(text: &str) -> ScalarValue {
    ScalarValue::Date32(days(NaiveDate::parse_from_str(text, "%Y-%m-%d").unwrap()))
}

#[test]
fn values_of_every_type() {
    let cases = [
        (ParameterType::Text, "", ScalarValue::Utf8(Some(String::new()))),
        (ParameterType::Text, "' OR 1=1 --", ScalarValue::Utf8(Some("' OR 1=1 --".to_owned()))),
        (ParameterType::Integer, "-7", ScalarValue::Int64(Some(-7))),
        (ParameterType::Number, "0.25", ScalarValue::Float64(Some(0.25))),
        (ParameterType::Boolean, "true", ScalarValue::Boolean(Some(true))),
        (ParameterType::Date, "2026-04-27", date("2026-04-27")),
        (ParameterType::Date, "today", date("2026-05-03")),
        (ParameterType::Date, "yesterday", date("2026-05-02")),
        (ParameterType::Date, "7d", date("2026-04-26")),
        (ParameterType::Timestamp, "1970-01-02", timestamp(86_400_000_000)),
        (ParameterType::Timestamp, "1970-01-01T00:00:01Z", timestamp(1_000_000)),
        (ParameterType::Timestamp, "1970-01-01T02:00:00.5+02:00", timestamp(500_000)),
    ];
    for (kind, text, expected) in cases {
        assert_eq!(kind.value(text, today(), DayBound::First), Some(expected), "{kind} {text}");
    }
}

#[test]
fn what_is_not_of_the_type() {
    let cases = [
        (ParameterType::Account, "11112222333"),
        (ParameterType::Region, "Ireland"),
        (ParameterType::EventSource, "ecs"),
        (ParameterType::EventName, ""),
        (ParameterType::TimeZone, "CEST"),
        (ParameterType::Integer, "1.5"),
        (ParameterType::Integer, "9223372036854775808"),
        (ParameterType::Integer, ""),
        (ParameterType::Number, "NaN"),
        (ParameterType::Number, "inf"),
        (ParameterType::Boolean, "yes"),
        (ParameterType::Date, "2026-4-7"),
        (ParameterType::Date, "2026-02-30"),
        (ParameterType::Date, "d"),
        (ParameterType::Date, "-1d"),
        (ParameterType::Date, "99999999999d"),
        (ParameterType::Date, "2026-04-27T00:00:00Z"),
        (ParameterType::Timestamp, "2026-04-27 00:00:00"),
    ];
    for (kind, text) in cases {
        assert_eq!(kind.value(text, today(), DayBound::First), None, "{kind} {text}");
    }
}

#[test]
fn names_and_types_are_inverse() {
    for kind in ParameterType::ALL {
        assert_eq!(kind.name().parse(), Ok(kind));
        assert!(kind.null().is_null());
    }
    assert_eq!("interval".parse::<ParameterType>(), Err(()));
}
