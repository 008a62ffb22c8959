//! `ecstrail describe`: shows columns, reports, tables and views.

use anyhow::Result;
use ecstrail_query::{
    Catalog, Dialect, TableSource, columns_as_json, columns_as_json_schema, columns_as_markdown,
    printable_json, reports_as_statements, views_as_json, views_as_sql,
};

use crate::{
    args::{ColumnsFormat, DescribeCommand, DictionaryFormat, TableSourceArguments, ViewsFormat},
    bucket::S3,
    commands::report,
    console,
    exit::Exit,
    location::Location,
    table_source,
};

pub(crate) async fn run(command: &DescribeCommand) -> Result<Exit> {
    match command {
        DescribeCommand::Columns { format } => match format {
            ColumnsFormat::Markdown => text(&columns_as_markdown()),
            ColumnsFormat::Json => json(&columns_as_json()),
            ColumnsFormat::JsonSchema => json(&columns_as_json_schema()),
        },
        DescribeCommand::Reports { format, queries } => {
            let catalog = report::catalog(queries.as_deref())?;
            match format {
                DictionaryFormat::Markdown => text(&catalog.as_markdown()?),
                DictionaryFormat::Json => json(&catalog.as_json()?),
            }
        }
        DescribeCommand::Table(arguments) => {
            let catalog = catalog(&arguments.table)?;
            let source = table_source(&arguments.table, &arguments.database).await?;
            let mut table = source.text(arguments.engine, &catalog)?;
            if arguments.reports {
                table += "\n";
                table += &reports_as_statements(arguments.engine, &catalog)?;
            }
            text(&table)
        }
        DescribeCommand::Views { engine, format: ViewsFormat::Sql } => {
            text(&views_as_sql(engine.unwrap_or(Dialect::DataFusion))?)
        }
        DescribeCommand::Views { engine, format: ViewsFormat::Json } => {
            json(&views_as_json(&engine.map_or(Dialect::ALL.to_vec(), |engine| vec![engine]))?)
        }
    }
}

/// Returns the reports that other engines can keep. The user's own may use other SQL.
pub(crate) fn catalog(arguments: &TableSourceArguments) -> Result<Catalog> {
    let mut catalog = report::catalog(arguments.queries.as_deref())?;
    for error in catalog.take_out_unportable()? {
        console::note(format!("left out: {error}"));
    }
    Ok(catalog)
}

/// Reads what other engines have to know of a dataset.
pub(crate) async fn table_source(
    arguments: &TableSourceArguments,
    database: &str,
) -> Result<TableSource> {
    let s3 = S3::new(arguments.s3.clone());
    let home = arguments.location.as_ref().unwrap_or(&arguments.dataset);
    let home = Location::parse(home)?.whole()?;
    table_source::read(&arguments.dataset, home, &s3, database).await
}

fn text(text: &str) -> Result<Exit> {
    console::result(text.trim_end())?;
    Ok(Exit::Done)
}

fn json(json: &str) -> Result<Exit> {
    console::exact(printable_json(json.trim_end()))?;
    Ok(Exit::Done)
}
