//! The arguments of `convert`.

use std::{path::PathBuf, time::Duration};

use chrono::NaiveDate;
use clap::Args;
use ecstrail_converter::{EventSources, Limits, Selection, Shard};
use ecstrail_query::DAY_FORMS;

use super::{
    S3Arguments, SummaryFormat, TableFormat, ThreadsArgument, WritingArguments,
    values::{
        parse_account, parse_bytes, parse_event_name, parse_event_source, parse_first_day,
        parse_interval, parse_last_day, parse_partitions, parse_region, parse_shard, parse_share,
        parse_size,
    },
};

const EVENTS_HEADING: &str = "Events to keep";
const REGULAR_HEADING: &str = "Regular conversions";
const DIGESTS_HEADING: &str = "Verification";
const LIMITS_HEADING: &str = "Limits";

/// Convert log files into a dataset.
///
/// A SOURCE is a folder or `s3://BUCKET/PREFIX`, searched recursively; a single file; a glob such
/// as `'trail/**/*.json.gz'`; or `-` for standard input.
///
/// Files are recognized by their content: log files as CloudTrail delivers them, JSON arrays and
/// lines, output of `aws cloudtrail lookup-events`, EventBridge events, exports of CloudWatch Logs,
/// Logs Insights and CloudTrail Lake, and records stored by a SIEM; plain, gzip, Zstandard or zip,
/// in UTF-8 or UTF-16. Hidden files, logs of other AWS services, and files named like pictures,
/// documents or code are skipped, unless you give the file itself.
///
/// Records that the dataset contains already are not added again, so you can repeat the command at
/// any time. After an interruption, rerun the command to resume.
///
/// Exit codes: 0 if all input was converted; 1 if the conversion failed; 3 if it succeeded but some
/// input was rejected, as reported; 4 if --verify found a problem.
#[derive(Debug, Args)]
pub(crate) struct ConvertArguments {
    /// Folders, files, globs or `s3://BUCKET/PREFIX` with log files; `-` for standard input.
    #[arg(required = true, value_name = "SOURCE")]
    pub(crate) sources: Vec<String>,
    /// Folder of the dataset, or `s3://BUCKET/PREFIX`; created if it does not exist.
    #[arg(long, value_name = "HOME", env = "ECSTRAIL_DATASET")]
    pub(crate) to: String,
    #[command(flatten)]
    pub(crate) selection: SelectionArguments,
    /// Show what would be read by account, Region and month, without reading log files.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Read damaged log files again even if they have not changed, for example after raising a
    /// limit.
    #[arg(long)]
    pub(crate) retry: bool,
    /// Read all log files again, including those already converted, for example after raising a
    /// limit that rejected some of their records. Records that the dataset contains are not added
    /// again.
    #[arg(long)]
    pub(crate) reread: bool,
    #[command(flatten)]
    pub(crate) threads: ThreadsArgument,
    /// Memory for log files and records, such as 512MiB or 2GiB. Records that do not fit are sorted
    /// on disk.
    #[arg(long, value_name = "SIZE", default_value = "1GiB", value_parser = parse_size)]
    pub(crate) memory: usize,
    /// Output format of the summary.
    #[arg(long, value_enum, default_value_t = SummaryFormat::Text)]
    pub(crate) format: SummaryFormat,
    /// Commit after reading this many bytes of log files, as stored. An interruption loses at most
    /// this much work.
    #[arg(long, value_name = "SIZE", default_value = "1GiB", value_parser = parse_bytes)]
    pub(crate) commit_every: u64,
    /// Convert one of N parts of the log files, such as 3/8, while other machines convert the others
    /// into the same dataset. Log files of the same day and Region are in the same part. `auto` takes
    /// I and N from an array job of AWS Batch: `AWS_BATCH_JOB_ARRAY_INDEX`, which counts from 0, plus 1,
    /// and `AWS_BATCH_JOB_ARRAY_SIZE`.
    #[arg(long, value_name = "I/N", value_parser = parse_shard)]
    pub(crate) shard: Option<Shard>,
    /// Also write the log of a new dataset in this table format. For datasets that exist, see
    /// `ecstrail table`.
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) table_format: Option<TableFormat>,
    /// Folder for data that does not fit into memory [default: inside a dataset on the local disk,
    /// otherwise the system's temporary folder].
    #[arg(long, value_name = "FOLDER")]
    pub(crate) scratch: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) regular: RegularArguments,
    #[command(flatten)]
    pub(crate) digests: DigestArguments,
    #[command(flatten)]
    pub(crate) limits: LimitArguments,
    #[command(flatten)]
    pub(crate) writing: WritingArguments,
    #[command(flatten)]
    pub(crate) s3: S3Arguments,
}

