//! Athena's JSON functions over JSON text.

use std::{borrow::Cow, sync::Arc};

use datafusion::{
    arrow::{
        array::{Array, ArrayRef, AsArray, Int64Array, ListBuilder, StringArray, StringBuilder},
        datatypes::{DataType, Field},
    },
    common::{exec_datafusion_err, exec_err, plan_err},
    error::DataFusionError,
    logical_expr::{
        ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
        Volatility,
    },
    scalar::ScalarValue,
};

use super::{
    documented,
    json_path::{self, Step},
};

/// The name of the function that casts of JSON to arrays are planned with.
pub(super) const ARRAY: &str = "json_array_elements";

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    ExtractScalar,
    Extract,
    ArrayLength,
    Size,
    Parse,
    Elements,
}

const FUNCTIONS: [(&str, &[&str], Kind, &str, &str); 6] = [
    (
        "json_extract_scalar",
        &[],
        Kind::ExtractScalar,
        "json_extract_scalar(json, '$.a.b[0]')",
        "Returns the string, number or boolean at a path as text; NULL for an object, an array, or no value.",
    ),
    (
        "json_extract",
        &[],
        Kind::Extract,
        "json_extract(json, '$.a.b[0]')",
        "Returns the value at a path as JSON text.",
    ),
    (
        "json_array_length",
        &[],
        Kind::ArrayLength,
        "json_array_length(json)",
        "Returns the number of elements of a JSON array; NULL if it is not an array.",
    ),
    (
        "json_size",
        &[],
        Kind::Size,
        "json_size(json, '$.a')",
        "Returns the number of members or elements at a path; 0 for a string, number or boolean.",
    ),
    (
        "json_parse",
        &["json_format"],
        Kind::Parse,
        "json_parse(text)",
        "Returns a JSON text as it is; text that is not JSON is an error.",
    ),
    (
        ARRAY,
        &[],
        Kind::Elements,
        "json_array_elements(json)",
        "Returns the elements of a JSON array as an array of text, to UNNEST; objects and arrays in it as JSON text.",
    ),
];

