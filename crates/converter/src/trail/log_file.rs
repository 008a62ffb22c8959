//! What CloudTrail calls its objects: account, region and delivery day are read from key names,
//! and digests and Insights are told apart from log files.
//!
//! `[prefix/]AWSLogs/[o-id/]account/CloudTrail/region/YYYY/MM/DD/`
//! `account_CloudTrail_region_YYYYMMDDTHHmmZ_unique.json.gz`, see
//! <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html>.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use object_store::{ObjectMeta, path::Path};

use crate::trail::{UNKNOWN_REGION, region::is_region};

mod other_service;

pub(crate) use other_service::other_service;

/// The folder of a dataset's own bookkeeping: a dataset may stand below the trail it is made from.
const DATASET_FOLDER: &str = "_ecstrail";
/// The folder of a dataset's data files, and how the names in it begin.
const DATA_FOLDERS: (&str, &str) = ("events", "date=");

/// Endings of files that are surely no logs. Everything else is judged by what it holds.
const OTHER_ENDINGS: [&str; 46] = [
    "asc", "avro", "bat", "bmp", "css", "dll", "doc", "docx", "exe", "gif", "go", "htm", "html",
    "ico", "ini", "jar", "java", "jpeg", "jpg", "js", "lock", "md", "md5", "mp4", "orc", "parquet",
    "pdf", "png", "ps1", "py", "rb", "rs", "rst", "sh", "sha256", "so", "sql", "svg", "tf", "toml",
    "ts", "webp", "xls", "xlsx", "yaml", "yml",
];

/// The account in the names of exported log files whose records name none.
pub const UNKNOWN_ACCOUNT: &str = "000000000000";

/// What an object is, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectKind {
    /// Records, or something that may hold records.
    LogFile,
    /// A digest of `CloudTrail-Digest/`: hashes of log files, no records.
    Digest,
    /// An Insights file of `CloudTrail-Insight/`: statistics, no API calls.
    Insight,
    /// A log of another service of AWS, as `other_service` tells.
    OtherService,
    /// Surely something else.
    Other,
}

impl ObjectKind {
    /// Tells what an object is by its path. `account_CloudTrail-Digest_…` and the folder
    /// `CloudTrail-Digest` both mark a digest, so a folder cut out of a trail is understood.
    pub fn of(path: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or_default();
        let is_marked = |mark: &str| {
            path.split('/').any(|folder| folder == mark) || name.contains(&format!("_{mark}_"))
        };
        if is_marked("CloudTrail-Digest") {
            return Self::Digest;
        }
        if is_marked("CloudTrail-Insight") {
            return Self::Insight;
        }
        let is_hidden = path.split('/').any(|part| part.starts_with('.'));
        let is_in_dataset = path.split('/').any(|folder| folder == DATASET_FOLDER);
        if is_hidden || is_in_dataset || has_other_ending(name) {
            Self::Other
        } else if other_service(path).is_some() {
            Self::OtherService
        } else {
            Self::LogFile
        }
    }
}

/// Returns the part of a path before `events/date=…`: the home of a dataset, if one is there.
pub(crate) fn dataset_home(path: &str) -> Option<&str> {
    let (events, date) = DATA_FOLDERS;
    let mut start = 0;
    for folder in path.split('/') {
        let end = start + folder.len();
        let is_dated = path.get(end + 1..).is_some_and(|below| below.starts_with(date));
        if folder == events && is_dated {
            return Some(path[..start].trim_end_matches('/'));
        }
        start = end + 1;
    }
    None
}

fn has_other_ending(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let ending = lower.rsplit_once('.').map_or("", |(_, ending)| ending);
    OTHER_ENDINGS.contains(&ending)
}

/// Returns whether a file without a byte is one that should have records: it has a name that
/// CloudTrail gives, or is named like JSON. Others without a byte mark folders, or that a job ended.
pub(crate) fn should_have_records(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let is_json = [".json", ".jsonl", ".ndjson"].iter().any(|mark| name.contains(mark));
    let is_gzip = name.rsplit_once('.').is_some_and(|(_, ending)| ending == "gz");
    is_json || is_gzip || KeyName::parse(path).is_some()
}

