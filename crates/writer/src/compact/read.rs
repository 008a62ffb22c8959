//! Reads the rows of one data file in their order, in small batches of the current columns.
//!
//! The file is fetched from its beginning to its end, a row group at a time, and what was fetched
//! is compared with the hash in the log: a file that is not what was committed is never rewritten.

use std::sync::Arc;

use arrow::{
    array::{RecordBatch, new_null_array},
    compute::cast,
    datatypes::{DataType, Schema},
    error::ArrowError,
};
use bytes::{Buf, Bytes};
use ecstrail_converter::{COLUMNS, arrow_schema};
use parquet::{
    arrow::arrow_reader::{
        ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader,
        ParquetRecordBatchReaderBuilder,
    },
    errors::ParquetError,
    file::{
        metadata::RowGroupMetaData,
        reader::{ChunkReader, Length},
    },
};
use sha2::{Digest, Sha256};

use crate::{
    data_file::{
        encode::BATCH_ROWS,
        footer::{fetch, read_footer},
    },
    error::{Error, Result},
    log::DataFile,
    storage::{digest::hex, remote::RemoteFile},
};

/// Files of at most this size are fetched as a whole.
const WHOLE_BYTES: u64 = 8 << 20;
/// Bytes at a file's end that are fetched first; they hold most footers.
const END_BYTES: u64 = 512 << 10;
/// Bytes of rows that are decoded at once, by what the row group says of itself.
const DECODED_BYTES: u64 = 1 << 20;
/// Fewest rows that are decoded at once.
const DECODED_ROWS: u64 = 16;

/// What a row group takes at most while it is read: conversions end them there.
const ROW_GROUP_BYTES: u64 = 64 << 20;
/// What decoding takes at most: pages, dictionaries and a batch.
const DECODING_BYTES: u64 = 24 << 20;
/// What an open file takes however small it is: each of its columns has a decompressor of its own.
const OPEN_BYTES: u64 = 5 << 20;

/// Returns how much memory reading a file takes, in bytes: an upper bound for files like ours.
pub(super) fn reading_bytes(file: &DataFile) -> u64 {
    let fetched =
        if file.bytes <= WHOLE_BYTES { file.bytes } else { file.bytes.min(ROW_GROUP_BYTES) };
    fetched + file.bytes.saturating_mul(8).min(DECODING_BYTES) + OPEN_BYTES
}

/// A data file whose rows are read.
pub(crate) struct RowReader {
    file: DataFile,
    remote: RemoteFile,
    metadata: ArrowReaderMetadata,
    /// For each column of the table, where it stands in the file.
    columns: Vec<Option<usize>>,
    fetched: Fetched,
    hash: Sha256,
    row_group: usize,
    batches: Option<ParquetRecordBatchReader>,
}

impl RowReader {
    pub(crate) fn open(file: &DataFile, remote: RemoteFile) -> Result<Self> {
        let mut hash = Sha256::new();
        let mut fetched = Fetched { start: 0, bytes: Bytes::new(), length: file.bytes };
        if file.bytes <= WHOLE_BYTES {
            fetched.bytes = fetch(&remote, &file.path, 0, file.bytes)?;
            hash.update(&fetched.bytes);
        }
        let metadata = read_metadata(file, &remote, &fetched)?;
        let columns = columns(metadata.schema()).map_err(|error| broken(&file.path, error))?;
        Ok(Self {
            file: file.clone(),
            remote,
            metadata,
            columns,
            fetched,
            hash,
            row_group: 0,
            batches: None,
        })
    }

    /// Returns the next rows, as [`arrow_schema`] has them; columns that the file lacks are NULL.
    pub(crate) fn next_batch(&mut self) -> Result<Option<RecordBatch>> {
        loop {
            if let Some(batch) = self.batches.as_mut().and_then(Iterator::next) {
                let batch = batch.and_then(|batch| self.current(&batch));
                return batch.map(Some).map_err(|error| broken(&self.file.path, error));
            }
            if self.row_group == self.metadata.metadata().num_row_groups() {
                self.fetch_to(self.file.bytes)?;
                return self.check().map(|()| None);
            }
            self.open_row_group()?;
        }
    }

