//! The partition of a row, and its one spelling in a path: `date=2026-04-27/region=us-east-1`.

use std::{fmt, str::FromStr};

use chrono::NaiveDate;

use crate::trail::{
    UNKNOWN_REGION,
    calendar::{date_of, day_of},
    region::is_region,
};

/// A column that is in the path of a data file, and not in the file.
#[derive(Debug, Clone, Copy)]
pub struct PartitionColumn {
    /// Name in every engine, and in paths.
    pub name: &'static str,
    /// Type in the SQL of Hive, Athena and Spark.
    pub sql_type: &'static str,
    /// Where its value comes from, as in [`Column::sources`](crate::Column::sources).
    pub sources: &'static [&'static str],
    /// What it means.
    pub description: &'static str,
}

/// The columns of [`PartitionKey`], in the order of the path.
pub const PARTITION_COLUMNS: [PartitionColumn; 2] = [
    PartitionColumn {
        name: "date",
        sql_type: "date",
        sources: &["eventTime"],
        description: "UTC day of event_time; where that cannot be read, of the delivery.",
    },
    PartitionColumn {
        name: "region",
        sql_type: "string",
        sources: &["awsRegion"],
        description: "Region of the call; unknown if awsRegion is not shaped like a Region.",
    },
];

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
    fn what_is_not_shaped_like_a_region_is_unknown() {
        for region in ["", "US-EAST-1", "../../x", "us-east-1\0"] {
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
