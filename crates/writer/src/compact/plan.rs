//! Which data files are merged: a function of the files and the options alone.

use std::collections::{BTreeMap, BTreeSet};

use ecstrail_converter::PartitionKey;

use super::{CompactOptions, read::reading_bytes};
use crate::{error::Result, log::DataFile};

/// What a compaction would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CompactionPlan {
    /// The merges of each commit, in the order of their partitions.
    ///
    /// Of a partition with more files than are merged at once, a further plan merges the results.
    pub commits: Vec<Vec<PlannedMerge>>,
}

/// Data files of one partition that are merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedMerge {
    /// The partition.
    pub key: PartitionKey,
    /// The files, in the order of their first events.
    pub files: Vec<DataFile>,
    /// How many of them are flattened anew with the current column table.
    pub upgraded_files: u64,
}

impl CompactionPlan {
    /// All merges, in their order.
    pub fn merges(&self) -> impl Iterator<Item = &PlannedMerge> {
        self.commits.iter().flatten()
    }

    /// Returns whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.commits.is_empty()
    }

    /// Partitions of which files are merged.
    pub fn partitions(&self) -> u64 {
        self.merges().map(|merge| &merge.key).collect::<BTreeSet<_>>().len() as u64
    }

    /// Files that are merged.
    pub fn files(&self) -> u64 {
        self.merges().map(|merge| merge.files.len() as u64).sum()
    }

    /// Bytes of these files.
    pub fn bytes(&self) -> u64 {
        self.merges().map(PlannedMerge::bytes).sum()
    }

    /// Rows of these files.
    pub fn rows(&self) -> u64 {
        self.merges().map(PlannedMerge::rows).sum()
    }

    /// Files of them that are flattened anew.
    pub fn upgraded_files(&self) -> u64 {
        self.merges().map(|merge| merge.upgraded_files).sum()
    }
}

impl PlannedMerge {
    /// Bytes of the files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).sum()
    }

    /// Rows of the files.
    pub fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }

    /// Memory that merging takes, in bytes.
    pub(super) fn memory_bytes(&self, options: &CompactOptions) -> u64 {
        let reading: u64 = self.files.iter().map(reading_bytes).sum();
        reading + options.row_group_bytes() as u64
    }
}

/// Plans which of a dataset's files are merged. `files` are all of them.
///
/// # Errors
/// [`Error::Damaged`](crate::error::Error::Damaged) if a path is not one of a data file.
pub fn plan_compaction<'a>(
    files: impl IntoIterator<Item = &'a DataFile>,
    options: &CompactOptions,
) -> Result<CompactionPlan> {
    let mut partitions: BTreeMap<PartitionKey, Vec<&DataFile>> = BTreeMap::new();
    for file in files {
        let is_small = file.bytes < options.target_file_bytes / 2;
        let key = file.key()?;
        if options.keeps(&key) && (is_small || options.upgrades(file)) {
            partitions.entry(key).or_default().push(file);
        }
    }
    let mut plan = CompactionPlan::default();
    let mut commit_bytes = u64::MAX;
    for (key, mut files) in partitions {
        files.sort_by_key(|file| (file.event_time, &file.path));
        for files in groups(files, options) {
            let upgraded = files.iter().filter(|file| options.upgrades(file)).count();
            // One file alone is as it should be.
            if files.len() < 2 && upgraded == 0 {
                continue;
            }
            if commit_bytes >= options.commit_bytes {
                plan.commits.push(Vec::new());
                commit_bytes = 0;
            }
            let files = files.into_iter().cloned().collect();
            let merge = PlannedMerge { key: key.clone(), files, upgraded_files: upgraded as u64 };
            commit_bytes += merge.bytes();
            if let Some(commit) = plan.commits.last_mut() {
                commit.push(merge);
            }
        }
    }
    Ok(plan)
}

/// Cuts the files of a partition into those that are merged at once.
fn groups<'a>(files: Vec<&'a DataFile>, options: &CompactOptions) -> Vec<Vec<&'a DataFile>> {
    let most_files = options.max_merged_files.max(2);
    let most_bytes = options.memory_bytes as u64 / 2;
    let mut groups: Vec<Vec<&DataFile>> = Vec::new();
    let mut group_bytes = 0;
    for file in files {
        let bytes = reading_bytes(file);
        match groups.last_mut() {
            // Fewer than two could never become one.
            Some(group)
                if group.len() < 2
                    || (group.len() < most_files && group_bytes + bytes <= most_bytes) =>
            {
                group.push(file);
                group_bytes += bytes;
            }
            _ => {
                groups.push(vec![file]);
                group_bytes = bytes;
            }
        }
    }
    groups
}

#[cfg(test)]
mod tests;
