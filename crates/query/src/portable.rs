//! One SQL text for several engines: reports are written in DataFusion's SQL, within the subset
//! that the other engines support ([`portability_problems`]), and translated on the syntax tree.

use std::{fmt, str::FromStr};

#[cfg(any(feature = "spark", test))]
mod asks;
mod functions;
mod lint;
mod literal;
mod macro_parameters;
mod reserved;
pub(crate) mod statement;
mod syntax;
mod tokens;
mod translate;
mod views;

#[cfg(feature = "spark")]
pub(crate) use asks::changing_word;
pub use lint::portability_problems;
pub(crate) use lint::problems_of;
pub(crate) use literal::literal;
pub(crate) use macro_parameters::MACRO_PREFIX;
pub(crate) use reserved::is_reserved;
#[cfg(test)]
pub(crate) use syntax::arguments;
pub use tokens::{SQL_KEYWORDS, SqlToken, SqlTokenKind, sql_tokens};
pub(crate) use translate::{Translation, Values, prepare, translate};
pub(crate) use views::VIEWS;
pub use views::{View, views_as_json, views_as_sql};

/// What answers of a Spark session depend on.
pub(crate) const SPARK_SETTINGS: [(&str, &str); 3] = [
    ("spark.sql.session.timeZone", "UTC"),
    ("spark.sql.ansi.enabled", "true"),
    // Otherwise Spark looks for constraints in wide queries for minutes.
    ("spark.sql.constraintPropagation.enabled", "false"),
];

/// An engine's SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Apache `DataFusion`, as in this program.
    DataFusion,
    /// `DuckDB`, from 1.3. Its session needs the time zone UTC.
    DuckDb,
    /// Apache Spark, from 4.0. Its session needs the time zone UTC.
    Spark,
    /// Amazon Athena, engine version 3: the SQL of Trino.
    Athena,
}

impl Dialect {
    /// Every dialect.
    pub const ALL: [Self; 4] = [Self::DataFusion, Self::DuckDb, Self::Spark, Self::Athena];

    /// The name, as users give it.
    pub fn name(self) -> &'static str {
        match self {
            Self::DataFusion => "datafusion",
            Self::DuckDb => "duckdb",
            Self::Spark => "spark",
            Self::Athena => "athena",
        }
    }
}

impl Dialect {
    /// What begins the statement that creates a view. In Spark a lasting view cannot refer to a
    /// temporary one, which `events` may be.
    pub(crate) fn create_view(self) -> &'static str {
        match self {
            Self::Spark => "CREATE OR REPLACE TEMPORARY VIEW",
            _ => "CREATE OR REPLACE VIEW",
        }
    }

    /// The statements that the engine's session needs to return the same results, if any.
    pub(crate) fn session(self) -> Option<String> {
        match self {
            Self::DataFusion | Self::Athena => None,
            Self::DuckDb => Some("SET TimeZone = 'UTC';".to_owned()),
            Self::Spark => {
                Some(SPARK_SETTINGS.map(|(key, value)| format!("SET {key} = {value};")).join(" "))
            }
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// The text does not name a dialect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an engine: use datafusion, duckdb, spark, or athena")]
pub struct ParseDialectError(String);

impl FromStr for Dialect {
    type Err = ParseDialectError;

    fn from_str(text: &str) -> Result<Self, ParseDialectError> {
        let named = Self::ALL.into_iter().find(|dialect| dialect.name() == text);
        named.ok_or_else(|| ParseDialectError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::{VIEWS, functions};

    #[test]
    fn the_readme_of_the_reports_names_all_that_they_may_use() {
        let readme = include_str!("../../../queries/README.md");
        for view in &VIEWS {
            let columns = view.columns().into_iter();
            let columns: Vec<_> = columns.map(|(name, _)| format!("`{name}`")).collect();
            let row = format!("| `{}` | {} |", view.name, columns.join(", "));
            assert!(readme.contains(&row), "{row}");
        }
        for name in functions::SHARED.into_iter().chain(functions::mapped_names()) {
            assert!(readme.contains(&format!("`{name}")), "{name}");
        }
    }
}
