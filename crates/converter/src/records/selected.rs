//! Selected records: the text of a record with what is needed to order it, to partition it and to
//! tell it from its duplicates.
//!
//! The external sort works on these ten columns, not on finished rows: that takes less memory, and
//! a duplicate is dropped before it is flattened.

use std::sync::Arc;

use arrow::{
    array::{
        Array, ArrayBuilder, ArrayRef, AsArray, Int32Array, Int32Builder, Int64Array, Int64Builder,
        RecordBatch, StringArray, StringBuilder, UInt32Array, UInt32Builder,
    },
    datatypes::{DataType, Field, Int32Type, Int64Type, Schema, UInt32Type},
    error::ArrowError,
};

use super::RowKey;

/// A selected record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SelectedRow<'a> {
    /// UTC day of the partition, in days since 1970-01-01.
    pub day: i32,
    /// Region of the partition.
    pub region: &'a str,
    /// `eventTime` in milliseconds since 1970-01-01T00:00:00Z, if it can be read.
    pub event_time: Option<i64>,
    /// `eventID`.
    pub event_id: Option<&'a str>,
    /// Hash of the record's canonical text.
    pub record_hash: i64,
    /// Number of the log file in the run's order of names.
    pub source_file: u32,
    /// 0-based position among the file's records.
    pub index: i64,
    /// Offset of the record in the decompressed file.
    pub byte_offset: i64,
    /// `recipientAccountId`.
    pub recipient_account_id: Option<&'a str>,
    /// The record, without white space between its tokens.
    pub record: &'a str,
}

/// A batch of selected records.
#[derive(Debug, Clone)]
pub struct SelectedBatch {
    batch: RecordBatch,
    day: Int32Array,
    region: StringArray,
    event_time: Int64Array,
    event_id: StringArray,
    record_hash: Int64Array,
    source_file: UInt32Array,
    index: Int64Array,
    byte_offset: Int64Array,
    recipient_account_id: StringArray,
    record: StringArray,
}

impl SelectedBatch {
    /// The schema of [`batch`](Self::batch).
    pub fn schema() -> Arc<Schema> {
        let field = |name, kind, nullable| Field::new(name, kind, nullable);
        Arc::new(Schema::new(vec![
            field("day", DataType::Int32, false),
            field("region", DataType::Utf8, false),
            field("event_time", DataType::Int64, true),
            field("event_id", DataType::Utf8, true),
            field("record_hash", DataType::Int64, false),
            field("source_file", DataType::UInt32, false),
            field("index", DataType::Int64, false),
            field("byte_offset", DataType::Int64, false),
            field("recipient_account_id", DataType::Utf8, true),
            field("record", DataType::Utf8, false),
        ]))
    }

    /// Takes a batch of [`schema`](Self::schema), as read back from a spilled run.
    pub fn try_new(batch: RecordBatch) -> Result<Self, ArrowError> {
        if batch.schema().fields() != Self::schema().fields() {
            return Err(ArrowError::SchemaError("not a batch of selected records".to_owned()));
        }
        let column = |number: usize| batch.column(number);
        Ok(Self {
            day: column(0).as_primitive::<Int32Type>().clone(),
            region: column(1).as_string().clone(),
            event_time: column(2).as_primitive::<Int64Type>().clone(),
            event_id: column(3).as_string().clone(),
            record_hash: column(4).as_primitive::<Int64Type>().clone(),
            source_file: column(5).as_primitive::<UInt32Type>().clone(),
            index: column(6).as_primitive::<Int64Type>().clone(),
            byte_offset: column(7).as_primitive::<Int64Type>().clone(),
            recipient_account_id: column(8).as_string().clone(),
            record: column(9).as_string().clone(),
            batch,
        })
    }

    /// The batch as Arrow columns.
    pub fn batch(&self) -> &RecordBatch {
        &self.batch
    }

    /// Bytes held in memory.
    pub fn memory_bytes(&self) -> usize {
        self.batch.get_array_memory_size()
    }

    /// Number of records.
    pub fn rows(&self) -> usize {
        self.batch.num_rows()
    }

    /// Returns day and region of a record's partition; panics if there is no such row.
    pub fn partition(&self, row: usize) -> (i32, &str) {
        (self.day.value(row), self.region.value(row))
    }

    /// Returns what orders a record in its partition; panics if there is no such row.
    pub fn key(&self, row: usize) -> RowKey<'_, u32> {
        RowKey {
            event_time: self.event_time.is_valid(row).then(|| self.event_time.value(row)),
            event_id: self.event_id.is_valid(row).then(|| self.event_id.value(row)),
            record_hash: self.record_hash.value(row),
            recipient_account_id: self
                .recipient_account_id
                .is_valid(row)
                .then(|| self.recipient_account_id.value(row)),
            source_file: self.source_file.value(row),
            index: self.index.value(row),
        }
    }

    /// Returns one record; panics if there is no such row.
    pub fn row(&self, row: usize) -> SelectedRow<'_> {
        let (day, region) = self.partition(row);
        let key = self.key(row);
        SelectedRow {
            day,
            region,
            event_time: key.event_time,
            event_id: key.event_id,
            record_hash: key.record_hash,
            source_file: key.source_file,
            index: key.index,
            byte_offset: self.byte_offset.value(row),
            recipient_account_id: key.recipient_account_id,
            record: self.record.value(row),
        }
    }
}

/// Collects selected records into batches.
#[derive(Debug, Default)]
pub struct SelectedBuilder {
    day: Int32Builder,
    region: StringBuilder,
    event_time: Int64Builder,
    event_id: StringBuilder,
    record_hash: Int64Builder,
    source_file: UInt32Builder,
    index: Int64Builder,
    byte_offset: Int64Builder,
    recipient_account_id: StringBuilder,
    record: StringBuilder,
}

impl SelectedBuilder {
    /// Adds a record.
    pub fn push(&mut self, row: &SelectedRow<'_>) {
        self.day.append_value(row.day);
        self.region.append_value(row.region);
        self.event_time.append_option(row.event_time);
        self.event_id.append_option(row.event_id);
        self.record_hash.append_value(row.record_hash);
        self.source_file.append_value(row.source_file);
        self.index.append_value(row.index);
        self.byte_offset.append_value(row.byte_offset);
        self.recipient_account_id.append_option(row.recipient_account_id);
        self.record.append_value(row.record);
    }

    /// Number of records collected so far.
    pub fn rows(&self) -> usize {
        self.record.len()
    }

    /// Bytes of record text collected so far.
    pub fn text_bytes(&self) -> usize {
        self.record.values_slice().len()
    }

    /// Takes what was collected.
    ///
    /// Records get room for as many again and a few more: a builder that grows copies what it has, and
    /// takes twice the memory.
    pub fn finish(&mut self) -> SelectedBatch {
        let (rows, bytes) = (self.rows(), self.text_bytes());
        let columns: Vec<ArrayRef> = vec![
            Arc::new(self.day.finish()),
            Arc::new(self.region.finish()),
            Arc::new(self.event_time.finish()),
            Arc::new(self.event_id.finish()),
            Arc::new(self.record_hash.finish()),
            Arc::new(self.source_file.finish()),
            Arc::new(self.index.finish()),
            Arc::new(self.byte_offset.finish()),
            Arc::new(self.recipient_account_id.finish()),
            Arc::new(self.record.finish()),
        ];
        self.record = StringBuilder::with_capacity(rows + rows / 8, bytes + bytes / 8);
        RecordBatch::try_new(SelectedBatch::schema(), columns)
            .and_then(SelectedBatch::try_new)
            .expect("the builders stand in the order of the schema")
    }
}
