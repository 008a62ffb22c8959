//! Where and how rows are written.

use std::{path::PathBuf, time::Duration};

use clap::{Args, value_parser};

use super::values::parse_age;

/// Where and how rows are written.
#[derive(Debug, Args)]
pub(crate) struct OutputArguments {
    /// Format of the rows: table, csv, tsv, json, jsonl, markdown, parquet or arrow [default: what
    /// FILE ends in, or table].
    #[arg(long, short = 'f', value_name = "FORMAT")]
    pub(crate) format: Option<String>,
    /// Write the rows to this file instead of stdout. A plain file is replaced once it is whole; a
    /// link, pipe or device is written into.
    #[arg(long, short = 'o', value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Leave values in csv and tsv exactly as they are, also those that a spreadsheet would run.
    #[arg(long)]
    pub(crate) csv_raw: bool,
    /// Write only the first N rows of the answer, in its order.
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..))]
    pub(crate) limit: Option<u64>,
    /// Exit with code 4 if the answer has N rows or more, whether or not --limit leaves some out. The
    /// rows are written all the same.
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..))]
    pub(crate) fail_if_rows: Option<u64>,
    /// Exit with code 1, without rows, if the newest event is older than AGE, such as 36h or 2d, or
    /// there is none. In a report with --account or --region: the newest one there.
    #[arg(long, value_name = "AGE", value_parser = parse_age)]
    pub(crate) max_age: Option<Duration>,
    /// Do not show long answers in a pager. On a terminal that is `$PAGER`, or `less -FRX`; an empty
    /// `PAGER` is none.
    #[arg(long)]
    pub(crate) no_pager: bool,
}
