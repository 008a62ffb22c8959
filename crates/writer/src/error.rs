//! Errors of a dataset, its log and its files.

use std::path::PathBuf;

/// A failure that ends a run, or the opening of a dataset.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no dataset at this path.
    #[error("{home} is not an ecstrail dataset: it has no _ecstrail/dataset.json")]
    NotADataset {
        /// The path that was checked.
        home: String,
    },
    /// The dataset was written by a newer version of the tool.
    #[error(
        "{path} has version {found}, but this program supports only up to {known}: use a newer \
             ecstrail"
    )]
    TooNew {
        /// The file.
        path: String,
        /// Its version.
        found: u32,
        /// The newest supported version.
        known: u32,
    },
    /// A metadata file of the dataset is not what was written.
    #[error("{path} is damaged: {reason}")]
    Damaged {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A commit names too many files for a log entry.
    #[error(
        "{path} would exceed {most} bytes, so nothing was committed: convert fewer days, or give a \
         smaller --commit-every"
    )]
    TooLarge {
        /// The log entry.
        path: String,
        /// The size limit, in bytes.
        most: u64,
    },
    /// A file of the dataset could not be read, written or listed.
    #[error("cannot {action} {path}")]
    Store {
        /// What was tried.
        action: &'static str,
        /// The file, below the dataset's home.
        path: String,
        /// The store's answer.
        source: object_store::Error,
    },
    /// Part of a trail could not be listed.
    #[error(transparent)]
    Trail(ecstrail_converter::Error),
    /// A file on the local disk could not be read, written or renamed.
    #[error("cannot {action} {}", path.display())]
    Disk {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A path of the dataset's own files is something else, such as a symbolic link. Nothing is
    /// written or deleted through it.
    #[error(
        "{} is {what}, and ecstrail only writes to its own regular files and folders: move it \
         away, then rerun the command",
        path.display()
    )]
    NotOurs {
        /// Where it is.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// Another run is writing to the dataset.
    #[error("another ecstrail process is writing to {}: wait for it to finish", home.display())]
    Busy {
        /// The dataset's folder.
        home: PathBuf,
    },
    /// The lock file was removed or replaced during the run.
    #[error(
        "the lock {} was removed or replaced during the run, so another run may be writing: leave \
         the file alone, wait until no other run is active, then rerun the command",
        path.display()
    )]
    LockLost {
        /// The file.
        path: PathBuf,
    },
    /// The store does not support conditional creates.
    #[error(
        "the store does not support conditional writes, so concurrent runs could overwrite {path}: \
         make sure that no other run writes to the dataset, and give --single-writer"
    )]
    NoConditionalCreate {
        /// The object, below the dataset's home.
        path: String,
    },
    /// A committed file is neither prepared nor published.
    #[error("{path} was committed, but the file is missing: restore it, or start a new dataset")]
    Lost {
        /// The data file.
        path: String,
    },
    /// Other runs committed first, again and again.
    #[error(
        "other runs committed first {races} times: wait for them to finish, then rerun the command"
    )]
    Outrun {
        /// How often.
        races: usize,
    },
    /// A Delta log is there that the dataset's own log does not know, or says otherwise.
    #[error(
        "{path} was written by another program: a dataset's Delta log is written by ecstrail alone. \
         If nobody needs it, delete the folder _delta_log, then run `ecstrail table --add delta`"
    )]
    ForeignDeltaLog {
        /// The object, below the dataset's home.
        path: String,
    },
    /// Arrow columns could not be built.
    #[error("cannot build {what}")]
    Arrow {
        /// The data file or run.
        what: String,
        /// Arrow's answer.
        source: arrow::error::ArrowError,
    },
    /// Parquet could not be encoded or decoded.
    #[error("cannot encode or decode {path}")]
    Parquet {
        /// The data file.
        path: String,
        /// Parquet's answer.
        source: parquet::errors::ParquetError,
    },
    /// Some records are unaccounted for: a bug in this program.
    #[error(
        "{what} has {records} records, but {accounted} are accounted for, so nothing was \
             committed: this is a bug in ecstrail, please report it"
    )]
    NotConserved {
        /// The log file or batch.
        what: String,
        /// Records that went in.
        records: u64,
        /// Records that came out.
        accounted: u64,
    },
    /// More records were rejected than the options allow.
    #[error(
        "{rejects} of {records} records were rejected, more than --max-rejects allows, so this \
         batch was not committed. The first: {first}"
    )]
    TooManyRejects {
        /// Records rejected in this run.
        rejects: u64,
        /// Records read in this run.
        records: u64,
        /// The first of them in the last batch.
        first: String,
    },
    /// Some listed log files are unaccounted for: a bug in this program.
    #[error(
        "{listed} log files were listed, but {accounted} are accounted for: this is a bug in \
             ecstrail, please report it"
    )]
    FilesNotConserved {
        /// Log files that were listed.
        listed: u64,
        /// Log files that were converted, known, skipped or rejected.
        accounted: u64,
    },
    /// A data file is not what was committed.
    #[error(
        "{path} is not what was committed: run `ecstrail verify` to see what is damaged and \
         `ecstrail repair` to take it out of the dataset"
    )]
    NotCommitted {
        /// The data file.
        path: String,
    },
    /// A data file cannot be rewritten. It is kept.
    #[error("cannot rewrite {path}, which is kept")]
    NotRewritten {
        /// The data file.
        path: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A compaction changed rows: a bug in this program.
    #[error(
        "compacting {what} would change its rows, so nothing was committed: this is a bug in \
             ecstrail, please report it"
    )]
    Altered {
        /// The partition.
        what: String,
    },
    /// The user ended the run.
    #[error("interrupted: committed work is kept; rerun the command to resume")]
    Interrupted,
}

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;
