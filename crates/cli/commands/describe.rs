//! `ecstrail describe`: shows columns, reports and views.

use anyhow::Result;
use ecstrail_query::{
    Dialect, columns_as_json, columns_as_markdown, printable_json, views_as_json, views_as_sql,
};

use crate::{
    args::{DescribeCommand, DictionaryFormat, ViewsFormat},
    commands::report,
    console,
    exit::Exit,
};

pub(crate) fn run(command: &DescribeCommand) -> Result<Exit> {
    match command {
        DescribeCommand::Columns { format: DictionaryFormat::Markdown } => {
            text(&columns_as_markdown())
        }
        DescribeCommand::Columns { format: DictionaryFormat::Json } => json(&columns_as_json()),
        DescribeCommand::Reports { format, queries } => {
            let catalog = report::catalog(queries.as_deref())?;
            match format {
                DictionaryFormat::Markdown => text(&catalog.as_markdown()?),
                DictionaryFormat::Json => json(&catalog.as_json()?),
            }
        }
        DescribeCommand::Views { engine, format: ViewsFormat::Sql } => {
            text(&views_as_sql(engine.unwrap_or(Dialect::DataFusion))?)
        }
        DescribeCommand::Views { engine, format: ViewsFormat::Json } => {
            json(&views_as_json(&engine.map_or(Dialect::ALL.to_vec(), |engine| vec![engine]))?)
        }
    }
}

fn text(text: &str) -> Result<Exit> {
    console::result(text.trim_end())?;
    Ok(Exit::Done)
}

fn json(json: &str) -> Result<Exit> {
    console::exact(printable_json(json.trim_end()))?;
    Ok(Exit::Done)
}
