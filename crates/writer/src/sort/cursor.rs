//! A position in a sorted run that moves forward, from partition to partition.

use std::{cmp::Ordering, sync::Arc};

use ecstrail_converter::SelectedBatch;

use super::{MemoryRun, SortedRun, SpilledRun};
use crate::error::Result;

/// Reads a run's rows in order. A clone reads on independently.
#[derive(Debug, Clone)]
pub(crate) enum RunCursor<'a> {
    Memory { run: &'a MemoryRun, next: usize },
    Spilled { run: &'a SpilledRun, next_batch: usize, open: Option<(Arc<SelectedBatch>, usize)> },
}

impl<'a> RunCursor<'a> {
    /// Starts at the first row of a partition, or of the next one that the run has.
    pub(crate) fn seek(run: &'a SortedRun, partition: (i32, &str)) -> Self {
        match run {
            SortedRun::Memory(run) => {
                let next = run.order.partition_point(|at| run.partition(*at) < partition);
                Self::Memory { run, next }
            }
            SortedRun::Spilled(run) => Self::in_spilled(run, partition),
        }
    }

    pub(super) fn in_spilled(run: &'a SpilledRun, partition: (i32, &str)) -> Self {
        Self::Spilled { run, next_batch: run.first_batch(partition), open: None }
    }

    /// Returns the next row if it is one of the partition; rows of partitions before it are passed
    /// over.
    pub(crate) fn next_of(
        &mut self,
        partition: (i32, &str),
    ) -> Result<Option<(Arc<SelectedBatch>, usize)>> {
        match self {
            Self::Memory { run, next } => {
                while let Some((batch, row)) = run.order.get(*next) {
                    let (batch, row) = (&run.batches[*batch as usize], *row as usize);
                    let order = batch.partition(row).cmp(&partition);
                    if order == Ordering::Greater {
                        break;
                    }
                    *next += 1;
                    if order == Ordering::Equal {
                        return Ok(Some((Arc::clone(batch), row)));
                    }
                }
                Ok(None)
            }
            Self::Spilled { run, next_batch, open } => loop {
                if let Some((batch, next)) = open {
                    while *next < batch.rows() {
                        let order = batch.partition(*next).cmp(&partition);
                        if order == Ordering::Greater {
                            return Ok(None);
                        }
                        *next += 1;
                        if order == Ordering::Equal {
                            return Ok(Some((Arc::clone(batch), *next - 1)));
                        }
                    }
                    *open = None;
                }
                if !run.begins_by(*next_batch, partition) {
                    return Ok(None);
                }
                *open = Some((run.batch(*next_batch)?, 0));
                *next_batch += 1;
            },
        }
    }
}
