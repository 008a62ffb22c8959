//! Instants in CloudTrail's spellings, as milliseconds since 1970-01-01T00:00:00Z.
//!
//! No clock is asked here: an instant is accepted when it lies in the fixed window 2006 to 2100
//! (AWS began in 2006), so that the same record always lands in the same partition.

use chrono::{DateTime, NaiveDateTime};

/// 2006-01-01T00:00:00Z.
const EARLIEST_MILLIS: i64 = 1_136_073_600_000;
/// 2100-01-01T00:00:00Z, exclusive.
const LATEST_MILLIS: i64 = 4_102_444_800_000;
const MILLIS_PER_DAY: i64 = 86_400_000;
/// Instants are microseconds in rows, and whole milliseconds by value.
pub const MICROS_PER_MILLI: i64 = 1000;

/// Returns the instant of an `eventTime`, or `None` if it has no known spelling or lies outside
/// 2006 to 2100.
///
/// Known are `2026-04-27T02:18:03Z` (every real trail), a fraction, an offset, a space instead of
/// the `T`, no zone (UTC), and the basic form `20260427T021803Z`.
pub fn parse_event_time(text: &str) -> Option<i64> {
    let millis = parse_canonical(text.as_bytes()).or_else(|| parse_any(text))?;
    (EARLIEST_MILLIS..LATEST_MILLIS).contains(&millis).then_some(millis)
}

/// Returns the UTC day of an instant, in days since 1970-01-01.
pub(crate) fn day_of(millis: i64) -> i32 {
    i32::try_from(millis.div_euclid(MILLIS_PER_DAY)).unwrap_or_default()
}

/// Returns whether the text is exactly CloudTrail's `YYYY-MM-DDTHH:MM:SSZ`.
pub(crate) fn is_canonical(text: &str) -> bool {
    parse_canonical(text.as_bytes()).is_some()
}

fn parse_canonical(text: &[u8]) -> Option<i64> {
    let [
        y1,
        y2,
        y3,
        y4,
        b'-',
        m1,
        m2,
        b'-',
        d1,
        d2,
        b'T',
        h1,
        h2,
        b':',
        n1,
        n2,
        b':',
        s1,
        s2,
        b'Z',
    ] = *text
    else {
        return None;
    };
    let two = |tens: u8, ones: u8| {
        (tens.is_ascii_digit() && ones.is_ascii_digit())
            .then(|| i64::from(tens - b'0') * 10 + i64::from(ones - b'0'))
    };
    let year = two(y1, y2)? * 100 + two(y3, y4)?;
    let (month, day) = (two(m1, m2)?, two(d1, d2)?);
    let (hour, minute, second) = (two(h1, h2)?, two(n1, n2)?, two(s1, s2)?);
    if hour > 23 || minute > 59 || second > 59 || day < 1 || day > days_in_month(year, month)? {
        return None;
    }
    let days = days_from_civil(year, month, day);
    Some(((days * 24 + hour) * 60 + minute) * 60_000 + second * 1000)
}

fn days_in_month(year: i64, month: i64) -> Option<i64> {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 => Some(if leap { 29 } else { 28 }),
        _ => None,
    }
}

/// Days since 1970-01-01 of a date of the proleptic Gregorian calendar.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn parse_any(text: &str) -> Option<i64> {
    if text.len() > 64 {
        return None;
    }
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(instant.timestamp_millis());
    }
    let bare = text.trim_end_matches('Z');
    ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y%m%dT%H%M%S"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(bare, format).ok())
        .map(|instant| instant.and_utc().timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn format_event_time(millis: i64) -> String {
        DateTime::from_timestamp_millis(millis)
            .map(|instant| instant.format("%Y-%m-%dT%H:%M:%SZ").to_string())
            .unwrap_or_default()
    }

    #[test]
    fn known_spellings_give_the_same_instant() {
        for text in [
            "2026-04-27T02:18:03Z",
            "2026-04-27T02:18:03.000Z",
            "2026-04-27T04:18:03+02:00",
            "2026-04-27 02:18:03",
            "2026-04-27 02:18:03.000000000",
            "20260427T021803Z",
        ] {
            assert_eq!(parse_event_time(text), Some(1_777_256_283_000), "{text}");
        }
        assert_eq!(format_event_time(1_777_256_283_000), "2026-04-27T02:18:03Z");
    }

    #[test]
    fn impossible_and_far_instants_are_none() {
        for text in [
            "",
            "yesterday",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-04-31T00:00:00Z",
            "2026-04-27T24:00:00Z",
            "2005-12-31T23:59:59Z",
            "2100-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
            "0000-00-00T00:00:00Z",
            "-292277-01-01T00:00:00Z",
        ] {
            assert_eq!(parse_event_time(text), None, "{text}");
        }
        assert!(parse_event_time("2024-02-29T00:00:00Z").is_some());
    }

    #[test]
    fn the_fast_path_agrees_with_chrono_on_every_day() {
        let mut millis = EARLIEST_MILLIS + 7_384_000;
        while millis < LATEST_MILLIS {
            assert_eq!(parse_canonical(format_event_time(millis).as_bytes()), Some(millis));
            millis += MILLIS_PER_DAY;
        }
    }
}
