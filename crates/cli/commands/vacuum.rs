//! `ecstrail vacuum`: deletes unreferenced files.

use std::collections::BTreeMap;

use anyhow::Result;
use chrono::{DateTime, Utc};
use ecstrail_query::printable_line;
use ecstrail_writer::{
    EVENTS, ForeignFile, Leftover, VacuumOptions, VacuumPlan, VacuumReason, plan_vacuum,
};
use indicatif::{HumanBytes, HumanCount};
use serde::Serialize;

use crate::{
    args::{SummaryFormat, VacuumArguments},
    bucket::S3,
    clock,
    commands::{rows, writing::Home},
    console::{self, count},
    exit::Exit,
};

/// What was deleted, or would be, for programs. Documented in the README.
#[derive(Debug, Serialize)]
struct VacuumSummary {
    dry_run: bool,
    files: u64,
    bytes: u64,
    /// Files and bytes by reason.
    reasons: BTreeMap<&'static str, [u64; 2]>,
    /// Files below `events/` and among temporary files that are not ours; they stay.
    foreign_files: Vec<String>,
    /// What is deleted, with a dry run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    deletions: Vec<String>,
}

pub(crate) async fn run(arguments: VacuumArguments) -> Result<Exit> {
    let options = VacuumOptions { older_than: arguments.older_than };
    let now = clock::now();
    let summary = if arguments.dry_run {
        let plan = plan(&arguments, &options, now).await?;
        let mut summary = VacuumSummary::of(&plan.deletions, &plan.foreign, true);
        summary.deletions = plan.deletions.into_iter().map(|leftover| leftover.path).collect();
        summary
    } else {
        let home = Home::existing(&arguments.home).await?;
        let plan = home.dataset.vacuum_plan(&options, now).await;
        let plan = plan.map_err(|error| home.explain(error))?;
        let outcome = home.dataset.vacuum(&plan).await.map_err(|error| home.explain(error))?;
        VacuumSummary::of(&outcome.deletions, &plan.foreign, false)
    };
    for file in &summary.foreign_files {
        let is_data = file.starts_with(EVENTS);
        let harm = if is_data { "; other engines that read `events/` may fail on it" } else { "" };
        console::note(format!("kept {file}: ecstrail did not write it{harm}"));
    }
    match arguments.home.format {
        SummaryFormat::Json => console::json(&summary)?,
        SummaryFormat::Text => console::result(summary.text())?,
    }
    Ok(Exit::Done)
}

/// Plans without opening the dataset for writing: a dry run works on a disk that is read-only.
async fn plan(
    arguments: &VacuumArguments,
    options: &VacuumOptions,
    now: DateTime<Utc>,
) -> Result<VacuumPlan> {
    let s3 = S3::new(arguments.home.s3.clone());
    let location = rows::open_location(&arguments.home.dataset, &s3).await?;
    match plan_vacuum(&location.objects(), options, now).await {
        Ok(plan) => Ok(plan),
        Err(error) => Err(rows::explain(&location, &arguments.home.dataset, &s3, error).await),
    }
}

/// A reason for programs and for people.
fn words(reason: VacuumReason) -> (&'static str, &'static str) {
    match reason {
        VacuumReason::Removed => ("removed", "data files replaced by a compaction"),
        VacuumReason::NeverCommitted => ("never_committed", "files of runs that never committed"),
        VacuumReason::Unfinished => ("unfinished", "temporary files and incomplete uploads"),
        VacuumReason::OldCheckpoint => ("old_checkpoint", "parts of old checkpoints"),
        _ => ("other", "other files"),
    }
}

impl VacuumSummary {
    fn of(deletions: &[Leftover], foreign: &[ForeignFile], dry_run: bool) -> Self {
        let foreign_files = foreign.iter().map(|file| file.path.clone()).collect();
        let mut reasons = BTreeMap::new();
        for leftover in deletions {
            let [files, bytes] = reasons.entry(words(leftover.reason).0).or_insert([0, 0]);
            *files += 1;
            *bytes += leftover.bytes;
        }
        let files = deletions.len() as u64;
        let bytes = deletions.iter().map(|leftover| leftover.bytes).sum();
        Self { dry_run, files, bytes, reasons, foreign_files, deletions: Vec::new() }
    }

    fn text(&self) -> String {
        if self.files == 0 {
            return "Nothing to delete.".to_owned();
        }
        let what = if self.dry_run { "Would delete" } else { "Deleted" };
        let mut lines =
            vec![format!("{what} {} ({}):", count(self.files, "file"), HumanBytes(self.bytes))];
        for (name, words) in VacuumReason::ALL.map(words) {
            if let Some([files, bytes]) = self.reasons.get(name) {
                let files = HumanCount(*files).to_string();
                lines.push(format!("{files:>14}  {words} ({})", HumanBytes(*bytes)));
            }
        }
        if self.dry_run {
            lines.extend(self.deletions.iter().map(|path| format!("  {}", printable_line(path))));
            lines.push("Nothing was changed.".to_owned());
        }
        lines.join("\n")
    }
}
