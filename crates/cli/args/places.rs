//! What the commands share: where datasets are, how they are reached and written, how it is told.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::values::{parse_size, parse_threads};

/// Under what the options stand that matter only for buckets.
const S3_HEADING: &str = "Options for s3://";

/// How buckets are reached.
///
/// Credentials and the region are found as the AWS CLI finds them.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct S3Arguments {
    /// Use this profile of `~/.aws/config`; it comes before keys in the environment, as in the AWS
    /// CLI [default: as `AWS_PROFILE` says].
    #[arg(long, value_name = "NAME", help_heading = S3_HEADING)]
    pub(crate) profile: Option<String>,
    /// Server that speaks S3, such as `http://localhost:9000` [default: AWS, or as
    /// `AWS_ENDPOINT_URL` says].
    #[arg(long, value_name = "URL", help_heading = S3_HEADING)]
    pub(crate) endpoint: Option<String>,
    /// Read without credentials: public buckets. What is written is always signed.
    #[arg(long, help_heading = S3_HEADING)]
    pub(crate) anonymous: bool,
}

/// How datasets are written.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct WritingArguments {
    /// Write to a bucket that cannot create an object only if it does not exist. See to it that no
    /// other run writes into the dataset at the same time: they would undo each other.
    #[arg(long, help_heading = S3_HEADING)]
    pub(crate) single_writer: bool,
}

/// Where the dataset is.
#[derive(Debug, Args)]
pub(crate) struct DatasetArguments {
    /// Folder of the dataset, or `s3://BUCKET/PREFIX`.
    #[arg(long, short = 'd', value_name = "HOME", env = "ECSTRAIL_DATASET")]
    pub(crate) dataset: Option<String>,
    /// Threads to use [default: one a core].
    #[arg(
        long,
        value_name = "N",
        default_value = "0",
        hide_default_value = true,
        value_parser = parse_threads
    )]
    pub(crate) threads: usize,
    /// Memory for the query, such as 512MiB or 2GiB. What sorts, groups and joins cannot keep in it
    /// goes to disk.
    #[arg(long, value_name = "SIZE", default_value = "1GiB", value_parser = parse_size)]
    pub(crate) memory: usize,
    /// Folder for what does not fit into memory [default: the system's temporary folder].
    #[arg(long, value_name = "FOLDER")]
    pub(crate) scratch: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) s3: S3Arguments,
}

/// The dataset that a command tends.
#[derive(Debug, Args)]
pub(crate) struct HomeArguments {
    /// Folder of the dataset, or `s3://BUCKET/PREFIX`.
    #[arg(long, short = 'd', value_name = "HOME", env = "ECSTRAIL_DATASET")]
    pub(crate) dataset: String,
    /// How to tell what was done.
    #[arg(long, value_enum, default_value_t = SummaryFormat::Text)]
    pub(crate) format: SummaryFormat,
    #[command(flatten)]
    pub(crate) writing: WritingArguments,
    #[command(flatten)]
    pub(crate) s3: S3Arguments,
}

/// How a command tells what it did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SummaryFormat {
    /// For people.
    Text,
    /// One JSON object on stdout, for programs.
    Json,
}
