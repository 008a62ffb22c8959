//! The arguments of `convert`.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;
use ecstrail_converter::{EventSources, Limits, Selection};
use ecstrail_query::DAY_FORMS;

use super::{
    S3Arguments, SummaryFormat, WritingArguments,
    values::{
        parse_account, parse_bytes, parse_event_name, parse_event_source, parse_first_day,
        parse_last_day, parse_partitions, parse_region, parse_share, parse_size, parse_threads,
    },
};

const LIMITS_HEADING: &str = "Limits of what is read";

/// Convert log files into a dataset.
///
/// A SOURCE is a folder or an `s3://BUCKET/PREFIX` that is searched with all below it, one file, a
/// glob such as `'trail/**/*.json.gz'`, or `-` for standard input. What the files hold is told by
/// their content (only those named like pictures, documents or code, hidden ones, and logs of other
/// services than CloudTrail are skipped unless they are given themselves): log files as CloudTrail
/// delivers them, arrays, lines, `aws cloudtrail lookup-events`, EventBridge, CloudWatch Logs and
/// Logs Insights, CloudTrail Lake, what a SIEM has kept; plain, gzip, Zstandard, zip, UTF-8 or
/// UTF-16. What the dataset holds already is not added again, so the same command can be given as
/// often as you like; after an interruption it goes on.
///
/// Exit code 0: all that was read is converted; 1: failed; 3: converted, but some input was refused,
/// as told.
#[derive(Debug, Args)]
pub(crate) struct ConvertArguments {
    /// Folders, files, globs or `s3://BUCKET/PREFIX` with log files; `-` for standard input.
    #[arg(required = true, value_name = "SOURCE")]
    pub(crate) sources: Vec<String>,
    /// Folder of the dataset, or `s3://BUCKET/PREFIX`; made if it does not exist.
    #[arg(long, value_name = "HOME", env = "ECSTRAIL_DATASET")]
    pub(crate) to: String,
    #[command(flatten)]
    pub(crate) selection: SelectionArguments,
    /// Only say what would be read, by account, region and month; no log file is read.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Read damaged log files again, even if they have not changed: after a limit was raised, for
    /// instance.
    #[arg(long)]
    pub(crate) retry: bool,
    /// Read all log files again, also those that are converted already: after a limit was raised that
    /// has refused some of their records. What the dataset holds is not added again.
    #[arg(long)]
    pub(crate) reread: bool,
    /// Threads to use [default: one a core].
    #[arg(
        long,
        value_name = "N",
        default_value = "0",
        hide_default_value = true,
        value_parser = parse_threads
    )]
    pub(crate) threads: usize,
    /// Memory for log files and records, such as 512MiB or 2GiB; what does not fit is sorted on
    /// disk.
    #[arg(long, value_name = "SIZE", default_value = "1GiB", value_parser = parse_size)]
    pub(crate) memory: usize,
    /// How to tell what was done.
    #[arg(long, value_enum, default_value_t = SummaryFormat::Text)]
    pub(crate) format: SummaryFormat,
    /// Commit after so much of log files, as stored: an interruption costs no more than that.
    #[arg(long, value_name = "SIZE", default_value = "1GiB", value_parser = parse_bytes)]
    pub(crate) commit_every: u64,
    /// Folder for what does not fit into memory [default: a dataset on disk its own, otherwise the
    /// system's temporary folder].
    #[arg(long, value_name = "FOLDER")]
    pub(crate) scratch: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) limits: LimitArguments,
    #[command(flatten)]
    pub(crate) writing: WritingArguments,
    #[command(flatten)]
    pub(crate) s3: S3Arguments,
}

/// What is kept, and what is looked for to find it.
#[derive(Debug, Args)]
pub(crate) struct SelectionArguments {
    /// Keep events of this source, such as ecr.amazonaws.com; `all` keeps everything. Can be
    /// given several times.
    #[arg(
        long = "event-source",
        value_name = "S",
        default_value = "ecs.amazonaws.com",
        value_delimiter = ',',
        value_parser = parse_event_source
    )]
    event_sources: Vec<String>,
    /// Keep events of this name, such as `UpdateService`. Can be given several times.
    #[arg(
        long = "event-name",
        value_name = "NAME",
        value_delimiter = ',',
        value_parser = parse_event_name
    )]
    event_names: Vec<String>,
    /// Leave out calls that only read, such as `DescribeServices`.
    #[arg(long)]
    exclude_read_only: bool,
    #[arg(
        long,
        value_name = "DATE",
        value_parser = parse_first_day,
        help = format!("Keep events from this day on (UTC): {DAY_FORMS}")
    )]
    from: Option<NaiveDate>,
    /// Keep events until the end of this day (UTC).
    #[arg(long, value_name = "DATE", value_parser = parse_last_day)]
    pub(crate) until: Option<NaiveDate>,
    /// Keep events of this region. Can be given several times.
    #[arg(long = "region", value_name = "R", value_delimiter = ',', value_parser = parse_region)]
    regions: Vec<String>,
    /// Keep events that this account received; of old records, which do not say so, those in its
    /// folder. Can be given several times.
    #[arg(long = "account", value_name = "ID", value_delimiter = ',', value_parser = parse_account)]
    accounts: Vec<String>,
    /// List log files that were delivered up to so many days after the last day asked for: events
    /// arrive minutes to hours after they happened, seldom days.
    #[arg(long, value_name = "N", default_value_t = 1)]
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

/// What is beyond these is refused, with its reason; all else is converted.
#[derive(Debug, Args)]
pub(crate) struct LimitArguments {
    /// Refuse log files that hold more, decompressed.
    #[arg(
        long,
        value_name = "SIZE",
        default_value = "64GiB",
        value_parser = parse_bytes,
        help_heading = LIMITS_HEADING
    )]
    max_file_size: u64,
    /// Refuse log files that expand to more than 64 MiB and so many times their size.
    #[arg(long, value_name = "N", default_value_t = 200, help_heading = LIMITS_HEADING)]
    max_ratio: u64,
    /// Refuse records that are larger; CloudTrail's own limit is 1 MB.
    #[arg(
        long,
        value_name = "SIZE",
        default_value = "16MiB",
        value_parser = parse_bytes,
        help_heading = LIMITS_HEADING
    )]
    max_record_size: u64,
    /// Refuse records that are nested deeper; the deepest known has 12 levels.
    #[arg(long, value_name = "N", default_value_t = 512, help_heading = LIMITS_HEADING)]
    max_depth: usize,
    /// Reject records beyond this many partitions of a commit, those with the fewest records first.
    /// A partition is a day in a region, and a file of its own [default: 4,000 more than the names
    /// and sizes of the log files let expect].
    #[arg(
        long,
        value_name = "N",
        value_parser = parse_partitions,
        help_heading = LIMITS_HEADING
    )]
    pub(crate) max_partitions: Option<usize>,
    /// Stop, without the commit at hand, once more than this share of the records was refused, such
    /// as 5% or 0.05 [default: never, so that no single bad file keeps the others back].
    #[arg(long, value_name = "SHARE", value_parser = parse_share, help_heading = LIMITS_HEADING)]
    pub(crate) max_rejects: Option<f64>,
    /// Keep the whole records of compressed files that end early or fail their checksum. Their
    /// content cannot be trusted: without this, none of them counts.
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
