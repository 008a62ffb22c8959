//! `ecstrail status --source`: the trail that a dataset was converted from, as it is now.

use std::sync::Arc;

use anyhow::{Result, bail};
use ecstrail_query::printable_line;
use ecstrail_writer::{Objects, Progress, TrailComparison, compare_trail};
use serde::Serialize;

use crate::{
    args::S3Arguments,
    bucket::S3,
    commands::verify::{TrailFindingSummary, trail_line},
    console::{self, ProgressView, count},
    leaving,
    trail::Opening,
};

/// What the trail is beside the dataset, for programs.
#[derive(Debug, Serialize)]
pub(super) struct SourceStatus {
    log_files: u64,
    unconverted: u64,
    first_unconverted: Option<String>,
    expired: u64,
    findings: Vec<TrailFindingSummary>,
    #[serde(skip)]
    lines: Vec<String>,
}

/// Compares the trail with the dataset.
pub(super) async fn compare(
    text: &str,
    s3: &S3Arguments,
    dataset: &Objects,
) -> Result<TrailComparison> {
    let s3 = S3::new(s3.clone());
    let trail =
        Opening { s3: &s3, follow_links: false, scratch: None }.open(text).await?.whole()?;
    let progress = Arc::new(Progress::default());
    leaving::cancels(Arc::clone(&progress));
    let view = ProgressView::begin(Arc::clone(&progress));
    let comparison = compare_trail(&trail.source, dataset, &progress).await;
    drop(view);
    let comparison = comparison?;
    for failure in &comparison.failures {
        console::note(printable_line(failure));
    }
    if comparison.log_files == 0 && comparison.findings.is_empty() {
        bail!("{text} has no log files: give the trail that was converted");
    }
    Ok(comparison)
}

impl SourceStatus {
    pub(super) fn of(comparison: &TrailComparison) -> Self {
        let findings = comparison.findings.iter();
        Self {
            log_files: comparison.log_files,
            unconverted: comparison.unconverted,
            first_unconverted: comparison.first_unconverted.clone(),
            expired: comparison.expired,
            lines: findings.clone().map(trail_line).collect(),
            findings: findings.map(TrailFindingSummary::of).collect(),
        }
    }

    /// For people.
    pub(super) fn text(&self) -> Vec<String> {
        let mut lines = vec![format!("Trail: {}", count(self.log_files, "log file"))];
        match &self.first_unconverted {
            None => lines.push("  all converted".to_owned()),
            Some(first) => lines.push(printable_line(&format!(
                "  {} not converted, the first: {first}",
                count(self.unconverted, "log file")
            ))),
        }
        if self.expired > 0 {
            lines.push(format!(
                "  {} converted before are older than everything in the trail, and not there any more",
                count(self.expired, "log file")
            ));
        }
        lines.extend(self.lines.iter().map(|line| format!("  {line}")));
        lines
    }
}
