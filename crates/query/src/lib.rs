#![doc = include_str!("../README.md")]

mod book;
mod caveat;
mod engine;
mod error;
mod export;
mod format;
mod functions;
mod hand_off;
#[cfg(test)]
mod pack;
mod parameter;
mod plot;
mod portable;
mod report;
mod session;
mod shown;
mod table;
#[cfg(test)]
mod testing;

pub use book::{
    Answer, Book, BookFormat, Chapter, ChapterOptions, DatasetSummary, Outcome,
    ParseBookFormatError, Place, ReportSet, ReportSets, Selection, built_in_sets, select,
};
pub use caveat::{Caveat, Scope, Seen, names_for};
#[cfg(feature = "athena")]
pub use engine::{AthenaOptions, athena};
pub use engine::{Engine, Listener, Told};
#[cfg(feature = "spark")]
pub use engine::{ParseSparkAddressError, SparkAddress, SparkBody, SparkTransport, spark_connect};
pub use error::{Cause, Error, Result};
pub use export::{ExportOptions, Exported, write_log_files, write_records};
pub use format::{
    Format, ParseFormatError, RowCount, TerminalJson, TerminalText, WriteOptions, printable,
    printable_json, printable_line, write_rows,
};
pub use functions::{Function, FunctionKind};
pub use hand_off::{ParseTableEngineError, TableEngine, TableSource, reports_as_statements};
pub use parameter::{
    Arguments, Bindings, DAY_FORMS, DayBound, DefaultValue, Parameter, ParameterType, parse_day,
    time_zones,
};
pub use plot::{Collector, Plot};
pub use portable::{
    Dialect, ParseDialectError, SQL_KEYWORDS, SqlToken, SqlTokenKind, View, portability_problems,
    sql_tokens, views_as_json, views_as_sql,
};
pub use report::{Catalog, Chart, ChartKind, Report, Severity};
pub use session::{
    Coverage, DEFAULT_BATCH_ROWS, EventHours, EventRow, EventRows, OldFiles, Parts, Rows, Session,
    SessionOptions, Stage, Table, TableColumn, Watch, Work, rows_until, tables,
};
pub use shown::{MOST_SHOWN_ROWS, Remembered, ShownRows, Sifting, sift};
pub use table::{EventsTable, columns_as_json, columns_as_json_schema, columns_as_markdown};
