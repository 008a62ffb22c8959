//! The table in the AWS Glue Data Catalog, as Glue's API takes it, and as part of a CloudFormation
//! template with what Athena needs to answer the reports.

use ecstrail_converter::{COLUMNS, PARTITION_COLUMNS};
use serde_json::{Map, Value, json};

use crate::{
    error::{Error, Result},
    portable::{Dialect, VIEWS},
    report::{Catalog, Report},
};

use super::{
    TableEngine, TableSource, cloudtrail_logs,
    saved_reports::{named, with_positions},
};

const DESCRIPTION: &str = "Amazon ECS events of CloudTrail, converted by ecstrail";

/// What a query may read unless the stack's parameter says otherwise, in bytes: 10 GiB.
const SCAN_LIMIT: u64 = 10 << 30;

/// The least that Athena takes, in bytes
/// (<https://docs.aws.amazon.com/athena/latest/APIReference/API_WorkGroupConfiguration.html>).
const LEAST_SCAN_LIMIT: u64 = 10_000_000;

/// Returns what `aws glue create-table --cli-input-json` takes.
pub(super) fn create_table(source: &TableSource) -> Result<String> {
    let table = table_input(source, TableEngine::Glue)?;
    let input = json!({"DatabaseName": source.database, "TableInput": table});
    Ok(format!("{input:#}\n"))
}

/// Returns a template with a database, the table, a workgroup that limits what a query reads, the
/// views and reports as named queries, and the reports as prepared statements.
///
/// # Errors
/// Those of [`TableSource::text`] and of
/// [`reports_as_statements`](super::reports_as_statements).
pub(super) fn template(source: &TableSource, catalog: &Catalog) -> Result<String> {
    // What follows from the dataset is no parameter: a stack that is updated keeps its parameters.
    let table = table_input(source, TableEngine::CloudFormation)?;
    let name = |description: &str| json!({"Type": "String", "Default": source.database, "Description": description});
    let template = json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": DESCRIPTION,
        "Parameters": {
            "ResultLocation": {
                "Type": "String",
                "AllowedPattern": "s3://[^/]+/(.*/)?",
                "Description": "Where Athena writes results: s3://BUCKET/PREFIX/",
            },
            "DatabaseName": name("Name of the new database"),
            "WorkGroupName": name("Name of the new workgroup"),
            "BytesScannedCutoff": {
                "Type": "Number",
                "Default": SCAN_LIMIT,
                "MinValue": LEAST_SCAN_LIMIT,
                "Description": "Bytes that one query may read",
            },
        },
        "Resources": resources(&table, catalog)?,
        "Outputs": {
            "WorkGroup": {"Value": reference("WorkGroup"), "Description": "Workgroup of the reports"},
            "Database": {"Value": reference("Database"), "Description": "Database of the table"},
        },
    });
    Ok(format!("{template:#}\n"))
}

fn resources(table: &Value, catalog: &Catalog) -> Result<Value> {
    let mut resources = Resources(Map::new());
    let account = reference("AWS::AccountId");
    resources.add(
        "Database".to_owned(),
        "AWS::Glue::Database",
        &json!({
            "CatalogId": account,
            "DatabaseInput": {"Name": reference("DatabaseName"), "Description": DESCRIPTION},
        }),
    )?;
    resources.add(
        "EventsTable".to_owned(),
        "AWS::Glue::Table",
        &json!({
            "CatalogId": account,
            "DatabaseName": reference("Database"),
            "TableInput": table,
        }),
    )?;
    resources.add("WorkGroup".to_owned(), "AWS::Athena::WorkGroup", &work_group())?;
    let views = VIEWS
        .iter()
        .map(|view| Ok((view.name, view.description, view.statement(Dialect::Athena)?)));
    let cloudtrail_logs = cloudtrail_logs::statement(Dialect::Athena);
    let cloudtrail_logs = (cloudtrail_logs::NAME, cloudtrail_logs::DESCRIPTION, cloudtrail_logs);
    for view in views.chain([Ok(cloudtrail_logs)]) {
        let (name, description, sql) = view?;
        let query = named_query(&format!("create view {name}"), description, &sql);
        resources.add(identifier("View", name), "AWS::Athena::NamedQuery", &query)?;
    }
    for (name, report) in named(TableEngine::CloudFormation, catalog)? {
        let (statement, positions) = with_positions(report)?;
        let query = named_query(&report.name, &report.title, &with_defaults(report, &statement)?);
        resources.add(identifier("Query", &name), "AWS::Athena::NamedQuery", &query)?;
        let description = match &*positions {
            [] => report.title.clone(),
            positions => format!("{}. USING {}", report.title, positions.join(", ")),
        };
        let properties = json!({
            "StatementName": name,
            "Description": description,
            "WorkGroup": reference("WorkGroup"),
            "QueryStatement": statement,
        });
        let name = identifier("Statement", &name);
        resources.add(name, "AWS::Athena::PreparedStatement", &properties)?;
    }
    Ok(Value::Object(resources.0))
}

