//! `ecstrail table`: shows or adds the table formats of a dataset.

use anyhow::{Result, bail};
use ecstrail_writer::History;
use serde::Serialize;

use crate::{
    args::{SummaryFormat, TableArguments, TableFormat},
    bucket::S3,
    commands::{rows, writing::Home},
    console,
    exit::Exit,
};

/// The table formats of a dataset, for programs. Documented in the reference.
#[derive(Debug, Serialize)]
struct TableSummary {
    /// The first version of the Delta log; null if there is none.
    delta_since: Option<u64>,
    /// Whether it was added now.
    added: bool,
    /// Commits of the Delta log that were missing and were written now.
    completed_commits: u64,
}

pub(crate) async fn run(arguments: TableArguments) -> Result<Exit> {
    let summary = match arguments.add {
        None => {
            let s3 = S3::new(arguments.home.s3.clone());
            let history = rows::history(&arguments.home.dataset, &s3).await?;
            TableSummary { delta_since: history.delta_since, added: false, completed_commits: 0 }
        }
        Some(TableFormat::Delta) => {
            let home = Home::existing(&arguments.home).await?;
            let added = home.dataset.add_delta_log().await;
            let added = added.map_err(|error| home.explain(error))?;
            TableSummary {
                delta_since: Some(added.since),
                added: !added.was_there,
                completed_commits: added.completed + home.recovery.delta_commits,
            }
        }
    };
    match arguments.home.format {
        SummaryFormat::Json => console::json(&summary)?,
        SummaryFormat::Text => console::result(summary.text())?,
    }
    Ok(Exit::Done)
}

/// Gives a new dataset the table format that it is to have from its first commit.
pub(crate) async fn begin(home: &Home, dataset: &str, format: Option<TableFormat>) -> Result<()> {
    let Some(TableFormat::Delta) = format else { return Ok(()) };
    let history = home.dataset.history().await.map_err(|error| home.explain(error))?;
    match history {
        History { delta_since: Some(_), .. } => Ok(()),
        History { commits: 0, .. } => {
            home.dataset.add_delta_log().await.map_err(|error| home.explain(error))?;
            Ok(())
        }
        _ => bail!(
            "{dataset} is a dataset without a Delta log, and --table-format is for new ones: run \
             `ecstrail table --add delta --dataset {dataset}` first"
        ),
    }
}

impl TableSummary {
    fn text(&self) -> String {
        match (self.delta_since, self.added) {
            (None, _) => {
                "No table format. To add a Delta log, run `ecstrail table --add delta`.".to_owned()
            }
            (Some(version), true) => format!(
                "Added a Delta log, beginning with version {version}. Engines that read Delta tables \
                 open the dataset's folder.\nReplaced data files now stay until `ecstrail vacuum`."
            ),
            (Some(version), false) => {
                let completed = match self.completed_commits {
                    0 => String::new(),
                    commits => format!(" Wrote {}.", console::count(commits, "missing commit")),
                };
                format!("Delta log since version {version}.{completed}")
            }
        }
    }
}
