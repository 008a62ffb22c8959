//! What the log says of every object of a dataset: whether it is needed, or may ever be.

use std::collections::{BTreeMap, BTreeSet};

use super::VacuumReason;
use crate::{
    layout::{self, EVENTS, Transaction},
    snapshot::Log,
};

/// What the log says of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is needed, or not ours to judge.
    Keep,
    /// Nobody needs it, nor ever will.
    Delete(VacuumReason),
    /// It belongs to a transaction that may be alive and wants the log's next version.
    Undecided(VacuumReason, String),
    /// It is in the way of those who read `events/`, but none of ours.
    Foreign,
}

/// What became of a transaction.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    /// It is committed, and all its files are published.
    Committed,
    /// Another entry has its version.
    Void,
    /// Its version is the next one.
    Undecided,
    /// It is committed and at work; or its version is far from being decided, because the log went
    /// on after it was read.
    Busy,
}

/// What the log says.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// Nonce of the entry of each version.
    nonces: BTreeMap<u64, String>,
    /// Versions whose files somebody may still be publishing or deleting.
    unsettled: BTreeSet<u64>,
    /// Paths of data files that are live, or that somebody is still removing.
    data_files: BTreeSet<String>,
    /// Paths of the files that entries name beside the data.
    side_files: BTreeSet<String>,
    /// Checkpoints of versions before this one are old.
    oldest_checkpoint: u64,
    /// The text of the checkpoints' manifests that are kept: they may name older segments.
    pub(super) kept_manifests: Vec<String>,
}

impl Facts {
    pub(super) fn of(log: &Log) -> Self {
        let mut facts = Self { data_files: log.files().into_keys().collect(), ..Self::default() };
        for entry in &log.entries {
            facts.nonces.insert(entry.version, entry.nonce.clone());
            let side_files = [&entry.ledger, &entry.quarantine].into_iter().flatten();
            facts.side_files.extend(side_files.map(|file| file.path.clone()));
        }
        facts.data_files.extend(log.unsettled().flat_map(|entry| entry.removes.clone()));
        facts.unsettled = log.unsettled().map(|entry| entry.version).collect();
        facts
    }

    /// Keeps the newest two of the checkpoints; returns their versions.
    pub(super) fn keep_checkpoints(&mut self, paths: &[String]) -> Vec<u64> {
        let manifests = paths.iter().filter_map(|name| layout::manifest_version_of(name));
        let mut versions: Vec<u64> = manifests.collect();
        versions.sort_unstable_by(|a, b| b.cmp(a));
        versions.truncate(2);
        if let [_, oldest] = versions[..] {
            self.oldest_checkpoint = oldest;
        }
        versions
    }

    pub(super) fn verdict(&self, path: &str) -> Verdict {
        if path.strip_prefix(EVENTS).is_some_and(|rest| rest.starts_with('/')) {
            return self.verdict_on_data_file(path);
        }
        if let Some(name) = layout::transaction_folder(path) {
            // What is no transaction's is a process's that died while it created an object.
            let fate = Transaction::parse(name).map(|transaction| self.fate(&transaction));
            return match fate {
                None | Some(Fate::Committed | Fate::Void) => {
                    Verdict::Delete(VacuumReason::Unfinished)
                }
                Some(Fate::Undecided) => {
                    Verdict::Undecided(VacuumReason::Unfinished, name.to_owned())
                }
                Some(Fate::Busy) => Verdict::Keep,
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
        let is_old = layout::checkpoint_version_of(path)
            .is_some_and(|version| version < self.oldest_checkpoint);
        let name = path.rsplit('/').next().unwrap_or(path);
        if is_old && !self.kept_manifests.iter().any(|manifest| manifest.contains(name)) {
            return Verdict::Delete(VacuumReason::OldCheckpoint);
        }
        Verdict::Keep
    }

    fn verdict_on_data_file(&self, path: &str) -> Verdict {
        if self.data_files.contains(path) {
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
        let next_version = self.nonces.last_key_value().map_or(0, |(last, _)| last + 1);
        match self.nonces.get(&transaction.version) {
            Some(_) if self.unsettled.contains(&transaction.version) => Fate::Busy,
            Some(nonce) if *nonce == transaction.nonce => Fate::Committed,
            Some(_) => Fate::Void,
            None if transaction.version == next_version => Fate::Undecided,
            None => Fate::Busy,
        }
    }
}
