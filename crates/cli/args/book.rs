//! The arguments of `book`.

use std::{path::PathBuf, time::Duration};

use clap::{Args, value_parser};
use ecstrail_query::{Arguments, DAY_FORMS, Severity};

use super::{
    DatasetArguments, EngineArguments,
    values::{parse_age, parse_setting},
};

/// Write several reports as one page to read, print and send.
///
/// The page needs no network and no script: a summary of the dataset, its freshness and its gaps,
/// findings by severity, and for each report its parameters, caveats, chart and table. NAME is a
/// report or a set of reports: weekly, security, deployments, audit, or one of `[sets]` in the config
/// file. A set comes before a report of the same name. Each report gets the parameters that it has, and says which of the given ones
/// it does not have.
///
/// Exit codes: 0 if the page was written; 1 also if a report in it failed; 4 with --fail-on if there
/// are findings. A report that the dataset cannot answer is a failure only with --fail-on, as is a
/// name that is not in the dataset.
#[derive(Debug, Args)]
pub(crate) struct BookArguments {
    /// Reports and sets of reports, in their order.
    #[arg(value_name = "NAME", default_value = "weekly")]
    pub(crate) names: Vec<String>,
    /// List the sets and their reports.
    #[arg(long, conflicts_with_all = [
        "names", "from", "until", "account", "region", "cluster", "service", "settings", "title", "format",
        "output", "limit", "fail_on", "max_age",
    ])]
    pub(crate) list: bool,
    #[arg(
        long,
        value_name = "DATE",
        help = format!("First day (UTC): {DAY_FORMS} [default: the dataset's first day]")
    )]
    pub(crate) from: Option<String>,
    /// Last day (UTC), inclusive [default: the dataset's last day].
    #[arg(long, value_name = "DATE")]
    pub(crate) until: Option<String>,
    /// Account [default: all].
    #[arg(long)]
    pub(crate) account: Option<String>,
    /// Region [default: all].
    #[arg(long)]
    pub(crate) region: Option<String>,
    /// Cluster, by its name or ARN [default: all].
    #[arg(long)]
    pub(crate) cluster: Option<String>,
    /// Service, by its name or ARN [default: all].
    #[arg(long)]
    pub(crate) service: Option<String>,
    /// Set any other parameter, for every report that has it. Can be repeated.
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = parse_setting)]
    pub(crate) settings: Vec<(String, String)>,
    /// Title of the page [default: that of the set].
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,
    /// Output format: html, markdown or json [default: by the extension of FILE, or html].
    #[arg(long, short = 'f', value_name = "FORMAT")]
    pub(crate) format: Option<String>,
    /// Write to FILE instead of standard output. A regular file is replaced once all of it is
    /// written.
    #[arg(long, short = 'o', value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Show only the first N rows of each report. All rows are counted, and the page says how many
    /// there are.
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1000,
        value_parser = value_parser!(u32).range(1..)
    )]
    pub(crate) limit: u32,
    /// Exit with code 4 if there are findings of this severity or a higher one: info, low, medium,
    /// high or critical. The page is written in any case.
    #[arg(long, value_name = "SEVERITY")]
    pub(crate) fail_on: Option<Severity>,
    /// Exit with code 1, without a page, if the newest event is older than AGE, such as 36h or 2d, or
    /// if there is none.
    #[arg(long, value_name = "AGE", value_parser = parse_age)]
    pub(crate) max_age: Option<Duration>,
    /// Folder with your own reports, added to the built-in ones.
    #[arg(long, value_name = "DIR", env = "ECSTRAIL_QUERIES")]
    pub(crate) queries: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) dataset: DatasetArguments,
    #[command(flatten)]
    pub(crate) engine: EngineArguments,
}

impl BookArguments {
    /// The parameters that have an option of their own, as far as they are given.
    pub(crate) fn options(&self) -> Arguments {
        let options = [
            ("from", &self.from),
            ("until", &self.until),
            ("account", &self.account),
            ("region", &self.region),
            ("cluster", &self.cluster),
            ("service", &self.service),
        ];
        let given = options.into_iter().filter_map(|(name, value)| Some((name, value.clone()?)));
        given.map(|(name, value)| (name.to_owned(), value)).collect()
    }
}
