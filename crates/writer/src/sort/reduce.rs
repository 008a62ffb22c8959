//! Merges spilled runs into larger ones, until so few are left that one merge can hold a batch of
//! each.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use rayon::prelude::*;

use super::{
    Cursor, Merge, Merged, Partitions, RunCursor, SortLimits, SortedRun, SortedRuns, SpillWriter,
    SpilledRun,
};
use crate::{
    error::{Error, Result},
    progress::Progress,
    storage::layout,
};

/// Merges that are done at once: each opens a merge's number of files.
pub(super) const CONCURRENT_MERGES: usize = 4;

/// Merges runs of one transaction. Blocking: runs on worker threads.
pub(crate) struct RunReducer<'a> {
    /// Folder for the merged runs.
    pub(crate) folder: &'a Path,
    pub(crate) limits: SortLimits,
    /// Numbers of log files that failed; their rows are left out.
    pub(crate) withdrawn: &'a BTreeSet<u32>,
    pub(crate) progress: &'a Progress,
    /// Receives the log file of every row that is dropped as a duplicate.
    pub(crate) on_duplicate: &'a (dyn Fn(u32) + Sync),
}

/// What a plan asks of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct RunSize {
    /// Bytes that have to be read.
    bytes: u64,
    /// Bytes of the largest batch.
    batch_bytes: usize,
}

impl RunSize {
    fn of(run: &SpilledRun) -> Self {
        Self { bytes: run.bytes, batch_bytes: run.largest_batch_bytes }
    }
}

/// Runs that one merge would read.
#[derive(Debug, Clone, Copy, Default)]
struct Fan {
    runs: usize,
    batch_bytes: usize,
}

impl Fan {
    fn with(self, run: RunSize) -> Self {
        Self { runs: self.runs + 1, batch_bytes: self.batch_bytes + run.batch_bytes }
    }

    /// Two can always be merged: nothing would help those that are too large for it.
    fn fits(self, limits: &SortLimits) -> bool {
        self.runs <= 2 || (self.runs <= limits.open_runs && self.batch_bytes <= limits.merge_bytes)
    }
}

/// Returns which runs to merge with each other, the smallest first and no more than need be. One
/// round may not be enough; none means that it is.
fn plan(runs: &[RunSize], limits: &SortLimits) -> Vec<Vec<usize>> {
    let mut left = runs.iter().fold(Fan::default(), |fan, run| fan.with(*run));
    let mut order: Vec<usize> = (0..runs.len()).collect();
    order.sort_by_key(|run| runs[*run].bytes);
    let mut order = order.into_iter().peekable();
    let mut groups = Vec::new();
    while !left.fits(limits) {
        let (mut group, mut fan, mut largest) = (Vec::new(), Fan::default(), 0);
        while let Some(number) =
            order.next_if(|number| !left.fits(limits) && fan.with(runs[*number]).fits(limits))
        {
            let run = runs[number];
            if !group.is_empty() {
                left.runs -= 1;
                left.batch_bytes -= run.batch_bytes.min(largest);
            }
            largest = largest.max(run.batch_bytes);
            fan = fan.with(run);
            group.push(number);
        }
        if group.len() < 2 {
            break;
        }
        groups.push(group);
    }
    groups
}

impl RunReducer<'_> {
    /// Merges spilled runs until the rest can be merged at once. A run's file goes once it is
    /// merged.
    pub(crate) fn reduce(&self, sorted: &mut SortedRuns) -> Result<()> {
        let mut spilled = Vec::new();
        for run in std::mem::take(&mut sorted.runs) {
            match run {
                SortedRun::Spilled(run) => spilled.push(run),
                held @ SortedRun::Memory(_) => sorted.runs.push(held),
            }
        }
        for round in 0.. {
            let sizes: Vec<RunSize> = spilled.iter().map(RunSize::of).collect();
            let groups = plan(&sizes, &self.limits);
            if groups.is_empty() {
                break;
            }
            spilled = self.round(round, spilled, groups, &sorted.partitions)?;
        }
        sorted.runs.extend(spilled.into_iter().map(SortedRun::Spilled));
        Ok(())
    }

    /// Merges each group of runs into one; returns these and the rest.
    fn round(
        &self,
        round: usize,
        runs: Vec<SpilledRun>,
        groups: Vec<Vec<usize>>,
        partitions: &Partitions,
    ) -> Result<Vec<SpilledRun>> {
        let mut runs: Vec<Option<SpilledRun>> = runs.into_iter().map(Some).collect();
        let mut take = |number: usize| runs[number].take();
        let mut groups: Vec<(usize, Vec<SpilledRun>)> = groups
            .into_iter()
            .map(|group| group.into_iter().filter_map(&mut take).collect())
            .enumerate()
            .collect();
        let mut left: Vec<SpilledRun> = runs.into_iter().flatten().collect();
        while !groups.is_empty() {
            let together = groups.split_off(groups.len().saturating_sub(CONCURRENT_MERGES));
            let merged = together.into_par_iter().with_max_len(1).map(|(number, group)| {
                let path = self.folder.join(layout::merged_run(round, number));
                self.merge(&group, path, partitions)
            });
            left.extend(merged.collect::<Result<Vec<_>>>()?.into_iter().flatten());
        }
        Ok(left)
    }

    /// Merges runs into one, if there are rows that count.
    fn merge(
        &self,
        runs: &[SpilledRun],
        path: PathBuf,
        partitions: &Partitions,
    ) -> Result<Option<SpilledRun>> {
        let mut writer = SpillWriter::create(path, self.limits.batch_bytes)?;
        let first = runs.iter().map(|run| &run.bounds().0).min();
        let last = runs.iter().map(|run| &run.bounds().1).max();
        let Some((first, last)) = first.zip(last) else { return Ok(None) };
        let partition = (first.day(), first.region.as_str());
        let mut cursors: Vec<_> =
            runs.iter().map(|run| RunCursor::in_spilled(run, partition)).collect();
        for key in partitions.range(first..=last).map(|(key, _)| key) {
            let partition = (key.day(), key.region.as_str());
            let cursors =
                cursors.iter_mut().map(|cursor| Cursor::Run { cursor, partition }).collect();
            let mut merge = Merge::new(cursors, self.withdrawn)?;
            while let Some(merged) = merge.next()? {
                match merged {
                    Merged::Row(row) => writer.push(&row)?,
                    Merged::Duplicate(source_file) => (self.on_duplicate)(source_file),
                }
                if self.progress.is_cancelled() {
                    return Err(Error::Interrupted);
                }
            }
        }
        writer.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_merged_than_need_be() {
        let limits = SortLimits { held_bytes: 0, merge_bytes: 640, batch_bytes: 10, open_runs: 64 };
        let runs = |number: usize, batch_bytes| vec![RunSize { bytes: 1, batch_bytes }; number];
        for (number, batch_bytes, expected) in [
            (0, 10, &[][..]),
            (64, 10, &[]),
            (65, 10, &[2]),
            (127, 10, &[64]),
            (128, 10, &[64, 2]),
            (320, 10, &[64, 64, 64, 64, 5]),
            (65, 20, &[32, 3]),
            (2, 1000, &[]),
            (5, 1000, &[2, 2]),
        ] {
            let groups = plan(&runs(number, batch_bytes), &limits);
            let sizes: Vec<usize> = groups.iter().map(Vec::len).collect();
            assert_eq!(sizes, expected, "{number} runs of {batch_bytes}");
        }
        let mut uneven = runs(65, 10);
        uneven[0].bytes = 9;
        uneven[1].bytes = 9;
        assert_eq!(plan(&uneven, &limits), [[2, 3]]);
    }
}
