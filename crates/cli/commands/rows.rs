//! What `query`, `report` and `export` share: opening the dataset, and writing rows.

use std::sync::Arc;

use anyhow::Result;
use ecstrail_query::{DEFAULT_BATCH_ROWS, Session, SessionOptions};
use ecstrail_writer::{History, Snapshot, thread_count};
use url::Url;

use crate::{
    args::DatasetArguments, bucket::S3, exit::UsageError, location::OpenLocation, not_a_dataset,
    process,
};

mod output;
mod pager;
mod target;
mod terminal;

pub(crate) use output::{Output, columns, has_color, show, tell_rows};
pub(crate) use target::Target;

/// Opens the dataset for queries.
pub(crate) async fn open_session(arguments: &DatasetArguments) -> Result<Session> {
    open_session_with(arguments, threads(arguments), DEFAULT_BATCH_ROWS).await
}

/// Returns how many threads to use.
pub(crate) fn threads(arguments: &DatasetArguments) -> usize {
    thread_count(arguments.threads.threads)
}

/// Opens the dataset for queries with this many threads and rows per batch.
pub(crate) async fn open_session_with(
    arguments: &DatasetArguments,
    threads: usize,
    batch_rows: usize,
) -> Result<Session> {
    let options = SessionOptions {
        threads,
        batch_rows,
        memory_bytes: arguments.memory,
        scratch: arguments.scratch.clone().unwrap_or_else(std::env::temp_dir),
        held_bytes: Some(process::held_bytes),
    };
    let Some(home) = &arguments.dataset else {
        let problem = "no dataset was given: give --dataset HOME, set ECSTRAIL_DATASET, or \
                       remember it in the config file (`ecstrail config init`)";
        return Err(UsageError(problem.to_owned()).into());
    };
    let s3 = S3::new(arguments.s3.clone());
    let Some(location) = OpenLocation::dataset(home, &s3).await? else {
        return Err(not_a_dataset::error(home, None, &s3).await);
    };
    let (store, path) = (Arc::clone(&location.store), location.path.clone());
    let opened = Session::open(store, &Url::parse(&location.base_url)?, path, options).await;
    let error = match opened {
        Ok(session) => return Ok(session),
        Err(error) => anyhow::Error::from(error),
    };
    let is_missing = error.chain().any(|cause| {
        matches!(cause.downcast_ref(), Some(ecstrail_writer::Error::NotADataset { .. }))
    });
    Err(if is_missing {
        not_a_dataset::error(home, Some(&location), &s3).await
    } else {
        location.explain(error).context(format!("cannot read the dataset {home}"))
    })
}

/// Reads the current snapshot of a dataset.
pub(crate) async fn open_snapshot(home: &str, s3: &S3) -> Result<Snapshot> {
    let location = open_location(home, s3).await?;
    match Snapshot::open(&location.objects()).await {
        Ok(snapshot) => Ok(snapshot),
        Err(error) => Err(explain(&location, home, s3, error).await),
    }
}

/// Reads the history of a dataset.
pub(crate) async fn history(home: &str, s3: &S3) -> Result<History> {
    let location = open_location(home, s3).await?;
    match History::read(&location.objects()).await {
        Ok(history) => Ok(history),
        Err(error) => Err(explain(&location, home, s3, error).await),
    }
}

/// Opens the store that a dataset is in.
pub(crate) async fn open_location(home: &str, s3: &S3) -> Result<OpenLocation> {
    match OpenLocation::dataset(home, s3).await? {
        Some(location) => Ok(location),
        None => Err(not_a_dataset::error(home, None, s3).await),
    }
}

/// Explains why a dataset cannot be read.
pub(crate) async fn explain(
    location: &OpenLocation,
    home: &str,
    s3: &S3,
    error: ecstrail_writer::Error,
) -> anyhow::Error {
    match error {
        ecstrail_writer::Error::NotADataset { .. } => {
            not_a_dataset::error(home, Some(location), s3).await
        }
        error => location.explain(error),
    }
}
