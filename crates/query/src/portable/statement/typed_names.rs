//! What people typed for the columns that a query returns. The engine would call `1 + 1` by its own
//! expression, `Int64(1) + Int64(1)`.

use datafusion::sql::{
    parser::Statement,
    sqlparser::ast::{self, Expr, Select, SelectItem, SetExpr},
};

/// The texts of the expressions that a query returns and that have no name, by their place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TypedNames {
    /// Of the columns up to one that stands for several, counted from the first column.
    first: Vec<Option<String>>,
    /// Of those behind it, counted from the last column.
    last: Vec<Option<String>>,
}

impl TypedNames {
    /// Reads them off a statement; none for what is not a query.
    pub(crate) fn of(statement: &Statement) -> Self {
        let mut names = Self::default();
        let Statement::Statement(statement) = statement else { return names };
        let ast::Statement::Query(query) = &**statement else { return names };
        let Some(select) = first_select(&query.body) else { return names };
        let items = || select.projection.iter();
        names.first = items().take_while(|item| is_one_column(item)).map(text).collect();
        if names.first.len() < select.projection.len() {
            names.last = items().rev().take_while(|item| is_one_column(item)).map(text).collect();
        }
        names
    }

    /// The name of a column, if it was typed.
    pub(crate) fn get(&self, column: usize, columns: usize) -> Option<&str> {
        let of_last = || self.last.get(columns.checked_sub(column + 1)?);
        self.first.get(column).or_else(of_last)?.as_deref()
    }
}

/// The SELECT that names the columns: of a UNION, the first one.
fn first_select(body: &SetExpr) -> Option<&Select> {
    match body {
        SetExpr::Select(select) => Some(select),
        SetExpr::Query(query) => first_select(&query.body),
        SetExpr::SetOperation { left, .. } => first_select(left),
        _ => None,
    }
}

/// Whether an item stands for one column for sure.
fn is_one_column(item: &SelectItem) -> bool {
    match item {
        SelectItem::UnnamedExpr(Expr::Function(function)) => !is_unnest(function),
        SelectItem::UnnamedExpr(_) | SelectItem::ExprWithAlias { .. } => true,
        _ => false,
    }
}

/// The text of an item that has no name.
fn text(item: &SelectItem) -> Option<String> {
    match item {
        SelectItem::UnnamedExpr(expression) if !is_column(expression) => {
            Some(expression.to_string())
        }
        _ => None,
    }
}

fn is_column(expression: &Expr) -> bool {
    match expression {
        Expr::Nested(inner) => is_column(inner),
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => true,
        _ => false,
    }
}

/// Of a struct, it returns several columns.
fn is_unnest(function: &ast::Function) -> bool {
    function.name.to_string().eq_ignore_ascii_case("unnest")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portable::statement::parse;

    #[test]
    fn expressions_have_their_text() {
        for (sql, columns, expected) in [
            ("SELECT 1 + 1", 1, &["1 + 1"][..]),
            (
                "SELECT actor, e.region, (e.region), count(*) FILTER (WHERE read_only), 1 AS one FROM events AS e",
                5,
                &["", "", "", "count(*) FILTER (WHERE read_only)", ""],
            ),
            ("(SELECT upper(a) FROM t) UNION SELECT lower(a) FROM t", 1, &["upper(a)"]),
            ("SELECT 1 + 1, *, a, 2 * a FROM t", 6, &["1 + 1", "", "", "", "", "2 * a"]),
            ("SELECT *, 1 + 1, * FROM t", 5, &[""; 5]),
            ("SELECT unnest(ids), upper(a) FROM t", 2, &["", "upper(a)"]),
            ("SELECT * FROM (SELECT 1 + 1)", 1, &[""]),
            ("VALUES (1)", 1, &[""]),
            ("EXPLAIN SELECT 1 + 1", 1, &[""]),
        ] {
            let names = TypedNames::of(&parse(sql).unwrap());
            let found = (0..columns).map(|column| names.get(column, columns).unwrap_or_default());
            assert_eq!(found.collect::<Vec<_>>(), expected, "{sql}");
        }
    }
}
