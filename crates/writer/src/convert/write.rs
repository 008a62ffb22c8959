//! Writes sorted runs as data files, several partitions at once.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use ecstrail_converter::{Flattener, PartitionKey, SCHEMA_VERSION};
use parquet::file::properties::WriterProperties;
use rayon::prelude::*;
use tokio::runtime::Handle;

use crate::{
    data_file::{
        encode::{PartitionEncoder, PartitionFiles, Sizes},
        existing::{ExistingRows, FEW_ROWS, NewRow, NewRows},
    },
    dataset::Dataset,
    error::{Error, Result},
    log::DataFile,
    progress::Progress,
    sort::{
        Cursor, Merge, Merged, PartitionSummary, RunCursor, RunReducer, SortLimits, SortedRun,
        SortedRuns,
    },
    storage::layout::Transaction,
};

/// Shares that the partitions are divided into, for each worker: with more, workers end at the same
/// time; with fewer, runs are read from fewer places.
const SHARES_PER_WORKER: usize = 4;

/// Everything that the partitions of one transaction share. Blocking: runs on worker threads.
#[derive(Debug)]
pub(crate) struct PartitionWriter<'a> {
    pub(crate) dataset: &'a Dataset,
    pub(crate) transaction: &'a Transaction,
    pub(crate) properties: &'a WriterProperties,
    pub(crate) sizes: &'a Sizes,
    /// Names of log files by number.
    pub(crate) source_files: &'a [Arc<str>],
    /// Numbers of log files that failed; their records do not count.
    pub(crate) withdrawn: &'a BTreeSet<u32>,
    /// Data files that are committed, by partition.
    pub(crate) existing: &'a BTreeMap<PartitionKey, Vec<DataFile>>,
    pub(crate) runtime: Handle,
    pub(crate) progress: &'a Progress,
    /// Folder for merged runs.
    pub(crate) scratch: &'a Path,
    pub(crate) limits: SortLimits,
    /// Partitions that are encoded at once.
    pub(crate) encoders: usize,
    /// Whether it is remembered which records are written.
    pub(crate) remembers: bool,
}

/// What writing gave.
#[derive(Debug)]
pub(crate) struct Written {
    /// In the order of their paths.
    pub(crate) files: Vec<DataFile>,
    /// By number of the log file.
    pub(crate) counts: Vec<RowCounts>,
    /// What was written to each partition.
    pub(crate) records: BTreeMap<PartitionKey, WrittenRecords>,
}

/// The records of a partition that were written, as far as others are to be compared with them.
#[derive(Debug)]
pub(crate) struct WrittenRecords {
    /// Smallest and largest `event_time`; `None` if a record may have none.
    pub(crate) event_time: Option<(i64, i64)>,
    /// The `record_hash` of each, sorted; `None` if they were not remembered.
    pub(crate) hashes: Option<Vec<i64>>,
}

/// The outcome of one log file's selected records.
#[derive(Debug, Default)]
pub(crate) struct RowCounts {
    rows: AtomicU64,
    duplicates: AtomicU64,
}

impl RowCounts {
    pub(crate) fn rows(&self) -> u64 {
        self.rows.load(Ordering::Relaxed)
    }

    pub(crate) fn duplicates(&self) -> u64 {
        self.duplicates.load(Ordering::Relaxed)
    }

    fn count_duplicate(&self) {
        self.duplicates.fetch_add(1, Ordering::Relaxed);
    }
}

/// A partition that was written.
#[derive(Debug)]
struct WrittenPartition {
    key: PartitionKey,
    files: Vec<DataFile>,
    records: WrittenRecords,
}

/// Partitions that one worker writes one after the other, and the runs that have rows of them.
struct Share {
    /// With their numbers in the order of all partitions.
    partitions: Vec<(usize, PartitionKey, PartitionSummary)>,
    runs: Vec<Arc<SortedRun>>,
}

