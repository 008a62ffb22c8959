//! What an expression of the syntax tree is: the predicates that the lint and the translation share.

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Value,
    ValueWithSpan,
};

use ecstrail_converter::{COLUMNS, Kind};

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

/// Whether an expression is an instant, as far as the text shows; a name may stand for anything.
pub(super) fn is_instant(expression: &Expr) -> bool {
    let is_column = |name: &str| {
        COLUMNS.iter().any(|column| column.name == name && column.kind == Kind::Timestamp)
    };
    match expression {
        Expr::Identifier(name) => is_column(&name.value),
        Expr::CompoundIdentifier(names) => names.last().is_some_and(|name| is_column(&name.value)),
        Expr::Function(function)
            if ["date_trunc", "local_time"].contains(&function.name.to_string().as_str()) =>
        {
            true
        }
        Expr::Function(function) => passes_on(function, is_instant),
        other => any_inside(other, is_instant),
    }
}

/// Whether an expression may be an instant: a name that is not a column of `events` may be anything.
pub(super) fn may_be_instant(expression: &Expr) -> bool {
    let is_unknown = |name: &str| name != DATE && COLUMNS.iter().all(|column| column.name != name);
    match expression {
        Expr::Identifier(name) => is_unknown(&name.value),
        Expr::CompoundIdentifier(names) => names.last().is_some_and(|name| is_unknown(&name.value)),
        Expr::Function(function) => passes_on(function, may_be_instant),
        other => any_inside(other, may_be_instant),
    }
}

/// Whether a function returns one of its arguments, and one of them satisfies `is_such`.
pub(super) fn passes_on(function: &Function, is_such: fn(&Expr) -> bool) -> bool {
    let passing = [
        "abs",
        "coalesce",
        "first_value",
        "lag",
        "last_value",
        "lead",
        "max",
        "min",
        "nullif",
        "sum",
    ];
    passing.contains(&function.name.to_string().as_str())
        && arguments(function).into_iter().any(is_such)
}

/// The same for expressions other than functions that return one of their operands.
pub(super) fn any_inside(expression: &Expr, is_such: fn(&Expr) -> bool) -> bool {
    match expression {
        Expr::Nested(inner) | Expr::UnaryOp { expr: inner, .. } => is_such(inner),
        Expr::Case { conditions, else_result, .. } => {
            conditions.iter().any(|when| is_such(&when.result))
                || else_result.as_deref().is_some_and(is_such)
        }
        _ => false,
    }
}