/// What the name of a delivered log file says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyName<'a> {
    /// UTC day of the delivery; its records may be older.
    pub day: NaiveDate,
    /// The region that delivered it; its records may name another one.
    pub region: &'a str,
    /// The account that the trail belongs to.
    pub account: &'a str,
}

impl<'a> KeyName<'a> {
    /// Reads the last part of a key, such as
    /// `111122223333_CloudTrail_us-east-1_20260427T0220Z_AbCdEfGhIjKlMnOp.json.gz`.
    pub fn parse(path: &'a str) -> Option<Self> {
        let mut parts = path.rsplit('/').next()?.split('_');
        let (account, kind, region, time) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        // An export of ours names records without a region so.
        let is_region = region == UNKNOWN_REGION || is_region(region);
        if !is_account(account) || !kind.starts_with("CloudTrail") || !is_region {
            return None;
        }
        let day = day_of_name(time.split_once('T')?.0)?;
        Some(Self { day, region, account })
    }
}

/// Returns when a log file was delivered, by its name, in UTC and to the minute.
pub fn delivery_time(path: &str) -> Option<DateTime<Utc>> {
    KeyName::parse(path)?;
    let time = path.rsplit('/').next()?.split('_').nth(3)?;
    Some(NaiveDateTime::parse_from_str(time, "%Y%m%dT%H%MZ").ok()?.and_utc())
}

/// Reads a day such as `20260427`.
fn day_of_name(text: &str) -> Option<NaiveDate> {
    let is_number = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let number: u32 = is_number.then(|| text.parse().ok())??;
    NaiveDate::from_ymd_opt((number / 10_000).cast_signed(), number / 100 % 100, number % 100)
}

/// Returns whether a text is the number of an account.
pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// One object of a trail that may contain records. There may be millions, so that what follows from
/// something else is not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFile {
    /// Where the store keeps it.
    pub path: Path,
    /// Its path below the source that the user gave: the value of `source_file`.
    pub source_file: String,
    /// Bytes as stored.
    pub bytes: u64,
    /// The store's ETag, if it has one: a read can insist on it.
    pub etag: Option<String>,
    /// Whether it was listed as one of those that a pattern means.
    pub is_of_pattern: bool,
    base_url: Arc<str>,
    last_modified: DateTime<Utc>,
}

impl LogFile {
    /// Describes an object; `base_url` and `source_file` joined are its URL.
    pub fn new(meta: ObjectMeta, base_url: &Arc<str>, source_file: String) -> Self {
        Self {
            base_url: Arc::clone(base_url),
            last_modified: meta.last_modified,
            etag: meta.e_tag,
            is_of_pattern: false,
            bytes: meta.size,
            path: meta.location,
            source_file,
        }
    }

    /// Its canonical URL: the name under which the ledger remembers it.
    pub fn url(&self) -> String {
        let separator = if self.base_url.ends_with('/') { "" } else { "/" };
        format!("{}{separator}{}", self.base_url, self.source_file)
    }

    /// What tells this version of the object from others: its ETag, or its modification time.
    pub fn version(&self) -> String {
        self.etag.clone().unwrap_or_else(|| self.last_modified.to_rfc3339())
    }

