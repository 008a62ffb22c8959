//! `ecstrail recover`: finishes or rolls back an interrupted run.

use anyhow::Result;
use serde::Serialize;

use crate::{
    args::{RecoverArguments, SummaryFormat},
    commands::writing::Home,
    console,
    exit::Exit,
};

/// What was done, for programs. Documented in the README.
#[derive(Debug, Serialize)]
struct RecoverSummary {
    published_commits: u64,
    dropped_runs: u64,
    delta_commits: u64,
}

pub(crate) async fn run(arguments: RecoverArguments) -> Result<Exit> {
    let recovery = Home::existing(&arguments.home).await?.recovery;
    let (published, dropped) = (recovery.published, recovery.dropped);
    let delta_commits = recovery.delta_commits;
    let summary =
        RecoverSummary { published_commits: published, dropped_runs: dropped, delta_commits };
    match arguments.home.format {
        SummaryFormat::Json => console::json(&summary)?,
        SummaryFormat::Text if published + dropped + delta_commits == 0 => {
            console::result("Nothing to do: no run was interrupted.")?;
        }
        SummaryFormat::Text if published + dropped == 0 => console::result(format!(
            "Wrote {} of the Delta log.",
            console::count(delta_commits, "missing commit"),
        ))?,
        SummaryFormat::Text => {
            let completed = match delta_commits {
                0 => String::new(),
                _ => format!(
                    " Wrote {} of the Delta log.",
                    console::count(delta_commits, "missing commit")
                ),
            };
            console::result(format!(
                "Published {}. Rolled back {}.{completed}",
                console::count(published, "interrupted commit"),
                console::count(dropped, "interrupted run"),
            ))?;
        }
    }
    Ok(Exit::Done)
}