/// The resources of a template, by their names.
struct Resources(Map<String, Value>);

impl Resources {
    fn add(&mut self, name: String, kind: &str, properties: &Value) -> Result<()> {
        let resource = json!({"Type": kind, "Properties": properties});
        if self.0.insert(name.clone(), resource).is_some() {
            let engine = TableEngine::CloudFormation.name();
            return Err(Error::SameName { engine, first: name.clone(), second: name });
        }
        Ok(())
    }
}

fn work_group() -> Value {
    json!({
        "Name": reference("WorkGroupName"),
        "Description": DESCRIPTION,
        // The history of queries would keep the stack from being deleted.
        "RecursiveDeleteOption": true,
        "WorkGroupConfiguration": {
            "EnforceWorkGroupConfiguration": true,
            "PublishCloudWatchMetricsEnabled": true,
            "BytesScannedCutoffPerQuery": reference("BytesScannedCutoff"),
            "EngineVersion": {"SelectedEngineVersion": "Athena engine version 3"},
            "ResultConfiguration": {
                "OutputLocation": reference("ResultLocation"),
                "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"},
            },
        },
    })
}

fn named_query(name: &str, description: &str, sql: &str) -> Value {
    json!({
        "Name": name,
        "Description": description,
        "Database": reference("Database"),
        "WorkGroup": reference("WorkGroup"),
        "QueryString": sql,
    })
}

/// A report's query with its defaults; with a `?` for each value, for which Athena asks, if a
/// parameter has none.
fn with_defaults(report: &Report, statement: &str) -> Result<String> {
    let has_defaults = report.parameters.iter().all(|one| one.fixed_default().is_some());
    let query = if has_defaults {
        report.translated_with_defaults(Dialect::Athena)?.sql
    } else {
        statement.to_owned()
    };
    Ok(format!("-- {}\n{query}", report.title))
}

/// See <https://docs.aws.amazon.com/glue/latest/webapi/API_TableInput.html>.
fn table_input(source: &TableSource, engine: TableEngine) -> Result<Value> {
    let mut parameters = json!({"EXTERNAL": "TRUE", "classification": "parquet"});
    for (name, value) in source.projection(engine)? {
        parameters[name] = value.into();
    }
    let column = |name: &str, kind: &str, description: &str| json!({"Name": name, "Type": kind, "Comment": description});
    let columns = COLUMNS.iter().map(|one| column(one.name, one.kind.sql_type(), one.description));
    let partition = PARTITION_COLUMNS.iter();
    let keys = partition.map(|one| column(one.name, one.sql_type, one.description));
    Ok(json!({
        "Name": "events",
        "Description": DESCRIPTION,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": parameters,
        "PartitionKeys": keys.collect::<Vec<_>>(),
        "StorageDescriptor": {
            "Columns": columns.collect::<Vec<_>>(),
            "Location": format!("{}/", source.events()),
            "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
            "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
            "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
        },
    }))
}

fn reference(name: &str) -> Value {
    json!({"Ref": name})
}

/// The name of a resource in a template: letters and digits.
fn identifier(kind: &str, name: &str) -> String {
    let words = name.split(['_', '-']).map(|word| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>())
    });
    kind.to_owned() + &words.flatten().collect::<String>()
}
