//! The command line, as clap reads it.

use std::{path::PathBuf, time::Duration};

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand, ValueEnum};
use ecstrail_query::{DAY_FORMS, Dialect};

mod convert;
mod output;
mod places;
mod report;
mod values;

pub(crate) use convert::ConvertArguments;
pub(crate) use output::OutputArguments;
pub(crate) use places::{
    DatasetArguments, HomeArguments, S3Arguments, SummaryFormat, WritingArguments,
};
pub(crate) use report::{
    ReportArguments, asked, is_report, option_of, parse_report, queries_folder,
};
use values::{
    parse_age, parse_bytes, parse_first_day, parse_last_day, parse_name, parse_setting, parse_size,
    parse_threads,
};

/// Turns AWS CloudTrail history of Amazon ECS into a columnar dataset, and answers questions over
/// it.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Convert(ConvertArguments),
    Report(ReportArguments),
    Query(QueryArguments),
    Export(ExportArguments),
    Status(StatusArguments),
    Compact(CompactArguments),
    Vacuum(VacuumArguments),
    Recover(RecoverArguments),
    #[command(subcommand)]
    Describe(DescribeCommand),
    Demo(DemoArguments),
}

/// Run any SQL over the table `events`.
///
/// The SQL is DataFusion's; it can only read.
#[derive(Debug, Args)]
pub(crate) struct QueryArguments {
    /// The SQL, such as 'SELECT actor, count(*) FROM events GROUP BY actor'; `-` reads it from
    /// stdin.
    #[arg(required_unless_present = "file")]
    pub(crate) sql: Option<String>,
    /// Read the SQL from this file.
    #[arg(long, value_name = "FILE", conflicts_with = "sql")]
    pub(crate) file: Option<PathBuf>,
    /// Give `$name` in the SQL a value, a text. Can be given several times.
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = parse_setting)]
    pub(crate) settings: Vec<(String, String)>,
    #[command(flatten)]
    pub(crate) dataset: DatasetArguments,
    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

/// Write the original records back, all or a selection.
///
/// Each record is rebuilt from its row as CloudTrail wrote it, and checked against the row's
/// `record_hash`; only white space, the order of top-level members and the spelling of escapes in
/// top-level texts are not kept. Without --to the records go to stdout, one a line.
#[derive(Debug, Args)]
pub(crate) struct ExportArguments {
    /// Export records whose row meets this condition, such as `event_name = 'ExecuteCommand'`.
    #[arg(long = "where", value_name = "SQL")]
    pub(crate) filter: Option<String>,
    #[arg(
        long,
        value_name = "DATE",
        help = format!("First day of the events (UTC): {DAY_FORMS}")
    )]
    pub(crate) from: Option<String>,
    /// Last day of the events (UTC), inclusive.
    #[arg(long, value_name = "DATE")]
    pub(crate) until: Option<String>,
    /// Region.
    #[arg(long, value_name = "R")]
    pub(crate) region: Option<String>,
    /// Write gzipped log files to this folder, below `AWSLogs/` as CloudTrail delivers them, for
    /// any tool that reads a trail. The folder must be empty or not there yet.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) to: Option<String>,
    #[command(flatten)]
    pub(crate) dataset: DatasetArguments,
    /// How to tell what was done, with --to.
    #[arg(long, value_enum, default_value_t = SummaryFormat::Text, requires = "to")]
    pub(crate) format: SummaryFormat,
}

/// Show what a dataset holds: what was read, days by account and region, days without events.
///
/// A day without events between the first and the last one of an account and region may be a quiet
/// day, or one whose log files are missing.
#[derive(Debug, Args)]
pub(crate) struct StatusArguments {
    /// Show the rows of every day, not only the first and last ones.
    #[arg(long)]
    pub(crate) days: bool,
    #[command(flatten)]
    pub(crate) dataset: DatasetArguments,
    /// How to tell it; JSON has every day.
    #[arg(long, short = 'f', value_enum, default_value_t = SummaryFormat::Text)]
    pub(crate) format: SummaryFormat,
}

