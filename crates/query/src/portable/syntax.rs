//! What an expression of the syntax tree is: the predicates that the lint and the translation share.

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Value,
    ValueWithSpan,
};

use crate::table::DATE;

/// Returns whether an operator compares two values.
pub(super) fn is_comparison(operator: &BinaryOperator) -> bool {
    use BinaryOperator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
    matches!(operator, Eq | NotEq | Lt | LtEq | Gt | GtEq)
}

/// Returns whether an expression is a text literal.
pub(super) fn is_text(expression: &Expr) -> bool {
    matches!(expression, Expr::Value(ValueWithSpan { value: Value::SingleQuotedString(_), .. }))
}

/// Returns whether an expression is a plain name or a number, as an `ORDER BY` has.
pub(super) fn is_name_or_number(expression: &Expr) -> bool {
    matches!(
        expression,
        Expr::Identifier(_) | Expr::Value(ValueWithSpan { value: Value::Number(..), .. })
    )
}

/// Returns whether an expression is the column `date`, of whichever table.
pub(super) fn is_date(expression: &Expr) -> bool {
    match expression {
        Expr::Identifier(name) => name.value.eq_ignore_ascii_case(DATE),
        Expr::CompoundIdentifier(names) => {
            names.last().is_some_and(|name| name.value.eq_ignore_ascii_case(DATE))
        }
        _ => false,
    }
}

/// Returns the plain expressions among a function's arguments.
pub(crate) fn arguments(function: &Function) -> Vec<&Expr> {
    let FunctionArguments::List(list) = &function.args else { return Vec::new() };
    let plain = list.args.iter().filter_map(|argument| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => Some(expression),
        _ => None,
    });
    plain.collect()
}
