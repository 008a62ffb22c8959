//! The rules for GROUP BY, HAVING, and `string_agg`.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    Expr, Function, FunctionArgumentClause, FunctionArguments, GroupByExpr, Ident, OrderByExpr,
    Select, SelectItem, visit_expressions,
};

use super::Linter;

impl Linter {
    /// Athena does not support aliases in GROUP BY; other engines prefer a column of the same name.
    pub(super) fn group(&mut self, select: &Select) {
        let GroupByExpr::Expressions(keys, modifiers) = &select.group_by else {
            return self.found("GROUP BY ALL");
        };
        if !modifiers.is_empty() {
            self.found("GROUP BY with a modifier");
        }
        for key in keys {
            let Expr::Identifier(name) = key else { continue };
            let is_alias_of_another = select.projection.iter().any(|item| {
                matches!(item, SelectItem::ExprWithAlias { expr, alias } if alias == name && expr != key)
            });
            if is_alias_of_another {
                self.found(format!("GROUP BY {name}, which is an alias: use its column number"));
            }
        }
    }

    /// Athena does not support aliases in HAVING either.
    pub(super) fn having(&mut self, select: &Select) {
        let Some(condition) = &select.having else { return };
        let aliases: Vec<&Ident> = select
            .projection
            .iter()
            .filter_map(|item| match item {
                SelectItem::ExprWithAlias { expr, alias } if !is_named(expr, alias) => Some(alias),
                _ => None,
            })
            .collect();
        let used = visit_expressions(condition, |expression| match expression {
            Expr::Identifier(name) if aliases.contains(&name) => ControlFlow::Break(name.clone()),
            _ => ControlFlow::Continue(()),
        });
        if let ControlFlow::Break(name) = used {
            self.found(format!("HAVING {name}, which is an alias: repeat its expression"));
        }
    }

    /// Other engines use `LISTAGG`, which requires an order; Spark fails on a filter.
    pub(super) fn string_agg(&mut self, function: &Function, arguments: &[&Expr]) {
        let FunctionArguments::List(list) = &function.args else { return };
        let orders: Vec<&OrderByExpr> = list
            .clauses
            .iter()
            .filter_map(|clause| match clause {
                FunctionArgumentClause::OrderBy(order) => Some(order),
                _ => None,
            })
            .flatten()
            .collect();
        let is_ordered = !orders.is_empty()
            && (list.duplicate_treatment.is_none()
                || (orders.len() == 1
                    && arguments.first() == Some(&&orders[0].expr)
                    && orders[0].options.asc != Some(false)));
        if !is_ordered {
            self.found("string_agg without ORDER BY, or with DISTINCT and a different order");
        }
        if function.filter.is_some() || function.over.is_some() {
            self.found("string_agg with FILTER or OVER");
        }
    }
}

fn is_named(expression: &Expr, alias: &Ident) -> bool {
    matches!(expression, Expr::Identifier(name) if name == alias)
}
