//! Days as numbers and as dates; the time of a file or a machine as a date, also where no calendar
//! has one: chrono panics then.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};

/// Returns the date of a day since 1970-01-01.
pub(crate) fn date_of(day: i32) -> NaiveDate {
    let epoch = NaiveDate::default();
    let distance = Days::new(u64::from(day.unsigned_abs()));
    let date =
        if day < 0 { epoch.checked_sub_days(distance) } else { epoch.checked_add_days(distance) };
    date.unwrap_or_default()
}

/// Returns the days from 1970-01-01 to a date.
pub(crate) fn day_of(date: NaiveDate) -> i32 {
    let days = date.signed_duration_since(NaiveDate::default()).num_days();
    i32::try_from(days).unwrap_or_default()
}

/// Returns the instant of a system time, in UTC; the first or last one of the calendar for a time
/// beyond it.
pub fn instant_of(time: SystemTime) -> DateTime<Utc> {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    in_calendar(since.map_err(|before| before.duration())).unwrap_or_else(|last| last)
}

/// Returns whether a system time is one of the calendar.
pub fn is_in_calendar(time: SystemTime) -> bool {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    in_calendar(since.map_err(|before| before.duration())).is_ok()
}

/// Returns the instant so long after 1970, or so long before it; the calendar's end on that side as
/// the error.
fn in_calendar(since: Result<Duration, Duration>) -> Result<DateTime<Utc>, DateTime<Utc>> {
    let moved = |by: Duration, forward: bool| {
        let by = TimeDelta::from_std(by).ok()?;
        DateTime::UNIX_EPOCH.checked_add_signed(if forward { by } else { -by })
    };
    match since {
        Ok(after) => moved(after, true).ok_or(DateTime::<Utc>::MAX_UTC),
        Err(before) => moved(before, false).ok_or(DateTime::<Utc>::MIN_UTC),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_clock_shows_a_date() {
        let far = Duration::from_secs(i64::MAX as u64);
        for (since, expected) in [
            (Ok(Duration::ZERO), "1970-01-01 00:00:00 UTC"),
            (Ok(Duration::from_millis(1_777_255_200_500)), "2026-04-27 02:00:00.500 UTC"),
            (Err(Duration::from_secs(1)), "1969-12-31 23:59:59 UTC"),
            (Err(Duration::from_hours(24 * 365_000)), "0970-08-31 00:00:00 UTC"),
            (Ok(far), "+262142-12-31 23:59:59.999999999 UTC"),
            (Err(far), "-262143-01-01 00:00:00 UTC"),
            (Ok(Duration::MAX), "+262142-12-31 23:59:59.999999999 UTC"),
            (Err(Duration::MAX), "-262143-01-01 00:00:00 UTC"),
        ] {
            let instant = in_calendar(since).unwrap_or_else(|last| last);
            assert_eq!(instant.to_string(), expected, "{since:?}");
        }
        let day_before = SystemTime::UNIX_EPOCH - Duration::from_hours(24);
        assert_eq!(instant_of(day_before).to_string(), "1969-12-31 00:00:00 UTC");
        assert!(is_in_calendar(day_before));
    }
}
