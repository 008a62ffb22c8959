//! `ecstrail status`: shows what a dataset contains, and which days have no events.

use std::{
    collections::BTreeMap,
    io::{self, IsTerminal},
    sync::Arc,
};

use anyhow::Result;
use chrono::NaiveDate;
use ecstrail_converter::RejectReason;
use ecstrail_query::{Coverage, printable_line};
use ecstrail_writer::{Error, History, Hours, InputCounts, Objects};
use indicatif::{HumanBytes, HumanCount};
use serde::Serialize;

use crate::{
    args::{StatusArguments, SummaryFormat},
    commands::rows,
    console,
    exit::Exit,
};

mod map;
mod source;

use map::Map;
use source::SourceStatus;

/// What a dataset holds, for programs. Documented in the README.
#[derive(Debug, Serialize)]
struct Status {
    id: String,
    commits: u64,
    first_commit_at: Option<String>,
    last_commit_at: Option<String>,
    unpublished_commits: u64,
    unfinished_runs: Vec<String>,
    selections: Vec<String>,
    /// Each counted once; `None` if a list of inputs is lost.
    log_files: Option<u64>,
    /// Times that a log file was read.
    log_files_read: u64,
    records: u64,
    filtered: u64,
    duplicates: u64,
    rejects: u64,
    rejects_by_reason: BTreeMap<RejectReason, u64>,
    rows_added: u64,
    rows_taken_out: Option<u64>,
    log_files_to_read_again: Option<u64>,
    delta_since: Option<u64>,
    data_files: u64,
    data_bytes: u64,
    rows: u64,
    coverage: Vec<Covered>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<SourceStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    map: Option<Map>,
    #[serde(skip)]
    found: Vec<Coverage>,
}

/// The days of one account in one region; days are written as `2026-04-27`.
#[derive(Debug, Serialize)]
struct Covered {
    account: Option<String>,
    region: String,
    rows: u64,
    days: BTreeMap<String, u64>,
    /// First and last day of every stretch without events.
    gaps: Vec<[String; 2]>,
}

pub(crate) async fn run(arguments: StatusArguments) -> Result<Exit> {
    let session = rows::open_session(&arguments.dataset).await?;
    let objects = Objects::new(Arc::clone(session.store()), session.home().clone());
    let history = History::read(&objects).await?;
    let inputs = match InputCounts::read(&objects).await {
        Ok(inputs) => Some(inputs),
        Err(error @ Error::Damaged { .. }) => {
            console::note(format!("the log files were not counted: {error}"));
            None
        }
        Err(error) => return Err(error.into()),
    };
    let snapshot = session.snapshot();
    let found = session.coverage().await?;
    let status = Status {
        id: snapshot.description.id.clone(),
        commits: history.commits,
        first_commit_at: history.first_commit_at,
        last_commit_at: history.last_commit_at,
        unpublished_commits: history.unpublished,
        unfinished_runs: history.unfinished.into_iter().collect(),
        selections: snapshot.selections.clone(),
        log_files: inputs.map(|inputs| inputs.distinct),
        log_files_read: history.log_files,
        records: history.totals.records,
        filtered: history.totals.filtered,
        duplicates: history.totals.duplicates,
        rejects: history.totals.rejects,
        rejects_by_reason: history.rejects,
        rows_added: history.totals.rows,
        rows_taken_out: inputs.map(|inputs| inputs.rows_taken_out),
        log_files_to_read_again: inputs.map(|inputs| inputs.to_read_again),
        delta_since: history.delta_since,
        data_files: snapshot.files.len() as u64,
        data_bytes: snapshot.files.iter().map(|file| file.bytes).sum(),
        rows: snapshot.rows(),
        coverage: found.iter().map(Covered::from).collect(),
        source: None,
        map: None,
        found,
    };
    let mut status = status;
    let comparison = match &arguments.source {
        Some(source) => Some(source::compare(source, &arguments.dataset.s3, &objects).await?),
        None => None,
    };
    if arguments.map {
        let delivered = match &comparison {
            Some(comparison) => comparison.hours.clone(),
            None => Hours::read(&objects).await?,
        };
        let events = session.event_hours().await?;
        let days = (arguments.from, arguments.until);
        status.map = Some(Map::new(events, delivered, days, comparison.is_some()));
    }
    status.source = comparison.as_ref().map(SourceStatus::of);
    match arguments.format {
        SummaryFormat::Json => console::json(&status)?,
        SummaryFormat::Text => console::result(status.text(arguments.days))?,
    }
    Ok(match comparison {
        Some(comparison) if !comparison.findings.is_empty() => Exit::Threshold,
        Some(comparison) if !comparison.failures.is_empty() => Exit::Failed,
        _ => Exit::Done,
    })
}

impl From<&Coverage> for Covered {
    fn from(coverage: &Coverage) -> Self {
        let days = coverage.days.iter().map(|(day, rows)| (day.to_string(), *rows));
        let gaps = coverage.gaps().into_iter();
        Self {
            account: coverage.account.clone(),
            region: coverage.region.clone(),
            rows: coverage.rows(),
            days: days.collect(),
            gaps: gaps.map(|(first, last)| [first.to_string(), last.to_string()]).collect(),
        }
    }
}

