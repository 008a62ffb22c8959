//! Carries out the merges of one commit on worker threads, as many at once as memory allows.

use std::sync::Arc;

use ecstrail_converter::SCHEMA_VERSION;
use parquet::file::properties::WriterProperties;
use rayon::prelude::*;
use tokio::runtime::Handle;

use super::{
    CompactOptions, Compaction, PlannedMerge,
    merge::{Input, Merge},
    read::RowReader,
    rows::Rows,
    upgrade::Upgrade,
};
use crate::{
    data_file::{
        encode::{PartitionFiles, Sizes},
        properties::writer_properties,
    },
    dataset::Dataset,
    error::{Error, Result},
    log::DataFile,
    progress::Progress,
    storage::layout::Transaction,
    workers::joined,
};

impl Compaction<'_> {
    /// Merges and encodes; returns the files in the order of their paths.
    pub(super) async fn rewrite(
        &self,
        merges: Vec<PlannedMerge>,
        transaction: Transaction,
    ) -> Result<Vec<DataFile>> {
        let options = self.options.clone();
        let sizes = Sizes {
            target_file_bytes: options.target_file_bytes,
            row_group_bytes: options.row_group_bytes(),
            row_group_text: options.row_group_record_bytes,
        };
        let rewriter = Rewriter {
            dataset: self.dataset.clone(),
            transaction,
            options,
            sizes,
            runtime: Handle::current(),
            progress: Arc::clone(self.progress),
        };
        let pool = Arc::clone(&self.pool);
        let writing = tokio::task::spawn_blocking(move || pool.install(|| rewriter.run(&merges)));
        joined(writing.await)?
    }
}

/// What all merges of a commit share. Blocking: runs on worker threads.
struct Rewriter {
    dataset: Dataset,
    transaction: Transaction,
    options: CompactOptions,
    sizes: Sizes,
    runtime: Handle,
    progress: Arc<Progress>,
}

impl Rewriter {
    fn run(&self, merges: &[PlannedMerge]) -> Result<Vec<DataFile>> {
        let mut files = Vec::new();
        let mut first = 0;
        for length in self.rounds(merges) {
            let round = &merges[first..first + length];
            let written: Vec<Vec<DataFile>> = round
                .par_iter()
                .with_max_len(1)
                .enumerate()
                .map(|(offset, merge)| self.merge(first + offset, merge))
                .collect::<Result<_>>()?;
            files.extend(written.into_iter().flatten());
            first += length;
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(files)
    }

    /// How many of the merges, one after the other, fit into memory together.
    fn rounds(&self, merges: &[PlannedMerge]) -> Vec<usize> {
        let mut rounds: Vec<usize> = Vec::new();
        let mut held = u64::MAX;
        for merge in merges {
            let bytes = merge.memory_bytes(&self.options);
            match rounds.last_mut() {
                Some(round) if held + bytes <= self.options.memory_bytes as u64 => *round += 1,
                _ => {
                    rounds.push(1);
                    held = 0;
                }
            }
            held += bytes;
        }
        rounds
    }

    fn merge(&self, ordinal: usize, merge: &PlannedMerge) -> Result<Vec<DataFile>> {
        let schema_version = self.schema_version(merge);
        let properties = self.properties(schema_version)?;
        let mut files = PartitionFiles {
            staging: &*self.dataset.staging,
            transaction: &self.transaction,
            properties: &properties,
            sizes: &self.sizes,
            schema_version,
            key: &merge.key,
            ordinal,
            // A partition may have several merges.
            prefix: format!("{ordinal}-"),
            held: Vec::new(),
            open: None,
            files: Vec::new(),
        };
        let inputs = merge.files.iter().map(|file| self.input(merge, file));
        let mut rows = Merge::new(inputs.collect::<Result<_>>()?)?;
        let mut hash_sum = 0_i64;
        while let Some(merged) = rows.next_batch()? {
            files.write(merged.batch.clone(), merged.text_bytes)?;
            self.progress.wrote_rows(merged.batch.num_rows() as u64);
            let arrow = |source| Error::Arrow { what: format!("rows of {}", merge.key), source };
            hash_sum = hash_sum.wrapping_add(Rows::new(merged.batch).map_err(arrow)?.hash_sum());
            if self.progress.is_cancelled() {
                return Err(Error::Interrupted);
            }
        }
        let files = files.finish()?;
        let written = files.iter().map(|file| file.rows).sum();
        if written != merge.rows() {
            let (what, records) = (merge.key.to_string(), merge.rows());
            return Err(Error::NotConserved { what, records, accounted: written });
        }
        if hash_sum != rows.hash_sum() {
            return Err(Error::Altered { what: merge.key.to_string() });
        }
        for file in &merge.files {
            self.progress.read(file.bytes, file.rows, file.rows);
        }
        Ok(files)
    }

    /// The version of the oldest rows that come out, or of the current table.
    fn schema_version(&self, merge: &PlannedMerge) -> u32 {
        let kept = merge.files.iter().filter(|file| !self.options.upgrades(file));
        kept.map(|file| file.schema_version).fold(SCHEMA_VERSION, u32::min)
    }

    fn properties(&self, schema_version: u32) -> Result<WriterProperties> {
        let properties = writer_properties(self.options.row_group_rows, schema_version);
        properties.map_err(|source| Error::Parquet { path: "the data files".to_owned(), source })
    }

    fn input(&self, merge: &PlannedMerge, file: &DataFile) -> Result<Input> {
        let remote = self.dataset.remote_file(file, &self.runtime);
        let upgrade = self.options.upgrades(file).then(|| Upgrade::new(&file.path, &merge.key));
        Ok(Input::new(file.clone(), RowReader::open(file, remote)?, upgrade))
    }
}
