//! The command line, as clap reads it.

use std::{path::PathBuf, time::Duration};

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand, ValueEnum};
use ecstrail_query::DAY_FORMS;

mod book;
mod config;
mod convert;
mod describe;
mod engine;
mod output;
mod places;
mod report;
mod shell;
mod values;
mod verify;

pub(crate) use book::BookArguments;
pub(crate) use config::{
    CompletionShell, CompletionsArguments, ConfigAction, ConfigArguments, ManArguments,
    config_profile, parse,
};
use config::{ProfileArgument, command_word};
pub(crate) use convert::{ConvertArguments, DigestArguments, SelectionArguments};
pub(crate) use describe::{
    ColumnsFormat, ConnectArguments, ConnectEngine, DEFAULT_DATABASE, DescribeCommand,
    DictionaryFormat, TableSourceArguments, ViewsFormat,
};
pub(crate) use engine::EngineArguments;
pub(crate) use output::OutputArguments;
pub(crate) use places::{
    DatasetArguments, HomeArguments, S3Arguments, SummaryFormat, ThreadsArgument, WritingArguments,
};
pub(crate) use report::{
    ReportArguments, argument_of, asked, for_report, is_report, option_of, parse_report,
    queries_folder,
};
pub(crate) use shell::ShellArguments;
pub(crate) use values::{ecs_operations, parse_size, parse_threads};
use values::{parse_age, parse_bytes, parse_first_day, parse_last_day, parse_name, parse_setting};
pub(crate) use verify::VerifyArguments;

/// Convert the AWS CloudTrail history of Amazon ECS to Parquet, and query it with reports or SQL.
#[derive(Debug, Parser)]
#[command(version, propagate_version = true, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    profile: ProfileArgument,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Convert(ConvertArguments),
    Report(ReportArguments),
    Book(BookArguments),
    Query(QueryArguments),
    Shell(ShellArguments),
    Export(ExportArguments),
    Status(StatusArguments),
    ExplainEvent(ExplainEventArguments),
    Compact(CompactArguments),
    Vacuum(VacuumArguments),
    Verify(VerifyArguments),
    Repair(RepairArguments),
    Recover(RecoverArguments),
    Table(TableArguments),
    Connect(ConnectArguments),
    #[command(subcommand)]
    Describe(DescribeCommand),
    Demo(DemoArguments),
    Config(ConfigArguments),
    Completions(CompletionsArguments),
    Man(ManArguments),
}

/// Run a SQL query on the table `events`.
///
/// The SQL dialect is DataFusion's, or that of the --engine. Queries can only read.
#[derive(Debug, Args)]
pub(crate) struct QueryArguments {
    /// SQL to run, such as 'SELECT actor, count(*) FROM events GROUP BY actor'. Use `-` to read it
    /// from standard input. Without SQL, a terminal gets a prompt, as by `ecstrail shell`.
    pub(crate) sql: Option<String>,
    /// Read the SQL from FILE.
    #[arg(long, value_name = "FILE", conflicts_with = "sql")]
    pub(crate) file: Option<PathBuf>,
    /// Bind a text value to `$NAME` in the SQL. Can be repeated.
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = parse_setting)]
    pub(crate) settings: Vec<(String, String)>,
    #[command(flatten)]
    pub(crate) dataset: DatasetArguments,
    #[command(flatten)]
    pub(crate) engine: EngineArguments,
    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

/// Export the original CloudTrail records.
///
/// Each record is rebuilt from its row as CloudTrail wrote it, and verified against the row's
/// `record_hash`. Whitespace, the order of top-level members and the spelling of escapes in
/// top-level strings are not preserved. Without --to, records go to standard output, one per line.
#[derive(Debug, Args)]
pub(crate) struct ExportArguments {
    /// Export only records whose row meets this condition, such as `event_name = 'ExecuteCommand'`.
    #[arg(long = "where", value_name = "SQL")]
    pub(crate) filter: Option<String>,
    #[arg(
        long,
        value_name = "DATE",
        help = format!("First day of the events to export (UTC): {DAY_FORMS}")
    )]
    pub(crate) from: Option<String>,
    /// Last day of the events to export (UTC), inclusive.
    #[arg(long, value_name = "DATE")]
    pub(crate) until: Option<String>,
    /// Export only events in this Region.
    #[arg(long, value_name = "R")]
    pub(crate) region: Option<String>,
    /// Write gzipped log files to this folder or `s3://BUCKET/PREFIX`, under `AWSLogs/` as
    /// CloudTrail delivers them, for any tool that reads a trail. The folder must be empty or not
    /// exist yet.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) to: Option<String>,
    #[command(flatten)]
    pub(crate) dataset: DatasetArguments,
    /// Output format of the summary, with --to.
    #[arg(long, value_enum, default_value_t = SummaryFormat::Text, requires = "to")]
    pub(crate) format: SummaryFormat,
}

