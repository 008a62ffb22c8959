//! Instants in CloudTrail's spellings, as milliseconds since 1970-01-01T00:00:00Z.
//!
//! No clock is asked here: an instant is accepted when it lies in the fixed window 2006 to 2100
//! (AWS began in 2006), so that the same record always lands in the same partition.

use chrono::{DateTime, NaiveDate, NaiveDateTime};

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
            .then(|| u32::from(tens - b'0') * 10 + u32::from(ones - b'0'))
    };
    let year = i32::try_from(two(y1, y2)? * 100 + two(y3, y4)?).ok()?;
    let date = NaiveDate::from_ymd_opt(year, two(m1, m2)?, two(d1, d2)?)?;
    let instant = date.and_hms_opt(two(h1, h2)?, two(n1, n2)?, two(s1, s2)?)?;
    Some(instant.and_utc().timestamp_millis())
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
            "2026-04-27T23:60:00Z",
            "2026-04-00T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2005-12-31T23:59:59Z",
            "2100-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
            "0000-00-00T00:00:00Z",
            "-292277-01-01T00:00:00Z",
        ] {
            assert_eq!(parse_event_time(text), None, "{text}");
        }
        assert!(parse_event_time("2024-02-29T00:00:00Z").is_some());
        // A leap second is an instant, as RFC 3339 has it, but not one that CloudTrail spells.
        assert!(parse_event_time("2016-12-31T23:59:60Z").is_some());
        assert!(!is_canonical("2016-12-31T23:59:60Z"));
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
