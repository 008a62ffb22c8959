//! The rows that a data file holds already, by the columns that tell duplicates: what a merge
//! compares new rows with. Row groups that cannot hold a new row are not read.

use std::{ops::Range, sync::Arc};

use arrow::{
    array::{
        Array, ArrayRef, Int32Array, Int64Array, RecordBatch, StringArray, UInt32Array,
        new_null_array,
    },
    compute::cast,
    datatypes::{DataType, TimeUnit},
    error::ArrowError,
};
use bytes::Bytes;
use ecstrail_converter::SelectedBatch;
use parquet::{
    DecodeResult,
    arrow::{
        ProjectionMask,
        push_decoder::{ParquetPushDecoder, ParquetPushDecoderBuilder},
    },
    bloom_filter::Sbbf,
    errors::ParquetError,
    file::metadata::RowGroupMetaData,
};

use crate::{
    data_file::footer::{fetch, read_footer},
    error::{Error, Result},
    log::DataFile,
    storage::remote::RemoteFile,
};

mod checked;
mod search;

pub(crate) use checked::CheckedFiles;
pub(crate) use search::{FEW_ROWS, NewRow, NewRows};
use search::{Search, Times};

/// The columns that tell duplicates, by their names in the column table.
const COLUMNS: [&str; 4] = ["event_time", "event_id", "record_hash", "recipient_account_id"];
/// The unit of selected rows.
const MILLISECONDS: DataType = DataType::Timestamp(TimeUnit::Millisecond, None);
/// Bytes at a file's end that are fetched first; they hold most footers, and small files whole.
const END_BYTES: u64 = 256 << 10;

/// Rows of one data file, in their order.
pub(crate) struct ExistingRows {
    file: FetchedEnd,
    decoder: ParquetPushDecoder,
}

impl ExistingRows {
    /// Opens a data file; every row of it that equals a new one will be there. `None` says that
    /// there is none.
    ///
    /// # Errors
    /// Those of [`CheckedFiles::check`]; [`Error::Parquet`] if it is no Parquet that we write.
    pub(crate) fn open(
        committed: &DataFile,
        file: RemoteFile,
        new: &NewRows,
        checked: &CheckedFiles,
    ) -> Result<Option<Self>> {
        let path = file.path.to_string();
        let parquet = |source| Error::Parquet { path: path.clone(), source };
        let start = file.bytes.saturating_sub(END_BYTES);
        let fetched = fetch(&file, &path, start, file.bytes);
        let mut end = fetched.map_err(|error| match file.size() {
            Ok(size) if size != file.bytes => Error::NotCommitted { path: committed.path.clone() },
            _ => error,
        })?;
        if end.len() as u64 != file.bytes - start {
            return Err(Error::NotCommitted { path: committed.path.clone() });
        }
        checked.check(committed, &file, &end)?;
        let metadata = read_footer(&file, &path, &mut end, parquet)?;
        let file = FetchedEnd { remote: file, end };
        let mut row_groups = Vec::new();
        for (number, row_group) in metadata.row_groups().iter().enumerate() {
            if file.may_hold(row_group, new).map_err(parquet)? {
                row_groups.push(number);
            }
        }
        if row_groups.is_empty() {
            return Ok(None);
        }
        let builder =
            ParquetPushDecoderBuilder::try_new_decoder(Arc::new(metadata)).map_err(parquet)?;
        let mask = ProjectionMask::columns(builder.parquet_schema(), COLUMNS);
        let decoder = builder.with_projection(mask).with_row_groups(row_groups).build();
        Ok(Some(Self { decoder: decoder.map_err(parquet)?, file }))
    }

