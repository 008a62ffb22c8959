//! The commands, one file each.

mod book;
mod caveats;
mod compact;
mod connect;
mod convert;
mod demo;
mod describe;
mod explain_event;
mod export;
mod page;
mod public_keys;
mod query;
mod recover;
mod repair;
mod report;
mod rows;
mod status;
mod table;
mod vacuum;
mod verify;
mod writing;

use std::{ffi::OsString, time::SystemTime};

use anyhow::Result;
use clap::Parser;

use crate::{
    args::{self, Arguments, Command},
    clock,
    exit::Exit,
};

/// Reads the command line, the program's name first.
///
/// # Errors
/// [`clap::Error`] for what clap tells, help among it.
pub(crate) fn parse(words: &[OsString]) -> Result<Arguments> {
    if args::is_report(words) {
        report::parse(words)
    } else {
        Ok(Arguments::try_parse_from(words)?)
    }
}

/// Runs a command.
pub(crate) async fn run(command: Command) -> Result<Exit> {
    if !matches!(command, Command::Describe(_)) {
        clock::check(SystemTime::now())?;
    }
    match command {
        Command::Convert(arguments) => convert::run(arguments).await,
        Command::Report(arguments) => report::run(arguments).await,
        Command::Book(arguments) => book::run(arguments).await,
        Command::Query(arguments) => query::run(arguments).await,
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
    }
}
