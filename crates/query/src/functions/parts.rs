//! `hour`, `day_of_week` and the other parts of a time that are functions of their own, and the
//! names of casts (`date`, `from_iso8601_timestamp`). Each is another way to write an expression that
//! the engine knows, so that filters on it are seen through.

use datafusion::{
    arrow::datatypes::DataType,
    common::plan_err,
    error::DataFusionError,
    functions::datetime::date_part,
    logical_expr::{
        ColumnarValue, Documentation, Expr, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl,
        Signature, Volatility, cast, lit,
        simplify::{ExprSimplifyResult, SimplifyContext},
    },
};

use super::{documented, instants::INSTANT};

/// Name, aliases, and the engine's name of the part.
const PARTS: [(&str, &[&str], &str); 11] = [
    ("second", &[], "second"),
    ("minute", &[], "minute"),
    ("hour", &[], "hour"),
    ("day", &["day_of_month"], "day"),
    ("day_of_week", &["dow"], "isodow"),
    ("day_of_year", &["doy"], "doy"),
    ("week", &["week_of_year"], "week"),
    ("month", &[], "month"),
    ("quarter", &[], "quarter"),
    ("year", &[], "year"),
    ("year_of_week", &["yow"], "isoyear"),
];

const CASTS: [(&str, Cast); 4] = [
    ("date", Cast::Day),
    ("from_iso8601_date", Cast::Day),
    ("from_iso8601_timestamp", Cast::Instant),
    ("to_iso8601", Cast::Text),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Cast {
    Day,
    Instant,
    Text,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Meaning {
    Part(&'static str),
    Cast(Cast),
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct OfTime {
    name: &'static str,
    aliases: Vec<String>,
    meaning: Meaning,
    documentation: Documentation,
    signature: Signature,
}

pub(super) fn functions() -> Vec<ScalarUDF> {
    let parts = PARTS.iter().map(|(name, aliases, part)| {
        let description = match *name {
            "day_of_week" => {
                "Returns the day of the week, from 1 (Monday) to 7 (Sunday).".to_owned()
            }
            "week" => "Returns the ISO week of the year.".to_owned(),
            "year_of_week" => "Returns the year of the ISO week.".to_owned(),
            _ => format!("Returns the {} of a time, in UTC.", name.replace('_', " ")),
        };
        (*name, *aliases, Meaning::Part(part), description)
    });
    let casts = CASTS.iter().map(|(name, cast)| {
        let description = match cast {
            Cast::Day => "Returns the UTC day of a time or an ISO 8601 text.",
            Cast::Instant => {
                "Returns the time that an ISO 8601 text names, in UTC if it names no offset."
            }
            Cast::Text => "Returns a time as ISO 8601 text.",
        };
        (*name, [].as_slice(), Meaning::Cast(*cast), description.to_owned())
    });
    let made = parts.chain(casts).map(|(name, aliases, meaning, description)| {
        ScalarUDF::new_from_impl(OfTime {
            name,
            aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
            meaning,
            documentation: documented(&format!("{name}(time)"), &description),
            signature: Signature::user_defined(Volatility::Immutable),
        })
    });
    made.collect()
}

impl ScalarUDFImpl for OfTime {
    described!();

    fn aliases(&self) -> &[String] {
        &self.aliases
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType, DataFusionError> {
        Ok(match self.meaning {
            Meaning::Part(_) => DataType::Int64,
            Meaning::Cast(Cast::Day) => DataType::Date32,
            Meaning::Cast(Cast::Instant) => INSTANT.clone(),
            Meaning::Cast(Cast::Text) => DataType::Utf8,
        })
    }

    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>, DataFusionError> {
        match given {
            [DataType::Null] => Ok(vec![INSTANT.clone()]),
            [text] if text.is_string() => Ok(match self.meaning {
                Meaning::Cast(Cast::Day) => vec![text.clone()],
                _ => vec![INSTANT.clone()],
            }),
            [time @ (DataType::Timestamp(..) | DataType::Date32 | DataType::Date64)] => {
                Ok(vec![time.clone()])
            }
            _ => plan_err!("{} takes a time or a day", self.name),
        }
    }

    fn simplify(
        &self,
        arguments: Vec<Expr>,
        _: &SimplifyContext,
    ) -> Result<ExprSimplifyResult, DataFusionError> {
        let returned = self.return_type(&[])?;
        let Ok([time]) = <[Expr; 1]>::try_from(arguments) else {
            return plan_err!("{} takes one argument", self.name);
        };
        Ok(ExprSimplifyResult::Simplified(match self.meaning {
            Meaning::Part(part) => cast(date_part().call(vec![lit(part), time]), returned),
            Meaning::Cast(_) => cast(time, returned),
        }))
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue, DataFusionError> {
        plan_err!("{} was not planned", self.name)
    }
}
