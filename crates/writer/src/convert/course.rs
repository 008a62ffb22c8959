//! How far a conversion is, and what each batch adds to that.

use std::collections::HashSet;

use ecstrail_converter::EventSourceCounts;

use super::{ConvertOutcome, accounts::Accounts};
use crate::{
    convert::read::Input,
    log::{commit_log::Log, entry::LogEntry, ledger::Key},
};

/// The state of a running conversion.
pub(super) struct Course {
    pub(super) log: Log,
    /// The version of the log up to which it is known of planned inputs that they are new.
    pub(super) version: u64,
    /// Keys of inputs that were damaged and were read again for nothing.
    pub(super) retried: HashSet<Key>,
    pub(super) outcome: ConvertOutcome,
}

impl Course {
    pub(super) fn new(log: Log) -> Self {
        let version = log.next_version();
        Self { log, version, retried: HashSet::new(), outcome: ConvertOutcome::default() }
    }
}

/// A batch that is ready to be committed.
pub(super) struct Batch {
    pub(super) entry: LogEntry,
    pub(super) accounts: Accounts,
    pub(super) other_event_sources: EventSourceCounts,
}

impl Batch {
    pub(super) fn report(self, inputs: &[Input], course: &mut Course) {
        let Self { entry, accounts, other_event_sources } = self;
        let outcome = &mut course.outcome;
        outcome.other_event_sources += other_event_sources;
        course.retried.extend(accounts.report(inputs, outcome));
        outcome.quarantine.extend(entry.quarantine.map(|file| file.path));
        outcome.data_files += entry.adds.len() as u64;
        outcome.data_bytes += entry.adds.iter().map(|file| file.bytes).sum::<u64>();
        if entry.ledger.is_some() {
            outcome.commits.push(entry.version);
        }
    }
}
