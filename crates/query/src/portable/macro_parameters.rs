//! Parameters of a macro where rows are grouped. `DuckDB` binds a macro when it is made, with columns in
//! the places of its parameters: in the columns and in the condition of a grouping these would have to
//! be grouped by, so there they are read from a common table expression.

use std::{collections::BTreeSet, ops::ControlFlow};

use datafusion::sql::sqlparser::ast::{Expr, Query, Select, Value, VisitMut, VisitorMut};

use super::statement;
use crate::error::Result;

/// What the names of a macro's parameters begin with.
pub(crate) const MACRO_PREFIX: &str = "p_";

/// The common table expression: a row of all parameters that are read from it.
const TABLE: &str = "macro_parameters";

/// Reads parameters from a common table expression where they could be taken for ungrouped columns.
pub(super) fn read_from_table(query: &mut Query) -> Result<()> {
    let mut reading = Reading { names: BTreeSet::new() };
    let _: ControlFlow<()> = query.visit(&mut reading);
    if reading.names.is_empty() {
        return Ok(());
    }
    let columns = reading.names.iter().map(|name| format!("{MACRO_PREFIX}{name} AS \"{name}\""));
    let columns = columns.collect::<Vec<_>>().join(", ");
    let table = statement::parse(&format!("WITH {TABLE} AS (SELECT {columns}) SELECT 1"))?;
    let Some(mut added) = statement::query(&table).and_then(|query| query.with.clone()) else {
        return Ok(());
    };
    if let Some(with) = query.with.take() {
        added.recursive = with.recursive;
        added.cte_tables.extend(with.cte_tables);
    }
    query.with = Some(added);
    Ok(())
}

struct Reading {
    /// The parameters that are read from the table.
    names: BTreeSet<String>,
}

impl VisitorMut for Reading {
    type Break = ();

    fn post_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        let mut replacement = Replacement { names: &mut self.names };
        select.projection.visit(&mut replacement)?;
        select.having.visit(&mut replacement)
    }
}

struct Replacement<'a> {
    names: &'a mut BTreeSet<String>,
}

impl VisitorMut for Replacement<'_> {
    type Break = ();

    fn post_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<()> {
        if let Expr::Value(value) = expression
            && let Value::Placeholder(text) = &mut value.value
            && let Some(name) = text.strip_prefix(MACRO_PREFIX)
        {
            self.names.insert(name.to_owned());
            *text = format!("(SELECT \"{name}\" FROM {TABLE})");
        }
        ControlFlow::Continue(())
    }
}