/// Merge small data files into large ones, sorted by time.
///
/// Rows stay what they are; what is converted later adds new small files. Commits bound what an
/// interruption costs: the same command goes on. Readers of the plain folder, which see no commits,
/// see the rows of a commit twice for the moment between publishing the merged files and deleting
/// the old ones; how long that was is told. Compact days that are over: `--until 2d`.
#[derive(Debug, Args)]
pub(crate) struct CompactArguments {
    #[command(flatten)]
    pub(crate) home: HomeArguments,
    /// Only say what would be merged.
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[arg(
        long,
        value_name = "DATE",
        value_parser = parse_first_day,
        help = format!("First day of the partitions (UTC): {DAY_FORMS}")
    )]
    pub(crate) from: Option<NaiveDate>,
    /// Last day of the partitions (UTC), inclusive.
    #[arg(long, value_name = "DATE", value_parser = parse_last_day)]
    pub(crate) until: Option<NaiveDate>,
    /// Region of the partitions. Can be given several times.
    #[arg(long = "region", value_name = "R", value_delimiter = ',', value_parser = parse_name)]
    pub(crate) regions: Vec<String>,
    /// Size of the merged files; those of less than half of it are merged.
    #[arg(long, value_name = "SIZE", default_value = "256MiB", value_parser = parse_bytes)]
    pub(crate) target_size: u64,
    /// Also flatten rows anew that an older version of ecstrail wrote, so that they fill today's
    /// columns.
    #[arg(long)]
    pub(crate) upgrade: bool,
    /// Threads to use [default: one a core].
    #[arg(
        long,
        value_name = "N",
        default_value = "0",
        hide_default_value = true,
        value_parser = parse_threads
    )]
    pub(crate) threads: usize,
    /// Memory for files that are read and written, such as 512MiB or 2GiB.
    #[arg(long, value_name = "SIZE", default_value = "1GiB", value_parser = parse_size)]
    pub(crate) memory: usize,
}

/// Delete what nothing needs any more.
///
/// Data files that a compaction replaced and could not delete, files and uploads of runs that never
/// committed, old checkpoints. Files that are not ours are told and stay.
#[derive(Debug, Args)]
pub(crate) struct VacuumArguments {
    #[command(flatten)]
    pub(crate) home: HomeArguments,
    /// Only say what would be deleted.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Delete what was written so long ago, such as 90m, 24h or 7d. A run that has been going for
    /// longer without a commit begins anew.
    #[arg(long, value_name = "AGE", default_value = "24h", value_parser = parse_age)]
    pub(crate) older_than: Duration,
}

/// Finish or undo what an interrupted run left.
///
/// Every conversion begins with it; this is for when there is nothing to convert. What was
/// committed is published, what was not is dropped. Doing it again changes nothing.
#[derive(Debug, Args)]
pub(crate) struct RecoverArguments {
    #[command(flatten)]
    pub(crate) home: HomeArguments,
}

/// Describe what there is.
#[derive(Debug, Subcommand)]
pub(crate) enum DescribeCommand {
    /// The data dictionary: every column, its type, where its value is from, and what it means.
    Columns {
        /// Markdown for people, JSON for programs.
        #[arg(long, short = 'f', value_enum, default_value_t = DictionaryFormat::Markdown)]
        format: DictionaryFormat,
    },
    /// The reports, with their parameters.
    Reports {
        /// Markdown for people, JSON for programs.
        #[arg(long, short = 'f', value_enum, default_value_t = DictionaryFormat::Markdown)]
        format: DictionaryFormat,
        /// Folder with reports of your own, described as well.
        #[arg(long, value_name = "DIR", env = "ECSTRAIL_QUERIES")]
        queries: Option<PathBuf>,
    },
    /// SQL that makes the views that reports ask besides the table `events`, in which each
    /// container, failure, tag … of an event has a row of its own.
    Views {
        /// Engine that the SQL is for: datafusion, duckdb, spark or athena [default: datafusion; all
        /// of them in JSON].
        #[arg(long, short = 'e', value_name = "ENGINE")]
        engine: Option<Dialect>,
        /// SQL to run, JSON for programs.
        #[arg(long, short = 'f', value_enum, default_value_t = ViewsFormat::Sql)]
        format: ViewsFormat,
    },
}

/// How views are described.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ViewsFormat {
    /// The statements that create them.
    Sql,
    /// JSON.
    Json,
}

/// How a description is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DictionaryFormat {
    /// Tables in Markdown.
    Markdown,
    /// JSON.
    Json,
}

/// Convert the built-in samples, run the reports on them, say what to do next.
///
/// The samples are a small trail as CloudTrail delivers it, some of it damaged on purpose.
#[derive(Debug, Args)]
pub(crate) struct DemoArguments {
    /// Folder to write; made if it does not exist.
    #[arg(long, value_name = "FOLDER", default_value = "ecstrail-demo")]
    pub(crate) to: PathBuf,
}
