//! The table in `DuckDB`: a view over the data files or the Delta log.

use std::fmt::Write as _;

use ecstrail_converter::{COLUMNS, PARTITION_COLUMNS};

use super::{TableSource, literal::sql};

/// Statements for `duckdb -init FILE`.
pub(super) fn events(source: &TableSource) -> String {
    let mut text = "-- For `duckdb -init FILE`, or `duckdb NEW.duckdb < FILE`.\n".to_owned();
    if source.is_in_s3() {
        text += "INSTALL httpfs; LOAD httpfs; INSTALL aws; LOAD aws;\n\
                 CREATE OR REPLACE SECRET aws (TYPE s3, PROVIDER credential_chain);\n";
    }
    let rows = if source.has_delta_log {
        text += "INSTALL delta; LOAD delta;\n";
        format!("delta_scan({})", sql(&source.home))
    } else {
        let types = "hive_types = {'date': DATE, 'region': VARCHAR}";
        format!(
            "read_parquet({}, hive_partitioning = true, {types}, union_by_name = true)",
            sql(&source.files())
        )
    };
    // Writing to a String cannot fail.
    let _ = writeln!(text, "CREATE OR REPLACE VIEW events AS\nSELECT * FROM {rows};");
    let columns = COLUMNS.iter().map(|column| (column.name, column.description));
    let partition = PARTITION_COLUMNS.iter().map(|column| (column.name, column.description));
    for (name, description) in columns.chain(partition) {
        let description = sql(description);
        let _ = writeln!(text, "COMMENT ON COLUMN events.\"{name}\" IS {description};");
    }
    text
}
