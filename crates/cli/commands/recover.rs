//! `ecstrail recover`: finishes or undoes what an interrupted run left.

use std::sync::Arc;

use anyhow::Result;
use ecstrail_writer::{Dataset, LocalStaging, Snapshot};
use serde::Serialize;

use crate::{
    args::{RecoverArguments, SummaryFormat},
    commands::rows,
    console,
    exit::Exit,
    location::{self, Location},
};

/// What was done, for programs. Documented in the README.
#[derive(Debug, Serialize)]
struct Summary {
    published_commits: u64,
    dropped_runs: u64,
}

pub(crate) async fn run(arguments: RecoverArguments) -> Result<Exit> {
    let home = &arguments.dataset;
    let missing = || rows::no_dataset(home);
    let location = Location::dataset(home)?.ok_or_else(missing)?;
    // Opening for writing would make a dataset of whatever folder this is.
    if Snapshot::open(&*location.store, &location.path)
        .await
        .is_err_and(|error| matches!(error, ecstrail_writer::Error::NotADataset { .. }))
    {
        return Err(missing());
    }
    let staging = LocalStaging::open(&location::new_folder(home)?)?;
    let (_, recovery) = Dataset::open(location.store, location.path, Arc::new(staging)).await?;
    let (published, dropped) = (recovery.published, recovery.dropped);
    let summary = Summary { published_commits: published, dropped_runs: dropped };
    match arguments.format {
        SummaryFormat::Json => console::result(serde_json::to_string(&summary)?)?,
        SummaryFormat::Text if published + dropped == 0 => {
            console::result("Nothing to do: no run was interrupted.")?;
        }
        SummaryFormat::Text => console::result(format!(
            "Published {published} interrupted commit(s), dropped what {dropped} interrupted run(s) left."
        ))?,
    }
    Ok(Exit::Done)
}
