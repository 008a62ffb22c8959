//! Which part of a trail a run converts, if several share it: a function of the log files' names alone.

use std::{fmt, str::FromStr};

use sha2::{Digest, Sha256};

use crate::trail::LogFile;

/// One of several runs that convert a trail together: `3/8` is the third of eight.
///
/// All log files of a day of delivery and a region belong to the same shard, since their records go to
/// the same partition; those whose names do not say, by their URLs. The account does not count: the
/// shards of an organization would meet in every partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    number: u32,
    count: u32,
}

impl Shard {
    /// The most shards of a trail: as many as an array job of AWS Batch can have.
    pub const MOST: u32 = 10_000;

    /// Returns the shard with a number, from 1 on, of so many; `None` if there is none.
    pub fn new(number: u32, count: u32) -> Option<Self> {
        let is_one = (1..=count).contains(&number) && count <= Self::MOST;
        is_one.then_some(Self { number, count })
    }

    /// How many shards there are.
    pub fn count(self) -> u32 {
        self.count
    }

    /// Returns whether a log file is one of the shard's.
    pub fn owns(self, file: &LogFile) -> bool {
        let place =
            file.key().map_or_else(|| file.url(), |key| format!("{}/{}", key.region, key.day));
        number_of(&place, self.count) == self.number
    }
}

/// Returns the number of the shard that a place belongs to. It never changes: a run that is given again
/// must find its log files.
fn number_of(place: &str, count: u32) -> u32 {
    let digest = Sha256::digest(place);
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    let remainder = u64::from_be_bytes(first) % u64::from(count);
    u32::try_from(remainder).unwrap_or(0) + 1
}

impl fmt::Display for Shard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.number, self.count)
    }
}

/// Why a text names no shard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "give a shard and the number of shards, such as 1/8 to 8/8; at most {} shards",
    Shard::MOST
)]
pub struct ParseShardError;

impl FromStr for Shard {
    type Err = ParseShardError;

    fn from_str(text: &str) -> Result<Self, ParseShardError> {
        let is_number =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let (number, count) = text.split_once('/').ok_or(ParseShardError)?;
        if !is_number(number) || !is_number(count) {
            return Err(ParseShardError);
        }
        let read = |text: &str| text.parse().map_err(|_| ParseShardError);
        Self::new(read(number)?, read(count)?).ok_or(ParseShardError)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use object_store::ObjectMeta;
    use proptest::prelude::*;

    use super::*;

    fn file(path: &str) -> LogFile {
        let (location, last_modified) = (path.into(), DateTime::default());
        let meta = ObjectMeta { location, last_modified, size: 1, e_tag: None, version: None };
        LogFile::new(meta, &"s3://trail".into(), path.to_owned())
    }

    fn key(account: &str, region: &str, time: &str) -> LogFile {
        let day = format!("{}/{}/{}", &time[..4], &time[4..6], &time[6..8]);
        file(&format!(
            "AWSLogs/{account}/CloudTrail/{region}/{day}/{account}_CloudTrail_{region}_{time}_x.json.gz"
        ))
    }

    fn owner(file: &LogFile, count: u32) -> u32 {
        (1..=count).find(|number| Shard::new(*number, count).unwrap().owns(file)).unwrap()
    }

    #[test]
    fn owners_stay_what_they_are() {
        // In Python: int.from_bytes(sha256(b"us-east-1/2026-04-27").digest()[:8], "big") % 8 + 1
        for (path, of_8, of_3) in [
            (key("111122223333", "us-east-1", "20260427T0220Z"), 3, 1),
            (key("111122223333", "us-east-1", "20260428T0220Z"), 2, 2),
            (key("444455556666", "eu-west-1", "20260427T2355Z"), 2, 1),
            (file("cloudtrail.json"), 6, 2),
            (file("a/ü.gz"), 6, 1),
        ] {
            assert_eq!((owner(&path, 8), owner(&path, 3)), (of_8, of_3), "{}", path.url());
        }
    }

    #[test]
    fn a_day_of_a_region_has_one_owner() {
        let first = owner(&key("111122223333", "us-east-1", "20260427T0220Z"), 64);
        let other = key("444455556666", "us-east-1", "20260427T2355Z");
        assert_eq!(owner(&other, 64), first);
        // As a copy elsewhere, and without its folders.
        let copy = "copies/111122223333_CloudTrail_us-east-1_20260427T0220Z_y.json";
        assert_eq!(owner(&file(copy), 64), first);
    }

    #[test]
    fn texts() {
        for text in ["1/1", "3/8", "10000/10000"] {
            assert_eq!(text.parse::<Shard>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "/",
            "1",
            "1/",
            "/8",
            "0/8",
            "9/8",
            "-1/8",
            "+1/8",
            "1/8/8",
            " 1/8",
            "1/0",
            "a/8",
            "1/10001",
            "1/99999999999999999999",
        ] {
            assert_eq!(text.parse::<Shard>(), Err(ParseShardError), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_log_file_belongs_to_exactly_one_shard(
            path in "[a-zA-Z0-9_/.-]{1,80}",
            count in 1_u32..200,
        ) {
            let file = file(&path);
            let owns = |number: &u32| Shard::new(*number, count).unwrap().owns(&file);
            prop_assert_eq!((1..=count).filter(owns).count(), 1);
        }

        #[test]
        fn so_does_every_log_file_with_a_name_of_cloudtrail(
            account in "[0-9]{12}",
            region in prop::sample::select(vec!["us-east-1", "eu-central-1", "us-gov-west-1"]),
            (month, day, hour) in (1..=12, 1..=28, 0..24),
            count in 1_u32..200,
        ) {
            let file = key(&account, region, &format!("2026{month:02}{day:02}T{hour:02}00Z"));
            let owns = |number: &u32| Shard::new(*number, count).unwrap().owns(&file);
            prop_assert_eq!((1..=count).filter(owns).count(), 1);
        }
    }

    #[test]
    fn shards_have_about_as_much_each() {
        let mut owned = [0; 8];
        for day in 1..=365_i64 {
            let time = DateTime::from_timestamp(1_767_225_600 + day * 86_400, 0).unwrap();
            for region in ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1"] {
                let file = key("111122223333", region, &time.format("%Y%m%dT0000Z").to_string());
                owned[owner(&file, 8) as usize - 1] += 1;
            }
        }
        assert!(owned.iter().all(|files| (140..=225).contains(files)), "{owned:?}");
    }
}
