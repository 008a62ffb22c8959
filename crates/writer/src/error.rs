//! What can go wrong with a dataset.

use std::path::PathBuf;

/// A failure that ends a run, or the opening of a dataset.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no dataset at the place.
    #[error("{home} is not an ecstrail dataset: it has no _ecstrail/dataset.json")]
    NotADataset {
        /// The place that was looked at.
        home: String,
    },
    /// The dataset was written by a newer version of the tool.
    #[error("{path} has version {found}, this program knows {known}: use a newer ecstrail")]
    TooNew {
        /// The file that says so.
        path: String,
        /// Its version.
        found: u32,
        /// The newest version known.
        known: u32,
    },
    /// A file of the dataset's own bookkeeping is not what was written.
    #[error("{path} is damaged: {reason}")]
    Damaged {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A commit names so many files that its log entry could not be read.
    #[error(
        "{path} would have more than {most} bytes: nothing was committed; convert fewer days, or with \
         a smaller --commit-every"
    )]
    TooLarge {
        /// The log entry.
        path: String,
        /// Bytes of the largest that is read.
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
    /// There is something where the dataset keeps folders and files of its own. Nothing is written
    /// or deleted through it.
    #[error(
        "{} is {what}: ecstrail writes and deletes only in folders and files of its own; move it away, \
         then rerun the command",
        path.display()
    )]
    NotOurs {
        /// Where it is.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// Another run is writing into the dataset.
    #[error("another ecstrail is writing into {}: wait for it to end", home.display())]
    Busy {
        /// The dataset's folder.
        home: PathBuf,
    },
    /// The file that keeps other runs away was removed or replaced while this one was writing.
    #[error(
        "{} was removed or replaced during the run: nothing more was changed, since another run may \
         be writing; leave the file alone, and rerun the command once no other run is left",
        path.display()
    )]
    LockLost {
        /// The file.
        path: PathBuf,
    },
    /// The store cannot create an object only if it does not exist.
    #[error(
        "the store cannot create {path} only if nobody else has, so that runs at the same time could \
         undo each other: see to it that no other run writes into the dataset, and give --single-writer"
    )]
    NoConditionalCreate {
        /// The object, below the dataset's home.
        path: String,
    },
    /// A committed file is neither prepared nor published.
    #[error("{path} was committed, but the file is gone: restore it, or start a new dataset")]
    Lost {
        /// The data file.
        path: String,
    },
    /// Other runs committed first, again and again.
    #[error(
        "other runs were faster {races} times: wait for them to end, then give the command again"
    )]
    Outrun {
        /// How often.
        races: usize,
    },
    /// Rows could not be made into Arrow columns.
    #[error("cannot build {what}")]
    Arrow {
        /// The data file or run.
        what: String,
        /// Arrow's answer.
        source: arrow::error::ArrowError,
    },
    /// Rows could not be encoded as Parquet, or not be read back.
    #[error("cannot encode or decode {path}")]
    Parquet {
        /// The data file.
        path: String,
        /// Parquet's answer.
        source: parquet::errors::ParquetError,
    },
    /// Records went in that did not come out: a defect of this program.
    #[error("{what}: {records} records, but {accounted} accounted for; nothing was committed")]
    NotConserved {
        /// The log file or batch.
        what: String,
        /// Records that went in.
        records: u64,
        /// Records that came out.
        accounted: u64,
    },
    /// More of the records were refused than the run was told to put up with.
    #[error(
        "{rejects} of {records} records were refused, more than is put up with; this batch was not \
         committed. The first: {first}"
    )]
    TooManyRejects {
        /// Records that were refused in this run.
        rejects: u64,
        /// Records that were read in this run.
        records: u64,
        /// The first of them in the last batch.
        first: String,
    },
    /// Log files were listed of which nobody knows what became: a defect of this program.
    #[error("{listed} log files were listed, but {accounted} accounted for")]
    FilesNotConserved {
        /// Log files that were listed.
        listed: u64,
        /// Log files that were converted, known, passed over or refused.
        accounted: u64,
    },
    /// A data file cannot be rewritten; it stays as it is.
    #[error("cannot rewrite {path}, it stays as it is")]
    NotRewritten {
        /// The data file.
        path: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Other rows came out than went in: a defect of this program.
    #[error("{what}: other rows came out than went in; nothing was committed")]
    Altered {
        /// The partition.
        what: String,
    },
    /// The user ended the run.
    #[error("interrupted: what was committed stays, give the same command to go on")]
    Interrupted,
}

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;
