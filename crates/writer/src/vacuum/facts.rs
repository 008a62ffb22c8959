//! What the log says of every object of a dataset: whether it is needed, or may ever be.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    log::commit_log::Log,
    storage::{
        EVENTS,
        layout::{self, Transaction},
    },
};

/// Why something is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum VacuumReason {
    /// A data file that a commit has replaced.
    Removed,
    /// A ledger or quarantine file of a run that never committed it.
    NeverCommitted,
    /// A temporary file, or the note of an upload, of a run that is over.
    Unfinished,
    /// Part of a checkpoint that two newer ones follow.
    OldCheckpoint,
}

impl VacuumReason {
    /// Every reason.
    pub const ALL: [Self; 4] =
        [Self::Removed, Self::NeverCommitted, Self::Unfinished, Self::OldCheckpoint];
}

/// What the Finder of macOS leaves in folders that somebody looked into. Readers pass by what begins
/// with a dot.
const OF_THE_FINDER: &str = ".DS_Store";

/// What the log says of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is needed, or not ours to judge.
    Keep,
    /// Nobody needs it, nor ever will.
    Delete(VacuumReason),
    /// It belongs to a transaction that may be alive and wants a version that is still free.
    Undecided(VacuumReason, String),
    /// It is not ours, and stands where our data files or temporary files do.
    Foreign,
}

/// The outcome of a transaction.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    /// It is committed, and all its files are published.
    Committed,
    /// Another entry has its version.
    Void,
    /// Its version is still free.
    Undecided,
    /// It is committed and at work.
    Busy,
}

/// What the log says.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// The version of the entry of each transaction that is committed, by its name.
    committed: BTreeMap<String, u64>,
    /// The version that is not taken yet.
    next_version: u64,
    /// Versions whose files somebody may still be publishing or deleting.
    unsettled: BTreeSet<u64>,
    /// Paths of data files that are live, or that somebody is still removing.
    data_files: BTreeSet<String>,
    /// Paths of the files that entries name beside the data.
    side_files: BTreeSet<String>,
    /// Paths of old checkpoints and their segments.
    old_checkpoints: BTreeSet<String>,
    /// The version that replaced each data file which was left where it is, since readers of the
    /// Delta log may need it.
    replaced: BTreeMap<String, u64>,
}

impl Facts {
    /// `log` is whole; `old_checkpoints` are the paths of what the newest do not need.
    pub(super) fn of(log: &Log, old_checkpoints: Vec<String>) -> Self {
        let mut facts = Self {
            data_files: log.files().keys().cloned().collect(),
            old_checkpoints: old_checkpoints.into_iter().collect(),
            next_version: log.next_version(),
            ..Self::default()
        };
        for entry in &log.entries {
            facts.committed.insert(entry.transaction().name(), entry.version);
            let side_files = [&entry.ledger, &entry.quarantine].into_iter().flatten();
            facts.side_files.extend(side_files.map(|file| file.path.clone()));
            if log.delta_commit_of(entry).is_some() {
                let removes = entry.removes.iter().cloned();
                facts.replaced.extend(removes.map(|path| (path, entry.version)));
            }
        }
        facts.data_files.extend(log.unsettled().flat_map(|entry| entry.removes.clone()));
        facts.unsettled = log.unsettled().map(|entry| entry.version).collect();
        facts
    }

    /// Returns the version that replaced a data file and left it.
    pub(super) fn replaced_by(&self, path: &str) -> Option<u64> {
        self.replaced.get(path).copied()
    }

    pub(super) fn verdict(&self, path: &str) -> Verdict {
        if path.strip_prefix(EVENTS).is_some_and(|rest| rest.starts_with('/')) {
            return self.verdict_on_data_file(path);
        }
        if let Some(name) = layout::transaction_folder(path) {
            let fate = Transaction::parse(name).map(|transaction| self.fate(&transaction));
            return match fate {
                Some(Fate::Committed | Fate::Void) => Verdict::Delete(VacuumReason::Unfinished),
                Some(Fate::Undecided) => {
                    Verdict::Undecided(VacuumReason::Unfinished, name.to_owned())
                }
                Some(Fate::Busy) => Verdict::Keep,
                // Of a process that died while it sorted, or created an object.
                None if layout::is_temporary(name) => Verdict::Delete(VacuumReason::Unfinished),
                None => Verdict::Foreign,
            };
        }
        if let Some(transaction) = Transaction::of_side_file(path) {
            return match self.fate(&transaction) {
                Fate::Void => Verdict::Delete(VacuumReason::NeverCommitted),
                Fate::Undecided => {
                    Verdict::Undecided(VacuumReason::NeverCommitted, transaction.name())
                }
                Fate::Committed | Fate::Busy => Verdict::Keep,
            };
        }
        if self.old_checkpoints.contains(path) {
            return Verdict::Delete(VacuumReason::OldCheckpoint);
        }
        Verdict::Keep
    }

    fn verdict_on_data_file(&self, path: &str) -> Verdict {
        let name = path.rsplit('/').next().unwrap_or(path);
        if self.data_files.contains(path) || name == OF_THE_FINDER {
            return Verdict::Keep;
        }
        match Transaction::of_data_file(path).map(|transaction| self.fate(&transaction)) {
            Some(Fate::Committed) => Verdict::Delete(VacuumReason::Removed),
            // Only what is committed is ever published. It may belong to another dataset.
            None | Some(Fate::Void) => Verdict::Foreign,
            Some(Fate::Undecided | Fate::Busy) => Verdict::Keep,
        }
    }

    fn fate(&self, transaction: &Transaction) -> Fate {
        match self.committed.get(&transaction.name()) {
            Some(version) if self.unsettled.contains(version) => Fate::Busy,
            Some(_) => Fate::Committed,
            None if transaction.version >= self.next_version => Fate::Undecided,
            // The files of another entry, which has the version.
            None if self.unsettled.contains(&transaction.version) => Fate::Busy,
            None => Fate::Void,
        }
    }
}
