//! Writes sorted runs as data files, several partitions at once.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use ecstrail_converter::{Flattener, PartitionKey, SCHEMA_VERSION};
use parquet::file::properties::WriterProperties;
use rayon::prelude::*;
use tokio::runtime::Handle;

use crate::{
    DataFile, Error, Result,
    dataset::Dataset,
    encode::{PartitionEncoder, PartitionFiles, Sizes},
    existing::ExistingRows,
    layout::Transaction,
    progress::Progress,
    remote::RemoteFile,
    snapshot::below,
    sort::{Cursor, Merge, Merged, PartitionSummary, SortedRun},
};

/// Everything that the partitions of one transaction share. Blocking: runs on worker threads.
#[derive(Debug)]
pub(crate) struct PartitionWriter<'a> {
    pub(crate) dataset: &'a Dataset,
    pub(crate) transaction: &'a Transaction,
    pub(crate) properties: &'a WriterProperties,
    pub(crate) sizes: &'a Sizes,
    /// Names of log files by number.
    pub(crate) source_files: &'a [Arc<str>],
    /// Numbers of log files that failed; none of their records counts.
    pub(crate) withdrawn: &'a BTreeSet<u32>,
    /// Data files that are committed, by partition.
    pub(crate) existing: &'a BTreeMap<PartitionKey, Vec<DataFile>>,
    pub(crate) runtime: Handle,
    pub(crate) progress: &'a Progress,
}

/// What writing gave.
#[derive(Debug)]
pub(crate) struct Written {
    /// In the order of their paths.
    pub(crate) files: Vec<DataFile>,
    /// By number of the log file.
    pub(crate) counts: Vec<RowCounts>,
}

/// What became of one log file's selected records.
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
}

impl PartitionWriter<'_> {
    /// Merges and encodes all partitions of the runs.
    pub(crate) fn write(&self, runs: &[SortedRun]) -> Result<Written> {
        let partitions: Vec<_> = partitions_of(runs).into_iter().enumerate().collect();
        let counts: Vec<RowCounts> =
            self.source_files.iter().map(|_| RowCounts::default()).collect();
        let files: Vec<Vec<DataFile>> = partitions
            .par_iter()
            .with_max_len(1)
            .map(|(ordinal, (key, summary))| {
                self.write_partition(*ordinal, key, summary, runs, &counts)
            })
            .collect::<Result<_>>()?;
        let mut files: Vec<DataFile> = files.into_iter().flatten().collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Written { files, counts })
    }

    fn write_partition(
        &self,
        ordinal: usize,
        key: &PartitionKey,
        summary: &PartitionSummary,
        runs: &[SortedRun],
        counts: &[RowCounts],
    ) -> Result<Vec<DataFile>> {
        let mut cursors: Vec<_> = runs.iter().filter_map(|run| Cursor::of_run(run, key)).collect();
        for file in self.existing.get(key).into_iter().flatten() {
            if may_overlap(file, summary) {
                let remote = RemoteFile {
                    store: Arc::clone(&self.dataset.store),
                    path: below(&self.dataset.home, &file.path),
                    bytes: file.bytes,
                    etag: None,
                    runtime: self.runtime.clone(),
                };
                cursors.push(Cursor::Existing { rows: ExistingRows::open(remote)?, open: None });
            }
        }
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
            open: None,
            files: Vec::new(),
        };
        let mut encoder = PartitionEncoder {
            files,
            source_files: self.source_files,
            flattener: Flattener::new(),
        };
        while let Some(merged) = merge.next()? {
            match merged {
                Merged::Row(row) => {
                    encoder.push(&row)?;
                    counts[row.source_file as usize].rows.fetch_add(1, Ordering::Relaxed);
                    self.progress.wrote_row();
                }
                Merged::Duplicate(number) => {
                    counts[number as usize].duplicates.fetch_add(1, Ordering::Relaxed);
                }
            }
            if self.progress.is_cancelled() {
                return Err(Error::Interrupted);
            }
        }
        encoder.finish()
    }
}

/// Joins what the runs hold of each partition.
fn partitions_of(runs: &[SortedRun]) -> BTreeMap<PartitionKey, PartitionSummary> {
    let mut partitions: BTreeMap<PartitionKey, PartitionSummary> = BTreeMap::new();
    for (key, summary) in runs.iter().flat_map(SortedRun::partitions) {
        match partitions.get_mut(key) {
            None => {
                partitions.insert(key.clone(), summary);
            }
            Some(known) => {
                known.event_time = known.event_time.zip(summary.event_time).map(
                    |((low, high), (other_low, other_high))| {
                        (low.min(other_low), high.max(other_high))
                    },
                );
            }
        }
    }
    partitions
}

/// Returns whether a committed file can hold an event of the new rows, by their times.
fn may_overlap(file: &DataFile, new: &PartitionSummary) -> bool {
    let (Some((low, high)), Some((file_low, file_high))) = (new.event_time, file.event_time) else {
        return true;
    };
    low <= file_high && file_low <= high
}
