//! SQL that every engine accepts but not every engine interprets the same way: fractional numbers
//! and timestamps as text, fractional numbers as integers, positions before the first, and division
//! by zero.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, DataType, Expr, UnaryOperator, Value, ValueWithSpan, visit_expressions,
};

use crate::portable::{
    statement,
    syntax::{any_inside, arguments, is_date, is_instant, passes_on},
};

/// The problem with a cast of an expression to another type, if any.
pub(super) fn of_cast(expression: &Expr, data_type: &DataType) -> Option<&'static str> {
    match data_type {
        DataType::Varchar(_) if is_instant(expression) => {
            Some("a timestamp as text: engines format it differently")
        }
        DataType::Varchar(_) if is_fraction(expression) => {
            Some("a fractional number as text: engines format it differently")
        }
        DataType::BigInt(_) | DataType::Integer(_)
            if is_fraction(expression) && !is_rounded(expression) =>
        {
            Some("a fractional number as an integer: some engines truncate; use round(…, 0)")
        }
        _ => None,
    }
}

/// The problem with a call's arguments after the first, if they are positions in a text or list.
pub(super) fn of_call(name: &str, arguments: &[&Expr]) -> Option<&'static str> {
    let position = match name {
        "substr" | "array_element" => arguments.first(),
        "split_part" => arguments.get(1),
        _ => return None,
    };
    let position = position.and_then(|position| whole_number(position))?;
    // Positions from the end mean the same in every engine only in lists.
    let is_sound = if name == "array_element" { position != 0 } else { position > 0 };
    (!is_sound).then_some("a position before the first: positions start at 1")
}

/// The problem with a call that takes timestamps, if any.
pub(super) fn of_days(name: &str, arguments: &[&Expr]) -> Option<&'static str> {
    let takes_instants = ["date_trunc", "local_time", "to_unixtime"].contains(&name);
    (takes_instants && arguments.iter().any(|argument| is_day(argument)))
        .then_some("a date where a timestamp is expected: use event_time")
}

/// The problem with a divisor, if any. The divisor of a modulo may depend on a parameter: a caller
/// that gives 0 gets an error.
pub(super) fn of_divisor(operator: &BinaryOperator, divisor: &Expr) -> Option<&'static str> {
    let depends = *operator == BinaryOperator::Modulo && has_placeholder(divisor);
    (!depends && !is_never_zero(divisor))
        .then_some("a division by a value that may be 0: use nullif(…, 0)")
}

fn has_placeholder(expression: &Expr) -> bool {
    let found = visit_expressions(expression, |inner| match statement::placeholder(inner) {
        Some(_) => ControlFlow::Break(()),
        None => ControlFlow::Continue(()),
    });
    found.is_break()
}

fn is_never_zero(expression: &Expr) -> bool {
    match expression {
        Expr::Value(ValueWithSpan { value: Value::Number(text, _), .. }) => {
            text.parse().is_ok_and(|number: f64| number != 0.0)
        }
        Expr::Nested(inner)
        | Expr::UnaryOp { op: UnaryOperator::Minus, expr: inner }
        | Expr::Cast { expr: inner, .. } => is_never_zero(inner),
        Expr::BinaryOp { left, op: BinaryOperator::Multiply, right } => {
            is_never_zero(left) && is_never_zero(right)
        }
        Expr::Function(function) => {
            match (function.name.to_string().as_str(), &*arguments(function)) {
                ("nullif", [_, zero]) => whole_number(zero) == Some(0),
                ("abs", [inner]) => is_never_zero(inner),
                _ => false,
            }
        }
        _ => false,
    }
}

/// Whether an expression is a date, as far as the text shows.
pub(super) fn is_day(expression: &Expr) -> bool {
    match expression {
        Expr::Cast { data_type, .. } => *data_type == DataType::Date,
        Expr::Function(function) => passes_on(function, is_day),
        other => is_date(other) || any_inside(other, is_day),
    }
}

fn whole_number(expression: &Expr) -> Option<i64> {
    match expression {
        Expr::Nested(inner) => whole_number(inner),
        Expr::Value(ValueWithSpan { value: Value::Number(text, _), .. }) => text.parse().ok(),
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => {
            whole_number(expr).map(|number| -number)
        }
        _ => None,
    }
}

fn is_rounded(expression: &Expr) -> bool {
    match expression {
        Expr::Nested(inner) => is_rounded(inner),
        Expr::Function(function) if function.name.to_string() == "round" => {
            arguments(function).get(1).is_none_or(|digits| whole_number(digits) == Some(0))
        }
        _ => false,
    }
}

/// Whether an expression may be a fractional number, as far as the text shows; a name may stand for
/// anything.
fn is_fraction(expression: &Expr) -> bool {
    match expression {
        Expr::Value(ValueWithSpan { value: Value::Number(..), .. }) => {
            whole_number(expression).is_none()
        }
        Expr::Cast { data_type, .. } => matches!(data_type, DataType::Double(_)),
        Expr::BinaryOp { op: BinaryOperator::Divide, .. } => true,
        Expr::BinaryOp { left, op, right } => {
            use BinaryOperator::{Minus, Modulo, Multiply, Plus};
            matches!(op, Plus | Minus | Multiply | Modulo)
                && (is_fraction(left) || is_fraction(right))
        }
        Expr::Function(function) => {
            ["avg", "round"].contains(&function.name.to_string().as_str())
                || passes_on(function, is_fraction)
        }
        other => any_inside(other, is_fraction),
    }
}
