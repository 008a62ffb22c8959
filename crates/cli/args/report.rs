//! The arguments of `report`: those that every report takes, and the parameters of one report.

use std::{ffi::OsString, path::PathBuf};

use clap::{Arg, ArgMatches, Args, Command, CommandFactory, FromArgMatches};
use ecstrail_query::{Catalog, Dialect, Parameter, ParameterType, Report};

use super::{
    Arguments, DatasetArguments, EngineArguments, OutputArguments, command_word,
    values::parse_setting,
};
use crate::config::Config;

/// The subcommand's name.
const REPORT: &str = "report";

/// Prefix of a parameter's name in the id of its option.
const PARAMETER: &str = "parameter:";

const PARAMETERS_HEADING: &str = "Report parameters";

/// Run a saved report, or list the reports.
///
/// Without NAME, lists the reports by topic. `report NAME --help` shows what a report is about, and
/// its parameters. Each parameter is an option: nearly all reports accept --from, --until, --region
/// and --account; many accept --cluster and --service.
#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub(crate) struct ReportArguments {
    /// Name of the report.
    pub(crate) name: Option<String>,
    /// List the reports, as without NAME. --format can be table, json or markdown.
    #[arg(long, conflicts_with = "name")]
    pub(crate) list: bool,
    /// Set a parameter of the report: `--set task=X` is the same as `--task X`. Can be repeated.
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = parse_setting)]
    pub(crate) settings: Vec<(String, String)>,
    #[command(flatten)]
    pub(crate) parameters: ParameterArguments,
    /// Folder with your own reports. They are added to the built-in reports and may replace them.
    #[arg(long, value_name = "DIR", env = "ECSTRAIL_QUERIES")]
    pub(crate) queries: Option<PathBuf>,
    /// Print the report as SQL for another engine instead of running it: datafusion, duckdb, spark
    /// or athena. Values of parameters are written into the SQL; without any, it keeps its
    /// parameters. `ecstrail describe views` shows the views that it may query.
    #[arg(long, value_name = "ENGINE", requires = "name", conflicts_with_all = [
        "row_format", "output", "limit", "fail_if_rows", "max_age", "allow_unknown", "explain",
        "since_last",
    ])]
    pub(crate) sql: Option<Dialect>,
    /// Draw the report's chart with characters instead of writing its rows. `ecstrail describe
    /// reports --format json` shows which reports have one.
    #[arg(long, requires = "name", conflicts_with_all = [
        "row_format", "output", "limit", "csv_raw", "sql", "explain", "since_last",
    ])]
    pub(crate) chart: bool,
    /// With --fail-if-rows, accept names (of accounts, Regions, clusters, services, callers …) that
    /// are not in the dataset. Without this option such a check exits with code 1, since a
    /// misspelled name finds no rows either.
    #[arg(long)]
    pub(crate) allow_unknown: bool,
    /// Show only rows that the last run of this report with the same dataset and parameters did not
    /// show. A row that changed in any value counts as another one. Rows are remembered in
    /// `~/.local/state/ecstrail`, as hashes.
    #[arg(long, requires = "name")]
    pub(crate) since_last: bool,
    /// The reports, if they were read to know the report's options.
    #[arg(skip)]
    pub(crate) catalog: Option<Catalog>,
    /// Print help: for the report if NAME is given, otherwise for this command.
    #[arg(long, short = 'h')]
    pub(crate) help: bool,
    #[command(flatten)]
    pub(crate) dataset: DatasetArguments,
    #[command(flatten)]
    pub(crate) engine: EngineArguments,
    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

/// Values of a report's parameters that were given as options of their own.
#[derive(Debug, Default)]
pub(crate) struct ParameterArguments(pub(crate) Vec<(String, String)>);

impl Args for ParameterArguments {
    /// Unknown until the report is known.
    fn augment_args(command: Command) -> Command {
        command
    }

    fn augment_args_for_update(command: Command) -> Command {
        command
    }
}

