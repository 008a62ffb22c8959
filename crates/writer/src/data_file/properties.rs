//! How columns are stored in Parquet.

use ecstrail_converter::{COLUMNS, Kind, Rule};
use parquet::{
    basic::{Compression, Encoding, ZstdLevel},
    errors::ParquetError,
    file::{
        metadata::{KeyValue, SortingColumn},
        properties::{BloomFilterPosition, EnabledStatistics, WriterProperties, WriterVersion},
    },
    schema::types::ColumnPath,
};

use crate::log::description::tool;

/// Columns that are looked up by one value; a bloom filter skips row groups that lack it.
const LOOKED_UP: [&str; 3] = ["event_id", "request_id", "user_identity_access_key_id"];

/// Columns whose values hardly ever repeat, so that a dictionary only costs.
const UNIQUE: [&str; 2] = ["event_id", "request_id"];

const ZSTD_LEVEL: i32 = 3;
const BLOOM_FILTER_FALSE_POSITIVES: f64 = 0.01;
/// Rows that a page has at most: what the page index can skip.
pub const PAGE_ROWS: usize = 8192;

/// Returns the properties of every data file whose rows were flattened with a version of the column
/// table. A bloom filter starts at `row_group_rows` values and is folded to the size that the row
/// group's values need.
pub fn writer_properties(
    row_group_rows: usize,
    schema_version: u32,
) -> Result<WriterProperties, ParquetError> {
    let mut properties = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?))
        .set_created_by(tool())
        .set_key_value_metadata(Some(vec![
            KeyValue::new("ecstrail.schema_version".to_owned(), schema_version.to_string()),
            KeyValue::new("ecstrail.tool".to_owned(), tool()),
        ]))
        // The end of a file is what its checksums in the log are of.
        .set_bloom_filter_position(BloomFilterPosition::End)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_max_row_group_row_count(Some(row_group_rows));
    let leaf =
        |name: &str| i32::try_from(COLUMNS.iter().position(|column| column.name == name)?).ok();
    if let Some(event_time) = leaf("event_time") {
        let sorted = SortingColumn { column_idx: event_time, descending: false, nulls_first: true };
        properties = properties.set_sorting_columns(Some(vec![sorted]));
    }
    for column in COLUMNS {
        let path = ColumnPath::from(column.name);
        if LOOKED_UP.contains(&column.name) {
            properties = properties
                .set_column_bloom_filter_fpp(path.clone(), BLOOM_FILTER_FALSE_POSITIVES)
                .set_column_bloom_filter_max_ndv(path.clone(), row_group_rows as u64);
        }
        let is_number = matches!(column.rule, Rule::RecordHash | Rule::SourceOffset);
        if is_number || UNIQUE.contains(&column.name) {
            properties = properties.set_column_dictionary_enabled(path.clone(), false);
        }
        if column.rule == Rule::SourceOffset {
            properties =
                properties.set_column_encoding(path.clone(), Encoding::DELTA_BINARY_PACKED);
        }
        if column.kind == Kind::Json {
            // The smallest and largest JSON text tell nobody anything.
            properties = properties.set_column_statistics_enabled(path, EnabledStatistics::None);
        }
    }
    Ok(properties.build())
}
