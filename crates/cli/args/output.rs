//! Where and how rows are written.

use std::{path::PathBuf, time::Duration};

use clap::{Args, value_parser};

use super::values::parse_age;

/// Where and how rows are written.
#[derive(Debug, Clone, Default, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub(crate) struct OutputArguments {
    /// Output format: table, csv, tsv, json, jsonl, markdown, html, parquet or arrow [default:
    /// by the extension of FILE, or table]. html is a page with the caveats and the chart, of the
    /// first 10,000 rows unless --limit is given.
    #[arg(id = "row_format", long = "format", short = 'f', value_name = "FORMAT")]
    pub(crate) format: Option<String>,
    /// Write the rows to FILE instead of standard output. A regular file is replaced once all rows
    /// are written. A link, pipe or device is written to directly.
    #[arg(long, short = 'o', value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Write csv and tsv values exactly as they are, even those that a spreadsheet would run as
    /// formulas.
    #[arg(long)]
    pub(crate) csv_raw: bool,
    /// Write only the first N rows of the result.
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..))]
    pub(crate) limit: Option<u64>,
    /// Exit with code 4 if the result has N rows or more. Rows beyond --limit count as well. The
    /// rows are written in any case.
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..))]
    pub(crate) fail_if_rows: Option<u64>,
    /// Exit with code 1, without rows, if the newest event is older than AGE, such as 36h or 2d, or
    /// if there is none. A report with --account or --region checks the newest event there.
    #[arg(long, value_name = "AGE", value_parser = parse_age)]
    pub(crate) max_age: Option<Duration>,
    /// Afterwards show on standard error what was read and what was left unread: data files, row groups,
    /// pages and bytes, and where the time went.
    #[arg(long)]
    pub(crate) explain: bool,
    /// Do not show long results in a pager. The pager is `$PAGER`, or `less -FRX` if that is not
    /// set. An empty `PAGER` means no pager.
    #[arg(long)]
    pub(crate) no_pager: bool,
    /// Show long results in a pager although the config file says `pager = false`.
    #[arg(long, overrides_with = "no_pager")]
    pub(crate) pager: bool,
}
