//! Rows of a batch of finished columns, by what orders them.

use arrow::{
    array::{
        Array, ArrayRef, ArrowPrimitiveType, AsArray, Int64Array, PrimitiveArray, RecordBatch,
        StringArray, TimestampMicrosecondArray,
    },
    datatypes::{Int64Type, TimestampMicrosecondType},
    error::ArrowError,
};
use ecstrail_converter::{RowKey, column_index};

use crate::data_file::merge::SortedBatch;

/// A batch of rows, with the columns that order them.
pub(super) struct Rows {
    pub(super) batch: RecordBatch,
    pub(super) event_time: TimestampMicrosecondArray,
    pub(super) event_id: StringArray,
    pub(super) record_hash: Int64Array,
    pub(super) recipient_account_id: StringArray,
    pub(super) source_file: StringArray,
    pub(super) index: Int64Array,
    pub(super) byte_offset: Int64Array,
    /// Bytes of a row in memory, on average.
    pub(super) row_bytes: usize,
}

impl Rows {
    pub(super) fn new(batch: RecordBatch) -> Result<Self, ArrowError> {
        Ok(Self {
            event_time: numbers::<TimestampMicrosecondType>(&batch, "event_time")?,
            event_id: texts(&batch, "event_id")?,
            record_hash: numbers::<Int64Type>(&batch, "record_hash")?,
            recipient_account_id: texts(&batch, "recipient_account_id")?,
            source_file: texts(&batch, "source_file")?,
            index: numbers::<Int64Type>(&batch, "source_record_index")?,
            byte_offset: numbers::<Int64Type>(&batch, "source_byte_offset")?,
            row_bytes: batch.get_array_memory_size() / batch.num_rows().max(1),
            batch,
        })
    }

    /// The sum of all hashes: equal for equal rows in any order, hardly ever for others.
    pub(super) fn hash_sum(&self) -> i64 {
        self.record_hash.values().iter().fold(0, |sum, hash| sum.wrapping_add(*hash))
    }
}

impl SortedBatch for Rows {
    type Key<'a> = RowKey<'a, &'a str>;

    fn rows(&self) -> usize {
        self.batch.num_rows()
    }

    fn key(&self, row: usize) -> Self::Key<'_> {
        let Self { event_time, event_id, recipient_account_id, .. } = self;
        RowKey {
            event_time: event_time.is_valid(row).then(|| event_time.value(row)),
            event_id: event_id.is_valid(row).then(|| event_id.value(row)),
            record_hash: self.record_hash.value(row),
            recipient_account_id: recipient_account_id
                .is_valid(row)
                .then(|| recipient_account_id.value(row)),
            source_file: self.source_file.value(row),
            index: self.index.value(row),
        }
    }
}

fn column<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef, ArrowError> {
    let missing = || ArrowError::SchemaError(format!("there is no column {name}"));
    column_index(name).and_then(|index| batch.columns().get(index)).ok_or_else(missing)
}

fn texts(batch: &RecordBatch, name: &str) -> Result<StringArray, ArrowError> {
    column(batch, name)?.as_string_opt::<i32>().cloned().ok_or_else(|| not_of_type(name))
}

fn numbers<T: ArrowPrimitiveType>(
    batch: &RecordBatch,
    name: &str,
) -> Result<PrimitiveArray<T>, ArrowError> {
    column(batch, name)?.as_primitive_opt::<T>().cloned().ok_or_else(|| not_of_type(name))
}

fn not_of_type(name: &str) -> ArrowError {
    ArrowError::SchemaError(format!("the column {name} has another type"))
}
