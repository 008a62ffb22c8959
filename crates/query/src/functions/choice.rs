//! `if(condition, then, otherwise)`: another way to write a CASE.

use std::sync::LazyLock;

use datafusion::{
    arrow::datatypes::DataType,
    common::plan_err,
    error::DataFusionError,
    logical_expr::{
        ColumnarValue, Documentation, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl,
        Signature, Volatility, lit,
        simplify::{ExprSimplifyResult, SimplifyContext},
        type_coercion::binary::type_union_coercion,
        when,
    },
    scalar::ScalarValue,
};

use super::documented;

#[derive(Debug, PartialEq, Eq, Hash)]
struct If {
    signature: Signature,
}

pub(super) fn function() -> ScalarUDF {
    ScalarUDF::new_from_impl(If { signature: Signature::user_defined(Volatility::Immutable) })
}

impl ScalarUDFImpl for If {
    fn name(&self) -> &'static str {
        "if"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn documentation(&self) -> Option<&Documentation> {
        static TEXT: LazyLock<Documentation> = LazyLock::new(|| {
            documented(
                "if(condition, then [, otherwise])",
                "Returns one value where the condition is true, and the other or NULL elsewhere.",
            )
        });
        Some(&TEXT)
    }

    fn return_type(&self, given: &[DataType]) -> Result<DataType, DataFusionError> {
        let types = self.coerce_types(given)?;
        Ok(types.get(1).cloned().unwrap_or(DataType::Null))
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>, DataFusionError> {
        let (condition, then, otherwise) = match given {
            [condition, then] => (condition, then, None),
            [condition, then, otherwise] => (condition, then, Some(otherwise)),
            _ => return plan_err!("if takes a condition and one or two values"),
        };
        if !matches!(condition, DataType::Boolean | DataType::Null) {
            return plan_err!("the first argument of if is a condition, such as a = b");
        }
        let Some(otherwise) = otherwise else {
            return Ok(vec![DataType::Boolean, then.clone()]);
        };
        match type_union_coercion(then, otherwise) {
            Some(both) => Ok(vec![DataType::Boolean, both.clone(), both]),
            None => plan_err!("the two values of if have different types: {then} and {otherwise}"),
        }
    }

    fn short_circuits(&self) -> bool {
        true
    }

    fn simplify(
        &self,
        arguments: Vec<Expr>,
        _: &SimplifyContext,
    ) -> Result<ExprSimplifyResult, DataFusionError> {
        let mut arguments = arguments.into_iter();
        let (Some(condition), Some(then)) = (arguments.next(), arguments.next()) else {
            return plan_err!("if takes a condition and one or two values");
        };
        let otherwise = arguments.next().unwrap_or_else(|| lit(ScalarValue::Null));
        let case = when(condition, then).otherwise(otherwise)?;
        Ok(ExprSimplifyResult::Simplified(case))
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue, DataFusionError> {
        plan_err!("if was not planned")
    }
}
