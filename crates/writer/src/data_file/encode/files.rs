//! Writes batches of finished rows as the data files of one partition.

use std::{
    io::{self, Write},
    mem,
    sync::{Mutex, PoisonError},
};

use arrow::{
    array::{AsArray, RecordBatch},
    compute::{max_string, min_string},
};
use ecstrail_converter::{MICROS_PER_MILLI, PartitionKey, column_index};
use parquet::{errors::ParquetError, file::properties::WriterProperties};
use sha2::{Digest, Sha256};

use super::row_groups::{FinishedFile, RowGroups};
use crate::{
    data_file::small_columns::spare_small_columns,
    error::{Error, Result},
    log::DataFile,
    storage::{StagedFile, Staging, digest::hex, layout::Transaction},
};

/// Memory that a row group takes at most while it is encoded, by its encoded size: more than a
/// hundred columns have dictionaries and pages that are not full.
const MEMORY_PER_ENCODED_BYTE: usize = 4;
/// Bytes of records, as text, that are held until a file is begun: what is known of a small file as a
/// whole tells how to store it.
const HELD_BYTES: usize = 8 << 20;

/// How large files and row groups become.
#[derive(Debug, Clone)]
pub(crate) struct Sizes {
    pub(crate) target_file_bytes: u64,
    pub(crate) row_group_bytes: usize,
    /// Bytes of records as text.
    pub(crate) row_group_text: usize,
}

/// Encodes the rows of one partition, in the order given, and cuts them into files.
pub(crate) struct PartitionFiles<'a> {
    pub(crate) staging: &'a dyn Staging,
    pub(crate) transaction: &'a Transaction,
    pub(crate) properties: &'a WriterProperties,
    pub(crate) sizes: &'a Sizes,
    /// Version of the column table that the rows were flattened with.
    pub(crate) schema_version: u32,
    pub(crate) key: &'a PartitionKey,
    /// Tells these files from all others of the transaction, in the names of prepared files.
    pub(crate) ordinal: usize,
    /// What stands before a file's number in its path.
    pub(crate) prefix: String,
    pub(crate) held: Vec<HeldBatch>,
    pub(crate) open: Option<OpenDataFile>,
    pub(crate) files: Vec<DataFile>,
}

/// Rows that wait for their file.
pub(crate) struct HeldBatch {
    batch: RecordBatch,
    /// Bytes of their records as text.
    record_bytes: usize,
}

/// A data file that is being encoded.
pub(crate) struct OpenDataFile {
    writer: RowGroups<HashingWriter>,
    file: DataFile,
    /// Bytes of records in the row group so far.
    record_bytes: usize,
}

impl PartitionFiles<'_> {
    /// Adds rows; `record_bytes` is what their records take as text.
    pub(crate) fn write(&mut self, batch: RecordBatch, record_bytes: usize) -> Result<()> {
        self.held.push(HeldBatch { batch, record_bytes });
        let held_bytes: usize = self.held.iter().map(|held| held.record_bytes).sum();
        if self.open.is_none() && held_bytes < HELD_BYTES {
            return Ok(());
        }
        self.write_held(self.properties)
    }

    fn write_held(&mut self, properties: &WriterProperties) -> Result<()> {
        for held in mem::take(&mut self.held) {
            let open = match self.open.take() {
                Some(open) => open,
                None => self.begin(properties.clone())?,
            };
            self.encode(open, &held)?;
        }
        Ok(())
    }

    fn encode(&mut self, mut open: OpenDataFile, held: &HeldBatch) -> Result<()> {
        let HeldBatch { batch, record_bytes } = held;
        let parquet = |source| Error::Parquet { path: open.file.path.clone(), source };
        if open.record_bytes + record_bytes > self.sizes.row_group_text {
            open.writer.flush().map_err(parquet)?;
            open.record_bytes = 0;
        }
        open.writer.write(batch).map_err(parquet)?;
        open.record_bytes += record_bytes;
        let target = self.sizes.target_file_bytes;
        let in_progress = open.writer.in_progress_bytes();
        let reaches_target = (open.writer.bytes_written() + in_progress) as u64 >= target;
        let is_full = in_progress >= self.sizes.row_group_bytes
            || open.writer.memory_bytes() >= self.sizes.row_group_bytes * MEMORY_PER_ENCODED_BYTE;
        if is_full || reaches_target {
            open.writer.flush().map_err(parquet)?;
            open.record_bytes = 0;
        }
        open.file.note(batch);
        // What was in progress was counted before it was compressed. A file must not end far below
        // the target, or compaction would find it too small, again and again.
        let is_full = reaches_target && open.writer.bytes_written() as u64 >= target / 4 * 3;
        self.open = Some(open);
        if is_full { self.close() } else { Ok(()) }
    }

    /// Ends the last file; returns all of them.
    pub(crate) fn finish(mut self) -> Result<Vec<DataFile>> {
        let rows: Vec<_> = self.held.iter().map(|held| &held.batch).collect();
        let properties = spare_small_columns(self.properties, &rows);
        self.write_held(&properties)?;
        self.close()?;
        Ok(self.files)
    }

    fn begin(&self, properties: WriterProperties) -> Result<OpenDataFile> {
        let number = self.files.len();
        let path = self.transaction.data_file(self.key, &self.prefix, number);
        let name = format!("{:06}-{number:04}", self.ordinal);
        let staged = self.staging.stage(&self.transaction.name(), &name, &path)?;
        let sink = HashingWriter::new(staged);
        let writer = RowGroups::begin(sink, properties)
            .map_err(|source| Error::Parquet { path: path.clone(), source })?;
        let file = DataFile::begin(path, self.schema_version);
        Ok(OpenDataFile { writer, file, record_bytes: 0 })
    }

    fn close(&mut self) -> Result<()> {
        let Some(OpenDataFile { writer, mut file, .. }) = self.open.take() else {
            return Ok(());
        };
        let parquet = |source: ParquetError| Error::Parquet { path: file.path.clone(), source };
        let FinishedFile { rows, checked, sink } = writer.finish().map_err(parquet)?;
        if rows != file.rows {
            let (what, records) = (file.path.clone(), file.rows);
            return Err(Error::NotConserved { what, records, accounted: rows });
        }
        let (staged, bytes, sha256) = sink.finish();
        file.forget_long_bounds();
        file.bytes = bytes;
        file.checked = checked;
        file.sha256 = sha256;
        file.prepared = staged.prepare()?;
        self.files.push(file);
        Ok(())
    }
}