impl PartitionWriter<'_> {
    /// Merges and encodes all partitions of the runs. A run's memory or file goes with its last
    /// row.
    pub(crate) fn write(&self, mut sorted: SortedRuns) -> Result<Written> {
        let counts: Vec<RowCounts> =
            self.source_files.iter().map(|_| RowCounts::default()).collect();
        let count_duplicate = |source_file: u32| counts[source_file as usize].count_duplicate();
        let reducer = RunReducer {
            folder: self.scratch,
            limits: self.limits,
            withdrawn: self.withdrawn,
            progress: self.progress,
            on_duplicate: &count_duplicate,
        };
        reducer.reduce(&mut sorted)?;
        let shares = Mutex::new(shares(sorted, self.encoders).into_iter());
        let next = || shares.lock().unwrap_or_else(PoisonError::into_inner).next();
        let written: Vec<Vec<WrittenPartition>> = (0..self.encoders)
            .into_par_iter()
            .with_max_len(1)
            .flat_map_iter(|_| std::iter::from_fn(next))
            .map(|share| self.write_share(&share, &counts))
            .collect::<Result<_>>()?;
        let (mut files, mut records) = (Vec::new(), BTreeMap::new());
        for partition in written.into_iter().flatten() {
            files.extend(partition.files);
            records.insert(partition.key, partition.records);
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Written { files, counts, records })
    }

    fn write_share(&self, share: &Share, counts: &[RowCounts]) -> Result<Vec<WrittenPartition>> {
        let Some((_, first, _)) = share.partitions.first() else { return Ok(Vec::new()) };
        let partition = (first.day(), first.region.as_str());
        let mut cursors: Vec<_> =
            share.runs.iter().map(|run| RunCursor::seek(run, partition)).collect();
        let mut flattener = Flattener::new();
        let mut written = Vec::new();
        for (ordinal, key, summary) in &share.partitions {
            let partition = (*ordinal, key, summary);
            written.push(self.write_partition(partition, &mut cursors, &mut flattener, counts)?);
        }
        Ok(written)
    }

    fn write_partition(
        &self,
        (ordinal, key, summary): (usize, &PartitionKey, &PartitionSummary),
        runs: &mut [RunCursor<'_>],
        flattener: &mut Flattener,
        counts: &[RowCounts],
    ) -> Result<WrittenPartition> {
        let partition = (key.day(), key.region.as_str());
        let existing = self.existing_rows(key, summary, runs)?;
        let mut cursors: Vec<_> =
            runs.iter_mut().map(|cursor| Cursor::Run { cursor, partition }).collect();
        cursors.extend(existing.into_iter().map(|rows| Cursor::Existing { rows, last: None }));
        let mut merge = Merge::new(cursors, self.withdrawn)?;
        let files = PartitionFiles {
            staging: &*self.dataset.staging,
            transaction: self.transaction,
            properties: self.properties,
            sizes: self.sizes,
            schema_version: SCHEMA_VERSION,
            key,
            ordinal,
            prefix: String::new(),
            held: Vec::new(),
            open: None,
            files: Vec::new(),
        };
        let mut encoder = PartitionEncoder { files, source_files: self.source_files, flattener };
        let mut hashes = self.remembers.then(Vec::new);
        while let Some(merged) = merge.next()? {
            match merged {
                Merged::Row(row) => {
                    encoder.push(&row)?;
                    if let Some(hashes) = &mut hashes {
                        hashes.push(row.record_hash);
                    }
                    counts[row.source_file as usize].rows.fetch_add(1, Ordering::Relaxed);
                    self.progress.wrote_row();
                }
                Merged::Duplicate(number) => counts[number as usize].count_duplicate(),
            }
            if self.progress.is_cancelled() {
                return Err(Error::Interrupted);
            }
        }
        if let Some(hashes) = &mut hashes {
            hashes.sort_unstable();
        }
        let records = WrittenRecords { event_time: summary.event_time, hashes };
        Ok(WrittenPartition { key: key.clone(), files: encoder.finish()?, records })
    }

    /// Opens the committed files of a partition that can hold a row of the runs.
    fn existing_rows(
        &self,
        key: &PartitionKey,
        summary: &PartitionSummary,
        runs: &[RunCursor<'_>],
    ) -> Result<Vec<ExistingRows>> {
        let Some(files) = self.existing.get(key) else { return Ok(Vec::new()) };
        let new = self.new_rows(key, summary, runs)?;
        let files = files.iter().filter(|file| new.may_be_in(file));
        let open = |file: &DataFile| {
            if self.progress.is_cancelled() {
                return Err(Error::Interrupted);
            }
            let remote = self.dataset.remote_file(file, &self.runtime);
            ExistingRows::open(file, remote, &new, &self.dataset.checked)
        };
        files.filter_map(|file| open(file).transpose()).collect()
    }

    fn new_rows(
        &self,
        key: &PartitionKey,
        summary: &PartitionSummary,
        runs: &[RunCursor<'_>],
    ) -> Result<NewRows> {
        if summary.rows > FEW_ROWS {
            return Ok(NewRows::Many(summary.event_time));
        }
        let mut rows = Vec::new();
        for run in runs {
            let mut ahead = run.clone();
            while let Some((batch, row)) = ahead.next_of((key.day(), &key.region))? {
                let row = batch.row(row);
                if !self.withdrawn.contains(&row.source_file) {
                    rows.push(NewRow::new(&row));
                }
            }
        }
        Ok(NewRows::Few(rows))
    }
}

/// Divides partitions that follow each other, so that a worker reads a run's batches once.
fn shares(sorted: SortedRuns, workers: usize) -> Vec<Share> {
    let SortedRuns { runs, partitions } = sorted;
    let rows: u64 = partitions.values().map(|summary| summary.rows).sum();
    let share_rows = rows / (workers * SHARES_PER_WORKER) as u64;
    let mut shares: Vec<Share> = Vec::new();
    let mut rows_left = 0;
    for (ordinal, (key, summary)) in partitions.into_iter().enumerate() {
        if shares.is_empty() || rows_left == 0 {
            shares.push(Share { partitions: Vec::new(), runs: Vec::new() });
            rows_left = share_rows;
        }
        rows_left = rows_left.saturating_sub(summary.rows);
        if let Some(share) = shares.last_mut() {
            share.partitions.push((ordinal, key, summary));
        }
    }
    for run in runs {
        let Some((first, last)) = run.bounds() else { continue };
        let run = Arc::new(run);
        for share in &mut shares {
            let is_before = share.partitions.last().is_some_and(|(_, key, _)| *key < first);
            let is_after = share.partitions.first().is_some_and(|(_, key, _)| last < *key);
            if !is_before && !is_after {
                share.runs.push(Arc::clone(&run));
            }
        }
    }
    shares
}
