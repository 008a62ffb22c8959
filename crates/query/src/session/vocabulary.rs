//! What SQL can name in a session: tables and their columns, functions, and values that columns have.

use arrow::array::AsArray;
use ecstrail_converter::{COLUMNS, PARTITION_COLUMNS};

use crate::{
    error::Result,
    parameter::{Arguments, Bindings},
    portable::VIEWS,
    session::Session,
};

/// A table or a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Name in SQL.
    pub name: &'static str,
    /// What a row is.
    pub description: &'static str,
    /// The columns that are its own: a view has those of `events` besides.
    pub columns: Vec<TableColumn>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableColumn {
    /// Name in SQL.
    pub name: &'static str,
    /// Type, as the data dictionary names it; nothing for a column of a view.
    pub kind: Option<&'static str>,
    /// What it means.
    pub description: String,
}

/// Returns the table `events`, and the views over it.
pub fn tables() -> Vec<Table> {
    let columns = COLUMNS.iter().map(|column| TableColumn {
        name: column.name,
        kind: Some(column.kind.sql_type()),
        description: column.description.to_owned(),
    });
    let partition = PARTITION_COLUMNS.iter().map(|column| TableColumn {
        name: column.name,
        kind: Some(column.sql_type),
        description: column.description.to_owned(),
    });
    let events = Table {
        name: "events",
        description: "An event: a call or a state change.",
        columns: columns.chain(partition).collect(),
    };
    let views = VIEWS.iter().map(|view| Table {
        name: view.name,
        description: view.description,
        columns: view.columns().into_iter().map(of_view).collect(),
    });
    [events].into_iter().chain(views).collect()
}

fn of_view((name, elements_of): (&'static str, Option<&'static str>)) -> TableColumn {
    let description = match elements_of {
        Some(list) => format!("An element of {list}."),
        None if name.ends_with("_position") => "The place in the list, from 1.".to_owned(),
        None => String::new(),
    };
    TableColumn { name, kind: None, description }
}

impl Session {
    /// Returns values that an expression has in the table `events` and that begin with a text, in
    /// their order: up to `most` of them.
    pub async fn values(&self, expression: &str, prefix: &str, most: usize) -> Result<Vec<String>> {
        let sql = format!(
            "SELECT value FROM (SELECT DISTINCT CAST({expression} AS VARCHAR) AS value FROM events) \
             WHERE starts_with(value, $prefix) ORDER BY value LIMIT {most}"
        );
        let arguments = Arguments::from([("prefix".to_owned(), prefix.to_owned())]);
        let batches = self.batches(&sql, &Bindings::texts(&arguments)).await?;
        let mut values = Vec::new();
        for batch in &batches {
            let texts = batch.column(0).as_string_opt::<i32>().into_iter().flatten();
            values.extend(texts.flatten().map(str::to_owned));
        }
        Ok(values)
    }
}
