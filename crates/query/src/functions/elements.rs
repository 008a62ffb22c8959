//! `element_at`, `contains` and `split` as in Athena. Where an array or a map is expected, JSON text
//! will do too: in CloudTrail Lake `requestParameters` is a map, here it is JSON.

use std::sync::Arc;

use datafusion::{
    arrow::{
        array::{ArrayRef, AsArray, ListBuilder, StringBuilder},
        datatypes::{DataType, Field, Int64Type},
    },
    common::{exec_err, plan_err},
    error::DataFusionError,
    functions::string,
    functions_nested::expr_fn as nested,
    logical_expr::{
        ColumnarValue, Documentation, Expr, ExprSchemable, ScalarFunctionArgs, ScalarUDF,
        ScalarUDFImpl, Signature, Volatility, lit,
        simplify::{ExprSimplifyResult, SimplifyContext},
    },
    scalar::ScalarValue,
};

use super::{documented, operators::as_text};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    ElementAt,
    Contains,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Lookup {
    name: &'static str,
    kind: Kind,
    documentation: Documentation,
    signature: Signature,
}

pub(super) fn functions() -> Vec<ScalarUDF> {
    let made = [
        (
            "element_at",
            Kind::ElementAt,
            "element_at(array, 1), element_at(map, key), element_at(json, 'member')",
            "Returns an element, counted from 1 or from the end with -1, or the value of a key; NULL if there is none.",
        ),
        (
            "contains",
            Kind::Contains,
            "contains(array, value), contains(text, part)",
            "Returns whether an array has a value, or a text a part.",
        ),
    ];
    let signature = || Signature::user_defined(Volatility::Immutable);
    let lookups = made.map(|(name, kind, syntax, description)| {
        let documentation = documented(syntax, description);
        ScalarUDF::new_from_impl(Lookup { name, kind, documentation, signature: signature() })
    });
    let documentation = documented(
        "split(text, separator [, limit])",
        "Returns the parts of a text as an array; the last of at most `limit` parts has all the rest.",
    );
    let split = ScalarUDF::new_from_impl(Split { documentation, signature: signature() });
    lookups.into_iter().chain([split]).collect()
}

fn is_list(kind: &DataType) -> bool {
    matches!(kind, DataType::List(_) | DataType::LargeList(_) | DataType::FixedSizeList(..))
}

fn element_of(list: &DataType) -> Option<&DataType> {
    match list {
        DataType::List(field) | DataType::LargeList(field) | DataType::FixedSizeList(field, _) => {
            Some(field.data_type())
        }
        _ => None,
    }
}

/// The types of a map's keys and values.
fn entries_of(map: &DataType) -> Option<(&DataType, &DataType)> {
    let DataType::Map(entries, _) = map else { return None };
    let DataType::Struct(fields) = entries.data_type() else { return None };
    match fields.iter().as_slice() {
        [key, value] => Some((key.data_type(), value.data_type())),
        _ => None,
    }
}

impl ScalarUDFImpl for Lookup {
    described!();

