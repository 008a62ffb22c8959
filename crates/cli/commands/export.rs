//! `ecstrail export`: the original records, all or a selection.

use std::{
    io::{self, BufWriter, IsTerminal, Write},
    time::Instant,
};

use anyhow::Result;
use ecstrail_query::{
    Error, ExportOptions, Exported, Rows, SessionOptions, TerminalJson, write_log_files,
    write_records,
};
use indicatif::{HumanBytes, HumanCount};
use serde::Serialize;

use crate::{
    args::{ExportArguments, SummaryFormat},
    commands::rows,
    console::{self, Counter},
    exit::{Exit, UsageError},
    location::{self, Location},
};

/// Rows that are read at once: those of an export hold whole records.
const BATCH_ROWS: usize = 512;

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
    let resources = SessionOptions {
        threads: 1,
        batch_rows: BATCH_ROWS,
        memory_bytes: arguments.dataset.memory,
    };
    let session = rows::open_session_with(&arguments.dataset, resources).await?;
    let found = session.records(&options, chrono::Utc::now().date_naive()).await?;
    let Some(folder) = &arguments.to else {
        let records = to_stdout(found).await?;
        console::note(format!("Exported {} records.", HumanCount(records)));
        return Ok(Exit::Done);
    };
    let Exported { records, files, bytes } = to_folder(found, &arguments, folder).await?;
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

async fn to_stdout(found: Rows) -> Result<u64> {
    let stdout = io::stdout();
    let mut out: Box<dyn Write + Send> = if stdout.is_terminal() {
        Box::new(TerminalJson(stdout))
    } else {
        Box::new(BufWriter::new(stdout))
    };
    Ok(write_records(found, &mut out, |_| {}).await?)
}

async fn to_folder(found: Rows, arguments: &ExportArguments, folder: &str) -> Result<Exported> {
    refuse_folder_of_dataset(arguments, folder)?;
    let Location { store, path, .. } = Location::folder(&location::new_folder(folder)?)?;
    let writers = rows::threads(&arguments.dataset);
    let counter = Counter::begin("records");
    let written =
        write_log_files(found, store, &path, writers, |records| counter.show(records)).await;
    written.map_err(|error| {
        let problem = match error {
            Error::NotEmpty { .. } => format!("cannot export to {folder}"),
            _ => format!("the export below {folder} is incomplete, remove it and try again"),
        };
        anyhow::Error::from(error).context(problem)
    })
}

/// A dataset's folders hold what conversions write and nothing else.
fn refuse_folder_of_dataset(arguments: &ExportArguments, folder: &str) -> Result<()> {
    let home = arguments.dataset.dataset.as_deref().unwrap_or_default();
    let Some(dataset) = Location::dataset(home)? else { return Ok(()) };
    let whole = std::path::absolute(location::local_path(folder)?)?;
    let Some(standing) = whole.ancestors().find_map(|folder| folder.canonicalize().ok()) else {
        return Ok(());
    };
    if Location::folder(&standing)?.path.prefix_matches(&dataset.path) {
        let problem = format!("{folder} lies in the dataset: give a folder elsewhere");
        return Err(UsageError(problem).into());
    }
    Ok(())
}