impl DataFile {
    fn begin(path: String, schema_version: u32) -> Self {
        Self {
            path,
            schema_version,
            bytes: 0,
            rows: 0,
            rows_without_time: 0,
            event_time: None,
            event_name: None,
            cluster_name: None,
            sha256: String::new(),
            checked: Vec::new(),
            prepared: String::new(),
        }
    }

    /// Bounds that are missing are unknown.
    fn forget_long_bounds(&mut self) {
        for bounds in [&mut self.event_name, &mut self.cluster_name] {
            bounds.take_if(|(low, high)| low.len().max(high.len()) > MAX_BOUND_BYTES);
        }
    }

    /// Counts a batch's rows and widens the bounds by its values.
    fn note(&mut self, batch: &RecordBatch) {
        self.rows += batch.num_rows() as u64;
        if let Some(column) = column_index("event_time").map(|column| batch.column(column)) {
            let times = column.as_primitive::<arrow::datatypes::TimestampMicrosecondType>();
            self.rows_without_time += times.iter().filter(Option::is_none).count() as u64;
            let millis = |micros: i64| micros.div_euclid(MICROS_PER_MILLI);
            let bounds = arrow::compute::min(times).map(millis);
            let bounds = bounds.zip(arrow::compute::max(times).map(millis));
            self.event_time = widen(self.event_time, bounds);
        }
        let bounds = |name: &str| {
            let texts = batch.column(column_index(name)?).as_string::<i32>();
            Some((min_string(texts)?.to_owned(), max_string(texts)?.to_owned()))
        };
        self.event_name = widen(self.event_name.take(), bounds("event_name"));
        self.cluster_name = widen(self.cluster_name.take(), bounds("cluster_name"));
    }
}

/// Texts longer than this are no bounds: what a log file says must not swell the log.
const MAX_BOUND_BYTES: usize = 256;

fn widen<T: Ord>(known: Option<(T, T)>, new: Option<(T, T)>) -> Option<(T, T)> {
    match (known, new) {
        (Some((low, high)), Some((new_low, new_high))) => {
            Some((low.min(new_low), high.max(new_high)))
        }
        (known, new) => known.or(new),
    }
}

/// Passes bytes on to a staged file, with their number and SHA-256.
pub(crate) struct HashingWriter {
    // Parquet asks for a sink that threads can share; nobody does.
    inner: Mutex<Box<dyn StagedFile>>,
    hash: Sha256,
    bytes: u64,
}

impl HashingWriter {
    fn new(inner: Box<dyn StagedFile>) -> Self {
        Self { inner: Mutex::new(inner), hash: Sha256::new(), bytes: 0 }
    }

    fn finish(self) -> (Box<dyn StagedFile>, u64, String) {
        let inner = self.inner.into_inner().unwrap_or_else(PoisonError::into_inner);
        (inner, self.bytes, hex(&self.hash.finalize()))
    }
}

impl Write for HashingWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let inner = self.inner.get_mut().unwrap_or_else(PoisonError::into_inner);
        let written = inner.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.get_mut().unwrap_or_else(PoisonError::into_inner).flush()
    }
}
