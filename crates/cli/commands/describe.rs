//! `ecstrail describe`: what there is to ask about.

use anyhow::Result;
use ecstrail_query::{Dialect, columns_as_json, columns_as_markdown, views_as_json, views_as_sql};

use crate::{
    args::{DescribeCommand, DictionaryFormat, ViewsFormat},
    commands::report,
    console,
    exit::Exit,
};

pub(crate) fn run(command: &DescribeCommand) -> Result<Exit> {
    let text = match command {
        DescribeCommand::Columns { format: DictionaryFormat::Markdown } => columns_as_markdown(),
        DescribeCommand::Columns { format: DictionaryFormat::Json } => columns_as_json(),
        DescribeCommand::Reports { format, queries } => {
            let catalog = report::catalog(queries.as_deref())?;
            match format {
                DictionaryFormat::Markdown => catalog.as_markdown(),
                DictionaryFormat::Json => catalog.as_json(),
            }
        }
        DescribeCommand::Views { engine, format: ViewsFormat::Sql } => {
            views_as_sql(engine.unwrap_or(Dialect::DataFusion))
        }
        DescribeCommand::Views { engine, format: ViewsFormat::Json } => {
            views_as_json(&engine.map_or(Dialect::ALL.to_vec(), |engine| vec![engine]))
        }
    };
    console::result(text.trim_end())?;
    Ok(Exit::Done)
}