impl Status {
    fn text(&self, with_days: bool) -> String {
        let count =
            |count: u64, what: &str| format!("{:>14}  {what}", HumanCount(count).to_string());
        let reasons: Vec<_> = self
            .rejects_by_reason
            .iter()
            .map(|(reason, rejects)| format!("{rejects} {reason}"))
            .collect();
        let reasons = match reasons.len() {
            0 => String::new(),
            _ => format!(": {}", reasons.join(", ")),
        };
        let mut lines = vec![
            count(self.rows, "rows in the dataset"),
            count(self.data_files, &format!("data files ({})", HumanBytes(self.data_bytes))),
        ];
        lines.extend(
            self.log_files.map(|log_files| count(log_files, "log files, each counted once")),
        );
        lines.extend([
            "All runs:".to_owned(),
            count(self.commits, &self.commits()),
            count(self.log_files_read, "log files read"),
            count(self.records, "records read"),
            count(self.filtered, "  excluded by your filters"),
            count(self.duplicates, "  duplicates"),
            count(self.rejects, &format!("  rejected{reasons}")),
            count(self.rows_added, "  rows added"),
        ]);
        lines.extend(self.taken_out());
        lines.extend(
            self.selections
                .iter()
                .map(|selection| format!("Filters: {}", printable_line(selection))),
        );
        if let Some(version) = self.delta_since {
            lines.push(format!("Delta log: since version {version}"));
        }
        if self.unpublished_commits > 0 || !self.unfinished_runs.is_empty() {
            let note = "A run was interrupted or is still running: the next conversion finishes it \
                        or rolls it back.";
            lines.push(note.to_owned());
        }
        if let Some(source) = &self.source {
            lines.push(String::new());
            lines.extend(source.text());
        }
        lines.push(String::new());
        if let Some(map) = &self.map {
            lines.push(map.text(rows::columns(io::stdout().is_terminal())));
            return lines.join("\n");
        }
        lines.extend(table(&self.found));
        let gaps = self.gaps();
        if !gaps.is_empty() {
            lines.extend([String::new(), "Days without events:".to_owned()]);
            lines.extend(gaps);
        }
        if with_days {
            lines.extend([String::new(), "Rows by day:".to_owned()]);
            lines.extend(self.days());
        }
        lines.join("\n")
    }

    /// What repairs have taken out of the dataset.
    fn taken_out(&self) -> Option<String> {
        let rows = self.rows_taken_out.filter(|rows| *rows > 0)?;
        let log_files = self.log_files_to_read_again.unwrap_or_default();
        let what = match log_files {
            0 => "all log files that fed them were read again".to_owned(),
            1 => "1 log file that fed them was not read again yet: convert the same trails"
                .to_owned(),
            _ => format!(
                "{} log files that fed them were not read again yet: convert the same trails",
                HumanCount(log_files)
            ),
        };
        Some(format!("{:>14}  rows taken out by repairs: {what}", HumanCount(rows).to_string()))
    }

    fn commits(&self) -> String {
        let commits = if self.commits == 1 { "commit" } else { "commits" };
        match &self.last_commit_at {
            Some(at) => format!("{commits}, the last at {}", printable_line(at)),
            None => commits.to_owned(),
        }
    }

    fn gaps(&self) -> Vec<String> {
        let line = |covered: &Coverage, (first, last): (NaiveDate, NaiveDate)| {
            let days = length(first, last);
            let range = if days == 1 { first.to_string() } else { format!("{first} to {last}") };
            format!("  {}  {}  {range} ({days})", account_of(covered), covered.region)
        };
        let coverage = self.found.iter();
        coverage
            .flat_map(|covered| covered.gaps().into_iter().map(move |gap| line(covered, gap)))
            .collect()
    }

    fn days(&self) -> Vec<String> {
        let line = |covered: &Coverage, (day, rows): (&NaiveDate, &u64)| {
            format!("  {}  {}  {day}  {}", account_of(covered), covered.region, HumanCount(*rows))
        };
        let coverage = self.found.iter();
        coverage
            .flat_map(|covered| covered.days.iter().map(move |day| line(covered, day)))
            .collect()
    }
}

fn account_of(coverage: &Coverage) -> String {
    printable_line(coverage.account.as_deref().unwrap_or("no account"))
}

/// Number of days from the first to the last.
fn length(first: NaiveDate, last: NaiveDate) -> i64 {
    (last - first).num_days() + 1
}

fn table(coverage: &[Coverage]) -> Vec<String> {
    let head = ["account", "region", "first", "last", "days", "missing", "rows"];
    let mut cells = vec![head.map(str::to_owned)];
    for covered in coverage {
        let bounds = covered.bounds().map(|(first, last)| [first.to_string(), last.to_string()]);
        let [first, last] = bounds.unwrap_or_default();
        let missing: i64 =
            covered.gaps().into_iter().map(|(first, last)| length(first, last)).sum();
        cells.push([
            account_of(covered),
            covered.region.clone(),
            first,
            last,
            covered.days.len().to_string(),
            missing.to_string(),
            HumanCount(covered.rows()).to_string(),
        ]);
    }
    let width = |column: usize| cells.iter().map(|line| line[column].chars().count()).max();
    let widths: Vec<_> = (0..head.len()).map(|column| width(column).unwrap_or(0)).collect();
    let line = |line: &[String; 7]| {
        let cells = line.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            if column < 4 { format!("{cell:width$}") } else { format!("{cell:>width$}") }
        });
        cells.collect::<Vec<_>>().join("  ")
    };
    cells.iter().map(line).collect()
}
