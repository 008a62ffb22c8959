//! Options that commands share: the dataset, access to S3, writing, and the format of the summary.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::values::{parse_size, parse_threads};

/// Heading of the options that matter only for buckets.
const S3_HEADING: &str = "S3 options";

/// How buckets are accessed.
///
/// Credentials and the Region are found as the AWS CLI finds them.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct S3Arguments {
    /// Use this profile of `~/.aws/config`. As in the AWS CLI, it takes precedence over keys in the
    /// environment [default: `AWS_PROFILE`].
    #[arg(long, value_name = "NAME", help_heading = S3_HEADING)]
    pub(crate) profile: Option<String>,
    /// URL of an S3-compatible server, such as `http://localhost:9000` [default:
    /// `AWS_ENDPOINT_URL`, otherwise AWS].
    #[arg(long, value_name = "URL", help_heading = S3_HEADING)]
    pub(crate) endpoint: Option<String>,
    /// Read public buckets without credentials. Writes are always signed.
    #[arg(long, help_heading = S3_HEADING)]
    pub(crate) anonymous: bool,
}

/// How datasets are written.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct WritingArguments {
    /// Write to a bucket that does not support conditional writes (`If-None-Match`). Make sure that
    /// no other run writes to the dataset at the same time: the runs would undo each other's
    /// commits.
    #[arg(long, help_heading = S3_HEADING)]
    pub(crate) single_writer: bool,
}

/// How many threads a command uses.
#[derive(Debug, Args)]
pub(crate) struct ThreadsArgument {
    /// Number of threads [default: one per core].
    #[arg(
        long,
        value_name = "N",
        default_value = "0",
        hide_default_value = true,
        value_parser = parse_threads
    )]
    pub(crate) threads: usize,
}

/// Where the dataset is.
#[derive(Debug, Args)]
pub(crate) struct DatasetArguments {
    /// Folder of the dataset, or `s3://BUCKET/PREFIX`.
    #[arg(long, short = 'd', value_name = "HOME", env = "ECSTRAIL_DATASET")]
    pub(crate) dataset: Option<String>,
    #[command(flatten)]
    pub(crate) threads: ThreadsArgument,
    /// Memory for the query, such as 512MiB or 2GiB. Sorts, groupings and joins that need more
    /// spill to disk.
    #[arg(long, value_name = "SIZE", default_value = "1GiB", value_parser = parse_size)]
    pub(crate) memory: usize,
    /// Folder for data that does not fit into memory [default: the system's temporary folder].
    #[arg(long, value_name = "FOLDER")]
    pub(crate) scratch: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) s3: S3Arguments,
}

/// The dataset that a maintenance command works on.
#[derive(Debug, Args)]
pub(crate) struct HomeArguments {
    /// Folder of the dataset, or `s3://BUCKET/PREFIX`.
    // Its id is its own: the config file names the dataset of commands that only read.
    #[arg(
        id = "maintained_dataset",
        long = "dataset",
        short = 'd',
        value_name = "HOME",
        env = "ECSTRAIL_DATASET"
    )]
    pub(crate) dataset: String,
    /// Output format of the summary.
    #[arg(long, value_enum, default_value_t = SummaryFormat::Text)]
    pub(crate) format: SummaryFormat,
    #[command(flatten)]
    pub(crate) writing: WritingArguments,
    #[command(flatten)]
    pub(crate) s3: S3Arguments,
}

/// Output formats of a command's summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SummaryFormat {
    /// Text, for people.
    Text,
    /// One JSON object on standard output, for programs.
    Json,
}
