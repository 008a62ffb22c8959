//! `ecstrail report`: the saved reports, built in and the user's own.

use std::path::Path;

use anyhow::Result;
use clap::CommandFactory;
use ecstrail_query::{Arguments, Catalog, printable};
use include_dir::{Dir, include_dir};

use crate::{
    args::{self, ReportArguments},
    commands::rows::{self, Output},
    console,
    exit::{Exit, UsageError},
};

mod text;

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/queries");

pub(crate) async fn run(arguments: ReportArguments) -> Result<Exit> {
    let Some(name) = &arguments.name else {
        return if arguments.help {
            help_of_command()
        } else {
            tell(&text::list(&catalog(arguments.queries.as_deref())?))
        };
    };
    let catalog = catalog(arguments.queries.as_deref())?;
    let report = catalog.get(name)?;
    if arguments.help {
        return tell(&text::help(report));
    }
    if let Some(dialect) = arguments.sql {
        return tell(&report.sql_for(dialect)?);
    }
    let settings = settings(&arguments)?;
    // Wrong arguments are told before anything is opened.
    let today = chrono::Utc::now().date_naive();
    report.bind(&settings, today)?;
    let output = Output::open(&arguments.output)?;
    let session = rows::open_session(&arguments.dataset).await?;
    let rows = session.report(report, &settings, today).await?;
    output.write(rows).await
}

/// Returns the reports that are built into the program, and those of a folder.
pub(crate) fn catalog(folder: Option<&Path>) -> Result<Catalog> {
    let reports = BUILT_IN.files().filter_map(|file| {
        let name = file.path().file_name()?.to_str()?.strip_suffix(".sql")?;
        Some((name, file.contents_utf8()?))
    });
    let mut catalog = Catalog::try_new(reports)?;
    if let Some(folder) = folder {
        catalog.add_folder(folder)?;
    }
    Ok(catalog)
}

fn settings(arguments: &ReportArguments) -> Result<Arguments> {
    let named = [
        ("from", &arguments.from),
        ("until", &arguments.until),
        ("region", &arguments.region),
        ("account", &arguments.account),
        ("cluster", &arguments.cluster),
        ("service", &arguments.service),
    ];
    let named = named
        .into_iter()
        .filter_map(|(name, value)| value.clone().map(|value| (name.to_owned(), value)));
    let mut settings = Arguments::new();
    for (name, value) in named.chain(arguments.settings.iter().cloned()) {
        if value.is_empty() {
            return Err(
                UsageError(format!("{name} is empty: leave it out, or give it a value")).into()
            );
        }
        if settings.insert(name.clone(), value).is_some() {
            return Err(UsageError(format!("{name} is given twice")).into());
        }
    }
    Ok(settings)
}

fn help_of_command() -> Result<Exit> {
    let mut command = args::Arguments::command();
    command.build();
    if let Some(report) = command.find_subcommand_mut("report") {
        report.print_long_help()?;
    }
    Ok(Exit::Done)
}

fn tell(text: &str) -> Result<Exit> {
    console::result(printable(text.trim_end()))?;
    Ok(Exit::Done)
}
