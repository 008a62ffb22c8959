//! What every engine takes and not every one understands alike: fractions and instants as texts,
//! fractions as whole numbers, places before a beginning, division by zero.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    BinaryOperator, DataType, Expr, Function, UnaryOperator, Value, ValueWithSpan,
    visit_expressions,
};
use ecstrail_converter::{COLUMNS, Kind};

use crate::portable::{
    statement,
    syntax::{arguments, is_date},
};

/// What is wrong with an expression that becomes a value of another type.
pub(super) fn of_cast(expression: &Expr, data_type: &DataType) -> Option<&'static str> {
    match data_type {
        DataType::Varchar(_) if is_instant(expression) => {
            Some("an instant as text: engines write it differently")
        }
        DataType::Varchar(_) if is_fraction(expression) => {
            Some("a fraction as text: engines write it differently")
        }
        DataType::BigInt(_) | DataType::Integer(_)
            if is_fraction(expression) && !is_rounded(expression) =>
        {
            Some("a fraction as a whole number: some engines cut, some round; use round(…, 0)")
        }
        _ => None,
    }
}

/// What is wrong with a call's arguments behind the first, where they are places in a text or list.
pub(super) fn of_call(name: &str, arguments: &[&Expr]) -> Option<&'static str> {
    let place = match name {
        "substr" | "array_element" => arguments.first(),
        "split_part" => arguments.get(1),
        _ => return None,
    };
    let place = place.and_then(|place| whole_number(place))?;
    // From the end is the same everywhere in lists alone.
    let is_sound = if name == "array_element" { place != 0 } else { place > 0 };
    (!is_sound).then_some("a place before the first: places are counted from 1")
}

/// What is wrong with a call that takes instants.
pub(super) fn of_days(name: &str, arguments: &[&Expr]) -> Option<&'static str> {
    let takes_instants = ["date_trunc", "to_unixtime"].contains(&name);
    (takes_instants && arguments.iter().any(|argument| is_day(argument)))
        .then_some("a day where an instant is due: use event_time")
}

/// What is wrong with what something is divided by. The rest of a division may depend on a
/// parameter: whoever gives 0 is told.
pub(super) fn of_divisor(operator: &BinaryOperator, divisor: &Expr) -> Option<&'static str> {
    let depends = *operator == BinaryOperator::Modulo && has_placeholder(divisor);
    (!depends && !is_never_zero(divisor)).then_some("a division by what may be 0: use nullif(…, 0)")
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

/// Whether an expression is a day, as far as the text shows.
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

/// Whether an expression may have a fraction, as far as the text shows; a name may stand for
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

fn is_instant(expression: &Expr) -> bool {
    let is_column = |name: &str| {
        COLUMNS.iter().any(|column| column.name == name && column.kind == Kind::Timestamp)
    };
    match expression {
        Expr::Identifier(name) => is_column(&name.value),
        Expr::CompoundIdentifier(names) => names.last().is_some_and(|name| is_column(&name.value)),
        Expr::Function(function) if function.name.to_string() == "date_trunc" => true,
        Expr::Function(function) => passes_on(function, is_instant),
        other => any_inside(other, is_instant),
    }
}

/// Whether a function that returns one of its arguments returns such a one.
fn passes_on(function: &Function, is_such: fn(&Expr) -> bool) -> bool {
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

/// The same for what is no function and returns what stands in it.
fn any_inside(expression: &Expr, is_such: fn(&Expr) -> bool) -> bool {
    match expression {
        Expr::Nested(inner) | Expr::UnaryOp { expr: inner, .. } => is_such(inner),
        Expr::Case { conditions, else_result, .. } => {
            conditions.iter().any(|when| is_such(&when.result))
                || else_result.as_deref().is_some_and(is_such)
        }
        _ => false,
    }
}