/// Which events are kept, and which log files are listed to find them.
#[derive(Debug, Args)]
pub(crate) struct SelectionArguments {
    /// Keep events of this event source, such as ecr.amazonaws.com; `all` keeps those of every
    /// source. Can be repeated.
    #[arg(
        help_heading = EVENTS_HEADING,
        long = "event-source",
        value_name = "S",
        default_value = "ecs.amazonaws.com",
        value_delimiter = ',',
        value_parser = parse_event_source
    )]
    event_sources: Vec<String>,
    /// Keep events with this name, such as `UpdateService`. Can be repeated.
    #[arg(
        help_heading = EVENTS_HEADING,
        long = "event-name",
        value_name = "NAME",
        value_delimiter = ',',
        value_parser = parse_event_name
    )]
    event_names: Vec<String>,
    /// Exclude read-only calls, such as `DescribeServices`.
    #[arg(help_heading = EVENTS_HEADING, long)]
    exclude_read_only: bool,
    #[arg(
        help_heading = EVENTS_HEADING,
        long,
        value_name = "DATE",
        value_parser = parse_first_day,
        help = format!("First day of the events to keep (UTC): {DAY_FORMS}")
    )]
    from: Option<NaiveDate>,
    /// Last day of the events to keep (UTC), inclusive.
    #[arg(help_heading = EVENTS_HEADING, long, value_name = "DATE", value_parser = parse_last_day)]
    pub(crate) until: Option<NaiveDate>,
    /// Keep events in this Region. Can be repeated.
    #[arg(help_heading = EVENTS_HEADING, long = "region", value_name = "R", value_delimiter = ',', value_parser = parse_region)]
    regions: Vec<String>,
    /// Keep events delivered to this account. Old records do not name the account; for those, the
    /// folder decides. Can be repeated.
    #[arg(help_heading = EVENTS_HEADING, long = "account", value_name = "ID", value_delimiter = ',', value_parser = parse_account)]
    accounts: Vec<String>,
    /// List log files delivered up to N days after --until, or before the last conversion. Events are
    /// usually delivered within minutes or hours, rarely days.
    #[arg(help_heading = EVENTS_HEADING, long, value_name = "N", default_value_t = 1)]
    pub(crate) late_days: u32,
    /// Follow symbolic links below a folder.
    #[arg(long)]
    pub(crate) follow_links: bool,
}

impl SelectionArguments {
    pub(crate) fn selection(&self) -> Selection {
        let event_sources = if self.event_sources.iter().any(|source| source == "all") {
            EventSources::All
        } else {
            EventSources::Only(self.event_sources.iter().cloned().collect())
        };
        Selection {
            event_sources,
            event_names: self.event_names.iter().cloned().collect(),
            exclude_read_only: self.exclude_read_only,
            from: self.from,
            until: self.until,
            regions: self.regions.iter().cloned().collect(),
            accounts: self.accounts.iter().cloned().collect(),
        }
    }
}

/// How a conversion is repeated every hour or every day.
#[derive(Debug, Args)]
pub(crate) struct RegularArguments {
    /// List only log files that may be new: for each account and Region, those delivered since the
    /// last day that was converted with the same filters, less --late-days. New accounts and
    /// Regions are listed from the beginning, or from --from.
    #[arg(
        long,
        conflicts_with_all = ["until", "retry", "reread"],
        help_heading = REGULAR_HEADING
    )]
    since_last: bool,
    /// Convert again every INTERVAL, such as 15m or 1h, until asked to stop (SIGTERM or Ctrl-C).
    /// Implies --since-last. Prints one line per conversion; a conversion that fails is tried again
    /// after INTERVAL.
    #[arg(
        long,
        value_name = "INTERVAL",
        value_parser = parse_interval,
        conflicts_with_all = ["until", "retry", "reread", "dry_run"],
        help_heading = REGULAR_HEADING
    )]
    pub(crate) follow: Option<Duration>,
    /// Then merge small data files of the days that are over, less --late-days, as `ecstrail
    /// compact` does.
    #[arg(long, conflicts_with = "dry_run", help_heading = REGULAR_HEADING)]
    pub(crate) compact: bool,
}

