//! `ecstrail report`: the saved reports, built in and the user's own.

use std::{
    ffi::OsString,
    fmt::Display,
    io::{self, IsTerminal},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Result;
use clap::CommandFactory;
use ecstrail_query::{
    Arguments, Bindings, BookFormat, Catalog, DefaultValue, Engine, Format, Report, Scope,
    Selection, Session, printable_json,
};
use include_dir::{Dir, include_dir};

use crate::{
    args::{self, Command, OutputArguments, ReportArguments},
    clock,
    commands::{
        answer::{Patience, Question, answer},
        book::sets,
        caveats::{self, UnknownNames},
        page,
        rows::{self, Output},
        shown::Memory,
    },
    config::{Config, variable},
    console,
    destination::{self, Reads},
    engine::{self, OpenEngine},
    exit::{Exit, UsageError},
};

mod chart;
mod text;

pub(crate) use text::wrapped;

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/queries");

/// Reads a command line that asks for a report: its parameters are options.
pub(crate) fn parse(words: &[OsString], config: &Config) -> Result<args::Arguments> {
    let folder = folder(words, config);
    let catalog = catalog(folder.as_deref())
        .map_err(|error| config.about_queries(folder.as_deref(), error))?;
    let asked = args::asked(words, &catalog.parameters()?);
    if asked.name.is_none() && asked.has_parameters {
        let problem = "the report's name is missing: give it, as in `ecstrail report NAME --from \
                       7d`";
        return Err(UsageError(problem.to_owned()).into());
    }
    let report = asked.name.map(|name| named(&catalog, &name, config)).transpose()?;
    let mut arguments = args::parse_report(words, report, config)?;
    if let Command::Report(arguments) = &mut arguments.command {
        arguments.catalog = Some(catalog);
    }
    Ok(arguments)
}

/// Returns the report of a name.
///
/// # Errors
/// Those of [`Catalog::get`]; [`UsageError`] if it is the name of a set.
pub(crate) fn named<'c>(catalog: &'c Catalog, name: &str, config: &Config) -> Result<&'c Report> {
    let found = catalog.get(name);
    if matches!(found, Err(ecstrail_query::Error::UnknownReport { .. }))
        && sets(config).contains_key(name)
    {
        let problem = format!("{name} is a set of reports: run `ecstrail book {name}`");
        return Err(UsageError(problem).into());
    }
    Ok(found?)
}

/// Returns the folder of the user's own reports.
pub(crate) fn folder(words: &[OsString], config: &Config) -> Option<PathBuf> {
    let of_environment = || variable("ECSTRAIL_QUERIES").map(PathBuf::from);
    args::queries_folder(words).or_else(of_environment).or_else(|| config.queries())
}

pub(crate) async fn run(mut arguments: ReportArguments, config: &Config) -> Result<Exit> {
    let catalog = match arguments.catalog.take() {
        Some(catalog) => catalog,
        None => catalog(arguments.queries.as_deref())?,
    };
    let Some(name) = &arguments.name else {
        return if arguments.help { help_of_command() } else { list(&arguments, &catalog) };
    };
    let report = named(&catalog, name, config)?;
    if arguments.help {
        return tell(&text::help(report, config));
    }
    // Another folder has other reports.
    if arguments.queries == config.queries() {
        config.check(&catalog)?;
    }
    let mut settings = settings(&arguments)?;
    let today = clock::today();
    // Without values, SQL keeps its parameters.
    if arguments.sql.is_none() || !settings.is_empty() {
        let remembered = config.fill(report, &mut settings)?;
        tell_remembered(&remembered, &settings, config);
    }
    if let Some(dialect) = arguments.sql {
        return tell_exactly(&report.sql_for(dialect, &settings, today)?);
    }
    engine::check(&arguments.engine, arguments.output.explain)?;
    if let Some(file) = &arguments.output.output {
        let (dataset, queries) =
            (arguments.dataset.dataset.as_deref(), arguments.queries.as_deref());
        let reads = Reads { dataset, queries, ..Reads::default() };
        destination::check_file("--output", file, &reads)?;
    }
    // Wrong arguments are reported before anything is opened.
    let bindings = report.bind(&settings, today)?;
    check_limit(report, &settings, &arguments.output)?;
    if arguments.chart {
        chart::check(report)?;
    }
    let is_page = page::is_asked(&arguments.output)?;
    if is_page && arguments.since_last {
        let problem = "--since-last does not apply to html: leave it out, or choose another format";
        return Err(UsageError(problem.to_owned()).into());
    }
    if is_page || arguments.chart {
        return Box::pin(draw(&arguments, report, bindings)).await;
    }
    let output = Output::open(&arguments.output)?;
    let session = Arc::new(rows::open_session(&arguments.dataset).await?);
    let output = if arguments.since_last {
        output.without_shown(Memory::open(&session, report, &settings)?)
    } else {
        output
    };
    let question = Question::Report(Box::new(report.clone()), unknown_names(&arguments));
    let max_age = arguments.output.max_age;
    let open = OpenEngine::open(&session, &arguments.engine, &arguments.dataset).await?;
    let (engine, patience) = (open.engine(), Patience::Endless);
    let count = answer(&session, engine, question, bindings, max_age, &output, &patience).await;
    open.close().await;
    Ok(output.exit(count?))
}

