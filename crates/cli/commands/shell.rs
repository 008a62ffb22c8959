//! `ecstrail shell`: SQL, reports and commands at a prompt.

use std::{
    io::{self, IsTerminal},
    sync::Arc,
};

use anyhow::{Context, Result};
use ecstrail_query::{
    Catalog, Format, Parameter, ParameterType, Session, names_for, printable_line, tables,
};
use ecstrail_writer::read_up_to;

use crate::{
    args::ShellArguments,
    commands::{report, rows},
    config::Config,
    console,
    exit::Exit,
    stop::Interrupts,
};

mod completion;
mod dot_command;
mod editor;
mod highlight;
mod history;
mod listing;
mod running;
mod settings;
mod sql_completion;
mod statement;
mod vocabulary;

use editor::{Prompt, Typed};
use running::{Desk, MOST_SCRIPT_BYTES, Next, snapshot_in_words};
use vocabulary::{ReportWords, TableWords, ValuesOf, Vocabulary};

/// Days that people ask for most.
const DAYS: [&str; 8] =
    ["today", "yesterday", "7d", "30d", "this-week", "last-week", "this-month", "last-month"];

pub(crate) async fn run(arguments: ShellArguments, config: &Config) -> Result<Exit> {
    let catalog = report::catalog(arguments.queries.as_deref())?;
    // Another folder has other reports.
    if arguments.queries == config.queries() {
        config.check(&catalog)?;
    }
    let session = Arc::new(rows::open_session(&arguments.dataset).await?);
    if !io::stdin().is_terminal() {
        let text = read_up_to(io::stdin().lock(), MOST_SCRIPT_BYTES);
        let text = text.map_err(anyhow::Error::from).and_then(|text| Ok(String::from_utf8(text)?));
        let text = text.context("cannot read the statements from standard input")?;
        let mut desk = Desk::new(session, catalog, arguments, config, None)?;
        desk.run_script(&text, "standard input").await?;
        return Ok(Exit::Done);
    }
    let vocabulary = vocabulary(&session, &catalog)?;
    let mut prompt = Prompt::open(Arc::clone(&session), vocabulary)?;
    let home = arguments.dataset.dataset.clone().unwrap_or_default();
    let interrupts = Interrupts::take().context("cannot listen for Ctrl-C")?;
    let mut desk = Desk::new(Arc::clone(&session), catalog, arguments, config, Some(interrupts))?;
    console::note(format!("ecstrail {}, dataset {home}", env!("CARGO_PKG_VERSION")));
    console::note(snapshot_in_words(&session.snapshot()));
    console::note("Type SQL and a semicolon, or `.help`. Tab completes, Ctrl-D leaves.");
    loop {
        match prompt.read()? {
            Typed::End => return Ok(Exit::Done),
            Typed::Nothing => {}
            // A terminal without line editing tells of Ctrl-C in this way only.
            Typed::Text(_) if desk.forget_interrupts() => {}
            Typed::Text(text) => {
                if desk.run_typed(&text).await == Next::Leave {
                    return Ok(Exit::Done);
                }
            }
        }
    }
}

/// Returns the words that can be completed.
fn vocabulary(session: &Session, catalog: &Catalog) -> Result<Vocabulary> {
    let tables = tables();
    let events: Vec<_> = tables[..1].iter().flat_map(|events| &events.columns).collect();
    let words = tables.iter().enumerate().map(|(place, table)| {
        let own = table.columns.iter().map(|column| column.name.to_owned());
        let shared = events.iter().filter(|_| place > 0).map(|column| column.name.to_owned());
        TableWords { name: table.name.to_owned(), columns: own.chain(shared).collect() }
    });
    let is_typed = |name: &str| printable_line(name) == name;
    let reports = catalog.reports()?.into_iter().filter(|report| is_typed(&report.name));
    let reports = reports.map(|report| ReportWords {
        name: report.name.clone(),
        parameters: report
            .parameters
            .iter()
            .map(|one| (one.name.clone(), values_of(one)))
            .collect(),
    });
    Ok(Vocabulary {
        tables: words.collect(),
        functions: session.functions().into_iter().map(|function| function.name).collect(),
        reports: reports.collect(),
        formats: Format::ALL.map(Format::name).to_vec(),
    })
}

fn values_of(parameter: &Parameter) -> ValuesOf {
    match (parameter.kind, names_for(parameter)) {
        (ParameterType::Boolean, _) => ValuesOf::Words(&["true", "false"]),
        (ParameterType::Date | ParameterType::Timestamp, _) => ValuesOf::Words(&DAYS),
        // A dataset has too many of them.
        (ParameterType::Task, _) | (_, None) => ValuesOf::Anything,
        (_, Some(expression)) => ValuesOf::Expression(expression),
    }
}
