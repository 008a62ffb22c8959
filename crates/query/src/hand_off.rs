//! What other engines are told to open a dataset as a table: statements, or lines of Python. The
//! columns follow from the column table, the views from their translation.

use std::{collections::BTreeSet, fmt, str::FromStr};

use chrono::NaiveDate;

use crate::{
    error::{Error, Result},
    portable::{Dialect, views_as_sql},
    report::Catalog,
};

mod cloudtrail_logs;
mod duckdb;
mod glue;
mod hive;
mod literal;
mod saved_reports;
#[cfg(test)]
mod tests;

pub use saved_reports::reports_as_statements;

use literal::{hive as escaped, python};

/// An engine that opens a dataset as a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableEngine {
    /// Amazon Athena, engine version 3.
    Athena,
    /// Apache Spark, from 4.0.
    Spark,
    /// Trino.
    Trino,
    /// `DuckDB`, from 1.3: a file for `duckdb -init`.
    DuckDb,
    /// `ClickHouse`.
    ClickHouse,
    /// polars, in Python.
    Polars,
    /// pandas, in Python.
    Pandas,
    /// AWS Glue, for `aws glue create-table --cli-input-json`.
    Glue,
    /// AWS CloudFormation: a template with all that Athena needs for the table and the reports.
    CloudFormation,
}

impl TableEngine {
    /// Every engine.
    pub const ALL: [Self; 9] = [
        Self::Athena,
        Self::Spark,
        Self::Trino,
        Self::DuckDb,
        Self::ClickHouse,
        Self::Polars,
        Self::Pandas,
        Self::Glue,
        Self::CloudFormation,
    ];

    /// The name, as users give it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Athena => "athena",
            Self::Spark => "spark",
            Self::Trino => "trino",
            Self::DuckDb => "duckdb",
            Self::ClickHouse => "clickhouse",
            Self::Polars => "polars",
            Self::Pandas => "pandas",
            Self::Glue => "glue",
            Self::CloudFormation => "cloudformation",
        }
    }

    /// Whether it reads tables in S3 alone.
    fn is_remote(self) -> bool {
        matches!(self, Self::Athena | Self::Trino | Self::Glue | Self::CloudFormation)
    }
}

impl fmt::Display for TableEngine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// The text does not name an engine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not an engine: use athena, spark, trino, duckdb, clickhouse, polars, pandas, glue, or \
     cloudformation"
)]
pub struct ParseTableEngineError(String);

impl FromStr for TableEngine {
    type Err = ParseTableEngineError;

    fn from_str(text: &str) -> Result<Self, ParseTableEngineError> {
        let named = Self::ALL.into_iter().find(|engine| engine.name() == text);
        named.ok_or_else(|| ParseTableEngineError(text.to_owned()))
    }
}

/// A dataset, as another engine has to know it.
#[derive(Debug, Clone)]
pub struct TableSource {
    /// Its home: an absolute path, or `s3://BUCKET/PREFIX`.
    pub home: String,
    /// Whether it has a Delta log.
    pub has_delta_log: bool,
    /// Whether some data files are of an older column table.
    pub has_older_files: bool,
    /// The S3 server of the home, if it is not AWS.
    pub endpoint: Option<String>,
    /// The first day with events.
    pub first_day: Option<NaiveDate>,
    /// The Regions with events.
    pub regions: BTreeSet<String>,
    /// The database that the table is made in, for engines that have databases.
    pub database: String,
}

impl TableSource {
    /// Returns what an engine is told to open the dataset as the table `events`, with the views. The
    /// CloudFormation template has the reports of the catalog as well.
    ///
    /// # Errors
    /// [`Error::NotInS3`] if the engine reads tables in S3 alone, and the dataset is on a disk;
    /// [`Error::NoEvents`] if the engine has to know the Regions, and there are none;
    /// [`Error::NoDeltaTable`] if there is a Delta log, which the engine has no table for;
    /// [`Error::Pattern`] if the engine would read the home as a pattern; for the
    /// template those of [`reports_as_statements`].
    pub fn text(&self, engine: TableEngine, catalog: &Catalog) -> Result<String> {
        if engine.is_remote() && !self.is_in_s3() {
            return Err(Error::NotInS3 { engine: engine.name(), home: self.home.clone() });
        }
        match engine {
            TableEngine::Athena => with_views(hive::athena(self)?, Dialect::Athena),
            TableEngine::Spark => with_views(hive::spark(self), Dialect::Spark),
            TableEngine::Trino => with_views(hive::trino(self), Dialect::Athena),
            TableEngine::DuckDb => with_views(duckdb::events(self), Dialect::DuckDb),
            TableEngine::ClickHouse => self.clickhouse(),
            TableEngine::Polars => Ok(self.polars()),
            TableEngine::Pandas => Ok(self.pandas()),
            TableEngine::Glue => glue::create_table(self),
            TableEngine::CloudFormation => glue::template(self, catalog),
        }
    }

