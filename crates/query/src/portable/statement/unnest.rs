//! `CROSS JOIN UNNEST(list) AS t (element)`: the engine cannot give a list of the table beside it to an
//! UNNEST in FROM, but unnests in SELECT. So the table and what is unnested of it become a subquery.

use std::{collections::BTreeMap, ops::ControlFlow};

use datafusion::sql::{
    parser::Statement,
    sqlparser::{
        ast::{
            Expr, Ident, Join, JoinConstraint, JoinOperator, ObjectNamePart, Query, Select,
            TableAlias, TableFactor, TableWithJoins, Value, ValueWithSpan, VisitMut, VisitorMut,
            visit_expressions_mut,
        },
        parser::Parser,
    },
};
use ecstrail_converter::{COLUMNS, Kind};

use super::dialect::JsonDialect;

/// Moves what is unnested in FROM into subqueries that unnest in SELECT, where that means the same.
pub(crate) fn unnest_in_select(statement: &mut Statement) {
    match statement {
        Statement::Explain(explain) => unnest_in_select(&mut explain.statement),
        Statement::Statement(statement) => {
            let _: ControlFlow<()> = statement.visit(&mut Mover::default());
        }
        _ => {}
    }
}

#[derive(Default)]
struct Mover {
    /// The table that stands for each table of elements.
    renamed: BTreeMap<String, Ident>,
}

impl VisitorMut for Mover {
    type Break = ();

    fn post_visit_select(&mut self, select: &mut Select) -> ControlFlow<()> {
        let mut tables: Vec<TableWithJoins> = Vec::new();
        for mut table in std::mem::take(&mut select.from) {
            // A comma is a cross join.
            if let (TableFactor::UNNEST { .. }, Some(before)) = (&table.relation, tables.last_mut())
            {
                let join_operator = JoinOperator::CrossJoin(JoinConstraint::None);
                let relation = table.relation;
                before.joins.push(Join { relation, global: false, join_operator });
                before.joins.append(&mut table.joins);
            } else {
                tables.push(table);
            }
        }
        for table in &mut tables {
            while let Some(join) = table.joins.first()
                && is_of_all_rows(&join.join_operator)
                && let Some(subquery) = self.subquery(&table.relation, &join.relation)
            {
                table.relation = subquery;
                table.joins.remove(0);
            }
        }
        select.from = tables;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, query: &mut Query) -> ControlFlow<()> {
        let renamed = &self.renamed;
        visit_expressions_mut(query, |expression| {
            if let Expr::CompoundIdentifier(parts) = expression
                && let [table, _] = parts.as_mut_slice()
                && let Some(name) = renamed.get(&table.value.to_lowercase())
            {
                *table = name.clone();
            }
            ControlFlow::Continue(())
        })
    }
}

/// Whether a join is one with every row, without a condition.
fn is_of_all_rows(join: &JoinOperator) -> bool {
    let is_true = |condition: &Expr| {
        matches!(condition, Expr::Value(ValueWithSpan { value: Value::Boolean(true), .. }))
    };
    match join {
        JoinOperator::CrossJoin(JoinConstraint::None) => true,
        JoinOperator::Join(JoinConstraint::On(condition))
        | JoinOperator::Inner(JoinConstraint::On(condition)) => is_true(condition),
        _ => false,
    }
}

impl Mover {
    /// Returns the subquery in the place of a table and an UNNEST of its lists; none for what it cannot
    /// stand for.
    fn subquery(&mut self, table: &TableFactor, unnest: &TableFactor) -> Option<TableFactor> {
        let TableFactor::UNNEST { alias, array_exprs, with_offset: false, with_ordinality, .. } =
            unnest
        else {
            return None;
        };
        let name = name_of(table)?;
        let lists: Vec<_> = array_exprs.iter().flat_map(lists).collect();
        let mut names = names(alias.as_ref(), lists.len() + usize::from(*with_ordinality))?;
        let position = if *with_ordinality { names.pop() } else { None };
        let mut columns = vec![format!("{name}.*")];
        columns.extend(
            lists.iter().zip(&names).map(|(list, name)| format!("unnest({list}) AS {name}")),
        );
        if let Some(position) = position {
            let lengths = lists
                .iter()
                .map(|list| format!("coalesce(CAST(array_length({list}) AS BIGINT), 0)"));
            let lengths: Vec<_> = lengths.collect();
            columns.push(format!(
                "unnest(range(1, greatest({}) + 1)) AS {position}",
                lengths.join(", ")
            ));
        }
        let sql = format!("(SELECT {} FROM {table}) AS {name}", columns.join(", "));
        let mut parser = Parser::new(&JsonDialect).try_with_sql(&sql).ok()?;
        let subquery = parser.parse_table_factor().ok()?;
        if let Some(alias) = alias {
            self.renamed.insert(alias.name.value.to_lowercase(), name);
        }
        Some(subquery)
    }
}

