//! How values of the command line are read. Each error says what is expected.

use std::time::Duration;

use chrono::NaiveDate;
use ecstrail_query::{DAY_FORMS, DayBound};

/// Reads an amount of memory such as `512MiB`, `2GiB` or `1500000000`.
pub(super) fn parse_size(text: &str) -> Result<usize, String> {
    const SMALLEST: usize = 128 << 20;
    match usize::try_from(parse_bytes(text)?) {
        Ok(bytes) if bytes >= SMALLEST => Ok(bytes),
        Ok(_) => Err("at least 128MiB are needed".to_owned()),
        Err(_) => Err("that is more than any machine has".to_owned()),
    }
}

/// Reads a number of bytes such as `64KiB`, `2GiB` or `1500000000`.
pub(super) fn parse_bytes(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|character: char| character.is_ascii_alphabetic());
    let unit = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        unit => return Err(format!("{unit} is no unit: give MiB or GiB")),
    };
    let number: u64 =
        digits.trim().parse().map_err(|_| "give a number, such as 1GiB".to_owned())?;
    number.checked_mul(unit).ok_or_else(|| "that is more than any machine has".to_owned())
}

/// Reads a share such as `5%` or `0.05`.
pub(super) fn parse_share(text: &str) -> Result<f64, String> {
    let (number, whole) = text.strip_suffix('%').map_or((text, 1.0), |number| (number, 100.0));
    let share = number.trim().parse::<f64>().ok().map(|number| number / whole);
    share
        .filter(|share| (0.0..=1.0).contains(share))
        .ok_or_else(|| "give a share such as 5% or 0.05".to_owned())
}

/// Reads the first UTC day of what is asked for, such as `2026-04-27`, `yesterday` or `last-week`.
pub(super) fn parse_first_day(text: &str) -> Result<NaiveDate, String> {
    parse_day(text, DayBound::First)
}

/// Reads the last UTC day of what is asked for.
pub(super) fn parse_last_day(text: &str) -> Result<NaiveDate, String> {
    parse_day(text, DayBound::Last)
}

fn parse_day(text: &str, bound: DayBound) -> Result<NaiveDate, String> {
    let day = ecstrail_query::parse_day(text, chrono::Utc::now().date_naive(), bound);
    day.ok_or_else(|| format!("give a day: {DAY_FORMS}"))
}

/// Reads an age such as `90m`, `24h` or `7d`.
pub(super) fn parse_age(text: &str) -> Result<Duration, String> {
    let expected = || "give a number and s, m, h or d, such as 24h".to_owned();
    let unit = text.chars().last().ok_or_else(expected)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        _ => return Err(expected()),
    };
    let number: u64 = text[..text.len() - 1].parse().map_err(|_| expected())?;
    number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(expected)
}

/// Reads the name of a service's host, a region or an account.
pub(super) fn parse_name(text: &str) -> Result<String, String> {
    let is_name =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_name) {
        Ok(text.to_owned())
    } else {
        Err("only lower-case letters, digits, `.` and `-` can stand here".to_owned())
    }
}

/// Reads the name of an event.
pub(super) fn parse_event_name(text: &str) -> Result<String, String> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        Ok(text.to_owned())
    } else {
        Err("only letters and digits can stand here".to_owned())
    }
}

/// Reads a parameter of a report and its value.
pub(super) fn parse_setting(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) => Ok((name.trim().to_owned(), value.to_owned())),
        None => Err("give it as name=value".to_owned()),
    }
}