    /// What its name says, if it has a name that CloudTrail gives.
    pub fn key(&self) -> Option<KeyName<'_>> {
        KeyName::parse(&self.source_file)
    }

    /// When the store got it.
    pub fn stored_at(&self) -> DateTime<Utc> {
        self.last_modified
    }

    /// When it was delivered, by its name, in UTC and to the minute.
    pub fn delivered_at(&self) -> Option<DateTime<Utc>> {
        delivery_time(&self.source_file)
    }

    /// The order in which files are converted: by delivery day, region, account and name, so that
    /// a batch closes partitions instead of touching all of them.
    pub fn plan_key(&self) -> (Option<KeyName<'_>>, &str) {
        (self.key(), &self.source_file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_names() {
        let key = KeyName::parse(
            "logs/AWSLogs/o-1/012345678901/CloudTrail/us-gov-west-1/2026/04/27/012345678901_CloudTrail_us-gov-west-1_20260427T0220Z_AbCdEfGhIjKlMnOp.json.gz",
        )
        .unwrap();
        assert_eq!((key.account, key.region), ("012345678901", "us-gov-west-1"));
        assert_eq!(key.day.to_string(), "2026-04-27");
        assert!(
            KeyName::parse("000000000000_CloudTrail_unknown_20260427T0000Z_x.json.gz").is_some()
        );
        for other in [
            "",
            "cloudtrail.json",
            "event_history (1).json",
            "12_CloudTrail_us-east-1_20260427T0220Z_x.json.gz",
            "012345678901_Config_us-east-1_20260427T0220Z_x.json.gz",
            "012345678901_CloudTrail_.._20260427T0220Z_x.json.gz",
            "012345678901_CloudTrail_us-east-1_20261327T0220Z_x.json.gz",
            "012345678901_CloudTrail_us-east-1_2026427T0220Z_x.json.gz",
            "012345678901_CloudTrail_us-east-1_+2026427T0220Z_x.json.gz",
        ] {
            assert_eq!(KeyName::parse(other), None, "{other}");
        }
    }

    #[test]
    fn homes_of_datasets() {
        for (path, home) in [
            ("events/date=2026-04-27/a", Some("")),
            ("a/b/events/date=2026-04-27/region=x/a.parquet", Some("a/b")),
            ("events/a/events/date=1/b", Some("events/a")),
            ("events/2026/a", None),
            ("my-events/date=2026-04-27/a", None),
            ("events", None),
        ] {
            assert_eq!(dataset_home(path), home, "{path}");
        }
    }

    #[test]
    fn kinds_by_name() {
        for (path, kind) in [
            ("a/1_CloudTrail_us-east-1_20260427T0220Z_x.json.gz", ObjectKind::LogFile),
            ("cloudtrail.json", ObjectKind::LogFile),
            ("event_history (1).json", ObjectKind::LogFile),
            ("ecs_ListTasks.json.cloudtrail", ObjectKind::LogFile),
            ("records.NDJSON", ObjectKind::LogFile),
            ("AWSLogs/1/CloudTrail-Digest/us-east-1/2026/04/27/x.json.gz", ObjectKind::Digest),
            (
                "1_CloudTrail-Digest_us-east-1_t_us-east-1_20260427T100000Z.json.gz",
                ObjectKind::Digest,
            ),
            ("AWSLogs/1/CloudTrail-Insight/us-east-1/2026/04/27/x.json.gz", ObjectKind::Insight),
            ("README.md", ObjectKind::Other),
            ("2026/04/27/00/delivery-1-2026-04-27-00-00-00-uuid", ObjectKind::LogFile),
            ("exportedlogs/000000.gz", ObjectKind::LogFile),
            ("a.log", ObjectKind::LogFile),
            ("a.json.zst", ObjectKind::LogFile),
            ("history.csv", ObjectKind::LogFile),
            ("x.json.gz.parquet", ObjectKind::Other),
            ("logs.tar.gz", ObjectKind::LogFile),
            ("LOGO.PNG", ObjectKind::Other),
            (".git/objects/ab/cdef", ObjectKind::Other),
            ("dataset/events/date=2026-04-27/region=x/a.json", ObjectKind::LogFile),
            ("AWSLogs/111122223333/Config/ConfigWritabilityCheckFile", ObjectKind::OtherService),
            ("events/a.json", ObjectKind::LogFile),
            ("png", ObjectKind::LogFile),
            ("my-CloudTrail-Digest-copy/a.json", ObjectKind::LogFile),
            ("dataset/_ecstrail/log/00000000000000000000.json", ObjectKind::Other),
            (".DS_Store", ObjectKind::Other),
            ("._x.json.gz", ObjectKind::Other),
        ] {
            assert_eq!(ObjectKind::of(path), kind, "{path}");
        }
    }
}