/// Writes the rows as a page, or the chart in their place. Both come with the caveats.
async fn draw(arguments: &ReportArguments, report: &Report, bindings: Bindings) -> Result<Exit> {
    let session = Arc::new(rows::open_session(&arguments.dataset).await?);
    let open = OpenEngine::open(&session, &arguments.engine, &arguments.dataset).await?;
    let drawn = draw_with(&session, open.engine().as_ref(), arguments, report, bindings).await;
    open.close().await;
    drawn
}

async fn draw_with(
    session: &Session,
    engine: &dyn Engine,
    arguments: &ReportArguments,
    report: &Report,
    bindings: Bindings,
) -> Result<Exit> {
    caveats::check_names(session, engine, report, &bindings, unknown_names(arguments)).await?;
    caveats::check_age(session, engine, &Scope::of(&bindings), arguments.output.max_age).await?;
    let selection = Selection { report, bindings, not_limited_by: Vec::new() };
    if arguments.chart {
        chart::draw(session, engine, &selection, &arguments.output).await
    } else {
        page::of_report(session, engine, &selection, &arguments.output).await
    }
}

/// Says which arguments the user did not give.
pub(crate) fn tell_remembered(names: &[String], settings: &Arguments, config: &Config) {
    let values = names.iter().map(|name| format!("{name}={}", settings[name]));
    let values = values.collect::<Vec<_>>().join(", ");
    if !values.is_empty() {
        console::note(format!("from {}: {values}", config.shown()));
    }
}

/// A check that passes by finding no rows must not pass because of a misspelled name.
fn unknown_names(arguments: &ReportArguments) -> UnknownNames {
    if arguments.output.fail_if_rows.is_some() && !arguments.allow_unknown {
        UnknownNames::Rejected
    } else {
        UnknownNames::Allowed
    }
}

/// Returns the reports that are built into the program, and those of a folder.
pub(crate) fn catalog(folder: Option<&Path>) -> Result<Catalog> {
    let reports = BUILT_IN.files().filter_map(|file| {
        let name = file.path().file_name()?.to_str()?.strip_suffix(".sql")?;
        Some((name, file.contents_utf8()?))
    });
    let mut catalog = Catalog::of(reports);
    if let Some(folder) = folder {
        catalog.add_folder(folder)?;
    }
    Ok(catalog)
}

/// Writes the list of reports in the requested format.
fn list(arguments: &ReportArguments, catalog: &Catalog) -> Result<Exit> {
    let output = &arguments.output;
    let is_unused = output.output.is_some()
        || output.limit.is_some()
        || output.max_age.is_some()
        || output.csv_raw
        || output.explain;
    if is_unused || output.fail_if_rows.is_some() || !arguments.settings.is_empty() {
        let problem = "the report's name is missing: give it, or list the reports with no other \
                       options than --queries and --format";
        return Err(UsageError(problem.to_owned()).into());
    }
    let not_of_list = |format: &dyn Display| {
        UsageError(format!(
            "the list of reports cannot be written as {format}: use table, json or markdown"
        ))
    };
    let format = match output.format.as_deref() {
        None => Format::Table,
        Some(format) if format == BookFormat::Html.name() => {
            return Err(not_of_list(&format).into());
        }
        Some(format) => format.parse()?,
    };
    match format {
        Format::Table => tell(&text::list(catalog)?),
        Format::Json => {
            console::exact(printable_json(catalog.as_json()?.trim_end()))?;
            Ok(Exit::Done)
        }
        Format::Markdown => tell(&catalog.as_markdown()?),
        other => Err(not_of_list(&other).into()),
    }
}

fn settings(arguments: &ReportArguments) -> Result<Arguments> {
    let given = arguments.parameters.0.iter().chain(&arguments.settings);
    let mut settings = Arguments::new();
    for (name, value) in given {
        if value.is_empty() {
            return Err(UsageError(format!(
                "parameter {name} is empty: give it a value, or leave it out"
            ))
            .into());
        }
        if settings.insert(name.clone(), value.clone()).is_some() {
            return Err(UsageError(format!("parameter {name} is given twice: give it once")).into());
        }
    }
    Ok(settings)
}

/// A report with a parameter `limit` of its own may silently have fewer rows than `--limit` or
/// `--fail-if-rows` expect.
pub(crate) fn check_limit(
    report: &Report,
    settings: &Arguments,
    output: &OutputArguments,
) -> Result<()> {
    let own = report.parameters.iter().find(|parameter| parameter.name == "limit");
    let own = own.and_then(|parameter| match (settings.get("limit"), &parameter.default) {
        (Some(value), _) | (None, Some(DefaultValue::Value(value))) => value.parse::<u64>().ok(),
        _ => None,
    });
    match (own, output.limit.max(output.fail_if_rows)) {
        (Some(own), Some(asked)) if own < asked => {
            let name = &report.name;
            let problem = format!(
                "report {name:?} is limited to {own} rows by its own parameter `limit`: give --set \
                 limit={asked}"
            );
            Err(UsageError(problem).into())
        }
        _ => Ok(()),
    }
}

fn help_of_command() -> Result<Exit> {
    let mut command = args::Arguments::command();
    command.build();
    if let Some(report) = command.find_subcommand_mut("report") {
        report.print_long_help()?;
    }
    Ok(Exit::Done)
}

/// Control characters are escaped only on a terminal; elsewhere the SQL is written as it is.
fn tell_exactly(sql: &str) -> Result<Exit> {
    if io::stdout().is_terminal() {
        return tell(sql);
    }
    console::exact(sql.trim_end())?;
    Ok(Exit::Done)
}

fn tell(text: &str) -> Result<Exit> {
    console::result(text.trim_end())?;
    Ok(Exit::Done)
}
