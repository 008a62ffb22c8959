//! `listagg(x, ',') WITHIN GROUP (ORDER BY x)`: what Trino calls the order of the texts. The engine
//! takes it within the parentheses.

use std::ops::ControlFlow;

use datafusion::sql::{
    parser::Statement,
    sqlparser::ast::{
        Expr, Function, FunctionArgumentClause, FunctionArguments, visit_expressions_mut,
    },
};

/// Moves the order of each `listagg` to where the engine takes it.
pub(crate) fn order_within_parentheses(statement: &mut Statement) {
    match statement {
        Statement::Explain(explain) => order_within_parentheses(&mut explain.statement),
        Statement::Statement(statement) => {
            let _: ControlFlow<()> = visit_expressions_mut(&mut **statement, |expression| {
                if let Expr::Function(function) = expression
                    && function.name.to_string().eq_ignore_ascii_case("listagg")
                {
                    move_order(function);
                }
                ControlFlow::Continue(())
            });
        }
        _ => {}
    }
}

fn move_order(function: &mut Function) {
    if let FunctionArguments::List(list) = &mut function.args
        && !function.within_group.is_empty()
    {
        let order = std::mem::take(&mut function.within_group);
        list.clauses.push(FunctionArgumentClause::OrderBy(order));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::portable::statement::parse;

    #[test]
    fn the_order_of_texts_moves() {
        for (sql, expected) in [
            (
                "SELECT LISTAGG(actor, ',') WITHIN GROUP (ORDER BY actor DESC) FROM events",
                "SELECT LISTAGG(actor, ',' ORDER BY actor DESC) FROM events",
            ),
            (
                "SELECT listagg(DISTINCT actor, ',') WITHIN GROUP (ORDER BY actor) FILTER (WHERE read_only) FROM events",
                "SELECT listagg(DISTINCT actor, ',' ORDER BY actor) FILTER (WHERE read_only) FROM events",
            ),
            (
                "SELECT approx_percentile_cont(0.5) WITHIN GROUP (ORDER BY n) FROM t",
                "SELECT approx_percentile_cont(0.5) WITHIN GROUP (ORDER BY n) FROM t",
            ),
        ] {
            let mut statement = parse(sql).unwrap();
            order_within_parentheses(&mut statement);
            assert_eq!(statement.to_string(), expected);
        }
    }
}
