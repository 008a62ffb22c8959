//! `ecstrail export`: exports the original records.

use std::{
    io::{self, BufWriter, IsTerminal, Write},
    path::Path,
    time::Instant,
};

use anyhow::Result;
use ecstrail_query::{
    Error, ExportOptions, Exported, Rows, TerminalJson, write_log_files, write_records,
};
use indicatif::HumanBytes;
use serde::Serialize;

use crate::{
    args::{ExportArguments, SummaryFormat},
    bucket::{BucketUse, S3},
    clock,
    commands::{caveats, rows},
    console::{self, Counter, count},
    exit::{Exit, UsageError},
    location::{self, Location, OpenLocation},
    overlap::dataset_around,
};

/// Rows that are read at once: those of an export hold whole records.
const BATCH_ROWS: usize = 512;

/// What was done, for programs. Documented in the README.
#[derive(Debug, Serialize)]
struct ExportSummary {
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
    let session = rows::open_session_with(&arguments.dataset, 1, BATCH_ROWS).await?;
    let today = clock::today();
    let found = session.records(&options, today).await?;
    let Some(folder) = &arguments.to else {
        let records = to_stdout(found).await?;
        console::note(format!("Exported {}.", count(records, "record")));
        caveats::explain_no_rows(&session, &session, &options.scope(today)?, records).await?;
        return Ok(Exit::Done);
    };
    let Exported { records, files, bytes } = to_folder(found, &arguments, folder).await?;
    caveats::explain_no_rows(&session, &session, &options.scope(today)?, records).await?;
    let seconds = started.elapsed().as_secs_f64();
    match arguments.format {
        SummaryFormat::Json => {
            let summary = ExportSummary { records, files, bytes, seconds };
            console::json(&summary)?;
        }
        SummaryFormat::Text => console::result(format!(
            "Exported {} as {} ({}) to {folder} in {seconds:.1} s.",
            count(records, "record"),
            count(files, "log file"),
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
    let OpenLocation { store, path, .. } = open_folder(arguments, folder).await?;
    let writers = rows::threads(&arguments.dataset);
    let counter = Counter::begin("record", "records");
    let written =
        write_log_files(found, store, &path, writers, |records| counter.show(records)).await;
    written.map_err(|error| {
        let problem = match error {
            Error::NotEmpty { .. } => format!("cannot export to {folder}"),
            _ => format!("the export to {folder} is incomplete: delete it and rerun the command"),
        };
        anyhow::Error::from(error).context(problem)
    })
}

/// Opens where log files are written to.
async fn open_folder(arguments: &ExportArguments, folder: &str) -> Result<OpenLocation> {
    let home = Location::parse(arguments.dataset.dataset.as_deref().unwrap_or_default())?;
    let s3 = S3::new(arguments.dataset.s3.clone());
    if let Some(around) = dataset_around(folder, &s3).await? {
        let problem =
            format!("--to {folder} is inside the dataset {around}: give a folder outside of it");
        return Err(UsageError(problem).into());
    }
    let in_dataset =
        || UsageError(format!("--to {folder} is inside the dataset: give a folder outside of it"));
    match Location::parse(folder)? {
        Location::Disk(path) => {
            if let Location::Disk(home) = home
                && lies_in(&path, &home)?
            {
                return Err(in_dataset().into());
            }
            OpenLocation::folder(&location::new_folder(&path)?)
        }
        Location::Bucket(name, prefix) => {
            if matches!(home, Location::Bucket(other, home) if other == name && prefix.prefix_matches(&home))
            {
                return Err(in_dataset().into());
            }
            let bucket = s3.open(&name, &prefix, BucketUse::default()).await?;
            Ok(OpenLocation::bucket(bucket, &name, prefix))
        }
    }
}

/// Returns whether a folder, which may not exist yet, is inside another.
fn lies_in(folder: &Path, other: &Path) -> Result<bool> {
    let Ok(other) = location::canonical(other) else { return Ok(false) };
    let whole = std::path::absolute(folder)?;
    let standing = whole.ancestors().find_map(|folder| location::canonical(folder).ok());
    Ok(standing.is_some_and(|folder| folder.starts_with(other)))
}
