//! The arguments of `verify`.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;
use ecstrail_converter::Selection;
use ecstrail_query::DAY_FORMS;

use super::{
    S3Arguments, SummaryFormat, ThreadsArgument,
    values::{parse_account, parse_first_day, parse_last_day, parse_region},
};

const TRAIL_HEADING: &str = "Trail options";

/// Verify that a dataset is what was committed, or that a trail is what CloudTrail delivered.
///
/// Without TRAIL, verifies the dataset: compares every data file with the hash and the number of
/// rows in the log, every log entry with its hash in the next entry and in its marker, and the files
/// beside them: inputs, rejects, checkpoints, and the Delta log if there is one. Files below
/// `events/` that no commit added are reported as well.
///
/// With TRAIL, verifies the trail by the digest files that CloudTrail writes when log file validation
/// is on: their signatures, the links between them, and the hash of every log file. Finds what
/// `aws cloudtrail validate-logs` finds, and log files that no digest names. With --dataset, log
/// files that are converted are not read again, since the dataset has their hashes; those that
/// changed or disappeared since are reported.
///
/// Reads only.
///
/// Exit codes: 0 if nothing was found; 4 if problems were found; 1 if the dataset or trail could not
/// be verified.
#[derive(Debug, Args)]
pub(crate) struct VerifyArguments {
    /// Folder or `s3://BUCKET/PREFIX` of a trail: what contains `AWSLogs`, or a folder below it.
    pub(crate) trail: Option<String>,
    /// Folder of the dataset, or `s3://BUCKET/PREFIX`.
    #[arg(long, short = 'd', value_name = "HOME", env = "ECSTRAIL_DATASET")]
    pub(crate) dataset: Option<String>,
    /// Also rebuild the record of every row, and compare it with the hash that was computed when the
    /// record was read.
    #[arg(long, conflicts_with = "trail")]
    pub(crate) records: bool,
    #[command(flatten)]
    pub(crate) threads: ThreadsArgument,
    /// Output format of the summary.
    #[arg(long, value_enum, default_value_t = SummaryFormat::Text)]
    pub(crate) format: SummaryFormat,
    /// Verify signatures with the keys in FILE, which is the output of `aws cloudtrail
    /// list-public-keys`. Keys differ by Region. Can be repeated.
    #[arg(long, value_name = "FILE", requires = "trail", help_heading = TRAIL_HEADING)]
    pub(crate) public_keys: Vec<PathBuf>,
    /// Do not verify signatures, only hashes and links. Anyone who can write to the bucket can
    /// forge these.
    #[arg(
        long,
        requires = "trail",
        conflicts_with = "public_keys",
        help_heading = TRAIL_HEADING
    )]
    pub(crate) no_signatures: bool,
    /// The trail is a copy in a bucket other than the one that CloudTrail delivered to. Compare only
    /// the part of the keys that begins with `AWSLogs`. For a folder on disk this is the default.
    #[arg(long, requires = "trail", help_heading = TRAIL_HEADING)]
    pub(crate) copied: bool,
    #[arg(
        long,
        value_name = "DATE",
        value_parser = parse_first_day,
        requires = "trail",
        help_heading = TRAIL_HEADING,
        help = format!("First day to verify, by the delivery of log files (UTC): {DAY_FORMS}")
    )]
    from: Option<NaiveDate>,
    /// Last day to verify (UTC), inclusive.
    #[arg(
        long,
        value_name = "DATE",
        value_parser = parse_last_day,
        requires = "trail",
        help_heading = TRAIL_HEADING
    )]
    until: Option<NaiveDate>,
    /// Verify only this Region. Can be repeated.
    #[arg(
        long = "region",
        value_name = "R",
        value_delimiter = ',',
        value_parser = parse_region,
        requires = "trail",
        help_heading = TRAIL_HEADING
    )]
    regions: Vec<String>,
    /// Verify only this account. Can be repeated.
    #[arg(
        long = "account",
        value_name = "ID",
        value_delimiter = ',',
        value_parser = parse_account,
        requires = "trail",
        help_heading = TRAIL_HEADING
    )]
    accounts: Vec<String>,
    #[command(flatten)]
    pub(crate) s3: S3Arguments,
}

impl VerifyArguments {
    /// The accounts, Regions and days to verify.
    pub(crate) fn selection(&self) -> Selection {
        Selection {
            from: self.from,
            until: self.until,
            regions: self.regions.iter().cloned().collect(),
            accounts: self.accounts.iter().cloned().collect(),
            ..Selection::default()
        }
    }
}
