//! The state of a conversion between its batches, and what each batch adds to it.

use std::collections::{BTreeSet, HashSet};

use super::{ConvertCounts, ConvertOutcome, Findings, LastDays};
use crate::log::{commit_log::Log, entry::LogEntry, ledger::Key};

/// The state of a running conversion.
pub(super) struct ConversionState {
    pub(super) log: Log,
    /// The version of the log up to which the planned log files were looked up.
    pub(super) version: u64,
    /// Keys of inputs that were damaged and were read again for nothing.
    pub(super) retried: HashSet<Key>,
    /// Up to which days folders were listed.
    pub(super) listed: LastDays,
    /// Folders with log files that could not be read and may be readable next time.
    pub(super) unread: BTreeSet<String>,
    pub(super) outcome: ConvertOutcome,
}

impl ConversionState {
    pub(super) fn new(log: Log) -> Self {
        let version = log.next_version();
        Self {
            log,
            version,
            retried: HashSet::new(),
            listed: LastDays::default(),
            unread: BTreeSet::new(),
            outcome: ConvertOutcome::default(),
        }
    }
}

/// A batch that is ready to be committed.
pub(super) struct Batch {
    pub(super) entry: LogEntry,
    pub(super) counts: ConvertCounts,
    pub(super) findings: Findings,
    pub(super) retried: Vec<Key>,
    pub(super) unread: BTreeSet<String>,
}

impl ConversionState {
    /// Adds what became of a batch.
    pub(super) fn add(&mut self, batch: Batch) {
        self.outcome.counts += batch.counts;
        self.outcome.findings += batch.findings;
        self.retried.extend(batch.retried);
        self.unread.extend(batch.unread);
    }
}
