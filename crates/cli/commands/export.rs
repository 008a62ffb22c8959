//! `ecstrail export`: the original records, all or a selection.

use std::{
    io::{self, BufWriter},
    time::Instant,
};

use anyhow::{Context, Result};
use ecstrail_query::{ExportOptions, Exported, Session, write_log_files, write_records};
use indicatif::{HumanBytes, HumanCount};
use serde::Serialize;

use crate::{
    args::{ExportArguments, SummaryFormat},
    commands::rows,
    console::{self, Counter},
    exit::Exit,
    location::Location,
};

/// What was done, for programs. Documented in the README.
#[derive(Debug, Serialize)]
struct Summary {
    records: u64,
    files: u64,
    bytes: u64,
    seconds: f64,
}

pub(crate) async fn run(arguments: ExportArguments) -> Result<Exit> {
    let started = Instant::now();
    let options = ExportOptions {
        filter: arguments.filter.clone(),
        from: arguments.from.clone(),
        until: arguments.until.clone(),
        region: arguments.region.clone(),
    };
    // One thread reads the rows in the dataset's order; others compress.
    let session = rows::open_session_with(&arguments.dataset, 1).await?;
    let Some(folder) = &arguments.to else {
        let records = to_stdout(&session, &options).await?;
        console::note(format!("Exported {} records.", HumanCount(records)));
        return Ok(Exit::Done);
    };
    let Exported { records, files, bytes } = to_folder(&session, &options, &arguments, folder)
        .await
        .with_context(|| format!("cannot export to {folder}"))?;
    let seconds = started.elapsed().as_secs_f64();
    match arguments.format {
        SummaryFormat::Json => {
            let summary = Summary { records, files, bytes, seconds };
            console::result(serde_json::to_string(&summary)?)?;
        }
        SummaryFormat::Text => console::result(format!(
            "Exported {} records as {} log files ({}) below {folder} in {seconds:.1} s.",
            HumanCount(records),
            HumanCount(files),
            HumanBytes(bytes),
        ))?,
    }
    Ok(Exit::Done)
}

async fn to_stdout(session: &Session, options: &ExportOptions) -> Result<u64> {
    let rows = session.records(options, chrono::Utc::now().date_naive()).await?;
    // Lines that go to a terminal show themselves.
    let mut out = BufWriter::new(io::stdout());
    Ok(write_records(rows, &mut out, |_| {}).await?)
}

async fn to_folder(
    session: &Session,
    options: &ExportOptions,
    arguments: &ExportArguments,
    folder: &str,
) -> Result<Exported> {
    let rows = session.records(options, chrono::Utc::now().date_naive()).await?;
    let Location { store, path, .. } = Location::dataset(folder)?;
    let counter = Counter::begin("records");
    let writers = rows::threads(&arguments.dataset);
    Ok(write_log_files(rows, store, &path, writers, |records| counter.show(records)).await?)
}
