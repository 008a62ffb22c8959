//! Instants as seconds since 1970, the ways CloudTrail spells them, and the rhythm of a week.

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};

pub(crate) const MINUTE: i64 = 60;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;
/// A day's traffic is planned in slots of five minutes, the pace of CloudTrail's deliveries.
pub(crate) const SLOT: i64 = 5 * MINUTE;
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn instant(time: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(time, 0).unwrap_or_default()
}

/// Returns the first second of a day.
pub(crate) fn start_of(day: NaiveDate) -> i64 {
    day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp()
}

/// Returns `2026-04-27T02:18:03Z`.
pub(crate) fn iso(time: i64) -> String {
    let at = instant(time);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        at.year(),
        at.month(),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

/// Returns `Apr 27, 2026, 2:18:03 AM`, as dates inside payloads are written.
pub(crate) fn shown(time: i64) -> String {
    let at = instant(time);
    let (afternoon, hour) = at.hour12();
    format!(
        "{} {}, {}, {hour}:{:02}:{:02} {}",
        MONTHS[at.month0() as usize],
        at.day(),
        at.year(),
        at.minute(),
        at.second(),
        if afternoon { "PM" } else { "AM" }
    )
}

/// Returns `2026-04-27`.
pub(crate) fn date(time: i64) -> String {
    iso(time)[..10].to_owned()
}

/// Returns `20260427T0215Z`, as in the names of log files.
pub(crate) fn stamp(time: i64) -> String {
    let text = iso(time);
    format!("{}{}{}T{}{}Z", &text[..4], &text[5..7], &text[8..10], &text[11..13], &text[14..16])
}

/// Returns how busy a day is, in percent of a working day.
pub(crate) fn day_weight(day: i64) -> u64 {
    match instant(day).weekday() {
        chrono::Weekday::Sat => 38,
        chrono::Weekday::Sun => 32,
        chrono::Weekday::Fri => 88,
        _ => 100,
    }
}

/// Returns how busy a time of the day is where people live by this offset from UTC, in percent.
pub(crate) fn hour_weight(time: i64, offset_hours: i64) -> u64 {
    match instant(time + offset_hours * HOUR).hour() {
        0..=5 => 22,
        6 | 21..=23 => 34,
        7 | 19 | 20 => 52,
        8 | 18 => 78,
        12 => 80,
        _ => 100,
    }
}

/// Splits a total over weights, so that the parts add up exactly.
pub(crate) fn split(total: u64, weights: &[u64]) -> Vec<u64> {
    let sum: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
    let (mut passed, mut given) = (0_u128, 0_u64);
    let part = |weight: &u64| {
        passed += u128::from(*weight);
        let until = u64::try_from(u128::from(total) * passed / sum.max(1)).unwrap_or(total);
        let part = until - given;
        given = until;
        part
    };
    weights.iter().map(part).collect()
}