    fn return_type(&self, given: &[DataType]) -> Result<DataType, DataFusionError> {
        let Some(whole) = given.first() else { return Ok(DataType::Null) };
        Ok(match self.kind {
            Kind::Contains => DataType::Boolean,
            Kind::ElementAt => match (element_of(whole), entries_of(whole)) {
                (Some(element), _) | (_, Some((_, element))) => element.clone(),
                (None, None) => DataType::Utf8,
            },
        })
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>, DataFusionError> {
        let usage = || plan_err!("it is called as {}", self.documentation.syntax_example);
        let [whole, part] = given else { return usage() };
        let kinds = match self.kind {
            Kind::ElementAt if is_list(whole) && (part.is_integer() || part.is_null()) => {
                [whole.clone(), DataType::Int64]
            }
            _ if whole.is_string() && part.is_string() => [DataType::Utf8, DataType::Utf8],
            _ => match (self.kind, element_of(whole), entries_of(whole)) {
                (Kind::ElementAt, _, Some((key, _))) => [whole.clone(), key.clone()],
                (Kind::Contains, Some(element), _)
                    if part.is_null()
                        || element.is_null()
                        || part.is_string() == element.is_string() =>
                {
                    [whole.clone(), if element.is_null() { part.clone() } else { element.clone() }]
                }
                _ if whole.is_null() => [DataType::Utf8, DataType::Utf8],
                _ => return usage(),
            },
        };
        Ok(kinds.into())
    }

    fn simplify(
        &self,
        arguments: Vec<Expr>,
        context: &SimplifyContext,
    ) -> Result<ExprSimplifyResult, DataFusionError> {
        let Ok([whole, part]) = <[Expr; 2]>::try_from(arguments) else {
            return plan_err!("{} takes two arguments", self.name);
        };
        let kind = whole.get_type(context.schema())?;
        Ok(ExprSimplifyResult::Simplified(match self.kind {
            Kind::Contains if is_list(&kind) => nested::array_has(whole, part),
            Kind::Contains => string::contains().call(vec![whole, part]),
            Kind::ElementAt if is_list(&kind) => {
                if matches!(&part, Expr::Literal(ScalarValue::Int64(Some(0)), _)) {
                    return plan_err!("element_at counts from 1, and from the end with -1");
                }
                nested::array_element(whole, part)
            }
            Kind::ElementAt if matches!(kind, DataType::Map(..)) => {
                nested::array_element(nested::map_extract(whole, part), lit(1_i64))
            }
            Kind::ElementAt => as_text(whole, part),
        }))
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue, DataFusionError> {
        plan_err!("{} was not planned", self.name)
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Split {
    documentation: Documentation,
    signature: Signature,
}

impl ScalarUDFImpl for Split {
    fn name(&self) -> &'static str {
        "split"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn documentation(&self) -> Option<&Documentation> {
        Some(&self.documentation)
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType, DataFusionError> {
        Ok(DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true))))
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>, DataFusionError> {
        let is_text = |kind: &DataType| kind.is_string() || kind.is_null();
        match given {
            [text, separator] if is_text(text) && is_text(separator) => Ok(vec![DataType::Utf8; 2]),
            [text, separator, limit]
                if is_text(text) && is_text(separator) && limit.is_integer() =>
            {
                Ok(vec![DataType::Utf8, DataType::Utf8, DataType::Int64])
            }
            _ => plan_err!("it is called as {}", self.documentation.syntax_example),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue, DataFusionError> {
        let is_scalar = args.args.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let rows = if is_scalar { 1 } else { args.number_rows };
        let columns: Vec<_> =
            args.args.iter().map(|value| value.to_array(rows)).collect::<Result<_, _>>()?;
        let [texts, separators, limits @ ..] = columns.as_slice() else {
            return exec_err!("split takes a text and a separator");
        };
        let mut lists = ListBuilder::new(StringBuilder::new());
        for row in 0..rows {
            if columns.iter().any(|column| column.is_null(row)) {
                lists.append(false);
                continue;
            }
            let separator = separators.as_string::<i32>().value(row);
            if separator.is_empty() {
                return exec_err!("the separator of split is empty");
            }
            let limit = limits.first().map(|limits| limits.as_primitive::<Int64Type>().value(row));
            let limit = limit.map_or(Ok(usize::MAX), |limit| match usize::try_from(limit) {
                Ok(limit) if limit > 0 => Ok(limit),
                _ => exec_err!("the limit of split is {limit}, and not a positive number"),
            })?;
            for part in texts.as_string::<i32>().value(row).splitn(limit, separator) {
                lists.values().append_value(part);
            }
            lists.append(true);
        }
        let lists: ArrayRef = Arc::new(lists.finish());
        if is_scalar {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&lists, 0)?));
        }
        Ok(ColumnarValue::Array(lists))
    }
}
