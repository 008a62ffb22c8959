//! The arguments of `shell`, which `query` without SQL begins as well.

use std::path::PathBuf;

use clap::{Args, value_parser};

use super::{DatasetArguments, OutputArguments, QueryArguments, values::parse_setting};
use crate::{config::variable, engine::EngineName, exit::UsageError};

/// Query the dataset at a prompt: SQL, saved reports, and commands such as `.tables`.
///
/// `ecstrail query` without SQL on a terminal is the same. `.help` lists the commands. The Tab key
/// completes names of tables, columns, functions, reports, parameters, and values in the dataset.
///
/// Statements are read from standard input if it is not a terminal, up to the first one that fails.
///
/// What was typed is remembered in `~/.local/state/ecstrail/history`, except for what begins with a
/// space. `ECSTRAIL_HISTORY` names another file, or none if it is empty.
#[derive(Debug, Args)]
pub(crate) struct ShellArguments {
    /// Bind a text value to `$NAME` in the SQL. Can be repeated.
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = parse_setting)]
    pub(crate) settings: Vec<(String, String)>,
    /// Folder with your own reports. They are added to the built-in reports and may replace them.
    #[arg(long, value_name = "DIR", env = "ECSTRAIL_QUERIES")]
    pub(crate) queries: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) dataset: DatasetArguments,
    /// Output format: table, csv, tsv, json, jsonl or markdown; with .output also parquet or arrow
    /// [default: table]. `.mode` sets another one.
    // Named as that of `query`, so that the config file's holds for both.
    #[arg(id = "row_format", long = "format", short = 'f', value_name = "FORMAT")]
    pub(crate) format: Option<String>,
    /// Write csv and tsv values exactly as they are, even those that a spreadsheet would run as
    /// formulas.
    #[arg(long)]
    pub(crate) csv_raw: bool,
    /// Write only the first N rows of each result.
    #[arg(long, value_name = "N", value_parser = value_parser!(u64).range(1..))]
    pub(crate) limit: Option<u64>,
    /// Do not show long results in a pager. The pager is `$PAGER`, or `less -FRX` if that is not
    /// set. An empty `PAGER` means no pager.
    #[arg(long)]
    pub(crate) no_pager: bool,
    /// Show long results in a pager although the config file says `pager = false`.
    #[arg(long, overrides_with = "no_pager")]
    pub(crate) pager: bool,
}

impl TryFrom<QueryArguments> for ShellArguments {
    type Error = UsageError;

    /// # Errors
    /// If an option needs SQL.
    fn try_from(arguments: QueryArguments) -> Result<Self, UsageError> {
        let QueryArguments { settings, dataset, engine, output, .. } = arguments;
        let OutputArguments {
            format,
            output,
            csv_raw,
            limit,
            fail_if_rows,
            max_age,
            no_pager,
            pager,
            explain,
        } = output;
        if engine.engine != EngineName::Local {
            let problem = "the shell runs queries in this program: give SQL, as in `ecstrail query \
                           --engine ENGINE 'SELECT count(*) FROM events'`, or --engine local";
            return Err(UsageError(problem.to_owned()));
        }
        let needs_sql = [
            ("--output", output.is_some()),
            ("--fail-if-rows", fail_if_rows.is_some()),
            ("--max-age", max_age.is_some()),
            ("--explain", explain),
        ];
        if let Some((option, _)) = needs_sql.into_iter().find(|(_, is_given)| *is_given) {
            return Err(UsageError(format!(
                "{option} needs SQL: give it, as in `ecstrail query \"SELECT count(*) FROM events\"`"
            )));
        }
        let queries = variable("ECSTRAIL_QUERIES").map(PathBuf::from);
        Ok(Self { settings, queries, dataset, format, csv_raw, limit, no_pager, pager })
    }
}
