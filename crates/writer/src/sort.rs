//! The external sort: selected records are collected into sorted runs, in memory while there is
//! room and on disk after that, and merged one partition at a time.

use std::{
    fs::File,
    ops::Range,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use arrow::{
    compute::interleave_record_batch,
    error::ArrowError,
    ipc::{reader::FileReader, writer::FileWriter},
};
use ecstrail_converter::{PartitionKey, SelectedBatch};

use crate::{Error, Result, staging::disk};

mod merge;

pub(crate) use merge::{Cursor, Merge, Merged};

/// Rows of a batch in a spilled run.
const SPILLED_ROWS: usize = 2048;
/// Record bytes of a batch in a spilled run; a merge holds one batch of every run.
const SPILLED_BYTES: usize = 1 << 20;

/// The rows of one partition in a run: rows of a run in memory, batches of a spilled one.
#[derive(Debug, Clone)]
struct Part {
    key: PartitionKey,
    range: Range<usize>,
    /// Smallest and largest `event_time`; `None` if a row has none.
    event_time: Option<(i64, i64)>,
}

/// Selected records in the order of their rows.
#[derive(Debug)]
pub(crate) struct SortedRun {
    rows: Rows,
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Rows {
    Memory { batches: Vec<Arc<SelectedBatch>>, order: Vec<(u32, u32)> },
    Spilled { reader: Mutex<FileReader<File>>, file: SpilledFile },
}

/// What all runs together hold of one partition.
#[derive(Debug, Clone)]
pub(crate) struct PartitionSummary {
    /// Smallest and largest `event_time`; `None` if a row has none.
    pub(crate) event_time: Option<(i64, i64)>,
}

impl SortedRun {
    /// Sorts batches in memory.
    pub(crate) fn sort(batches: Vec<SelectedBatch>) -> Self {
        let batches: Vec<Arc<SelectedBatch>> = batches.into_iter().map(Arc::new).collect();
        let mut order: Vec<(u32, u32)> = (0..)
            .zip(&batches)
            .flat_map(|(number, batch)| (0..).take(batch.rows()).map(move |row| (number, row)))
            .collect();
        let row = |(batch, row): (u32, u32)| batches[batch as usize].row(row as usize);
        order.sort_unstable_by(|a, b| row(*a).order(&row(*b)));
        let mut parts: Vec<Part> = Vec::new();
        let mut current: Option<(i32, &str)> = None;
        for (place, at) in order.iter().enumerate() {
            let row = row(*at);
            if current != Some((row.day, row.region)) {
                current = Some((row.day, row.region));
                parts.push(Part {
                    key: PartitionKey::new(row.day, row.region),
                    range: place..place,
                    event_time: row.event_time.map(|time| (time, time)),
                });
            }
            if let Some(part) = parts.last_mut() {
                part.range.end += 1;
                // Sorted by time, rows without one first: the first row decides.
                part.event_time =
                    part.event_time.zip(row.event_time).map(|((first, _), time)| (first, time));
            }
        }
        Self { rows: Rows::Memory { batches, order }, parts }
    }

    /// Moves the run to a file, so that its memory is free. The file goes when the run is dropped.
    pub(crate) fn spill(self, path: &Path) -> Result<Self> {
        let Rows::Memory { batches, order } = self.rows else { return Ok(self) };
        let arrow = |source| Error::Arrow { what: path.display().to_string(), source };
        if let Some(folder) = path.parent() {
            disk("create", folder, std::fs::create_dir_all(folder))?;
        }
        let file = disk("create", path, File::create(path))?;
        let spilled = SpilledFile(path.to_owned());
        let mut writer =
            FileWriter::try_new_buffered(file, &SelectedBatch::schema()).map_err(arrow)?;
        let sources: Vec<_> = batches.iter().map(|batch| batch.batch()).collect();
        let mut parts = Vec::with_capacity(self.parts.len());
        let mut written = 0;
        for part in self.parts {
            let first = written;
            let mut rest = &order[part.range.clone()];
            while !rest.is_empty() {
                let (head, tail) = rest.split_at(spilled_rows(rest, &batches));
                let places: Vec<_> = head.iter().map(|(b, r)| (*b as usize, *r as usize)).collect();
                let batch = interleave_record_batch(&sources, &places).map_err(arrow)?;
                writer.write(&batch).map_err(arrow)?;
                written += 1;
                rest = tail;
            }
            parts.push(Part { range: first..written, ..part });
        }
        writer.finish().map_err(arrow)?;
        drop(writer);
        let file = disk("open", path, File::open(path))?;
        let reader = Mutex::new(FileReader::try_new(file, None).map_err(arrow)?);
        Ok(Self { rows: Rows::Spilled { file: spilled, reader }, parts })
    }

    /// Returns the partitions of a run.
    pub(crate) fn partitions(&self) -> impl Iterator<Item = (&PartitionKey, PartitionSummary)> {
        self.parts.iter().map(|part| (&part.key, PartitionSummary { event_time: part.event_time }))
    }

    fn part(&self, key: &PartitionKey) -> Option<&Part> {
        let place = self.parts.binary_search_by(|part| part.key.cmp(key)).ok()?;
        Some(&self.parts[place])
    }

    fn spilled_batch(&self, number: usize) -> Result<Arc<SelectedBatch>> {
        let Rows::Spilled { file: SpilledFile(path), reader } = &self.rows else {
            return Err(Error::Damaged {
                path: "a run in memory".to_owned(),
                reason: "it has no spilled batches".to_owned(),
            });
        };
        let arrow = |source| Error::Arrow { what: path.display().to_string(), source };
        let mut reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
        reader.set_index(number).map_err(arrow)?;
        let missing = || ArrowError::IpcError(format!("batch {number} is missing"));
        let batch = reader.next().ok_or_else(missing).and_then(|batch| batch).map_err(arrow)?;
        SelectedBatch::try_new(batch).map(Arc::new).map_err(arrow)
    }
}

/// A file that goes when it is dropped.
#[derive(Debug)]
struct SpilledFile(PathBuf);

impl Drop for SpilledFile {
    fn drop(&mut self) {
        // Left over, it goes with its transaction's folder.
        drop(std::fs::remove_file(&self.0));
    }
}

/// How many of the rows go into the next spilled batch.
fn spilled_rows(rows: &[(u32, u32)], batches: &[Arc<SelectedBatch>]) -> usize {
    let mut bytes = 0;
    let full = rows.iter().take(SPILLED_ROWS).position(|(batch, row)| {
        bytes += batches[*batch as usize].row(*row as usize).record.len();
        bytes > SPILLED_BYTES
    });
    full.unwrap_or(rows.len().min(SPILLED_ROWS)).max(1)
}

/// Collects one worker's selected records into sorted runs, within its share of the memory.
#[derive(Debug)]
pub(crate) struct RunCollector {
    folder: PathBuf,
    worker: usize,
    limit_bytes: usize,
    held_bytes: usize,
    held: Vec<SelectedBatch>,
    runs: Vec<SortedRun>,
}

impl RunCollector {
    pub(crate) fn new(folder: &Path, worker: usize, limit_bytes: usize) -> Self {
        Self {
            folder: folder.to_owned(),
            worker,
            limit_bytes,
            held_bytes: 0,
            held: Vec::new(),
            runs: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, batch: SelectedBatch) -> Result<()> {
        self.held_bytes += batch.memory_bytes();
        self.held.push(batch);
        if self.held_bytes > self.limit_bytes {
            let path = self.folder.join(format!("run-{}-{}.arrow", self.worker, self.runs.len()));
            let held = std::mem::take(&mut self.held);
            self.held_bytes = 0;
            self.runs.push(SortedRun::sort(held).spill(&path)?);
        }
        Ok(())
    }

    pub(crate) fn finish(mut self) -> Vec<SortedRun> {
        if !self.held.is_empty() {
            self.runs.push(SortedRun::sort(self.held));
        }
        self.runs
    }
}

#[cfg(test)]
mod tests;
