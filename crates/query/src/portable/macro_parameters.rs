//! Parameters of a macro in a condition on groups. `DuckDB` binds a macro when it is made, with
//! columns in the places of its parameters: outside of an aggregate they would have to be grouped by.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{Expr, Select, Value, VisitMut, VisitorMut};

/// What the names of a macro's parameters begin with.
pub(crate) const MACRO_PREFIX: &str = "p_";

/// The aggregates that reports may call.
const AGGREGATES: [&str; 6] = ["avg", "count", "max", "min", "string_agg", "sum"];

/// Puts each parameter in a condition on groups into an aggregate, which leaves its value as it is.
pub(super) fn aggregate(select: &mut Select) {
    if let Some(having) = &mut select.having {
        let _: ControlFlow<()> = having.visit(&mut Aggregation { depth: 0 });
    }
}

struct Aggregation {
    /// Aggregates around the expression.
    depth: usize,
}

impl VisitorMut for Aggregation {
    type Break = ();

    fn pre_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<()> {
        self.depth += usize::from(is_aggregate(expression));
        ControlFlow::Continue(())
    }

    fn post_visit_expr(&mut self, expression: &mut Expr) -> ControlFlow<()> {
        self.depth -= usize::from(is_aggregate(expression));
        if self.depth == 0
            && let Expr::Value(value) = expression
            && let Value::Placeholder(text) = &mut value.value
            && text.starts_with(MACRO_PREFIX)
        {
            *text = format!("max({text})");
        }
        ControlFlow::Continue(())
    }
}

fn is_aggregate(expression: &Expr) -> bool {
    let Expr::Function(function) = expression else { return false };
    AGGREGATES.contains(&function.name.to_string().to_lowercase().as_str())
}
