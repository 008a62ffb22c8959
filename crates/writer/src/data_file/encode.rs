//! Flattens the rows of one partition and encodes them as Parquet files.

use std::sync::Arc;

use ecstrail_converter::{Flattener, Provenance, SelectedRow};

use crate::{
    error::{Error, Result},
    log::DataFile,
};

mod checked_ranges;
mod files;
mod page_checksum;
mod row_groups;

pub(crate) use files::{PartitionFiles, Sizes};

/// Rows that are flattened before they are encoded.
pub(crate) const BATCH_ROWS: usize = 1024;
/// Record bytes that are flattened before they are encoded; text offsets have 32 bits.
pub(crate) const BATCH_BYTES: usize = 8 << 20;

/// Flattens and encodes the rows of one partition, in the order given.
pub(crate) struct PartitionEncoder<'a> {
    pub(crate) files: PartitionFiles<'a>,
    /// Names of log files by number.
    pub(crate) source_files: &'a [Arc<str>],
    /// Without rows; it knows how much room rows like these take.
    pub(crate) flattener: &'a mut Flattener,
}

impl PartitionEncoder<'_> {
    /// Adds a row.
    pub(crate) fn push(&mut self, row: &SelectedRow<'_>) -> Result<()> {
        let source_file = &self.source_files[row.source_file as usize];
        self.flattener.push(row, Provenance { source_file });
        if self.flattener.rows() >= BATCH_ROWS || self.flattener.text_bytes() >= BATCH_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    /// Ends the last file; returns all files of the partition.
    pub(crate) fn finish(mut self) -> Result<Vec<DataFile>> {
        self.flush()?;
        self.files.finish()
    }

    fn flush(&mut self) -> Result<()> {
        if self.flattener.rows() == 0 {
            return Ok(());
        }
        let record_bytes = self.flattener.text_bytes();
        let what = || format!("rows of {}", self.files.key);
        let batch =
            self.flattener.finish().map_err(|source| Error::Arrow { what: what(), source })?;
        self.files.write(batch, record_bytes)
    }
}
