//! The state of a conversion between its batches, and what each batch adds to it.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use ecstrail_converter::PartitionKey;

use super::{ConvertCounts, ConvertOutcome, Findings, LastDays};
use crate::{
    convert::write::WrittenRecords,
    log::{commit_log::Log, entry::LogEntry, ledger::Key},
};

/// The state of a running conversion.
pub(super) struct ConversionState {
    pub(super) log: Log,
    /// The version of the log up to which the planned log files were looked up.
    pub(super) version: u64,
    /// Keys of inputs that were damaged and were read again for nothing.
    pub(super) retried: HashSet<Key>,
    /// Up to which days folders were listed.
    pub(super) listed: LastDays,
    /// Up to which days they had been when this run began to list.
    pub(super) before: LastDays,
    /// Whether part of a source could not be listed, or was not: then no folder is known as a whole.
    pub(super) is_partly_listed: bool,
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
            before: LastDays::default(),
            is_partly_listed: false,
            unread: BTreeSet::new(),
            outcome: ConvertOutcome::default(),
        }
    }
}

/// A batch that is ready to be committed.
pub(super) struct Batch {
    pub(super) entry: LogEntry,
    /// What it writes to each of the partitions that its records belong to, those of duplicates among
    /// them.
    pub(super) records: BTreeMap<PartitionKey, WrittenRecords>,
    pub(super) counts: ConvertCounts,
    pub(super) findings: Findings,
    pub(super) retried: Vec<Key>,
    pub(super) unread: BTreeSet<String>,
}

impl ConversionState {
    /// Returns of the days that were read those of folders of which all is known.
    pub(super) fn believed(&self, mut days: LastDays, selection: &str) -> LastDays {
        if self.is_partly_listed {
            return LastDays::default();
        }
        days.withhold(&self.unread);
        if self.before != LastDays::default() {
            days.withhold(&self.before.shrunk_to(&LastDays::of_log(&self.log, selection)));
        }
        days
    }

    /// Adds what became of a batch.
    pub(super) fn add(&mut self, batch: Batch) {
        self.outcome.counts += batch.counts;
        self.outcome.findings += batch.findings;
        self.retried.extend(batch.retried);
        self.unread.extend(batch.unread);
    }
}
