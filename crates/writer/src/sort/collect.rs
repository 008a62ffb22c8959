//! Collects one worker's selected records into sorted runs, within its share of the memory.

use std::path::{Path, PathBuf};

use ecstrail_converter::SelectedBatch;

use super::{MemoryRun, SortLimits, SortedRun, SortedRuns, SpillWriter};
use crate::{error::Result, storage::layout};

#[derive(Debug)]
pub(crate) struct RunCollector {
    folder: PathBuf,
    worker: usize,
    limits: SortLimits,
    held_bytes: usize,
    held: Vec<SelectedBatch>,
    sorted: SortedRuns,
}

impl RunCollector {
    /// Collects for a worker, whose number no other worker has. Spilled runs go to `folder`.
    pub(crate) fn new(folder: &Path, worker: usize, limits: SortLimits) -> Self {
        Self {
            folder: folder.to_owned(),
            worker,
            limits,
            held_bytes: 0,
            held: Vec::new(),
            sorted: SortedRuns::default(),
        }
    }

    pub(crate) fn push(&mut self, batch: SelectedBatch) -> Result<()> {
        self.held_bytes += batch.memory_bytes();
        self.held.push(batch);
        if self.held_bytes > self.limits.held_bytes { self.spill() } else { Ok(()) }
    }

    /// Moves what is held to a file, so that its memory is free.
    fn spill(&mut self) -> Result<()> {
        let run = self.sort();
        let number = self.sorted.runs.len();
        let path = self.folder.join(layout::sorted_run(self.worker, number));
        let mut writer = SpillWriter::create(path, self.limits.batch_bytes)?;
        for (batch, row) in &run.order {
            writer.push(&run.batches[*batch as usize].row(*row as usize))?;
        }
        self.sorted.runs.extend(writer.finish()?.map(SortedRun::Spilled));
        Ok(())
    }

    fn sort(&mut self) -> MemoryRun {
        self.held_bytes = 0;
        let run = MemoryRun::sort(std::mem::take(&mut self.held));
        self.sorted.note_partitions(&run);
        run
    }

    /// Returns all runs. What is held stays in memory only if it is everything.
    pub(crate) fn finish(mut self) -> Result<SortedRuns> {
        if self.held.is_empty() {
            return Ok(self.sorted);
        }
        if self.sorted.runs.is_empty() {
            let run = self.sort();
            self.sorted.runs.push(SortedRun::Memory(run));
        } else {
            self.spill()?;
        }
        Ok(self.sorted)
    }
}
