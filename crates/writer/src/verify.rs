//! Verification: whether a dataset is what was committed, whatever happened to its files since. Reads
//! alone, and trusts no file because another one is right.

use std::{collections::BTreeSet, sync::Arc};

use chrono::{DateTime, Utc};

use crate::{
    error::Result,
    log::commit_log::Log,
    progress::{Progress, Stage},
    storage::{EVENTS, Objects, layout::Transaction},
    vacuum::{VacuumOptions, plan_vacuum},
};

mod checked_log;
mod data_files;
mod delta_log;
mod side_files;
#[cfg(test)]
mod tests;

use checked_log::CheckedLog;

/// How to verify.
#[derive(Debug, Clone, Copy, Default)]
pub struct VerifyOptions {
    /// Also rebuild the record of every row, and compare it with the row's `record_hash`.
    pub records: bool,
    /// Number of threads; 0 takes one a core.
    pub threads: usize,
}

/// What was verified, and what is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verification {
    /// Data files that the log names.
    pub data_files: u64,
    /// Their bytes, by the log.
    pub data_bytes: u64,
    /// Their rows, by the log.
    pub rows: u64,
    /// Log entries.
    pub log_entries: u64,
    /// Files of inputs, of rejects, and parts of checkpoints.
    pub side_files: u64,
    /// Checkpoints.
    pub checkpoints: u64,
    /// Commits of the Delta log.
    pub delta_commits: u64,
    /// Commits that the next writing command publishes. Their files were not verified.
    pub unpublished: u64,
    /// What is wrong, in the order of the paths.
    pub findings: Vec<Finding>,
}

/// A file that is not what was committed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Path below the dataset's home.
    pub path: String,
    /// What is wrong.
    pub kind: FindingKind,
    /// How that is known.
    pub detail: String,
}

/// What is wrong with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum FindingKind {
    /// It is not there.
    Missing,
    /// It is not what was committed.
    Changed,
    /// It cannot be read.
    Unreadable,
    /// It is among the data files, and no commit added it.
    Foreign,
}

impl FindingKind {
    /// The name, for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Changed => "changed",
            Self::Unreadable => "unreadable",
            Self::Foreign => "foreign",
        }
    }
}

impl Verification {
    fn find(&mut self, kind: FindingKind, path: impl Into<String>, detail: impl Into<String>) {
        self.findings.push(Finding { path: path.into(), kind, detail: detail.into() });
    }
}

/// Finds data files of commits that are not in the log: they are published after their commit alone.
async fn lost_commits(objects: &Objects, log: &Log, found: &mut Verification) -> Result<()> {
    let paths = objects.paths(EVENTS, None).await?;
    let committed = |log: &Log| -> BTreeSet<String> {
        log.entries.iter().map(|entry| entry.transaction().name()).collect()
    };
    let known = committed(log);
    let of_later: Vec<_> = paths
        .iter()
        .filter_map(|path| Some((path, Transaction::of_data_file(path)?)))
        .filter(|(_, transaction)| transaction.version >= log.next_version())
        .filter(|(_, transaction)| !known.contains(&transaction.name()))
        .collect();
    if of_later.is_empty() {
        return Ok(());
    }
    // Committed since, it may be.
    let since = Log::read(objects).await?;
    let known = committed(&since);
    let is_lost = |transaction: &Transaction| {
        transaction.version >= since.next_version() && !known.contains(&transaction.name())
    };
    for (path, transaction) in of_later.into_iter().filter(|(_, transaction)| is_lost(transaction))
    {
        let detail =
            format!("the commit of {}, which added it, is not in the log", transaction.name());
        found.find(FindingKind::Foreign, path, detail);
    }
    Ok(())
}

/// Verifies the dataset at `home`: log, markers, checkpoints, ledger, quarantine, Delta log and data
/// files. `now` is for files that a run may be writing.
///
/// # Errors
/// [`Error::NotADataset`](crate::Error::NotADataset) if there is none, and errors of the store when it
/// lists. What is wrong with a file is a finding.
pub async fn verify_dataset(
    objects: &Objects,
    options: &VerifyOptions,
    now: DateTime<Utc>,
    progress: &Arc<Progress>,
) -> Result<Verification> {
    progress.enter(Stage::Reading);
    let mut found = Verification::default();
    let log = CheckedLog::read(objects, &mut found).await?;
    side_files::verify(objects, &log, &mut found).await?;
    found.data_files = log.live.len() as u64;
    found.data_bytes = log.live.values().map(|file| file.bytes).sum();
    found.rows = log.live.values().map(|file| file.rows).sum();
    progress.plan_rest(found.data_files, found.data_bytes);
    let files = log.live.values().cloned().collect();
    let mut of_files = data_files::verify(objects, files, options, progress).await?;
    if of_files.iter().any(|finding| finding.kind == FindingKind::Missing)
        && let Ok(now) = Log::read(objects).await
    {
        // Others have replaced the rest since.
        let live = now.files();
        of_files.retain(|finding| {
            finding.kind != FindingKind::Missing || live.contains_key(&finding.path)
        });
    }
    found.findings.append(&mut of_files);
    // Who added a file is known only of a log that is whole.
    if let Ok(whole) = Log::read_whole(objects).await {
        delta_log::verify(objects, &whole, &mut found).await?;
        let plan = plan_vacuum(objects, &VacuumOptions::default(), now).await?;
        let data = plan.foreign.into_iter().filter(|file| file.path.starts_with(EVENTS));
        for file in data {
            found.find(FindingKind::Foreign, file.path, "no commit added it");
        }
        lost_commits(objects, &whole, &mut found).await?;
    }
    let distinct: BTreeSet<Finding> = found.findings.drain(..).collect();
    found.findings.extend(distinct);
    Ok(found)
}
