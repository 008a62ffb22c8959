//! What the log knows of every data file, as Arrow columns with one row a file: all files are
//! judged at once, without opening any.

use std::{collections::HashSet, sync::Arc};

use arrow::{
    array::{
        ArrayRef, BooleanArray, Date32Array, RecordBatch, StringArray, TimestampMicrosecondArray,
        UInt64Array,
    },
    datatypes::{DataType, Field, Schema},
    error::ArrowError,
};
use datafusion::{
    common::{Column, pruning::PruningStatistics},
    scalar::ScalarValue,
};
use ecstrail_converter::{MICROS_PER_MILLI, PartitionKey};
use ecstrail_writer::DataFile;

use super::{DATE, REGION};

/// Smallest and largest value of a column in each file, NULL where it is not known.
#[derive(Debug)]
struct ColumnBounds {
    column: &'static str,
    smallest: ArrayRef,
    largest: ArrayRef,
    /// Rows without a value in each file, if that is known.
    nulls: Option<ArrayRef>,
}

/// The partition and the bounds of each file.
#[derive(Debug)]
pub(super) struct FileBounds {
    keys: Vec<PartitionKey>,
    rows: ArrayRef,
    columns: Vec<ColumnBounds>,
}

impl FileBounds {
    pub(super) fn of(files: &[DataFile]) -> ecstrail_writer::Result<Self> {
        let keys = files.iter().map(DataFile::key).collect::<Result<Vec<_>, _>>()?;
        let counts = |count: fn(&DataFile) -> u64| -> ArrayRef {
            Arc::new(UInt64Array::from_iter_values(files.iter().map(count)))
        };
        let none = || counts(|_| 0);
        let same = |column, values: ArrayRef, nulls| ColumnBounds {
            column,
            smallest: Arc::clone(&values),
            largest: values,
            nulls: Some(nulls),
        };
        let times = |bound: fn(&(i64, i64)) -> i64| -> ArrayRef {
            let values = files.iter().map(|file| file.event_time.as_ref().map(bound).map(micros));
            Arc::new(values.collect::<TimestampMicrosecondArray>().with_timezone("UTC"))
        };
        let texts = |column, bounds: fn(&DataFile) -> Option<&(String, String)>| {
            let smallest = files.iter().map(|file| bounds(file).map(|(smallest, _)| smallest));
            let largest = files.iter().map(|file| bounds(file).map(|(_, largest)| largest));
            ColumnBounds {
                column,
                smallest: Arc::new(smallest.collect::<StringArray>()),
                largest: Arc::new(largest.collect::<StringArray>()),
                nulls: None,
            }
        };
        let regions = || keys.iter().map(|key| key.region.as_str());
        let columns = vec![
            same(DATE, Arc::new(Date32Array::from_iter_values(days(&keys))), none()),
            same(REGION, Arc::new(StringArray::from_iter_values(regions())), none()),
            ColumnBounds {
                column: "event_time",
                smallest: times(|(smallest, _)| *smallest),
                largest: times(|(_, largest)| *largest),
                nulls: Some(counts(|file| file.rows_without_time)),
            },
            texts("event_name", |file| file.event_name.as_ref()),
            texts("cluster_name", |file| file.cluster_name.as_ref()),
        ];
        Ok(Self { rows: counts(|file| file.rows), columns, keys })
    }

    pub(super) fn files(&self) -> usize {
        self.keys.len()
    }

    pub(super) fn key(&self, number: usize) -> &PartitionKey {
        &self.keys[number]
    }

    /// The values of `date` and `region` in a file.
    pub(super) fn partition_values(&self, number: usize) -> Vec<ScalarValue> {
        let key = &self.keys[number];
        vec![ScalarValue::Date32(Some(key.day())), ScalarValue::Utf8(Some(key.region.clone()))]
    }

    pub(super) fn partition_schema() -> Schema {
        Schema::new(vec![
            Field::new(DATE, DataType::Date32, false),
            Field::new(REGION, DataType::Utf8, false),
        ])
    }

    /// `date` and `region`, one row a file.
    pub(super) fn partitions(&self) -> Result<RecordBatch, ArrowError> {
        let columns = self.columns[..2].iter().map(|bounds| Arc::clone(&bounds.smallest));
        RecordBatch::try_new(Arc::new(Self::partition_schema()), columns.collect())
    }

    fn column(&self, column: &Column) -> Option<&ColumnBounds> {
        self.columns.iter().find(|bounds| bounds.column == column.name)
    }
}

/// The log counts instants in milliseconds, the table in microseconds.
pub(super) fn micros(millis: i64) -> i64 {
    millis.saturating_mul(MICROS_PER_MILLI)
}

fn days(keys: &[PartitionKey]) -> impl Iterator<Item = i32> {
    keys.iter().map(PartitionKey::day)
}

impl PruningStatistics for FileBounds {
    fn min_values(&self, column: &Column) -> Option<ArrayRef> {
        self.column(column).map(|bounds| Arc::clone(&bounds.smallest))
    }

    fn max_values(&self, column: &Column) -> Option<ArrayRef> {
        self.column(column).map(|bounds| Arc::clone(&bounds.largest))
    }

    fn num_containers(&self) -> usize {
        self.files()
    }

    fn null_counts(&self, column: &Column) -> Option<ArrayRef> {
        self.column(column)?.nulls.as_ref().map(Arc::clone)
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        Some(Arc::clone(&self.rows))
    }

    fn contained(&self, _: &Column, _: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}
