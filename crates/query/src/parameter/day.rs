//! Days as users write them, all in UTC.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};

/// The forms in which a day can be given, for help and errors.
pub const DAY_FORMS: &str = "2026-04-27, today, yesterday, 7d (7 days ago), a weekday such as \
                             monday, this-week, last-week, this-month, or last-month";

/// Which day a text that names a whole week or month stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayBound {
    /// The first day.
    First,
    /// The last day.
    Last,
}

impl DayBound {
    /// Returns the bound for a parameter of this name: `until` is a last day, all others are first
    /// days.
    pub fn of(parameter: &str) -> Self {
        if parameter == "until" { Self::Last } else { Self::First }
    }
}

/// Parses a UTC day as users write it, ignoring case.
///
/// - `2026-04-27`, `today`, `yesterday`, and `7d` for seven days ago;
/// - `monday`, `mon`, and so on: the most recent one, which may be today;
/// - `this-week`, `last-week`, `this-month`, `last-month`: their first or last day, depending on
///   `bound`. Weeks begin on Monday, as in ISO 8601.
pub fn parse_day(text: &str, today: NaiveDate, bound: DayBound) -> Option<NaiveDate> {
    let text = text.to_ascii_lowercase();
    match text.as_str() {
        "today" => Some(today),
        "yesterday" => today.pred_opt(),
        "this-week" => week(today, bound),
        "last-week" => week(today.checked_sub_days(Days::new(7))?, bound),
        "this-month" => month(today, bound),
        "last-month" => month(today.checked_sub_months(Months::new(1))?, bound),
        _ => weekday(&text, today).or_else(|| days_ago(&text, today)).or_else(|| date(&text)),
    }
}

fn week(day: NaiveDate, bound: DayBound) -> Option<NaiveDate> {
    let week = day.week(Weekday::Mon);
    match bound {
        DayBound::First => week.checked_first_day(),
        DayBound::Last => week.checked_last_day(),
    }
}

fn month(day: NaiveDate, bound: DayBound) -> Option<NaiveDate> {
    let first = day.with_day(1)?;
    match bound {
        DayBound::First => Some(first),
        DayBound::Last => first.checked_add_months(Months::new(1))?.pred_opt(),
    }
}

fn weekday(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    let since = today.weekday().days_since(text.parse().ok()?);
    today.checked_sub_days(Days::new(since.into()))
}

fn days_ago(text: &str, today: NaiveDate) -> Option<NaiveDate> {
    let ago = text.strip_suffix('d')?.parse().ok()?;
    today.checked_sub_days(Days::new(ago))
}

/// chrono alone would take `2026-4-7` and `+2026-04-07` as well.
fn date(text: &str) -> Option<NaiveDate> {
    (text.len() == 10).then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        date(text).unwrap()
    }

    /// (text, first day, last day) on a Sunday, 2026-05-03.
    const ON_A_SUNDAY: [(&str, &str, &str); 14] = [
        ("2026-04-27", "2026-04-27", "2026-04-27"),
        ("today", "2026-05-03", "2026-05-03"),
        ("Today", "2026-05-03", "2026-05-03"),
        ("yesterday", "2026-05-02", "2026-05-02"),
        ("0d", "2026-05-03", "2026-05-03"),
        ("7d", "2026-04-26", "2026-04-26"),
        ("monday", "2026-04-27", "2026-04-27"),
        ("SAT", "2026-05-02", "2026-05-02"),
        ("sunday", "2026-05-03", "2026-05-03"),
        ("this-week", "2026-04-27", "2026-05-03"),
        ("last-week", "2026-04-20", "2026-04-26"),
        ("this-month", "2026-05-01", "2026-05-31"),
        ("last-month", "2026-04-01", "2026-04-30"),
        ("Last-Month", "2026-04-01", "2026-04-30"),
    ];

    /// The same at the turn of the year, on days where weeks, months and years part.
    const ELSEWHERE: [(&str, &str, &str, &str); 13] = [
        ("2026-05-04", "monday", "2026-05-04", "2026-05-04"),
        ("2026-05-04", "sunday", "2026-05-03", "2026-05-03"),
        ("2026-05-04", "this-week", "2026-05-04", "2026-05-10"),
        ("2026-05-04", "last-week", "2026-04-27", "2026-05-03"),
        ("2026-01-01", "yesterday", "2025-12-31", "2025-12-31"),
        ("2026-01-01", "this-week", "2025-12-29", "2026-01-04"),
        ("2026-01-01", "last-month", "2025-12-01", "2025-12-31"),
        ("2026-12-31", "this-month", "2026-12-01", "2026-12-31"),
        ("2026-03-31", "last-month", "2026-02-01", "2026-02-28"),
        ("2024-03-29", "last-month", "2024-02-01", "2024-02-29"),
        ("2024-02-29", "this-month", "2024-02-01", "2024-02-29"),
        ("2024-03-01", "yesterday", "2024-02-29", "2024-02-29"),
        ("2026-11-02", "last-week", "2026-10-26", "2026-11-01"),
    ];

    #[test]
    fn days_as_people_say_them() {
        let on_a_sunday = ON_A_SUNDAY.map(|(text, first, last)| ("2026-05-03", text, first, last));
        for (today, text, first, last) in on_a_sunday.into_iter().chain(ELSEWHERE) {
            let today = day(today);
            let read = |bound| parse_day(text, today, bound);
            assert_eq!(read(DayBound::First), Some(day(first)), "{text} on {today}");
            assert_eq!(read(DayBound::Last), Some(day(last)), "{text} on {today}");
        }
    }

    #[test]
    fn what_is_no_day() {
        for text in [
            "",
            "d",
            "-1d",
            "1.5d",
            "99999999999d",
            "18446744073709551616d",
            "2026-4-7",
            "+2026-04-07",
            "2026-02-30",
            "2026-04-27T00:00:00Z",
            "mo",
            "mondays",
            "last-monday",
            "week",
            "last week",
            "next-week",
            "yesteryear",
            "tomorrow",
            "7 d",
            " today",
        ] {
            assert_eq!(parse_day(text, day("2026-05-03"), DayBound::First), None, "{text:?}");
        }
    }

    #[test]
    fn the_forms_named_are_forms() {
        for text in [
            "today",
            "yesterday",
            "7d",
            "monday",
            "this-week",
            "last-week",
            "this-month",
            "last-month",
            "2026-04-27",
        ] {
            assert!(DAY_FORMS.contains(text), "{text}");
            assert!(parse_day(text, day("2026-05-03"), DayBound::Last).is_some(), "{text}");
        }
    }

    #[test]
    fn the_beginning_of_time_is_no_panic() {
        for text in ["yesterday", "7d", "last-week", "this-week", "last-month", "monday"] {
            parse_day(text, NaiveDate::MIN, DayBound::First);
            parse_day(text, NaiveDate::MAX, DayBound::Last);
        }
        assert_eq!(parse_day("this-month", NaiveDate::MAX, DayBound::Last), None);
    }
}
