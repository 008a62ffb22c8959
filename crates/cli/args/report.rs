//! The arguments of `report`: those that every report takes, and the parameters of one report.

use std::{ffi::OsString, path::PathBuf};

use clap::{Arg, ArgMatches, Args, Command, CommandFactory, FromArgMatches};
use ecstrail_query::{Catalog, Dialect, Parameter, ParameterType, Report};

use super::{Arguments, DatasetArguments, OutputArguments, values::parse_setting};

/// The subcommand's name.
const REPORT: &str = "report";

/// Stands before the name of a parameter in the id of its option.
const PARAMETER: &str = "parameter:";

const PARAMETERS_HEADING: &str = "Parameters of the report";

/// Run a saved report, or list them.
///
/// Without NAME the reports are listed by what they are about. `report NAME --help` shows what a
/// report is about and its parameters. Each parameter is an option: nearly all reports take --from,
/// --until, --region and --account, many --cluster and --service.
#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
pub(crate) struct ReportArguments {
    /// Name of the report.
    pub(crate) name: Option<String>,
    /// List the reports, as without NAME; --format can be table, json or markdown.
    #[arg(long, conflicts_with = "name")]
    pub(crate) list: bool,
    /// Set a parameter of the report: `--set task=X` is the same as `--task X`. Can be given several
    /// times.
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = parse_setting)]
    pub(crate) settings: Vec<(String, String)>,
    #[command(flatten)]
    pub(crate) parameters: ParameterArguments,
    /// Folder with reports of your own, read as well; they may replace built-in ones.
    #[arg(long, value_name = "DIR", env = "ECSTRAIL_QUERIES")]
    pub(crate) queries: Option<PathBuf>,
    /// Print the report as SQL for another engine instead of running it: datafusion, duckdb, spark
    /// or athena. Values of parameters are written into it; without any they stay parameters.
    /// `ecstrail describe views` has the views that it may query.
    #[arg(long, value_name = "ENGINE", requires = "name", conflicts_with_all = [
        "format", "output", "limit", "fail_if_rows", "max_age", "allow_unknown",
    ])]
    pub(crate) sql: Option<Dialect>,
    /// With --fail-if-rows: accept names (of accounts, regions, clusters, services, callers …) that
    /// the dataset has never seen. Without it such a check exits with code 1, since a typing error
    /// finds nothing as well.
    #[arg(long)]
    pub(crate) allow_unknown: bool,
    /// Print help: of the report if NAME is given, else of this command.
    #[arg(long, short = 'h')]
    pub(crate) help: bool,
    #[command(flatten)]
    pub(crate) dataset: DatasetArguments,
    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

/// Values of a report's parameters that were given as options of their own.
#[derive(Debug, Default)]
pub(crate) struct ParameterArguments(pub(crate) Vec<(String, String)>);

impl Args for ParameterArguments {
    /// They are not known before the report is.
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

/// Returns whether the words ask for a report.
pub(crate) fn is_report(words: &[OsString]) -> bool {
    words.get(1).is_some_and(|word| word == REPORT)
}

/// Returns the folder of reports that the words name, `--queries DIR` or `--queries=DIR`: the options
/// of its reports are not known before it is.
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

/// What the words ask for, as far as it shows before the report's own parameters are known.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// Name of the report, wherever it stands among the words.
    pub(crate) name: Option<String>,
    /// Whether any report's parameters are given.
    pub(crate) has_parameters: bool,
}

/// Reads the words with the parameters of all reports for options.
pub(crate) fn asked(words: &[OsString], catalog: &Catalog) -> Asked {
    let mut every: Vec<&Parameter> = Vec::new();
    for parameter in catalog.reports().flat_map(|report| &report.parameters) {
        if every.iter().all(|known| known.name != parameter.name) {
            every.push(parameter);
        }
    }
    let command = with_parameters(Arguments::command(), &every).ignore_errors(true);
    let matches = command.try_get_matches_from(words).ok();
    let matches = matches.as_ref().and_then(|matches| matches.subcommand_matches(REPORT));
    matches.map_or_else(Asked::default, |matches| Asked {
        name: matches.get_one::<String>("name").cloned(),
        has_parameters: matches.ids().any(|id| id.as_str().starts_with(PARAMETER)),
    })
}

/// Reads the words, in which each parameter of the report is an option.
pub(crate) fn parse_report(
    words: &[OsString],
    report: Option<&Report>,
) -> Result<Arguments, clap::Error> {
    let parameters: Vec<_> = report.iter().flat_map(|report| &report.parameters).collect();
    let mut command = with_parameters(Arguments::command(), &parameters);
    let mut matches = command.try_get_matches_from_mut(words)?;
    Arguments::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
}

/// Returns a parameter's option, as it is written on the command line.
pub(crate) fn option_of(parameter: &Parameter) -> String {
    let name = parameter.name.replace('_', "-");
    let is_taken =
        Arguments::command().find_subcommand(REPORT).is_some_and(|report| is_taken(report, &name));
    if is_taken { format!("--set {}=", parameter.name) } else { format!("--{name}") }
}

/// Returns whether an option that every report takes has this name: the parameter is for `--set`.
fn is_taken(report: &Command, name: &str) -> bool {
    ["help", "version"].contains(&name)
        || report.get_arguments().any(|argument| argument.get_long() == Some(name))
}

fn with_parameters(command: Command, parameters: &[&Parameter]) -> Command {
    command.mut_subcommand(REPORT, |report| {
        let options: Vec<_> = parameters
            .iter()
            .filter(|parameter| !is_taken(&report, &parameter.name.replace('_', "-")))
            .map(|parameter| option(parameter))
            .collect();
        report.args(options)
    })
}

fn option(parameter: &Parameter) -> Arg {
    let name = &parameter.name;
    let option = Arg::new(format!("{PARAMETER}{name}"))
        .long(name.replace('_', "-"))
        .value_name(parameter.kind.name().to_uppercase())
        .help(parameter.description.clone())
        .help_heading(PARAMETERS_HEADING);
    let option = if name.contains('_') { option.alias(name.clone()) } else { option };
    match parameter.kind {
        // Alone it means true, and what follows is not its value.
        ParameterType::Boolean => {
            option.num_args(0..=1).require_equals(true).default_missing_value("true")
        }
        ParameterType::Integer | ParameterType::Number => option.allow_negative_numbers(true),
        _ => option,
    }
}
