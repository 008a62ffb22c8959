//! What `describe` shows, and what other engines are told of a dataset.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use ecstrail_query::{Dialect, TableEngine};

use super::{places::S3Arguments, values::parse_database};

/// Show columns, reports, tables and views.
#[derive(Debug, Subcommand)]
pub(crate) enum DescribeCommand {
    /// Show the data dictionary: the type, source and meaning of every column.
    Columns {
        /// Markdown for people, JSON for programs.
        #[arg(long, short = 'f', value_enum, default_value_t = ColumnsFormat::Markdown)]
        format: ColumnsFormat,
    },
    /// Show the reports and their parameters.
    Reports {
        /// Markdown for people, JSON for programs.
        #[arg(long, short = 'f', value_enum, default_value_t = DictionaryFormat::Markdown)]
        format: DictionaryFormat,
        /// Folder with your own reports, shown as well.
        #[arg(long, value_name = "DIR", env = "ECSTRAIL_QUERIES")]
        queries: Option<PathBuf>,
    },
    /// Show how another engine opens the dataset as a table.
    ///
    /// SQL statements that make the table `events` with its columns, the views, and the view
    /// `cloudtrail_logs`, which has the names of the table that AWS documents for CloudTrail in
    /// Athena. For polars and pandas, Python; for glue, the input of `aws glue create-table
    /// --cli-input-json`; for cloudformation, a template with table, workgroup and reports. If the
    /// dataset has a Delta log (see `ecstrail table`), the engine reads that.
    Table(TableTextArguments),
    /// Show the SQL that creates the views.
    ///
    /// Reports query these views besides the table `events`. In a view, each container, failure,
    /// tag … of an event has its own row.
    Views {
        /// SQL engine: datafusion, duckdb, spark or athena [default: datafusion; with JSON, all of
        /// them].
        #[arg(long, short = 'e', value_name = "ENGINE")]
        engine: Option<Dialect>,
        /// Output format.
        #[arg(long, short = 'f', value_enum, default_value_t = ViewsFormat::Sql)]
        format: ViewsFormat,
    },
}

/// How another engine opens a dataset as a table.
#[derive(Debug, Args)]
pub(crate) struct TableTextArguments {
    /// Engine: athena, spark, trino, duckdb, clickhouse, polars, pandas, glue or cloudformation.
    #[arg(long, short = 'e', value_name = "ENGINE")]
    pub(crate) engine: TableEngine,
    /// Database of the table, in engines that have databases.
    #[arg(long, value_name = "NAME", default_value = DEFAULT_DATABASE, value_parser = parse_database)]
    pub(crate) database: String,
    /// Add the reports: as prepared statements for athena and trino, as macros for duckdb.
    #[arg(long)]
    pub(crate) reports: bool,
    #[command(flatten)]
    pub(crate) table: TableSourceArguments,
}

/// The database of the table unless another is given.
pub(crate) const DEFAULT_DATABASE: &str = "ecstrail";

/// A dataset that another engine is to open.
#[derive(Debug, Args)]
pub(crate) struct TableSourceArguments {
    /// Folder of the dataset, or `s3://BUCKET/PREFIX`.
    #[arg(long, short = 'd', value_name = "HOME", env = "ECSTRAIL_DATASET")]
    pub(crate) dataset: String,
    /// Where the engine finds the dataset, if it is a copy, such as after `aws s3 sync`: a folder or
    /// `s3://BUCKET/PREFIX` [default: HOME].
    #[arg(long, value_name = "LOCATION")]
    pub(crate) location: Option<String>,
    /// Folder with your own reports, added to the built-in ones.
    #[arg(long, value_name = "DIR", env = "ECSTRAIL_QUERIES")]
    pub(crate) queries: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) s3: S3Arguments,
}

/// Create a database file that opens the dataset in another engine.
///
/// The file holds the table `events`, the views, and the reports as macros, such as
/// `FROM deployments(p_service := 'checkout')`. It does not hold the events: they are read from the
/// dataset. It is created with the DuckDB on this machine, from 1.3: the program `duckdb`, or a
/// Python that has the package. Without DuckDB, the SQL is written instead, and the exit code is 1.
/// If the file exists already, its other contents stay.
#[derive(Debug, Args)]
pub(crate) struct ConnectArguments {
    /// Engine.
    #[arg(long, short = 'e', value_enum, value_name = "ENGINE")]
    pub(crate) engine: ConnectEngine,
    /// File to create, such as ecs.duckdb; the SQL alone if its name ends in .sql.
    #[arg(long, short = 'o', value_name = "FILE")]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) table: TableSourceArguments,
}

/// Engines that have database files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ConnectEngine {
    /// DuckDB, from 1.3.
    #[value(name = "duckdb")]
    DuckDb,
}

/// Output formats of `describe views`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ViewsFormat {
    /// SQL statements.
    Sql,
    /// JSON.
    Json,
}

/// Output formats of the data dictionary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColumnsFormat {
    /// Markdown tables.
    Markdown,
    /// JSON.
    Json,
    /// JSON Schema of a row, as `--format jsonl` writes it.
    JsonSchema,
}

/// Output formats of the list of reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DictionaryFormat {
    /// Markdown tables.
    Markdown,
    /// JSON.
    Json,
}
