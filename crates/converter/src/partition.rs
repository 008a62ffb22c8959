//! The partition of a row, and its one spelling in a path: `date=2026-04-27/region=us-east-1`.

use std::{fmt, str::FromStr};

use chrono::{Days, NaiveDate};

/// The region of rows whose `awsRegion` is missing or not shaped like a region.
pub const UNKNOWN_REGION: &str = "unknown";

/// The UTC day of an event and the region it happened in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartitionKey {
    /// UTC day of `eventTime`, or the delivery day where that cannot be read.
    pub date: NaiveDate,
    /// `awsRegion`, or [`UNKNOWN_REGION`].
    pub region: String,
}

impl PartitionKey {
    /// Makes the key of a day (since 1970-01-01) and an `awsRegion` as found in a record.
    pub fn new(day: i32, region: &str) -> Self {
        let region = if is_region(region) { region } else { UNKNOWN_REGION };
        Self { date: date_of(day), region: region.to_owned() }
    }

    /// Returns the day in days since 1970-01-01, as Arrow's `Date32` counts.
    pub fn day(&self) -> i32 {
        day_of(self.date)
    }
}

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

/// Returns whether a value may stand in a path: `^[a-z]{2,}(-[a-z0-9]+){1,4}$`, at most 32
/// characters. Everything else goes to [`UNKNOWN_REGION`], so that no path is ever built from
/// what a log file holds.
pub(crate) fn is_region(text: &str) -> bool {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or_default();
    let rest = parts.clone().count();
    text.len() <= 32
        && first.len() >= 2
        && first.bytes().all(|byte| byte.is_ascii_lowercase())
        && (1..=4).contains(&rest)
        && parts.all(|part| {
            !part.is_empty()
                && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        })
}

impl fmt::Display for PartitionKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "date={}/region={}", self.date.format("%Y-%m-%d"), self.region)
    }
}

/// The text is not the path of a partition.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not a partition path such as date=2026-04-27/region=us-east-1")]
pub struct ParsePartitionKeyError(String);

impl FromStr for PartitionKey {
    type Err = ParsePartitionKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parsed = text.strip_prefix("date=").and_then(|rest| {
            let (date, region) = rest.split_once("/region=")?;
            let date = NaiveDate::parse_from_str(date, "%Y-%m-%d").ok()?;
            (region == UNKNOWN_REGION || is_region(region))
                .then(|| Self { date, region: region.to_owned() })
        });
        parsed
            .filter(|key| key.to_string() == text)
            .ok_or_else(|| ParsePartitionKeyError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_shaped_like_a_region_reaches_a_path() {
        for region in
            ["us-east-1", "us-gov-west-1", "cn-north-1", "sagov-westsouth-1r", "eu-isoe-west-1"]
        {
            assert!(is_region(region), "{region}");
        }
        for region in [
            "",
            "us",
            "US-EAST-1",
            "us-east-1/..",
            "../../x",
            "a=b",
            "us-east-1\0",
            "CON",
            "%2e%2e",
            "us--1",
            "-us-1",
            "u-1",
            "aa-b-c-d-e-f",
            &"a".repeat(300),
            "us-east-1 ",
        ] {
            assert!(!is_region(region), "{region}");
            assert_eq!(PartitionKey::new(0, region).region, UNKNOWN_REGION);
        }
    }

    #[test]
    fn a_key_and_its_path_are_inverse() {
        for day in [-1, 0, 13_149, 20_570, 47_481] {
            for region in ["us-east-1", UNKNOWN_REGION] {
                let key = PartitionKey::new(day, region);
                assert_eq!(key.to_string().parse::<PartitionKey>().unwrap(), key);
                assert_eq!(key.day(), day);
            }
        }
        for path in [
            "",
            "date=2026-04-27",
            "date=2026-4-27/region=us-east-1",
            "date=x/region=y",
            "date=2026-04-27/region=../a",
        ] {
            assert!(path.parse::<PartitionKey>().is_err(), "{path}");
        }
    }
}
