//! Repair: takes data files that are lost or damaged out of the dataset, and forgets the inputs that fed
//! them, so that the next conversion of the same trail brings their rows back.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    dataset::{Dataset, MAX_RACES},
    error::{Error, Result},
    log::{DataFile, commit_log::Log, entry::LogEntry, ledger::for_each_key},
    storage::{
        Creation, Objects,
        layout::{self, Transaction},
    },
};

/// What a repair does, or would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RepairPlan {
    /// The data files that are taken out, by path.
    pub files: Vec<DataFile>,
    /// The commits whose inputs are forgotten.
    pub forgets: Vec<u64>,
    /// Lists of inputs that would be forgotten, but are lost or damaged themselves: what they fed comes
    /// back only if the trail is read again as a whole.
    pub lost_ledgers: Vec<String>,
    /// Inputs of these commits: log files that the next conversion reads again.
    pub inputs: u64,
}

impl RepairPlan {
    /// Rows of the files, by the log.
    pub fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }
}

impl Dataset {
    /// Takes data files out of the dataset by one commit. Returns what was done, and the commit's
    /// version unless there was nothing to do.
    pub async fn repair(&self, damaged: &BTreeSet<String>) -> Result<(RepairPlan, Option<u64>)> {
        for _ in 0..MAX_RACES {
            self.settled_log().await?;
            let log = Log::read_whole(&self.objects).await?;
            let plan = plan(&self.objects, &log, damaged).await?;
            if plan.files.is_empty() {
                return Ok((plan, None));
            }
            let transaction = Transaction::new(log.next_version());
            let mut entry = LogEntry {
                removes: plan.files.iter().map(|file| file.path.clone()).collect(),
                forgets: plan.forgets.clone(),
                ..log.empty_entry(&transaction)
            };
            if let Some(delta) = &mut entry.delta {
                delta.changes_values = true;
            }
            if self.commit(&entry).await? == Creation::Created {
                return Ok((plan, Some(entry.version)));
            }
        }
        Err(Error::Outrun { races: MAX_RACES })
    }
}

/// Plans to take data files out of the dataset at `home`, as far as they belong to it. Reads only.
pub async fn plan_repair(objects: &Objects, damaged: &BTreeSet<String>) -> Result<RepairPlan> {
    plan(objects, &Log::read_whole(objects).await?, damaged).await
}

/// `log` is whole.
async fn plan(objects: &Objects, log: &Log, damaged: &BTreeSet<String>) -> Result<RepairPlan> {
    let live = log.files();
    let files: Vec<DataFile> = damaged.iter().filter_map(|path| live.get(path)).cloned().collect();
    let entries: BTreeMap<u64, &LogEntry> =
        log.entries.iter().map(|entry| (entry.version, entry)).collect();
    let writers: BTreeMap<String, &LogEntry> =
        log.entries.iter().map(|entry| (entry.transaction().name(), entry)).collect();
    let mut feeding = BTreeSet::new();
    for file in &files {
        add_feeding(&file.path, &writers, &mut feeding)?;
    }
    // Later commits may have met the same records, and left them out as duplicates.
    if let Some(first) = feeding.first().copied() {
        let has_duplicates =
            |entry: &&LogEntry| entry.version > first && entry.totals.duplicates > 0;
        feeding.extend(log.entries.iter().filter(has_duplicates).map(|entry| entry.version));
    }
    let mut plan = RepairPlan { files, ..RepairPlan::default() };
    for entry in feeding.iter().filter_map(|version| entries.get(version)) {
        let Some(ledger) = &entry.ledger else { continue };
        // Whoever looks inputs up has to read it from then on.
        match for_each_key(objects, ledger, &entry.selection, |_, _| {}).await {
            Ok(()) => {
                plan.forgets.push(entry.version);
                plan.inputs += ledger.lines;
            }
            Err(Error::Damaged { path, .. }) => plan.lost_ledgers.push(path),
            Err(error) => return Err(error),
        }
    }
    Ok(plan)
}

/// Adds the commits whose inputs have rows in a data file: the one that wrote it, or those behind the
/// files of its partition that this one has merged.
fn add_feeding(
    path: &str,
    writers: &BTreeMap<String, &LogEntry>,
    feeding: &mut BTreeSet<u64>,
) -> Result<()> {
    let mut paths = vec![path];
    let mut seen = BTreeSet::new();
    while let Some(path) = paths.pop() {
        let damaged =
            |reason: &str| Error::Damaged { path: path.to_owned(), reason: reason.to_owned() };
        let transaction =
            Transaction::of_data_file(path).ok_or_else(|| damaged("its name names no commit"))?;
        let entry = writers.get(&transaction.name());
        let entry = entry.ok_or_else(|| damaged("the log does not have the commit in its name"))?;
        if entry.ledger.is_some() {
            feeding.insert(entry.version);
        }
        let partition =
            layout::partition_of(path).ok_or_else(|| damaged("its name names no partition"))?;
        paths.extend(entry.removed_from(&partition).filter(|other| seen.insert(*other)));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
