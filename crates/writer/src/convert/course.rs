//! How far a conversion is, and what each batch adds to that.

use std::collections::HashSet;

use ecstrail_converter::{FileTally, LogFile, Reject};

use super::ConvertOutcome;
use crate::{
    Error, Result, Totals, entry::LogEntry, ledger::Key, log::Log, read::Input, write::RowCounts,
};

/// Rejects that an outcome describes; the dataset's quarantine lists many more.
pub(super) const DESCRIBED_REJECTS: usize = 20;
/// Log files that could not be read whose errors an outcome has.
const DESCRIBED_DAMAGED_FILES: usize = 1000;

/// What changes as a conversion goes on.
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
    pub(super) rejects: Vec<Reject>,
    pub(super) damaged: Vec<ecstrail_converter::Error>,
    pub(super) retried: Vec<Key>,
    pub(super) decompressed_bytes: u64,
}

impl Batch {
    pub(super) fn report(self, inputs: &[Input], course: &mut Course) {
        let Self { entry, rejects, damaged, retried, decompressed_bytes } = self;
        course.retried.extend(retried);
        let outcome = &mut course.outcome;
        outcome.totals += entry.totals;
        outcome.files += inputs.len() as u64;
        outcome.stored_bytes += inputs.iter().map(|input| input.file.bytes).sum::<u64>();
        outcome.decompressed_bytes += decompressed_bytes;
        outcome.damaged_files += damaged.len() as u64;
        let room = DESCRIBED_DAMAGED_FILES.saturating_sub(outcome.damaged.len());
        outcome.damaged.extend(damaged.into_iter().take(room));
        let room = DESCRIBED_REJECTS.saturating_sub(outcome.rejects.len());
        outcome.rejects.extend(rejects.into_iter().take(room));
        outcome.quarantine.extend(entry.quarantine.map(|file| file.path));
        outcome.data_files += entry.adds.len() as u64;
        outcome.data_bytes += entry.adds.iter().map(|file| file.bytes).sum::<u64>();
        if entry.ledger.is_some() {
            outcome.commits.push(entry.version);
        }
    }
}

/// Adds up what became of one log file's records.
pub(super) fn account(file: &LogFile, tally: &FileTally, counts: &RowCounts) -> Result<Totals> {
    let totals = Totals {
        records: tally.records,
        rows: counts.rows(),
        filtered: tally.filtered,
        duplicates: counts.duplicates(),
        rejects: tally.rejected,
    };
    if totals.is_conserved() {
        return Ok(totals);
    }
    let accounted = totals.rows + totals.filtered + totals.duplicates + totals.rejects;
    Err(Error::NotConserved { what: file.source_file.clone(), records: totals.records, accounted })
}
