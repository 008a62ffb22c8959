//! Advice on what a statement names and the dataset does not have: which column, table or function may
//! have been meant, and which view has what an UNNEST asks for.

use std::{collections::BTreeSet, ops::ControlFlow, sync::LazyLock};

use datafusion::{
    common::SchemaError,
    error::DataFusionError,
    execution::SessionState,
    sql::{
        parser::Statement,
        sqlparser::ast::{Expr, Ident, Query, Select, SelectItem, TableFactor, Visit, Visitor},
    },
};
use regex::Regex;

use crate::{
    error::{Error, in_words, is_exhausted},
    portable::VIEWS,
};

mod column;
mod function;
mod nearest;
mod table;

/// Returns the engine's error in words that fit the statement.
pub(super) fn explained(
    error: &DataFusionError,
    statement: &Statement,
    state: &SessionState,
) -> Error {
    if is_exhausted(error) {
        return Error::query(error);
    }
    let names = Names::of(statement);
    match advice(error, &names, state) {
        Some(text) => Error::Query { source: text.into() },
        None => Error::query(error),
    }
}

fn advice(error: &DataFusionError, names: &Names, state: &SessionState) -> Option<String> {
    let root = error.find_root();
    if let DataFusionError::SchemaError(problem, _) = root
        && let SchemaError::FieldNotFound { field, valid_fields } = &**problem
    {
        return Some(column::unknown(field, valid_fields, names));
    }
    let text = root.strip_backtrace();
    if let Some(name) = found(TABLE.as_ref(), &text) {
        return Some(table::unknown(&name, names));
    }
    if let Some(name) = found(FUNCTION.as_ref(), &text) {
        return Some(function::unknown(&name, state));
    }
    if text.contains("compound identifier: ")
        && let Some(parts) = names.columns.iter().find(|parts| parts.len() > MOST_PARTS)
    {
        return Some(column::beyond_most_parts(parts, names));
    }
    if text.contains("OuterReferenceColumn") {
        return names.unnested.as_deref().map(unnest);
    }
    let call = CALL.as_ref()?.captures(&text)?;
    if text.contains("it is called as") || text.contains("it takes") {
        return None;
    }
    function::wrong_call(&call[1], &in_words(&call[2]), state)
}

/// Parts of a name up to which the engine says that it does not know it.
const MOST_PARTS: usize = 4;

static TABLE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new("table '(.+)' not found$").ok());
static FUNCTION: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new("Invalid function '(.+?)'").ok());
static CALL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"No function matches the given name and argument types '(\w+)\((.*)\)'").ok()
});

fn found(pattern: Option<&Regex>, text: &str) -> Option<String> {
    Some(pattern?.captures(text)?.get(1)?.as_str().to_owned())
}

/// Advice on an UNNEST of a list beside its table.
fn unnest(list: &str) -> String {
    let has = |elements_of: &str| {
        elements_of == list || elements_of.trim_end_matches(')').ends_with(&format!("({list}"))
    };
    let view = VIEWS
        .iter()
        .find(|view| view.columns().iter().any(|(_, elements_of)| elements_of.is_some_and(has)));
    let view = match view {
        Some(view) => {
            let columns: Vec<_> = view.columns().into_iter().map(|(name, _)| name).collect();
            format!("the view {}, which has a row per element ({})", view.name, columns.join(", "))
        }
        None => "the view that has a row per element (SHOW TABLES)".to_owned(),
    };
    format!(
        "UNNEST takes a column of the table before it only as FROM events CROSS JOIN UNNEST({list}) AS t (element), \
         without a condition: filter in WHERE, or use {view}"
    )
}

/// What a statement names, as it is written there.
#[derive(Default)]
struct Names {
    /// Columns, each with its parts.
    columns: Vec<Vec<Ident>>,
    /// Names that SELECT gives.
    aliases: BTreeSet<String>,
    /// What FROM calls tables, in lowercase.
    table_aliases: BTreeSet<String>,
    /// Tables that WITH defines.
    tables: Vec<String>,
    /// The list that an UNNEST in FROM takes.
    unnested: Option<String>,
}

impl Names {
    fn of(statement: &Statement) -> Self {
        let mut names = Self::default();
        match statement {
            Statement::Explain(explain) => return Self::of(&explain.statement),
            Statement::Statement(statement) => {
                let _: ControlFlow<()> = statement.visit(&mut names);
            }
            _ => {}
        }
        names
    }

    /// The parts of a column's name as they are written, found by the name that the engine has of it.
    fn written(&self, flat: &str) -> Option<&[Ident]> {
        let is_it = |parts: &&Vec<Ident>| {
            let written: Vec<_> = parts.iter().map(|part| part.value.to_lowercase()).collect();
            written.join(".") == flat.to_lowercase()
        };
        self.columns.iter().find(is_it).map(Vec::as_slice)
    }
}

impl Visitor for Names {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        let tables = query.with.iter().flat_map(|with| &with.cte_tables);
        self.tables.extend(tables.map(|table| table.alias.name.value.clone()));
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        self.aliases.extend(select.projection.iter().filter_map(|item| match item {
            SelectItem::ExprWithAlias { alias, .. } => Some(alias.value.to_lowercase()),
            _ => None,
        }));
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        if let TableFactor::Table { alias: Some(alias), .. } = factor {
            self.table_aliases.insert(alias.name.value.to_lowercase());
        }
        let list = match factor {
            TableFactor::UNNEST { array_exprs, .. } => array_exprs.first(),
            _ => None,
        };
        if let Some(list) = list {
            self.unnested = Some(match list {
                Expr::CompoundIdentifier(parts) => {
                    parts.last().map_or_else(String::new, |part| part.value.to_lowercase())
                }
                other => other.to_string(),
            });
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<()> {
        match expression {
            Expr::Identifier(name) => self.columns.push(vec![name.clone()]),
            Expr::CompoundIdentifier(parts) => self.columns.push(parts.clone()),
            _ => {}
        }
        ControlFlow::Continue(())
    }
}
