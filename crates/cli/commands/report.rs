//! `ecstrail report`: the saved reports, built in and the user's own.

use anyhow::Result;
use ecstrail_query::{Arguments, Catalog, DefaultValue, Report};
use include_dir::{Dir, include_dir};

use crate::{
    args::ReportArguments,
    commands::rows::{self, Output},
    console,
    exit::Exit,
};

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/queries");

pub(crate) async fn run(arguments: ReportArguments) -> Result<Exit> {
    let mut catalog = built_in()?;
    if let Some(folder) = &arguments.reports {
        catalog.add_folder(folder)?;
    }
    let Some(name) = &arguments.name else { return list(&catalog) };
    let report = catalog.get(name)?;
    let settings = settings(&arguments);
    // Wrong arguments are told before anything is opened.
    let today = chrono::Utc::now().date_naive();
    report.bind(&settings, today)?;
    let output = Output::open(&arguments.output)?;
    let session = rows::open_session(&arguments.dataset).await?;
    let rows = session.report(report, &settings, today).await?;
    output.write(rows).await
}

/// Returns the reports that are built into the program.
pub(crate) fn built_in() -> Result<Catalog> {
    let reports = BUILT_IN.files().filter_map(|file| {
        let name = file.path().file_name()?.to_str()?.strip_suffix(".sql")?;
        Some((name, file.contents_utf8()?))
    });
    Ok(Catalog::try_new(reports)?)
}

fn settings(arguments: &ReportArguments) -> Arguments {
    let named =
        [("from", &arguments.from), ("until", &arguments.until), ("region", &arguments.region)];
    let named = named
        .into_iter()
        .filter_map(|(name, value)| value.clone().map(|value| (name.to_owned(), value)));
    named.chain(arguments.settings.iter().cloned()).collect()
}

fn list(catalog: &Catalog) -> Result<Exit> {
    for report in catalog.reports() {
        console::result(format!("{}\n    {}", report.name, report.title))?;
        for line in parameters(report) {
            console::result(format!("    {line}"))?;
        }
    }
    console::result("\nRun one with: ecstrail report NAME --dataset HOME [--set name=value]...")?;
    Ok(Exit::Done)
}

fn parameters(report: &Report) -> Vec<String> {
    let width = report.parameters.iter().map(|parameter| parameter.name.len()).max().unwrap_or(0);
    let lines = report.parameters.iter().map(|parameter| {
        let default = match &parameter.default {
            None => " (required)".to_owned(),
            Some(DefaultValue::Null) => String::new(),
            Some(DefaultValue::Value(value)) => format!(" (default {value})"),
        };
        let (name, kind, description) = (&parameter.name, parameter.kind, &parameter.description);
        format!("  {name:width$}  {kind}{default}: {description}")
    });
    lines.collect()
}