/// Show what a dataset contains, and which days have no events.
///
/// Shows the rows, data files and log files, each log file counted once however often it was read; what
/// all runs read and added; and the days covered by account and Region. A day without
/// events, between the first and last day of an account and Region, may be a quiet day or a day
/// whose log files are missing.
#[derive(Debug, Args)]
pub(crate) struct StatusArguments {
    /// Show the number of rows per day.
    #[arg(long)]
    pub(crate) days: bool,
    /// Show how complete the dataset is, by account, Region and time: one line for each, one
    /// character for an hour or more. With --source, also what is missing.
    #[arg(long)]
    pub(crate) map: bool,
    #[arg(
        long,
        value_name = "DATE",
        value_parser = parse_first_day,
        requires = "map",
        help = format!("First day of the map (UTC): {DAY_FORMS}")
    )]
    pub(crate) from: Option<NaiveDate>,
    /// Last day of the map (UTC), inclusive.
    #[arg(long, value_name = "DATE", value_parser = parse_last_day, requires = "map")]
    pub(crate) until: Option<NaiveDate>,
    /// Compare the dataset with the trail that it was converted from: a folder or
    /// `s3://BUCKET/PREFIX`. Shows log files that are not converted, that changed since, or that are
    /// gone; exits with 4 if there are some of the last two.
    #[arg(long, value_name = "TRAIL")]
    pub(crate) source: Option<String>,
    #[command(flatten)]
    pub(crate) dataset: DatasetArguments,
    /// Output format. JSON always includes every day.
    #[arg(long, short = 'f', value_enum, default_value_t = SummaryFormat::Text)]
    pub(crate) format: SummaryFormat,
}

/// Explain where the row of an event comes from.
///
/// Shows the log file that the row was made from (URL, version, SHA-256 of its content), the commits
/// that read this log file, and every commit and data file that the row went through. If no row has
/// the ID, rejected records that contain it are shown. Reads only.
#[derive(Debug, Args)]
pub(crate) struct ExplainEventArguments {
    /// `eventID` of the event, such as 573c5eae-1087-4ad1-aad2-0c5fc7976dd0.
    #[arg(value_name = "EVENT_ID")]
    pub(crate) event_id: String,
    #[command(flatten)]
    pub(crate) dataset: DatasetArguments,
    /// Output format.
    #[arg(long, short = 'f', value_enum, default_value_t = SummaryFormat::Text)]
    pub(crate) format: SummaryFormat,
}

/// Merge small data files into large ones, sorted by time.
///
/// Rows do not change. Later conversions add new small files, so compact days that are over, for
/// example with `--until 2d`.
///
/// Merged files are committed as the run proceeds. After an interruption, rerun the command to
/// resume.
///
/// Engines that read `events/` directly do not see commits. They see the rows of a commit twice
/// between the moment its merged files are published and the moment the old files are deleted. The
/// summary reports how long that was. With a Delta log (see `ecstrail table`), the old files stay
/// until `ecstrail vacuum`.
#[derive(Debug, Args)]
pub(crate) struct CompactArguments {
    #[command(flatten)]
    pub(crate) home: HomeArguments,
    /// Show what would be merged, without merging.
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[arg(
        long,
        value_name = "DATE",
        value_parser = parse_first_day,
        help = format!("First day of the partitions to compact (UTC): {DAY_FORMS}")
    )]
    pub(crate) from: Option<NaiveDate>,
    /// Last day of the partitions to compact (UTC), inclusive.
    #[arg(long, value_name = "DATE", value_parser = parse_last_day)]
    pub(crate) until: Option<NaiveDate>,
    /// Compact only partitions of this Region. Can be repeated.
    #[arg(long = "region", value_name = "R", value_delimiter = ',', value_parser = parse_name)]
    pub(crate) regions: Vec<String>,
    /// Target size of the merged files. Files smaller than half of it are merged.
    #[arg(long, value_name = "SIZE", default_value = "256MiB", value_parser = parse_bytes)]
    pub(crate) target_size: u64,
    /// Also rewrite rows that an older version of ecstrail wrote, to fill the columns added since.
    #[arg(long)]
    pub(crate) upgrade: bool,
    #[command(flatten)]
    pub(crate) threads: ThreadsArgument,
    /// Memory for reading and writing files, such as 512MiB or 2GiB.
    #[arg(long, value_name = "SIZE", default_value = "1GiB", value_parser = parse_size)]
    pub(crate) memory: usize,
}

