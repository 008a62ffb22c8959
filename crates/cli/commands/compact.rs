//! `ecstrail compact`: merges small data files into large ones.

use std::{sync::Arc, time::Instant};

use anyhow::Result;
use ecstrail_writer::{
    CompactOptions, CompactionOutcome, CompactionPlan, Progress, plan_compaction,
};
use indicatif::{HumanBytes, HumanCount};
use serde::Serialize;

use crate::{
    args::{CompactArguments, SummaryFormat},
    bucket::S3,
    commands::{rows, writing::Home},
    console::{self, ProgressView, count},
    exit::Exit,
    leaving,
};

/// What was done, or would be, for programs. Documented in the README.
#[derive(Debug, Default, Serialize)]
pub(crate) struct CompactSummary {
    dry_run: bool,
    partitions: u64,
    files_before: u64,
    bytes_before: u64,
    files_after: Option<u64>,
    bytes_after: Option<u64>,
    rows: u64,
    upgraded_files: u64,
    not_rewritten: Vec<String>,
    commits: Vec<u64>,
    keeps_replaced: bool,
    exchange_seconds: f64,
    seconds: f64,
}

pub(crate) async fn run(arguments: CompactArguments) -> Result<Exit> {
    let started = Instant::now();
    let options = options(&arguments);
    let summary = if arguments.dry_run {
        let s3 = S3::new(arguments.home.s3.clone());
        let snapshot = rows::open_snapshot(&arguments.home.dataset, &s3).await?;
        let plan = plan_compaction(&snapshot.files, &options)?;
        CompactSummary {
            seconds: started.elapsed().as_secs_f64(),
            ..CompactSummary::of_plan(&plan)
        }
    } else {
        merge(&Home::existing(&arguments.home).await?, &options).await?
    };
    match arguments.home.format {
        SummaryFormat::Json => console::json(&summary)?,
        SummaryFormat::Text => console::result(summary.text())?,
    }
    Ok(if summary.not_rewritten.is_empty() { Exit::Done } else { Exit::Rejects })
}

/// Merges small data files, and reports those that could not be rewritten.
pub(crate) async fn merge(home: &Home, options: &CompactOptions) -> Result<CompactSummary> {
    let started = Instant::now();
    let progress = Arc::new(Progress::default());
    leaving::cancels(Arc::clone(&progress));
    let view = ProgressView::begin(Arc::clone(&progress));
    let outcome = home.dataset.compact(options, &progress).await;
    drop(view);
    let mut summary = CompactSummary::of(outcome.map_err(|error| home.explain(error))?);
    summary.seconds = started.elapsed().as_secs_f64();
    for problem in &summary.not_rewritten {
        console::note(format!("not rewritten: {problem}"));
    }
    Ok(summary)
}

fn options(arguments: &CompactArguments) -> CompactOptions {
    CompactOptions {
        from: arguments.from,
        until: arguments.until,
        regions: arguments.regions.iter().cloned().collect(),
        target_file_bytes: arguments.target_size,
        memory_bytes: arguments.memory,
        threads: arguments.threads.threads,
        upgrade: arguments.upgrade,
        ..CompactOptions::default()
    }
}

impl CompactSummary {
    fn of_plan(plan: &CompactionPlan) -> Self {
        Self {
            dry_run: true,
            partitions: plan.partitions(),
            files_before: plan.files(),
            bytes_before: plan.bytes(),
            rows: plan.rows(),
            upgraded_files: plan.upgraded_files(),
            ..Self::default()
        }
    }

    fn of(outcome: CompactionOutcome) -> Self {
        Self {
            dry_run: false,
            partitions: outcome.partitions.len() as u64,
            files_before: outcome.files_before,
            bytes_before: outcome.bytes_before,
            files_after: Some(outcome.files_after),
            bytes_after: Some(outcome.bytes_after),
            rows: outcome.rows,
            upgraded_files: outcome.upgraded_files,
            not_rewritten: outcome.not_rewritten.iter().map(console::with_sources).collect(),
            commits: outcome.commits,
            keeps_replaced: outcome.keeps_replaced,
            exchange_seconds: outcome.exchange.as_secs_f64(),
            seconds: 0.0,
        }
    }

    /// Data files that could not be rewritten.
    pub(crate) fn not_rewritten(&self) -> u64 {
        self.not_rewritten.len() as u64
    }

    /// Data files that were merged.
    pub(crate) fn files_before(&self) -> u64 {
        self.files_before
    }

    pub(crate) fn text(&self) -> String {
        if self.files_before == 0 {
            return "Nothing to compact.".to_owned();
        }
        let before = format!(
            "{} ({}, {}) from {}",
            count(self.files_before, "data file"),
            HumanBytes(self.bytes_before),
            count(self.rows, "row"),
            count(self.partitions, "partition"),
        );
        let upgraded = match self.upgraded_files {
            0 => String::new(),
            files if self.dry_run => format!(" Would upgrade {} of them.", HumanCount(files)),
            files => format!(" Upgraded {} of them.", HumanCount(files)),
        };
        let (Some(files), Some(bytes)) = (self.files_after, self.bytes_after) else {
            return format!("Would merge {before}.{upgraded} Nothing was changed.");
        };
        let twice = if self.keeps_replaced {
            "The merged files stay until `ecstrail vacuum`, for readers of the Delta log; engines that \
             read `events/` directly see their rows twice until then."
                .to_owned()
        } else {
            format!(
                "Engines that read `events/` directly saw rows twice for {:.3} s in total; ecstrail \
                 queries did not.",
                self.exchange_seconds
            )
        };
        format!(
            "Merged {before} into {} ({}) in {:.1} s.{upgraded}\n{twice}",
            HumanCount(files),
            HumanBytes(bytes),
            self.seconds,
        )
    }
}
