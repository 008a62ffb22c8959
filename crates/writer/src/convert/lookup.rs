//! Looking up many inputs at once.

use ecstrail_converter::{LogFile, Selection};
use futures::{StreamExt, TryStreamExt, stream};

use crate::{
    error::{Error, Result},
    log::{
        commit_log::Log,
        entry::LogEntry,
        ledger::{
            Key, for_each_key, forgotten_keys, known_keys, known_selections,
            run::{Run, Segment},
        },
    },
    storage::{Objects, layout},
};

/// Segments of a run that are fetched at once.
const CONCURRENT_READS: usize = 3;

/// What the ledger says of a log file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum LedgerStatus {
    New,
    Damaged,
    Converted,
}

/// What is known of a log file that was looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InputStatus {
    pub(crate) ledger: LedgerStatus,
    /// The same input stands before it among those that were looked up.
    pub(crate) is_repeated: bool,
}

/// Inputs to look up, by their keys.
#[derive(Debug)]
pub(crate) struct Candidates {
    /// Sorted, each with the index of its log file, which may have two.
    keys: Vec<(Key, u32)>,
    /// Log files.
    files: usize,
    /// By index in `keys`.
    found: Vec<LedgerStatus>,
}

/// Looks candidates up in the whole ledger of the dataset at `home`. If the log's checkpoint is not
/// to be trusted, or was replaced meanwhile, the log is read anew.
pub(crate) async fn look_up(
    objects: &Objects,
    candidates: &mut Candidates,
    log: &mut Log,
    selection: &str,
) -> Result<()> {
    loop {
        match candidates.look_up(objects, log, selection).await {
            // What a sound segment has said before stays true.
            Err(Error::Damaged { path, .. })
                if layout::segment_version(&path).is_some() && log.distrust(objects).await? => {}
            looked_up => return looked_up,
        }
    }
}

impl Candidates {
    /// Prepares log files that shall be read with a selection.
    pub(crate) fn new<'a>(files: impl IntoIterator<Item = &'a LogFile>, selection: &str) -> Self {
        let selections = known_selections(selection);
        let mut keys = Vec::new();
        let mut count = 0;
        for (index, file) in (0..).zip(files) {
            keys.extend(known_keys(file, &selections).map(|key| (key, index)));
            count += 1;
        }
        keys.sort_unstable();
        Self { found: vec![LedgerStatus::New; keys.len()], keys, files: count }
    }

    async fn look_up(&mut self, objects: &Objects, log: &Log, selection: &str) -> Result<()> {
        if self.keys.is_empty() {
            return Ok(());
        }
        if let Some(manifest) = log.manifest() {
            for run in &manifest.ledger.converted {
                self.mark_run(objects, run, LedgerStatus::Converted).await?;
            }
            for run in &manifest.ledger.damaged {
                self.mark_run(objects, run, LedgerStatus::Damaged).await?;
            }
        }
        let unbounded = Selection::text_without_bounds(selection);
        let concerns =
            |entry: &&LogEntry| Selection::text_without_bounds(&entry.selection) == unbounded;
        for entry in &log.entries {
            for key in forgotten_keys(objects, entry).await? {
                let index = self.keys.partition_point(|(candidate, _)| *candidate < key);
                self.set_from(index, &key, |_| LedgerStatus::New);
            }
            let Some(file) = entry.ledger.as_ref().filter(|_| concerns(&entry)) else { continue };
            for_each_key(objects, file, &entry.selection, |key, is_damaged| {
                let status =
                    if is_damaged { LedgerStatus::Damaged } else { LedgerStatus::Converted };
                let index = self.keys.partition_point(|(candidate, _)| *candidate < key);
                self.mark_from(index, &key, status);
            })
            .await?;
        }
        Ok(())
    }

    /// Returns whether a commit has consumed one of the candidates.
    pub(crate) async fn are_met_by(&self, objects: &Objects, entry: &LogEntry) -> Result<bool> {
        let Some(file) = &entry.ledger else { return Ok(false) };
        let mut is_met = false;
        for_each_key(objects, file, &entry.selection, |key, _| {
            is_met |= self.keys.binary_search_by(|(candidate, _)| candidate.cmp(&key)).is_ok();
        })
        .await?;
        Ok(is_met)
    }

    async fn mark_run(&mut self, objects: &Objects, run: &Run, status: LedgerStatus) -> Result<()> {
        let reads: Vec<_> = run.0.iter().map(|segment| Segment::read(objects, segment)).collect();
        let mut segments = stream::iter(reads).buffered(CONCURRENT_READS);
        let mut index = 0;
        while let Some(segment) = segments.try_next().await? {
            for key in segment.keys() {
                while self.keys.get(index).is_some_and(|(candidate, _)| candidate < key) {
                    index += 1;
                }
                index = self.mark_from(index, key, status);
            }
        }
        Ok(())
    }

    /// Marks the candidates with a key, from the first on; returns the index after them.
    fn mark_from(&mut self, index: usize, key: &Key, status: LedgerStatus) -> usize {
        // One that was damaged and is converted is converted.
        self.set_from(index, key, |before| before.max(status))
    }

    fn set_from(
        &mut self,
        mut index: usize,
        key: &Key,
        status: impl Fn(LedgerStatus) -> LedgerStatus,
    ) -> usize {
        while self.keys.get(index).is_some_and(|(candidate, _)| candidate == key) {
            self.found[index] = status(self.found[index]);
            index += 1;
        }
        index
    }

    /// Returns what was found, by index of the log files.
    pub(crate) fn statuses(&self) -> Vec<InputStatus> {
        let mut statuses =
            vec![InputStatus { ledger: LedgerStatus::New, is_repeated: false }; self.files];
        let mut before = None;
        for ((key, index), found) in self.keys.iter().zip(&self.found) {
            let status = &mut statuses[*index as usize];
            status.ledger = status.ledger.max(*found);
            status.is_repeated |= before == Some(key);
            before = Some(key);
        }
        statuses
    }
}

#[cfg(test)]
mod tests;