impl RegularArguments {
    /// Whether only what may be new is listed.
    pub(crate) fn since_last(&self) -> bool {
        self.since_last || self.follow.is_some()
    }
}

/// How log files are verified as they are read.
#[derive(Debug, Args)]
pub(crate) struct DigestArguments {
    /// Verify the digest files of the trails first, as `ecstrail verify TRAIL` does, and each log file
    /// that is read against them. Exits with 4 if something is wrong; log files are converted all the
    /// same.
    #[arg(long, conflicts_with = "dry_run", help_heading = DIGESTS_HEADING)]
    pub(crate) verify: bool,
    /// Verify signatures with the keys in FILE, which is the output of `aws cloudtrail
    /// list-public-keys`. Keys differ by Region. Can be repeated.
    #[arg(long, value_name = "FILE", requires = "verify", help_heading = DIGESTS_HEADING)]
    pub(crate) public_keys: Vec<PathBuf>,
    /// Do not verify signatures, only hashes and links. Anyone who can write to the bucket can
    /// forge these.
    #[arg(
        long,
        requires = "verify",
        conflicts_with = "public_keys",
        help_heading = DIGESTS_HEADING
    )]
    pub(crate) no_signatures: bool,
    /// The trails are copies in buckets other than those that CloudTrail delivered to.
    #[arg(long, requires = "verify", help_heading = DIGESTS_HEADING)]
    pub(crate) copied: bool,
}

/// Limits for input. What exceeds them is rejected with a reason; everything else is converted.
#[derive(Debug, Args)]
pub(crate) struct LimitArguments {
    /// Reject log files larger than this when decompressed.
    #[arg(
        long,
        value_name = "SIZE",
        default_value = "64GiB",
        value_parser = parse_bytes,
        help_heading = LIMITS_HEADING
    )]
    max_file_size: u64,
    /// Reject log files that expand to more than 64 MiB and to more than N times their size.
    #[arg(long, value_name = "N", default_value_t = 200, help_heading = LIMITS_HEADING)]
    max_ratio: u64,
    /// Reject records larger than this, 1 GiB at most. CloudTrail's own limit is 1 MB.
    #[arg(
        long,
        value_name = "SIZE",
        default_value = "16MiB",
        value_parser = parse_bytes,
        help_heading = LIMITS_HEADING
    )]
    max_record_size: u64,
    /// Reject records nested deeper than N levels. The deepest known record has 12.
    #[arg(long, value_name = "N", default_value_t = 512, help_heading = LIMITS_HEADING)]
    max_depth: usize,
    /// Reject records beyond N partitions per commit, those of the smallest partitions first. A
    /// partition is one day in one Region, stored in its own files [default: 4,000 more than the
    /// names and sizes of the log files suggest].
    #[arg(
        long,
        value_name = "N",
        value_parser = parse_partitions,
        help_heading = LIMITS_HEADING
    )]
    pub(crate) max_partitions: Option<usize>,
    /// Stop, without making the current commit, if more than this share of the records is rejected,
    /// such as 5% or 0.05 [default: never, so that one bad file does not block the others].
    #[arg(long, value_name = "SHARE", value_parser = parse_share, help_heading = LIMITS_HEADING)]
    pub(crate) max_rejects: Option<f64>,
    /// Keep the complete records of compressed files that are truncated or fail their checksum.
    /// Without this option such files are rejected as a whole, since their content cannot be
    /// trusted.
    #[arg(long, help_heading = LIMITS_HEADING)]
    salvage: bool,
}

impl LimitArguments {
    pub(crate) fn limits(&self) -> Limits {
        Limits {
            file_bytes: self.max_file_size,
            ratio: self.max_ratio,
            record_bytes: usize::try_from(self.max_record_size).unwrap_or(usize::MAX),
            depth: self.max_depth,
            salvage: self.salvage,
        }
    }
}
