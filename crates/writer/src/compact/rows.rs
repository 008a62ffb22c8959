//! Rows of a batch of finished columns, by what orders them.

use arrow::{
    array::{
        Array, ArrayRef, ArrowPrimitiveType, AsArray, Int64Array, PrimitiveArray, RecordBatch,
        StringArray, TimestampMicrosecondArray,
    },
    datatypes::{Int64Type, TimestampMicrosecondType},
    error::ArrowError,
};
use ecstrail_converter::column_index;

/// What orders the rows of a partition, as
/// [`SelectedRow::order_in_partition`](ecstrail_converter::SelectedRow::order_in_partition) does:
/// instant, `event_id`, hash, account, log file, index.
pub(super) type RowOrder<'a> = (Option<i64>, Option<&'a str>, i64, Option<&'a str>, &'a str, i64);

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

    pub(super) fn order(&self, row: usize) -> RowOrder<'_> {
        let text = |column: &'_ StringArray| column.is_valid(row).then_some(());
        (
            self.event_time.is_valid(row).then(|| self.event_time.value(row)),
            text(&self.event_id).map(|()| self.event_id.value(row)),
            self.record_hash.value(row),
            text(&self.recipient_account_id).map(|()| self.recipient_account_id.value(row)),
            self.source_file.value(row),
            self.index.value(row),
        )
    }

    /// The sum of all hashes: equal for equal rows in any order, hardly ever for others.
    pub(super) fn hash_sum(&self) -> i64 {
        self.record_hash.values().iter().fold(0, |sum, hash| sum.wrapping_add(*hash))
    }
}

fn column<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a ArrayRef, ArrowError> {
    let missing = || ArrowError::SchemaError(format!("there is no column {name}"));
    column_index(name).and_then(|place| batch.columns().get(place)).ok_or_else(missing)
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
