//! The errors of opening a dataset, running queries and reports, and writing results.

use std::{io, path::PathBuf};

use datafusion::{arrow::error::ArrowError, error::DataFusionError};

mod cause;

pub use cause::Cause;
pub(crate) use cause::in_words;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The dataset cannot be opened.
    #[error("cannot open the dataset")]
    Dataset {
        /// The writer's error.
        source: ecstrail_writer::Error,
    },
    /// An engine that reads tables in S3 cannot read a dataset on a disk.
    #[error(
        "{engine} reads tables in S3 only, and the dataset is at {home}: convert to s3://BUCKET/PREFIX, or copy it there and give --location"
    )]
    NotInS3 {
        /// The engine.
        engine: &'static str,
        /// The dataset's home.
        home: String,
    },
    /// A dataset without events has no Regions that a table could be told.
    #[error(
        "the dataset at {home} has no events yet, and the table needs their Regions: convert first"
    )]
    NoEvents {
        /// The dataset's home.
        home: String,
    },
    /// The engine keeps no reports.
    #[error(
        "{engine} has no place for saved reports: use athena, trino, duckdb or cloudformation, or translate a \
         report with `ecstrail report NAME --sql ENGINE`"
    )]
    NoSavedReports {
        /// The engine.
        engine: &'static str,
    },
    /// Two reports have the same name in an engine, which takes no hyphens.
    #[error("reports {first:?} and {second:?} have the same name in {engine}: rename one of them")]
    SameName {
        /// The engine.
        engine: &'static str,
        /// One report.
        first: String,
        /// The other.
        second: String,
    },
    /// A report's name is not one that the engine takes.
    #[error(
        "report {report:?} cannot be saved in {engine}, where a name has two or more letters, digits and _, \
         does not begin with a digit, and is not a reserved word: rename it"
    )]
    NameNotTaken {
        /// The engine.
        engine: &'static str,
        /// The report.
        report: String,
    },
    /// The home would be read as a pattern.
    #[error(
        "{engine} reads {home} as a pattern of names: copy the dataset to a path without * ? [ ] {{ }}"
    )]
    Pattern {
        /// The engine.
        engine: &'static str,
        /// The dataset's home.
        home: String,
    },
    /// AWS documents no table of Glue's API for a Delta log.
    #[error(
        "the dataset at {home} has a Delta log, for which AWS documents no {engine} table: run the \
         statements of `describe table --engine athena`"
    )]
    NoDeltaTable {
        /// The engine.
        engine: &'static str,
        /// The dataset's home.
        home: String,
    },
    /// The query engine cannot be set up.
    #[error("cannot set up the query engine")]
    Engine {
        /// The engine's error.
        source: Cause,
    },
    /// An engine elsewhere did not answer.
    #[error("{engine}: {problem}")]
    Elsewhere {
        /// The engine.
        engine: String,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// The SQL text is not a query that can be planned or run.
    #[error("cannot run the query")]
    Query {
        /// The engine's error.
        source: Cause,
    },
    /// The query needs more memory than its limit.
    #[error(
        "the query needs more memory than --memory allows: raise --memory, or narrow the query \
         (fewer columns, a date range, LIMIT)"
    )]
    Memory {
        /// The engine's error.
        source: Cause,
    },
    /// The SQL text is a statement that would change something.
    #[error(
        "{statement} is not allowed: queries only read the dataset, so use SELECT, EXPLAIN, DESCRIBE events, \
         SHOW TABLES, or SHOW FUNCTIONS"
    )]
    NotAQuery {
        /// The statement's first word.
        statement: String,
    },
    /// A report needs events that were not converted.
    #[error(
        "report {report:?} needs events of {}, which were not converted: \
         convert the trail again with --event-source {}",
        event_sources.join(" and "), event_sources.join(",")
    )]
    NotConverted {
        /// The report.
        report: String,
        /// The event sources that the report needs and that no conversion kept.
        event_sources: Vec<String>,
    },
    /// An older version of the program wrote data files that a report reads.
    #[error(
        "report {report:?} needs {}, which {old} of {files} data files lack because an older \
         version of ecstrail wrote them: run `ecstrail compact --upgrade` on the dataset once",
        columns.join(", ")
    )]
    OldFiles {
        /// The report.
        report: String,
        /// How many data files are too old.
        old: usize,
        /// How many data files the dataset has.
        files: usize,
        /// The columns that the old files lack.
        columns: Vec<&'static str>,
    },
    /// The SQL text names a `$parameter` that has no value.
    #[error("{}", no_value(name))]
    NoValue {
        /// The parameter.
        name: String,
    },
    /// The report does not exist.
    #[error(
        "unknown report {name:?}: {}",
        nearest.as_ref().map_or_else(
            || "`ecstrail report --list` shows all reports".to_owned(),
            |nearest| format!("did you mean {nearest:?}?")
        )
    )]
    UnknownReport {
        /// The requested name.
        name: String,
        /// The report with the most similar name.
        nearest: Option<String>,
    },
    /// A report's text is malformed.
    #[error("report {report:?}: {problem}")]
    MalformedReport {
        /// The report.
        report: String,
        /// What is wrong with it.
        problem: String,
    },
    /// An argument names a parameter that the report does not have.
    #[error("report {report:?} has no parameter {name:?}; its parameters: {known}")]
    UnknownParameter {
        /// The report.
        report: String,
        /// The argument's name.
        name: String,
        /// The parameters that the report has.
        known: String,
    },
    /// A name in a book is neither that of a report nor that of a set.
    #[error(
        "{name:?} is neither a report nor a set of reports: {}",
        nearest.as_ref().map_or_else(
            || "`ecstrail report --list` and `ecstrail book --list` show them".to_owned(),
            |nearest| format!("did you mean {nearest:?}?")
        )
    )]
    UnknownInBook {
        /// The name.
        name: String,
        /// The report or set with the most similar name.
        nearest: Option<String>,
    },
    /// A set of reports contains another set.
    #[error("set {set:?} contains {member:?}, which is a set as well: list its reports instead")]
    SetInSet {
        /// The outer set.
        set: String,
        /// The one in it.
        member: String,
    },
    /// An argument names a parameter that no report of a book has.
    #[error("no report of the book has a parameter {name:?}")]
    NoReportHas {
        /// The argument's name.
        name: String,
    },
    /// An argument is not of its parameter's type.
    #[error("report {report:?}, parameter {name:?}: {value:?} is not {expected}{}", meant(correction.as_deref()))]
    WrongValue {
        /// The report.
        report: String,
        /// The parameter.
        name: String,
        /// The value given.
        value: String,
        /// Description of the expected value.
        expected: String,
        /// The value that may have been meant.
        correction: Option<String>,
    },
    /// Two arguments contradict each other.
    #[error(
        "report {report:?}, parameter {name:?}: {value:?} has a different {other} than {given:?}, \
         which was also given: give only one of the two"
    )]
    Contradiction {
        /// The report.
        report: String,
        /// The parameter that was given with a path or an ARN.
        name: String,
        /// Its value.
        value: String,
        /// The parameter that it contradicts.
        other: &'static str,
        /// The value of that one.
        given: String,
    },
    /// The first day is later than the last day.
    #[error(
        "report {report:?}: from {from:?} is later than until {until:?}, which selects no days: \
         give an earlier from or a later until"
    )]
    NoDays {
        /// The report.
        report: String,
        /// The first day.
        from: String,
        /// The last day.
        until: String,
    },
    /// A report uses SQL that other engines do not support.
    #[error("report {report:?} cannot be translated for other engines: {problems}")]
    NotPortable {
        /// The report.
        report: String,
        /// The parts that are not portable.
        problems: String,
    },
    /// A parameter without a default was not given.
    #[error("report {report:?} needs parameter {name:?}: give it with --set {name}=…")]
    MissingArgument {
        /// The report.
        report: String,
        /// The parameter.
        name: String,
    },
    /// A folder of reports, or a report in it, cannot be read.
    #[error("cannot read {}", path.display())]
    ReadReports {
        /// The folder or file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// A file in a folder of reports is not a report.
    #[error("{} is not a report", path.display())]
    NotAReport {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<Error>,
    },
    /// The value of an export option is not of the option's type.
    #[error("{name:?}: {value:?} is not {expected}{}", meant(correction.as_deref()))]
    WrongOption {
        /// The option.
        name: &'static str,
        /// The value given.
        value: String,
        /// Description of the expected value.
        expected: String,
        /// The value that may have been meant.
        correction: Option<String>,
    },
    /// A condition is not a single SQL expression.
    #[error("{text:?} is not a condition in SQL: {problem}")]
    NotACondition {
        /// The value given.
        text: String,
        /// The parser's message.
        problem: String,
    },
    /// A record cannot be rebuilt.
    #[error("cannot export the records")]
    Rebuild {
        /// The converter's error.
        source: ecstrail_converter::Error,
    },
    /// A log file cannot be written.
    #[error("cannot write {path}")]
    WriteLogFile {
        /// Path of the file.
        path: String,
        /// The store's or the system's error.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The folder for the records is not empty.
    #[error("{found} already exists: give a folder that is empty or does not exist yet")]
    NotEmpty {
        /// One of the objects in it.
        found: String,
    },
    /// Rows cannot be encoded in a format.
    #[error("cannot write the rows as {format}")]
    Encode {
        /// Name of the format.
        format: &'static str,
        /// The encoder's error.
        source: Cause,
    },
    /// Rows cannot be written.
    #[error("cannot write the rows")]
    Write {
        /// The system's error; a closed pipe is [`io::ErrorKind::BrokenPipe`].
        source: io::Error,
    },
}

fn no_value(name: &str) -> String {
    match name {
        "?" => "a parameter has no name: write $service and give its value with --set service=…"
            .to_owned(),
        _ => format!("${name} has no value: give one with --set {name}=…"),
    }
}

fn meant(text: Option<impl AsRef<str>>) -> String {
    text.map(|text| format!(": did you mean {:?}?", text.as_ref())).unwrap_or_default()
}

/// The result type of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Returns whether the engine ran out of memory.
pub(crate) fn is_exhausted(error: &DataFusionError) -> bool {
    matches!(error.find_root(), DataFusionError::ResourcesExhausted(_))
}

impl Error {
    pub(crate) fn engine(error: &DataFusionError) -> Self {
        Self::Engine { source: Cause::new(error) }
    }

    /// What prevents rows from being written in a format.
    pub(crate) fn unwritable(format: &'static str, error: ArrowError) -> Self {
        match error {
            ArrowError::IoError(_, source) => Self::Write { source },
            error => Self::Encode { format, source: Cause::new(&DataFusionError::from(error)) },
        }
    }

    pub(crate) fn query(error: &DataFusionError) -> Self {
        if is_exhausted(error) {
            return Self::Memory { source: Cause::new(error) };
        }
        if let DataFusionError::External(source) = error.find_root()
            && let Some(Self::Elsewhere { engine, problem }) = source.downcast_ref()
        {
            return Self::Elsewhere { engine: engine.clone(), problem: problem.clone() };
        }
        Self::Query { source: Cause::new(error) }
    }
}