    fn open_row_group(&mut self) -> Result<()> {
        // What the last one has decoded goes first.
        self.batches = None;
        let metadata = Arc::clone(self.metadata.metadata());
        let row_group = metadata.row_group(self.row_group);
        let ends = row_group.columns().iter().map(|column| {
            let (start, length) = column.byte_range();
            start + length
        });
        self.fetch_to(ends.max().unwrap_or_default().min(self.file.bytes))?;
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(
            self.fetched.clone(),
            self.metadata.clone(),
        );
        let batches = builder
            .with_row_groups(vec![self.row_group])
            .with_batch_size(decoded_rows(row_group))
            .build();
        self.batches = Some(batches.map_err(|error| broken(&self.file.path, error))?);
        self.row_group += 1;
        Ok(())
    }

    /// Fetches what follows, up to a place in the file.
    fn fetch_to(&mut self, end: u64) -> Result<()> {
        let start = self.fetched.end();
        if start < end {
            self.fetched.bytes = Bytes::new();
            let bytes = fetch(&self.remote, &self.file.path, start, end)?;
            self.hash.update(&bytes);
            self.fetched = Fetched { start, bytes, ..self.fetched };
        }
        Ok(())
    }

    fn check(&self) -> Result<()> {
        if hex(&self.hash.clone().finalize()) == self.file.sha256 {
            return Ok(());
        }
        Err(broken(&self.file.path, "its hash does not match the log"))
    }

    /// Orders the columns of a batch as the table does.
    fn current(&self, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let schema = arrow_schema();
        let columns = self.columns.iter().zip(schema.fields()).map(|(place, field)| match place {
            Some(place) => match (batch.column(*place), field.data_type()) {
                // Until version 3 of the column table instants were milliseconds.
                (column, kind @ DataType::Timestamp(..)) if column.data_type() != kind => {
                    cast(column, kind)
                }
                (column, _) => Ok(Arc::clone(column)),
            },
            None => Ok(new_null_array(field.data_type(), batch.num_rows())),
        });
        RecordBatch::try_new(Arc::clone(&schema), columns.collect::<Result<_, _>>()?)
    }
}

/// Says that a file cannot be rewritten.
pub(super) fn broken(
    path: &str,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> Error {
    Error::NotRewritten { path: path.to_owned(), source: source.into() }
}

fn read_metadata(
    file: &DataFile,
    remote: &RemoteFile,
    fetched: &Fetched,
) -> Result<ArrowReaderMetadata> {
    let parquet = |error: ParquetError| broken(&file.path, error);
    let mut end = fetched.bytes.clone();
    if end.is_empty() {
        end = fetch(remote, &file.path, file.bytes.saturating_sub(END_BYTES), file.bytes)?;
    }
    let metadata = read_footer(remote, &file.path, &mut end, parquet)?;
    ArrowReaderMetadata::try_new(Arc::new(metadata), ArrowReaderOptions::new()).map_err(parquet)
}

/// Finds the columns of the table in a file's schema.
fn columns(schema: &Schema) -> Result<Vec<Option<usize>>, String> {
    let is_known = |name: &String| COLUMNS.iter().any(|column| column.name == name.as_str());
    if let Some(field) = schema.fields().iter().find(|field| !is_known(field.name())) {
        return Err(format!("its column {} is unknown to this program", field.name()));
    }
    let place = |column: &ecstrail_converter::Column| schema.index_of(column.name).ok();
    Ok(COLUMNS.iter().map(place).collect())
}

/// Returns how many rows of a row group are decoded at once.
fn decoded_rows(row_group: &RowGroupMetaData) -> usize {
    let size = |number: i64| u64::try_from(number).unwrap_or_default().max(1);
    let row_bytes = (size(row_group.total_byte_size()) / size(row_group.num_rows())).max(1);
    let rows = (DECODED_BYTES / row_bytes).clamp(DECODED_ROWS, BATCH_ROWS as u64);
    usize::try_from(rows).unwrap_or(BATCH_ROWS)
}

/// Bytes of a file that are held in memory.
#[derive(Debug, Clone)]
struct Fetched {
    start: u64,
    bytes: Bytes,
    /// Bytes of the whole file.
    length: u64,
}

impl Fetched {
    fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }

    fn from(&self, start: u64) -> Result<Bytes, ParquetError> {
        let place = start.checked_sub(self.start).and_then(|place| usize::try_from(place).ok());
        let place = place.filter(|place| *place <= self.bytes.len());
        let outside = || ParquetError::EOF(format!("byte {start} is outside of its row group"));
        Ok(self.bytes.slice(place.ok_or_else(outside)?..))
    }
}

impl Length for Fetched {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Fetched {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(self.from(start)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        let bytes = self.from(start)?;
        if length > bytes.len() {
            let end = start + length as u64;
            return Err(ParquetError::EOF(format!("byte {end} is outside of its row group")));
        }
        Ok(bytes.slice(..length))
    }
}
