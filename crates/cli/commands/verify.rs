//! `ecstrail verify`: whether a dataset is what was committed, or a trail what CloudTrail delivered.

use std::sync::Arc;

use anyhow::Result;
use ecstrail_query::printable_line;
use ecstrail_writer::{
    Finding, FindingKind, Progress, Verification, VerifyOptions, verify_dataset,
};
use indicatif::HumanBytes;
use serde::Serialize;

use crate::{
    args::{SummaryFormat, VerifyArguments},
    bucket::S3,
    clock,
    commands::rows,
    console::{self, ProgressView, count},
    exit::{Exit, UsageError},
    leaving,
    location::OpenLocation,
};

mod trail;

pub(crate) use trail::{TrailFindingSummary, trail_line};

/// What was verified, for programs. Documented in the reference.
#[derive(Debug, Serialize)]
struct VerifySummary {
    data_files: u64,
    data_bytes: u64,
    rows: u64,
    records_rebuilt: bool,
    log_entries: u64,
    checkpoints: u64,
    side_files: u64,
    delta_commits: u64,
    unpublished_commits: u64,
    findings: Vec<FindingSummary>,
}

#[derive(Debug, Serialize)]
struct FindingSummary {
    path: String,
    kind: &'static str,
    detail: String,
}

pub(crate) async fn run(arguments: VerifyArguments) -> Result<Exit> {
    if let Some(trail) = &arguments.trail {
        return trail::run(trail, &arguments).await;
    }
    let Some(dataset) = arguments.dataset.as_deref() else {
        let problem = "nothing to verify was given: give --dataset HOME to verify a dataset, or \
                       TRAIL to verify a trail";
        return Err(UsageError(problem.to_owned()).into());
    };
    let s3 = S3::new(arguments.s3.clone());
    let location = rows::open_location(dataset, &s3).await?;
    let options = VerifyOptions { records: arguments.records, threads: arguments.threads.threads };
    let verification = match verified(&location, &options).await {
        Ok(verification) => verification,
        Err(error) => return Err(rows::explain(&location, dataset, &s3, error).await),
    };
    match arguments.format {
        SummaryFormat::Json => console::json(&VerifySummary::of(&verification, &arguments))?,
        SummaryFormat::Text => console::result(text(&verification, &arguments))?,
    }
    Ok(if verification.findings.is_empty() { Exit::Done } else { Exit::Threshold })
}

/// Verifies a dataset, showing the progress.
pub(crate) async fn verified(
    location: &OpenLocation,
    options: &VerifyOptions,
) -> Result<Verification, ecstrail_writer::Error> {
    let progress = Arc::new(Progress::default());
    leaving::cancels(Arc::clone(&progress));
    let _view = ProgressView::begin(Arc::clone(&progress));
    verify_dataset(&location.objects(), options, clock::now(), &progress).await
}

impl VerifySummary {
    fn of(verification: &Verification, arguments: &VerifyArguments) -> Self {
        let finding = |finding: &Finding| FindingSummary {
            path: finding.path.clone(),
            kind: finding.kind.name(),
            detail: finding.detail.clone(),
        };
        Self {
            data_files: verification.data_files,
            data_bytes: verification.data_bytes,
            rows: verification.rows,
            records_rebuilt: arguments.records,
            log_entries: verification.log_entries,
            checkpoints: verification.checkpoints,
            side_files: verification.side_files,
            delta_commits: verification.delta_commits,
            unpublished_commits: verification.unpublished,
            findings: verification.findings.iter().map(finding).collect(),
        }
    }
}

fn text(verification: &Verification, arguments: &VerifyArguments) -> String {
    let mut lines: Vec<_> = verification.findings.iter().map(line).collect();
    let mut parts = vec![
        format!(
            "{} ({}, {})",
            count(verification.data_files, "data file"),
            HumanBytes(verification.data_bytes),
            count(verification.rows, "row"),
        ),
        count_entries(verification.log_entries),
        count(verification.checkpoints, "checkpoint"),
        count(verification.side_files, "other file"),
    ];
    if verification.delta_commits > 0 {
        parts.push(count(verification.delta_commits, "Delta commit"));
    }
    let records = if arguments.records { ", and rebuilt the record of every row" } else { "" };
    lines.push(format!("Verified {}{records}.", parts.join(", ")));
    if verification.unpublished > 0 {
        lines.push(format!(
            "{} not published: the next writing command, or `ecstrail recover`, publishes them.",
            count(verification.unpublished, "commit"),
        ));
    }
    lines.push(match verification.findings.len() as u64 {
        0 => "Everything is as it was committed.".to_owned(),
        findings => format!("{} found.", count(findings, "problem")),
    });
    lines.join("\n")
}

fn count_entries(entries: u64) -> String {
    if entries == 1 { "1 log entry".to_owned() } else { format!("{entries} log entries") }
}

/// A finding for people.
pub(crate) fn line(finding: &Finding) -> String {
    let Finding { path, kind, detail } = finding;
    let what = match kind {
        FindingKind::Missing => "is missing",
        FindingKind::Changed => "is not what was committed",
        FindingKind::Unreadable => "cannot be read",
        _ => "does not belong here",
    };
    printable_line(&format!("{path} {what}: {detail}"))
}
