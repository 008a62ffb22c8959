//! The commands, one file each.

mod answer;
mod book;
mod caveats;
mod compact;
mod completions;
mod config;
mod connect;
mod convert;
mod demo;
mod describe;
mod explain_event;
mod export;
mod man;
mod page;
mod public_keys;
mod query;
mod recover;
mod repair;
mod report;
mod rows;
mod shell;
mod shown;
mod status;
mod table;
mod vacuum;
mod verify;
mod work;
mod writing;

use std::{ffi::OsString, time::SystemTime};

use anyhow::{Error, Result};
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::{
    args::{self, Command},
    clock,
    config::Config,
    console,
    exit::Exit,
};

pub(crate) use completions::answer as complete;
pub(crate) use rows::{history, open_snapshot};

/// Reads the command line, the program's name first, and the config file.
///
/// # Errors
/// [`clap::Error`] for what clap tells, help among it.
pub(crate) fn parse(words: &[OsString]) -> Result<(Command, Config)> {
    let config = Config::load(args::config_profile(words).as_deref());
    let parsed = if args::is_report(words) {
        report::parse(words, &config)
    } else {
        args::parse(words, &config).map_err(Error::from)
    };
    let Some(problem) = config.problem() else {
        return match parsed {
            Ok(arguments) => Ok((arguments.command, config)),
            Err(error) => Err(with_tip(error, &config)),
        };
    };
    match parsed {
        Ok(arguments) if arguments.command.runs_without_config() => {
            if let Command::Report(_) = arguments.command {
                console::note(format!("the config file is not used: {problem}"));
            }
            Ok((arguments.command, config))
        }
        Err(error) if is_help(&error) => Err(error),
        _ => Err(problem.clone().into()),
    }
}

fn is_help(error: &Error) -> bool {
    use ErrorKind::{DisplayHelp, DisplayHelpOnMissingArgumentOrSubcommand, DisplayVersion};
    error.downcast_ref::<clap::Error>().is_some_and(|error| {
        let kinds = [DisplayHelp, DisplayVersion, DisplayHelpOnMissingArgumentOrSubcommand];
        kinds.contains(&error.kind())
    })
}

/// Says why the dataset of the config file was not taken.
fn with_tip(mut error: Error, config: &Config) -> Error {
    if let Some(error) = error.downcast_mut::<clap::Error>()
        && error.kind() == ErrorKind::MissingRequiredArgument
        && config.values.contains_key("dataset")
    {
        let tip = "commands that write do not use the dataset of the config file: give it";
        let tip = ContextValue::StyledStrs(vec![tip.into()]);
        error.insert(ContextKind::Suggested, tip);
    }
    error
}

/// Runs a command.
pub(crate) async fn run((command, config): (Command, Config)) -> Result<Exit> {
    if !matches!(command, Command::Describe(_)) {
        clock::check(SystemTime::now())?;
    }
    match command {
        Command::Convert(arguments) => convert::run(arguments).await,
        Command::Report(arguments) => report::run(arguments, &config).await,
        Command::Book(arguments) => book::run(arguments, &config).await,
        Command::Query(arguments) => query::run(arguments, &config).await,
        Command::Shell(arguments) => shell::run(arguments, &config).await,
        Command::Export(arguments) => export::run(arguments).await,
        Command::Status(arguments) => status::run(arguments).await,
        Command::ExplainEvent(arguments) => explain_event::run(arguments).await,
        Command::Compact(arguments) => compact::run(arguments).await,
        Command::Vacuum(arguments) => vacuum::run(arguments).await,
        Command::Verify(arguments) => verify::run(arguments).await,
        Command::Repair(arguments) => repair::run(arguments).await,
        Command::Table(arguments) => table::run(arguments).await,
        Command::Connect(arguments) => connect::run(arguments).await,
        Command::Recover(arguments) => recover::run(arguments).await,
        Command::Describe(command) => describe::run(&command).await,
        Command::Demo(arguments) => Box::pin(demo::run(arguments)).await,
        Command::Config(arguments) => config::run(&arguments, &config),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Man(arguments) => man::run(&arguments),
    }
}
