//! What can go wrong between a question and its answer.

use std::{fmt, io, path::PathBuf};

use datafusion::error::DataFusionError;

/// A question that cannot be answered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The dataset cannot be opened.
    #[error("cannot open the dataset")]
    Dataset {
        /// The writer's answer.
        source: ecstrail_writer::Error,
    },
    /// The query engine cannot be set up.
    #[error("cannot set up the query engine")]
    Engine {
        /// The engine's answer.
        source: Cause,
    },
    /// The SQL text is not a query that can be planned or run.
    #[error("cannot run the query")]
    Query {
        /// The engine's answer.
        source: Cause,
    },
    /// The query takes more memory than it may.
    #[error(
        "the query needs more memory than --memory allows: raise it, or ask for less (fewer \
         columns, a range of dates, LIMIT)"
    )]
    Memory {
        /// The engine's answer.
        source: Cause,
    },
    /// The SQL text would change something.
    #[error("{statement} is not allowed: a dataset is only read here, by SELECT, EXPLAIN or SHOW")]
    NotAQuery {
        /// The statement's first word.
        statement: String,
    },
    /// A report is about events that were not converted.
    #[error(
        "report {report:?} is about events of {}, which were not converted: \
         convert the trail again with --event-source {}",
        event_sources.join(" and "), event_sources.join(",")
    )]
    NotConverted {
        /// The report.
        report: String,
        /// The event sources that it needs and that no conversion kept.
        event_sources: Vec<String>,
    },
    /// An older version of the program wrote data files that a report asks.
    #[error(
        "report {report:?} asks for {}, which {old} of {files} data files lack, because an older \
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
    #[error("${name} has no value: give one with --set {name}=…")]
    NoValue {
        /// The parameter.
        name: String,
    },
    /// There is no such report.
    #[error("there is no report {name:?}{}", meant(nearest.as_deref()))]
    UnknownReport {
        /// The name that was asked for.
        name: String,
        /// The report whose name is nearest.
        nearest: Option<String>,
    },
    /// A report's text is not as reports are written.
    #[error("report {report:?}: {problem}")]
    MalformedReport {
        /// The report.
        report: String,
        /// What is wrong with it.
        problem: String,
    },
    /// An argument names no parameter of the report.
    #[error("report {report:?} has no parameter {name:?}; it has {known}")]
    UnknownParameter {
        /// The report.
        report: String,
        /// The argument's name.
        name: String,
        /// The parameters that there are.
        known: String,
    },
    /// An argument is not of its parameter's type.
    #[error("report {report:?}, parameter {name:?}: {value:?} is not {expected}{}", meant(correction.as_deref()))]
    WrongValue {
        /// The report.
        report: String,
        /// The parameter.
        name: String,
        /// What was given.
        value: String,
        /// What is expected, in words.
        expected: String,
        /// What may have been meant.
        correction: Option<String>,
    },
    /// Two arguments exclude each other.
    #[error(
        "report {report:?}, parameter {name:?}: {value:?} is of another {other} than {given:?}, which was asked for too"
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
    /// The first day is behind the last one.
    #[error("report {report:?}: from {from:?} is later than until {until:?}: no day is asked for")]
    NoDays {
        /// The report.
        report: String,
        /// The first day.
        from: String,
        /// The last day.
        until: String,
    },
    /// A report uses what other engines do not have.
    #[error("report {report:?} runs here only: {problems}")]
    NotPortable {
        /// The report.
        report: String,
        /// What is not portable.
        problems: String,
    },
    /// A parameter without default was not given.
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
        /// The system's answer.
        source: io::Error,
    },
    /// A file in a folder of reports is no report.
    #[error("{} is no report", path.display())]
    NotAReport {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<Error>,
    },
    /// A choice of records is not of its type.
    #[error("{name:?}: {value:?} is not {expected}{}", meant(correction.as_deref()))]
    WrongOption {
        /// What is chosen by.
        name: &'static str,
        /// What was given.
        value: String,
        /// What is expected, in words.
        expected: String,
        /// What may have been meant.
        correction: Option<String>,
    },
    /// A condition is not one expression of SQL.
    #[error("{text:?} is not a condition in SQL: {problem}")]
    NotACondition {
        /// What was given.
        text: String,
        /// What the parser says.
        problem: String,
    },
    /// A record cannot be rebuilt.
    #[error("cannot export the records")]
    Rebuild {
        /// The converter's answer.
        source: ecstrail_converter::Error,
    },
    /// A log file cannot be written.
    #[error("cannot write {path}")]
    WriteLogFile {
        /// Where it should be.
        path: String,
        /// The store's or the system's answer.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// There is something where records should go.
    #[error("{found} is there already: give a folder that is empty or not there yet")]
    NotEmpty {
        /// One of the things that are there.
        found: String,
    },
    /// Rows cannot be said in a format.
    #[error("cannot write the rows as {format}")]
    Encode {
        /// Name of the format.
        format: &'static str,
        /// The encoder's answer.
        source: Cause,
    },
    /// Rows cannot be written out.
    #[error("cannot write the rows")]
    Write {
        /// The system's answer; a closed pipe is [`io::ErrorKind::BrokenPipe`].
        source: io::Error,
    },
}

fn meant(text: Option<impl AsRef<str>>) -> String {
    text.map(|text| format!(": did you mean {:?}?", text.as_ref())).unwrap_or_default()
}

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What the query engine answered, in words for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause(String);

/// What DataFusion puts in front of a message, and people need not read.
const NOISE: [&str; 9] = [
    "DataFusion error: ",
    "Schema error: ",
    "Error during planning: ",
    "SQL error: ",
    "Execution error: ",
    "External error: ",
    "Object Store error: ",
    "Parquet error: ",
    "Arrow error: ",
];

/// Up to this many columns are named where one is not found.
const COLUMNS_SHOWN: usize = 8;

impl Cause {
    pub(crate) fn new(error: &DataFusionError) -> Self {
        let text = error.find_root().strip_backtrace();
        let mut text = text.as_str();
        while let Some(rest) = NOISE.iter().find_map(|noise| text.strip_prefix(noise)) {
            text = rest;
        }
        let text = &short(text);
        let parser = text.strip_prefix("ParserError(\"").and_then(|rest| rest.strip_suffix("\")"));
        Self(parser.map_or_else(|| text.to_owned(), |message| message.replace("\\\"", "\"")))
    }
}

/// Leaves out what is longer than helpful: the names of all columns, the catalog's own names.
fn short(text: &str) -> String {
    let text = text.replace("datafusion.public.", "");
    match text.split_once("Valid fields are ") {
        Some((before, fields)) if fields.matches(", ").count() > COLUMNS_SHOWN => {
            if before.contains("Did you mean") {
                before.trim_end().to_owned()
            } else {
                format!("{before}DESCRIBE events lists the columns.")
            }
        }
        _ => text,
    }
}

impl From<&str> for Cause {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Cause {}

/// Returns whether the engine could not get the memory that it asked for.
pub(crate) fn is_exhausted(error: &DataFusionError) -> bool {
    matches!(error.find_root(), DataFusionError::ResourcesExhausted(_))
}

impl Error {
    pub(crate) fn engine(error: &DataFusionError) -> Self {
        Self::Engine { source: Cause::new(error) }
    }

    pub(crate) fn query(error: &DataFusionError) -> Self {
        if is_exhausted(error) {
            return Self::Memory { source: Cause::new(error) };
        }
        Self::Query { source: Cause::new(error) }
    }
}