    pub(crate) fn next_batch(&mut self) -> Result<Option<Arc<SelectedBatch>>> {
        let path = || self.file.remote.path.to_string();
        let parquet = |source| Error::Parquet { path: path(), source };
        loop {
            match self.decoder.try_decode().map_err(parquet)? {
                DecodeResult::NeedsData(ranges) => {
                    let fetched = self.file.ranges(&ranges).map_err(parquet)?;
                    // Hundreds of small files may be open.
                    self.file.end = Bytes::new();
                    self.decoder.push_ranges(ranges, fetched).map_err(parquet)?;
                }
                DecodeResult::Data(batch) => {
                    let arrow = |source| Error::Arrow { what: path(), source };
                    return selected(&batch).map(|batch| Some(Arc::new(batch))).map_err(arrow);
                }
                DecodeResult::Finished => return Ok(None),
            }
        }
    }
}

/// A data file whose last bytes are there.
struct FetchedEnd {
    remote: RemoteFile,
    end: Bytes,
}

impl FetchedEnd {
    fn may_hold(&self, row_group: &RowGroupMetaData, new: &NewRows) -> Result<bool, ParquetError> {
        let ids = match new.search(&Times::of_row_group(row_group)) {
            Search::Needless => return Ok(false),
            Search::Rows => return Ok(true),
            Search::Ids(ids) => ids,
        };
        let Some(filter) = self.event_id_filter(row_group)? else { return Ok(true) };
        Ok(ids.iter().any(|id| filter.check(*id)))
    }

    /// Reads the bloom filter over a row group's `event_id`.
    fn event_id_filter(&self, row_group: &RowGroupMetaData) -> Result<Option<Sbbf>, ParquetError> {
        let mut columns = row_group.columns().iter();
        let column = columns.find(|column| column.column_path().string() == "event_id");
        let place = column.and_then(|column| {
            let start = u64::try_from(column.bloom_filter_offset()?).ok()?;
            let bytes = u64::try_from(column.bloom_filter_length()?).ok()?;
            Some((start, start.checked_add(bytes)?))
        });
        let Some((start, end)) = place else { return Ok(None) };
        let fetched = self.ranges(std::slice::from_ref(&(start..end)))?;
        fetched.first().map(|bytes| Sbbf::from_bytes(bytes)).transpose()
    }

    /// Fetches ranges, unless they are all there.
    fn ranges(&self, ranges: &[Range<u64>]) -> Result<Vec<Bytes>, ParquetError> {
        let start = self.remote.bytes - self.end.len() as u64;
        let place = |at: u64| usize::try_from(at.checked_sub(start)?).ok();
        let there = ranges.iter().map(|range| {
            let range = place(range.start)?..place(range.end)?;
            self.end.get(range).map(Bytes::copy_from_slice)
        });
        match there.collect() {
            Some(there) => Ok(there),
            None => self.remote.ranges(ranges).map_err(external),
        }
    }
}

fn external(error: object_store::Error) -> ParquetError {
    ParquetError::External(error.into())
}

/// Places committed rows before every new row that equals them: `index` is -1.
fn selected(batch: &RecordBatch) -> Result<SelectedBatch, ArrowError> {
    let rows = batch.num_rows();
    let column = |name: &str, kind: &DataType| match batch.column_by_name(name) {
        Some(column) => cast(column, kind),
        None => Ok(new_null_array(kind, rows)),
    };
    let empty: ArrayRef = Arc::new(StringArray::from(vec![""; rows]));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int32Array::from(vec![0; rows])),
        Arc::clone(&empty),
        cast(&column("event_time", &MILLISECONDS)?, &DataType::Int64)?,
        column("event_id", &DataType::Utf8)?,
        column("record_hash", &DataType::Int64)?,
        Arc::new(UInt32Array::from(vec![0; rows])),
        Arc::new(Int64Array::from(vec![-1; rows])),
        Arc::new(Int64Array::from(vec![0; rows])),
        column("recipient_account_id", &DataType::Utf8)?,
        empty,
    ];
    debug_assert!(columns.iter().all(|column| column.len() == rows));
    SelectedBatch::try_new(RecordBatch::try_new(SelectedBatch::schema(), columns)?)
}

#[cfg(test)]
mod tests;
