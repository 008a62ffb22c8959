//! The JSON operators of Postgres on JSON text, subscripts of JSON text, and comparisons that people
//! bring from tables where booleans are text.

use std::sync::Arc;

use datafusion::{
    arrow::datatypes::DataType,
    common::DFSchema,
    error::DataFusionError,
    logical_expr::{
        Expr, ExprSchemable, GetFieldAccess, ScalarUDF,
        expr::{Alias, ScalarFunction},
        lit,
        planner::{ExprPlanner, PlannerResult, RawBinaryExpr, RawFieldAccessExpr},
    },
    scalar::ScalarValue,
    sql::sqlparser::ast::BinaryOperator,
};
use datafusion_functions_json::udfs::{json_as_text_udf, json_contains_udf, json_get_json_udf};

/// Plans what stands between values otherwise than the engine.
#[derive(Debug)]
pub(super) struct Operators;

/// Returns the value of a member of JSON text, or of an element counted from 0, as text.
pub(super) fn as_text(json: Expr, key: Expr) -> Expr {
    json_as_text_udf().call(vec![json, key])
}

/// A member of JSON text stays JSON text: the crate's own operator makes a union of types of it, which
/// can be neither grouped, nor compared, nor written.
fn json_operator(operator: &BinaryOperator) -> Option<(Arc<ScalarUDF>, &'static str)> {
    match operator {
        BinaryOperator::Arrow => Some((json_get_json_udf(), "->")),
        BinaryOperator::LongArrow => Some((json_as_text_udf(), "->>")),
        BinaryOperator::HashArrow => Some((json_get_json_udf(), "#>")),
        BinaryOperator::HashLongArrow => Some((json_as_text_udf(), "#>>")),
        BinaryOperator::Question => Some((json_contains_udf(), "?")),
        _ => None,
    }
}

impl ExprPlanner for Operators {
    fn plan_binary_op(
        &self,
        raw: RawBinaryExpr,
        schema: &DFSchema,
    ) -> Result<PlannerResult<RawBinaryExpr>, DataFusionError> {
        if let Some((function, symbol)) = json_operator(&raw.op) {
            let name = format!("{} {symbol} {}", title(&raw.left), title(&raw.right));
            let call = ScalarFunction::new_udf(function, vec![raw.left, raw.right]);
            let call = Alias::new(Expr::ScalarFunction(call), None::<&str>, name);
            return Ok(PlannerResult::Planned(Expr::Alias(call)));
        }
        if !matches!(raw.op, BinaryOperator::Eq | BinaryOperator::NotEq) {
            return Ok(PlannerResult::Original(raw));
        }
        let RawBinaryExpr { op, left, right } = raw;
        let (left, right) = match (truth(&left), truth(&right)) {
            (None, Some(value)) if is_boolean(&left, schema) => (left, lit(value)),
            (Some(value), None) if is_boolean(&right, schema) => (lit(value), right),
            _ => (left, right),
        };
        Ok(PlannerResult::Original(RawBinaryExpr { op, left, right }))
    }

    fn plan_field_access(
        &self,
        raw: RawFieldAccessExpr,
        schema: &DFSchema,
    ) -> Result<PlannerResult<RawFieldAccessExpr>, DataFusionError> {
        if let GetFieldAccess::NamedStructField { name } = &raw.field_access
            && raw.expr.get_type(schema).is_ok_and(|kind| kind.is_string())
        {
            let title = format!("{}[{}]", title(&raw.expr), title(&lit(name.clone())));
            return Ok(PlannerResult::Planned(as_text(raw.expr, lit(name.clone())).alias(title)));
        }
        Ok(PlannerResult::Original(raw))
    }
}

/// What a column is called that shows an expression.
fn title(expression: &Expr) -> String {
    match expression {
        Expr::Column(column) => column.name.clone(),
        Expr::Alias(alias) => alias.name.clone(),
        Expr::Literal(value, _) => match value.try_as_str().flatten() {
            Some(text) => format!("'{text}'"),
            None => value.to_string(),
        },
        _ => expression.to_string(),
    }
}

fn is_boolean(expression: &Expr, schema: &DFSchema) -> bool {
    expression.get_type(schema).is_ok_and(|kind| kind == DataType::Boolean)
}

/// The value of a literal text that says true or false.
fn truth(expression: &Expr) -> Option<bool> {
    let Expr::Literal(value @ ScalarValue::Utf8(_), _) = expression else { return None };
    let text = value.try_as_str()??;
    ["true", "false"]
        .iter()
        .position(|word| text.eq_ignore_ascii_case(word))
        .map(|place| place == 0)
}
