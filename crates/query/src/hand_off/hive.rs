//! The table in catalogs of Hive's kind: Athena, Spark, Trino.

use ecstrail_converter::{COLUMNS, Kind, PARTITION_COLUMNS};

use crate::error::Result;

use super::{
    TableEngine, TableSource,
    literal::{hive, sql},
};

/// Columns with their types and descriptions, a line each. Names are in quotes: `date` is a word of
/// the language.
fn columns() -> String {
    let columns = COLUMNS.iter().map(|column| {
        format!(
            "  `{}` {} COMMENT {}",
            column.name,
            column.kind.sql_type(),
            hive(column.description)
        )
    });
    columns.collect::<Vec<_>>().join(",\n")
}

fn partition_columns(separator: &str) -> String {
    let columns = PARTITION_COLUMNS.iter().map(|column| {
        format!("`{}` {} COMMENT {}", column.name, column.sql_type, hive(column.description))
    });
    columns.collect::<Vec<_>>().join(separator)
}

pub(super) fn athena(source: &TableSource) -> Result<String> {
    let database = &source.database;
    let begin = format!(
        "-- Athena runs one statement at a time. Choose the database {database} for the views and your \
         queries.\nCREATE DATABASE IF NOT EXISTS `{database}`;\n"
    );
    // Dropping an external table leaves the files where they are.
    let drop = format!("DROP TABLE IF EXISTS `{database}`.`events`;\n");
    if source.has_delta_log {
        return Ok(format!(
            "{begin}{drop}CREATE EXTERNAL TABLE `{database}`.`events`\nLOCATION {}\n\
             TBLPROPERTIES ('table_type' = 'DELTA');\n",
            hive(&source.table())
        ));
    }
    let properties = source.projection(TableEngine::Athena)?;
    let properties = properties.map(|(name, value)| format!("  '{name}' = {}", hive(&value)));
    Ok(format!(
        "{begin}-- Again when the dataset has events in another Region, or on earlier days.\n\
         {drop}CREATE EXTERNAL TABLE `{database}`.`events` (\n{}\n)\nPARTITIONED BY ({})\n\
         STORED AS PARQUET\nLOCATION {}\nTBLPROPERTIES (\n{}\n);\n",
        columns(),
        partition_columns(", "),
        hive(&format!("{}/", source.events())),
        properties.join(",\n"),
    ))
}

pub(super) fn spark(source: &TableSource) -> String {
    let database = &source.database;
    // Dropping a table with a location leaves the files where they are.
    let begin = format!(
        "-- Outside of EMR, Spark reads s3a:// instead of s3://.\nCREATE DATABASE IF NOT EXISTS `{database}`;\n\
         USE `{database}`;\nDROP TABLE IF EXISTS events;\n"
    );
    if source.has_delta_log {
        let location = hive(&source.table());
        return format!("{begin}CREATE TABLE events USING delta LOCATION {location};\n");
    }
    let partition: Vec<_> = PARTITION_COLUMNS.iter().map(|column| column.name).collect();
    format!(
        "{begin}CREATE TABLE events (\n{},\n  {}\n)\nUSING parquet\nPARTITIONED BY ({})\n\
         LOCATION {};\n-- Again after each conversion.\nALTER TABLE events RECOVER PARTITIONS;\n",
        columns(),
        partition_columns(",\n  "),
        partition.join(", "),
        hive(&source.events()),
    )
}

pub(super) fn trino(source: &TableSource) -> String {
    let database = &source.database;
    if source.has_delta_log {
        return format!(
            "-- In a catalog `delta` of the Delta Lake connector, with \
             delta.register-table-procedure.enabled=true.\n\
             CREATE SCHEMA IF NOT EXISTS delta.\"{database}\";\nCALL delta.system.register_table(\n  \
             schema_name => {}, table_name => 'events', table_location => {}\n);\nUSE delta.\"{database}\";\n",
            sql(database),
            sql(&source.table()),
        );
    }
    let columns = COLUMNS.iter().map(|column| {
        format!(
            "  \"{}\" {} COMMENT {}",
            column.name,
            trino_type(column.kind),
            sql(column.description)
        )
    });
    let partition = PARTITION_COLUMNS.iter().map(|column| {
        let kind = if column.sql_type == "string" { "varchar" } else { column.sql_type };
        format!("  \"{}\" {kind} COMMENT {}", column.name, sql(column.description))
    });
    let columns: Vec<_> = columns.chain(partition).collect();
    let names: Vec<_> = PARTITION_COLUMNS.iter().map(|column| sql(column.name)).collect();
    format!(
        "-- In a catalog `hive` of the Hive connector.\nCREATE SCHEMA IF NOT EXISTS hive.\"{database}\";\n\
         DROP TABLE IF EXISTS hive.\"{database}\".events;\n\
         CREATE TABLE hive.\"{database}\".events (\n{}\n)\nWITH (\n  format = 'PARQUET',\n  \
         external_location = {},\n  partitioned_by = ARRAY[{}]\n);\n-- Again after each conversion.\n\
         CALL hive.system.sync_partition_metadata({}, 'events', 'FULL');\nUSE hive.\"{database}\";\n",
        columns.join(",\n"),
        sql(&source.events()),
        names.join(", "),
        sql(database),
    )
}

fn trino_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Json => "varchar",
        Kind::Boolean => "boolean",
        Kind::Integer => "integer",
        Kind::Long => "bigint",
        Kind::Timestamp => "timestamp(3)",
        Kind::TextList => "array(varchar)",
        Kind::IntegerList => "array(integer)",
        Kind::TextMap => "map(varchar, varchar)",
    }
}