pub(super) fn functions() -> Vec<ScalarUDF> {
    let made = FUNCTIONS.iter().map(|(name, aliases, kind, syntax, description)| {
        ScalarUDF::new_from_impl(OfJson {
            name,
            aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
            kind: *kind,
            documentation: documented(syntax, description),
            signature: Signature::user_defined(Volatility::Immutable),
        })
    });
    made.collect()
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct OfJson {
    name: &'static str,
    aliases: Vec<String>,
    kind: Kind,
    documentation: Documentation,
    signature: Signature,
}

impl OfJson {
    fn takes_path(&self) -> bool {
        matches!(self.kind, Kind::ExtractScalar | Kind::Extract | Kind::Size)
    }
}

impl ScalarUDFImpl for OfJson {
    described!();

    fn aliases(&self) -> &[String] {
        &self.aliases
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType, DataFusionError> {
        Ok(match self.kind {
            Kind::ExtractScalar | Kind::Extract | Kind::Parse => DataType::Utf8,
            Kind::ArrayLength | Kind::Size => DataType::Int64,
            Kind::Elements => DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true))),
        })
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>, DataFusionError> {
        let arguments = if self.takes_path() { 2 } else { 1 };
        let are_texts = given.iter().all(|kind| kind.is_string() || kind.is_null());
        if given.len() != arguments || !are_texts {
            return plan_err!(
                "it takes {}, as in {}",
                if arguments == 2 { "JSON text and a path" } else { "JSON text" },
                self.documentation.syntax_example
            );
        }
        Ok(vec![DataType::Utf8; arguments])
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue, DataFusionError> {
        let is_scalar = args.args.iter().all(|value| matches!(value, ColumnarValue::Scalar(_)));
        let rows = if is_scalar { 1 } else { args.number_rows };
        let Some(texts) = args.args.first() else {
            return exec_err!("{} takes JSON text", self.name);
        };
        let texts = texts.to_array(rows)?;
        let texts = texts.as_string::<i32>();
        let paths = Paths::of(args.args.get(1), rows)?;
        let at = |row: usize| {
            let Some(path) = paths.at(row)? else { return Ok(None) };
            let text = (!texts.is_null(row)).then(|| texts.value(row));
            Ok::<_, DataFusionError>(text.and_then(|text| json_path::find(text, &path)))
        };
        let result: ArrayRef = match self.kind {
            Kind::ExtractScalar => {
                let value = |row| {
                    let found = at(row)?.filter(|found| !json_path::is_nested(found));
                    Ok(found.and_then(json_path::unquoted))
                };
                Arc::new((0..rows).map(value).collect::<Result<StringArray, DataFusionError>>()?)
            }
            Kind::Extract => Arc::new((0..rows).map(at).collect::<Result<StringArray, _>>()?),
            Kind::ArrayLength => {
                let length = |row| Ok(at(row)?.and_then(json_path::elements).map(|all| all.len()));
                lengths((0..rows).map(length))?
            }
            Kind::Size => lengths((0..rows).map(|row| Ok(at(row)?.map(json_path::size))))?,
            Kind::Parse => {
                let checked = |row: usize| match (texts.is_null(row), at(row)?) {
                    (true, _) => Ok(None),
                    (false, None) => exec_err!("'{}' is not JSON", shortened(texts.value(row))),
                    (false, found) => Ok(found),
                };
                Arc::new((0..rows).map(checked).collect::<Result<StringArray, DataFusionError>>()?)
            }
            Kind::Elements => {
                let mut lists = ListBuilder::new(StringBuilder::new());
                for row in 0..rows {
                    let elements = at(row)?.and_then(json_path::elements);
                    for element in elements.iter().flatten() {
                        lists.values().append_option(json_path::unquoted(element.get()));
                    }
                    lists.append(elements.is_some());
                }
                Arc::new(lists.finish())
            }
        };
        if is_scalar {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&result, 0)?));
        }
        Ok(ColumnarValue::Array(result))
    }
}

fn lengths(
    lengths: impl Iterator<Item = Result<Option<usize>, DataFusionError>>,
) -> Result<ArrayRef, DataFusionError> {
    let number = |length: Result<Option<usize>, DataFusionError>| {
        Ok(length?.map(|length| i64::try_from(length).unwrap_or(i64::MAX)))
    };
    Ok(Arc::new(lengths.map(number).collect::<Result<Int64Array, DataFusionError>>()?))
}

/// As much of a text as a message shows.
fn shortened(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(60) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// The paths of the rows: mostly one for all, which is read once.
enum Paths {
    Same(Option<Vec<Step>>),
    Each(ArrayRef),
}

impl Paths {
    fn of(argument: Option<&ColumnarValue>, rows: usize) -> Result<Self, DataFusionError> {
        Ok(match argument {
            None => Self::Same(Some(Vec::new())),
            Some(ColumnarValue::Scalar(path)) => match path.try_as_str().flatten() {
                Some(path) => Self::Same(Some(parsed(path)?)),
                None => Self::Same(None),
            },
            Some(paths) => Self::Each(paths.to_array(rows)?),
        })
    }

    fn at(&self, row: usize) -> Result<Option<Cow<'_, [Step]>>, DataFusionError> {
        match self {
            Self::Same(path) => Ok(path.as_deref().map(Cow::Borrowed)),
            Self::Each(paths) if paths.is_null(row) => Ok(None),
            Self::Each(paths) => {
                parsed(paths.as_string::<i32>().value(row)).map(Cow::Owned).map(Some)
            }
        }
    }
}

fn parsed(path: &str) -> Result<Vec<Step>, DataFusionError> {
    json_path::parse(path).map_err(|problem| exec_datafusion_err!("{problem}"))
}
