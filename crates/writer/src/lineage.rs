//! Lineage: which log file a row was made from, which commits have read that, and which data files the
//! row went through. Reads only, and says what the log and the files say.

use std::collections::BTreeSet;

use ecstrail_converter::{PartitionKey, Selection, SelectionFacts};

use crate::{
    error::{Error, Result},
    log::{DataFile, LedgerInput, commit_log::Log, entry::LogEntry},
    storage::Objects,
};

mod candidates;
mod readings;
mod rejects;
mod steps;
#[cfg(test)]
mod tests;

use candidates::Candidates;
use readings::Readings;
pub use rejects::{QuarantinedRecord, find_quarantined};
pub use steps::{Step, StepKind};

/// How often the log is read anew because a compaction has replaced what was to be read.
const MAX_RACES: usize = 5;

/// A row, by what places it in the dataset and tells it from others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFacts {
    /// Day and Region.
    pub partition: PartitionKey,
    /// `event_time` in milliseconds since 1970-01-01T00:00:00Z.
    pub event_time: Option<i64>,
    /// `event_id`.
    pub event_id: Option<String>,
    /// `record_hash`.
    pub record_hash: i64,
    /// `recipient_account_id`.
    pub recipient_account_id: Option<String>,
    /// `source_file`.
    pub source_file: String,
    /// `event_source`.
    pub event_source: Option<String>,
    /// `event_name`.
    pub event_name: Option<String>,
    /// `read_only`.
    pub read_only: Option<bool>,
    /// `account_id`.
    pub account: Option<String>,
}

/// A commit, by what its log entry says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitFacts {
    /// Version in the log.
    pub version: u64,
    /// When it was made, by its writer's clock; commits of older programs do not say.
    pub committed_at: Option<String>,
    /// The program that made it.
    pub tool: String,
    /// Which records it kept; empty if it converted nothing.
    pub selection: String,
}

/// A log file that a commit has read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The commit.
    pub commit: CommitFacts,
    /// What its ledger says of the log file.
    pub log_file: LedgerInput,
    /// The commit of a repair that has made the log file unknown, so that it is read again.
    pub forgotten_by: Option<u64>,
}

/// Where a row comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lineage {
    /// The data file that has the row.
    pub data_file: DataFile,
    /// The commits that have read a log file with the row's `source_file`, the newest last. Log files
    /// of several sources may have the same.
    pub readings: Vec<Reading>,
    /// The commits and data files that the row went through, the newest last.
    pub steps: Vec<Step>,
}

/// Where rows come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lineages {
    /// Of each row that was asked for; `None` if the dataset does not have it any more.
    pub rows: Vec<Option<Lineage>>,
    /// Lists of inputs that are lost or damaged: which log files these commits have read is unknown.
    pub lost_ledgers: Vec<String>,
}

impl RowFacts {
    fn is_kept_by(&self, selection: &Selection) -> bool {
        selection.keeps(&SelectionFacts {
            event_source: self.event_source.as_deref(),
            event_name: self.event_name.as_deref(),
            read_only: self.read_only,
            date: self.partition.date,
            region: &self.partition.region,
            account: self.account.as_deref(),
        })
    }
}

impl Reading {
    /// Whether the days, Regions and accounts of the commit's selection left out none of the log file's
    /// records.
    pub fn is_whole(&self) -> bool {
        let selection = &self.commit.selection;
        self.log_file.whole || Selection::text_without_bounds(selection) == *selection
    }
}

impl CommitFacts {
    fn of(entry: &LogEntry) -> Self {
        Self {
            version: entry.version,
            committed_at: entry.committed_at.clone(),
            tool: entry.tool.clone(),
            selection: entry.selection.clone(),
        }
    }
}

/// Finds out where rows of the dataset at `home` come from. Reads the whole log, the ledger files of all
/// commits, and of the rows' partitions the data files that can have them.
///
/// # Errors
/// [`Error::NotADataset`] if there is no dataset, and errors of the store.
pub async fn trace_rows(objects: &Objects, rows: &[RowFacts]) -> Result<Lineages> {
    for _ in 0..MAX_RACES {
        let log = Log::read_whole(objects).await?;
        match trace(objects, log.published(), rows).await {
            Err(Error::Store { source: object_store::Error::NotFound { .. }, .. })
                if Log::read(objects).await?.next_version() > log.next_version() => {}
            traced => return traced,
        }
    }
    Err(Error::Outrun { races: MAX_RACES })
}

async fn trace(objects: &Objects, entries: &[LogEntry], rows: &[RowFacts]) -> Result<Lineages> {
    let source_files: BTreeSet<&str> = rows.iter().map(|row| row.source_file.as_str()).collect();
    let readings = Readings::find(objects, entries, &source_files).await?;
    let mut lineages =
        Lineages { rows: Vec::new(), lost_ledgers: readings.lost.values().cloned().collect() };
    for row in rows {
        let candidates = Candidates::find(objects, entries, row).await?;
        let Some(data_file) = candidates.live().cloned() else {
            lineages.rows.push(None);
            continue;
        };
        lineages.rows.push(Some(Lineage {
            data_file,
            readings: readings.of(&row.source_file).to_vec(),
            steps: steps::follow(
                entries,
                &row.partition,
                &candidates,
                &readings.sources(entries, row),
            ),
        }));
    }
    Ok(lineages)
}