/// The name that a table's columns are qualified with.
fn name_of(table: &TableFactor) -> Option<Ident> {
    match table {
        TableFactor::Table { alias: Some(alias), args: None, .. }
        | TableFactor::Derived { alias: Some(alias), lateral: false, .. } => {
            alias.columns.is_empty().then(|| alias.name.clone())
        }
        TableFactor::Table { name, alias: None, args: None, .. } => match name.0.last() {
            Some(ObjectNamePart::Identifier(name)) => Some(name.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// The names of the columns of elements. A single one may be called by the table's name.
fn names(alias: Option<&TableAlias>, count: usize) -> Option<Vec<Ident>> {
    let names: Vec<_> = match alias {
        Some(alias) if alias.columns.is_empty() => vec![alias.name.clone()],
        Some(alias) => alias.columns.iter().map(|column| column.name.clone()).collect(),
        None => vec![Ident::new("element")],
    };
    (names.len() == count).then_some(names)
}

/// What is unnested of an expression: a map's keys and values, the elements of a JSON array.
fn lists(list: &Expr) -> Vec<String> {
    let name = match list {
        Expr::Identifier(name) => Some(name),
        Expr::CompoundIdentifier(parts) => parts.last(),
        _ => None,
    };
    let named =
        |name: &Ident| COLUMNS.iter().find(|column| column.name == name.value.to_lowercase());
    match name.and_then(named).map(|column| column.kind) {
        Some(Kind::TextMap) => vec![format!("map_keys({list})"), format!("map_values({list})")],
        Some(Kind::Json) => vec![format!("json_array_elements({list})")],
        _ => vec![list.to_string()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portable::statement::parse;

    #[test]
    fn lists_are_unnested_in_subqueries() {
        for (sql, expected) in [
            (
                "SELECT t.arn FROM events CROSS JOIN UNNEST(resource_arns) AS t (arn) ORDER BY t.arn",
                "SELECT events.arn FROM (SELECT events.*, unnest(resource_arns) AS arn FROM events) AS events ORDER BY events.arn",
            ),
            (
                "SELECT e.actor, arn, n FROM events AS e, UNNEST(e.resource_arns) WITH ORDINALITY AS t (arn, n) WHERE t.n > 1",
                "SELECT e.actor, arn, n FROM (SELECT e.*, unnest(e.resource_arns) AS arn, unnest(range(1, greatest(coalesce(CAST(array_length(e.resource_arns) AS BIGINT), 0)) + 1)) AS n FROM events AS e) AS e WHERE e.n > 1",
            ),
            (
                "SELECT k FROM events JOIN UNNEST(tags) AS t (k, v) ON true",
                "SELECT k FROM (SELECT events.*, unnest(map_keys(tags)) AS k, unnest(map_values(tags)) AS v FROM events) AS events",
            ),
            (
                "SELECT r ->> 'ARN' FROM events CROSS JOIN UNNEST(resources) AS t (r)",
                "SELECT r ->> 'ARN' FROM (SELECT events.*, unnest(json_array_elements(resources)) AS r FROM events) AS events",
            ),
            (
                "SELECT a, b FROM events CROSS JOIN UNNEST(task_ids) AS a CROSS JOIN UNNEST(tag_keys) AS t (b)",
                "SELECT a, b FROM (SELECT events.*, unnest(tag_keys) AS b FROM (SELECT events.*, unnest(task_ids) AS a FROM events) AS events) AS events",
            ),
        ] {
            let mut statement = parse(sql).unwrap();
            unnest_in_select(&mut statement);
            assert_eq!(statement.to_string(), expected);
        }
        for sql in [
            "SELECT arn FROM events LEFT JOIN UNNEST(resource_arns) AS t (arn) ON true",
            "SELECT arn FROM events JOIN UNNEST(resource_arns) AS t (arn) ON arn = actor",
            "SELECT arn FROM events CROSS JOIN UNNEST(resource_arns, resource_types) AS t (arn)",
            "SELECT arn FROM UNNEST(make_array(1)) AS t (arn)",
            "SELECT actor FROM events",
        ] {
            let mut statement = parse(sql).unwrap();
            unnest_in_select(&mut statement);
            assert_eq!(statement.to_string(), sql);
        }
    }
}
