//! Statistics of files and of the table for the query engine: rows are counted exactly, bounds of
//! texts are only hints.

use arrow::datatypes::{FieldRef, Schema};
use datafusion::{
    common::{ColumnStatistics, Statistics, stats::Precision},
    scalar::ScalarValue,
};
use ecstrail_converter::PartitionKey;
use ecstrail_writer::DataFile;

use super::bounds::{FileBounds, micros};

/// Day and region, which the engine adds to the statistics of a file.
const PARTITION_COLUMNS: usize = 2;

/// Statistics of one file's columns, without the partition columns.
pub(super) fn of_file(file: &DataFile, columns: &Schema) -> Statistics {
    let of_column = |field: &FieldRef| match field.name().as_str() {
        "event_time" => times(&[file].into_iter()),
        "event_name" => texts(file.event_name.as_ref()),
        "cluster_name" => texts(file.cluster_name.as_ref()),
        _ => ColumnStatistics::new_unknown(),
    };
    let mut column_statistics = Vec::with_capacity(columns.fields().len() + PARTITION_COLUMNS);
    column_statistics.extend(columns.fields().iter().map(of_column));
    Statistics {
        num_rows: Precision::Exact(count(file.rows)),
        total_byte_size: Precision::Inexact(count(file.bytes)),
        column_statistics,
    }
}

/// Statistics of some files together, with the partition columns.
pub(super) fn of_table(
    files: &[DataFile],
    bounds: &FileBounds,
    kept: &[usize],
    columns: &Schema,
) -> Statistics {
    let chosen = || kept.iter().map(|&number| &files[number]);
    let of_column = |field: &FieldRef| match field.name().as_str() {
        "event_time" => times(&chosen()),
        _ => ColumnStatistics::new_unknown(),
    };
    let mut columns: Vec<_> = columns.fields().iter().map(of_column).collect();
    let keys = || kept.iter().map(|&number| bounds.key(number));
    let partition = |smallest, largest| ColumnStatistics {
        null_count: Precision::Exact(0),
        min_value: Precision::Exact(smallest),
        max_value: Precision::Exact(largest),
        ..ColumnStatistics::new_unknown()
    };
    let day = ScalarValue::Date32;
    let region = |region: Option<&String>| ScalarValue::Utf8(region.cloned());
    let days = || keys().map(PartitionKey::day);
    let regions = || keys().map(|key| &key.region);
    columns.push(partition(day(days().min()), day(days().max())));
    columns.push(partition(region(regions().min()), region(regions().max())));
    Statistics {
        num_rows: Precision::Exact(count(chosen().map(|file| file.rows).sum())),
        total_byte_size: Precision::Inexact(count(chosen().map(|file| file.bytes).sum())),
        column_statistics: columns,
    }
}

fn times<'a>(files: &(impl Iterator<Item = &'a DataFile> + Clone)) -> ColumnStatistics {
    let known =
        files.clone().all(|file| file.event_time.is_some() || file.rows_without_time == file.rows);
    let instant = |time: Option<i64>| {
        let value = ScalarValue::TimestampMicrosecond(time.map(micros), Some("UTC".into()));
        if known { Precision::Exact(value) } else { Precision::Absent }
    };
    let bounds = || files.clone().filter_map(|file| file.event_time);
    ColumnStatistics {
        null_count: Precision::Exact(count(files.clone().map(|file| file.rows_without_time).sum())),
        min_value: instant(bounds().map(|(smallest, _)| smallest).min()),
        max_value: instant(bounds().map(|(_, largest)| largest).max()),
        ..ColumnStatistics::new_unknown()
    }
}

fn texts(bounds: Option<&(String, String)>) -> ColumnStatistics {
    let hint = |text: Option<&String>| {
        text.map_or(Precision::Absent, |text| {
            Precision::Inexact(ScalarValue::Utf8(Some(text.clone())))
        })
    };
    ColumnStatistics {
        min_value: hint(bounds.map(|(smallest, _)| smallest)),
        max_value: hint(bounds.map(|(_, largest)| largest)),
        ..ColumnStatistics::new_unknown()
    }
}

fn count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