    /// The properties of a table whose partitions are projected: they follow from the first day with
    /// events and the Regions, so that new days need no statement
    /// (<https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html>).
    /// Events may be dated a little after now.
    fn projection(&self, engine: TableEngine) -> Result<[(&'static str, String); 9]> {
        if self.has_delta_log {
            return Err(Error::NoDeltaTable { engine: engine.name(), home: self.home.clone() });
        }
        let Some(first) = self.first_day else {
            return Err(Error::NoEvents { home: self.home.clone() });
        };
        let regions: Vec<_> = self.regions.iter().map(String::as_str).collect();
        let events = self.events();
        Ok([
            ("projection.enabled", "true".to_owned()),
            ("projection.date.type", "date".to_owned()),
            ("projection.date.format", "yyyy-MM-dd".to_owned()),
            ("projection.date.range", format!("{first},NOW+1DAY")),
            ("projection.date.interval", "1".to_owned()),
            ("projection.date.interval.unit", "DAYS".to_owned()),
            ("projection.region.type", "enum".to_owned()),
            ("projection.region.values", regions.join(",")),
            ("storage.location.template", format!("{events}/date=${{date}}/region=${{region}}/")),
        ])
    }

    fn is_in_s3(&self) -> bool {
        self.home.starts_with("s3://")
    }

    /// The home, as the location of a Delta table.
    pub(crate) fn table(&self) -> String {
        format!("{}/", self.home.trim_end_matches('/'))
    }

    /// The folder of the data files.
    pub(crate) fn events(&self) -> String {
        format!("{}/events", self.home.trim_end_matches('/'))
    }

    /// The data files, as a pattern in which the characters of the home stand for themselves.
    fn files_as_pattern(&self) -> String {
        let mut home = String::new();
        for letter in self.events().chars() {
            match letter {
                '*' | '?' | '[' => home.extend(['[', letter, ']']),
                letter => home.push(letter),
            }
        }
        format!("{home}/**/*.parquet")
    }

    fn clickhouse(&self) -> Result<String> {
        if !self.has_delta_log && self.home.contains(['*', '?', '[', ']', '{', '}']) {
            let engine = TableEngine::ClickHouse.name();
            return Err(Error::Pattern { engine, home: self.home.clone() });
        }
        let files = format!("{}/**/*.parquet", self.events());
        let source = match (self.home.strip_prefix("s3://"), self.has_delta_log) {
            (Some(rest), has_delta_log) => {
                let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
                let url = match &self.endpoint {
                    Some(endpoint) => format!("{endpoint}/{bucket}/{prefix}"),
                    None => format!("https://{bucket}.s3.amazonaws.com/{prefix}"),
                };
                let url = url.trim_end_matches('/');
                if has_delta_log {
                    format!("deltaLake({})", escaped(&format!("{url}/")))
                } else {
                    format!("s3({}, Parquet)", escaped(&format!("{url}/events/**/*.parquet")))
                }
            }
            (None, true) => format!("deltaLakeLocal({})", escaped(&self.home)),
            (None, false) => format!("file({}, Parquet)", escaped(&files)),
        };
        Ok(format!(
            "-- A server reads local files below its folder for user files only.\n\
             CREATE OR REPLACE VIEW events AS\n\
             SELECT * FROM {source}\n\
             SETTINGS use_hive_partitioning = 1;\n"
        ))
    }

    /// A comment in Python, if an engine that takes the schema of one file for all would not read
    /// all columns.
    fn older_files(&self) -> &'static str {
        if self.has_older_files && !self.has_delta_log {
            "# Some data files have an older schema, and this engine takes the schema of one file: first\n\
             # run `ecstrail compact --upgrade`, or `ecstrail table --add delta` and write this anew.\n"
        } else {
            ""
        }
    }

    fn polars(&self) -> String {
        let scan = if self.has_delta_log {
            format!("pl.scan_delta({})", python(&self.home))
        } else {
            format!(
                "pl.scan_parquet(\n    {},\n    hive_partitioning=True,\n    \
                 hive_schema={{\"date\": pl.Date, \"region\": pl.String}},\n    \
                 missing_columns=\"insert\",\n)",
                python(&self.files_as_pattern())
            )
        };
        let older = self.older_files();
        format!("# polars 1.31 or newer.\n{older}import polars as pl\n\nevents = {scan}\n")
    }

    fn pandas(&self) -> String {
        let dataset = if self.has_delta_log {
            format!(
                "from deltalake import DeltaTable\n\nevents = DeltaTable({}).to_pyarrow_dataset()\n",
                python(&self.home)
            )
        } else {
            format!(
                "import pyarrow as pa\nimport pyarrow.dataset as ds\n\nevents = ds.dataset(\n    {},\n    \
                 partitioning=ds.partitioning(pa.schema([(\"date\", pa.date32()), (\"region\", pa.string())]), \
                 flavor=\"hive\"),\n)\n",
                python(&self.events())
            )
        };
        let older = self.older_files();
        let columns = "[\"event_time\", \"event_name\", \"region\", \"cluster_name\", \"actor\"]";
        format!(
            "{older}{dataset}# All columns of a large dataset do not fit into memory: name those that you need.\n\
             frame = events.to_table(columns={columns}).to_pandas()\n"
        )
    }
}

fn with_views(table: String, dialect: Dialect) -> Result<String> {
    Ok(table + "\n" + &views_as_sql(dialect)? + &cloudtrail_logs::statement(dialect))
}