impl FromArgMatches for ParameterArguments {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let given = matches.ids().filter_map(|id| {
            let name = id.as_str().strip_prefix(PARAMETER)?;
            Some((name.to_owned(), matches.get_one::<String>(id.as_str())?.clone()))
        });
        Ok(Self(given.collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Returns whether the command line runs `report`.
pub(crate) fn is_report(words: &[OsString]) -> bool {
    command_word(words).is_some_and(|word| word == REPORT)
}

/// Returns the folder given as `--queries DIR` or `--queries=DIR`. It has to be known before the
/// options of its reports are.
pub(crate) fn queries_folder(words: &[OsString]) -> Option<PathBuf> {
    const OPTION: &str = "--queries";
    let mut words = words.iter().take_while(|word| *word != "--");
    let found = words.find_map(|word| {
        let rest = word.to_str()?.strip_prefix(OPTION)?;
        if rest.is_empty() { Some(None) } else { rest.strip_prefix('=').map(Some) }
    })?;
    match found {
        Some(folder) => Some(PathBuf::from(folder)),
        None => words.next().map(PathBuf::from),
    }
}

/// What the command line requests, as far as that can be read before the report's own parameters
/// are known.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// Name of the report, anywhere on the command line.
    pub(crate) name: Option<String>,
    /// Whether a parameter of any report is given.
    pub(crate) has_parameters: bool,
}

/// Reads the command line with the parameters of all reports as options.
pub(crate) fn asked(words: &[OsString], parameters: &[Parameter]) -> Asked {
    let command = with_parameters(Arguments::command(), parameters).ignore_errors(true);
    let matches = command.try_get_matches_from(words).ok();
    let matches = matches.as_ref().and_then(|matches| matches.subcommand_matches(REPORT));
    matches.map_or_else(Asked::default, |matches| Asked {
        name: matches.get_one::<String>("name").cloned(),
        has_parameters: matches.ids().any(|id| id.as_str().starts_with(PARAMETER)),
    })
}

/// Returns the command line with each parameter of the report as an option.
pub(crate) fn for_report(report: Option<&Report>) -> Command {
    with_parameters(Arguments::command(), report.map_or(&[][..], |report| &report.parameters))
}

/// Reads the command line with each parameter of the report as an option.
pub(crate) fn parse_report(
    words: &[OsString],
    report: Option<&Report>,
    config: &Config,
) -> Result<Arguments, clap::Error> {
    let mut command = config.remembered_in(for_report(report));
    let mut matches = command.try_get_matches_from_mut(words)?;
    Arguments::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
}

/// Returns a parameter's option as written on the command line.
pub(crate) fn option_of(parameter: &Parameter) -> String {
    let name = parameter.name.replace('_', "-");
    let is_taken =
        Arguments::command().find_subcommand(REPORT).is_some_and(|report| is_taken(report, &name));
    if is_taken { format!("--set {}=", parameter.name) } else { format!("--{name}") }
}

/// Returns the id of a parameter's argument.
pub(crate) fn argument_of(parameter: &Parameter) -> String {
    format!("{PARAMETER}{}", parameter.name)
}

/// Returns whether an option of every report has this name, which leaves the parameter to `--set`.
fn is_taken(report: &Command, name: &str) -> bool {
    ["help", "version"].contains(&name)
        || report.get_arguments().any(|argument| argument.get_long() == Some(name))
}

fn with_parameters(command: Command, parameters: &[Parameter]) -> Command {
    command.mut_subcommand(REPORT, |report| {
        let options: Vec<_> = parameters
            .iter()
            .filter(|parameter| !is_taken(&report, &parameter.name.replace('_', "-")))
            .map(option)
            .collect();
        report.args(options)
    })
}

fn option(parameter: &Parameter) -> Arg {
    let name = &parameter.name;
    let option = Arg::new(argument_of(parameter))
        .long(name.replace('_', "-"))
        .value_name(parameter.kind.name().to_uppercase())
        .help(parameter.description.clone())
        .help_heading(PARAMETERS_HEADING);
    let option = if name.contains('_') { option.alias(name.clone()) } else { option };
    match parameter.kind {
        // Without `=`, it means true, and the next word is not its value.
        ParameterType::Boolean => {
            option.num_args(0..=1).require_equals(true).default_missing_value("true")
        }
        ParameterType::Integer | ParameterType::Number => option.allow_negative_numbers(true),
        _ => option,
    }
}
