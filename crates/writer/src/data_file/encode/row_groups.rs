//! Encodes batches as row groups of a Parquet file whose pages have checksums.

use std::{io::Write, mem, sync::Arc};

use arrow::array::RecordBatch;
use ecstrail_converter::arrow_schema;
use parquet::{
    arrow::{
        ArrowWriter,
        arrow_writer::{
            ArrowColumnWriter, ArrowRowGroupWriterFactory, ArrowWriterOptions, compute_leaves,
        },
    },
    errors::{ParquetError, Result},
    file::{
        metadata::RowGroupMetaData, properties::WriterProperties, writer::SerializedFileWriter,
    },
};

use super::{
    checked_ranges::{KeptEnd, checked_ranges},
    page_checksum::{ColumnPages, RowGroupPages},
};
use crate::log::CheckedRange;

/// A Parquet file that is being written.
pub(super) struct RowGroups<W: Write + Send> {
    file: SerializedFileWriter<KeptEnd<W>>,
    factory: ArrowRowGroupWriterFactory,
    pages: Arc<RowGroupPages>,
    /// Of the row group that is being encoded: a writer per leaf of the schema, and its pages.
    columns: Vec<(ArrowColumnWriter, ColumnPages)>,
    rows: usize,
    most_rows: usize,
}

/// A file with all its row groups.
pub(super) struct FinishedFile<W> {
    /// Rows, as the row groups say.
    pub(super) rows: u64,
    pub(super) checked: Vec<CheckedRange>,
    pub(super) sink: W,
}

impl<W: Write + Send> RowGroups<W> {
    pub(super) fn begin(sink: W, properties: WriterProperties) -> Result<Self> {
        let most_rows = properties.max_row_group_row_count().unwrap_or(usize::MAX);
        let pages = Arc::new(RowGroupPages::default());
        // The Parquet types say everything about our columns; the Arrow schema as text would be a
        // quarter of a small file.
        let options = ArrowWriterOptions::new()
            .with_properties(properties)
            .with_skip_arrow_metadata(true)
            .with_page_store_factory(Arc::clone(&pages) as _);
        let writer =
            ArrowWriter::try_new_with_options(KeptEnd::new(sink), arrow_schema(), options)?;
        let (file, factory) = writer.into_serialized_writer()?;
        Ok(Self { file, factory, pages, columns: Vec::new(), rows: 0, most_rows })
    }

    /// Adds rows, in as many row groups as it takes.
    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        let mut written = 0;
        while written < batch.num_rows() {
            let rows = (batch.num_rows() - written).min(self.most_rows - self.rows);
            self.encode(&batch.slice(written, rows))?;
            written += rows;
            self.rows += rows;
            if self.rows >= self.most_rows {
                self.flush()?;
            }
        }
        Ok(())
    }

    fn encode(&mut self, batch: &RecordBatch) -> Result<()> {
        if self.columns.is_empty() {
            let writers =
                self.factory.create_column_writers(self.file.flushed_row_groups().len())?;
            self.columns = writers.into_iter().zip(self.pages.take()).collect();
        }
        let mut columns = self.columns.iter_mut();
        for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
            for leaf in compute_leaves(field, array)? {
                let (writer, _) = columns.next().ok_or_else(|| {
                    ParquetError::General("a column has more leaves than its schema".to_owned())
                })?;
                writer.write(&leaf)?;
            }
        }
        Ok(())
    }

    /// Ends the row group, if it has rows.
    pub(super) fn flush(&mut self) -> Result<()> {
        if self.columns.is_empty() {
            return Ok(());
        }
        let mut row_group = self.file.next_row_group()?;
        for (writer, pages) in mem::take(&mut self.columns) {
            let (chunk, closed) = pages.finish(writer.close()?.close())?;
            row_group.append_column(&chunk, closed)?;
        }
        row_group.close()?;
        self.rows = 0;
        Ok(())
    }

    /// Bytes that the row group in progress would have now.
    pub(super) fn in_progress_bytes(&self) -> usize {
        self.columns.iter().map(|(writer, _)| writer.get_estimated_total_bytes()).sum()
    }

    /// Bytes of memory that the row group in progress takes.
    pub(super) fn memory_bytes(&self) -> usize {
        self.columns.iter().map(|(writer, _)| writer.memory_size()).sum()
    }

    /// Bytes of the row groups that have ended.
    pub(super) fn bytes_written(&self) -> usize {
        self.file.bytes_written()
    }

    /// Ends the file.
    pub(super) fn finish(mut self) -> Result<FinishedFile<W>> {
        self.flush()?;
        self.file.flush()?;
        let start = self.file.bytes_written() as u64;
        self.file.inner_mut().begin();
        let metadata = self.file.finish()?;
        let (end, sink) = self.file.inner_mut().end();
        let sink = sink.ok_or_else(|| ParquetError::General("the file has ended".to_owned()))?;
        let rows: i64 = metadata.row_groups().iter().map(RowGroupMetaData::num_rows).sum();
        let rows = u64::try_from(rows).unwrap_or_default();
        Ok(FinishedFile { rows, checked: checked_ranges(&metadata, start, &end)?, sink })
    }
}

#[cfg(test)]
mod tests {
    use arrow::{
        array::{ArrayRef, Int64Array, StringArray, TimestampMicrosecondArray, new_null_array},
        datatypes::{DataType, Field},
    };
    use bytes::Bytes;
    use ecstrail_converter::column_index;
    use parquet::{
        arrow::arrow_reader::{ArrowReaderOptions, ParquetRecordBatchReaderBuilder},
        file::metadata::{ColumnChunkMetaData, PageIndexPolicy},
    };