/// Delete unreferenced files.
///
/// Deletes data files that a compaction replaced and left (with a Delta log, all of them), files and
/// uploads of runs that never committed, and old checkpoints. Files that ecstrail did not write are
/// reported and kept.
#[derive(Debug, Args)]
pub(crate) struct VacuumArguments {
    #[command(flatten)]
    pub(crate) home: HomeArguments,
    /// Show what would be deleted, without deleting.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Delete only files older than AGE, such as 90m, 24h or 7d; with a Delta log, files replaced for
    /// longer than AGE. A conversion that has been running
    /// for longer than AGE without a commit has to start over.
    #[arg(long, value_name = "AGE", default_value = "24h", value_parser = parse_age)]
    pub(crate) older_than: Duration,
}

/// Take lost or damaged data files out of the dataset.
///
/// Verifies all data files first, as `ecstrail verify` does. Those that are missing, or are not what
/// was committed, are taken out by one commit and deleted; with a Delta log, vacuum deletes them.
/// The log files that fed them are forgotten: convert the same trails again, and exactly the rows
/// that are missing come back, as far as the trails still have their records.
///
/// Exit codes: 0 if no problem is left; 4 if there are problems that this command cannot repair, or
/// with --dry-run has not repaired; 1 if it failed.
#[derive(Debug, Args)]
pub(crate) struct RepairArguments {
    #[command(flatten)]
    pub(crate) home: HomeArguments,
    /// Show what would be taken out, without changing anything.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Look whether this trail still has the log files that are forgotten: a folder or
    /// `s3://BUCKET/PREFIX`. Rows of those that are gone do not come back.
    #[arg(long, value_name = "TRAIL")]
    pub(crate) source: Option<String>,
    #[command(flatten)]
    pub(crate) threads: ThreadsArgument,
}

/// Finish or roll back an interrupted run.
///
/// Committed files are published; uncommitted files are deleted. Every conversion does this first,
/// so this command is only needed when there is nothing to convert. Running it again changes
/// nothing.
#[derive(Debug, Args)]
pub(crate) struct RecoverArguments {
    #[command(flatten)]
    pub(crate) home: HomeArguments,
}

/// Show or add a table format, for engines that read tables.
///
/// A Delta log (`_delta_log/`, beside `events/`) is the dataset's log once more, in the format of
/// Delta Lake: Athena, Spark, Databricks, Snowflake, Trino, DuckDB, polars and deltalake then see
/// whole commits, also during a compaction. From then on every commit is written there as well.
/// Only ecstrail writes to the table.
///
/// Data files that a compaction replaces then stay until `ecstrail vacuum`, since readers may need
/// them. Engines that read `events/` directly see their rows twice until then.
///
/// Adding a Delta log again writes the commits that are missing in it.
#[derive(Debug, Args)]
pub(crate) struct TableArguments {
    /// Add this table format to the dataset.
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) add: Option<TableFormat>,
    #[command(flatten)]
    pub(crate) home: HomeArguments,
}

/// Table formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TableFormat {
    /// Delta Lake.
    Delta,
}

/// Convert a built-in sample trail and run reports on it.
///
/// The sample is a small trail as CloudTrail delivers it. Some of its files are damaged on purpose.
#[derive(Debug, Args)]
pub(crate) struct DemoArguments {
    /// Folder to write to; created if it does not exist.
    #[arg(long, value_name = "FOLDER", default_value = "ecstrail-demo")]
    pub(crate) to: PathBuf,
}
