//! `regexp_extract`, `url_decode` and `url_encode` as in Athena.

use std::{borrow::Cow, sync::Arc};

use datafusion::{
    arrow::{
        array::{ArrayRef, AsArray, StringArray},
        datatypes::DataType,
    },
    common::{exec_datafusion_err, exec_err, plan_err},
    error::DataFusionError,
    logical_expr::{
        ColumnarValue, Documentation, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature,
        Volatility,
    },
    scalar::ScalarValue,
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use regex::Regex;

use super::documented;

/// What Athena leaves as it is besides letters and digits.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'*').remove(b'_');

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Extract,
    Decode,
    Encode,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct OfText {
    name: &'static str,
    kind: Kind,
    documentation: Documentation,
    signature: Signature,
}

pub(super) fn functions() -> Vec<ScalarUDF> {
    let made = [
        (
            "regexp_extract",
            Kind::Extract,
            "regexp_extract(text, pattern [, group])",
            "Returns the first match of a regular expression, or of a group in it; NULL if there is none.",
        ),
        ("url_decode", Kind::Decode, "url_decode(text)", "Returns a text with %20 and + decoded."),
        (
            "url_encode",
            Kind::Encode,
            "url_encode(text)",
            "Returns a text as part of a URL's query.",
        ),
    ];
    let made = made.map(|(name, kind, syntax, description)| {
        let documentation = documented(syntax, description);
        let signature = Signature::user_defined(Volatility::Immutable);
        ScalarUDF::new_from_impl(OfText { name, kind, documentation, signature })
    });
    made.into()
}

impl ScalarUDFImpl for OfText {
    described!();

    fn return_type(&self, _: &[DataType]) -> Result<DataType, DataFusionError> {
        Ok(DataType::Utf8)
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>, DataFusionError> {
        let is_text = |kind: &DataType| kind.is_string() || kind.is_null();
        match (self.kind, given) {
            (Kind::Extract, [text, pattern]) if is_text(text) && is_text(pattern) => {
                Ok(vec![DataType::Utf8; 2])
            }
            (Kind::Extract, [text, pattern, group])
                if is_text(text) && is_text(pattern) && group.is_integer() =>
            {
                Ok(vec![DataType::Utf8, DataType::Utf8, DataType::Int64])
            }
            (Kind::Decode | Kind::Encode, [text]) if is_text(text) => Ok(vec![DataType::Utf8]),
            _ => plan_err!("it is called as {}", self.documentation.syntax_example),
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue, DataFusionError> {
        let Some(texts) = args.args.first() else { return exec_err!("{} takes a text", self.name) };
        let is_scalar = matches!(texts, ColumnarValue::Scalar(_));
        let texts = texts.to_array(if is_scalar { 1 } else { args.number_rows })?;
        let texts = texts.as_string::<i32>().iter();
        let result: ArrayRef = match self.kind {
            Kind::Extract => match Extraction::of(&args.args)? {
                Some(extraction) => {
                    Arc::new(texts.map(|text| extraction.of_text(text?)).collect::<StringArray>())
                }
                None => Arc::new(texts.map(|_| None::<&str>).collect::<StringArray>()),
            },
            Kind::Decode => Arc::new(texts.map(|text| text.map(decoded)).collect::<StringArray>()),
            Kind::Encode => Arc::new(texts.map(|text| text.map(encoded)).collect::<StringArray>()),
        };
        if is_scalar {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&result, 0)?));
        }
        Ok(ColumnarValue::Array(result))
    }
}

struct Extraction {
    pattern: Regex,
    group: usize,
}

impl Extraction {
    /// None if the pattern or the group is NULL.
    fn of(arguments: &[ColumnarValue]) -> Result<Option<Self>, DataFusionError> {
        let (Some(ColumnarValue::Scalar(pattern)), group) = (arguments.get(1), arguments.get(2))
        else {
            return exec_err!("the pattern of regexp_extract is one text for all rows");
        };
        let group = match group {
            None => 0,
            Some(ColumnarValue::Scalar(ScalarValue::Int64(Some(group)))) => *group,
            Some(ColumnarValue::Scalar(_)) => return Ok(None),
            Some(_) => return exec_err!("the group of regexp_extract is one number for all rows"),
        };
        let Some(pattern) = pattern.try_as_str().flatten() else { return Ok(None) };
        let pattern = Regex::new(pattern).map_err(|error| exec_datafusion_err!("{error}"))?;
        match usize::try_from(group) {
            Ok(group) if group < pattern.captures_len() => Ok(Some(Self { pattern, group })),
            _ => exec_err!("the pattern of regexp_extract has no group {group}"),
        }
    }

    fn of_text<'t>(&self, text: &'t str) -> Option<&'t str> {
        Some(self.pattern.captures(text)?.get(self.group)?.as_str())
    }
}

fn decoded(text: &str) -> String {
    let text = text.replace('+', " ");
    percent_decode_str(&text).decode_utf8_lossy().into_owned()
}

fn encoded(text: &str) -> Cow<'_, str> {
    let encoded: Cow<'_, str> = utf8_percent_encode(text, ENCODED).into();
    if encoded.contains("%20") { encoded.replace("%20", "+").into() } else { encoded }
}
