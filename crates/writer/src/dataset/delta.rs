//! Writing the Delta log: with each commit, and what is missing of it.

use std::collections::BTreeSet;

use super::{Dataset, MAX_RACES};
use crate::{
    delta::{DeltaObjects, DeltaTable, Object, needs_table},
    error::{Error, Result},
    log::{
        commit_log::Log,
        delta::{DeltaCommit, DeltaMetadata},
        entry::LogEntry,
    },
    storage::{
        Creation,
        layout::{self, Transaction},
    },
};

/// A Delta log that a dataset has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeltaAdded {
    /// The version that it begins with.
    pub since: u64,
    /// Whether it was there before.
    pub was_there: bool,
    /// Commits that were missing in it, and were written now.
    pub completed: u64,
}

impl Dataset {
    /// Gives the dataset a Delta log, from now on written with every commit. If there is one, writes
    /// what is missing of it.
    ///
    /// # Errors
    /// [`Error::ForeignDeltaLog`] if the Delta log of something else is there.
    pub async fn add_delta_log(&self) -> Result<DeltaAdded> {
        for _ in 0..MAX_RACES {
            let (log, _) = self.settled_log().await?;
            if let Some(delta) = log.delta() {
                let whole = Log::read_whole(&self.objects).await?;
                let completed = self.complete_delta_log(&whole, log.next_version()).await?;
                return Ok(DeltaAdded { since: delta.since, was_there: true, completed });
            }
            if let Some(path) = self.objects.paths(layout::DELTA_LOG, None).await?.pop() {
                return Err(Error::ForeignDeltaLog { path });
            }
            let metadata = Some(DeltaMetadata::of(&log.description));
            let delta = Some(DeltaCommit { begins: true, metadata, ..DeltaCommit::default() });
            let transaction = Transaction::new(log.next_version());
            let entry = LogEntry { delta, ..log.empty_entry(&transaction) };
            if self.commit(&entry).await? == Creation::Created {
                return Ok(DeltaAdded { since: entry.version, was_there: false, completed: 0 });
            }
        }
        Err(Error::Outrun { races: MAX_RACES })
    }

    /// Writes the commits of the Delta log that are missing: of an older program, which knows none,
    /// or that somebody has deleted. Looks at the entries after the log's checkpoint, up to a version
    /// from which on they may not be published yet.
    pub(super) async fn complete_delta_log(&self, log: &Log, until: u64) -> Result<u64> {
        let Some(delta) = log.delta() else { return Ok(0) };
        let after = log.checkpoint_version().map(layout::delta_commit);
        let paths = self.objects.paths(layout::DELTA_LOG, after.as_deref()).await?;
        let written: BTreeSet<String> = paths.into_iter().collect();
        let mut completed = 0;
        let versions = delta.since..until;
        for entry in log.entries.iter().filter(|entry| versions.contains(&entry.version)) {
            let commit = log.delta_commit_of(entry).unwrap_or_default();
            let checkpoint = layout::delta_checkpoint(entry.version);
            let has_checkpoint = !needs_table(entry, &commit) || written.contains(&checkpoint);
            if !has_checkpoint || !written.contains(&layout::delta_commit(entry.version)) {
                self.write_delta(entry, &commit).await?;
                completed += 1;
            }
        }
        Ok(completed)
    }

    /// Writes what an entry has in the Delta log, once or again.
    pub(super) async fn write_delta(&self, entry: &LogEntry, delta: &DeltaCommit) -> Result<()> {
        let table = if needs_table(entry, delta) {
            let log = Log::read_whole(&self.objects).await?;
            let until = log.entries.iter().take_while(|other| other.version <= entry.version);
            Some(DeltaTable::after(until))
        } else {
            None
        };
        let objects = DeltaObjects::of(entry, delta, table.as_ref())?;
        let Object { path, bytes } = objects.commit;
        if self.staging.create(&path, bytes).await? == Creation::Lost {
            return Err(Error::ForeignDeltaLog { path });
        }
        if let Some(Object { path, bytes }) = objects.checkpoint {
            // Another version of the Parquet library writes other bytes that say the same.
            self.staging.create(&path, bytes).await?;
        }
        if let Some(Object { path, bytes }) = objects.last_checkpoint {
            self.staging.replace(&path, bytes).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
