//! The table in `DuckDB`: a view over the data files or the Delta log.

use std::fmt::Write as _;

use ecstrail_converter::{COLUMNS, Kind, PARTITION_COLUMNS};

use super::{TableSource, literal::sql};

/// Statements for `duckdb -init FILE`.
pub(super) fn events(source: &TableSource) -> String {
    let mut text = "-- For `duckdb -init FILE`, or `duckdb NEW.duckdb < FILE`.\n".to_owned();
    // Writing to a String cannot fail.
    if source.is_in_s3() {
        let server = source.endpoint.as_deref().map(server).unwrap_or_default();
        let _ = writeln!(
            text,
            "INSTALL httpfs; LOAD httpfs; INSTALL aws; LOAD aws;\n\
             CREATE OR REPLACE SECRET aws (TYPE s3, PROVIDER credential_chain{server});"
        );
    }
    let mut rows = if source.has_delta_log {
        text += "INSTALL delta; LOAD delta;\n";
        format!("SELECT * FROM delta_scan({})", sql(&source.home))
    } else {
        let types = "hive_types = {'date': DATE, 'region': VARCHAR}";
        format!(
            "SELECT * FROM read_parquet({}, hive_partitioning = true, {types}, union_by_name = true)",
            sql(&source.files_as_pattern())
        )
    };
    if source.has_older_files && !source.has_delta_log {
        rows = format!("SELECT {} WHERE false\nUNION ALL BY NAME\n{rows}", typed_columns());
    }
    let _ = writeln!(text, "CREATE OR REPLACE VIEW events AS\n{rows};");
    let columns = COLUMNS.iter().map(|column| (column.name, column.description));
    let partition = PARTITION_COLUMNS.iter().map(|column| (column.name, column.description));
    for (name, description) in columns.chain(partition) {
        let description = sql(description);
        let _ = writeln!(text, "COMMENT ON COLUMN events.\"{name}\" IS {description};");
    }
    text
}

/// An S3 server other than AWS's.
fn server(url: &str) -> String {
    let (scheme, host) = url.split_once("://").unwrap_or(("https", url));
    format!(", ENDPOINT {}, URL_STYLE 'path', USE_SSL {}", sql(host), scheme == "https")
}

/// Every column without a value: a file of an older column table does not have all of them.
fn typed_columns() -> String {
    let columns = COLUMNS.iter().map(|column| {
        let kind = match column.kind {
            Kind::Text | Kind::Json => "VARCHAR",
            Kind::Boolean => "BOOLEAN",
            Kind::Integer => "INTEGER",
            Kind::Long => "BIGINT",
            Kind::Timestamp => "TIMESTAMPTZ",
            Kind::TextList => "VARCHAR[]",
            Kind::IntegerList => "INTEGER[]",
            Kind::TextMap => "MAP(VARCHAR, VARCHAR)",
        };
        format!("CAST(NULL AS {kind}) AS \"{}\"", column.name)
    });
    columns.collect::<Vec<_>>().join(", ")
}
