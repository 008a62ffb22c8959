//! The external sort: selected records are collected into sorted runs, in memory while there is
//! room and on disk after that. Too many runs are merged into fewer, the rest one partition at a
//! time.

use std::{collections::BTreeMap, sync::Arc};

use ecstrail_converter::{PartitionKey, SelectedBatch};

mod collect;
mod cursor;
mod limits;
mod merge;
mod reduce;
mod spill;

pub(crate) use collect::RunCollector;
pub(crate) use cursor::RunCursor;
pub(crate) use limits::SortLimits;
pub(crate) use merge::{Cursor, Merge, Merged};
pub(crate) use reduce::RunReducer;
use spill::{SpillWriter, SpilledRun};

/// Selected records in the order of their rows.
#[derive(Debug)]
pub(crate) enum SortedRun {
    Memory(MemoryRun),
    Spilled(SpilledRun),
}

/// Batches, and the order of their rows.
#[derive(Debug)]
pub(crate) struct MemoryRun {
    batches: Vec<Arc<SelectedBatch>>,
    order: Vec<(u32, u32)>,
}

/// What all runs together hold of one partition. Duplicates and rows of log files that failed
/// count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PartitionSummary {
    pub(crate) rows: u64,
    /// Smallest and largest `event_time`; `None` if a row has none.
    pub(crate) event_time: Option<(i64, i64)>,
}

/// Sorted runs and the partitions of their rows. The runs themselves do not know these: there may
/// be hundreds of runs with thousands of partitions each.
#[derive(Debug, Default)]
pub(crate) struct SortedRuns {
    pub(crate) runs: Vec<SortedRun>,
    pub(crate) partitions: Partitions,
}

/// What the runs hold, by partition.
pub(crate) type Partitions = BTreeMap<PartitionKey, PartitionSummary>;

impl PartitionSummary {
    fn join(&mut self, other: &Self) {
        self.rows += other.rows;
        self.event_time =
            self.event_time.zip(other.event_time).map(|((low, high), (other_low, other_high))| {
                (low.min(other_low), high.max(other_high))
            });
    }
}

impl SortedRuns {
    /// Takes what another worker has collected.
    pub(crate) fn join(&mut self, other: Self) {
        self.runs.extend(other.runs);
        for (key, summary) in other.partitions {
            self.note(key, summary);
        }
    }

    fn note(&mut self, key: PartitionKey, summary: PartitionSummary) {
        self.partitions.entry(key).and_modify(|known| known.join(&summary)).or_insert(summary);
    }

    /// Notes the partitions of a run that was sorted just now.
    fn note_partitions(&mut self, run: &MemoryRun) {
        let mut rest = &run.order[..];
        while let Some(first) = rest.first() {
            let partition = run.partition(*first);
            let (rows, others) =
                rest.split_at(rest.partition_point(|at| run.partition(*at) <= partition));
            let time = |at: &(u32, u32)| run.batches[at.0 as usize].row(at.1 as usize).event_time;
            let event_time = rows.first().and_then(time).zip(rows.last().and_then(time));
            let summary = PartitionSummary { rows: rows.len() as u64, event_time };
            self.note(PartitionKey::new(partition.0, partition.1), summary);
            rest = others;
        }
    }
}

impl SortedRun {
    /// Returns the partitions of the first and the last row.
    pub(crate) fn bounds(&self) -> Option<(PartitionKey, PartitionKey)> {
        match self {
            Self::Memory(run) => {
                let key = |at: &(u32, u32)| {
                    let (day, region) = run.partition(*at);
                    PartitionKey::new(day, region)
                };
                Some((key(run.order.first()?), key(run.order.last()?)))
            }
            Self::Spilled(run) => Some(run.bounds().clone()),
        }
    }
}

impl MemoryRun {
    /// Sorts batches in memory.
    fn sort(batches: Vec<SelectedBatch>) -> Self {
        let batches: Vec<Arc<SelectedBatch>> = batches.into_iter().map(Arc::new).collect();
        let mut order: Vec<(u32, u32)> = (0..)
            .zip(&batches)
            .flat_map(|(number, batch)| (0..).take(batch.rows()).map(move |row| (number, row)))
            .collect();
        let key = |(batch, row): (u32, u32)| {
            let batch = &batches[batch as usize];
            (batch.partition(row as usize), batch.key(row as usize))
        };
        order.sort_unstable_by(|a, b| key(*a).cmp(&key(*b)));
        Self { batches, order }
    }

    fn partition(&self, (batch, row): (u32, u32)) -> (i32, &str) {
        self.batches[batch as usize].partition(row as usize)
    }
}

#[cfg(test)]
mod tests;