    use super::*;
    use crate::data_file::properties::writer_properties;

    /// Returns rows with texts that repeat, texts that do not, and NULL.
    fn rows(count: usize) -> RecordBatch {
        let schema = arrow_schema();
        let fields = schema.fields().iter();
        let column = |field: &Arc<Field>| -> ArrayRef {
            match field.data_type() {
                kind if field.is_nullable() => new_null_array(kind, count),
                DataType::Int64 => Arc::new(Int64Array::from_iter_values((0..).take(count))),
                _ => Arc::new(StringArray::from(vec!["text"; count])),
            }
        };
        let mut columns: Vec<ArrayRef> = fields.map(column).collect();
        let mut set = |name: &str, array: ArrayRef| columns[column_index(name).unwrap()] = array;
        let text = |text: &dyn Fn(usize) -> String| -> ArrayRef {
            Arc::new((0..count).map(|row| Some(text(row))).collect::<StringArray>())
        };
        set("event_id", text(&|row| format!("{:032x}", row * 7919)));
        set("event_name", text(&|row| format!("Operation{}", row % 17)));
        set("aws_region", text(&|_| "us-east-1".to_owned()));
        let times = TimestampMicrosecondArray::from_iter_values((0..).take(count));
        set("event_time", Arc::new(times.with_timezone("UTC")));
        RecordBatch::try_new(schema, columns).unwrap()
    }

    fn written(batch: &RecordBatch, row_group_rows: usize) -> Bytes {
        let properties = writer_properties(row_group_rows, 1).unwrap();
        let mut file = RowGroups::begin(Vec::new(), properties).unwrap();
        for start in (0..batch.num_rows()).step_by(1000) {
            file.write(&batch.slice(start, 1000.min(batch.num_rows() - start))).unwrap();
            assert!(file.in_progress_bytes() <= file.memory_bytes());
        }
        let FinishedFile { rows, checked, sink: bytes } = file.finish().unwrap();
        assert_eq!(rows, batch.num_rows() as u64);
        // Three bloom filters for each row group, the indexes and the footer.
        assert_eq!(checked.len(), 3 * batch.num_rows().div_ceil(row_group_rows) + 2);
        let mut end = checked[0].range().unwrap().start;
        for checked in checked {
            let range = checked.range().unwrap();
            assert_eq!(range.start, end, "nothing is between them");
            end = range.end;
            let bytes = &bytes[usize::try_from(range.start).unwrap()..]
                [..usize::try_from(end - range.start).unwrap()];
            assert!(checked.matches(bytes));
        }
        assert_eq!(end, bytes.len() as u64);
        bytes.into()
    }

    fn read(bytes: &Bytes) -> Result<Vec<RecordBatch>> {
        let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Required);
        let reader = ParquetRecordBatchReaderBuilder::try_new_with_options(bytes.clone(), options)?;
        Ok(reader.with_batch_size(4096).build()?.collect::<std::result::Result<_, _>>()?)
    }

    #[test]
    fn all_pages_have_checksums_and_stand_where_the_indexes_say() {
        let batch = rows(20_000);
        let bytes = written(&batch, 12_000);
        let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Required);
        let reader =
            ParquetRecordBatchReaderBuilder::try_new_with_options(bytes.clone(), options).unwrap();
        let metadata = reader.metadata();
        assert_eq!(metadata.num_row_groups(), 2);
        let mut pages = 0;
        for (group, offsets) in metadata.row_groups().iter().zip(metadata.offset_index().unwrap()) {
            for (column, offsets) in group.columns().iter().zip(offsets) {
                let (start, length) = column.byte_range();
                let mut place = start;
                let first = column.dictionary_page_offset().unwrap_or(column.data_page_offset());
                assert_eq!(u64::try_from(first).unwrap(), start);
                if column.dictionary_page_offset().is_some() {
                    place = u64::try_from(column.data_page_offset()).unwrap();
                    pages += 1;
                }
                for page in offsets.page_locations() {
                    assert_eq!(u64::try_from(page.offset).unwrap(), place);
                    place += u64::try_from(page.compressed_page_size).unwrap();
                    pages += 1;
                }
                assert_eq!(place, start + length);
            }
        }
        assert!(pages > 2 * batch.num_columns(), "{pages}");
        let read = read(&bytes).unwrap();
        let read = arrow::compute::concat_batches(&read[0].schema(), &read).unwrap();
        assert_eq!(read.columns(), batch.columns());
    }

    #[test]
    fn a_changed_byte_of_a_page_is_an_error() {
        let bytes = written(&rows(3000), 12_000);
        let end = {
            let reader = ParquetRecordBatchReaderBuilder::try_new(bytes.clone()).unwrap();
            let columns = reader.metadata().row_group(0).columns();
            let ends = columns.iter().map(ColumnChunkMetaData::byte_range);
            ends.map(|(start, length)| start + length).max().unwrap()
        };
        // Headers are changed as well, and a few of their members mean nothing to a reader.
        let expected = read(&bytes).unwrap();
        let (mut found, mut unnoticed) = (0, 0);
        for place in (4..usize::try_from(end).unwrap()).step_by(97) {
            let mut changed = bytes.to_vec();
            changed[place] ^= 0x04;
            match read(&changed.into()) {
                Err(_) => found += 1,
                Ok(rows) => {
                    assert_eq!(rows, expected, "{place}");
                    unnoticed += 1;
                }
            }
        }
        assert!(found > 300 && unnoticed * 10 < found, "{found} found, {unnoticed} not");
    }
}
